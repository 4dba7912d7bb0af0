"""Reads for the kernel's pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.paginator import Page, Paginator
from pghistory.models import Context

from sam.core.authorization.permissions import Permission
from sam.core.authorization.roles import ROLES, SEAT_ACCESSES
from sam.core.text import whole_number


@dataclass(frozen=True, slots=True)
class Deed:
    """One line of the audit trail: who did what, when, in which request."""

    id: str
    at: datetime
    person: str
    verb: str
    account_id: int | None
    request: str


def deed_of(context: Context) -> Deed:
    data: Mapping[str, Any] = context.metadata or {}
    return Deed(
        id=str(context.pk),
        at=context.created_at,
        person=data.get("person", "unknown"),
        verb=data.get("verb", "changed something"),
        account_id=data.get("account"),
        request=data.get("request", ""),
    )


def trail(*, person: str = "", verb: str = "", page: int = 1) -> tuple[list[Deed], Page[Context]]:
    """The audit trail, newest first, 50 a page."""
    contexts = Context.objects.order_by("-created_at")
    if (number := whole_number(person)) is not None:
        contexts = contexts.filter(metadata__user=number)
    if verb:
        contexts = contexts.filter(metadata__verb__icontains=verb)
    shown = Paginator(contexts, 50).get_page(page)
    return [deed_of(context) for context in shown], shown


OWN_SEATS = "own seats"


@dataclass(frozen=True, slots=True)
class MatrixRow:
    permission: Permission
    by_role: list[tuple[str, str]]
    by_access: list[tuple[str, bool]]

    @property
    def on_some_seat(self) -> bool:
        return any(gives for _, gives in self.by_access)


def permission_matrix() -> list[MatrixRow]:
    """The table as the permissions page draws it: each role with everywhere, own seats or nothing; each seat."""
    rows = []
    for permission in Permission:
        by_role = [
            (
                role.label,
                "everywhere" if permission in role.everywhere else OWN_SEATS if permission in role.on_seat else "",
            )
            for role in ROLES.values()
        ]
        by_access = [(access.label, permission in access.permissions) for access in SEAT_ACCESSES.values()]
        rows.append(MatrixRow(permission, by_role, by_access))
    return rows


@dataclass(frozen=True, slots=True)
class KeptMail:
    name: str
    subject: str
    to: str
    sender: str
    date: str
    text: str
    attachments: list[str]


def kept_mails(limit: int = 100) -> list[KeptMail]:
    """The newest mails of the embedded mailbox."""
    folder = Path(settings.MAIL_FOLDER)
    files: Iterable[Path] = sorted(folder.glob("*.eml"), reverse=True)[:limit] if folder.is_dir() else []
    return [read_mail(path) for path in files]


def kept_mail(name: str) -> KeptMail | None:
    """One mail by its file name without ending; None for anything that is no plain name of a kept mail."""
    path = Path(settings.MAIL_FOLDER) / f"{name}.eml"
    if not name.replace("-", "").isalnum() or not path.is_file():
        return None
    return read_mail(path)


def read_mail(path: Path) -> KeptMail:
    message = message_from_bytes(path.read_bytes(), policy=modern)
    body = message.get_body(("plain",)) if isinstance(message, EmailMessage) else None
    names = [part.get_filename() or "file" for part in message.iter_attachments()] if body else []
    return KeptMail(
        name=path.stem,
        subject=str(message["Subject"]),
        to=str(message["To"]),
        sender=str(message["From"]),
        date=str(message["Date"]),
        text=body.get_content() if body else "",
        attachments=names,
    )
