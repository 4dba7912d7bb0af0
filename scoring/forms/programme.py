"""What to look at: programme results and back-tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from sam.values.periods import Quarter
from scoring.domain.back_test import MEASURES as MEASURES_SINCE
from scoring.domain.back_test import SCORES
from scoring.queries.programme import TIERS as PROGRAMME_TIERS


class ProgrammeForm(forms.Form):
    """Which twelve months, and of which day the tiers are."""

    quarter = forms.ChoiceField(choices=[], label="Twelve months to", widget=forms.Select(attrs={"class": "select"}))
    tiers = forms.ChoiceField(
        choices=tuple(PROGRAMME_TIERS.items()), label="Groups by", widget=forms.Select(attrs={"class": "select"})
    )

    def __init__(self, data: Mapping[str, Any], quarters: Iterable[Quarter]) -> None:
        super().__init__(data)
        self.fields["quarter"].choices = [(str(quarter), quarter.label) for quarter in quarters]  # type: ignore[attr-defined]


class BackTestForm(forms.Form):
    """Which past quarter is tested, by which score, and what growth is of."""

    quarter = forms.ChoiceField(choices=[], label="As of the end of", widget=forms.Select(attrs={"class": "select"}))
    score = forms.ChoiceField(choices=tuple(SCORES.items()), label="By", widget=forms.Select(attrs={"class": "select"}))
    measure = forms.ChoiceField(
        choices=tuple(MEASURES_SINCE.items()), label="Growth of", widget=forms.Select(attrs={"class": "select"})
    )

    def __init__(self, data: Mapping[str, Any], quarters: Iterable[Quarter]) -> None:
        super().__init__(data)
        self.fields["quarter"].choices = [(str(quarter), quarter.label) for quarter in quarters]  # type: ignore[attr-defined]
