"""What several forms of scoring share: fields, numbers as text, a button that names what it saw."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

LEVELS = [(str(level), str(level)) for level in range(1, 6)]


HUNDRED = Decimal(100)


NO_TIER = "none"


EVIDENCE = forms.Textarea(attrs={"rows": 2})


def plain(number: Decimal) -> str:
    """A number for a field: no exponent, no needless zeros."""
    return f"{number.normalize():f}"


class RevisionForm(forms.Form):
    """A button that names what it saw."""

    revision = forms.IntegerField(widget=forms.HiddenInput)


def day_field(label: str, **options: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}), **options)


def amount_field(label: str) -> forms.DecimalField:
    return forms.DecimalField(label=label, max_digits=18, decimal_places=4, min_value=0, required=False)
