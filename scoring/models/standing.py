from __future__ import annotations

from django.db import models

from accounts.models import Account
from sam.core.confidentiality import classes


class AccountStanding(models.Model):
    """What marks are read from, as of the last recompute: revenue's rank, growth, share of the client's spend.

    Derived and written at once for all accounts, therefore without a trail; its account is not checked by the database.
    """

    account = models.OneToOneField(
        Account, on_delete=models.CASCADE, primary_key=True, db_constraint=False, related_name="standing"
    )
    # Fractions; empty where a figure is missing. The rank is among the accounts whose revenue is known.
    growth = models.FloatField(null=True)
    share_of_wallet = models.FloatField(null=True)
    revenue_rank = models.PositiveIntegerField(null=True)
    of = models.PositiveIntegerField("accounts with a rank", default=0)

    confidentiality = classes(internal="account revenue_rank of", finance="growth share_of_wallet")

    def __str__(self) -> str:
        return f"standing of account {self.account_id}"
