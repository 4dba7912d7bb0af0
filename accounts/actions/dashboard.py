"""The dashboard of account numbers: one draft at a time, one version in use, changes for single accounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.utils import timezone

from accounts.domain.dashboard import DEFAULT_METRICS, DEFAULT_THRESHOLDS, Threshold, may_have_threshold
from accounts.domain.metrics import BY_KEY
from accounts.models import Account, DashboardChange, DashboardMetric, DashboardThreshold, DashboardVersion
from accounts.models.dashboard import TIERS
from sam.core.audit import action
from sam.core.errors import ActionRefused, FieldErrors, Stale
from sam.core.models import User

LONGEST_TEXT = 300
LARGEST = Decimal(10) ** 6
State = DashboardVersion.State


@action("loaded the first dashboard")
def load_default_dashboard(*, by: User | None) -> DashboardVersion | None:
    """Version 1 as proposed, in use at once; None where there is a version already."""
    if DashboardVersion.objects.exists():
        return None
    version = DashboardVersion.objects.create(
        number=1, state=State.LIVE, note="As proposed on first start", published_on=timezone.localdate()
    )
    _write_metrics(version, DEFAULT_METRICS)
    for (metric, tier), limit in DEFAULT_THRESHOLDS.items():
        _write_threshold(version, metric, tier, limit)
    return version


@action("began a draft of the dashboard")
def start_dashboard_draft(*, by: User | None) -> DashboardVersion:
    """A copy of the version in use; the draft that there is already, if any."""
    existing = DashboardVersion.objects.draft()
    if existing is not None:
        return existing
    newest = DashboardVersion.objects.aggregate(number=Max("number"))["number"] or 0
    draft = DashboardVersion.objects.create(number=newest + 1)
    live = DashboardVersion.objects.in_use()
    if live is not None:
        _write_metrics(draft, list(live.metrics.values_list("metric", flat=True)))
        for row in live.thresholds.all():
            _write_threshold(draft, row.metric, row.tier, Threshold(row.target, row.amber, row.red))
    return draft


@action("chose the metrics of the dashboard")
def set_dashboard_metrics(*, version: DashboardVersion, metrics: Sequence[str], revision: int, by: User | None) -> None:
    """The metrics that come first, in this order. Raises FieldErrors, Stale."""
    if not metrics:
        raise FieldErrors({"": "Choose at least one metric to come first."})
    if unknown := [key for key in metrics if key not in BY_KEY]:
        raise FieldErrors({"": f"There is no metric “{unknown[0]}”."})
    _touch(version, revision)
    version.metrics.all().delete()
    _write_metrics(version, list(dict.fromkeys(metrics)))


@action("set thresholds of the dashboard")
def set_thresholds(
    *,
    version: DashboardVersion,
    metric: str,
    limits: Mapping[str, Threshold | None],
    revision: int,
    by: User | None,
) -> None:
    """Target, amber and red of a metric by tier; None removes a tier's. Raises FieldErrors, Stale."""
    errors: dict[str, str] = {}
    if metric not in BY_KEY or not may_have_threshold(metric):
        raise FieldErrors({"": "Amounts of money have targets per account and year, no thresholds by tier."})
    for tier, limit in limits.items():
        if tier not in TIERS:
            errors[""] = f"There is no tier “{tier}”."
        elif limit is not None and not 0 <= limit.amber <= limit.red:
            errors[f"{tier}_red"] = "Red begins further from the target than amber, and both at zero or more."
        elif limit is not None and not -LARGEST < limit.target < LARGEST:
            errors[f"{tier}_target"] = f"Write a number below {LARGEST:,}."
    if errors:
        raise FieldErrors(errors)
    _touch(version, revision)
    version.thresholds.filter(metric=metric, tier__in=list(limits)).delete()
    for tier, limit in limits.items():
        if limit is not None:
            _write_threshold(version, metric, tier, limit)


@action("put a dashboard into use")
def publish_dashboard(*, version: DashboardVersion, note: str, revision: int, by: User | None) -> None:
    """The draft becomes the one in use, the old one is kept as retired. Raises FieldErrors, Stale."""
    if not note.strip() or len(note) > LONGEST_TEXT:
        raise FieldErrors({"note": f"Say what changes and why, in at most {LONGEST_TEXT} characters."})
    _touch(version, revision)
    DashboardVersion.objects.filter(state=State.LIVE).update(state=State.RETIRED, revision=F("revision") + 1)
    DashboardVersion.objects.filter(pk=version.pk).update(
        state=State.LIVE, note=note.strip(), published_on=timezone.localdate(), published_by=by
    )


@action("discarded a draft of the dashboard")
def discard_dashboard_draft(*, by: User | None) -> None:
    """Nothing happens where there is no draft."""
    DashboardVersion.objects.filter(state=State.DRAFT).delete()


@action("set another target for an account")
def set_dashboard_change(
    *, account: Account, metric: str, target: Decimal | None, reason: str, revision: int | None, by: User | None
) -> DashboardChange | None:
    """Another target than the tier's, with its reason; None goes back to the tier's. Raises FieldErrors, Stale."""
    if metric not in BY_KEY or not may_have_threshold(metric):
        raise FieldErrors({"target": "Amounts of money have targets per account and year."})
    rows = account.dashboard_changes.filter(metric=metric)
    if target is None:
        stored = rows.first()
        if stored is not None and stored.revision != revision:
            raise Stale(stored)
        rows.delete()
        return None
    if not -LARGEST < target < LARGEST:
        raise FieldErrors({"target": f"Write a number below {LARGEST:,}."})
    if not reason.strip() or len(reason) > LONGEST_TEXT:
        raise FieldErrors({"reason": f"Say why this account is different, in at most {LONGEST_TEXT} characters."})
    facts = {"target": target, "reason": reason.strip(), "set_by": by, "set_on": timezone.localdate()}
    if revision is None:
        try:
            with transaction.atomic():
                return DashboardChange.objects.create(account=account, metric=metric, **facts)
        except IntegrityError:
            raise Stale(rows.get()) from None
    changed = rows.filter(revision=revision).update(**facts, revision=F("revision") + 1)
    current = rows.first()
    if current is None:
        raise ActionRefused("Somebody else went back to the tier’s target meanwhile.", code="gone")
    if not changed:
        raise Stale(current)
    return current


def _touch(version: DashboardVersion, revision: int) -> None:
    """Takes the draft for this change. Raises Stale, and ActionRefused for a version that is no draft."""
    current = DashboardVersion.objects.select_for_update().filter(pk=version.pk).first()
    if current is None or current.state != State.DRAFT:
        raise ActionRefused("This is no draft any more. Begin a new one.", code="not_a_draft")
    if current.revision != revision:
        raise Stale(current)
    DashboardVersion.objects.filter(pk=current.pk).update(revision=F("revision") + 1)


def _write_metrics(version: DashboardVersion, metrics: Sequence[str]) -> None:
    DashboardMetric.objects.bulk_create(
        DashboardMetric(version=version, metric=key, position=place) for place, key in enumerate(metrics, start=1)
    )


def _write_threshold(version: DashboardVersion, metric: str, tier: str, limit: Threshold) -> None:
    DashboardThreshold.objects.create(
        version=version, metric=metric, tier=tier, target=limit.target, amber=limit.amber, red=limit.red
    )
