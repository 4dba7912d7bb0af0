from __future__ import annotations

from django.conf import settings
from django.db import models

from sam.core.confidentiality import classes


class Notification(models.Model):
    """A line in somebody's bell."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications")
    title = models.CharField(max_length=200)
    text = models.CharField(max_length=400, blank=True)
    url = models.CharField(max_length=300)
    account_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True)

    confidentiality = classes(internal="user title text url account_id created_at read_at")

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["user", "-id"], condition=models.Q(read_at=None), name="notification_unread")]

    def __str__(self) -> str:
        return self.title


class OutgoingMail(models.Model):
    """A mail that is due once. The key makes each mail happen once, however often the clock looks."""

    key = models.CharField(max_length=200, unique=True)
    to = models.EmailField()
    from_name = models.CharField(max_length=120, blank=True)
    reply_to = models.EmailField(blank=True)
    subject = models.CharField(max_length=250)
    text = models.TextField()
    attachments = models.JSONField(default=list)
    headers = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=300, blank=True)

    confidentiality = classes(
        client="to from_name reply_to subject text attachments headers",
        internal="key created_at claimed_at sent_at attempts problem",
    )

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["id"], condition=models.Q(sent_at=None), name="mail_unsent")]

    def __str__(self) -> str:
        return f"{self.subject} to {self.to}"


class Occurrence(models.Model):
    """Something the clock did once: unique per rule and period."""

    rule = models.CharField(max_length=80)
    period = models.CharField(max_length=120)
    happened_at = models.DateTimeField(auto_now_add=True)

    confidentiality = classes(internal="rule period happened_at")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rule", "period"], name="once_per_rule_and_period")]

    def __str__(self) -> str:
        return f"{self.rule} {self.period}"
