"""The yearly rates behind cost to serve, cost of receivables and lifetime value."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from accounts.actions.serving import recompute_cost_to_serve
from accounts.domain.drivers import DRIVERS, Unit
from accounts.domain.places import currency_codes
from accounts.models import ActivityRate
from sam.core.audit import action
from sam.core.errors import ActionRefused, FieldErrors, Stale
from sam.core.models import Organisation, User
from sam.values.money import AMOUNT_LIMIT, AmountError, to_amount

YEARS_BACK = 2
"""Eight closed quarters reach at most two calendar years back."""


@action("set a yearly rate")
def set_activity_rate(
    *,
    driver: str,
    year: int,
    amount: Decimal,
    by: User | None,
    currency: str = "",
    variable: bool | None = None,
    revision: int | None = None,
) -> ActivityRate:
    """What one unit of `driver` costs in `year` (a fraction or years for some). Raises FieldErrors, Stale.

    `currency`: the reporting one when empty; `variable` None keeps what is stored, or the driver's own word.
    """
    facts = _checked(driver, year, amount, currency)
    if variable is not None:
        facts["variable"] = variable
    rows = ActivityRate.objects.filter(driver=driver, year=year)
    if revision is None:
        try:
            with transaction.atomic():
                row = ActivityRate.objects.create(
                    driver=driver, year=year, **{"variable": DRIVERS[driver].variable, **facts}
                )
        except IntegrityError:
            raise FieldErrors({"driver": f"There is a rate of {year} already. Change it."}) from None
    else:
        updated = rows.filter(revision=revision).update(**facts, revision=F("revision") + 1)
        current = rows.first()
        if current is None:
            raise ActionRefused("Somebody else deleted this rate meanwhile.", code="gone")
        if not updated:
            raise Stale(current)
        row = current
    _recompute(year)
    return row


@action("copied the rates of a year")
def copy_rates(*, year: int, into: int, by: User | None) -> int:
    """Rates of `year` that `into` has not yet; how many. Raises ActionRefused when there are none to copy."""
    if not 1990 <= into <= 2200:
        raise ActionRefused("Choose a year from 1990 to 2200.", code="bad_year")
    there = set(ActivityRate.objects.filter(year=into).values_list("driver", flat=True))
    rows = [row for row in ActivityRate.objects.filter(year=year) if row.driver not in there]
    if not rows:
        raise ActionRefused(f"{into} has every rate of {year} already.", code="nothing_to_copy")
    made = ActivityRate.objects.bulk_create(
        ActivityRate(driver=row.driver, year=into, amount=row.amount, currency=row.currency, variable=row.variable)
        for row in rows
    )
    _recompute(into)
    return len(made)


@action("loaded the first yearly rates")
def load_default_rates(*, by: User | None) -> int:
    """Our proposal for this year and the two before; nothing when there is any rate already. How many rows."""
    if ActivityRate.objects.exists():
        return 0
    year, currency = timezone.localdate().year, Organisation.objects.current().reporting_currency
    made = ActivityRate.objects.bulk_create(
        ActivityRate(
            driver=driver.key,
            year=each,
            amount=driver.amount,
            currency=currency if driver.is_counted else "",
            variable=driver.variable,
        )
        for each in range(year - YEARS_BACK, year + 1)
        for driver in DRIVERS.values()
    )
    recompute_cost_to_serve()
    return len(made)


def _recompute(year: int) -> None:
    """A rate counts for the periods that start in its year."""
    recompute_cost_to_serve(since=date(year, 1, 1), until=date(year + 1, 1, 1))


def _checked(driver: str, year: int, amount: Decimal, currency: str) -> dict[str, object]:
    errors: dict[str, str] = {}
    if driver not in DRIVERS:
        raise FieldErrors({"driver": f"Choose one of: {', '.join(DRIVERS)}."})
    known = DRIVERS[driver]
    if not 1990 <= year <= 2200:
        errors["year"] = "Write a year from 1990 to 2200."
    if known.is_counted:
        currency = currency or Organisation.objects.current().reporting_currency
        if currency not in currency_codes():
            errors["currency"] = f"“{currency}” is no currency; write a code such as EUR."
    else:
        currency = ""
    try:
        stored = to_amount(amount)
    except AmountError:
        raise FieldErrors({**errors, "amount": f"Write a number below {AMOUNT_LIMIT:,}."}) from None
    if stored < 0:
        errors["amount"] = "A rate cannot be below zero."
    elif known.unit is Unit.FRACTION and stored > 1:
        errors["amount"] = "Write a fraction from 0 to 1; 0.07 is 7 %."
    elif known.unit is Unit.YEARS and (not 1 <= stored <= 50 or stored != int(stored)):
        errors["amount"] = "Write whole years from 1 to 50."
    if errors:
        raise FieldErrors(errors)
    return {"amount": stored, "currency": currency}
