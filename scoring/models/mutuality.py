from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Account, Contact
from sam.core.audit import tracked
from sam.core.confidentiality import classes


@tracked()
class MutualityEvidence(models.Model):
    """An act that shows the account is mutual: we told the client what it is to us, or it showed that it counts on us.

    Meetings of the client's executive with our sponsor (M3) are read from touchpoints and have no row here.
    """

    class Kind(models.TextChoices):
        TOLD = "told", "Told: we said to the client what it is to us"
        SUPPLIER_CLASS = "m1", "M1: its supplier class is strategic, preferred or the like"
        PLAN = "m2", "M2: it acknowledged this year's joint plan"
        COUNTS_ON_US = "m4", "M4: two of its directors answered “we count on them”"
        SHARES = "m5", "M5: it shares forecast or data, or develops with us, under contract"
        NAMES_US = "m6", "M6: it named us in its report, award or reference"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="mutuality")
    kind = models.CharField(max_length=4, choices=Kind.choices)
    on = models.DateField("day of the act")
    ours = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="who of us"
    )
    contact = models.ForeignKey(
        Contact, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="who of theirs"
    )
    theirs = models.CharField("or in words", max_length=160, blank=True)
    what = models.TextField("what was said or done")
    document = models.CharField("document that shows it", max_length=300, blank=True)
    revision = models.PositiveIntegerField(default=1, editable=False)

    confidentiality = classes(internal="account kind on ours contact theirs what document revision")

    class Meta:
        ordering = ["account", "-on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["told", "m1", "m2", "m4", "m5", "m6"]), name="evidence_kind_is_known"
            ),
            models.CheckConstraint(condition=~Q(what=""), name="evidence_says_what"),
        ]
        indexes = [models.Index(fields=["account", "kind", "-on"], name="evidence_by_account")]

    def __str__(self) -> str:
        return f"{self.kind} of account {self.account_id} on {self.on}"

    @property
    def short(self) -> str:
        """“Told” or “M1”."""
        return self.kind.capitalize()

    @property
    def other_side(self) -> str:
        return str(self.contact) if self.contact is not None else self.theirs
