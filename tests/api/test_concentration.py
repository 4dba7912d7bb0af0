"""The concentration contract, on the real portfolio of the examples and on small ones that can be added up by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from accounts.models import Account, AccountKey, Figure
from sam.core.models import ExchangeRate, Organisation, User
from tests.unit.imports import committed

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "accounts" / "examples"
ADDRESS = "/api/v1/portfolio/concentration/"
ASKED = {"measure": "revenue", "from": "2010-Q4", "to": "2011-Q4", "currency": "GBP"}

pytestmark = pytest.mark.django_db


def figure(account: Account, amount: str | None, **fields: Any) -> Figure:
    values = {"period_start": date(2011, 1, 1), "months": 3, "currency": "GBP", "revenue": amount, **fields}
    return Figure.objects.create(account=account, **values)


@pytest.fixture
def three(make_account: Callable[..., Account]) -> list[Account]:
    accounts = [make_account(f"Firm {number}") for number in range(3)]
    for number, account in enumerate(accounts):
        AccountKey.objects.create(account=account, key=f"F{number}")
    return accounts


def test_online_retail_gives_the_known_figures(ingrid: User, api: Any) -> None:
    committed(ingrid, "accounts", (EXAMPLES / "online_retail_accounts.csv").read_bytes())
    committed(ingrid, "financials", (EXAMPLES / "online_retail_revenue_quarter.csv").read_bytes())
    body = api(ingrid).get(ADDRESS, ASKED).json()
    assert body["accounts"] == 4372
    assert body["unconverted"] == 0
    assert Decimal(body["total"]) == Decimal("8300065.814")
    assert body["top20"]["accounts"] == 875
    assert body["hhi"] == pytest.approx(45.004, abs=0.0005)
    assert body["deciles"][9] == 1
    assert len(body["deciles"]) == 10
    assert body["deciles"][1] == body["top20"]["share"]


def test_rows_without_a_rate_are_left_out_and_counted(ingrid: User, api: Any, three: list[Account]) -> None:
    figure(three[0], "100")
    figure(three[1], "100", currency="USD")
    figure(three[2], "100", currency="EUR")
    Organisation.objects.create(pk=1, reporting_currency="EUR")
    ExchangeRate.objects.create(currency="GBP", into="EUR", quarter_start=date(2011, 1, 1), rate="1.25")
    body = api(ingrid).get(ADDRESS, ASKED).json()
    assert (body["accounts"], body["unconverted"]) == (2, 1)
    assert Decimal(body["total"]) == 180
    ExchangeRate.objects.create(currency="USD", into="EUR", quarter_start=date(2011, 1, 1), rate="0.5")
    body = api(ingrid).get(ADDRESS, ASKED).json()
    assert (body["accounts"], body["unconverted"]) == (3, 0)
    assert Decimal(body["total"]) == 220


def test_rows_in_the_asked_currency_need_no_rate(ingrid: User, api: Any, three: list[Account]) -> None:
    figure(three[0], "12.5")
    body = api(ingrid).get(ADDRESS, ASKED).json()
    assert (body["total"], body["accounts"], body["unconverted"]) == ("12.5000", 1, 0)


def test_groups_roll_up_to_the_top_parent(ingrid: User, api: Any, three: list[Account]) -> None:
    Account.objects.filter(pk=three[1].pk).update(parent=three[0])
    Account.objects.filter(pk=three[2].pk).update(parent=three[1])
    for account in three:
        figure(account, "100")
    assert api(ingrid).get(ADDRESS, ASKED).json()["accounts"] == 3
    grouped = api(ingrid).get(ADDRESS, {**ASKED, "level": "group"}).json()
    assert grouped["accounts"] == 1
    assert Decimal(grouped["total"]) == 300


def test_a_year_beside_its_quarters_counts_once(ingrid: User, api: Any, three: list[Account]) -> None:
    figure(three[0], "400", months=12)
    for month in (1, 4, 7, 10):
        figure(three[0], "100", period_start=date(2011, month, 1))
    body = api(ingrid).get(ADDRESS, {**ASKED, "from": "2011-Q1"}).json()
    assert Decimal(body["total"]) == 400


def test_a_year_that_reaches_beyond_the_period_is_not_split(ingrid: User, api: Any, three: list[Account]) -> None:
    figure(three[0], "400", months=12)
    body = api(ingrid).get(ADDRESS, {**ASKED, "from": "2011-Q1", "to": "2011-Q3"}).json()
    assert body["accounts"] == 0
    assert body["top20"]["share"] is None


def test_keys_of_one_account_add_up(ingrid: User, api: Any, three: list[Account]) -> None:
    for key in (AccountKey.objects.get(key="F0"), AccountKey.objects.create(account=three[0], key="F0b")):
        figure(three[0], "50", key=key)
    body = api(ingrid).get(ADDRESS, ASKED).json()
    assert (body["accounts"], Decimal(body["total"])) == (1, 100)


def test_contribution_leaves_rows_with_an_unknown_cost_out(ingrid: User, api: Any, three: list[Account]) -> None:
    figure(three[0], "100", cost_of_goods="40", cost_of_goods_fixed="10", cost_to_serve="5")
    figure(three[1], "100", cost_of_goods="40")
    body = api(ingrid).get(ADDRESS, {**ASKED, "measure": "contribution"}).json()
    assert (body["accounts"], Decimal(body["total"]), body["unknown"]) == (1, 45, 1)
    body = api(ingrid).get(ADDRESS, {**ASKED, "measure": "gross_margin"}).json()
    assert (body["accounts"], Decimal(body["total"])) == (2, 110)


def test_negative_accounts_count_in_the_total_only(ingrid: User, api: Any, three: list[Account]) -> None:
    figure(three[0], "80")
    figure(three[1], "40")
    figure(three[2], "-20")
    body = api(ingrid).get(ADDRESS, ASKED).json()
    assert Decimal(body["total"]) == 100
    assert body["accounts_for_80"] == 1
    assert body["top20"] == {"accounts": 1, "share": 0.8}
    assert body["hhi"] == pytest.approx(10_000 * ((80 / 120) ** 2 + (40 / 120) ** 2))
    assert body["gini"] == pytest.approx((80 - 40) / (2 * 120))
    assert body["whale"] == {"peak_share": 1.2, "peak_account": 2, "peak_external_id": "F1", "below_zero": 1}


def test_without_an_amount_above_zero_the_whale_has_no_peak(ingrid: User, api: Any, three: list[Account]) -> None:
    figure(three[0], "-20")
    whale = api(ingrid).get(ADDRESS, ASKED).json()["whale"]
    assert whale == {"peak_share": None, "peak_account": 0, "peak_external_id": None, "below_zero": 1}


def test_an_account_manager_gets_own_accounts_only(
    make_person: Callable[..., User], api: Any, three: list[Account]
) -> None:
    for account in three:
        figure(account, "100")
    manager = make_person("account_manager", on=three[1], access="lead")
    body = api(manager).get(ADDRESS, ASKED).json()
    assert (body["accounts"], Decimal(body["total"])) == (1, 100)


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("admin", 403),
        ("viewer", 403),
        ("team_member", 403),
        ("reader", 200),
        ("executive_sponsor", 200),
        ("finance_partner", 200),
    ],
)
def test_who_may_ask(make_person: Callable[..., User], api: Any, role: str, status: int) -> None:
    assert api(make_person(role)).get(ADDRESS, ASKED).status_code == status


def test_without_sign_in_it_is_401(db: None, api: Any) -> None:
    assert api(None).get(ADDRESS, ASKED).status_code == 401


@pytest.mark.parametrize(
    "wrong",
    [{"measure": "profit"}, {"from": "2010"}, {"to": "2009-Q1"}, {"currency": "XXZ"}, {"level": "city"}, {"x": "1"}],
)
def test_wrong_questions_are_400(ingrid: User, api: Any, wrong: dict[str, str]) -> None:
    assert api(ingrid).get(ADDRESS, {**ASKED, **wrong}).status_code == 400


def test_the_number_of_queries_does_not_grow(
    ingrid: User, api: Any, make_account: Callable[..., Account], django_assert_max_num_queries: Any
) -> None:
    for number in range(40):
        figure(make_account(), str(number), currency="USD" if number % 2 else "GBP")
    with django_assert_max_num_queries(16):
        api(ingrid).get(ADDRESS, {**ASKED, "level": "group"})
