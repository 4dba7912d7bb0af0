"""Forms of activities and of the yearly rates that price them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from accounts.actions.activities import Told
from accounts.domain.drivers import COUNTED, DRIVERS, Unit
from accounts.forms.figures import plain_decimal_text
from accounts.models import ActivityRate, ActivityVolume


class VolumeForm(forms.Form):
    """How often each activity happened in a period. Empty means unknown; nothing happened is 0."""

    def __init__(self, data: Any = None, *, rows: Mapping[str, ActivityVolume]) -> None:
        super().__init__(data)
        for key in COUNTED:
            row = rows.get(key)
            self.fields[key] = forms.DecimalField(
                label=DRIVERS[key].label,
                required=False,
                min_value=0,
                max_digits=18,
                decimal_places=4,
                initial=plain_decimal_text(row.quantity) if row else "",
            )
            self.fields[f"{key}_revision"] = forms.IntegerField(
                required=False, min_value=1, widget=forms.HiddenInput, initial=row.revision if row else None
            )

    @property
    def told(self) -> dict[str, Told]:
        data = self.cleaned_data
        return {key: Told(data[key], data[f"{key}_revision"]) for key in COUNTED}


class ActivityRateForm(forms.Form):
    """One yearly rate: an amount for one unit, a fraction, or years."""

    amount = forms.DecimalField(min_value=0, max_digits=18, decimal_places=4)
    currency = forms.CharField(min_length=3, max_length=3)
    variable = forms.BooleanField(
        label="Falls away with the activity", required=False, help_text="Counts as the variable part of cost to serve."
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)

    def __init__(self, data: Any = None, *, driver: str, row: ActivityRate | None, currency: str) -> None:
        known = DRIVERS[driver]
        initial: dict[str, Any] = {"currency": currency, "variable": known.variable, "amount": known.amount}
        if row is not None:
            initial = {
                "amount": plain_decimal_text(row.amount),
                "currency": row.currency,
                "variable": row.variable,
                "revision": row.revision,
            }
        super().__init__(data, initial=initial)
        self.fields["amount"].label = f"{known.label}, {known.each}"
        if known.unit is not Unit.MONEY:
            del self.fields["currency"], self.fields["variable"]
        if known.unit is Unit.FRACTION:
            self.fields["amount"].help_text = "A fraction: 0.07 is 7 %."
        elif known.unit is Unit.YEARS:
            self.fields["amount"].help_text = "Whole years from 1 to 50."

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()


class CopyRatesForm(forms.Form):
    """From which year to which."""

    year = forms.IntegerField(label="Copy the rates of", min_value=1990, max_value=2200)
    into = forms.IntegerField(label="to", min_value=1990, max_value=2200)
