"""The People tab: contacts, what we think of their part, who of us keeps the contact."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.access import account_view
from accounts.actions.contacts import add_contact, change_contact, record_opinion, set_contact_status
from accounts.forms.accounts import ContactForm, OpinionForm, initial_of
from accounts.models import Account, Contact, Touchpoint
from accounts.queries.contacts import is_key, people_of, with_last_touch
from accounts.queries.team import ended_seats, sponsorships
from accounts.views.editing import FormPage
from accounts.views.shell import account_context
from sam.core.authorization.guards import SignedInRequest
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.errors import ActionRefused, FieldErrors
from sam.core.text import whole_number

PAGE = 100
FIELDS = (
    "full_name", "job_title", "function", "level", "email", "phone", "reports_to", "covered_by", "status", "language",
    "no_surveys", "revision",
)  # fmt: skip
TAB = "accounts:contact-list"
LEVEL_ORDER = Case(
    *(When(level=level, then=Value(rank)) for rank, level in enumerate(Contact.Level.values)),
    default=Value(9),
    output_field=IntegerField(),
)


@account_view(Permission.PROFILE_VIEW)
def contact_list(request: SignedInRequest, account: Account) -> HttpResponse:
    today = timezone.localdate()
    opinions = can(request.user, Permission.OPINION_VIEW, on=account)
    chosen = _chosen(request)
    contacts = with_last_touch(_filtered(account, chosen), today)
    listed = Paginator(contacts.select_related("covered_by").order_by(LEVEL_ORDER, "full_name", "pk"), PAGE)
    page = listed.get_page(request.GET.get("page"))
    people = people_of(account, page.object_list, today, opinions=opinions)
    terms = list(account.sponsor_terms.open().select_related("sponsor", "peer"))
    context = account_context(
        request,
        account,
        TAB,
        page=page,
        people=people,
        opinions=opinions,
        chosen=chosen,
        summary=_summary(people),
        sponsorships=sponsorships(terms, today),
        ended_seats=ended_seats(account),
        touchpoints=_latest(account),
        functions=Contact.Function.choices,
        levels=Contact.Level.choices,
    )
    return render(request, "accounts/contact_list.html", context)


def _chosen(request: SignedInRequest) -> dict[str, str]:
    return {name: request.GET.get(name, "").strip() for name in ("q", "function", "level", "covered", "left")}


def _filtered(account: Account, chosen: dict[str, str]) -> QuerySet[Contact]:
    contacts: Any = account.contacts.all()
    if chosen["left"] != "1":
        contacts = contacts.here()
    if chosen["function"] in Contact.Function.values:
        contacts = contacts.filter(function=chosen["function"])
    if chosen["level"] in Contact.Level.values:
        contacts = contacts.filter(level=chosen["level"])
    if chosen["covered"] == "nobody":
        contacts = contacts.filter(covered_by=None)
    if chosen["q"]:
        text = chosen["q"]
        contacts = contacts.filter(Q(full_name__icontains=text) | Q(job_title__icontains=text))
    found: QuerySet[Contact] = contacts
    return found


def _summary(people: list[Any]) -> dict[str, int]:
    key = [person for person in people if is_key(person.contact, person.assessment)]
    return {
        "key": len(key),
        "uncovered": sum(1 for person in key if person.contact.covered_by_id is None),
        "overdue": sum(1 for person in people if person.is_overdue),
    }


def _latest(account: Account, count: int = 6) -> list[Touchpoint]:
    return list(account.touchpoints.prefetch_related("contacts", "people")[:count])


@account_view(Permission.PROFILE_VIEW)
def contact_detail(request: SignedInRequest, account: Account, contact_id: int) -> HttpResponse:
    today = timezone.localdate()
    opinions = can(request.user, Permission.OPINION_VIEW, on=account)
    found = with_last_touch(account.contacts.select_related("covered_by", "reports_to"), today)
    contact = get_object_or_404(found, pk=contact_id)
    history = contact.opinions.select_related("author").order_by("-recorded_on", "-pk")[:20] if opinions else []
    context = account_context(
        request,
        account,
        TAB,
        contact=contact,
        person=people_of(account, [contact], today, opinions=opinions)[0],
        opinions=opinions,
        history=history,
        opinion_form=OpinionForm(),
        reports=contact.reports.here(),
        touchpoints=contact.touchpoints.prefetch_related("contacts", "people")[:20],
        statuses=Contact.Status.choices,
        today=today,
    )
    return render(request, "accounts/contact_detail.html", context)


@account_view(Permission.CONTACT_EDIT)
def contact_new(request: SignedInRequest, account: Account) -> HttpResponse:
    start = {"function": request.GET.get("function", ""), "level": request.GET.get("level", "")}
    return FormPage(
        template="accounts/account_form.html",
        context=account_context(request, account, TAB, form_title="Add a contact", button="Add",
                                cancel_url=reverse(TAB, args=[account.pk])),
        build=lambda data: ContactForm(data, account=account, initial=start),
        save=lambda values: add_contact(account=account, by=request.user, **values),
        done=lambda contact: reverse("accounts:contact-detail", args=[account.pk, contact.pk]),
        message="The contact is added.",
    ).answer(request)  # fmt: skip


@account_view(Permission.CONTACT_EDIT)
def contact_edit(request: SignedInRequest, account: Account, contact_id: int) -> HttpResponse:
    contact = get_object_or_404(account.contacts, pk=contact_id)
    here = reverse("accounts:contact-detail", args=[account.pk, contact.pk])
    return FormPage(
        template="accounts/account_form.html",
        context=account_context(request, account, TAB, form_title=f"Change {contact}", cancel_url=here),
        build=lambda data: ContactForm(data, account=account, contact=contact, initial=initial_of(contact, FIELDS)),
        save=lambda values: change_contact(account=account, contact=contact, by=request.user, **values),
        done=here,
    ).answer(request)


@require_POST
@account_view(Permission.CONTACT_EDIT)
def contact_status(request: SignedInRequest, account: Account, contact_id: int) -> HttpResponse:
    contact = get_object_or_404(account.contacts, pk=contact_id)
    seen = whole_number(request.POST.get("revision", ""))
    try:
        set_contact_status(
            account=account,
            contact=contact,
            status=request.POST.get("status", ""),
            revision=-1 if seen is None else seen,
            by=request.user,
        )
        messages.success(request, "Saved.")
    except ActionRefused as problem:
        messages.error(request, problem.message)
    except FieldErrors as problem:
        messages.error(request, str(problem))
    return redirect("accounts:contact-detail", account.pk, contact.pk)


@account_view(Permission.OPINION_EDIT)
def opinion_record(request: SignedInRequest, account: Account, contact_id: int) -> HttpResponse:
    contact = get_object_or_404(account.contacts, pk=contact_id)
    here = reverse("accounts:contact-detail", args=[account.pk, contact.pk])

    def save(values: dict[str, Any]) -> str:
        given = {kind: values[kind] for kind in ("influence", "stance") if values[kind] is not None}
        if not given:
            raise FieldErrors({"influence": "Choose an influence or a stance."})
        for kind, value in given.items():
            record_opinion(
                account=account, contact=contact, kind=kind, value=value, by=request.user,
                confirmed=values["confirmed"], source=values["source"],
            )  # fmt: skip
        return "Recorded. It counts for twelve months."

    return FormPage(
        template="accounts/account_form.html",
        context=account_context(request, account, TAB, form_title=f"What we think of {contact}'s part", cancel_url=here,
                                internal=True),
        build=OpinionForm,
        save=save,
        done=here,
    ).answer(request)  # fmt: skip
