"""The configured dashboard, an account's metrics judged by it, and what a draft would change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from accounts.domain.dashboard import DEFAULT_METRICS, Status, Threshold, may_have_threshold, status_of
from accounts.domain.metrics import BY_KEY, DAYS_OF_YEAR, Definition, Facts, Metric
from accounts.models import Account, DashboardChange, DashboardVersion
from accounts.queries.pnl import pnl_of
from accounts.queries.portfolio import current_window
from sam.values.results import value_of


@dataclass(frozen=True, slots=True)
class Dashboard:
    """One version. Without any, the proposed metrics come first and nothing is judged."""

    version: DashboardVersion | None = None
    metrics: tuple[str, ...] = DEFAULT_METRICS
    limits: Mapping[tuple[str, str], Threshold] = field(default_factory=dict)

    @property
    def definitions(self) -> tuple[Definition, ...]:
        return tuple(BY_KEY[key] for key in self.metrics)

    @property
    def more(self) -> tuple[Definition, ...]:
        """Metrics that stand behind "More"."""
        return tuple(one for key, one in BY_KEY.items() if key not in self.metrics)

    @property
    def judged_definitions(self) -> tuple[Definition, ...]:
        """Metrics that can have a target by tier: those that come first, then the rest."""
        return tuple(one for one in (*self.definitions, *self.more) if may_have_threshold(one.key))

    def limit(self, metric: str, tier: str, change: DashboardChange | None = None) -> Threshold | None:
        """The tier's, aimed at the account's own target where it has one."""
        limit = self.limits.get((metric, tier))
        if change is None:
            return limit
        return limit.aimed_at(change.target) if limit else Threshold(change.target, Decimal(0), Decimal(0))


def dashboard_of(version: DashboardVersion | None) -> Dashboard:
    """Two queries; none without a version."""
    if version is None:
        return Dashboard()
    limits = {
        (row.metric, row.tier): Threshold(row.target, row.amber, row.red) for row in version.thresholds.order_by()
    }
    return Dashboard(version, tuple(version.metrics.order_by("position").values_list("metric", flat=True)), limits)


@dataclass(frozen=True, slots=True)
class Judged:
    """A metric of one account with its status; `limit` None where nothing is configured for it."""

    metric: Metric
    status: Status | None
    limit: Threshold | None
    change: DashboardChange | None


def judged_metrics(account: Account, metrics: Sequence[Metric]) -> tuple[tuple[Judged, ...], tuple[Judged, ...]]:
    """Those that come first in their order, and the rest. Four queries."""
    dashboard = dashboard_of(DashboardVersion.objects.in_use())
    changes = {change.metric: change for change in account.dashboard_changes.select_related("set_by")}
    judged = {metric.key: _judged(metric, dashboard, account.tier, changes.get(metric.key)) for metric in metrics}
    first = tuple(judged[key] for key in dashboard.metrics if key in judged)
    return first, tuple(one for key, one in judged.items() if key not in dashboard.metrics)


def _judged(metric: Metric, dashboard: Dashboard, tier: str, change: DashboardChange | None) -> Judged:
    limit = dashboard.limit(metric.key, tier, change)
    status = None
    if limit is not None:
        status = status_of(value_of(metric.result), limit, low_is_good=metric.low_is_good)
    return Judged(metric, status, limit, change)


@dataclass(frozen=True, slots=True)
class Preview:
    """How many accounts of the programme a metric would paint; `before` by the version in use, `after` by the draft."""

    definition: Definition
    before: Mapping[str, int]
    after: Mapping[str, int]

    @property
    def is_changed(self) -> bool:
        return dict(self.before) != dict(self.after)


def preview(live: Dashboard, draft: Dashboard, today: date) -> tuple[Preview, ...]:
    """Metrics with a threshold in one of them, over all accounts with a tier. Four queries."""
    accounts = dict(Account.objects.live().exclude(tier="").order_by().values_list("pk", "tier"))
    changes = {(row.account_id, row.metric): row for row in DashboardChange.objects.filter(account__in=accounts)}
    years = pnl_of(accounts, current_window(today))
    facts = {pk: Facts(lines=year.now, before=year.before, days=DAYS_OF_YEAR) for pk, year in years.items()}
    found = []
    for key, definition in BY_KEY.items():
        asked = [board for board in (live, draft) if any(metric == key for metric, _ in board.limits)]
        if not may_have_threshold(key) or not asked:
            continue
        values = {pk: value_of(definition.compute(fact)) for pk, fact in facts.items()}
        judge = _Painter(definition, accounts, changes, values)
        found.append(Preview(definition, judge.painted(live), judge.painted(draft)))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Painter:
    """Counts colours of one metric: `tiers` and `values` by account."""

    metric: Definition
    tiers: Mapping[int, str]
    changes: Mapping[tuple[int, str], DashboardChange]
    values: Mapping[int, Decimal | None]

    def painted(self, board: Dashboard) -> Mapping[str, int]:
        counts: Counter[str] = Counter()
        for pk, tier in self.tiers.items():
            limit = board.limit(self.metric.key, tier, self.changes.get((pk, self.metric.key)))
            if limit is not None:
                counts[status_of(self.values.get(pk), limit, low_is_good=self.metric.low_is_good).value] += 1
        return counts
