"""The form of an outcome and its worth."""

from __future__ import annotations

from django import forms

from scoring.forms.fields import amount_field, day_field


class WorthForm(forms.Form):
    """What one outcome is worth a year, to the client and to us."""

    outcome = forms.CharField(
        max_length=240, label="Outcome", help_text="What the client gets, in its own words if you know them."
    )
    client_amount = amount_field("Worth to the client, a year")
    our_amount = amount_field("Worth to us, a year")
    currency = forms.CharField(max_length=3, min_length=3)
    basis = forms.CharField(
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        label="What it rests on",
        help_text="Whose figures, which calculation, which paper.",
    )
    confirmed = forms.BooleanField(required=False, label="Confirmed by the client, not assumed")
    on = day_field("As of")
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()
