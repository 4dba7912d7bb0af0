"""What happens to a price request: first answer, approval, signed answer, its paper, the page for the client."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.access import account_view
from accounts.actions.price_approvals import ask_approval, decide_approval
from accounts.actions.price_documents import request_document
from accounts.actions.price_requests import answer_price_request, note_first_answer, withdraw_price_request
from accounts.forms.price_requests import AnswerForm, AskForm, DecideForm, FirstAnswerForm, WithdrawForm
from accounts.models import Account, PriceRequest
from accounts.queries.price_approvers import approvers_of
from accounts.queries.price_counter import counter_offer
from accounts.queries.price_requests import Room, room_of
from accounts.views.editing import FormPage
from accounts.views.price_requests import ROOM, TAB, request_of
from accounts.views.shell import account_context
from sam.core.authorization.guards import SignedInRequest
from sam.core.authorization.permissions import Permission
from sam.core.errors import ActionRefused, FieldErrors
from sam.core.files import open_stored


@account_view(Permission.FIGURES_VIEW)
def price_counter(request: SignedInRequest, account: Account, price_id: int) -> HttpResponse:
    """The page to hand over: what is offered, the conditions, the dates, and nothing of ours."""
    offer = counter_offer(request_of(account, price_id), timezone.localdate())
    return render(request, "accounts/price_counter.html", {"offer": offer})


@account_view(Permission.PRICE_EDIT)
def price_first_answer(request: SignedInRequest, account: Account, price_id: int) -> HttpResponse:
    asked = request_of(account, price_id)
    return _page(
        request, asked, "Note the first answer", "Save",
        lambda data: FirstAnswerForm(data, initial={"revision": asked.revision}),
        lambda values: note_first_answer(account=account, request=asked, by=request.user, **values),
        "Noted. The clock of ten working days has stopped.",
        lead="When did the client first hear from us about this? The answer itself may follow.",
    )  # fmt: skip


@require_POST
@account_view(Permission.PRICE_EDIT)
def price_ask(request: SignedInRequest, account: Account, price_id: int) -> HttpResponse:
    asked = request_of(account, price_id)
    room = room_of(asked, request.user)
    people = approvers_of(account, room.level, besides=request.user) if room.level else []
    form = AskForm(request.POST, people=people)
    if not form.is_valid():
        messages.error(request, "Choose somebody who holds the authority.")
        return _room(asked, "approval")
    person = form.cleaned_data["person"]
    try:
        ask_approval(account=account, request=asked, person=person, by=request.user)
        messages.success(request, f"{person} was asked and finds it in the bell and in my day.")
    except (ActionRefused, FieldErrors) as problem:
        messages.error(request, _words(problem))
    return _room(asked, "approval")


@account_view(Permission.PRICE_EDIT)
def price_sign(request: SignedInRequest, account: Account, price_id: int) -> HttpResponse:
    """The account lead's or the finance lead's signature."""
    return _decide(request, account, price_id)


@account_view(Permission.PRICE_APPROVE)
def price_approve(request: SignedInRequest, account: Account, price_id: int) -> HttpResponse:
    return _decide(request, account, price_id)


def _decide(request: SignedInRequest, account: Account, price_id: int) -> HttpResponse:
    asked = request_of(account, price_id)
    return _page(
        request, asked, "Approve or refuse", "Decide",
        lambda data: DecideForm(data, initial={"revision": asked.revision}),
        lambda values: decide_approval(account=account, request=asked, by=request.user, **values),
        "Your decision stands in the room.",
        room=room_of(asked, request.user),
    )  # fmt: skip


@account_view(Permission.PRICE_EDIT)
def price_answer(request: SignedInRequest, account: Account, price_id: int) -> HttpResponse:
    asked = request_of(account, price_id)
    return _page(
        request, asked, "Sign the answer off", "Sign off",
        lambda data: AnswerForm(data, initial={"revision": asked.revision, "answer_text": asked.answer_text}),
        lambda values: answer_price_request(account=account, request=asked, by=request.user, **values),
        "Signed off. The answer stays as it is; its page is being made.",
        room=room_of(asked, request.user),
        lead="From then on question, answer and margins stay as they are today.",
    )  # fmt: skip


@account_view(Permission.PRICE_EDIT)
def price_withdraw(request: SignedInRequest, account: Account, price_id: int) -> HttpResponse:
    asked = request_of(account, price_id)
    return _page(
        request, asked, "They took it back", "Close the request",
        lambda data: WithdrawForm(data, initial={"revision": asked.revision}),
        lambda values: withdraw_price_request(account=account, request=asked, by=request.user, **values),
        "Closed as withdrawn.",
    )  # fmt: skip


def _page(
    request: SignedInRequest, asked: PriceRequest, title: str, button: str, build: Any, save: Any, message: str,
    room: Room | None = None, lead: str = "",
) -> HttpResponse:  # fmt: skip
    here = reverse(ROOM, args=[asked.account_id, asked.pk])
    return FormPage(
        template="accounts/price_step.html",
        context=account_context(request, asked.account, TAB, form_title=title, button=button, cancel_url=here,
                                room=room, lead=lead, price_request=asked),
        build=build,
        save=save,
        done=here,
        message=message,
    ).answer(request)  # fmt: skip


@require_POST
@account_view(Permission.FIGURES_VIEW)
def price_pdf(request: SignedInRequest, account: Account, price_id: int) -> HttpResponse:
    """Make the one-page answer, internal, in the background."""
    asked = request_of(account, price_id)
    try:
        request_document(request=asked, account=account, by=request.user)
        messages.success(request, "The page is being made. It takes a few seconds.")
    except ActionRefused as refused:
        messages.error(request, refused.message)
    return _room(asked, "answer")


@account_view(Permission.FIGURES_VIEW)
def price_file(request: SignedInRequest, account: Account, price_id: int) -> HttpResponseBase:
    asked = request_of(account, price_id)
    if not asked.stored:
        raise Http404
    try:
        file = open_stored(asked.stored)
    except FileNotFoundError:
        raise Http404 from None
    name = f"price-answer-{asked.asked_on:%Y-%m-%d}-INTERNAL.pdf"
    response = FileResponse(file, as_attachment=True, filename=name, content_type="application/pdf")
    response["Cache-Control"] = "no-store"
    return response


def _room(asked: PriceRequest, part: str) -> HttpResponse:
    answer = redirect(reverse(ROOM, args=[asked.account_id, asked.pk]) + f"#{part}")
    answer.status_code = 303
    return answer


def _words(problem: ActionRefused | FieldErrors) -> str:
    if isinstance(problem, ActionRefused):
        return problem.message
    return " ".join(text for texts in problem.errors.values() for text in texts)
