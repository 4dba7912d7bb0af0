"""Figures of eight quarters that end with the last closed one, budgets, and the rates they are converted at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from accounts.actions.activity_rates import load_default_rates
from accounts.actions.dashboard import load_default_dashboard
from accounts.actions.serving import recompute_cost_to_serve
from accounts.demo.accounts import Accounts
from accounts.demo.profit import price_lines, splits, volumes
from accounts.models import ActivityVolume, Figure, FigureSplit
from sam.core.audit import action
from sam.core.models import ExchangeRate, User
from sam.values.money import to_amount
from sam.values.periods import Quarter, last_closed_quarter, trailing_quarters

MILLION = Decimal(1_000_000)


def numbers(text: str) -> tuple[Decimal, ...]:
    return tuple(Decimal(word) for word in text.split())


# revenue per quarter; budget of the last four quarters and the next; gross margin %; cost to serve (millions);
# days to pay; share of fixed cost in points of revenue; wallet now and a year before (millions of euros a year)
STORY = {
    "Oremund": (
        "9.6 9.8 10.1 10.3 10.6 10.4 10.5 10.2", "10.5 10.8 10.9 10.9 11.2", "33.6 33.4 33.5 33.1 32.6 31.9 31.2 30.1",
        ".71 .72 .74 .78 .86 .92 .98 1.00", "61 60 62 61 63 62 64 58", "12", "66.5 64.0",
    ),
    "Skoggrim": (
        "8.4 8.2 8.3 7.9 7.8 7.3 7.0 6.6", "8.6 8.2 8.1 8.0 8.0", "29.5 29.2 29.0 28.8 28.1 27.7 27.2 26.9",
        ".78 .80 .81 .84 .88 .90 .91 .92", "46 46 46 46 47 47 47 47", "11", "54.0 56.0",
    ),
    "Montevarra": (
        "4.6 4.7 4.9 5.0 5.1 5.3 5.4 5.6", "5.0 5.2 5.3 5.4 5.6", "36.8 36.9 37.2 37.3 37.6 37.8 38.0 38.1",
        ".31 .31 .32 .33 .33 .34 .35 .36", "66 65 64 63 62 60 59 58", "11", "31.0 30.0",
    ),
    "Dunmarsh": (
        "7.6 7.4 8.1 8.4 7.9 7.7 8.6 8.8", "8.0 7.9 8.4 8.5 8.6", "19.5 19.2 18.8 18.5 18.1 17.8 17.4 17.0",
        "1.12 1.18 1.30 1.40 1.55 1.62 1.75 1.85", "38 38 38 39 39 39 40 40", "9", "52.0 50.0",
    ),
    "Havelgrund": (
        "2.9 3.0 2.8 2.9 3.0 3.1 3.0 3.1", "3.0 3.0 3.0 3.0 3.0", "34.0 34.1 33.9 34.0 34.2 34.1 34.3 34.2",
        ".15 .15 .15 .15 .16 .16 .16 .16", "31 31 31 31 31 31 31 31", "11", "23.0 22.5",
    ),
    "Merrowick": (
        "3.4 3.3 3.1 2.9 2.8 2.5 2.2 1.9", "3.3 3.0 2.9 2.9 2.5", "27.0 26.6 26.1 25.5 25.0 24.4 23.7 23.0",
        ".29 .29 .30 .31 .31 .32 .33 .34", "71 74 76 79 83 88 93 97", "10", "21.0 22.0",
    ),
    "Quillaraya": (
        ".9 1.1 1.2 1.5 1.8 2.0 2.3 2.7", "1.5 1.8 2.0 2.2 2.4", "41.0 41.2 41.5 41.8 42.0 42.4 42.8 43.0",
        ".12 .13 .14 .16 .18 .20 .22 .24", "54 54 54 54 54 54 54 54", "10", "48.0 44.0",
    ),
    "Lindqvara": (
        "14.2 14.8 15.6 16.9 17.5 18.8 19.6 20.4", "16.5 17.5 18.5 19.0 19.5",
        "47.0 47.3 47.8 48.0 48.3 48.6 48.9 49.0", ".62 .63 .66 .70 .72 .75 .78 .80", "34 33 33 32 32 31 31 30", "9",
        "17.5 16.0",
    ),
}  # fmt: skip
RATES = {
    "GBP": "1.20 1.19 1.18 1.155 1.14 1.15 1.155 1.15",
    "USD": ".94 .95 .885 .855 .86 .855 .85 .855",
    "SEK": ".0870 .0890 .0915 .0895 .0910 .0925 .0915 .0910",
}
CURRENCIES = {"Dunmarsh": "GBP", "Merrowick": "GBP", "Quillaraya": "USD", "Lindqvara": "SEK"}

# short name, revenue of twelve months (millions), growth %, contribution %; Tiszamark in forints, without a rate
OTHERS = """
    Brastholm 7.9 6 15, Varonne 6.8 -3 6, Ketterau 6.1 -8 -4, Pellworth 5.2 2 9, Ostrevka 4.9 4 12, Grunholt 4.4 -5 -7,
    Solmarina 4.1 21 17, Tavasjoki 3.8 3 13, Ruscombe 3.3 1 14, Almadria 3.0 0 -2, Zellmoor 2.8 -11 -11,
    Corvanti 2.5 5 16, Hollinmere 2.3 9 21, Bergsund 2.1 -2 10, Lavrenne 1.9 12 24, Tiszamark 680 4 12,
    Kronfeld 1.6 3 19, Penhallan 1.5 -6 -8, Duravel 1.3 2 13, Morskava 1.2 8 11, Eiderhof 1.1 15 18, Santorel 1.0 1 9,
    Vantaur 0.9 18 26, Glenorrin 0.9 5 20, Brezna 0.8 -4 -14, Lumarca 0.7 0 15, Oudezand 0.7 -15 -19,
    Kaltenmoos 0.6 7 17, Fennhollow 0.5 3 10, Arvenholm 0.5 40 28
"""
SEASON = numbers("0.97 1.00 1.02 1.01")
COST_TO_SERVE = Decimal("0.07")


def build_figures(accounts: Accounts, today: date) -> None:
    add_figures(accounts=accounts, last=last_closed_quarter(today), by=None)


@action("loaded the figures of two years")
def add_figures(*, accounts: Accounts, last: Quarter, by: User | None) -> None:
    """Set-based: about 1,000 rows in a handful of statements."""
    load_default_rates(by=by)
    load_default_dashboard(by=by)
    quarters = trailing_quarters(last, 8)
    ExchangeRate.objects.bulk_create(
        [
            ExchangeRate(currency=currency, into="EUR", quarter_start=quarter.start, rate=rate)
            for currency, rates in RATES.items()
            for quarter, rate in zip(quarters, numbers(rates), strict=True)
        ],
        ignore_conflicts=True,
    )
    rows = [row for short in STORY for row in _told(short, accounts, quarters)]
    for line in OTHERS.split(","):
        short, revenue, growth, percent = line.split()
        rows += _other(short, accounts, quarters, numbers(f"{revenue} {growth} {percent}"))
    Figure.objects.bulk_create(rows)
    ActivityVolume.objects.bulk_create(row for short in STORY for row in _efforts(short, accounts, quarters))
    recompute_cost_to_serve()
    FigureSplit.objects.bulk_create(_mix("Oremund", accounts, quarters))


def _told(short: str, accounts: Accounts, quarters: tuple[Quarter, ...]) -> Iterator[Figure]:
    """Cost to serve is not told here: it comes from the activities."""
    revenue, budget, gross, _, days, fixed, wallet = (numbers(text) for text in STORY[short])
    currency, rates = _currency(short)
    account = accounts[short]
    for index, quarter in enumerate(quarters):
        sold = revenue[index] * MILLION
        goods = 1 - gross[index] / 100
        yearly = wallet[0] if index >= 4 else wallet[1]
        yield Figure(
            account=account,
            period_start=quarter.start,
            currency=currency,
            **price_lines(short, index, to_amount(sold)),
            revenue=to_amount(sold),
            cost_of_goods=to_amount(sold * (goods - fixed[0] / 100)),
            cost_of_goods_fixed=to_amount(sold * fixed[0] / 100),
            client_spend=to_amount(yearly / 4 * MILLION / rates[index]),
            receivables=to_amount(sold * days[index] / quarter.days),
        )
    # The budget of the first year was what came in; the last one reaches into the running quarter.
    planned = (*revenue[:4], *budget)
    for quarter, amount in zip((*quarters, quarters[-1].next()), planned, strict=True):
        yield Figure(
            account=account, period_start=quarter.start, currency=currency, kind=Figure.Kind.PLANNED,
            revenue=to_amount(amount * MILLION),
        )  # fmt: skip


def _currency(short: str) -> tuple[str, tuple[Decimal, ...]]:
    """The account's currency, and what one unit of it was in euros in the eight quarters."""
    currency = CURRENCIES.get(short, "EUR")
    return currency, numbers(RATES[currency]) if currency in RATES else (Decimal(1),) * 8


def _efforts(short: str, accounts: Accounts, quarters: tuple[Quarter, ...]) -> Iterator[ActivityVolume]:
    costs, (_, rates) = numbers(STORY[short][3]), _currency(short)
    for quarter, cost, rate in zip(quarters, costs, rates, strict=True):
        yield from volumes(short, accounts[short], quarter, cost * MILLION, rate)


def _mix(short: str, accounts: Accounts, quarters: tuple[Quarter, ...]) -> list[FigureSplit]:
    sold = [amount * MILLION for amount in numbers(STORY[short][0])]
    goods = [amount * (1 - gross / 100) for amount, gross in zip(sold, numbers(STORY[short][2]), strict=True)]
    return splits(accounts[short], quarters, sold, goods)


def _other(
    short: str, accounts: Accounts, quarters: tuple[Quarter, ...], told: tuple[Decimal, ...]
) -> Iterator[Figure]:
    year, growth, percent = told
    account = accounts[short]
    for index, quarter in enumerate(quarters):
        now = index >= 4
        total = year * MILLION if now else year * MILLION / (1 + growth / 100)
        sold = total / 4 * SEASON[index % 4]
        # The same share each year: growing most where most is earned takes them from 7.8 % to 8.4 % together.
        margin = percent / 100
        yield Figure(
            account=account, period_start=quarter.start, currency=account.currency, revenue=to_amount(sold),
            cost_of_goods=to_amount(sold * (1 - margin - COST_TO_SERVE)), cost_to_serve=to_amount(sold * COST_TO_SERVE),
        )  # fmt: skip
