"""Seats and sponsor terms of an account."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from accounts.access import account_view
from accounts.actions.seats import change_seat, end_seat, give_seat
from accounts.actions.sponsors import change_term, end_term, start_term
from accounts.forms.accounts import EndForm, SeatForm, SponsorForm, initial_of
from accounts.models import Account, TeamSeat
from accounts.views.editing import FormPage
from accounts.views.shell import account_context
from sam.core.authorization.guards import SignedInRequest
from sam.core.authorization.permissions import Permission

TAB = "accounts:contact-list"
TEMPLATE = "accounts/account_form.html"


def team_url(account: Account) -> str:
    return reverse(TAB, args=[account.pk]) + "#team"


@account_view(Permission.TEAM_EDIT)
def seat_new(request: SignedInRequest, account: Account) -> HttpResponse:
    role = request.GET.get("role", "")
    start = {"role": role if role in TeamSeat.Role.values else TeamSeat.Role.TECHNICAL}
    return FormPage(
        template=TEMPLATE,
        context=account_context(request, account, TAB, form_title="Add to the team", button="Add to the team",
                                cancel_url=team_url(account)),
        build=lambda data: SeatForm(data, account=account, initial=start),
        save=lambda values: f"{give_seat(account=account, by=request.user, **values).user} is on the team.",
        done=team_url(account),
    ).answer(request)  # fmt: skip


@account_view(Permission.TEAM_EDIT)
def seat_edit(request: SignedInRequest, account: Account, seat_id: int) -> HttpResponse:
    seat = get_object_or_404(account.seats.select_related("user"), pk=seat_id, ends_on=None)
    start = initial_of(seat, ("role", "access", "allocation", "core", "revision"))
    return FormPage(
        template=TEMPLATE,
        context=account_context(request, account, TAB, form_title=f"Seat of {seat.user}", cancel_url=team_url(account)),
        build=lambda data: SeatForm(data, account=account, seat=seat, initial=start),
        save=lambda values: change_seat(account=account, seat=seat, by=request.user, **values),
        done=team_url(account),
    ).answer(request)


@account_view(Permission.TEAM_EDIT)
def seat_end(request: SignedInRequest, account: Account, seat_id: int) -> HttpResponse:
    seat = get_object_or_404(account.seats.select_related("user"), pk=seat_id, ends_on=None)
    return FormPage(
        template=TEMPLATE,
        context=account_context(request, account, TAB, form_title=f"End the seat of {seat.user}", button="End the seat",
                                cancel_url=team_url(account)),
        build=lambda data: EndForm(data, initial={"revision": seat.revision}),
        save=lambda values: end_seat(account=account, seat=seat, by=request.user, **values),
        done=team_url(account),
        message=f"The seat of {seat.user} ends. Their access ends with it.",
    ).answer(request)  # fmt: skip


@account_view(Permission.TEAM_EDIT)
def term_new(request: SignedInRequest, account: Account) -> HttpResponse:
    return FormPage(
        template=TEMPLATE,
        context=account_context(request, account, TAB, form_title="Name a sponsor", button="Name the sponsor",
                                cancel_url=team_url(account)),
        build=lambda data: SponsorForm(data, account=account),
        save=lambda values: f"{start_term(account=account, by=request.user, **values).sponsor} is the sponsor.",
        done=team_url(account),
    ).answer(request)  # fmt: skip


@account_view(Permission.TEAM_EDIT)
def term_edit(request: SignedInRequest, account: Account, term_id: int) -> HttpResponse:
    term = get_object_or_404(account.sponsor_terms.select_related("sponsor"), pk=term_id, ends_on=None)
    start = initial_of(term, ("peer", "cadence_days", "revision"))
    return FormPage(
        template=TEMPLATE,
        context=account_context(request, account, TAB, form_title=f"Sponsor {term.sponsor}",
                                cancel_url=team_url(account)),
        build=lambda data: SponsorForm(data, account=account, term=term, initial=start),
        save=lambda values: change_term(account=account, term=term, by=request.user, **values),
        done=team_url(account),
    ).answer(request)  # fmt: skip


@account_view(Permission.TEAM_EDIT)
def term_end(request: SignedInRequest, account: Account, term_id: int) -> HttpResponse:
    term = get_object_or_404(account.sponsor_terms.select_related("sponsor"), pk=term_id, ends_on=None)
    return FormPage(
        template=TEMPLATE,
        context=account_context(request, account, TAB, form_title=f"End the term of {term.sponsor}",
                                button="End the term", cancel_url=team_url(account)),
        build=lambda data: EndForm(data, initial={"revision": term.revision}),
        save=lambda values: end_term(account=account, term=term, by=request.user, **values),
        done=team_url(account),
        message=f"The term of {term.sponsor} ends.",
    ).answer(request)  # fmt: skip
