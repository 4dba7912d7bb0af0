"""Forms of the price-request room. People write percent; actions take fractions."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone

from accounts.actions.price_checks import GiveGetEntry, LineEntry
from accounts.forms.accounts import AccountField, day
from accounts.forms.figures import plain_decimal_text
from accounts.models import Account, Contact, PriceApproval, PriceRequest
from accounts.queries.price_requests import WhatIf
from sam.core.authorization.permissions import Permission
from sam.core.models import User

HUNDRED = Decimal(100)


class PercentField(forms.DecimalField):
    """Written as percent ("4" or "1.5"), kept as a fraction (0.04, 0.015)."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_digits": 7, "decimal_places": 4, **options})

    def clean(self, value: Any) -> Decimal | None:
        found: Decimal | None = super().clean(value)
        return None if found is None else found / HUNDRED

    def prepare_value(self, value: Any) -> Any:
        return plain_decimal_text(value * HUNDRED) if isinstance(value, Decimal) else value


class AmountField(forms.DecimalField):
    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_digits": 18, "decimal_places": 4, "required": False, **options})

    def prepare_value(self, value: Any) -> Any:
        return plain_decimal_text(value) if isinstance(value, Decimal) else value


class LineForm(forms.Form):
    """One line of the offer; an empty name is an empty row."""

    name = forms.CharField(label="Line", max_length=120, required=False)
    revenue = AmountField(label="Revenue, 12 months")
    asked_cut = PercentField(label="Asked, % less", required=False)
    answered_cut = PercentField(label="Our answer, % less", required=False)
    favoured_account = AccountField(label="Clause carries it to", required=False)
    favoured_revenue = AmountField(label="Revenue there")

    def __init__(self, *args: Any, asked: Decimal | None = None, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        seen = Account.objects.visible_to(user, Permission.FIGURES_VIEW).live()
        self.fields["favoured_account"].seen = seen  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if any(value not in (None, "") for name, value in data.items() if name != "name") and not data.get("name"):
            self.add_error("name", "Name the line.")
        if data.get("name") and data.get("revenue") is None and "revenue" not in self.errors:
            self.add_error("revenue", "Give its revenue of 12 months.")
        return data


class GiveGetForm(forms.Form):
    """A pair; an empty row is no pair."""

    give = forms.CharField(label="We give", max_length=200, required=False)
    ask = forms.CharField(label="We ask", max_length=200, required=False)
    value = AmountField(label="Worth to us a year")
    note = forms.CharField(label="Note, for us", max_length=300, required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if any(value not in (None, "") for value in data.values()) and not data.get("ask"):
            self.add_error("ask", "Say what we ask for.")
        return data


LineSet = forms.formset_factory(LineForm, extra=3, max_num=40, absolute_max=60)
GiveGetSet = forms.formset_factory(GiveGetForm, extra=3, max_num=40, absolute_max=60)


class PriceRequestForm(forms.Form):
    """The question, its lines, our answer line by line, give–get and the negotiation plan, saved together."""

    asked_on = forms.DateField(label="Asked on", widget=day())
    asked_cut = PercentField(label="They ask for, % less")
    asked_by = forms.ModelChoiceField(
        Contact.objects.none(), label="Who asked", required=False, empty_label="Not on the list"
    )
    asked_by_words = forms.CharField(label="Who asked, in words", max_length=120, required=False)
    starts_on = forms.DateField(label="Lower price from", widget=day())
    until = forms.DateField(label="Until, or the contract's end", widget=day(), required=False)
    reason = forms.CharField(
        label="Why they ask", widget=forms.Textarea(attrs={"rows": 2}), max_length=4000, required=False
    )
    client_spend = AmountField(label="Client spend a year")
    spend_free = AmountField(label="Of it with others and free to move")
    spend_free_by = forms.DateField(label="Free before", widget=day(), required=False)
    volume_at_risk = PercentField(label="Volume at risk if we refuse, %")
    target_cut = PercentField(label="Target, % less", required=False, help_text="Where we want to end.")
    walk_away_cut = PercentField(label="Walk away above, % less", required=False, help_text="Beyond this we let it go.")
    plan_note = forms.CharField(
        label="How we go about it", widget=forms.Textarea(attrs={"rows": 3}), max_length=4000, required=False
    )
    answer_text = forms.CharField(
        label="Answer in words", widget=forms.Textarea(attrs={"rows": 3}), max_length=4000, required=False
    )

    QUESTION = ("asked_on", "asked_cut", "asked_by", "asked_by_words", "starts_on", "until")
    WALLET = ("client_spend", "spend_free", "spend_free_by", "volume_at_risk")
    PLAN = ("target_cut", "walk_away_cut")

    def __init__(
        self,
        data: Any = None,
        *,
        account: Account,
        user: User,
        request: PriceRequest | None = None,
        initial: Mapping[str, Any],
        lines: list[dict[str, Any]],
        give_gets: list[dict[str, Any]],
    ) -> None:
        super().__init__(data, initial=dict(initial))
        self.fields["asked_by"].queryset = account.contacts.exclude(status=Contact.Status.LEFT).order_by("full_name")  # type: ignore[attr-defined]
        if request is not None:
            self.fields["revision"] = forms.IntegerField(widget=forms.HiddenInput)
        self.line_set = LineSet(data, initial=lines, prefix="lines", form_kwargs={"user": user})
        self.give_get_set = GiveGetSet(data, initial=give_gets, prefix="pairs")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.line_set.is_valid():
            self.add_error(None, "Look at the lines of the offer: something is missing there.")
        if not self.give_get_set.is_valid():
            self.add_error(None, "Look at the give–get pairs: something is missing there.")
        if not self.errors:
            data["lines"] = [self._line(row, data) for row in _filled(self.line_set, "name")]
            data["give_gets"] = [GiveGetEntry(**row) for row in _filled(self.give_get_set, "ask")]
        return data

    @staticmethod
    def _line(row: dict[str, Any], data: dict[str, Any]) -> LineEntry:
        """A line without a cut of its own carries the one they asked for."""
        asked = data["asked_cut"] if row["asked_cut"] is None else row["asked_cut"]
        return LineEntry(**{**row, "asked_cut": asked})

    def section(self, names: tuple[str, ...]) -> list[forms.BoundField]:
        return [self[name] for name in names]

    @property
    def question(self) -> list[forms.BoundField]:
        return self.section(self.QUESTION)

    @property
    def wallet(self) -> list[forms.BoundField]:
        return self.section(self.WALLET)

    @property
    def plan(self) -> list[forms.BoundField]:
        return self.section(self.PLAN)


def _filled(forms_of: Any, key: str) -> list[dict[str, Any]]:
    return [form.cleaned_data for form in forms_of if form.cleaned_data.get(key)]


class WhatIfForm(forms.Form):
    """Other inputs for the sums; nothing is stored."""

    cut = PercentField(label="Cut on all lines, %", required=False, min_value=-99, max_value=99)
    cost = PercentField(label="Unit cost changes by, % of price", required=False, min_value=-99, max_value=99)
    risk = PercentField(label="Volume at risk, %", required=False, min_value=1, max_value=100)

    @property
    def inputs(self) -> WhatIf:
        """What can be read; a field in error counts as not given and says so beside itself."""
        data = self.cleaned_data if self.is_valid() or self.is_bound else {}
        return WhatIf(data.get("cut"), data.get("cost") or Decimal(0), data.get("risk"))

    @property
    def is_asked(self) -> bool:
        return self.is_bound and any(self.data.get(name) for name in self.fields)


class FirstAnswerForm(forms.Form):
    on = forms.DateField(label="They heard from us on", widget=day(), initial=timezone.localdate)
    revision = forms.IntegerField(widget=forms.HiddenInput)


class AskForm(forms.Form):
    person = forms.ModelChoiceField(User.objects.none(), label="Whom to ask", empty_label=None)

    def __init__(self, *args: Any, people: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = User.objects.filter(pk__in=[one.pk for one in people])  # type: ignore[attr-defined]


class DecideForm(forms.Form):
    decision = forms.ChoiceField(
        choices=[(PriceApproval.Decision.APPROVED.value, "Approve"), (PriceApproval.Decision.REFUSED.value, "Refuse")],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(label="Reason", widget=forms.Textarea(attrs={"rows": 2}), max_length=2000, required=False)
    revision = forms.IntegerField(widget=forms.HiddenInput)


class AnswerForm(forms.Form):
    answer_text = forms.CharField(
        label="Answer in words", widget=forms.Textarea(attrs={"rows": 4}), max_length=4000,
        help_text="As the client is to hear it.",
    )  # fmt: skip
    on = forms.DateField(label="Answered on", widget=day(), initial=timezone.localdate)
    revision = forms.IntegerField(widget=forms.HiddenInput)


class WithdrawForm(forms.Form):
    reason = forms.CharField(label="How do you know?", widget=forms.Textarea(attrs={"rows": 2}), max_length=4000)
    revision = forms.IntegerField(widget=forms.HiddenInput)
