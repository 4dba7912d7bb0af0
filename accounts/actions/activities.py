"""How often activities were done for an account: typed rows, and corrections of imported ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import F

from accounts.actions.serving import recompute_cost_to_serve
from accounts.domain.drivers import COUNTED, DRIVERS
from accounts.models import Account, AccountKey, ActivityVolume
from sam.core.audit import action
from sam.core.errors import ActionRefused, FieldErrors, Stale
from sam.core.models import User
from sam.values.money import AMOUNT_LIMIT, AmountError, to_amount
from sam.values.periods import Period


@dataclass(frozen=True, slots=True)
class Told:
    """A quantity that somebody typed; `revision` None where they saw no row. Quantity None removes the row."""

    quantity: Decimal | None
    revision: int | None = None


@action("set an activity")
def set_volume(
    *,
    account: Account,
    period: Period,
    driver: str,
    quantity: Decimal,
    revision: int | None,
    by: User | None,
    key: AccountKey | None = None,
) -> ActivityVolume:
    """How often `driver` happened in the period; `key`: the imported row to correct. Raises FieldErrors, Stale,
    and ActionRefused where imported rows of the same activity would count beside a typed one."""
    row = _write(account, period, driver, quantity, revision, key)
    recompute_cost_to_serve([account.pk])
    return row


@action("set activities")
def set_volumes(*, account: Account, period: Period, told: Mapping[str, Told], by: User | None) -> int:
    """Typed quantities of one period; how many rows changed. All or none: raises as `set_volume` does."""
    changed = 0
    rows = {row.driver: row for row in account.activity_volumes.filter(**_typed(period))}
    for driver, one in told.items():
        row = rows.get(driver)
        if one.quantity is None:
            changed += row is not None and _delete(account, row, one.revision)
        elif row is None or one.revision != row.revision or row.quantity != one.quantity:
            _write(account, period, driver, one.quantity, one.revision, None)
            changed += 1
    recompute_cost_to_serve([account.pk])
    return changed


@action("deleted an activity")
def delete_volume(*, account: Account, volume: ActivityVolume, revision: int, by: User | None) -> None:
    """Raises Stale when somebody changed it since."""
    _delete(account, volume, revision)
    recompute_cost_to_serve([account.pk])


def _typed(period: Period) -> dict[str, object]:
    return {"key": None, "period_start": period.start, "months": period.months}


def _write(
    account: Account, period: Period, driver: str, quantity: Decimal, revision: int | None, key: AccountKey | None
) -> ActivityVolume:
    amount = _checked(driver, quantity)
    place = {**_typed(period), "account": account, "key": key, "driver": driver}
    rows = ActivityVolume.objects.filter(**place)
    if revision is None:
        _refuse_beside_imported(account, period, driver)
        try:
            with transaction.atomic():
                return ActivityVolume.objects.create(**place, quantity=amount)
        except IntegrityError:
            raise Stale(rows.first()) from None
    updated = rows.filter(revision=revision).update(quantity=amount, revision=F("revision") + 1)
    current = rows.first()
    if current is None:
        raise ActionRefused("Somebody else deleted this activity meanwhile.", code="gone")
    if not updated:
        raise Stale(current)
    return current


def _delete(account: Account, row: ActivityVolume, revision: int | None) -> bool:
    seen = account.activity_volumes.filter(pk=row.pk, revision=revision) if revision is not None else None
    if seen is None or not seen.delete()[0]:
        current = account.activity_volumes.filter(pk=row.pk).first()
        if current is None:
            raise ActionRefused("Somebody else deleted this activity meanwhile.", code="gone")
        raise Stale(current)
    return True


def _checked(driver: str, quantity: Decimal) -> Decimal:
    if driver not in COUNTED:
        raise FieldErrors({"driver": f"Choose one of: {', '.join(COUNTED)}."})
    try:
        amount = to_amount(quantity)
    except AmountError:
        raise FieldErrors({"quantity": f"Write a number below {AMOUNT_LIMIT:,}."}) from None
    if amount < 0:
        raise FieldErrors({"quantity": f"{DRIVERS[driver].label} cannot be below zero."})
    return amount


def _refuse_beside_imported(account: Account, period: Period, driver: str) -> None:
    imported = account.activity_volumes.filter(period_start=period.start, months=period.months, driver=driver)
    if imported.exclude(key=None).exists():
        raise ActionRefused(
            f"{DRIVERS[driver].label} of this period came in by import. Change those, so that nothing counts twice.",
            code="imported",
        )
