"""Forms of the import: the file, and which column is which field."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.domain.import_fields import KINDS, ImportKind, Shape
from accounts.models import ImportBatch
from accounts.models.imports import BY_SEAT, importable_kinds
from sam.core.models import Organisation, User

MONTHS = "January February March April May June July August September October November December".split()


class UploadForm(forms.Form):
    kind = forms.ChoiceField(label="What is in the file?")
    file = forms.FileField(
        label="File",
        help_text="CSV or XLSX, up to 50 MB, column names in the first row.",
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx"}),
    )
    source = forms.CharField(
        label="Source system",
        max_length=40,
        initial="import",
        required=False,
        help_text="Keys count per source. Use the same word for files of the same system.",
    )
    as_of = forms.DateField(
        label="Figures as of",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Decides which periods count as closed. Today when empty.",
    )
    control_total = forms.DecimalField(
        label="Control total of revenue",
        required=False,
        max_digits=18,
        decimal_places=4,
        help_text="The check says so when the file's revenue adds up to something else.",
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(kind.value, f"{KINDS[kind].label}: {KINDS[kind].summary}") for kind in importable_kinds(user)]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]


class ColumnsForm(forms.Form):
    """One choice per column of the file, and how the file writes numbers, dates and years."""

    decimal = forms.ChoiceField(
        label="Numbers are written", choices=[(".", "1,234.56 (point)"), (",", "1.234,56 (comma)")]
    )
    date_order = forms.ChoiceField(
        label="Dates are written", choices=[("dmy", "31/12/2026 (day first)"), ("mdy", "12/31/2026 (month first)")]
    )
    fiscal = forms.ChoiceField(label="Years and quarters are", required=False)

    def __init__(self, *args: Any, batch: ImportBatch, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.batch = batch
        known = KINDS[ImportKind(batch.kind)]
        shapes = {field.shape for field in known.fields}
        options = batch.options
        if Shape.AMOUNT in shapes:
            self.fields["decimal"].initial = options.get("decimal", ".")
        else:
            del self.fields["decimal"]
        if Shape.DATE in shapes:
            self.fields["date_order"].initial = options.get("date_order", "dmy")
        else:
            del self.fields["date_order"]
        self._offer_fiscal_years()
        choices = [
            ("", "Leave out"),
            *((field.name, f"{field.label} *" if field.required else field.label) for field in known.fields),
        ]
        for place, column in enumerate(batch.columns):
            self.fields[f"column_{place}"] = forms.ChoiceField(
                label=column,
                required=False,
                choices=choices,
                initial=(batch.mapping or {}).get(column, ""),
                widget=forms.Select(attrs={"class": "select"}),
            )

    def _offer_fiscal_years(self) -> None:
        start = Organisation.objects.current().fiscal_year_start
        if self.batch.kind not in BY_SEAT or start == 1:
            del self.fields["fiscal"]
            return
        field = self.fields["fiscal"]
        field.choices = [("", "calendar years"), ("yes", f"fiscal years that begin in {MONTHS[start - 1]}")]  # type: ignore[attr-defined]
        field.initial = "yes" if self.batch.options.get("fiscal") else ""

    @property
    def rows(self) -> list[tuple[str, list[str], Any]]:
        """(column, first cells, the choice) for every column of the file."""
        sample = self.batch.sample
        return [
            (column, [row[place] for row in sample if row[place]], self[f"column_{place}"])
            for place, column in enumerate(self.batch.columns)
        ]

    @property
    def settings(self) -> list[Any]:
        return [self[name] for name in ("decimal", "date_order", "fiscal") if name in self.fields]

    @property
    def mapping(self) -> dict[str, str]:
        """Column → field, as chosen."""
        chosen = ((column, self.cleaned_data[f"column_{place}"]) for place, column in enumerate(self.batch.columns))
        return {column: name for column, name in chosen if name}

    @property
    def options(self) -> dict[str, Any]:
        data = self.cleaned_data
        options: dict[str, Any] = {name: data[name] for name in ("decimal", "date_order") if name in data}
        return {**self.batch.options, **options, "fiscal": data.get("fiscal") == "yes"}
