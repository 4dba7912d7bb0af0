"""Forms of figures, exchange rates, and the question behind the 80/20 page."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms

from accounts.actions.figures import TYPED
from accounts.domain.places import currency_codes
from accounts.domain.pnl import LABELS, PRICE_LINES, adds_up, price_difference
from accounts.models import Account, Figure
from accounts.queries.concentration import LEVELS, MEASURES
from sam.values.periods import Quarter
from sam.values.results import Missing

# The lines behind revenue and the variable part of serving: few keep them, so they stand behind "Lines".
DETAILS = ("list_revenue", *PRICE_LINES, "cost_to_serve_variable")
MAIN = tuple(name for name in TYPED if name not in DETAILS)
FROM_ACTIVITIES = "From activities: {}. Write a better figure to replace it."


class FigureForm(forms.Form):
    """One row of figures. Empty means unknown."""

    currency = forms.CharField(max_length=3, min_length=3)
    status = forms.ChoiceField(choices=Figure.Status.choices)
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)
    key = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)

    def __init__(self, *, account: Account, figure: Figure | None = None, prefix: str, data: Any = None) -> None:
        initial: dict[str, Any] = {"currency": account.currency, "status": Figure.Status.CLOSED}
        if figure is not None:
            initial = {
                "currency": figure.currency,
                "status": figure.status,
                "revision": figure.revision,
                "key": figure.key_id,
                **{name: plain_decimal_text(getattr(figure, name)) for name in TYPED},
            }
            if figure.cost_to_serve_basis == Figure.Basis.DRIVERS:
                initial |= {"cost_to_serve": "", "cost_to_serve_variable": ""}
        super().__init__(data, initial=initial, prefix=prefix)
        for name in TYPED:
            self.fields[name] = forms.DecimalField(label=LABELS[name], required=False, max_digits=18, decimal_places=4)
        if figure is not None and figure.cost_to_serve_basis == Figure.Basis.DRIVERS:
            computed = plain_decimal_text(figure.cost_to_serve) or "not known yet"
            self.fields["cost_to_serve"].help_text = FROM_ACTIVITIES.format(computed)
        self.order_fields([*MAIN, "currency", "status", *DETAILS, "revision", "key"])

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()

    @property
    def main(self) -> list[forms.BoundField]:
        return [self[name] for name in (*MAIN, "currency", "status")]

    @property
    def details(self) -> list[forms.BoundField]:
        return [self[name] for name in DETAILS]

    @property
    def has_details(self) -> bool:
        """Whether a line holds something, or is wrong: then the lines stand open."""
        return any(self[name].errors or self[name].value() not in (None, "") for name in DETAILS)

    @property
    def warning(self) -> str:
        """Lines that do not add up to revenue, in words; nothing where they do or are not all known."""
        known = {name: self[name].value() for name in ("list_revenue", *PRICE_LINES, "revenue")}
        try:
            lines = {name: Decimal(value) if value not in (None, "") else None for name, value in known.items()}
        except ArithmeticError:
            return ""
        difference = price_difference(**lines)
        if isinstance(difference, Missing) or adds_up(difference):
            return ""
        return f"List revenue less the four lines differs from revenue by {difference.value:,.2f}."

    @property
    def values(self) -> dict[str, Decimal | None]:
        return {name: self.cleaned_data[name] for name in TYPED}


class RateForm(forms.Form):
    currency = forms.CharField(max_length=3, min_length=3, help_text="A code such as GBP.")
    quarter = forms.CharField(max_length=7, help_text="Like 2026-Q3.")
    rate = forms.DecimalField(
        label="Rate", max_digits=18, decimal_places=8, help_text="What one unit is worth in the reporting currency."
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()

    def clean_quarter(self) -> Quarter:
        return quarter_of(self.cleaned_data["quarter"])


class PortfolioForm(forms.Form):
    """The controls of the 80/20 page; they live in the address."""

    measure = forms.ChoiceField(choices=list(MEASURES.items()), widget=forms.Select(attrs={"class": "select"}))
    first = forms.CharField(label="From")
    last = forms.CharField(label="To")
    currency = forms.ChoiceField(widget=forms.Select(attrs={"class": "select"}))
    level = forms.ChoiceField(choices=list(LEVELS.items()), widget=forms.Select(attrs={"class": "select"}))

    def __init__(self, *args: Any, currencies: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        given = str(self.data.get("currency", "")).upper()
        known = {*currencies, *({given} & currency_codes())}
        self.fields["currency"].choices = [(code, code) for code in sorted(known)]  # type: ignore[attr-defined]

    def clean_first(self) -> Quarter:
        return quarter_of(self.cleaned_data["first"])

    def clean_last(self) -> Quarter:
        return quarter_of(self.cleaned_data["last"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("first"), data.get("last")
        if isinstance(first, Quarter) and isinstance(last, Quarter) and last < first:
            self.add_error("last", "The last quarter lies before the first.")
        return data


def quarter_of(text: str) -> Quarter:
    """The quarter of a text such as 2026-Q3; a form error otherwise."""
    try:
        return Quarter.parse(text)
    except ValueError as problem:
        raise forms.ValidationError(str(problem)) from problem


def plain_decimal_text(value: Decimal | None) -> str:
    """Without the zeros that the column adds."""
    if value is None:
        return ""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
