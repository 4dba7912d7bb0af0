"""The demo company's people, accounts, figures, contacts and touchpoints; other apps find them by name and e-mail."""

from datetime import date

from accounts.demo.accounts import build_accounts
from accounts.demo.contacts import build_contacts
from accounts.demo.figures import build_figures
from accounts.demo.people import build_people
from accounts.demo.price_requests import build_price_requests
from accounts.demo.targets import build_targets
from accounts.demo.teams import build_teams
from accounts.models import Account

__all__ = ["build"]

FIRST = "Oremund Chemie AG"


def build(today: date) -> None:
    """Build everything once: what is there already stays as it is. Dates keep their distance to `today`."""
    if Account.objects.filter(name=FIRST).exists():
        return
    people = build_people()
    accounts = build_accounts(people)
    build_figures(accounts, today)
    build_targets(accounts, people, today)
    terms = build_teams(accounts, people, today)
    build_contacts(accounts, people, terms, today)
    build_price_requests(accounts, people, today)
