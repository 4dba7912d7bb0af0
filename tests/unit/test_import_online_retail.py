"""The real portfolio of the examples goes in, comes out the same, and changes nothing the second time."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from django.db.models import Sum

from accounts.models import Account, AccountKey, Figure
from sam.core.models import User
from tests.unit.imports import checked, codes, committed, found, undone

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "accounts" / "examples"
ACCOUNTS = (EXAMPLES / "online_retail_accounts.csv").read_bytes()
FIGURES = (EXAMPLES / "online_retail_revenue_quarter.csv").read_bytes()

pytestmark = pytest.mark.django_db


def test_the_portfolio_goes_in_and_the_second_import_changes_nothing(ingrid: User) -> None:
    batch = committed(ingrid, "accounts", ACCOUNTS)
    assert batch.status == "done"
    assert batch.counts["new"] == 4372
    assert batch.counts["rejected"] == 0
    assert AccountKey.objects.count() == Account.objects.count() == 4372
    unknown = {code for _, _, code in found(batch, "warning")}
    assert unknown == {"unknown_country"}

    figures = committed(ingrid, "financials", FIGURES)
    assert figures.counts["new"] == 9581
    assert Figure.objects.aggregate(total=Sum("revenue"))["total"] == Decimal("8300065.8140")

    for kind, content, rows in (("accounts", ACCOUNTS, 4372), ("financials", FIGURES, 9581)):
        again = committed(ingrid, kind, content)
        assert again.counts == {
            "new": 0,
            "changed": 0,
            "unchanged": rows,
            "rejected": 0,
            "warnings": again.counts["warnings"],
            "duplicates": 0,
        }
    assert not Account.objects.exclude(revision=1).exists()
    assert not Figure.objects.exclude(revision=1).exists()


def test_numbered_customers_are_no_look_alikes(ingrid: User) -> None:
    batch = checked(ingrid, "accounts", ACCOUNTS)
    assert codes(batch, "duplicate") == []


def test_undo_takes_back_figures_first_then_accounts(ingrid: User) -> None:
    accounts = committed(ingrid, "accounts", ACCOUNTS)
    figures = committed(ingrid, "financials", FIGURES)
    assert undone(ingrid, figures).status == "undone"
    assert undone(ingrid, accounts).status == "undone"
    assert Account.objects.count() == Figure.objects.count() == 0
