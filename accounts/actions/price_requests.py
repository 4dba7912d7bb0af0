"""Price requests: open, work on, answer or withdraw. Approvals: accounts.actions.price_approvals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date as Day
from decimal import Decimal
from typing import Any

from django.db.models import F, Model
from django.utils import timezone

from accounts.actions.checks import Problems
from accounts.actions.price_approvals import refuse_without_approval
from accounts.actions.price_checks import FIRST_DAY, LONGEST_TEXT, GiveGetEntry, LineEntry, checked
from accounts.actions.price_documents import request_document
from accounts.domain.price_request import ANSWER_DAYS, AT_RISK
from accounts.models import Account, GiveGet, PriceRequest, PriceRequestLine
from accounts.queries.price_basis import basis_of, to_json
from sam.core.audit import action
from sam.core.authorization.permissions import Permission
from sam.core.errors import ActionRefused, Stale
from sam.core.models import User
from sam.values.periods import last_closed_quarter
from sam.values.workdays import add_working_days

DEFAULTS: dict[str, Any] = {
    "asked_by": None, "asked_by_words": "", "reason": "", "until": None, "client_spend": None, "spend_free": None,
    "spend_free_by": None, "volume_at_risk": AT_RISK, "answer_text": "", "target_cut": None, "walk_away_cut": None,
    "plan_note": "",
}  # fmt: skip
FACTS = (*DEFAULTS, "asked_on", "asked_cut", "starts_on", "base_quarter")


@action("opened a price request")
def open_price_request(
    *,
    account: Account,
    asked_on: Day,
    asked_cut: Decimal,
    starts_on: Day,
    lines: Sequence[LineEntry],
    by: User | None,
    give_gets: Sequence[GiveGetEntry] = (),
    base_quarter: Day | None = None,
    currency: str = "",
    **facts: Any,
) -> PriceRequest:
    """The base is the twelve months closed when they asked, unless `base_quarter` names another last quarter.

    Raises FieldErrors.
    """
    values = {
        **DEFAULTS,
        **facts,
        "asked_on": asked_on,
        "asked_cut": asked_cut,
        "starts_on": starts_on,
        "base_quarter": base_quarter or last_closed_quarter(max(asked_on, FIRST_DAY)).start,
    }
    cleaned = checked(account, values, lines, give_gets)
    request = PriceRequest.objects.create(
        account=account, currency=currency or account.currency, opened_by=by,
        answer_due=add_working_days(asked_on, ANSWER_DAYS), **cleaned,
    )  # fmt: skip
    _replace_rows(request, lines, give_gets)
    return request


@action("changed a price request")
def change_price_request(
    *,
    account: Account,
    request: PriceRequest,
    revision: int,
    by: User | None,
    lines: Sequence[LineEntry] | None = None,
    give_gets: Sequence[GiveGetEntry] | None = None,
    **facts: Any,
) -> PriceRequest:
    """Facts that are not named stay; lines and give–get rows are replaced as a whole. Raises FieldErrors and Stale."""
    stored = locked(request, revision)
    values = {name: facts.get(name, getattr(stored, name)) for name in FACTS}
    kept = list(stored.lines.all()) if lines is None else lines
    cleaned = checked(account, values, kept, give_gets or ())
    if cleaned["asked_on"] != stored.asked_on:
        cleaned["answer_due"] = add_working_days(cleaned["asked_on"], ANSWER_DAYS)
    changed = {name: value for name, value in cleaned.items() if getattr(stored, name) != value}
    moved = _replace_rows(stored, None if lines is None else _with_hidden(stored, lines, by), give_gets)
    if changed or moved:
        PriceRequest.objects.filter(pk=stored.pk).update(**changed, revision=F("revision") + 1)
    return _fresh(stored)


@action("noted the first answer to a price request")
def note_first_answer(
    *, account: Account, request: PriceRequest, revision: int, on: Day, by: User | None
) -> PriceRequest:
    """The client heard from us, which stops the clock; the answer itself may follow. Raises FieldErrors and Stale."""
    stored = locked(request, revision)
    problems = Problems()
    if not stored.asked_on <= on <= timezone.localdate():
        problems.add("on", "Give a day between the request and today.")
    problems.stop()
    return _write(stored, first_answer_on=on)


@action("answered a price request")
def answer_price_request(
    *, account: Account, request: PriceRequest, revision: int, by: User, on: Day | None = None, answer_text: str = ""
) -> PriceRequest:
    """Sign the answer off: from now on it stays as it is, with the margins and inputs of this day.

    Raises ActionRefused while an approval is missing, FieldErrors without an answer in words, and Stale.
    """
    stored = locked(request, revision)
    day = on or timezone.localdate()
    problems = Problems()
    words = problems.text("answer_text", answer_text or stored.answer_text, LONGEST_TEXT)
    if not words:
        problems.add("answer_text", "Write the answer in a sentence or two, as the client is to hear it.")
    if not stored.asked_on <= day <= timezone.localdate():
        problems.add("on", "Give a day between the request and today.")
    problems.stop()
    basis = basis_of(stored)
    refuse_without_approval(stored, basis, by)
    answered = _write(
        stored,
        state=PriceRequest.State.ANSWERED,
        closed_on=day,
        closed_by=by,
        answer_text=words,
        first_answer_on=stored.first_answer_on or day,
        frozen=to_json(basis),
    )
    request_document(request=answered, account=account, by=by)
    return _fresh(answered)


@action("closed a price request that was withdrawn")
def withdraw_price_request(
    *, account: Account, request: PriceRequest, revision: int, reason: str, by: User
) -> PriceRequest:
    """The client took it back. Raises FieldErrors without a reason, and Stale."""
    stored = locked(request, revision)
    problems = Problems()
    words = problems.text("reason", reason, LONGEST_TEXT)
    if not words:
        problems.add("reason", "Say how you know that they took it back.")
    problems.stop()
    return _write(
        stored,
        state=PriceRequest.State.WITHDRAWN,
        closed_on=timezone.localdate(),
        closed_by=by,
        answer_text=words,
        frozen=to_json(basis_of(stored)),
    )


def locked(request: PriceRequest, seen: int) -> PriceRequest:
    """The open request, held for this transaction. Raises Stale, and ActionRefused where it is closed."""
    stored = PriceRequest.objects.select_for_update(of=["self"]).select_related("account").get(pk=request.pk)
    if stored.revision != seen:
        raise Stale(stored)
    if not stored.is_open:
        words = stored.get_state_display().lower()
        raise ActionRefused(f"This request is {words}. What was signed off stays as it is.", code="closed")
    return stored


def _write(stored: PriceRequest, **fields: Any) -> PriceRequest:
    PriceRequest.objects.filter(pk=stored.pk).update(**fields, revision=F("revision") + 1)
    return _fresh(stored)


def _fresh(request: PriceRequest) -> PriceRequest:
    return PriceRequest.objects.select_related("account", "asked_by", "closed_by", "job").get(pk=request.pk)


# --- lines and give–get -------------------------------------------------------------------------------------------


def _replace_rows(
    request: PriceRequest, lines: Sequence[LineEntry] | None, give_gets: Sequence[GiveGetEntry] | None
) -> bool:
    """Whether anything is another now."""
    moved = False
    if lines is not None:
        rows = [
            PriceRequestLine(
                request=request, position=at, name=entry.name.strip(), revenue=entry.revenue,
                asked_cut=entry.asked_cut, answered_cut=entry.answered_cut,
                favoured_account=entry.favoured_account, favoured_revenue=entry.favoured_revenue,
            )
            for at, entry in enumerate(lines, 1)
        ]  # fmt: skip
        moved |= _swap(PriceRequestLine, request, rows)
    if give_gets is not None:
        moved |= _swap(
            GiveGet,
            request,
            [
                GiveGet(request=request, position=at, give=entry.give.strip(), ask=entry.ask.strip(),
                        value=entry.value, note=entry.note.strip())
                for at, entry in enumerate(give_gets, 1)
            ],
        )  # fmt: skip
    return moved


def _with_hidden(request: PriceRequest, lines: Sequence[LineEntry], by: User | None) -> list[LineEntry]:
    """A clause that leads to an account which `by` may not see was not shown to them, so it stays as it is."""
    if by is None:
        return list(lines)
    seen = Account.objects.visible_to(by, Permission.FIGURES_VIEW)
    hidden = {row.name: row for row in request.lines.exclude(favoured_account=None).exclude(favoured_account__in=seen)}
    return [
        replace(
            entry,
            favoured_account=hidden[entry.name.strip()].favoured_account,
            favoured_revenue=hidden[entry.name.strip()].favoured_revenue,
        )
        if entry.favoured_account is None and entry.name.strip() in hidden
        else entry
        for entry in lines
    ]


def _swap(model: type[Model], request: PriceRequest, rows: Sequence[Model]) -> bool:
    stored = model._default_manager.filter(request=request)
    names = [field.attname for field in model._meta.concrete_fields if not field.primary_key]
    before = [tuple(getattr(row, name) for name in names) for row in stored]
    if before == [tuple(getattr(row, name) for name in names) for row in rows]:
        return False
    stored.delete()
    model._default_manager.bulk_create(rows)
    return True
