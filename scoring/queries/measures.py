"""The measures behind computed criteria: twelve months of figures in the reporting currency, for all accounts or one.

Set-based: one SQL statement sums an account's rows and says which months they cover: every month has a bit, and where
the rows are longer together than the months they cover, one was reported twice. Only accounts with such overlaps (a
quarter beside its months, several keys) are put together row by row, by the same rule as on their own page. Ratios are
rounded to twelve decimals, so that both ways give the same floating-point number.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from math import isnan
from typing import Any

from django.db import connection
from django.utils import timezone

from accounts.domain import figures as arithmetic
from accounts.models import Account, Figure
from sam.core.models import ExchangeRate, Organisation
from sam.values.periods import PERIOD_LENGTHS, Month, Period, Quarter, last_closed_quarter, period_of
from sam.values.results import Missing, Result, value_of
from scoring.domain.measures import Figures as Measure
from scoring.domain.measures import measure_of

Rates = Mapping[tuple[str, date], Decimal]

FEWEST_FOR_CUTS = 10
# A margin against the average is counted in billionths of a point, here and for one account alike.
GAP_STEPS, GAP_PARTS = 1e11, 1e9
RATIO_PLACES = Decimal("1e-12")

# (column of the sums, years back): what each measure is made of
NEEDS: Mapping[str, tuple[tuple[str, int], ...]] = {
    Measure.REVENUE: (("revenue", 0),),
    Measure.GROWTH: (("revenue", 0), ("revenue", 1)),
    Measure.GROWTH_TWO_YEARS: (("revenue", 0), ("revenue", 2)),
    Measure.CONTRIBUTION: (("contribution", 0),),
    Measure.MARGIN: (("revenue", 0), ("contribution", 0)),
    Measure.MARGIN_GAP: (("revenue", 0), ("contribution", 0)),
    Measure.COST_TO_SERVE: (("revenue", 0), ("cost_to_serve", 0)),
    Measure.SHARE_OF_WALLET: (("revenue", 0), ("client_spend", 0)),
    Measure.DAYS_SALES_OUTSTANDING: (("revenue", 0), ("receivables", 0)),
    Measure.PRICE_REALISATION: (("revenue", 0), ("list_revenue", 0)),
}
AMOUNTS = {
    "revenue": "f.revenue",
    "goods": "CASE WHEN f.cost_of_goods_fixed IS NULL THEN f.cost_of_goods"
    " ELSE f.cost_of_goods + f.cost_of_goods_fixed END",
    "cost_to_serve": "f.cost_to_serve",
    "client_spend": "f.client_spend",
    "list_revenue": "f.list_revenue",
    # What is open at the end of the twelve months: the rows that cover the last month say it.
    "receivables": "CASE WHEN f.period_start + make_interval(months => f.months) > {last_month}"
    " THEN f.receivables ELSE 0 END",
}
# What is not summed itself but follows from sums.
DERIVED = {"contribution": ("revenue", "goods", "cost_to_serve")}
ALL_TWELVE = (1 << 12) - 1
DAYS = 365


@dataclass(frozen=True, slots=True)
class Window:
    """Twelve months that end with `last`, in `currency`, with the rates to convert into it."""

    last: Quarter
    currency: str
    rates: Rates

    def months(self, years_back: int = 0) -> tuple[Month, ...]:
        end = self.last.first_month.shift(2 - 12 * years_back)
        return Month.range(end.shift(-11), end)

    def rate(self, currency: str, period: Period) -> Decimal | None:
        """The rate of the quarter in which a month or quarter begins; of a year the mean of its four quarters."""
        if currency == self.currency:
            return Decimal(1)
        steps = range(0, 12, 3) if period.months == 12 else range(1)
        quarters = [Quarter.containing(period.first_month.shift(step).start) for step in steps]
        found = [self.rates.get((currency, quarter.start)) for quarter in quarters]
        known = [rate for rate in found if rate is not None]
        return sum(known, Decimal(0)) / len(known) if len(known) == len(found) else None


def latest_quarter(today: date) -> Quarter:
    """The last calendar quarter that is over and for which anybody has actual figures; without any, the last one."""
    closed = last_closed_quarter(today)
    newest = (
        Figure.objects.actual()
        .filter(period_start__lte=closed.end)
        .order_by("-period_start", "-months")
        .values_list("period_start", "months")
        .first()
    )
    if newest is None:
        return closed
    end = period_of(newest[1], newest[0]).last_month
    return min(closed, Quarter.containing(end.start))


def quarters_with_figures(today: date, most: int = 12) -> list[Quarter]:
    """The quarters a recompute may end with, newest first."""
    newest = latest_quarter(today)
    return [newest.shift(-step) for step in range(most)]


def window_of(last: Quarter, currency: str) -> Window:
    first = last.shift(-12)
    rows = ExchangeRate.objects.filter(into=currency, quarter_start__gte=first.start, quarter_start__lte=last.start)
    return Window(last, currency, {(row.currency, row.quarter_start): row.rate for row in rows})


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with parameters; rows are account id, decided tier's position, the amounts, the ratios, and the flags."""

    sql: str
    params: tuple[Any, ...]
    columns: tuple[str, ...]


OVERLAPS, UNCONVERTED = 1, 2


def statement(
    measures: Sequence[str], window: Window, accounts: Sequence[int] | None = None, *, tiers: Sequence[str] = ()
) -> Statement:
    """The measures of all live accounts (or of some) as 64-bit floats, NaN where unknown, in any order."""
    needed = sorted({need for measure in measures for need in NEEDS[measure]})
    summed = sorted({(part, back) for amount, back in needed for part in DERIVED.get(amount, (amount,))})
    years = max((back for _, back in needed), default=0)
    first, last = window.months(years)[0].start, window.last.end
    starts = [window.months(back)[0].start for back in range(years + 1)]
    stretch = [f"f.period_start >= '{start}'" for start in starts]
    stretch[1:] = [f"{one} AND f.period_start < '{end}'" for one, end in zip(stretch[1:], starts, strict=False)]
    amounts = {
        name: text.replace("{last_month}", f"DATE '{window.last.first_month.shift(2).start}'")
        for name, text in AMOUNTS.items()
    }
    # One amount that is unknown, or has no rate, makes the sum NaN. The months count every row, known or not.
    sums = [
        f"sum(coalesce(CASE WHEN r.own THEN {amounts[amount]} ELSE ({amounts[amount]}) * r.rate END, 'NaN'))"
        f" FILTER (WHERE {stretch[back]}) AS {amount}_{back}"
        for amount, back in summed
    ]
    for back, within in enumerate(stretch):
        sums.append(
            f"bit_or({MONTHS} << (%s::int4[])[f.period_start - %s + 1]) FILTER (WHERE {within}) AS covered_{back}"
        )
        sums.append(f"sum(f.months) FILTER (WHERE {within}) AS length_{back}")
    offsets = _offsets(window.last, years)
    rates = _rates(window, years)
    of_accounts = "" if accounts is None else "AND f.account_id = ANY(%s)"
    whole = ", ".join(
        f"CASE WHEN covered_{back} = {ALL_TWELVE} AND length_{back} = 12"
        f" THEN {' - '.join(f'{part}_{back}' for part in DERIVED.get(amount, (amount,)))} END AS {amount}_{back}"
        for amount, back in needed
    )
    twice = " OR ".join(f"length_{back} > bit_count(covered_{back}::bit(12))" for back in range(years + 1))
    columns = tuple(dict.fromkeys(measures))
    values = ", ".join(f"coalesce(({EXPRESSIONS[measure]})::float8, 'NaN') AS {measure}" for measure in columns)
    tier = "CASE a.tier " + " ".join(f"WHEN '{key}' THEN {i}" for i, key in enumerate(tiers)) if tiers else "CASE"
    tier_position = f"({tier} ELSE {len(tiers)} END)::int8" if tiers else "0::int8"
    sql = f"""
        WITH summed AS (
            SELECT f.account_id, bool_or(r.own IS NULL) AS no_rate, {", ".join(sums)}
            FROM accounts_figure f
            LEFT JOIN unnest(%s::text[], %s::date[], %s::int2[], %s::numeric[], %s::bool[])
                AS r(currency, start, months, rate, own)
              ON r.currency = f.currency AND r.start = f.period_start AND r.months = f.months
            WHERE f.kind = 'actual' AND f.period_start >= %s AND f.period_start < %s {of_accounts}
                AND (f.months = 1 OR f.months = 3 AND f.period_start <> ALL (%s::date[])
                     OR f.months = 12 AND f.period_start = ANY (%s::date[]))
            GROUP BY f.account_id
        ), whole AS (
            SELECT account_id, no_rate, {twice} AS doubled{", " + whole if whole else ""} FROM summed
        )
        SELECT a.id::int8, {tier_position},
               (CASE WHEN doubled THEN {OVERLAPS} ELSE 0 END
                + CASE WHEN no_rate THEN {UNCONVERTED} ELSE 0 END)::int8{", " + values if values else ""}
        FROM accounts_account a LEFT JOIN whole ON whole.account_id = a.id
        WHERE a.status NOT IN ('archived', 'merged') {"" if accounts is None else "AND a.id = ANY(%s)"}
    """  # noqa: S608 (names come from the tables above, values are parameters)
    # A quarter that starts in the last two months of a stretch reaches beyond it; a year fills one.
    beyond = [window.months(back)[month].start for back in range(years + 1) for month in (10, 11)]
    params: list[Any] = [*([offsets, first] * (years + 1)), *rates, first, last]
    params += [] if accounts is None else [list(accounts)]
    params += [beyond, starts]
    params += [] if accounts is None else [list(accounts)]
    return Statement(sql, tuple(params), columns)


MONTHS = f"CASE f.months WHEN 1 THEN 1 WHEN 3 THEN 7 ELSE {ALL_TWELVE} END"
# NaN, which is above every number in PostgreSQL and stays NaN in a quotient, stands for a sum that is not known.
EXPRESSIONS: Mapping[str, str] = {
    Measure.REVENUE: "revenue_0",
    Measure.CONTRIBUTION: "contribution_0",
    Measure.GROWTH: "CASE WHEN revenue_1 > 0 THEN round(revenue_0 / revenue_1 - 1, 12) END",
    Measure.GROWTH_TWO_YEARS: "CASE WHEN revenue_2 > 0 THEN round(revenue_0 / revenue_2 - 1, 12) END",
    Measure.MARGIN: "CASE WHEN revenue_0 > 0 THEN round(contribution_0 / revenue_0, 12) END",
    Measure.COST_TO_SERVE: "CASE WHEN revenue_0 > 0 THEN round(cost_to_serve_0 / revenue_0, 12) END",
    Measure.DAYS_SALES_OUTSTANDING: f"CASE WHEN revenue_0 > 0 THEN round(receivables_0 / revenue_0 * {DAYS}, 12) END",
    Measure.PRICE_REALISATION: "CASE WHEN list_revenue_0 > 0 THEN round(revenue_0 / list_revenue_0, 12) END",
    Measure.SHARE_OF_WALLET: (
        "CASE WHEN client_spend_0 > 0 AND revenue_0 BETWEEN 0 AND client_spend_0"
        " THEN round(revenue_0 / client_spend_0, 12) END"
    ),
}


@lru_cache(maxsize=32)
def _offsets(last: Quarter, years: int) -> list[int]:
    """For every day from the first on, which of the twelve months of its stretch it lies in: 0 to 11."""
    first = last.first_month.shift(-9 - 12 * years)
    found = []
    for step in range(12 * (years + 1)):
        month = first.shift(step)
        found += [step % 12] * (month.shift(1).start - month.start).days
    return found


def _rates(window: Window, years: int) -> tuple[list[str], list[date], list[int], list[Decimal], list[bool]]:
    """Every rate a row can need: currency, start, length, rate, whether it is the reporting currency itself."""
    currencies = {window.currency} | {currency for currency, _ in window.rates}
    found: tuple[list[str], list[date], list[int], list[Decimal], list[bool]] = ([], [], [], [], [])
    for currency in sorted(currencies):
        for start, months in _periods(window.last, years):
            rate = window.rate(currency, period_of(months, start))
            if rate is not None:
                for column, value in zip(
                    found, (currency, start, months, rate, currency == window.currency), strict=True
                ):
                    column.append(value)  # type: ignore[attr-defined]
    return found


@lru_cache(maxsize=32)
def _periods(last: Quarter, years: int) -> list[tuple[date, int]]:
    """Every period of 1, 3 or 12 months that lies inside one of the twelve-month stretches."""
    return [
        (last.first_month.shift(-9 - 12 * back + offset).start, int(length))
        for back in range(years + 1)
        for length in PERIOD_LENGTHS
        for offset in range(12 - length + 1)
    ]


@dataclass(frozen=True, slots=True)
class AccountMeasures:
    """Measures of one account as floats (None: unknown), and whether a rate was missing."""

    values: Mapping[str, float | None]
    unconverted: bool


def measures_of(
    account: Account, measures: Sequence[str], window: Window, scope_margin: float | None
) -> AccountMeasures:
    """The measures of one account, by the same statement as the whole portfolio.

    `scope_margin`: the average that the margin is compared to, as the last recompute of all accounts found it.
    """
    stated = [measure for measure in dict.fromkeys(measures) if measure in EXPRESSIONS]
    if Measure.MARGIN_GAP in measures and Measure.MARGIN not in stated:
        stated.append(Measure.MARGIN)
    built = statement(stated, window, [account.pk])
    with connection.cursor() as cursor:
        cursor.execute(built.sql, built.params)
        row = cursor.fetchone()
    if row is None:
        return AccountMeasures(dict.fromkeys(measures), unconverted=False)
    flags, numbers = row[2], row[3:]
    if flags & OVERLAPS:
        numbers = assembled([account.pk], stated, window)[account.pk]
    values = {name: None if isnan(value) else value for name, value in zip(stated, numbers, strict=True)}
    if Measure.MARGIN_GAP in measures:
        values[Measure.MARGIN_GAP] = margin_gap(values[Measure.MARGIN], scope_margin)
    return AccountMeasures(values, unconverted=bool(flags & UNCONVERTED))


NAN = float("nan")


def margin_gap(margin: float | None, average: float | None) -> float | None:
    """Points of margin above (or below) the average; None where either is unknown."""
    if margin is None or average is None:
        return None
    return round((margin - average) * GAP_STEPS) / GAP_PARTS


def assembled(accounts: Iterable[int], measures: Sequence[str], window: Window) -> dict[int, list[float]]:
    """Measures of accounts whose rows overlap, put together row by row; NaN where unknown."""
    wanted = list(accounts)
    years = max((back for measure in measures for _, back in NEEDS[measure]), default=0)
    rows: dict[int, list[Figure]] = defaultdict(list)
    figures = Figure.objects.actual().within(window.months(years)[0].start, window.last.end)
    for figure in figures.filter(account_id__in=wanted):
        rows[figure.account_id].append(figure)
    return {pk: [_as_float(measure, explained(measure, rows[pk], window)) for measure in measures] for pk in wanted}


def _as_float(measure: str, result: Result) -> float:
    value = value_of(result)
    if value is None:
        return NAN
    if measure in (Measure.REVENUE, Measure.CONTRIBUTION):
        return float(value)
    return float(value.quantize(RATIO_PLACES, rounding="ROUND_HALF_UP"))


def explained(measure: str, figures: Sequence[Figure], window: Window) -> Result:
    """A measure from an account's rows, with its inputs, or the reason why there is none.

    `margin_gap` gives the account's own margin: the average it is compared to belongs to the whole portfolio.
    """
    sums = {(amount, back): _twelve_months(amount, back, figures, window) for amount, back in NEEDS[measure]}
    for result in sums.values():
        if isinstance(result, Missing):
            return result
    value = {key: value_of(result) for key, result in sums.items()}
    revenue = value[NEEDS[measure][0]] if measure != Measure.CONTRIBUTION else None
    if measure == Measure.REVENUE:
        return sums["revenue", 0]
    if measure == Measure.CONTRIBUTION:
        return sums["contribution", 0]
    if measure == Measure.GROWTH:
        return arithmetic.growth(revenue, value["revenue", 1])
    if measure == Measure.GROWTH_TWO_YEARS:
        return arithmetic.growth(revenue, value["revenue", 2])
    if measure == Measure.SHARE_OF_WALLET:
        return arithmetic.share_of_wallet(revenue, value["client_spend", 0])
    if measure == Measure.DAYS_SALES_OUTSTANDING:
        return arithmetic.days_sales_outstanding(value["receivables", 0], revenue, DAYS)
    if measure == Measure.PRICE_REALISATION:
        return arithmetic.price_realisation(revenue, value["list_revenue", 0])
    amount = "cost_to_serve" if measure == Measure.COST_TO_SERVE else "contribution"
    return arithmetic.margin(sums[amount, 0], revenue)


def _twelve_months(amount: str, back: int, figures: Sequence[Figure], window: Window) -> Result:
    """The sum of twelve months in the reporting currency; a quarter without a row or a rate is named."""
    amounts: dict[Period, Decimal] = {}
    unknown: set[Period] = set()
    unrated: dict[str, Period] = {}
    months = window.months(back)
    for figure in figures:
        period = period_of(figure.months, figure.period_start)
        if not months[0].start <= period.start or period.end > months[-1].end:
            continue
        rate = window.rate(figure.currency, period)
        own = _amount(amount, figure) if amount != "receivables" or period.end == months[-1].end else Decimal(0)
        if rate is None:
            unrated.setdefault(figure.currency, period)
        if rate is None or own is None:
            unknown.add(period)
        else:
            amounts[period] = amounts.get(period, Decimal(0)) + own * rate
    # One key without a figure leaves the whole period unknown: a part is not the sum.
    known = {period: value for period, value in amounts.items() if period not in unknown}
    result = arithmetic.trailing_twelve_months(known, months[-1])
    if isinstance(result, Missing) and unrated:
        currency, period = next(iter(unrated.items()))
        return Missing(f"no rate from {currency} to {window.currency} for {period}")
    if isinstance(result, Missing) and unknown:
        label = amount.replace("_", " ")
        return Missing(f"{label} is unknown for {', '.join(str(period) for period in sorted(unknown))}")
    return result


def _amount(amount: str, figure: Figure) -> Decimal | None:
    if amount == "revenue":
        return figure.revenue
    if amount == "client_spend":
        return figure.client_spend
    if amount == "cost_to_serve":
        return figure.cost_to_serve
    if amount == "receivables":
        return figure.receivables
    if amount == "list_revenue":
        return figure.list_revenue
    return value_of(
        arithmetic.contribution(figure.revenue, figure.cost_of_goods, figure.cost_of_goods_fixed, figure.cost_to_serve)
    )


def figures_of(account: Account, window: Window, years: int = 2) -> list[Figure]:
    """The account's actual rows that a measure may need."""
    return list(Figure.objects.actual().within(window.months(years)[0].start, window.last.end).filter(account=account))


def proposed_cut_points(measure: str, today: date | None = None) -> list[Decimal] | None:
    """Four cut points that split our own accounts into fifths, with two leading digits; None for too few accounts.

    Not for a margin against the average: its fifths would only repeat the average.
    """
    day = today or timezone.localdate()
    read = measure_of(measure).read
    if read is not None:
        columns = "account, value"
        sql, params = read(day, None)
    elif measure in EXPRESSIONS:
        columns = "account, tier, flags, value"
        built = statement([measure], window_of(latest_quarter(day), Organisation.objects.current().reporting_currency))
        sql, params = built.sql, built.params
    else:
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*), percentile_cont(ARRAY[0.2, 0.4, 0.6, 0.8]) WITHIN GROUP (ORDER BY value)"  # noqa: S608
            f" FROM ({sql}) AS found({columns}) WHERE value <> 'NaN'",
            params,
        )
        count, cuts = cursor.fetchone()
    if count < FEWEST_FOR_CUTS:
        return None
    rounded = [two_digits(Decimal(repr(cut))) for cut in cuts]
    return rounded if all(b > a for a, b in itertools.pairwise(rounded)) else None


def two_digits(number: Decimal) -> Decimal:
    """A number rounded to its two leading digits."""
    if not number:
        return Decimal(0)
    return number.quantize(Decimal(1).scaleb(number.adjusted() - 1)).quantize(Decimal("0.000001"))
