"""Mail leaves the house here. Safe to repeat: a mail is claimed by update before it is sent."""

from __future__ import annotations

import logging
from datetime import timedelta
from email.utils import formataddr

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.mail import EmailMessage
from django.db.models import F, Q
from django.utils import timezone

from sam.core.models import Organisation, OutgoingMail

logger = logging.getLogger(__name__)

CLAIM = timedelta(minutes=5)
MOST_ATTEMPTS = 20


def unsent() -> list[int]:
    """Mails that nobody is sending right now, oldest first, with a growing pause after each failure."""
    now = timezone.now()
    waiting = OutgoingMail.objects.filter(sent_at=None, attempts__lt=MOST_ATTEMPTS).filter(
        Q(claimed_at=None) | Q(claimed_at__lt=now - CLAIM)
    )
    return list(waiting.order_by("pk").values_list("pk", flat=True)[:500])


def send(mail_id: int) -> bool:
    """Send one mail; False when it is sent already or somebody else is at it. A failed send gives the claim back."""
    now = timezone.now()
    free = Q(claimed_at=None) | Q(claimed_at__lt=now - CLAIM)
    if not OutgoingMail.objects.filter(free, pk=mail_id, sent_at=None).update(
        claimed_at=now, attempts=F("attempts") + 1
    ):
        return False
    mail = OutgoingMail.objects.get(pk=mail_id)
    try:
        message_of(mail).send()
    except OSError as problem:  # SMTPException is one
        OutgoingMail.objects.filter(pk=mail_id).update(problem=str(problem)[:300])
        logger.warning("mail not sent", extra={"mail": mail_id, "problem": str(problem)})
        return False
    OutgoingMail.objects.filter(pk=mail_id).update(sent_at=timezone.now(), problem="")
    return True


def message_of(mail: OutgoingMail) -> EmailMessage:
    sender = Organisation.objects.current().sender_address or settings.DEFAULT_FROM_EMAIL
    message = EmailMessage(
        subject=" ".join(mail.subject.split()),
        body=mail.text,
        from_email=formataddr((mail.from_name, sender)) if mail.from_name else sender,
        to=[mail.to],
        reply_to=[mail.reply_to] if mail.reply_to else None,
        headers={**mail.headers, "X-SAM-Key": str(mail.pk)},
    )
    for attachment in mail.attachments:
        if "stored" in attachment:
            with default_storage.open(attachment["stored"], "rb") as file:
                message.attach(attachment["name"], file.read(), attachment["type"])
        else:
            message.attach(attachment["name"], attachment["text"], attachment["type"])
    return message
