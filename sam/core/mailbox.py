"""The embedded mail transport: each mail becomes one .eml file, shown at /mailbox/ in debug."""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone


class FolderBackend(BaseEmailBackend):
    """Writes mails into `settings.MAIL_FOLDER`, whole files only."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = Path(settings.MAIL_FOLDER)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for message in email_messages:
            name = f"{timezone.now():%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}"
            draft = folder / f".{name}.part"
            draft.write_bytes(message.message().as_bytes())
            os.replace(draft, folder / f"{name}.eml")
        return len(email_messages)
