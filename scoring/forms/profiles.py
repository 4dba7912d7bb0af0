"""Forms of the ideal-customer profile."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from sam.core.errors import FieldErrors
from scoring.domain.measures import Unit, measure_of
from scoring.domain.profile import Wanted
from scoring.forms.fields import HUNDRED, plain
from scoring.models import (
    IdealProfile,
)
from scoring.queries.profiles import WORDS, Option, options

PARTS = {"wanted": "what is wanted", "low": "from", "high": "to", "weight": "weight"}


class ProfileForm(forms.Form):
    """The whole ideal profile at once: what is wanted of each attribute; without a weight it does not count."""

    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, profile: IdealProfile, **kwargs: Any) -> None:
        self.options = options()
        kwargs["initial"] = self.stored_values(profile) | {"revision": profile.revision}
        super().__init__(*args, **kwargs)
        for option in self.options:
            if option.is_words:
                self._add(option, "wanted", forms.CharField(max_length=400, required=False))
            else:
                for end in ("low", "high"):
                    self._add(option, end, forms.DecimalField(max_digits=17, decimal_places=4, required=False))
            self._add(option, "weight", forms.DecimalField(max_digits=6, decimal_places=2, min_value=0, required=False))

    def _add(self, option: Option, part: str, made: forms.Field) -> None:
        made.label = f"{option.label}: {PARTS[part]}"
        words = part == "wanted"
        made.widget.attrs |= {
            "class": "input" if words else "input weight",
            "inputmode": "text" if words else "decimal",
        }
        self.fields[f"{option.key}-{part}"] = made

    @property
    def rows(self) -> list[tuple[Option, dict[str, forms.BoundField]]]:
        """Per attribute its bound fields by part: wanted, or low and high, and weight."""
        return [
            (option, {part: self[f"{option.key}-{part}"] for part in PARTS if f"{option.key}-{part}" in self.fields})
            for option in self.options
        ]

    @staticmethod
    def stored_values(current: IdealProfile) -> dict[str, Any]:
        """The fields of the stored profile; shares in percent."""
        found: dict[str, Any] = {}
        for row in current.attributes.all():
            factor = HUNDRED if row.key not in WORDS and measure_of(row.key).unit is Unit.RATIO else Decimal(1)
            found[f"{row.key}-weight"] = plain(row.weight)
            if row.wanted:
                found[f"{row.key}-wanted"] = ", ".join(row.wanted)
            for end in ("low", "high"):
                value = getattr(row, end)
                found[f"{row.key}-{end}"] = None if value is None else plain(value * factor)
        return found

    def wanted(self) -> list[Wanted]:
        """What has a weight."""
        return [self._wanted(option) for option in self.options if self.cleaned_data.get(f"{option.key}-weight")]

    def _wanted(self, option: Option) -> Wanted:
        given: dict[str, Any] = {part: self.cleaned_data.get(f"{option.key}-{part}") for part in PARTS}
        words = [word.strip() for word in (given["wanted"] or "").split(",")]
        factor = HUNDRED if option.unit is Unit.RATIO else Decimal(1)
        low, high = (None if given[end] is None else given[end] / factor for end in ("low", "high"))
        return Wanted(option.key, tuple(word[:80] for word in dict.fromkeys(words) if word), low, high, given["weight"])

    @staticmethod
    def named(problem: FieldErrors) -> FieldErrors:
        """What the action said of an attribute, at the field where it can be put right."""
        parts = {key: f"{key}-wanted" if key in WORDS else f"{key}-low" for key in problem.errors if key}
        return FieldErrors({parts.get(key, key): texts for key, texts in problem.errors.items()})


class ProfilePublishForm(forms.Form):
    note = forms.CharField(
        max_length=2000, widget=forms.Textarea(attrs={"rows": 2}), label="Why this version",
        help_text="Stands with the version; old ones keep theirs.",
    )  # fmt: skip
    revision = forms.IntegerField(widget=forms.HiddenInput)
