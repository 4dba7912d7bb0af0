"""Forms of targets and forecasts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from accounts.actions.targets import LONGEST_TEXT, Wanted
from accounts.forms.figures import plain_decimal_text
from accounts.models import Forecast, Target

QUARTERS = ("quarter_1", "quarter_2", "quarter_3", "quarter_4")


def amount_field(label: str, *, required: bool = True, min_value: int | None = 0, **options: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, required=required, min_value=min_value, max_digits=18, decimal_places=4, **options
    )


class TargetForm(forms.Form):
    """A year's target; the quarters only where they are typed."""

    amount = amount_field("Target of the year")
    currency = forms.CharField(min_length=3, max_length=3)
    spread = forms.ChoiceField(
        label="Spread over the quarters",
        choices=Target.Spread.choices,
        help_text="As last year’s quarters where all four are known, else even.",
    )
    quarter_1 = amount_field("First quarter", required=False)
    quarter_2 = amount_field("Second quarter", required=False)
    quarter_3 = amount_field("Third quarter", required=False)
    quarter_4 = amount_field("Fourth quarter", required=False)
    reason = forms.CharField(label="Reason", max_length=LONGEST_TEXT, required=False)
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)

    def __init__(self, data: Any = None, *, target: Target | None, currency: str) -> None:
        initial: dict[str, Any] = {"currency": currency, "spread": Target.Spread.LAST_YEAR}
        if target is not None:
            initial = {
                "amount": plain_decimal_text(target.amount),
                "currency": target.currency,
                "spread": target.spread,
                "revision": target.revision,
            }
            if target.spread == Target.Spread.OWN:
                initial |= {name: plain_decimal_text(getattr(target, name)) for name in QUARTERS}
        super().__init__(data, initial=initial)
        if target is not None:
            self.fields["reason"].label = "Why it changes"
            self.fields["reason"].required = True
            self.fields["reason"].help_text = "The old target stays readable with this reason."

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()


def wanted(values: dict[str, Any]) -> Wanted:
    """What the cleaned form asks for."""
    parts: tuple[Decimal, ...] = tuple(values[name] for name in QUARTERS if values[name] is not None)
    return Wanted(
        amount=values["amount"],
        spread=values["spread"],
        quarters=parts if values["spread"] == Target.Spread.OWN else (),
        currency=values["currency"],
        reason=values["reason"],
    )


class ForecastForm(forms.Form):
    """What is expected for the whole year, and on what ground."""

    amount = amount_field("Expected for the whole year", min_value=None)
    currency = forms.CharField(min_length=3, max_length=3)
    basis = forms.ChoiceField(choices=Forecast.Basis.choices, help_text="What the number rests on.")
    note = forms.CharField(max_length=LONGEST_TEXT, required=False)

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()
