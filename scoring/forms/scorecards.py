"""Forms of objectives, scorecards and their versions."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone

from sam.values.periods import Quarter
from scoring.domain.library import FIRST_SCORECARD, LIBRARY, Ready, usable
from scoring.domain.measures import is_registered
from scoring.forms.fields import HUNDRED, plain
from scoring.models import (
    Criterion,
    Objective,
    ScorecardVersion,
)


class ObjectiveForm(forms.ModelForm[Objective]):
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Objective
        fields = ["year", "code", "text", "dropped"]
        help_texts = {"code": "Short, for example O1.", "dropped": "Criteria keep naming it; new ones cannot."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("revision", self.instance.revision)
        if self.instance._state.adding:
            del self.fields["dropped"]
            self.initial.setdefault("year", timezone.localdate().year)

    def _get_validation_exclusions(self) -> set[str]:
        # The action says in words that a short name is taken.
        return {*super()._get_validation_exclusions(), "code"}  # type: ignore[misc]


class ScorecardForm(forms.Form):
    name = forms.CharField(max_length=80)


class DraftForm(forms.Form):
    """The settings of a draft, in percent."""

    alpha = forms.DecimalField(
        label="Share of “worth today” in the overall score",
        min_value=0,
        max_value=100,
        decimal_places=2,
        help_text="50 lets both halves count the same.",
    )
    minimum_coverage = forms.DecimalField(
        label="Known part a half needs to be scored",
        min_value=0,
        max_value=100,
        decimal_places=2,
        help_text="Below it a half is not scored, and the account has no overall score.",
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)

    @classmethod
    def of(cls, version: ScorecardVersion) -> DraftForm:
        return cls(
            initial={
                "alpha": plain(version.alpha * HUNDRED),
                "minimum_coverage": plain(version.minimum_coverage * HUNDRED),
                "revision": version.revision,
            }
        )

    def shares(self) -> tuple[Decimal, Decimal]:
        """Alpha and minimum coverage as fractions."""
        return self.cleaned_data["alpha"] / HUNDRED, self.cleaned_data["minimum_coverage"] / HUNDRED


class LibraryForm(forms.Form):
    """Ready-made criteria that the draft does not have yet."""

    ready = forms.MultipleChoiceField(choices=[], widget=forms.CheckboxSelectMultiple, label="Criteria")
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, taken: Iterable[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        used = set(taken)
        families = dict(Criterion.Family.choices)
        self.fields["ready"].choices = [  # type: ignore[attr-defined]
            (ready.key, f"{ready.name} ({_kind_words(usable(ready, is_registered), families)})")
            for ready in (*FIRST_SCORECARD, *LIBRARY)
            if ready.key not in used
        ]


def _kind_words(ready: Ready, families: dict[str, Any]) -> str:
    if ready.kind == Criterion.Kind.GATE:
        return "gate"
    return f"{str(families[ready.family]).lower()}; {'computed' if ready.kind == 'computed' else 'rated'}"


class PublishForm(forms.Form):
    note = forms.CharField(
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        label="Why this version",
        help_text="Stands beside the version for ever.",
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)


class RecomputeForm(forms.Form):
    quarter = forms.ChoiceField(
        choices=[], required=False, label="Twelve months that end with", widget=forms.Select(attrs={"class": "select"})
    )

    def __init__(self, *args: Any, quarters: Iterable[Quarter] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["quarter"].choices = [  # type: ignore[attr-defined]
            ("", "the last closed quarter with figures"),
            *((str(quarter), quarter.label) for quarter in quarters),
        ]
