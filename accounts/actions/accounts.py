"""Accounts: create, change, archive, bring back. Merging stands in `merging`, owners in `owners`."""

from __future__ import annotations

from typing import TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import connection

from accounts.actions.checks import Problems
from accounts.actions.keys import add_key
from accounts.actions.owners import seat_owner
from accounts.actions.revisions import write
from accounts.domain.hierarchy import would_circle
from accounts.models import Account
from accounts.queries.groups import links_above
from sam.core.audit import action
from sam.core.errors import ActionRefused
from sam.core.models import Organisation, User
from sam.values.money import require_currency

LENGTHS = {"name": 200, "industry": 80, "region": 80, "country": 80, "currency": 3, "website": 200}
HIERARCHY_LOCK = 7_310_001
OPEN = (Account.Status.ACTIVE, Account.Status.PROSPECT)
is_web_address = URLValidator(schemes=["http", "https"])


class AccountValues(TypedDict, total=False):
    """What a person may set on an account. The decided tier is written by scoring's own action."""

    name: str
    parent: Account | None
    status: str
    industry: str
    region: str
    country: str
    currency: str
    website: str
    owner: User | None


@action("created the account")
def create_account(*, by: User | None, source: str = "", key: str = "", **values: Unpack[AccountValues]) -> Account:
    """A new account, with its first key when `key` is given. Raises FieldErrors."""
    values.setdefault("name", "")
    values["currency"] = values.get("currency") or Organisation.objects.current().reporting_currency
    account = Account.objects.create(**_checked(values, None))
    seat_owner([account.pk], account.owner)
    if key:
        add_key(account=account, source=source, key=key, by=by)
    return account


@action("changed the account")
def change_account(*, account: Account, revision: int, by: User | None, **values: Unpack[AccountValues]) -> Account:
    """Change the given values. Raises FieldErrors, Stale, and ActionRefused for a merged account."""
    _refuse_merged(account)
    written = write(account, seen=revision, **_checked(values, account))
    if values.get("owner"):
        seat_owner([account.pk], written.owner)
    return written


@action("archived the account")
def archive_account(*, account: Account, revision: int, by: User | None) -> Account:
    """Take the account out of lists and counts; everything stays readable."""
    _refuse_merged(account)
    return write(account, seen=revision, status=Account.Status.ARCHIVED)


@action("brought the account back")
def restore_account(*, account: Account, revision: int, by: User | None) -> Account:
    """An archived account is active again."""
    if account.status != Account.Status.ARCHIVED:
        raise ActionRefused(f"{account} is not archived.", code="not_archived")
    return write(account, seen=revision, status=Account.Status.ACTIVE)


def _refuse_merged(account: Account) -> None:
    if account.status == Account.Status.MERGED:
        raise ActionRefused(f"{account} was merged into {account.merged_into}. Work there.", code="merged")


def _checked(values: AccountValues, account: Account | None) -> AccountValues:
    problems = Problems()
    checked: AccountValues = {**values, **problems.texts(values, LENGTHS)}  # type: ignore[typeddict-item]
    if "name" in checked and not checked["name"]:
        problems.add("name", "Give the account a name.")
    if "currency" in checked:
        checked["currency"] = _currency(checked["currency"], problems)
    if checked.get("website"):
        _check_website(checked["website"], problems)
    if "status" in checked and checked["status"] not in OPEN:
        problems.add("status", "Choose active or prospect; archiving and merging have their own buttons.")
    problems.active("owner", checked.get("owner"))
    _check_parent(checked.get("parent"), account, problems)
    problems.stop()
    return checked


def _currency(code: str, problems: Problems) -> str:
    try:
        return require_currency(code.upper())
    except ValueError:
        problems.add("currency", "Write the currency as three letters, such as EUR.")
        return ""


def _check_website(address: str, problems: Problems) -> None:
    try:
        is_web_address(address)
    except ValidationError:
        problems.add("website", "Write the whole address, such as https://www.example.com.")


def _check_parent(parent: Account | None, account: Account | None, problems: Problems) -> None:
    if parent is None:
        return
    if parent.status == Account.Status.MERGED:
        problems.add("parent", f"{parent} was merged into {parent.merged_into}. Choose that one.")
    if account is None:
        return
    # Two people who each put the other's account above theirs must not both succeed.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [HIERARCHY_LOCK])
    if would_circle(links_above(parent.pk), str(account.pk), str(parent.pk)):
        problems.add("parent", f"{parent} belongs to the group of {account}, so it cannot stand above it.")
