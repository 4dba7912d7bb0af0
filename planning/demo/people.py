"""People of the demo company and of its clients, found by name."""

from __future__ import annotations

from accounts.models import Account, Contact
from sam.core.models import User

People = dict[str, User]


def demo_people() -> People:
    """Ours by their first name."""
    return {user.display_name.split()[0]: user for user in User.objects.filter(is_demo=True)}


def client_people(account: Account) -> dict[str, Contact]:
    """Theirs by their last name."""
    return {contact.full_name.split()[-1]: contact for contact in account.contacts.all()}
