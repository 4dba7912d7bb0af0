from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Account
from sam.core.audit import tracked
from sam.core.confidentiality import classes


@tracked()
class OutcomeWorth(models.Model):
    """What an outcome with a client is worth to them and to us, each in money a year, with what that rests on."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="outcome_worths")
    outcome = models.CharField("outcome", max_length=240)
    client_amount = models.DecimalField(
        "worth to the client, a year", max_digits=18, decimal_places=4, null=True, blank=True
    )
    our_amount = models.DecimalField("worth to us, a year", max_digits=18, decimal_places=4, null=True, blank=True)
    currency = models.CharField(max_length=3)
    basis = models.TextField("what it rests on")
    confirmed = models.BooleanField("confirmed, not assumed", default=False)
    on = models.DateField("as of")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    revision = models.PositiveIntegerField(default=1, editable=False)

    confidentiality = classes(
        finance="client_amount our_amount", internal="account outcome currency basis confirmed on author revision"
    )

    class Meta:
        ordering = ["account", "-on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(outcome="") & ~Q(basis=""), name="worth_says_what_and_why"),
            models.CheckConstraint(
                condition=Q(client_amount__isnull=False) | Q(our_amount__isnull=False), name="worth_to_somebody"
            ),
            models.CheckConstraint(
                condition=(Q(client_amount=None) | Q(client_amount__gte=0))
                & (Q(our_amount=None) | Q(our_amount__gte=0)),
                name="worth_not_negative",
            ),
        ]
        indexes = [models.Index(fields=["account", "-on"], name="worth_by_account")]

    def __str__(self) -> str:
        return f"{self.outcome} ({self.account_id})"
