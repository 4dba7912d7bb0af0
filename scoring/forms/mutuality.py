"""The form of one act that shows mutuality."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.forms.accounts import active_people
from accounts.models import Account, Contact
from sam.core.models import User
from scoring.forms.fields import day_field
from scoring.models import (
    MutualityEvidence,
)


class EvidenceForm(forms.Form):
    """One act that shows mutuality."""

    kind = forms.ChoiceField(choices=MutualityEvidence.Kind.choices, label="What it is")
    on = day_field("Day")
    what = forms.CharField(max_length=2000, widget=forms.Textarea(attrs={"rows": 2}), label="What was said or done")
    ours = forms.ModelChoiceField(User.objects.none(), label="Who of us")
    contact = forms.ModelChoiceField(Contact.objects.none(), required=False, label="Who of theirs")
    theirs = forms.CharField(max_length=160, required=False, label="Or in words")
    document = forms.CharField(
        max_length=300,
        required=False,
        help_text="Name and place of the paper. Needed for M1, M5 and M6.",
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, account: Account, also: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ours"].queryset = active_people(also)  # type: ignore[attr-defined]
        self.fields["contact"].queryset = account.contacts.order_by("full_name")  # type: ignore[attr-defined]
