"""What we delivered to the client, as the counter-argument to a price request: the value log registers itself here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from accounts.models import Account
from sam.core.models import User


@dataclass(frozen=True, slots=True)
class ValueDelivered:
    """Value of twelve months in the account's currency: agreed with the client, and of it validated by them."""

    agreed: Decimal
    validated: Decimal
    url: str = ""


Source = Callable[[Account, User, date], ValueDelivered | None]
_sources: list[Source] = []


def register(source: Source) -> None:
    """`source(account, user, today)` gives what the person may see; None where nothing is logged."""
    _sources.append(source)


def value_delivered(account: Account, user: User, today: date) -> ValueDelivered | None:
    """The first source that knows something; None: there is no value log yet, or it is empty."""
    return next((found for source in _sources if (found := source(account, user, today))), None)
