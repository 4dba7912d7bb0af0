"""The form of one criterion."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms

from scoring.domain.measures import Unit, is_registered, measure_of, measures
from scoring.forms.fields import HUNDRED, plain
from scoring.models import (
    Criterion,
    Objective,
)


def scale_of(measure: str) -> Decimal:
    """Cut points are typed in the unit people think in: percent for ratios, the measure's own unit otherwise."""
    return HUNDRED if measure_of(measure).unit is Unit.RATIO else Decimal(1)


class CriterionForm(forms.Form):
    key = forms.CharField(max_length=8, label="Short name", help_text="Ratings hang on it: C1, P1, …")
    name = forms.CharField(max_length=160)
    kind = forms.ChoiceField(choices=Criterion.Kind.choices, label="How it is answered")
    half = forms.ChoiceField(choices=[("", "–"), *Criterion.Half.choices], required=False)
    family = forms.ChoiceField(choices=[("", "–"), *Criterion.Family.choices], required=False)
    weight = forms.DecimalField(
        min_value=0, max_value=10_000, max_digits=7, decimal_places=2, required=False, initial=Decimal(10)
    )
    objective = forms.ModelChoiceField(Objective.objects.none(), required=False, label="Objective it serves")
    measure = forms.ChoiceField(choices=[], required=False, label="Computed from")
    method = forms.ChoiceField(choices=[("", "–"), *Criterion.Method.choices], required=False, label="Scored by")
    cut_1, cut_2, cut_3, cut_4 = (
        forms.DecimalField(required=False, max_digits=18, decimal_places=6, label=label)
        for label in ("2 from", "3 from", "4 from", "5 from")
    )
    low = forms.DecimalField(required=False, max_digits=18, decimal_places=6, label="From")
    high = forms.DecimalField(
        required=False,
        max_digits=18,
        decimal_places=6,
        label="To",
        help_text="0 points up to the first, 100 from the second; the other way round when a low value is good.",
    )
    low_is_good = forms.BooleanField(required=False, label="A low value is good")
    anchor_1, anchor_2, anchor_3, anchor_4, anchor_5 = (
        forms.CharField(required=False, max_length=240, label=f"{level} means") for level in range(1, 6)
    )
    valid_months = forms.IntegerField(min_value=1, max_value=60, initial=12, label="A rating counts for … months")
    revision = forms.IntegerField(widget=forms.HiddenInput)

    CUTS = ("cut_1", "cut_2", "cut_3", "cut_4")
    BETWEEN = ("low", "high")
    ANCHORS = ("anchor_1", "anchor_2", "anchor_3", "anchor_4", "anchor_5")

    def __init__(
        self, data: Any = None, *, criterion: Criterion | None = None, initial: Mapping[str, Any] | None = None
    ) -> None:
        shown = dict(initial or {})
        if criterion is not None:
            shown = _initial(criterion) | shown
        super().__init__(data, initial=shown)
        known = Objective.objects.filter(dropped=False)
        if criterion is not None and criterion.objective_id:
            known = known | Objective.objects.filter(pk=criterion.objective_id)
        self.fields["objective"].queryset = known  # type: ignore[attr-defined]
        self.fields["measure"].choices = _measure_choices(criterion)  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """What the action takes. A field that was left empty makes bands incomplete, which the action says."""
        data = self.cleaned_data
        given = [data[name] for name in _cut_fields(data["method"])]
        scale = scale_of(data["measure"])
        names = (
            "key",
            "name",
            "kind",
            "half",
            "family",
            "measure",
            "method",
            "low_is_good",
            "objective",
            "valid_months",
        )
        anchors = [data[name].strip() for name in self.ANCHORS]
        return {name: data[name] for name in names} | {
            "weight": data["weight"] or Decimal(0),
            "cut_points": [cut / scale for cut in given if cut is not None],
            "anchors": anchors if any(anchors) else [],
        }

    def add_action_errors(self, errors: Iterable[tuple[str, Sequence[str]]]) -> None:
        """Errors of the action, at the fields that people see."""
        places = {"cut_points": _cut_fields(self.cleaned_data.get("method", ""))[0], "anchors": "anchor_1"}
        for name, texts in errors:
            place = places.get(name, name)
            self.add_error(place if place in self.fields else None, list(texts))


def _cut_fields(method: str) -> tuple[str, ...]:
    return CriterionForm.BETWEEN if method == Criterion.Method.LINEAR else CriterionForm.CUTS


def _measure_choices(criterion: Criterion | None) -> list[tuple[str, str]]:
    """All registered measures, and the one the criterion has, registered or not."""
    found = [("", "–"), *((measure.key, measure.label) for measure in measures())]
    if criterion is not None and criterion.is_computed and not is_registered(criterion.measure):
        found.append((criterion.measure, criterion.measured_by.label))
    return found


def _initial(criterion: Criterion) -> dict[str, Any]:
    names = (
        "key",
        "name",
        "kind",
        "half",
        "family",
        "weight",
        "objective",
        "measure",
        "method",
        "low_is_good",
        "valid_months",
    )
    scale = scale_of(criterion.measure)
    cuts = [plain(cut * scale) for cut in criterion.cut_points]
    return (
        {name: getattr(criterion, name) for name in names}
        | {"weight": plain(criterion.weight)}
        | dict(zip(_cut_fields(criterion.method), cuts, strict=False))
        | dict(zip(CriterionForm.ANCHORS, criterion.anchors, strict=False))
    )
