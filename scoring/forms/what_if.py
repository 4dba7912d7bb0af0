"""The sliders of a what-if."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from accounts.models import Account
from scoring.domain.what_if import Changes, WrongChange
from scoring.forms.fields import HUNDRED, plain
from scoring.models import (
    Criterion,
)
from scoring.queries.rules import Rules


class WhatIfForm(forms.Form):
    """The numbers of a version as sliders; what is not sent stays as the version has it."""

    top = forms.IntegerField(required=False, min_value=1, max_value=1000, label="Places on the list", initial=10)
    alpha = forms.DecimalField(
        required=False, min_value=0, max_value=100, decimal_places=2, label="Share of “worth today”"
    )

    def __init__(self, given: Mapping[str, Any], rules: Rules) -> None:
        super().__init__(None)
        self.rules = rules
        self._add_sliders(rules)
        self.data = {name: given.get(name) or field.initial for name, field in self.fields.items()}
        self.is_bound = True

    def _add_sliders(self, rules: Rules) -> None:
        self.fields["alpha"].initial = plain(rules.scorecard.alpha * HUNDRED)
        for criterion in rules.criteria:
            top = max(HUNDRED, criterion.weight)
            self.fields[f"weight-{criterion.key}"] = forms.DecimalField(
                required=False, min_value=0, max_value=top, decimal_places=2, initial=plain(criterion.weight),
                label=f"{criterion.key} {criterion.name}",
            )  # fmt: skip
        for rule in rules.tiers:
            for name, label in (("enter", "enter from"), ("stay", "stay from"), ("enter_half", "each half to enter")):
                self.fields[f"{name}-{rule.tier}"] = forms.DecimalField(
                    required=False, min_value=0, max_value=100, decimal_places=2, initial=plain(getattr(rule, name)),
                    label=f"{Account.Tier(rule.tier).label!s}: {label}",
                )  # fmt: skip
        for name, field in self.fields.items():
            step = "1" if name == "top" else "0.5" if "-" in name else "5"
            longest = 100 if name == "top" else field.max_value  # type: ignore[attr-defined]
            field.widget = forms.NumberInput(
                attrs={"type": "range", "min": "1" if name == "top" else "0", "max": str(longest), "step": step}
            )

    @property
    def sliders(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The sliders in groups: halves, then thresholds, then the cut line."""
        groups = [
            (str(label), [self[f"weight-{one.key}"] for one in self.rules.criteria if one.half == half])
            for half, label in Criterion.Half.choices
        ]
        thresholds = [self[name] for name in self.fields if name.startswith(("enter", "stay"))]
        return [*groups, ("Halves, cut line", [self["alpha"], self["top"]]), ("Tiers", thresholds)]

    def changes(self) -> Changes:
        """What differs from the version."""
        data = self.cleaned_data
        weights = {
            one.key: data[f"weight-{one.key}"]
            for one in self.rules.criteria
            if data[f"weight-{one.key}"] not in (None, one.weight)
        }
        thresholds = {
            rule.tier: {
                name: data[f"{name}-{rule.tier}"]
                for name in ("enter", "stay", "enter_half")
                if data[f"{name}-{rule.tier}"] not in (None, getattr(rule, name))
            }
            for rule in self.rules.tiers
        }
        alpha = data["alpha"]
        return Changes(
            weights=weights,
            alpha=None if alpha is None else alpha / HUNDRED,
            thresholds={tier: given for tier, given in thresholds.items() if given},
        )

    def add_wrong(self, problem: WrongChange) -> None:
        """A change that makes no sense, at its slider."""
        kind, *rest = problem.place.split(".")
        name = {"weights": "weight-{0}", "thresholds": "{1}-{0}"}.get(kind, kind).format(*rest, "", "")
        self.add_error(name if name in self.fields else None, str(problem))
