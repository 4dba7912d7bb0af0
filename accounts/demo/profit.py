"""Why the eight accounts earn what they earn: price lines, activities behind cost to serve, Oremund's mix."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from accounts.domain.drivers import DRIVERS
from accounts.models import Account, ActivityVolume, FigureSplit
from sam.values.money import round_amount, to_amount
from sam.values.periods import Quarter

CENTS = 2
# Of list revenue, in percent: revenue, rebates and bonus, freight, payment terms; the rest came off on the invoice.
# First value eight quarters ago, second now: what was given away grew step by step.
PRICES: Mapping[str, tuple[str, str]] = {
    "Oremund": ("88.4 2.2 1.1 0.8", "85.1 2.9 1.6 1.0"),
    "Skoggrim": ("86.0 2.6 1.2 0.6", "83.2 3.4 1.5 0.6"),
    "Montevarra": ("91.5 1.5 0.9 0.5", "92.2 1.4 0.8 0.5"),
    "Dunmarsh": ("82.8 3.1 2.4 0.4", "79.6 3.8 3.3 0.4"),
    "Havelgrund": ("93.0 1.0 0.8 0.3", "93.0 1.0 0.8 0.3"),
    "Merrowick": ("85.5 2.4 1.3 1.2", "81.9 2.6 1.6 1.9"),
    "Quillaraya": ("92.4 0.8 1.6 0.4", "93.1 0.8 1.4 0.4"),
    "Lindqvara": ("95.2 0.6 0.5 0.2", "95.6 0.5 0.5 0.2"),
}
# Share of the cost to serve in percent; what is left went into order lines that somebody keyed in by hand.
USUAL = {
    "order": 12, "delivery": 18, "express_delivery": 8, "return": 5, "complaint": 4, "visit_day": 16,
    "support_hour": 10, "quotation": 5, "team_hour": 16,
}  # fmt: skip
EFFORTS: Mapping[str, Mapping[str, int]] = {
    "Oremund": {
        "order": 10, "delivery": 14, "express_delivery": 20, "return": 6, "complaint": 6, "visit_day": 12,
        # 60 % falls away with the volume, so that the variable margin after it is 40.0 %.
        "support_hour": 8, "quotation": 4, "team_hour": 16,
    },
    "Skoggrim": {
        "order": 9, "delivery": 12, "express_delivery": 12, "return": 8, "complaint": 12, "visit_day": 18,
        "support_hour": 10, "quotation": 3, "team_hour": 12,
    },
    # 61 % express deliveries and returns: why so much revenue leaves so little.
    "Dunmarsh": {
        "order": 8, "delivery": 9, "express_delivery": 41, "return": 20, "complaint": 4, "visit_day": 3,
        "support_hour": 4, "quotation": 2, "team_hour": 6,
    },
}  # fmt: skip
REST = "manual_line"

# Millions in two quarters each, from the third of eight quarters on: 12 months to Q1/26 are 17.9 9.8 8.6 4.3 0.8.
OFFERS: Mapping[str, str] = {
    "Pumps": "8.9 9.0 8.6",
    "Valves": "4.85 4.95 4.85",
    "Seals": "4.25 4.35 4.25",
    "Service": "2.1 2.2 2.4",
    "Pulse": "0.3 0.5 0.6",
}
# Millions in the last four quarters.
UNITS: Mapping[str, str] = {
    "Base, Rheinau": "18.4",
    "Specialties, Elster": "12.1",
    "Coatings, Lodz": "7.6",
    "Terminal, Gent": "3.6",
}
# How dear the goods of a part are, beside the account's average.
DEARER = {
    "Pumps": "1.06", "Valves": "1.00", "Seals": "0.94", "Service": "0.97", "Pulse": "0.55",
    "Base, Rheinau": "1.00", "Specialties, Elster": "0.97", "Coatings, Lodz": "1.04", "Terminal, Gent": "1.03",
}  # fmt: skip
MILLION = Decimal(1_000_000)


def price_lines(short: str, index: int, revenue: Decimal) -> dict[str, Decimal]:
    """The lines of quarter `index` (0 to 7) that lead to `revenue`, to the cent."""
    then, now = ([Decimal(word) / 100 for word in text.split()] for text in PRICES[short])
    left, rebates, freight, terms = (old + (new - old) * index / 7 for old, new in zip(then, now, strict=True))
    listed = round_amount(revenue / left, CENTS)
    off = {
        name: round_amount(listed * share, CENTS)
        for name, share in (("rebates", rebates), ("freight", freight), ("payment_terms", terms))
    }
    on_invoice = listed - revenue - sum(off.values(), Decimal(0))
    return {"list_revenue": listed, "on_invoice_discounts": on_invoice, **off}


def volumes(short: str, account: Account, quarter: Quarter, cost: Decimal, rate: Decimal) -> Iterator[ActivityVolume]:
    """Activities that cost `cost` in the account's currency, one unit of which is `rate` euros."""
    total, spent = cost * rate, Decimal(0)
    for driver, percent in EFFORTS.get(short, USUAL).items():
        quantity = round_amount(total * percent / 100 / DRIVERS[driver].amount, 0)
        spent += quantity * DRIVERS[driver].amount
        yield _volume(account, quarter, driver, quantity)
    yield _volume(account, quarter, REST, to_amount((total - spent) / DRIVERS[REST].amount))


def _volume(account: Account, quarter: Quarter, driver: str, quantity: Decimal) -> ActivityVolume:
    return ActivityVolume(account=account, period_start=quarter.start, months=3, driver=driver, quantity=quantity)


def splits(
    account: Account, quarters: Sequence[Quarter], revenue: Sequence[Decimal], goods: Sequence[Decimal]
) -> list[FigureSplit]:
    """Oremund's offers in six quarters and its units in four; revenue and goods of the eight quarters in money."""
    rows: list[FigureSplit] = []
    for first, column in ((2, 0), (4, 1), (6, 2)):
        pair = range(first, first + 2)
        parts = {name: Decimal(text.split()[column]) * MILLION for name, text in OFFERS.items()}
        rows += _parts("offer", parts, account, [quarters[at] for at in pair], [revenue[at] for at in pair],
                       [goods[at] for at in pair])  # fmt: skip
    units = {name: Decimal(text) * MILLION for name, text in UNITS.items()}
    return rows + _parts("unit", units, account, quarters[4:], revenue[4:], goods[4:])


def _parts(
    dimension: str,
    parts: Mapping[str, Decimal],
    account: Account,
    quarters: Sequence[Quarter],
    revenue: Sequence[Decimal],
    goods: Sequence[Decimal],
) -> list[FigureSplit]:
    """Each part spread over the quarters as the account's revenue; the last quarter takes what rounding left."""
    total = sum(revenue, Decimal(0))
    weight = sum((amount * Decimal(DEARER[name]) for name, amount in parts.items()), Decimal(0))
    rows = []
    for name, amount in parts.items():
        given = Decimal(0)
        dear = amount * Decimal(DEARER[name]) / weight
        for at, quarter in enumerate(quarters):
            is_last = at == len(quarters) - 1
            part = amount - given if is_last else round_amount(amount * revenue[at] / total, CENTS)
            given += part
            rows.append(
                FigureSplit(
                    account=account,
                    period_start=quarter.start,
                    months=3,
                    dimension=dimension,
                    name=name,
                    currency="EUR",
                    revenue=part,
                    cost_of_goods=round_amount(goods[at] * dear, CENTS),
                )
            )
    return rows
