"""What a price request is judged by: the account's margins of twelve months, live or as they were frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from accounts.domain.price_request import MARGIN_NAMES, given_away, margins_of
from accounts.models import Account, PriceRequest
from accounts.queries.account_pnl import AccountPnl, account_pnl
from sam.core.models import ExchangeRate, Organisation
from sam.values.periods import Quarter
from sam.values.results import Computed, Missing, Result


@dataclass(frozen=True, slots=True)
class Basis:
    """`label` of the twelve months; margins by key; `rate` turns the request's currency into `reporting`, None where
    there is none. `frozen`: as it stood when the answer was signed off.
    """

    label: str
    revenue: Decimal | None
    margins: Mapping[str, Result]
    reporting: str
    rate: Decimal | None
    frozen: bool = False

    def in_reporting(self, amount: Decimal) -> Result:
        if self.rate is None:
            return Missing(f"there is no exchange rate into {self.reporting} for {self.label}")
        return Computed(amount * self.rate, (("amount", amount), ("rate", self.rate)))


def basis_of(request: PriceRequest) -> Basis:
    """Frozen where the request was answered; else from the figures of today."""
    if request.frozen:
        return _from_json(request.frozen)
    return live_basis(request.account, Quarter.containing(request.base_quarter), request.currency)


def live_basis(account: Account, quarter: Quarter, currency: str) -> Basis:
    return basis_from(account_pnl(account, quarter), currency)


def basis_from(pnl: AccountPnl, currency: str) -> Basis:
    """Margins of the twelve months that the P&L ends with; its currency must be the request's."""
    margins = margins_of(pnl.year.lines)
    if pnl.currency != currency:
        reason = f"the figures are in {pnl.currency} and the request is in {currency}"
        margins = dict.fromkeys(margins, Missing(reason))
    return Basis(
        label=pnl.year.label,
        revenue=pnl.year.lines.revenue,
        margins=margins,
        reporting=pnl.reporting,
        rate=_rate(currency, pnl.reporting, pnl.last),
    )


def given_of(request: PriceRequest, basis: Basis) -> Result:
    """What the answer as it stands gives away a year, in the reporting currency."""
    price = sum((line.revenue * (line.answered_cut or 0) for line in request.lines.all()), Decimal(0))
    values = [row.value for row in request.give_gets.all() if row.value is not None]
    return basis.in_reporting(given_away(price, values))


def _rate(currency: str, reporting: str, quarter: Quarter) -> Decimal | None:
    if currency == reporting:
        return Decimal(1)
    found = ExchangeRate.objects.filter(currency=currency, into=reporting, quarter_start=quarter.start).first()
    return found.rate if found else None


# --- frozen -------------------------------------------------------------------------------------------------------


def to_json(basis: Basis) -> dict[str, Any]:
    """Decimals as text, so that nothing is rounded on the way."""
    return {
        "label": basis.label,
        "revenue": _text(basis.revenue),
        "margins": {key: _result(found) for key, found in basis.margins.items()},
        "reporting": basis.reporting,
        "rate": _text(basis.rate),
    }


def _from_json(kept: Mapping[str, Any]) -> Basis:
    margins = kept.get("margins", {})
    unknown = {"reason": "it was not kept"}
    return Basis(
        label=kept.get("label", ""),
        revenue=_decimal(kept.get("revenue")),
        margins={key: _read(margins.get(key, unknown)) for key in MARGIN_NAMES},
        reporting=kept.get("reporting") or Organisation.objects.shown().reporting_currency,
        rate=_decimal(kept.get("rate")),
        frozen=True,
    )


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _result(result: Result) -> dict[str, Any]:
    if isinstance(result, Missing):
        return {"reason": result.reason}
    return {"value": str(result.value), "inputs": [[name, str(value)] for name, value in result.inputs]}


def _read(kept: Mapping[str, Any]) -> Result:
    if "value" not in kept:
        return Missing(kept["reason"])
    return Computed(Decimal(kept["value"]), tuple((name, Decimal(value)) for name, value in kept["inputs"]))
