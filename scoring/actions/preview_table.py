"""The arithmetic of a preview for all accounts at once. Only background work loads this module, as `portfolio`."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
from django.utils import timezone
from numpy.typing import NDArray

from scoring.actions.portfolio import read
from scoring.domain.table import NOT_PROPOSED, UNSCORED, ScoreTable, Whole, combine, criterion_scores, proposed_tiers
from scoring.models import Preview, PreviewLine
from scoring.queries.blocks import Writer
from scoring.queries.measures import Window
from scoring.queries.passed import passed_gates
from scoring.queries.rules import Rules

SCORES = ("current", "potential", "overall")


@dataclass(frozen=True, slots=True)
class Seen:
    """All accounts by one scorecard."""

    rules: Rules
    accounts: Whole
    points: NDArray[np.float64]
    table: ScoreTable
    tiers: Whole

    @property
    def names(self) -> list[str]:
        return [*self.rules.tier_keys, ""]


def compute(
    *, draft: Rules, live: Rules | None, window: Window, today: date, progress: Callable[[int, str], None]
) -> Preview:
    """Replace the draft's preview. The caller holds the transaction."""
    started = time.monotonic()
    progress(5, "Scoring by the draft")
    after = _seen(draft, window, today)
    progress(40, "Scoring by what ranks now")
    before = _seen(live, window, today) if live is not None else None
    progress(70, "Writing the comparison")
    Preview.objects.filter(version=draft.version).delete()
    preview = Preview.objects.create(
        version=draft.version,
        revision=draft.version.revision,
        compared_with=live.version if live else None,
        quarter_start=window.last.start,
        accounts=len(after.accounts),
        spread=_spread(after),
        computed_at=timezone.now(),
    )
    _write(preview, before, after)
    Preview.objects.filter(pk=preview.pk).update(milliseconds=int((time.monotonic() - started) * 1000))
    preview.refresh_from_db()
    return preview


def _seen(rules: Rules, window: Window, today: date) -> Seen:
    portfolio = read(rules, window, today)
    scores = criterion_scores(rules.scorecard.criteria, portfolio.values)
    table = combine(rules.scorecard, scores)
    tiers = proposed_tiers(table, rules.tiers, passed_gates(rules, portfolio.accounts, today), portfolio.decided)
    points = np.where(scores == UNSCORED, np.nan, scores)
    return Seen(rules, portfolio.accounts, points, table, tiers)


def _spread(seen: Seen) -> dict[str, list[int]]:
    """How many accounts have a score on each criterion, and how many of them the most frequent one."""
    found = {}
    for column, criterion in enumerate(seen.rules.criteria):
        known = seen.points[:, column]
        known = known[~np.isnan(known)]
        most = int(np.unique(known, return_counts=True)[1].max()) if known.size else 0
        found[criterion.key] = [int(known.size), most]
    return found


def _write(preview: Preview, before: Seen | None, after: Seen) -> None:
    """Rows with the same unknown columns and the same tiers have one width, and go together."""
    columns = ["preview_id", "account_id", "tier_before", "tier_after", "rank_before", "rank_after"]
    columns += [f"{score}_{side}" for score in SCORES for side in ("before", "after")]
    columns += ["points_before", "points_after"]
    writer = Writer(PreviewLine._meta.db_table, columns)
    new = old = np.arange(len(after.accounts))
    if before is not None:
        # An account that came or went between the two readings is left out.
        _, new, old = np.intersect1d(after.accounts, before.accounts, assume_unique=True, return_indices=True)
    groups = _groups(after)[new] + (0 if before is None else 1000 * _groups(before)[old])
    for group in np.unique(groups).tolist():
        rows = np.nonzero(groups == group)[0]
        values: dict[str, object] = {"preview_id": np.int64(preview.pk), "account_id": after.accounts[new[rows]]}
        values |= _side("after", after, new[rows])
        values |= _side("before", before, old[rows])
        writer.add(len(rows), values)
    writer.write()


def _groups(seen: Seen) -> Whole:
    """One number for each combination of what is scored and which tier is proposed."""
    return seen.table.basis.astype(np.int64) * (len(seen.names) + 1) + seen.tiers + 1


def _side(side: str, seen: Seen | None, rows: Whole) -> dict[str, object]:
    if seen is None:
        nothing = np.zeros((len(rows), 1)) * np.nan
        return dict.fromkeys(f"{name}_{side}" for name in ("tier", "rank", *SCORES)) | {f"points_{side}": nothing}
    first = rows[0]
    tier = int(seen.tiers[first])
    found: dict[str, object] = {
        f"tier_{side}": None if tier == NOT_PROPOSED else seen.names[tier],
        f"points_{side}": seen.points[rows],
    }
    for score in SCORES:
        column = getattr(seen.table, score)
        found[f"{score}_{side}"] = None if column[first] == UNSCORED else column[rows]
    ranks = seen.table.rank
    found[f"rank_{side}"] = None if ranks[first] == UNSCORED else ranks[rows].astype(np.int32)
    return found
