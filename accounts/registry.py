"""What the accounts contribute to pages of the kernel: search, my day, handing over what somebody held."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from django.urls import reverse

from accounts.actions import people, price_documents
from accounts.actions.activity_rates import load_default_rates
from accounts.actions.dashboard import load_default_dashboard
from accounts.domain import published
from accounts.domain.cadence import CadenceState
from accounts.models import Account, Contact, ImportBatch, Measure, PriceApproval, PriceRequest, SponsorTerm
from accounts.queries.contacts import Person, people_due
from accounts.queries.price_requests import unanswered
from accounts.queries.published import ONLINE_RETAIL
from accounts.queries.targets import Goal, current_year, goals_of
from accounts.queries.team import Sponsorship, sponsorships
from accounts.templatetags.account_figures import warning_words
from sam.core import day, holdings, jobs, orphans, panels, preparation, search, verification
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.jobs import Progress
from sam.core.models import Job, User

MOST_NAMES = 4


def register() -> None:
    verification.register((*published.CASES, ONLINE_RETAIL))
    panels.register_portfolio_tab(
        panels.Tab("Concentration", "accounts:concentration", Permission.PORTFOLIO_FIGURES, order=0)
    )
    orphans.register("imports", ImportBatch, "stored")
    search.register(search.Source("accounts", "Accounts", 10, find_accounts))
    search.register(search.Source("contacts", "People at clients", 20, find_contacts))
    day.register(day.Source("first-accounts", 6, first_account_items))
    day.register(day.Source("sponsors", 10, sponsor_items))
    day.register(day.Source("contacts", 20, contact_items))
    day.register(day.Source("price_requests", 5, price_items))
    jobs.register(PRICE_ANSWER)
    day.register(day.Source("targets", 25, target_items))
    for key, label, move in (
        ("seats", "Seats on accounts", people.reassign_seats),
        ("accounts", "Owned accounts", people.reassign_accounts),
        ("sponsor_terms", "Executive sponsor of", people.reassign_sponsor_terms),
        ("contacts", "Keeps the contact with", people.reassign_contacts),
    ):
        holdings.register(holdings.Holding(f"accounts.{key}", label, _holder(key), move))
    preparation.register(preparation.Step("activity_rates", 35, prepare_first_rates))
    preparation.register(preparation.Step("dashboard", 36, prepare_first_dashboard))


def prepare_first_rates() -> str:
    """A new installation starts with our yearly rates; one that has any keeps what it has."""
    loaded = load_default_rates(by=None)
    return f"{loaded} yearly rates" if loaded else "kept"


def prepare_first_dashboard() -> str:
    """A new installation starts with the proposed dashboard; one that has any keeps what it has."""
    return "version 1 loaded" if load_default_dashboard(by=None) else "kept"


def _holder(key: str) -> Callable[[User], Iterable[str]]:
    return lambda user: people.held_by(user)[key]


# --- first start ------------------------------------------------------------------------------------------


def first_account_items(user: User, today: date) -> Iterable[day.Item]:
    """The first thing in an installation without accounts, for those who may bring them in."""
    if can(user, Permission.BULK_IMPORT) and not Account.objects.exists():
        yield day.Item(
            title="Bring in your accounts",
            note="From a file of your ERP or CRM; a sample portfolio is there to try it",
            url=reverse("accounts:import-list"),
            button="Import",
            icon="upload",
        )


# --- search -----------------------------------------------------------------------------------------------


def find_accounts(user: User, text: str, limit: int) -> Iterable[search.Hit]:
    """Accounts whose name has words that begin like the given ones."""
    for account in Account.objects.visible_to(user).live().matching(text).order_by()[:limit]:
        note = ", ".join(part for part in (account.get_tier_display() if account.tier else "", account.country) if part)
        url = reverse("accounts:account-detail", args=[account.pk])
        yield search.Hit(account.name, note, url, "building-skyscraper")


def find_contacts(user: User, text: str, limit: int) -> Iterable[search.Hit]:
    """Contacts of accounts whose people the person may see."""
    seen = Account.objects.visible_to(user, Permission.PROFILE_VIEW)
    found = Contact.objects.matching(text)
    if Permission.PROFILE_VIEW not in user.role.everywhere:
        found = found.filter(account__in=seen)
    for contact in found.select_related("account").order_by()[:limit]:
        url = reverse("accounts:contact-detail", args=[contact.account_id, contact.pk])
        yield search.Hit(contact.full_name, f"{contact.job_title or 'contact'}, {contact.account}", url, "user")


# --- my day -----------------------------------------------------------------------------------------------


def sponsor_items(user: User, today: date) -> Iterable[day.Item]:
    """Contacts that the person agreed to keep as a sponsor and that are due or late, and pairs that broke."""
    seen = Account.objects.visible_to(user, Permission.PROFILE_VIEW).live()
    terms = list(user.sponsor_terms.open().filter(account__in=seen).select_related("account", "peer"))
    for one in sponsorships(terms, today):
        item = _sponsor_item(one)
        if item is not None:
            yield item


def _sponsor_item(one: Sponsorship) -> day.Item | None:
    term, beat = one.term, one.beat
    here = reverse("accounts:contact-list", args=[term.account_id])
    if term.peer is None or term.peer.status == Contact.Status.LEFT:
        why = f"{term.peer} has left" if term.peer else "You are the sponsor, and nobody there is your pair"
        title = f"Find your pair at {term.account}"
        return day.Item(title, f"{why}.", f"{here}#sponsors", "See its people", "user-question", "warn")
    if beat.state == CadenceState.ON_TIME:
        return None
    late = beat.state == CadenceState.OVERDUE
    words = f"{beat.days_since} days since your last contact" if beat.met else "No contact since you became a pair"
    return day.Item(
        title=f"Call {term.peer}, {term.account}",
        note=f"{words}; you agreed on {term.cadence_days}.",
        url=_log_url(term.account_id, term.peer_id),
        button="Log the contact",
        icon="clock-hour-4",
        tone="bad" if late else "warn",
        due=beat.due_on,
    )


def contact_items(user: User, today: date) -> Iterable[day.Item]:
    """Key people whose contact the person keeps and has not touched within the account's rhythm."""
    pairs = set(SponsorTerm.objects.open().filter(sponsor=user).exclude(peer=None).values_list("account_id", "peer_id"))
    for account, person in people_due(user, today):
        if (account.pk, person.contact.pk) not in pairs and can(user, Permission.TOUCHPOINT_LOG, on=account):
            yield _contact_item(account, person)


def _contact_item(account: Account, person: Person) -> day.Item:
    beat = person.beat
    assert beat is not None  # noqa: S101 - only people with a rhythm are due
    words = f"{beat.days_since} days since anybody spoke to them" if beat.met else "Nobody has spoken to them yet"
    return day.Item(
        title=f"Get in touch with {person.contact}, {account}",
        note=f"{words}; the rhythm here is {beat.days_since - beat.overdue_days} days.",
        url=_log_url(account.pk, person.contact.pk),
        button="Log the contact",
        icon="user-heart",
        tone="warn",
        due=beat.due_on,
    )


def target_items(user: User, today: date) -> Iterable[day.Item]:
    """Early warnings: one line per account for its lead; one line for all of them for whoever keeps the figures."""
    is_keeper = can(user, Permission.FIGURES_EDIT) and can(user, Permission.PORTFOLIO_FIGURES)
    accounts = Account.objects.visible_to(user, Permission.FIGURES_VIEW).live()
    if not is_keeper:
        accounts = accounts.filter(owner=user)
    found = goals_of(accounts, current_year(today), Measure.REVENUE, today)
    if not is_keeper:
        for goal in found.warned:
            yield _warning_item(goal)
    elif found.warned:
        names = [str(goal.account) for goal in found.warned]
        yield day.Item(
            title=f"Early warning: {', '.join(names[:MOST_NAMES])}{' and more' if len(names) > MOST_NAMES else ''}",
            note=f"{len(names)} of {len(found.goals)} accounts are likely to miss the revenue target, {found.label}.",
            url=reverse("accounts:target-list"),
            button="See the targets",
            icon="target-arrow",
            tone="warn",
        )


def _warning_item(goal: Goal) -> day.Item:
    return day.Item(
        title=f"Early warning: {goal.account} is likely to miss its target",
        note=warning_words(goal),
        url=f"{reverse('accounts:figure-list', args=[goal.account.pk])}#target-panel",
        button="See the numbers",
        icon="target-arrow",
        tone="warn",
    )


def _log_url(account_id: int, contact_id: int | None) -> str:
    return f"{reverse('accounts:touchpoint-new', args=[account_id])}?contact={contact_id}"


# --- price requests ---------------------------------------------------------------------------------------


def price_items(user: User, today: date) -> Iterable[day.Item]:
    """Answers that somebody waits for the person to approve, and clients who wait longer than agreed for one."""
    asked = PriceApproval.objects.filter(
        person=user, decision=PriceApproval.Decision.ASKED, request__state=PriceRequest.State.OPEN
    )
    for approval in asked.select_related("request__account", "asked_by"):
        account = approval.request.account
        if can(user, Permission.FIGURES_VIEW, on=account):
            yield day.Item(
                title=f"Approve a price answer, {account}",
                note=f"{approval.asked_by or 'A colleague'} asked you on {approval.asked_on:%-d %B}.",
                url=f"{_room_url(approval.request)}#approval",
                button="Look at it",
                icon="scale",
                tone="warn",
                due=approval.request.answer_due,
            )
    led = user.seats.open().filter(access__in=["lead", "finance_lead"]).values("account")
    for request in unanswered(Account.objects.visible_to(user, Permission.PRICE_EDIT).filter(pk__in=led), today):
        yield day.Item(
            title=f"Answer the price request, {request.account}",
            note=f"Asked on {request.asked_on:%-d %B}; ten working days have passed without an answer.",
            url=_room_url(request),
            button="Open the price room",
            icon="percentage",
            tone="bad",
            due=request.answer_due,
        )


def run_price_answer(job: Job, progress: Progress) -> Mapping[str, Any]:
    made = price_documents.render_document(
        request_id=job.arguments["request"], reader=job.created_by, progress=progress
    )
    return {"request": made.pk, "sha256": made.sha256}


def may_see_price_answer(user: User, job: Job) -> bool:
    request = _request_of(job)
    return request is not None and can(user, Permission.FIGURES_VIEW, on=request.account)


def price_answer_url(job: Job) -> str:
    request = _request_of(job)
    return reverse("accounts:account-list") if request is None else f"{_room_url(request)}#answer"


def _request_of(job: Job) -> PriceRequest | None:
    return PriceRequest.objects.select_related("account").filter(pk=job.arguments.get("request")).first()


def _room_url(request: PriceRequest) -> str:
    return reverse("accounts:price-request-detail", args=[request.account_id, request.pk])


PRICE_ANSWER = jobs.Kind(
    price_documents.JOB_KIND, "Price answer", run_price_answer, may_see_price_answer, price_answer_url
)
