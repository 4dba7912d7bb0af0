"""Writing what outcomes are worth to the client and to us."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db.models import F
from django.utils import timezone

from accounts.domain.places import currency_codes
from accounts.models import Account
from sam.core.audit import action
from sam.core.errors import FieldErrors, Stale
from sam.core.models import User
from scoring.models import OutcomeWorth


@action("recorded what an outcome is worth")
def add_worth(
    *,
    account: Account,
    outcome: str,
    client_amount: Decimal | None,
    our_amount: Decimal | None,
    currency: str,
    basis: str,
    confirmed: bool,
    on: date,
    by: User | None,
) -> OutcomeWorth:
    """FieldErrors: no outcome, nothing it rests on, no amount, a negative one, an unknown currency, a day to come."""
    values = _checked(outcome, client_amount, our_amount, currency, basis, confirmed, on)
    return OutcomeWorth.objects.create(account=account, author=by, **values)


@action("changed what an outcome is worth")
def edit_worth(
    *,
    account: Account,
    worth: OutcomeWorth,
    revision: int,
    outcome: str,
    client_amount: Decimal | None,
    our_amount: Decimal | None,
    currency: str,
    basis: str,
    confirmed: bool,
    on: date,
    by: User | None,
) -> OutcomeWorth:
    """FieldErrors as for a new one; Stale when somebody changed it meanwhile. The author is who changed it last."""
    values = _checked(outcome, client_amount, our_amount, currency, basis, confirmed, on)
    rows = OutcomeWorth.objects.filter(pk=worth.pk, account=account, revision=revision)
    changed = rows.update(author=by, revision=F("revision") + 1, **values)
    worth.refresh_from_db()
    if not changed:
        raise Stale(worth)
    return worth


@action("removed what an outcome is worth")
def remove_worth(*, account: Account, worth: OutcomeWorth, revision: int, by: User | None) -> None:
    """The trail keeps it. Stale when somebody changed it meanwhile."""
    deleted, _ = OutcomeWorth.objects.filter(pk=worth.pk, account=account, revision=revision).delete()
    if not deleted:
        worth.refresh_from_db()
        raise Stale(worth)


def _checked(
    outcome: str,
    client_amount: Decimal | None,
    our_amount: Decimal | None,
    currency: str,
    basis: str,
    confirmed: bool,
    on: date,
) -> dict[str, object]:
    errors: dict[str, str] = {}
    if not outcome.strip():
        errors["outcome"] = "Say what the client gets: fewer stops, less energy, a faster start."
    if not basis.strip():
        errors["basis"] = "Say what the amounts rest on: whose figures, which calculation."
    if client_amount is None and our_amount is None:
        errors["client_amount"] = "Give what it is worth to the client, to us, or both."
    for name, amount in (("client_amount", client_amount), ("our_amount", our_amount)):
        if amount is not None and amount < 0:
            errors[name] = "An outcome is worth nothing or more."
    if currency not in currency_codes():
        errors["currency"] = "Give a currency code such as EUR."
    if on > timezone.localdate():
        errors["on"] = "That day is still to come."
    if errors:
        raise FieldErrors(errors)
    return {
        "outcome": outcome.strip(),
        "client_amount": client_amount,
        "our_amount": our_amount,
        "currency": currency,
        "basis": basis.strip(),
        "confirmed": confirmed,
        "on": on,
    }
