from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.models import Account
from sam.core.confidentiality import classes

PIECE = 200
"""Values in one row: what fits into it without being stored elsewhere."""


class Distribution(models.Model):
    """The values of a percentile criterion at the last recompute of all, in rising order, `PIECE` to a row.

    Derived, written again at every recompute. One account's place among all is counted from rows that lie wholly
    below or above it, and from the few it falls into.
    """

    # Place of the criterion in its version, from 1: the place of its value in AccountScore.values.
    position = models.IntegerField()
    size = models.IntegerField()
    lowest = models.FloatField()
    highest = models.FloatField()
    values = ArrayField(models.FloatField())

    confidentiality = classes(internal="position size", finance="lowest highest values")

    def __str__(self) -> str:
        return f"{self.size} values from {self.lowest}"


class Rescored(models.Model):
    """An account scored again since the last recompute of all: the distribution holds its value of then."""

    account = models.OneToOneField(
        Account, on_delete=models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="+"
    )
    # Its AccountScore.values at the recompute; empty when it had no score.
    before = ArrayField(models.FloatField(), null=True)

    confidentiality = classes(internal="account", finance="before")

    def __str__(self) -> str:
        return f"account {self.account_id}, scored again"
