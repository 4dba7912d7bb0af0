"""The public data set beside the product, recomputed: what each of 4,372 customers of a wholesaler brought."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from accounts.domain.concentration import concentration
from sam.values.cases import Case, Found

RETAIL = Path(__file__).resolve().parent.parent / "examples" / "online_retail_revenue_quarter.csv"


def online_retail() -> Mapping[str, Found]:
    """Net revenue of all five quarters by customer, credit notes counted against it."""
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    with RETAIL.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            sums[row["account_external_id"]] += Decimal(row["net_revenue"])
    found = concentration(sums.items())
    return {
        "accounts": found.accounts,
        "total": found.total,
        "accounts in the top 20 %": found.top20.accounts,
        "share of the top 20 %": found.top20.share,
        "accounts for 80 %": found.accounts_for_80,
        "Gini over the accounts above zero": found.gini,
        "HHI over the positive sum": found.hhi,
    }


ONLINE_RETAIL = Case(
    "online-retail",
    "Concentration of the Online Retail portfolio, December 2010 to December 2011, GBP",
    "Online Retail, UCI Machine Learning Repository (https://doi.org/10.24432/C5BW33, CC0); recomputed with NumPy",
    {
        "accounts": Decimal(4372),
        "total": Decimal("8300065.814"),
        "accounts in the top 20 %": Decimal(875),
        "share of the top 20 %": Decimal("0.738471"),
        "accounts for 80 %": Decimal(1171),
        "Gini over the accounts above zero": Decimal("0.702828"),
        "HHI over the positive sum": Decimal("45.004"),
    },
    Decimal("0.0005"),
    online_retail,
)
