"""Forms of the templates' drafts: the questions of a survey, the agenda of a review."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.utils.text import slugify

from reviews.domain.survey import ItemKind
from reviews.forms.reviews import AgendaForm, rows_of
from reviews.models import AgendaTemplate, SurveyTemplate

SPARE_QUESTIONS = 2
LAST = 100
MOST_ROWS = 40
TWO_LINES = forms.Textarea(attrs={"rows": 2})
KINDS = [(ItemKind.DRIVER.value, "Agree or disagree"), (ItemKind.OPEN.value, "In their own words")]
LANGUAGES: list[tuple[str, str]] = list(settings.LANGUAGES)


class PublishForm(forms.Form):
    note = forms.CharField(
        label="What changed, and why",
        max_length=240,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Stands beside the version, for whoever asks next year.",
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)


class RevisionForm(forms.Form):
    revision = forms.IntegerField(widget=forms.HiddenInput)


class AgendaTemplateForm(AgendaForm):
    """The agenda of a kind of review and the length of its meeting."""

    minutes = forms.IntegerField(label="Length of the meeting", min_value=5, max_value=480)

    def __init__(self, *args: Any, template: AgendaTemplate, **kwargs: Any) -> None:
        super().__init__(*args, items=template.agenda, **kwargs)
        self.initial.update(minutes=template.minutes, revision=template.revision)

    def stored_values(self, current: Any) -> dict[str, Any]:
        return {**rows_of(current.agenda), "minutes": current.minutes}


@dataclass(frozen=True, slots=True)
class Question:
    """The fields of one question; without a name it is a new one. `fixed`: the recommendation, always asked."""

    name: str
    fixed: bool
    head: tuple[forms.BoundField, ...]
    wordings: tuple[tuple[forms.BoundField, forms.BoundField], ...]
    key: forms.BoundField


class SurveyTemplateForm(forms.Form):
    """Title and questions in every language. A question whose wordings are emptied is taken out.

    Each row names its question by key, so that a draft that somebody else reordered meanwhile is not mixed up.
    """

    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, template: SurveyTemplate, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions = template.questions
        self.recommendation = next(item.key for item in self.questions if item.kind == ItemKind.NPS)
        self.count = min(max(len(self.questions) + SPARE_QUESTIONS, self._rows_sent()), MOST_ROWS)
        for code, language in LANGUAGES:
            self.fields[f"title_{code}"] = forms.CharField(
                label=f"Title in {language}", max_length=80, required=code == "en"
            )
        for number in range(self.count):
            self._add_fields(number)
        self.initial.update(stored_values(template))

    def _rows_sent(self) -> int:
        numbers = [name.removeprefix("key_") for name in self.data if name.startswith("key_")]
        return 1 + max((int(number) for number in numbers if number.isdecimal() and len(number) < 3), default=-1)

    def _add_fields(self, number: int) -> None:
        self.fields[f"key_{number}"] = forms.SlugField(required=False, max_length=40, widget=forms.HiddenInput)
        self.fields[f"position_{number}"] = forms.IntegerField(label="Order", min_value=1, max_value=99, required=False)
        self.fields[f"kind_{number}"] = forms.ChoiceField(label="Asks for", choices=KINDS, required=False)
        for code, language in LANGUAGES:
            self.fields[f"label_{code}_{number}"] = forms.CharField(
                label=f"Short name in {language}", max_length=40, required=False
            )
            self.fields[f"text_{code}_{number}"] = forms.CharField(
                label=f"Wording in {language}", max_length=300, required=False, widget=TWO_LINES
            )

    def stored_values(self, current: SurveyTemplate) -> dict[str, Any]:
        return stored_values(current)

    @property
    def titles(self) -> list[forms.BoundField]:
        return [self[f"title_{code}"] for code, _ in LANGUAGES]

    @property
    def rows(self) -> list[Question]:
        return [self._row(number) for number in range(self.count)]

    def _row(self, number: int) -> Question:
        key = self[f"key_{number}"].value() or ""
        item = next((item for item in self.questions if item.key == key), None)
        fixed = key == self.recommendation
        names = [f"position_{number}"] if fixed else [f"position_{number}", f"kind_{number}"]
        return Question(
            item.named("en") if item else "",
            fixed,
            tuple(self[name] for name in names),
            tuple((self[f"label_{code}_{number}"], self[f"text_{code}_{number}"]) for code, _ in LANGUAGES),
            self[f"key_{number}"],
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        title = {code: data[f"title_{code}"] for code, _ in LANGUAGES if data.get(f"title_{code}")}
        return {**data, "title": title, "items": self._items(data)}

    def _items(self, data: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The questions in the order that the numbers say; without a number at the end."""
        found: list[tuple[int, dict[str, Any]]] = []
        taken = {data.get(f"key_{number}", "") for number in range(self.count)}
        for number in range(self.count):
            texts = {name: _in_languages(data, name, number) for name in ("label", "text")}
            key = data.get(f"key_{number}", "")
            fixed = key == self.recommendation
            if not any(texts.values()) and not fixed:
                continue
            for name, words in texts.items():
                if not words.get("en"):
                    self.add_error(f"{name}_en_{number}", "English is needed: it stands where a language is missing.")
            key = key or _free_key(texts["label"].get("en", ""), taken)
            taken.add(key)
            kind = ItemKind.NPS.value if fixed else data.get(f"kind_{number}") or ItemKind.DRIVER.value
            found.append((data.get(f"position_{number}") or LAST, {"key": key, "kind": kind, **texts}))
        return [item for _, item in sorted(found, key=lambda pair: pair[0])]


def stored_values(template: SurveyTemplate) -> dict[str, Any]:
    """What the fields of the form say while nobody has typed."""
    found: dict[str, Any] = {"revision": template.revision}
    found |= {f"title_{code}": template.title.get(code, "") for code, _ in LANGUAGES}
    for number, item in enumerate(template.questions):
        found |= {f"key_{number}": item.key, f"position_{number}": number + 1}
        if item.kind != ItemKind.NPS:
            found[f"kind_{number}"] = item.kind.value
        for code, _ in LANGUAGES:
            found |= {f"label_{code}_{number}": item.label.get(code, "")}
            found |= {f"text_{code}_{number}": item.text.get(code, "")}
    return found


def _in_languages(data: Mapping[str, Any], name: str, number: int) -> dict[str, str]:
    typed = {code: data.get(f"{name}_{code}_{number}", "") for code, _ in LANGUAGES}
    return {code: words for code, words in typed.items() if words}


def _free_key(label: str, taken: set[str]) -> str:
    """A key for a new question, by which its answers are compared over the years."""
    wanted = slugify(label)[:36] or "question"
    return next(key for key in [wanted, *(f"{wanted}-{n}" for n in range(2, LAST))] if key not in taken)
