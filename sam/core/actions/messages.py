"""Telling people: the bell and the mail. Both happen in the caller's transaction; mail leaves after it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from sam.core.models import Notification, Occurrence, OutgoingMail, User
from sam.core.tasks import wake_up_mail


def notify(*, user: User, title: str, url: str, text: str = "", account_id: int | None = None) -> Notification:
    """Put a line into somebody's bell."""
    return Notification.objects.create(
        user=user, title=title[:200], text=text[:400], url=url[:300], account_id=account_id
    )


def post_mail(
    *,
    key: str,
    to: str,
    subject: str,
    text: str,
    from_name: str = "",
    reply_to: str = "",
    attachments: Iterable[Mapping[str, Any]] = (),
    headers: Mapping[str, str] | None = None,
) -> OutgoingMail | None:
    """Queue a mail once per `key`; None when that key was used before.

    An attachment is `{"name", "type", "text"}` or `{"name", "type", "stored": storage name}`.
    """
    mail, is_new = OutgoingMail.objects.get_or_create(
        key=key,
        defaults={
            "to": to,
            "subject": subject[:250],
            "text": text,
            "from_name": from_name,
            "reply_to": reply_to,
            "attachments": [dict(attachment) for attachment in attachments],
            "headers": dict(headers or {}),
        },
    )
    if not is_new:
        return None
    transaction.on_commit(lambda: wake_up_mail(mail.pk))
    return mail


def first_time(*, rule: str, period: str) -> bool:
    """True once per rule and period, for reminders; two clocks at once get one True between them."""
    _, is_new = Occurrence.objects.get_or_create(rule=rule, period=period)
    return is_new


def mark_read(*, user: User, ids: Iterable[int] | None = None) -> int:
    """Empty the bell, or some lines of it."""
    unread = Notification.objects.filter(user=user, read_at=None)
    if ids is not None:
        unread = unread.filter(pk__in=list(ids))
    return unread.update(read_at=timezone.now())
