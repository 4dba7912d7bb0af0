"""Everything to look at before a draft is published, with what to do about it; none of it stops anybody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scoring.domain.advice import Advice, Place, advice_on
from scoring.domain.measures import is_registered
from scoring.models import Criterion, Objective, Preview, ScorecardVersion
from scoring.queries.preview import spread_warnings
from scoring.queries.rules import rules_of


def open_objectives() -> list[Objective]:
    """The objectives still pursued of the newest year that has any."""
    latest = Objective.objects.filter(dropped=False).order_by("-year").values_list("year", flat=True).first()
    return [] if latest is None else list(Objective.objects.filter(dropped=False, year=latest).order_by("code"))


@dataclass(frozen=True, slots=True)
class Served:
    """An objective with the criteria that serve it, by short name."""

    objective: Objective
    served_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ObjectivePage:
    """All objectives beside the version that ranks the portfolio, or the newest draft before one does.

    `uncovered`: those of the newest year, still pursued, that nothing serves. `aimless`: criteria without one.
    """

    version: ScorecardVersion | None
    lines: tuple[Served, ...]
    uncovered: tuple[Objective, ...]
    aimless: tuple[str, ...]


def objective_page() -> ObjectivePage:
    """Four queries, however many objectives."""
    versions = ScorecardVersion.objects.select_related("scorecard")
    version = versions.in_use() or versions.order_by("-pk").first()
    weighted = [] if version is None else list(version.criteria.exclude(kind=Criterion.Kind.GATE))
    by_objective: dict[int, list[str]] = defaultdict(list)
    for row in weighted:
        by_objective[row.objective_id or 0].append(row.key)
    return ObjectivePage(
        version=version,
        lines=tuple(Served(one, tuple(by_objective.get(one.pk, ()))) for one in Objective.objects.all()),
        uncovered=tuple(one for one in open_objectives() if one.pk not in by_objective) if version else (),
        aimless=tuple(by_objective.get(0, ())),
    )


def advice_about(version: ScorecardVersion, criteria: Sequence[Criterion]) -> list[Advice]:
    """Four or five queries, however many criteria."""
    weighted = [row for row in criteria if not row.is_gate]
    if not weighted:
        return [Advice("There are no criteria yet.", "Take some from the library.", Place.LIBRARY)]
    try:
        found = advice_on(rules_of(version).scorecard)
    except ValueError as problem:
        found = [Advice(str(problem), "Change the criterion it names.", Place.WEIGHTS)]
    of_rows = [*_on_families(weighted), *_on_measures(weighted), *_on_aims(weighted)]
    return [*found, *of_rows, *_on_spread(version, weighted)]


def _on_families(weighted: Sequence[Criterion]) -> Iterator[Advice]:
    families = {row.family for row in weighted}
    for key, label in Criterion.Family.choices:
        if key not in families:
            todo = "An account may shine and still fail there. Add one from the library."
            yield Advice(f"No criterion of the family “{label}”.", todo, Place.LIBRARY, str(key))


def _on_measures(weighted: Sequence[Criterion]) -> Iterator[Advice]:
    for row in weighted:
        if row.is_computed and not is_registered(row.measure):
            text = f"{row.key} is computed from “{row.measure}”, which this installation does not know."
            yield Advice(text, "No account gets points on it. Choose another measure.", Place.CRITERION, row.key)


def _on_aims(weighted: Sequence[Criterion]) -> Iterator[Advice]:
    for row in weighted:
        if row.objective_id is None:
            todo = "Name the objective it serves, or ask why it is on the scorecard."
            yield Advice(f"{row.key} {row.name} serves no objective.", todo, Place.CRITERION, row.key)
        elif row.objective is not None and row.objective.dropped:
            text = f"{row.key} serves {row.objective.code}, which is no longer pursued."
            yield Advice(text, "Name an objective of this year.", Place.CRITERION, row.key)
    served = {row.objective_id for row in weighted}
    for objective in open_objectives():
        if objective.pk not in served:
            todo = "Add a criterion that serves it, or mark it as no longer pursued."
            yield Advice(f"No criterion serves {objective}.", todo, Place.OBJECTIVES, objective.code)


def _on_spread(version: ScorecardVersion, weighted: Sequence[Criterion]) -> Iterator[Advice]:
    """From the preview: criteria on which nearly all accounts score the same."""
    preview = Preview.objects.filter(version=version).only("spread").first() if version.is_draft else None
    if preview is None:
        return
    for key, most, known in spread_warnings(preview, [row.key for row in weighted]):
        text = f"{key} tells accounts hardly apart: {most} of {known} score the same."
        yield Advice(text, "Change its cut points or anchors, or remove it.", Place.CRITERION, key)
