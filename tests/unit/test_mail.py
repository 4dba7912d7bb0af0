"""Each mail leaves once, and a failed one is tried again."""

from unittest.mock import patch

from django.core import mail

from sam.core import delivery
from sam.core.actions.messages import first_time, post_mail
from sam.core.models import OutgoingMail
from sam.core.schedules import send_waiting_mail


def test_a_key_is_used_once(db):
    assert post_mail(key="k", to="a@example.com", subject="Hello", text="…") is not None
    assert post_mail(key="k", to="a@example.com", subject="Hello", text="…") is None
    assert OutgoingMail.objects.count() == 1


def test_a_mail_is_sent_once_whoever_tries(db):
    post_mail(key="k", to="a@example.com", subject="Two\nlines", text="…")
    assert send_waiting_mail() == 1
    assert send_waiting_mail() == 0
    assert [m.subject for m in mail.outbox] == ["Two lines"]


def test_a_failed_mail_stays_and_leaves_later(db):
    sent = post_mail(key="k", to="a@example.com", subject="Hello", text="…")
    with patch("django.core.mail.EmailMessage.send", side_effect=OSError("relay down")):
        assert not delivery.send(sent.pk)
    sent.refresh_from_db()
    assert sent.sent_at is None
    assert "relay down" in sent.problem
    OutgoingMail.objects.update(claimed_at=None)
    assert delivery.send(sent.pk)


def test_a_reminder_happens_once_per_rule_and_period(db):
    assert first_time(rule="review", period="2026-Q4")
    assert not first_time(rule="review", period="2026-Q4")
    assert first_time(rule="review", period="2027-Q1")
