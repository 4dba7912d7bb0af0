"""Price requests of an account: the list, the room with its what-if, and the form behind it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from accounts.access import account_view
from accounts.actions.price_requests import change_price_request, open_price_request
from accounts.domain.price_request import ANSWER_DAYS, AT_RISK, GIVE_GET, LEVELS
from accounts.forms.accounts import initial_of
from accounts.forms.price_requests import AskForm, PriceRequestForm, WhatIfForm
from accounts.models import Account, PriceRequest
from accounts.queries.account_pnl import AccountPnl, account_pnl
from accounts.queries.price_approvers import approvers_of, authority_of
from accounts.queries.price_requests import Room, requests_of, room_of, what_if
from accounts.views.editing import FormPage
from accounts.views.shell import account_context
from sam.core.authorization.guards import SignedInRequest, wants_partial
from sam.core.authorization.permissions import Permission
from sam.core.models import User
from sam.values.periods import last_closed_quarter

TAB = "accounts:figure-list"
ROOM = "accounts:price-request-detail"
FIELDS = (
    "asked_on", "asked_cut", "asked_by_words", "starts_on", "until", "reason", "client_spend", "spend_free",
    "spend_free_by", "volume_at_risk", "target_cut", "walk_away_cut", "plan_note", "answer_text", "revision",
)  # fmt: skip
LINE_FIELDS = ("name", "revenue", "asked_cut", "answered_cut", "favoured_account", "favoured_revenue")
PAIR_FIELDS = ("give", "ask", "value", "note")


def request_of(account: Account, price_id: int) -> PriceRequest:
    return get_object_or_404(requests_of(account).select_related("account", "job"), pk=price_id)


@account_view(Permission.FIGURES_VIEW)
def price_request_list(request: SignedInRequest, account: Account) -> HttpResponse:
    context = account_context(request, account, TAB, price_requests=list(requests_of(account)), answer_days=ANSWER_DAYS)
    return render(request, "accounts/price_request_list.html", context)


@account_view(Permission.FIGURES_VIEW)
def price_request_detail(request: SignedInRequest, account: Account, price_id: int) -> HttpResponse:
    """The room. With other inputs in the address the sums answer them; as a partial, they alone."""
    asked = request_of(account, price_id)
    room = room_of(asked, request.user)
    form = WhatIfForm(request.GET if any(name in request.GET for name in ("cut", "cost", "risk")) else None)
    is_other = form.is_asked
    sums = what_if(asked, room.basis, form.inputs) if is_other else room.asked
    here: dict[str, Any] = {"room": room, "what_if": form, "sums": sums, "is_other": is_other}
    if wants_partial(request):
        return render(request, "accounts/_price_sums.html", {**here, "account": account})
    return render(
        request,
        "accounts/price_request_detail.html",
        account_context(request, account, TAB, **here, levels=LEVELS, **_approval(request, account, room)),
    )


def _approval(request: SignedInRequest, account: Account, room: Room) -> dict[str, Any]:
    """What the person may do about the approval: ask, sign for the team, or decide above it."""
    if room.level is None or not room.request.is_open:
        return {}
    held = authority_of(request.user, account)
    people = approvers_of(account, room.level, besides=request.user)
    return {
        "ask_form": AskForm(people=people, initial={"person": people[0].pk}) if people else None,
        "decide_url": _decide_url(room, held.key if held and held.rank >= room.level.rank else ""),
    }


def _decide_url(room: Room, held: str) -> str:
    name = "accounts:price-sign" if held == "team" else "accounts:price-approve"
    return reverse(name, args=[room.request.account_id, room.request.pk]) if held else ""


# --- the form -----------------------------------------------------------------------------------------------------


@account_view(Permission.PRICE_EDIT)
def price_request_new(request: SignedInRequest, account: Account) -> HttpResponse:
    pnl = account_pnl(account, last_closed_quarter(timezone.localdate()))
    start = {"asked_on": timezone.localdate(), "volume_at_risk": AT_RISK, "client_spend": pnl.year.lines.client_spend}
    return FormPage(
        template="accounts/price_request_form.html",
        context=_form_context(request, account, "A client asks for a lower price",
                              reverse("accounts:price-request-list", args=[account.pk]), pnl.currency),
        build=lambda data: PriceRequestForm(
            data, account=account, user=request.user, initial=start, lines=_offers(pnl), give_gets=[]
        ),
        save=lambda values: open_price_request(account=account, currency=pnl.currency, by=request.user, **values),
        done=lambda made: reverse(ROOM, args=[account.pk, made.pk]),
        message="The request stands here. Now decide what to answer.",
    ).answer(request)  # fmt: skip


@account_view(Permission.PRICE_EDIT)
def price_request_edit(request: SignedInRequest, account: Account, price_id: int) -> HttpResponse:
    stored = request_of(account, price_id)
    start = {**initial_of(stored, FIELDS), "asked_by": stored.asked_by_id}
    lines = _lines_for(stored, request.user)
    pairs = [{name: getattr(row, name) for name in PAIR_FIELDS} for row in stored.give_gets.all()]
    here = reverse(ROOM, args=[account.pk, stored.pk])
    return FormPage(
        template="accounts/price_request_form.html",
        context=_form_context(request, account, "Question and answer", here, stored.currency),
        build=lambda data: PriceRequestForm(
            data, account=account, user=request.user, request=stored, initial=start, lines=lines, give_gets=pairs
        ),
        save=lambda values: change_price_request(account=account, request=stored, by=request.user, **values),
        done=here,
    ).answer(request)


def _lines_for(stored: PriceRequest, user: User) -> list[dict[str, Any]]:
    """The lines as they are edited; what a clause leads to stays hidden from those who may not see it."""
    seen = set(Account.objects.visible_to(user, Permission.FIGURES_VIEW).values_list("pk", flat=True).filter(
        pk__in=stored.lines.values("favoured_account"))
    )  # fmt: skip
    found = []
    for line in stored.lines.select_related("favoured_account"):
        values = {name: getattr(line, name) for name in LINE_FIELDS}
        if line.favoured_account_id and line.favoured_account_id not in seen:
            values |= {"favoured_account": None, "favoured_revenue": None}
        found.append(values)
    return found


def _form_context(request: SignedInRequest, account: Account, title: str, back: str, currency: str) -> dict[str, Any]:
    return account_context(
        request, account, TAB, form_title=title, cancel_url=back, currency=currency, give_get_ideas=GIVE_GET
    )


def _offers(pnl: AccountPnl) -> list[dict[str, Any]]:
    """The offers of twelve months; the account as one line where its mix is not known."""
    mix = pnl.mix.get("offer")
    if mix is not None and not mix.missing:
        return [{"name": share.name, "revenue": share.revenue} for share in mix.shares]
    revenue: Decimal | None = pnl.year.lines.revenue
    return [{"name": "All lines", "revenue": revenue}] if revenue is not None else []
