"""A customer's P&L from cases, prices and activities: activity-based costing as the textbooks do it.

Published case: a bottled-water distributor with four customers (Horngren et al., Cost Accounting, customer
profitability): list price 14.40 a case, cost 12.00, five activities.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from accounts.domain.pnl import Lines


@dataclass(frozen=True, slots=True)
class Customer:
    """What one customer bought and took. `price`: the invoice price of a case; `activities`: quantity by activity."""

    cases: Decimal
    price: Decimal
    activities: Mapping[str, Decimal]


def customer_pnl(customer: Customer, list_price: Decimal, unit_cost: Decimal, rates: Mapping[str, Decimal]) -> Lines:
    """Lines of one customer. ``rates``: money for one unit of each activity; KeyError for an activity without one."""
    costs = {key: quantity * rates[key] for key, quantity in customer.activities.items()}
    listed, revenue = customer.cases * list_price, customer.cases * customer.price
    return Lines(
        list_revenue=listed,
        on_invoice_discounts=listed - revenue,
        rebates=Decimal(0),
        freight=Decimal(0),
        payment_terms=Decimal(0),
        revenue=revenue,
        cost_of_goods=customer.cases * unit_cost,
        cost_to_serve=sum(costs.values(), Decimal(0)),
    )


@dataclass(frozen=True, slots=True)
class PublishedCustomer:
    """A customer of the published case with the results the book prints."""

    name: str
    customer: Customer
    revenue: Decimal
    gross_profit: Decimal
    operating_income: Decimal


PUBLISHED_LIST_PRICE = Decimal("14.40")
PUBLISHED_UNIT_COST = Decimal("12.00")
PUBLISHED_RATES: Mapping[str, Decimal] = {
    "orders": Decimal(100),
    "sales visits": Decimal(80),
    "delivery miles": Decimal(2),
    "cases handled": Decimal("0.50"),
    "expedited deliveries": Decimal(300),
}


def _published(
    name: str, cases: int, price: str, orders: int, visits: int, miles: int, expedited: int, results: tuple[int, ...]
) -> PublishedCustomer:
    quantities = (orders, visits, miles, cases, expedited)
    activities = {key: Decimal(number) for key, number in zip(PUBLISHED_RATES, quantities, strict=True)}
    revenue, gross, income = (Decimal(number) for number in results)
    return PublishedCustomer(name, Customer(Decimal(cases), Decimal(price), activities), revenue, gross, income)


PUBLISHED: tuple[PublishedCustomer, ...] = (
    _published("A", 42_000, "13.44", 30, 6, 60 * 5, 0, (564_480, 60_480, 35_400)),
    _published("B", 33_000, "14.16", 25, 5, 30 * 12, 0, (467_280, 71_280, 51_160)),
    _published("G", 2_900, "13.20", 15, 4, 20 * 20, 2, (38_280, 3_480, -1_190)),
    _published("J", 2_500, "14.40", 10, 3, 15 * 6, 0, (36_000, 6_000, 3_330)),
)
