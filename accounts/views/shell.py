"""What every page of an account shares: its head, its tabs, what the person may do here."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from django.urls import NoReverseMatch, reverse

from accounts.models import Account
from accounts.queries.team import Team, team_of
from sam.core import panels
from sam.core.authorization.guards import SignedInRequest
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.models import User

OWN_TABS = (
    panels.Tab("Overview", "accounts:account-detail", Permission.ACCOUNT_VIEW, 0),
    panels.Tab("Numbers", "accounts:figure-list", Permission.FIGURES_VIEW, 20),
    panels.Tab("People", "accounts:contact-list", Permission.PROFILE_VIEW, 30),
    panels.Tab("Activity", "accounts:activity-list", Permission.PROFILE_VIEW, 90),
)
PERMISSIONS = {permission.value: permission for permission in Permission}


@dataclass(frozen=True, slots=True)
class TabLink:
    label: str
    url: str
    current: bool
    count: int | None = None


class May:
    """`may.figures_view` in a template: whether the person holds that permission on this account."""

    def __init__(self, user: User, account: Account | None) -> None:
        self._user, self._account = user, account

    def __getattr__(self, name: str) -> bool:
        permission = PERMISSIONS.get(name)
        if permission is None:
            raise AttributeError(name)
        return can(self._user, permission, on=self._account)


def account_context(request: SignedInRequest, account: Account, tab: str, **more: Any) -> dict[str, Any]:
    """Context of `accounts/account_base.html`: pages of higher apps under /accounts/<id>/ use it too.

    `tab` is the URL name of the current tab. `team` is one query, and only for those who may see it.
    """
    may = May(request.user, account)
    team = team_of(account) if may.profile_view else Team((), ())
    return {
        "account": account,
        "may": may,
        "team": team,
        "tabs": account_tabs(account, request.user, tab),
        # Asked for only by the page that shows them.
        "header_buttons": partial(header_buttons, account, request.user),
        **more,
    }


def header_buttons(account: Account, user: User) -> list[panels.Button]:
    """What higher apps put into the head of the overview, for those who may."""
    made = [entry.build(account, user) for entry in panels.header_actions() if can(user, entry.permission, on=account)]
    return [button for button in made if button is not None]


def account_tabs(account: Account, user: User, current: str) -> list[TabLink]:
    """Own and registered tabs that the person may open, in their order."""
    known = sorted((*OWN_TABS, *panels.tabs()), key=lambda tab: tab.order)
    return [
        TabLink(tab.label, account_url(tab.url_name, account.pk), tab.url_name == current)
        for tab in known
        if can(user, tab.permission, on=account)
    ]


def account_url(name: str, account_id: int) -> str:
    """The address of a page that takes the account's number and nothing else."""
    before, after = _around_number(name)
    return f"{before}{account_id}{after}"


@cache
def _around_number(name: str) -> tuple[str, str]:
    """Working an address out takes longer than anything else about a link, so it is done once per page."""
    any_account = 1_000_000_007
    before, after = reverse(name, args=[any_account]).split(str(any_account))
    return before, after


def url_if_known(name: str, *args: Any) -> str:
    """The address of a page that another part provides, or nothing where it does not exist."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
