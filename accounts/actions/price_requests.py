"""Price requests: open, work on, answer or withdraw. Approvals: accounts.actions.price_approvals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date as Day
from decimal import Decimal
from typing import Any

from django.db.models import F, Model
from django.utils import timezone

from accounts.actions.checks import Problems
from accounts.actions.price_approvals import refuse_without_approval
from accounts.actions.price_documents import request_document
from accounts.domain.price_request import ANSWER_DAYS, AT_RISK
from accounts.models import Account, Contact, GiveGet, PriceRequest, PriceRequestLine
from accounts.queries.price_basis import basis_of, to_json
from sam.core.audit import action
from sam.core.authorization.permissions import Permission
from sam.core.errors import ActionRefused, Stale
from sam.core.models import User
from sam.values.periods import Quarter, last_closed_quarter
from sam.values.workdays import add_working_days

LONGEST_TEXT = 4000
MOST_ROWS = 40
# A price lies between these days; beyond them a year is a typing mistake.
FIRST_DAY, LAST_DAY = Day(2000, 1, 1), Day(2100, 12, 31)


@dataclass(frozen=True, slots=True)
class LineEntry:
    """A line as it is written: revenue of twelve months, cuts as fractions (0.04 = 4 % less)."""

    name: str
    revenue: Decimal
    asked_cut: Decimal
    answered_cut: Decimal | None = None
    favoured_account: Account | None = None
    favoured_revenue: Decimal | None = None


@dataclass(frozen=True, slots=True)
class GiveGetEntry:
    """What we give for what; `value`: contribution a year, below zero where it costs us, None where unknown."""

    ask: str
    give: str = ""
    value: Decimal | None = None
    note: str = ""


TEXTS = {"asked_by_words": 120, "reason": LONGEST_TEXT, "answer_text": LONGEST_TEXT, "plan_note": LONGEST_TEXT}
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
    cleaned = _checked(account, values, lines, give_gets)
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
    cleaned = _checked(account, values, kept, give_gets or ())
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


# --- checks -------------------------------------------------------------------------------------------------------


def _checked(
    account: Account,
    values: dict[str, Any],
    lines: Sequence[LineEntry | PriceRequestLine],
    give_gets: Sequence[GiveGetEntry],
) -> dict[str, Any]:
    problems = Problems()
    asked_by: Contact | None = values["asked_by"]
    if asked_by is not None and asked_by.account_id != account.pk:
        problems.add("asked_by", "Choose somebody of this account.")
    for name in ("asked_on", "starts_on", "until", "spend_free_by", "base_quarter"):
        if values[name] is not None and not FIRST_DAY <= values[name] <= LAST_DAY:
            problems.add(name, f"Give a day from {FIRST_DAY:%Y} to {LAST_DAY:%Y}.")
    if values["asked_on"] > timezone.localdate():
        problems.add("asked_on", "The day lies in the future.")
    if not 0 < values["asked_cut"] < 1:
        problems.add("asked_cut", "Give what they ask as less than the whole price: 4 % is 0.04.")
    if values["until"] is not None and values["until"] < values["starts_on"]:
        problems.add("until", "The end lies before the first day.")
    if not 0 < values["volume_at_risk"] <= 1:
        problems.add("volume_at_risk", "Give a share of the volume above 0 and up to 100 %.")
    if values["base_quarter"] != Quarter.containing(values["base_quarter"]).start:
        problems.add("base_quarter", "Give the first day of a quarter.")
    for name in ("target_cut", "walk_away_cut"):
        if values[name] is not None and not -1 < values[name] < 1:
            problems.add(name, "Give a change below the whole price.")
    for name in ("client_spend", "spend_free"):
        if values[name] is not None and values[name] < 0:
            problems.add(name, "Give an amount of 0 or more.")
    _check_lines(problems, lines)
    _check_give_gets(problems, give_gets)
    texts = problems.texts(values, TEXTS)
    problems.stop()
    return {**values, **texts}


def _check_lines(problems: Problems, lines: Sequence[LineEntry | PriceRequestLine]) -> None:
    if not lines:
        problems.add("lines", "Name at least one line of the offer with its revenue of 12 months.")
    if len(lines) > MOST_ROWS:
        problems.add("lines", f"A request has at most {MOST_ROWS} lines.")
    for line in lines:
        name = problems.text("lines", line.name, 120)
        if not name:
            problems.add("lines", "Every line needs a name.")
        if line.revenue < 0:
            problems.add("lines", f"{name}: revenue of 12 months is 0 or more.")
        if not 0 <= line.asked_cut < 1 or (line.answered_cut is not None and not -1 < line.answered_cut < 1):
            problems.add("lines", f"{name}: a price changes by less than its whole.")
    if _twice(line.name.strip() for line in lines):
        problems.add("lines", "Two lines carry the same name.")
    if lines and not any(line.revenue for line in lines):
        problems.add("lines", "Give the revenue of 12 months of at least one line.")


def _check_give_gets(problems: Problems, rows: Sequence[GiveGetEntry]) -> None:
    if len(rows) > MOST_ROWS:
        problems.add("give_gets", f"At most {MOST_ROWS} pairs.")
    for row in rows:
        if not problems.text("give_gets", row.ask, 200):
            problems.add("give_gets", "Say what we ask for: nothing is given for nothing.")
        problems.text("give_gets", row.give, 200)
        problems.text("give_gets", row.note, 300)


def _twice(names: Iterable[str]) -> bool:
    found = list(names)
    return len(set(found)) < len(found)
