"""What outcomes are worth to clients and to us, summed in the reporting currency."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone

from accounts.models import Account
from sam.core.models import ExchangeRate, Organisation
from sam.values.periods import Quarter, last_closed_quarter
from scoring.models import OutcomeWorth


@dataclass(frozen=True, slots=True)
class Worth:
    """Sums a year. `confirmed`: what of them is confirmed; `unconverted`: outcomes left out for want of a rate."""

    outcomes: int = 0
    client: Decimal = Decimal(0)
    ours: Decimal = Decimal(0)
    client_confirmed: Decimal = Decimal(0)
    our_confirmed: Decimal = Decimal(0)
    unconverted: int = 0
    no_client: int = 0
    no_ours: int = 0

    @property
    def counted(self) -> int:
        return self.outcomes - self.unconverted

    @property
    def known_client(self) -> Decimal | None:
        """None where nobody knows it of any outcome."""
        return self.client if self.counted > self.no_client else None

    @property
    def known_ours(self) -> Decimal | None:
        return self.ours if self.counted > self.no_ours else None

    def plus(self, other: Worth) -> Worth:
        return Worth(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))


@dataclass(frozen=True, slots=True)
class AccountWorth:
    """The outcomes of one account with their sum in `currency`, at the rates of `quarter`."""

    rows: tuple[OutcomeWorth, ...]
    total: Worth
    currency: str
    quarter: Quarter


@dataclass(frozen=True, slots=True)
class Rates:
    """Into the reporting currency at the last closed quarter's rates."""

    currency: str
    quarter: Quarter
    known: dict[str, Decimal]

    def of(self, currency: str) -> Decimal | None:
        return Decimal(1) if currency == self.currency else self.known.get(currency)


def rates_now() -> Rates:
    into, quarter = Organisation.objects.current().reporting_currency, last_closed_quarter(timezone.localdate())
    rows = ExchangeRate.objects.filter(into=into, quarter_start=quarter.start)
    return Rates(into, quarter, dict(rows.values_list("currency", "rate")))


def worth_of(account: Account) -> AccountWorth:
    rates = rates_now()
    rows = tuple(account.outcome_worths.select_related("author"))
    return AccountWorth(rows, added(rows, rates), rates.currency, rates.quarter)


def worths_of(ids: Sequence[int], rates: Rates) -> dict[int, Worth]:
    """By account; those without an outcome are left out. One query."""
    found: dict[int, list[OutcomeWorth]] = {}
    for row in OutcomeWorth.objects.filter(account_id__in=ids):
        found.setdefault(row.account_id, []).append(row)
    return {account_id: added(rows, rates) for account_id, rows in found.items()}


def added(rows: Iterable[OutcomeWorth], rates: Rates) -> Worth:
    total = Worth()
    for row in rows:
        rate = rates.of(row.currency)
        if rate is None:
            total = total.plus(Worth(outcomes=1, unconverted=1))
            continue
        client, ours = (row.client_amount or Decimal(0)) * rate, (row.our_amount or Decimal(0)) * rate
        sure = Decimal(1) if row.confirmed else Decimal(0)
        unknown = {"no_client": int(row.client_amount is None), "no_ours": int(row.our_amount is None)}
        total = total.plus(Worth(1, client, ours, client * sure, ours * sure, **unknown))
    return total
