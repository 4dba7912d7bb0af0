"""Keys: what other systems call an account."""

from __future__ import annotations

from datetime import date

from django.db import IntegrityError, transaction

from accounts.actions.checks import Problems
from accounts.models import Account, AccountKey
from sam.core.audit import action
from sam.core.errors import ActionRefused, FieldErrors
from sam.core.models import User


@action("added a key")
def add_key(
    *,
    account: Account,
    key: str,
    by: User | None,
    source: str = "",
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> AccountKey:
    """Rows that other systems send under this key land on the account from now on. Raises FieldErrors."""
    problems = Problems()
    source = problems.text("source", source, 40) or "import"
    key = problems.text("key", key, 120)
    if not key:
        problems.add("key", "Write the number or name that the other system uses.")
    if valid_from and valid_to and valid_to < valid_from:
        problems.add("valid_to", "The last day lies before the first.")
    problems.stop()
    try:
        with transaction.atomic():
            return AccountKey.objects.create(
                account=account, source=source, key=key, valid_from=valid_from, valid_to=valid_to
            )
    except IntegrityError:
        raise FieldErrors({"key": _taken(account, source, key, by)}) from None


@action("removed a key")
def remove_key(*, account: Account, key: AccountKey, by: User | None) -> None:
    """Raises ActionRefused while figures stand under the key: they would lose where they came from."""
    rows = key.figures.count()
    if rows:
        raise ActionRefused(
            f"{rows} rows of figures came in under {key.key}. Merge or delete them first.", code="key_in_use"
        )
    key.delete()


def _taken(account: Account, source: str, key: str, by: User | None) -> str:
    holder = Account.objects.filter(keys__source=source, keys__key=key)
    if holder.filter(pk=account.pk).exists():
        return f"{key} of {source} is a key of this account already."
    # A name is only told to somebody who may see that account.
    named = holder.visible_to(by).first() if by else holder.first()
    return f"{key} of {source} belongs to {named or 'another account'}. A key means one account."
