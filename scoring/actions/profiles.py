"""Writing the ideal profile: a draft is edited, published with a note, and never changes afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.utils import timezone

from sam.core.audit import action
from sam.core.errors import ActionRefused, FieldErrors, Stale
from sam.core.models import User
from scoring.domain.profile import Wanted, problems
from scoring.models import IdealProfile, ProfileAttribute
from scoring.queries.profiles import WORDS, number_keys, proposed, wanted_of

State = IdealProfile.State
NOT_A_DRAFT = "This version is published and does not change. Make a draft of the next one."
SOURCES = ("live", "leading", "empty")


@action("drafted an ideal profile")
def create_profile_draft(*, source: str, by: User | None) -> IdealProfile:
    """The next version: a copy of the live one, what the leading accounts have in common, or empty.

    ActionRefused when there is a draft already, or no scored account to lead. FieldErrors for another source.
    """
    if source not in SOURCES:
        raise FieldErrors({"source": f"Give one of: {', '.join(SOURCES)}."})
    live = IdealProfile.objects.live()
    wanted = wanted_of(live) if source == "live" and live else proposed() if source == "leading" else []
    if source == "leading" and not wanted:
        raise ActionRefused("No account is scored yet, so none leads. Start from an empty profile.", code="no_leaders")
    highest = IdealProfile.objects.aggregate(highest=Max("number"))["highest"] or 0
    try:
        with transaction.atomic():
            draft = IdealProfile.objects.create(number=highest + 1)
    except IntegrityError:
        raise ActionRefused(
            "There is a draft already. Go on with that one, or discard it.", code="draft_exists"
        ) from None
    _write(draft, wanted)
    return draft


@action("changed the draft of an ideal profile")
def edit_profile(*, profile: IdealProfile, revision: int, wanted: Sequence[Wanted], by: User | None) -> IdealProfile:
    """Replace what the draft asks for. FieldErrors by attribute; ActionRefused when published; Stale when too late."""
    wrong = problems(wanted, tuple(WORDS), number_keys())
    if wrong:
        raise FieldErrors(wrong)
    _claim(profile, revision)
    profile.attributes.all().delete()
    _write(profile, wanted)
    return profile


@action("published an ideal profile")
def publish_profile(*, profile: IdealProfile, revision: int, note: str, by: User | None) -> IdealProfile:
    """Make the draft live and retire the one before. FieldErrors without a note, ActionRefused for an empty draft."""
    if not note.strip():
        raise FieldErrors({"note": "Say in a sentence why this version is published."})
    if not profile.attributes.exists():
        raise ActionRefused("Nothing is asked for yet. Give at least one attribute a weight.", code="empty")
    _claim(profile, revision, note=note.strip())
    IdealProfile.objects.filter(state=State.LIVE).update(state=State.RETIRED, revision=F("revision") + 1)
    IdealProfile.objects.filter(pk=profile.pk).update(state=State.LIVE, published_by=by, published_at=timezone.now())
    profile.refresh_from_db()
    return profile


@action("discarded the draft of an ideal profile")
def discard_profile(*, profile: IdealProfile, revision: int, by: User | None) -> None:
    """The trail keeps it. ActionRefused when published; Stale when somebody changed it meanwhile."""
    _claim(profile, revision)
    profile.delete()


def _write(profile: IdealProfile, wanted: Iterable[Wanted]) -> None:
    ProfileAttribute.objects.bulk_create(
        ProfileAttribute(
            profile=profile, key=one.key, wanted=list(one.words), low=one.low, high=one.high, weight=one.weight
        )
        for one in wanted
    )


def _claim(profile: IdealProfile, revision: int, **fields: Any) -> None:
    """Take the draft for one write at the revision that was seen."""
    changed = IdealProfile.objects.filter(pk=profile.pk, revision=revision, state=State.DRAFT).update(
        revision=F("revision") + 1, **fields
    )
    profile.refresh_from_db()
    if changed:
        return
    if not profile.is_draft:
        raise ActionRefused(NOT_A_DRAFT, code="not_a_draft")
    raise Stale(profile)
