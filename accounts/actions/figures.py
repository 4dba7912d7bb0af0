"""Figures that somebody types, and exchange rates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import F

from accounts.actions.serving import recompute_cost_to_serve
from accounts.domain.import_financials import AMOUNTS, BASIS
from accounts.domain.places import currency_codes
from accounts.models import Account, AccountKey, Figure
from sam.core.audit import action
from sam.core.errors import ActionRefused, FieldErrors, Stale
from sam.core.models import ExchangeRate, Organisation, User
from sam.values.money import AMOUNT_LIMIT, AmountError, to_amount
from sam.values.periods import Period, Quarter

TYPED = AMOUNTS
WHOLE_TOO = "Write the whole cost to serve too."


@action("set figures")
def set_figure(
    *,
    account: Account,
    period: Period,
    kind: str,
    values: Mapping[str, Decimal | None],
    revision: int | None,
    by: User | None,
    currency: str = "",
    status: str = "",
    key: AccountKey | None = None,
) -> Figure:
    """Write an account's figures of one period; only the named values change, None means unknown.

    `revision` None makes the row, a number names the version that the person saw. `key`: the imported row to
    correct; without one the typed row. Raises FieldErrors, Stale, and ActionRefused where imported figures of the
    same period would be counted beside the typed ones.
    """
    clean = _checked(values)
    facts = _facts(account, kind, currency, status, is_new=revision is None)
    if clean.get("cost_to_serve") is not None:
        facts[BASIS] = Figure.Basis.STATED
    place = {"account": account, "key": key, "period_start": period.start, "months": period.months, "kind": kind}
    if revision is None:
        made = _create(account, period, place, {**facts, **clean})
        return _served(made)
    rows = Figure.objects.filter(**place)
    is_part_only = clean.get("cost_to_serve_variable") is not None and BASIS not in facts
    if is_part_only and rows.filter(cost_to_serve_basis=Figure.Basis.DRIVERS).exists():
        raise FieldErrors({"cost_to_serve_variable": WHOLE_TOO})
    if BASIS in facts and "cost_to_serve_variable" not in clean:
        # The part that activities gave does not belong to a stated whole.
        rows.filter(revision=revision, cost_to_serve_basis=Figure.Basis.DRIVERS).update(cost_to_serve_variable=None)
    updated = rows.filter(revision=revision).update(**facts, **clean, revision=F("revision") + 1)
    current = rows.first()
    if current is None:
        raise ActionRefused("Somebody else deleted these figures meanwhile.", code="gone")
    if not updated:
        raise Stale(current)
    return _served(current)


def _served(figure: Figure) -> Figure:
    """With the cost to serve that activities give it, where nobody stated one."""
    if figure.kind == Figure.Kind.ACTUAL and recompute_cost_to_serve([figure.account_id]):
        figure.refresh_from_db()
    return figure


@action("deleted figures")
def delete_figure(*, account: Account, figure: Figure, revision: int, by: User | None) -> None:
    """Raises Stale when somebody changed them since."""
    deleted, _ = account.figures.filter(pk=figure.pk, revision=revision).delete()
    if not deleted:
        current = account.figures.filter(pk=figure.pk).first()
        if current is None:
            raise ActionRefused("Somebody else deleted these figures meanwhile.", code="gone")
        raise Stale(current)
    # Activities that had no figure under their own key move on to the next one of the period.
    recompute_cost_to_serve([account.pk])


@action("set an exchange rate")
def set_rate(
    *, currency: str, quarter: Quarter, rate: Decimal, by: User | None, revision: int | None = None
) -> ExchangeRate:
    """What one unit of `currency` is worth in the reporting currency during a quarter. Raises FieldErrors, Stale."""
    into = Organisation.objects.current().reporting_currency
    errors: dict[str, str] = {}
    if currency not in currency_codes():
        errors["currency"] = f"“{currency}” is no currency; write a code such as GBP."
    elif currency == into:
        errors["currency"] = f"{into} is the reporting currency itself; it needs no rate."
    if not rate.is_finite() or not Decimal("0.00000001") <= rate < Decimal(10) ** 10:
        errors["rate"] = "Write a number above zero with at most eight decimals."
    if errors:
        raise FieldErrors(errors)
    if revision is None:
        try:
            with transaction.atomic():
                made = ExchangeRate.objects.create(currency=currency, into=into, quarter_start=quarter.start, rate=rate)
        except IntegrityError:
            raise FieldErrors(
                {"currency": f"There is a rate of {currency} for {quarter} already. Change it."}
            ) from None
        recompute_cost_to_serve(since=quarter.start, until=quarter.next().start)
        return made
    rows = ExchangeRate.objects.filter(currency=currency, into=into, quarter_start=quarter.start)
    updated = rows.filter(revision=revision).update(rate=rate, revision=F("revision") + 1)
    current = rows.first()
    if current is None:
        raise ActionRefused("Somebody else deleted this rate meanwhile.", code="gone")
    if not updated:
        raise Stale(current)
    recompute_cost_to_serve(since=quarter.start, until=quarter.next().start)
    return current


def _checked(values: Mapping[str, Decimal | None]) -> dict[str, Decimal | None]:
    errors: dict[str, str] = {}
    clean: dict[str, Decimal | None] = {}
    for name, value in values.items():
        if name not in TYPED:
            errors[name] = "There is no such figure."
            continue
        try:
            clean[name] = None if value is None else to_amount(value)
        except AmountError:
            errors[name] = f"Write a number below {AMOUNT_LIMIT:,}."
    spend = clean.get("client_spend")
    if spend is not None and spend < 0:
        errors["client_spend"] = "Client spend cannot be below zero."
    part, whole = clean.get("cost_to_serve_variable"), clean.get("cost_to_serve")
    if part is not None and whole is None and "cost_to_serve" in clean:
        errors["cost_to_serve_variable"] = WHOLE_TOO
    elif part is not None and whole is not None and part > whole:
        errors["cost_to_serve_variable"] = "The variable part cannot be larger than the cost to serve."
    if errors:
        raise FieldErrors(errors)
    return clean


def _facts(account: Account, kind: str, currency: str, status: str, *, is_new: bool) -> dict[str, str]:
    errors: dict[str, str] = {}
    if kind not in Figure.Kind.values:
        errors["kind"] = f"Choose one of: {', '.join(Figure.Kind.values)}."
    if status and status not in Figure.Status.values:
        errors["status"] = f"Choose one of: {', '.join(Figure.Status.values)}."
    if currency and currency not in currency_codes():
        errors["currency"] = f"“{currency}” is no currency; write a code such as EUR."
    if errors:
        raise FieldErrors(errors)
    facts = {"currency": currency or (account.currency if is_new else ""), "status": status}
    return {name: value for name, value in facts.items() if value}


def _create(account: Account, period: Period, place: Mapping[str, object], fields: Mapping[str, object]) -> Figure:
    if not any(isinstance(value, Decimal) for value in fields.values()):
        raise FieldErrors({"": "Fill in at least one figure."})
    _refuse_beside_imported(account, period.start, period.months, str(place["kind"]))
    try:
        with transaction.atomic():
            return Figure.objects.create(**{**place, **fields})
    except IntegrityError:
        raise Stale(Figure.objects.filter(**place).first()) from None


def _refuse_beside_imported(account: Account, start: date, months: int, kind: str) -> None:
    """A typed row beside imported ones would count twice."""
    imported = account.figures.filter(period_start=start, months=months, kind=kind).exclude(key=None)
    if imported.exists():
        raise ActionRefused(
            "Figures of this period came in by import. Change those, so that nothing counts twice.", code="imported"
        )
