"""Forms of ratings, gates, rounds and settling."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from accounts.models import Account
from sam.core.models import User
from scoring.forms.fields import EVIDENCE, LEVELS
from scoring.models import (
    RoundRater,
)


class RatingForm(forms.Form):
    """One rating by the person; the anchors stand beside the scale."""

    value = forms.TypedChoiceField(choices=LEVELS, coerce=int, widget=forms.RadioSelect, label="Level")
    evidence = forms.CharField(
        required=False,
        max_length=2000,
        widget=EVIDENCE,
        help_text="What shows it? Needed for a 4 or a 5, and for whatever is confirmed.",
    )
    confirmed = forms.BooleanField(required=False, label="Confirmed, not assumed")
    revision = forms.IntegerField(widget=forms.HiddenInput, initial=0)


class GateForm(forms.Form):
    passed = forms.TypedChoiceField(
        choices=[("yes", "Passed"), ("no", "Not passed")],
        coerce=lambda text: text == "yes",
        widget=forms.RadioSelect,
        label="Answer",
    )
    evidence = forms.CharField(required=False, max_length=2000, widget=EVIDENCE, help_text="Needed when it is passed.")
    revision = forms.IntegerField(widget=forms.HiddenInput, initial=0)


class RoundForm(forms.Form):
    """A new rating round; its raters follow from a rule and are changed on its page."""

    name = forms.CharField(max_length=80, help_text="For example “Cycle 2027”.")
    closes_on = forms.DateField(
        label="Last day to rate",
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Then the clock closes the round, and what was rated so far counts.",
    )
    accounts = forms.ModelMultipleChoiceField(Account.objects.none(), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, offered: QuerySet[Account], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["accounts"].queryset = offered  # type: ignore[attr-defined]


class RaterForm(forms.Form):
    """One more person for an account of a round."""

    account = forms.IntegerField(widget=forms.HiddenInput)
    user = forms.ModelChoiceField(User.objects.none(), label="Ask")
    capacity = forms.ChoiceField(choices=RoundRater.Capacity.choices, initial=RoundRater.Capacity.OTHER, label="As")

    def __init__(self, *args: Any, people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = people  # type: ignore[attr-defined]


class SettleForm(forms.Form):
    """What counts where raters differ."""

    value = forms.DecimalField(
        min_value=1,
        max_value=5,
        max_digits=2,
        decimal_places=1,
        label="Value that counts",
        help_text="1 to 5, in halves.",
    )
    reason = forms.CharField(
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="So that the raters can follow it. It stands beside the value wherever it counts.",
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, initial=0)
