from __future__ import annotations

from typing import Any

import pgtrigger
from django.db import models

from sam.core.confidentiality import classes

from .account import Account


class ExactAmount(models.DecimalField):  # type: ignore[type-arg]
    """An amount with as many decimals as its sum has: converted figures keep what a rate gave them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max_digits": 60, "decimal_places": 30, "null": True, **kwargs})

    def db_type(self, connection: Any) -> str:
        return "numeric"


class AccountYear(models.Model):
    """What an account's twelve months and the twelve before add up to, kept so that lists need not sum again.

    Derived, therefore without a trail. The database throws a row away when figures or rates change
    (`forgets_years` below, and the same on exchange rates), so a row that is there is right; who reads sums the
    accounts that have none. Its key is not checked: a row of an account that is gone is never read.
    """

    account = models.OneToOneField(
        Account, on_delete=models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="+"
    )
    # The twelve months end with the quarter that starts here.
    last_quarter = models.DateField()
    currency = models.CharField("reporting currency", max_length=3)
    # Whether any figure lies in the two years; an account without is kept too, so that nobody looks again.
    has_figures = models.BooleanField()
    # Bit n: quarter n of the four is known.
    mask_now = models.SmallIntegerField(null=True)
    mask_before = models.SmallIntegerField(null=True)
    # A currency without a rate.
    unconverted_now = models.CharField(max_length=3, null=True)
    unconverted_before = models.CharField(max_length=3, null=True)
    revenue_now = ExactAmount()
    goods_now = ExactAmount()
    serve_now = ExactAmount()
    revenue_before = ExactAmount()

    confidentiality = classes(
        internal="account last_quarter currency has_figures mask_now mask_before unconverted_now unconverted_before",
        finance="revenue_now goods_now serve_now revenue_before",
    )

    def __str__(self) -> str:
        return f"twelve months to {self.last_quarter} of account {self.account_id}"


# Whoever changes figures or rates holds it shared to the end of the transaction, whoever keeps sums holds it alone.
KEEPING_LOCK = 4_711_012


def forgets(rows: str) -> str:
    """Body of a trigger that throws kept rows away, and lets nobody keep sums of what is not committed yet."""
    return f"""
        PERFORM pg_advisory_xact_lock_shared({KEEPING_LOCK});
        DELETE FROM accounts_accountyear {rows};
        RETURN NULL;
    """  # noqa: S608 - our own words


def _forgets(name: str, operation: Any, referencing: pgtrigger.Referencing | None, touched: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=name,
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=operation,
        referencing=referencing,
        func=forgets(touched),
    )


def _rows(**tables: str) -> pgtrigger.Referencing:
    return pgtrigger.Referencing(**tables)  # type: ignore[no-untyped-call]


def forgets_years() -> list[pgtrigger.Trigger]:
    """Triggers for the table of figures: whatever touches an account's rows throws its kept sums away."""
    old, new = "SELECT account_id FROM old_values", "SELECT account_id FROM new_values"
    inserted, deleted = _rows(new="new_values"), _rows(old="old_values")
    updated = _rows(old="old_values", new="new_values")
    return [
        _forgets("insert_forgets_years", pgtrigger.Insert, inserted, f"WHERE account_id IN ({new})"),
        _forgets("update_forgets_years", pgtrigger.Update, updated, f"WHERE account_id IN ({old} UNION ALL {new})"),
        _forgets("delete_forgets_years", pgtrigger.Delete, deleted, f"WHERE account_id IN ({old})"),
        _forgets("truncate_forgets_years", pgtrigger.Truncate, None, ""),
    ]
