"""Writing a plan's texts, several people at once, without losing a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F
from django.utils import timezone

from accounts.models import Account
from planning.domain.merge import Choice, Conflict, Conflicts, Merged, merge, resolve
from planning.models import PlanSection
from planning.queries.history import editors_since, text_at
from sam.core.audit import action
from sam.core.errors import ActionRefused, FieldErrors, Stale
from sam.core.models import User
from sam.values.texts import TextError, clean_text

LONGEST = 20_000
TRIES = 50


@dataclass(frozen=True, slots=True)
class Saved:
    """The section as it is stored now. `merged_with`: whose other sentences were put together with ours."""

    section: PlanSection
    sent: str
    merged_with: tuple[User, ...] = ()

    @property
    def differs(self) -> bool:
        """Whether more is stored than was sent: the writer must get the stored text before going on."""
        return self.section.text != self.sent

    @property
    def note(self) -> str:
        if not self.merged_with:
            return ""
        names = " and ".join(str(person) for person in self.merged_with)
        return f"{names} changed other sentences; both are kept"


@dataclass(frozen=True, slots=True)
class Overlap:
    """Nothing was stored: two people changed the same sentence since `base_revision`. `section` is the other's."""

    section: PlanSection
    base_revision: int
    mine: str
    conflicts: Conflicts
    others: tuple[User, ...]
    is_own: bool = False

    @property
    def outcomes(self) -> list[tuple[str, str]]:
        """How the whole text reads if every conflict is settled one way: mine, theirs, both."""
        count = len(self.conflicts.pairs)
        return [(choice.value, resolve(self.conflicts, [choice] * count)) for choice in Choice]


@action("wrote in the plan")
def save_section(
    *,
    account: Account,
    section: PlanSection,
    text: str,
    base_revision: int,
    by: User,
    merging: bool = True,
    at: datetime | None = None,
) -> Saved | Overlap:
    """Store `text`, which was written on top of `base_revision`; changes made since then are merged by sentence.

    `at` is when it was written, for texts that are taken over; else now.
    Without `merging`, any change since then raises Stale. Raises FieldErrors for a text that cannot be kept.
    Words over the limit are no error.
    """
    mine = _clean(text)
    for _ in range(TRIES):
        section.refresh_from_db()
        if not merging and section.revision != base_revision:
            raise Stale(section)
        outcome = _merged(section, mine, base_revision, by)
        if isinstance(outcome, Overlap):
            return outcome
        new, editors = outcome
        if new == section.text or _store(section, new, by, at):
            others = tuple(person for person in editors if person != by)
            return Saved(section, mine, others if new != mine else ())
    raise ActionRefused("Many people are writing here at this moment. Try again.", code="busy")


@action("settled two versions of a text")
def resolve_section(
    *,
    account: Account,
    section: PlanSection,
    mine: str,
    base_revision: int,
    seen_revision: int,
    choices: Sequence[Choice],
    by: User,
) -> Saved | Overlap:
    """Store what was chosen between mine and the text of `seen_revision`, one choice per conflict.

    Raises FieldErrors when a choice is missing or too many are given.
    """
    text = settled_text(
        section=section, mine=mine, base_revision=base_revision, seen_revision=seen_revision, choices=choices
    )
    return save_section(account=account, section=section, text=text, base_revision=seen_revision, by=by)


def settled_text(
    *, section: PlanSection, mine: str, base_revision: int, seen_revision: int, choices: Sequence[Choice]
) -> str:
    """How the text reads with the choices; stores nothing. Raises FieldErrors."""
    found = merge(text_at(section, base_revision) or "", _clean(mine), text_at(section, seen_revision) or "")
    if isinstance(found, Merged):
        return found.text
    try:
        return resolve(found, choices)
    except ValueError:
        raise FieldErrors({"choice": "Choose for each sentence which one stays."}) from None


@action("brought an earlier text back")
def restore_version(
    *, account: Account, section: PlanSection, revision: int, seen_revision: int, by: User
) -> PlanSection:
    """The text of `revision` becomes the newest version; those between stay in the history.

    Raises ActionRefused for a revision that never was, Stale when somebody wrote since `seen_revision`.
    """
    text = text_at(section, revision)
    if text is None:
        raise ActionRefused("This version does not exist.", code="no_such_version", status=404)
    section.refresh_from_db()
    if section.revision != seen_revision:
        raise Stale(section)
    if text != section.text and not _store(section, text, by):
        section.refresh_from_db()
        raise Stale(section)
    return section


def _clean(text: str) -> str:
    try:
        return clean_text(text, LONGEST)
    except TextError as error:
        raise FieldErrors({"text": str(error)}) from None


def _merged(section: PlanSection, mine: str, base_revision: int, by: User) -> tuple[str, tuple[User, ...]] | Overlap:
    if section.revision == base_revision:
        return mine, ()
    # A revision we do not know (a restored backup) has no base: then everything that differs is a conflict.
    base = text_at(section, base_revision) or ""
    others = editors_since(section, base_revision)
    found = merge(base, mine, section.text)
    if isinstance(found, Merged):
        return found.text, others
    is_own = all(person == by for person in others)
    if is_own and all(map(_goes_on, found.pairs)):
        return resolve(found, [Choice.MINE] * len(found.pairs)), ()
    return Overlap(section, base_revision, mine, found, others, is_own and bool(others))


def _goes_on(pair: Conflict) -> bool:
    """Whether mine is my own earlier text written on: its save arrived, but its answer never reached the browser."""
    return bool(pair.theirs.strip()) and pair.mine.startswith(pair.theirs.rstrip())


def _store(section: PlanSection, text: str, by: User, at: datetime | None = None) -> bool:
    updated = PlanSection.objects.filter(pk=section.pk, revision=section.revision).update(
        text=text, edited_by=by, edited_at=at or timezone.now(), revision=F("revision") + 1
    )
    if updated:
        section.refresh_from_db()
    return bool(updated)
