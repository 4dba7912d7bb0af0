"""Checks of a price request: what its facts, lines and give–get pairs must be before they are stored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date as Day
from decimal import Decimal
from typing import Any

from django.utils import timezone

from accounts.actions.checks import Problems
from accounts.models import Account, Contact, PriceRequestLine
from sam.values.periods import Quarter

LONGEST_TEXT = 4000
MOST_ROWS = 40
# A price lies between these days; beyond them a year is a typing mistake.
FIRST_DAY, LAST_DAY = Day(2000, 1, 1), Day(2100, 12, 31)


TEXTS = {"asked_by_words": 120, "reason": LONGEST_TEXT, "answer_text": LONGEST_TEXT, "plan_note": LONGEST_TEXT}


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


def checked(
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
