"""Cases of the accounts' formulas that books print or that can be added up by hand."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from accounts.domain import figures
from accounts.domain.concentration import Ranking, concentration
from accounts.domain.customer_pnl import (
    PUBLISHED,
    PUBLISHED_LIST_PRICE,
    PUBLISHED_RATES,
    PUBLISHED_UNIT_COST,
    customer_pnl,
)
from accounts.domain.metrics import Rates, cost_of_receivables, lifetime_value
from sam.values.cases import IMPOSSIBLE, Case, Found, Value
from sam.values.results import Computed

EXACT = Decimal(0)
ROUNDED = Decimal("0.000001")
BY_HAND = "added up by hand"


def break_even() -> Mapping[str, Found]:
    return {
        "30 % margin, price −10 %": figures.break_even_volume_change(Decimal("-0.10"), Decimal("0.30")),
        "20 % margin, price −20 %": figures.break_even_volume_change(Decimal("-0.20"), Decimal("0.20")),
        "30 % margin, price +10 %": figures.break_even_volume_change(Decimal("0.10"), Decimal("0.30")),
    }


def customers() -> Mapping[str, Found]:
    """Revenue, gross profit and operating income of each customer of the published case."""
    found: dict[str, Found] = {}
    for one in PUBLISHED:
        lines = customer_pnl(one.customer, PUBLISHED_LIST_PRICE, PUBLISHED_UNIT_COST, PUBLISHED_RATES)
        found[f"customer {one.name}, revenue"] = lines.revenue
        found[f"customer {one.name}, gross profit"] = lines.gross_profit
        found[f"customer {one.name}, operating income"] = lines.contribution
    return found


def _printed() -> Mapping[str, Value]:
    printed: dict[str, Value] = {}
    for one in PUBLISHED:
        printed[f"customer {one.name}, revenue"] = one.revenue
        printed[f"customer {one.name}, gross profit"] = one.gross_profit
        printed[f"customer {one.name}, operating income"] = one.operating_income
    return printed


def small_portfolio() -> Mapping[str, Found]:
    found = concentration((name, Decimal(amount)) for name, amount in (("A", 10), ("B", 20), ("C", 30), ("D", 40)))
    return {"Gini": found.gini, "HHI": found.hhi, "accounts for 80 %": found.accounts_for_80}


def small_whale() -> Mapping[str, Found]:
    amounts = (("A", 60), ("B", 40), ("C", 20), ("D", -20))
    whale = Ranking.of((name, Decimal(amount)) for name, amount in amounts).whale()
    return {
        "peak, share of the total": whale.peak_share,
        "accounts to the peak": whale.peak_accounts,
        "accounts below zero": whale.below_zero,
    }


def ratios() -> Mapping[str, Found]:
    """Receivables of 120 against a revenue of 730 in a year; capital at 8 %."""
    return {
        "days sales outstanding": figures.days_sales_outstanding(Decimal(120), Decimal(730), 365),
        "cost of receivables": cost_of_receivables(Decimal(120), Decimal("0.08"), 365),
        "days without revenue": figures.days_sales_outstanding(Decimal(120), Decimal(0), 365),
    }


def lifetime() -> Mapping[str, Found]:
    """Contribution of 100 a year, kept with 90 %, discounted with 10 %: 81.8182 + 66.9421 + 54.7708."""
    rates = Rates(retention=Decimal("0.9"), discount=Decimal("0.1"), horizon=Decimal(3))
    return {"three years": lifetime_value(Computed(Decimal(100)), rates)}


CASES: tuple[Case, ...] = (
    Case(
        "break-even",
        "Break-even volume of a price change: −Δp / (m + Δp)",
        "standard break-even analysis of a price change (Nagle and Müller, The Strategy and Tactics of Pricing)",
        {
            "30 % margin, price −10 %": Decimal("0.5"),
            "20 % margin, price −20 %": IMPOSSIBLE,
            "30 % margin, price +10 %": Decimal("-0.25"),
        },
        ROUNDED,
        break_even,
    ),
    Case(
        "customer-pnl",
        "Customer profitability by activities: a bottled-water distributor with four customers",
        "Horngren, Datar, Rajan: Cost Accounting, customer-profitability analysis (Spring Distribution)",
        _printed(),
        EXACT,
        customers,
    ),
    Case(
        "gini-hhi-small",
        "Concentration of 10, 20, 30 and 40",
        f"{BY_HAND}: Gini (−3·10 − 20 + 30 + 3·40) / (4·100), HHI 10² + 20² + 30² + 40²",
        {"Gini": Decimal("0.25"), "HHI": Decimal(3000), "accounts for 80 %": Decimal(3)},
        ROUNDED,
        small_portfolio,
    ),
    Case(
        "whale-small",
        "Whale curve of 60, 40, 20 and −20",
        f"{BY_HAND}: peak 120 of a total of 100",
        {
            "peak, share of the total": Decimal("1.2"),
            "accounts to the peak": Decimal(3),
            "accounts below zero": Decimal(1),
        },
        ROUNDED,
        small_whale,
    ),
    Case(
        "receivables",
        "Days sales outstanding and cost of receivables",
        f"{BY_HAND}: 120 / 730 · 365; 120 · 8 %",
        {
            "days sales outstanding": Decimal(60),
            "cost of receivables": Decimal("9.6"),
            "days without revenue": IMPOSSIBLE,
        },
        ROUNDED,
        ratios,
    ),
    Case(
        "lifetime-value",
        "Lifetime value over three years: Σ c · rᵗ / (1 + d)ᵗ",
        "Gupta and Lehmann, Managing Customers as Investments; " + BY_HAND + ": 81.8182 + 66.9421 + 54.7708",
        {"three years": Decimal("203.5312")},
        Decimal("0.0001"),
        lifetime,
    ),
)
