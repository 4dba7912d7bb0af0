"""Writing scorecards: a draft is edited, published once, and never changes afterwards."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, Max, Q
from django.utils import timezone

from accounts.models import Account
from sam.core.audit import action
from sam.core.errors import ActionRefused, FieldErrors, Stale
from sam.core.models import User
from scoring.actions.scores import start_recompute
from scoring.domain.library import Ready, find, usable
from scoring.domain.measures import is_registered
from scoring.domain.weights import in_percent
from scoring.domain.what_if import Changes, WrongChange, applied
from scoring.models import Comparison, Criterion, Objective, Preview, Scorecard, ScorecardVersion, TierRule
from scoring.queries.comparing import comparing
from scoring.queries.rules import rules_of

State = ScorecardVersion.State
NOT_A_DRAFT = "This version is published and does not change. Make a draft of the next one."
COPIED = [
    "key", "position", "half", "family", "name", "weight", "kind", "measure", "method", "cut_points", "low_is_good",
    "anchors", "objective_id", "valid_months", "checked_by",
]  # fmt: skip


@action("added a scorecard")
def add_scorecard(*, name: str, by: User | None) -> ScorecardVersion:
    """A new scorecard with an empty draft of version 1. FieldErrors when the name is taken."""
    try:
        with transaction.atomic():
            scorecard = Scorecard.objects.create(name=name.strip())
    except IntegrityError:
        raise FieldErrors({"name": "There is a scorecard with this name already."}) from None
    return ScorecardVersion.objects.create(scorecard=scorecard, number=1)


@action("drafted the next version of a scorecard")
def create_draft(*, scorecard: Scorecard, by: User | None) -> ScorecardVersion:
    """The next version as a copy of the live one (or of the newest). ActionRefused when there is a draft already."""
    Scorecard.objects.select_for_update().get(pk=scorecard.pk)
    versions = list(scorecard.versions.order_by("-number"))
    if any(version.is_draft for version in versions):
        raise ActionRefused("There is a draft already. Go on with that one, or discard it.", code="draft_exists")
    source = next((version for version in versions if version.state == State.LIVE), versions[0] if versions else None)
    highest = scorecard.versions.aggregate(highest=Max("number"))["highest"]
    draft = ScorecardVersion.objects.create(
        scorecard=scorecard,
        number=1 if highest is None else highest + 1,
        **({"alpha": source.alpha, "minimum_coverage": source.minimum_coverage} if source else {}),
    )
    if source is not None:
        _copy(source, draft)
    return draft


def _copy(source: ScorecardVersion, draft: ScorecardVersion) -> None:
    Criterion.objects.bulk_create(
        Criterion(version=draft, **{name: getattr(row, name) for name in COPIED}) for row in source.criteria.all()
    )
    TierRule.objects.bulk_create(
        TierRule(
            version=draft,
            tier=row.tier,
            enter=row.enter,
            stay=row.stay,
            enter_half=row.enter_half,
            stay_half=row.stay_half,
            gates=row.gates,
            units=row.units,
        )
        for row in source.tier_rules.all()
    )
    Comparison.objects.bulk_create(
        Comparison(version=draft, first=row.first, second=row.second, favour=row.favour)
        for row in source.comparisons.all()
    )


def _claim(version: ScorecardVersion, revision: int, **fields: Any) -> None:
    """Take the draft for one write at the revision that was seen. ActionRefused when published, Stale when too late."""
    changed = ScorecardVersion.objects.filter(pk=version.pk, revision=revision, state=State.DRAFT).update(
        revision=F("revision") + 1, **fields
    )
    version.refresh_from_db()
    if changed:
        return
    if not version.is_draft:
        raise ActionRefused(NOT_A_DRAFT, code="not_a_draft")
    raise Stale(version)


@action("changed the settings of a scorecard draft")
def edit_draft(
    *,
    version: ScorecardVersion,
    revision: int,
    alpha: Decimal,
    minimum_coverage: Decimal,
    weights: Mapping[str, Decimal] | None = None,
    by: User | None,
) -> ScorecardVersion:
    """`alpha`, `minimum_coverage`: fractions 0 to 1. `weights`: as for `set_weights`, none to leave them.

    ActionRefused, Stale as for every write to a draft.
    """
    if not 0 <= alpha <= 1 or not 0 <= minimum_coverage <= 1:
        raise FieldErrors({"alpha": "Both shares lie between 0 and 100 %."})
    rows = _weighted(version, weights or {})
    _claim(version, revision, alpha=alpha, minimum_coverage=minimum_coverage)
    Criterion.objects.bulk_update(rows, ["weight"])
    return version


@action("changed the weights of a scorecard draft")
def set_weights(
    *, version: ScorecardVersion, revision: int, weights: Mapping[str, Decimal], by: User | None
) -> ScorecardVersion:
    """New weights by criterion key, above 0 with two decimals. FieldErrors for unknown keys and gates."""
    rows = _weighted(version, weights)
    _claim(version, revision)
    Criterion.objects.bulk_update(rows, ["weight"])
    return version


@action("evened out the weights of a scorecard draft")
def even_out_weights(*, version: ScorecardVersion, revision: int, by: User | None) -> ScorecardVersion:
    """Weights of each half in proportion, adding up to exactly 100: no score changes by more than the rounding."""
    rows = list(version.criteria.exclude(kind=Criterion.Kind.GATE))
    for half in Criterion.Half:
        own = {row.key: row.weight for row in rows if row.half == half}
        even = in_percent(own) if own else {}
        for row in rows:
            row.weight = even.get(row.key, row.weight) if row.half == half else row.weight
    _claim(version, revision)
    Criterion.objects.bulk_update(rows, ["weight"])
    return version


@action("compared criteria of a scorecard draft in pairs")
def compare_criteria(
    *,
    version: ScorecardVersion,
    revision: int,
    favours: Mapping[tuple[str, str], int | None],
    use: bool = False,
    by: User | None,
) -> ScorecardVersion:
    """Keep comparisons by pair of keys of one half: 1 the same, 2 to 9 the first matters more, -2 to -9 the second.

    None takes a comparison back. `use`: weigh every half touched by them; FieldErrors where pairs are missing.
    """
    halves = {row.key: row.half for row in version.criteria.exclude(kind=Criterion.Kind.GATE)}
    errors = {
        f"{first} {second}": "Compare two different criteria of the same half of the draft."
        for first, second in favours
        if first == second or first not in halves or halves[first] != halves.get(second)
    }
    errors |= {
        f"{first} {second}": "A comparison is 1 to 9, or -2 to -9 where the second matters more."
        for (first, second), favour in favours.items()
        if favour is not None and not (1 <= favour <= 9 or -9 <= favour <= -2)
    }
    if errors:
        raise FieldErrors(errors)
    _claim(version, revision)
    for (first, second), favour in favours.items():
        pair = Q(first=first, second=second) | Q(first=second, second=first)
        Comparison.objects.filter(pair, version=version).delete()
        if favour is not None:
            Comparison.objects.create(version=version, first=first, second=second, favour=favour)
    if use:
        for half in sorted({halves[first] for first, _ in favours}):
            _weigh(version, half)
    return version


def _weigh(version: ScorecardVersion, half: str) -> None:
    """Weights of a half from its comparisons."""
    found = comparing(version, half)
    if found.result is None:
        raise FieldErrors({"": f"Compare the remaining {found.missing} pairs first: weights come from all of them."})
    weights = in_percent({key: Decimal(repr(weight)) for key, weight in found.result.weights.items()})
    rows = list(version.criteria.filter(key__in=weights))
    for row in rows:
        row.weight = weights[row.key]
    Criterion.objects.bulk_update(rows, ["weight"])


def _weighted(version: ScorecardVersion, weights: Mapping[str, Decimal]) -> list[Criterion]:
    """The draft's criteria with new weights, not saved yet."""
    known = {row.key: row for row in version.criteria.exclude(kind=Criterion.Kind.GATE)} if weights else {}
    errors = {key: "This criterion is not in the draft." for key in weights if key not in known}
    errors |= {
        key: "A weight is above 0 and at most 10,000, with two decimals."
        for key, weight in weights.items()
        if not 0 < weight <= 10_000 or weight * 100 % 1
    }
    if errors:
        raise FieldErrors(errors)
    for key, weight in weights.items():
        known[key].weight = weight
    return [known[key] for key in weights]


@action("added a criterion to a scorecard draft")
def add_criterion(*, version: ScorecardVersion, revision: int, by: User | None, **fields: Any) -> Criterion:
    """`fields`: those of Criterion. FieldErrors when they do not fit together or the key is taken."""
    _claim(version, revision)
    last = version.criteria.aggregate(last=Max("position"))["last"]
    criterion = Criterion(version=version, position=0 if last is None else last + 1, **fields)
    _checked(criterion)
    criterion.save()
    return criterion


@action("changed a criterion of a scorecard draft")
def edit_criterion(
    *, version: ScorecardVersion, criterion: Criterion, revision: int, by: User | None, **fields: Any
) -> Criterion:
    """FieldErrors when the fields do not fit together or the key is taken."""
    _claim(version, revision)
    for name, value in fields.items():
        setattr(criterion, name, value)
    _checked(criterion)
    criterion.save()
    return criterion


@action("removed a criterion from a scorecard draft")
def remove_criterion(*, version: ScorecardVersion, criterion: Criterion, revision: int, by: User | None) -> None:
    _claim(version, revision)
    criterion.delete()


@action("added criteria from the library to a scorecard draft")
def add_from_library(
    *, version: ScorecardVersion, revision: int, ready: Iterable[Ready], by: User | None
) -> list[Criterion]:
    """Copies of ready-made criteria; one that is in the draft already is left out. A weight of 0 becomes 10."""
    _claim(version, revision)
    taken = set(version.criteria.values_list("key", flat=True))
    last = version.criteria.aggregate(last=Max("position"))["last"]
    made = [
        _from_library(version, usable(one, is_registered), position)
        for position, one in enumerate((one for one in ready if one.key not in taken), 0 if last is None else last + 1)
    ]
    return Criterion.objects.bulk_create(made)


def _from_library(version: ScorecardVersion, ready: Ready, position: int) -> Criterion:
    is_gate = ready.kind == Criterion.Kind.GATE
    objective = Objective.objects.filter(code=ready.objective, dropped=False).order_by("-year").first()
    return Criterion(
        version=version,
        position=position,
        key=ready.key,
        name=ready.name,
        half=ready.half,
        family=ready.family,
        kind=ready.kind,
        weight=Decimal(0) if is_gate else ready.weight or Decimal(10),
        measure=ready.measure,
        method=ready.method,
        cut_points=list(ready.cuts),
        low_is_good=ready.low_is_good,
        anchors=list(ready.anchors),
        checked_by=ready.checked_by,
        objective=objective if ready.objective else None,
    )


def _checked(criterion: Criterion) -> None:
    """Raise FieldErrors for values that do not fit together, in words."""
    errors: dict[str, str] = {}
    if criterion.is_gate:
        criterion.half, criterion.family, criterion.weight = "", "", Decimal(0)
    elif not criterion.half:
        errors["half"] = "Choose the half it belongs to."
    elif not 0 < criterion.weight <= 10_000:
        errors["weight"] = "A weight is above 0 and at most 10,000."
    if not criterion.is_gate:
        criterion.checked_by = ""
    if not criterion.is_computed:
        criterion.measure, criterion.method, criterion.cut_points = "", "", []
        criterion.low_is_good = False
    else:
        errors |= _computed_errors(criterion)
    if criterion.is_rated and (len(criterion.anchors) != 5 or not all(criterion.anchors)):
        errors["anchors"] = "Say in words what each level from 1 to 5 means."
    if Criterion.objects.filter(version_id=criterion.version_id, key=criterion.key).exclude(pk=criterion.pk).exists():
        errors["key"] = "Another criterion of this draft has that short name."
    if errors:
        raise FieldErrors(errors)
    try:
        criterion.clean_fields()
    except ValidationError as problem:
        raise FieldErrors(problem.message_dict) from None


def _computed_errors(criterion: Criterion) -> dict[str, str]:
    errors: dict[str, str] = {}
    if not criterion.measure:
        errors["measure"] = "Choose what it is computed from."
    elif not is_registered(criterion.measure):
        errors["measure"] = "This installation does not know that measure. Choose another one."
    if not criterion.method:
        errors["method"] = "Choose bands, percentile, or between two values."
    if criterion.method == Criterion.Method.BANDED:
        if not _rises(criterion.cut_points, 4):
            errors["cut_points"] = "Give four cut points that rise from one to the next."
    elif criterion.method == Criterion.Method.LINEAR:
        if not _rises(criterion.cut_points, 2):
            errors["cut_points"] = "Give two values, the lower one first."
    else:
        criterion.cut_points = []
    return errors


def _rises(cuts: Sequence[Decimal], many: int) -> bool:
    return len(cuts) == many and all(later > earlier for earlier, later in itertools.pairwise(cuts))


@action("changed the tiers of a scorecard draft")
def set_tier_rules(
    *, version: ScorecardVersion, revision: int, rules: Iterable[Mapping[str, Any]], by: User | None
) -> ScorecardVersion:
    """Replace all tier rules: each has tier, enter, stay, enter_half, stay_half, gates. FieldErrors in words."""
    rows = [TierRule(version=version, **rule) for rule in rules]
    gates = set(version.criteria.filter(kind=Criterion.Kind.GATE).values_list("key", flat=True))
    errors: dict[str, str] = {}
    for row in rows:
        if not 0 <= row.stay <= row.enter <= 100 or not 0 <= row.stay_half <= row.enter_half <= 100:
            errors[row.tier] = "Thresholds lie between 0 and 100, and those to stay are not above those to enter."
        unknown = sorted(set(row.gates) - gates)
        if unknown:
            errors[row.tier] = f"The draft has no gate {', '.join(unknown)}. Add it first."
    if errors:
        raise FieldErrors(errors)
    _claim(version, revision)
    version.tier_rules.all().delete()
    TierRule.objects.bulk_create(rows)
    return version


GLOBAL_GATES = ("G4", "G5", "G6", "G7")


@action("switched the global tier on in a draft")
def switch_on_global(*, version: ScorecardVersion, revision: int, by: User | None) -> ScorecardVersion:
    """Strategic, and four gates more: three regions, a central purchase lead, two full people, a board sponsor.

    ActionRefused when the draft has the tier already, or no strategic tier to start from.
    """
    rules = {rule.tier: rule for rule in version.tier_rules.all()}
    strategic = rules.get(Account.Tier.STRATEGIC)
    if Account.Tier.GLOBAL in rules:
        raise ActionRefused("The draft has the tier global already.", code="has_global")
    if strategic is None:
        raise ActionRefused("Global asks for everything that strategic asks for. Add that tier first.", code="no_tier")
    ready = [one for key in GLOBAL_GATES if (one := find(key)) is not None]
    add_from_library(version=version, revision=revision, ready=ready, by=by)
    TierRule.objects.create(
        version=version,
        tier=Account.Tier.GLOBAL,
        enter=strategic.enter,
        stay=strategic.stay,
        enter_half=strategic.enter_half,
        stay_half=strategic.stay_half,
        gates=[*strategic.gates, *GLOBAL_GATES],
    )
    version.refresh_from_db()
    return version


@action("chose what answers the gates of a draft")
def set_gate_checks(
    *, version: ScorecardVersion, revision: int, checks: Mapping[str, str], by: User | None
) -> ScorecardVersion:
    """By gate key: which records answer it, "" for people. FieldErrors for unknown gates and records."""
    gates = {gate.key: gate for gate in version.criteria.filter(kind=Criterion.Kind.GATE)}
    errors = {key: "The draft has no such gate." for key in checks if key not in gates}
    errors |= {key: "Choose one of the list." for key, check in checks.items() if check not in Criterion.Check.values}
    if errors:
        raise FieldErrors(errors)
    _claim(version, revision)
    for key, check in checks.items():
        gates[key].checked_by = check
    Criterion.objects.bulk_update(gates.values(), ["checked_by"])
    return version


@action("discarded a scorecard draft")
def discard_draft(*, version: ScorecardVersion, revision: int, by: User | None) -> None:
    """ActionRefused for a published version. A scorecard that has no other version goes with it."""
    _claim(version, revision)
    scorecard = version.scorecard
    version.delete()
    if not scorecard.versions.exists() and not scorecard.ratings.exists() and not scorecard.gate_answers.exists():
        scorecard.delete()


def problems(version: ScorecardVersion) -> list[str]:
    """What makes a draft impossible to publish; empty when nothing does."""
    rows = list(version.criteria.all())
    found = []
    weighted = [row for row in rows if not row.is_gate]
    for half in Criterion.Half:
        if not any(row.half == half for row in weighted):
            found.append(f"The half “{half.label}” has no criteria.")
    gates = {row.key for row in rows if row.is_gate}
    for rule in version.tier_rules.all():
        missing = sorted(set(rule.gates) - gates)
        if missing:
            found.append(f"The tier {rule.get_tier_display()} asks for {', '.join(missing)}, which is no gate here.")
    try:
        rules_of(version)
    except ValueError as problem:
        found.append(str(problem))
    return found


@action("published a scorecard")
def publish(*, version: ScorecardVersion, revision: int, note: str, by: User | None) -> ScorecardVersion:
    """Make the draft live, retire the one before, and score the portfolio by it.

    FieldErrors without a note. ActionRefused when it is no draft or has `problems`. Warnings do not stop it.
    """
    if not note.strip():
        raise FieldErrors({"note": "Say in a sentence why this version is published."})
    _claim(version, revision, note=note.strip())
    broken = problems(version)
    if broken:
        raise ActionRefused(" ".join(broken), code="not_publishable")
    # One live version: the old one goes first.
    ScorecardVersion.objects.filter(scorecard_id=version.scorecard_id, state=State.LIVE).update(
        state=State.RETIRED, revision=F("revision") + 1
    )
    ScorecardVersion.objects.filter(pk=version.pk).update(
        state=State.LIVE, published_by=by, published_at=timezone.now()
    )
    # What it would change is history now: the scores themselves are kept.
    Preview.objects.filter(version=version).delete()
    if not Scorecard.objects.filter(in_use=True).exists():
        Scorecard.objects.filter(pk=version.scorecard_id).update(in_use=True, revision=F("revision") + 1)
    version.refresh_from_db()
    version.scorecard.refresh_from_db()
    if version.scorecard.in_use:
        start_recompute(by=by, keep=f"Published {version}")
    return version


@action("chose the scorecard that ranks the portfolio")
def put_in_use(*, scorecard: Scorecard, revision: int, by: User | None) -> Scorecard:
    """ActionRefused without a live version; Stale when somebody else changed the scorecard first."""
    if not scorecard.versions.filter(state=State.LIVE).exists():
        raise ActionRefused("Publish a version of this scorecard first.", code="no_live_scorecard")
    Scorecard.objects.filter(in_use=True).exclude(pk=scorecard.pk).update(in_use=False, revision=F("revision") + 1)
    changed = Scorecard.objects.filter(pk=scorecard.pk, revision=revision).update(
        in_use=True, revision=F("revision") + 1
    )
    scorecard.refresh_from_db()
    if not changed:
        raise Stale(scorecard)
    start_recompute(by=by, keep="")
    return scorecard


@action("drafted a scorecard from a what-if")
def draft_from_what_if(*, scorecard: Scorecard, changes: Changes, by: User | None) -> ScorecardVersion:
    """The next version as a copy of the live one with the changes made; a weight of 0 leaves its criterion out.

    ActionRefused when there is a draft already; FieldErrors where a number makes no sense.
    """
    draft = create_draft(scorecard=scorecard, by=by)
    rules = rules_of(draft)
    try:
        changed = applied(rules.scorecard, rules.tiers, changes)
    except WrongChange as problem:
        raise FieldErrors({problem.place: str(problem)}) from None
    kept = {criterion.key: criterion.weight for criterion in changed.scorecard.criteria}
    for criterion in rules.criteria:
        if criterion.key not in kept:
            remove_criterion(version=draft, criterion=criterion, revision=draft.revision, by=by)
    edit_draft(
        version=draft,
        revision=draft.revision,
        alpha=changed.scorecard.alpha,
        minimum_coverage=draft.minimum_coverage,
        weights=kept,
        by=by,
    )
    units = dict(draft.tier_rules.values_list("tier", "units"))
    thresholds = [asdict(rule) | {"gates": list(rule.gates), "units": units[rule.tier]} for rule in changed.rules]
    return set_tier_rules(version=draft, revision=draft.revision, rules=thresholds, by=by)
