"""Forms of the selection cycle."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields as dataclass_fields
from typing import Any

from django import forms

from accounts.forms.accounts import AccountField
from accounts.models import Account
from sam.core.models import User
from scoring.domain.cycle import Calendar
from scoring.forms.fields import NO_TIER, day_field
from scoring.models import (
    CandidateDecision,
)


class CycleDatesForm(forms.Form):
    """The dates of a cycle: proposed from the calendar, changed by whoever runs it."""

    opens_on = day_field("Opens")
    screening_until = day_field("Screening until")
    nomination_until = day_field("Nomination until")
    rating_until = day_field("Rating until")
    decision_until = day_field("Decisions until")
    approval_until = day_field("Approved by")
    in_force_on = day_field("In force from")

    def calendar(self) -> Calendar:
        return Calendar(**{name.name: self.cleaned_data[name.name] for name in dataclass_fields(Calendar)})


class CycleForm(CycleDatesForm):
    year = forms.IntegerField(min_value=2000, max_value=2200, label="The list's year")
    field_order = ["year"]


class CycleChangeForm(CycleDatesForm):
    revision = forms.IntegerField(widget=forms.HiddenInput)


class NominateByRuleForm(forms.Form):
    top = forms.IntegerField(
        min_value=0,
        max_value=1000,
        label="Best so many by screening",
        help_text="Beside last year's list, which is nominated in any case.",
    )
    marked = forms.BooleanField(required=False, initial=True, label="Also accounts marked “emerging” or “unexpected”")


class NominateForm(forms.Form):
    account = AccountField(label="Account")
    reason = forms.CharField(
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        label="Why",
        help_text="Those who rate it and decide on it will read it.",
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["account"].seen = Account.objects.visible_to(user).live()  # type: ignore[attr-defined]


class CandidateForm(forms.Form):
    """In, watch or out; for out the transition plan, which may follow."""

    outcome = forms.ChoiceField(choices=CandidateDecision.Outcome.choices, widget=forms.RadioSelect, label="Decision")
    tier = forms.ChoiceField(
        choices=[], required=False, label="Tier", help_text="For “watch”: the tier it keeps meanwhile, or none."
    )
    reason = forms.CharField(
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Stands in the list; somebody who asks next year must understand it.",
    )
    ends_on = day_field(
        "Holds until", required=False, help_text="Needed when you choose another tier than the rules propose."
    )
    served_by = forms.CharField(max_length=160, required=False, label="Who serves it afterwards")
    client_hears = forms.CharField(
        max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2}), label="What the client hears"
    )
    moves_by = day_field("Moved by", required=False)
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    PLAN = ("served_by", "client_hears", "moves_by")

    def __init__(self, *args: Any, tiers: Iterable[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = {Account.Tier.NONE.value, *tiers}
        self.fields["tier"].choices = [  # type: ignore[attr-defined]
            (key or NO_TIER, label) for key, label in Account.Tier.choices if key in known
        ]

    def clean_tier(self) -> str:
        return str(self.cleaned_data["tier"]).replace(NO_TIER, "")

    def clean_revision(self) -> int:
        return int(self.cleaned_data["revision"] or 0)


class AskApprovalForm(forms.Form):
    people = forms.ModelMultipleChoiceField(
        User.objects.none(), widget=forms.CheckboxSelectMultiple, label="Members of the sponsor group"
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, people: Sequence[User] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ids = [person.pk for person in people]
        self.fields["people"].queryset = User.objects.filter(pk__in=ids).order_by("display_name")  # type: ignore[attr-defined]
        self.fields["people"].initial = ids


class VerdictForm(forms.Form):
    verdict = forms.ChoiceField(
        choices=[("approved", "I approve the list"), ("objected", "I object")],
        widget=forms.RadioSelect,
        label="Your verdict",
    )
    word = forms.CharField(
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        label="A word",
        help_text="Needed when you object, so that it can be put right.",
    )
