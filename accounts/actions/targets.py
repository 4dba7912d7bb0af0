"""Targets of a year and forecasts against them. A changed target keeps the old one; a forecast is only ever added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from accounts.domain import targets as domain
from accounts.domain.places import currency_codes
from accounts.models import Account, Forecast, Measure, Target
from accounts.queries.fiscal import fiscal_quarters
from sam.core.audit import action
from sam.core.errors import ActionRefused, FieldErrors, Stale
from sam.core.models import User
from sam.values.money import AMOUNT_LIMIT, AmountError, to_amount

LONGEST_TEXT = 300
FIRST_YEAR, LAST_YEAR = 1990, 2200


@dataclass(frozen=True, slots=True)
class Wanted:
    """A target as somebody typed it. `quarters`: four amounts where `spread` is typed by quarter, else nothing."""

    amount: Decimal
    spread: str = Target.Spread.LAST_YEAR
    quarters: Sequence[Decimal] = ()
    currency: str = ""
    reason: str = ""


@action("set a target")
def set_target(
    *,
    account: Account,
    year: int,
    measure: str,
    wanted: Wanted,
    by: User | None,
    revision: int | None = None,
    on: date | None = None,
) -> Target:
    """The account's target of a fiscal year. Raises FieldErrors, Stale.

    `revision` None sets the first one; a number names the target that the person saw, which stays as a row of its
    own with the day it ended. Changing one needs a reason. `on`: the day it holds from, today when not given.
    """
    facts = _target_facts(account, year, measure, wanted, is_change=revision is not None)
    facts |= {"set_by": by, "set_on": on or timezone.localdate()}
    place = {"account": account, "year": year, "measure": measure}
    if revision is None:
        try:
            with transaction.atomic():
                return Target.objects.create(**place, **facts)
        except IntegrityError:
            raise Stale(Target.objects.current().get(**place)) from None
    current = Target.objects.current().select_for_update().filter(**place).first()
    if current is None:
        raise ActionRefused("There is no target to change any more.", code="gone")
    if current.revision != revision:
        raise Stale(current)
    _keep(current, facts["set_on"])
    Target.objects.filter(pk=current.pk).update(**facts, revision=F("revision") + 1)
    current.refresh_from_db()
    return current


def _keep(current: Target, ended: date) -> None:
    """A copy of the target that is about to change; the current row keeps its number."""
    kept = Target.objects.get(pk=current.pk)
    kept.pk = None
    kept._state.adding = True
    kept.superseded_on = ended
    kept.save()


@action("made a forecast")
def make_forecast(
    *,
    account: Account,
    year: int,
    measure: str,
    amount: Decimal,
    basis: str,
    by: User | None,
    note: str = "",
    currency: str = "",
    on: date | None = None,
) -> Forecast:
    """What is expected for the whole fiscal year, and on what ground. Raises FieldErrors."""
    errors = _place_errors(year, measure)
    currency = _currency(account, currency, errors)
    stored = _amount(amount, "amount", errors, may_be_negative=True)
    if basis not in Forecast.Basis.values:
        errors["basis"] = f"Choose one of: {', '.join(label.lower() for label in Forecast.Basis.labels)}."
    if len(note) > LONGEST_TEXT:
        errors["note"] = f"Write at most {LONGEST_TEXT} characters."
    if errors:
        raise FieldErrors(errors)
    return Forecast.objects.create(
        account=account,
        year=year,
        measure=measure,
        currency=currency,
        amount=stored,
        basis=basis,
        note=note.strip(),
        made_by=by,
        made_on=on or timezone.localdate(),
    )


def _target_facts(account: Account, year: int, measure: str, wanted: Wanted, *, is_change: bool) -> dict[str, Any]:
    errors = _place_errors(year, measure)
    currency = _currency(account, wanted.currency, errors)
    amount = _amount(wanted.amount, "amount", errors)
    reason = wanted.reason.strip()
    if is_change and not reason:
        errors["reason"] = "Say why the target changes; the old one stays readable beside it."
    elif len(reason) > LONGEST_TEXT:
        errors["reason"] = f"Write at most {LONGEST_TEXT} characters."
    if wanted.spread not in Target.Spread.values:
        errors["spread"] = f"Choose one of: {', '.join(Target.Spread.values)}."
    quarters: Sequence[Decimal] = ()
    if not errors:
        quarters = _quarters(account, year, measure, wanted, amount, currency, errors)
    if errors:
        raise FieldErrors(errors)
    named = {f"quarter_{number}": part for number, part in enumerate(quarters, start=1)}
    return {"currency": currency, "amount": amount, "spread": wanted.spread, "reason": reason, **named}


def _quarters(
    account: Account,
    year: int,
    measure: str,
    wanted: Wanted,
    amount: Decimal,
    currency: str,
    errors: dict[str, str],
) -> Sequence[Decimal]:
    if wanted.spread == Target.Spread.EVEN:
        return domain.spread(amount)
    if wanted.spread == Target.Spread.LAST_YEAR:
        last = fiscal_quarters([account.pk], year - 1).amounts(account.pk, measure, currency)
        return domain.spread(amount, last)
    parts = [_amount(part, f"quarter_{number}", errors) for number, part in enumerate(wanted.quarters, start=1)]
    if len(parts) != domain.QUARTERS:
        errors["quarter_1"] = "Write all four quarters."
    elif not errors and sum(parts, Decimal(0)) != amount:
        errors["amount"] = f"The four quarters add up to {sum(parts, Decimal(0)):,f}, not to the year’s amount."
    return parts


def _place_errors(year: int, measure: str) -> dict[str, str]:
    errors: dict[str, str] = {}
    if not FIRST_YEAR <= year <= LAST_YEAR:
        errors["year"] = f"Write a year from {FIRST_YEAR} to {LAST_YEAR}."
    if measure not in Measure.values:
        errors["measure"] = f"Choose one of: {', '.join(Measure.values)}."
    return errors


def _currency(account: Account, given: str, errors: dict[str, str]) -> str:
    currency = given or account.currency
    if currency not in currency_codes():
        errors["currency"] = f"“{currency}” is no currency; write a code such as EUR."
    return currency


def _amount(amount: Decimal, field: str, errors: dict[str, str], *, may_be_negative: bool = False) -> Decimal:
    try:
        stored = to_amount(amount)
    except AmountError:
        errors[field] = f"Write a number below {AMOUNT_LIMIT:,}."
        return Decimal(0)
    if stored < 0 and not may_be_negative:
        errors[field] = "A target cannot be below zero."
    return stored
