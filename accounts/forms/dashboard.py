"""Forms of the dashboard: the order of metrics, thresholds by tier, publishing, and another target for an account."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms

from accounts.actions.dashboard import LONGEST_TEXT
from accounts.domain.dashboard import Threshold
from accounts.domain.metrics import BY_KEY, Definition, Kind
from accounts.forms.figures import plain_decimal_text
from accounts.models import Account, DashboardChange
from accounts.queries.dashboard import Dashboard

TIERS = [(tier.value, str(tier.label)) for tier in Account.Tier if tier.value]
PARTS = ("target", "amber", "red")


def size_of(metric: Definition) -> Decimal:
    """What one unit on the page is in the stored unit: percent are typed as 18, not as 0.18."""
    return Decimal(100) if metric.unit is Kind.FRACTION else Decimal(1)


def unit_of(metric: Definition) -> str:
    return {Kind.FRACTION: "%", Kind.DAYS: "days", Kind.TIMES: "times"}.get(metric.unit, "")


class MetricOrderForm(forms.Form):
    """A place for each metric that comes first; those without one stand behind "More"."""

    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, data: Any = None, *, board: Dashboard) -> None:
        initial: dict[str, Any] = {key: place for place, key in enumerate(board.metrics, start=1)}
        initial["revision"] = board.version.revision if board.version else 1
        super().__init__(data, initial=initial)
        for key, metric in BY_KEY.items():
            self.fields[key] = forms.IntegerField(label=metric.name, required=False, min_value=1, max_value=99)

    @property
    def order(self) -> list[str]:
        """Keys by their place; equal places in the order of the list."""
        placed = [(self.cleaned_data[key], key) for key in BY_KEY if self.cleaned_data[key] is not None]
        return [key for _, key in sorted(placed, key=lambda entry: entry[0])]


class ThresholdForm(forms.Form):
    """Target, amber and red of one metric by tier; an empty target means no threshold for that tier."""

    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, data: Any = None, *, metric: Definition, board: Dashboard) -> None:
        self.metric, size = metric, size_of(metric)
        initial: dict[str, Any] = {"revision": board.version.revision if board.version else 1}
        for tier, _ in TIERS:
            limit = board.limit(metric.key, tier)
            if limit is not None:
                initial |= {f"{tier}_{part}": plain_decimal_text(getattr(limit, part) * size) for part in PARTS}
        super().__init__(data, initial=initial)
        for tier, name in TIERS:
            for part in PARTS:
                self.fields[f"{tier}_{part}"] = forms.DecimalField(
                    label=f"{name}: {part}", required=False, max_digits=10, decimal_places=2
                )

    @property
    def rows(self) -> list[tuple[str, list[forms.BoundField]]]:
        return [(name, [self[f"{tier}_{part}"] for part in PARTS]) for tier, name in TIERS]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for tier, _ in TIERS:
            given = [data.get(f"{tier}_{part}") for part in PARTS]
            if any(one is not None for one in given) and None in given:
                self.add_error(f"{tier}_target", "Write target, amber and red, or none of them.")
        return data

    @property
    def limits(self) -> Mapping[str, Threshold | None]:
        size, found = size_of(self.metric), {}
        for tier, _ in TIERS:
            given = [self.cleaned_data.get(f"{tier}_{part}") for part in PARTS]
            found[tier] = None if given[0] is None else Threshold(*(one / size for one in given if one is not None))
        return found


class PublishForm(forms.Form):
    note = forms.CharField(label="What changes, and why", max_length=LONGEST_TEXT)
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


class DashboardChangeForm(forms.Form):
    """Another target for one account; empty goes back to the tier's."""

    target = forms.DecimalField(required=False, max_digits=10, decimal_places=2)
    reason = forms.CharField(label="Why this account is different", required=False, max_length=LONGEST_TEXT)
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)

    def __init__(self, data: Any = None, *, metric: Definition, change: DashboardChange | None) -> None:
        initial: dict[str, Any] = {}
        if change is not None:
            initial = {
                "target": plain_decimal_text(change.target * size_of(metric)),
                "reason": change.reason,
                "revision": change.revision,
            }
        super().__init__(data, initial=initial)
        self.fields["target"].label = f"Target for this account, {unit_of(metric)}"
        self.fields["target"].help_text = "Empty goes back to the tier’s target."
