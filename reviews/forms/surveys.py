"""What a person fills in around surveys; choices are narrowed to the account."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms

from accounts.models import Account, Contact
from reviews.models import SurveyTemplate

OPEN_DAYS = 18


class SurveyForm(forms.Form):
    template = forms.ModelChoiceField(label="Questions", queryset=SurveyTemplate.objects.none(), empty_label=None)
    contacts = forms.ModelMultipleChoiceField(
        label="Who is asked",
        queryset=Contact.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one person.", "invalid_choice": "Choose people of this account."},
    )
    closes_on = forms.DateField(
        label="Answers until", widget=forms.DateInput(attrs={"type": "date"}), help_text="The links work until then."
    )
    review_on = forms.DateField(
        label="Summary is shown at the review on",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="The client reads this day on the page. Leave it empty if there is none yet.",
    )
    named = forms.TypedChoiceField(
        label="Names",
        choices=[("yes", "Names stand beside answers"), ("no", "Without names (15 people or more)")],
        coerce=lambda value: value == "yes",
        initial="yes",
    )

    def __init__(self, *args: Any, account: Account, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        templates: forms.ModelChoiceField[SurveyTemplate] = self.fields["template"]  # type: ignore[assignment]
        templates.queryset = SurveyTemplate.objects.live()
        templates.label_from_instance = lambda obj: obj.title_in("en")  # type: ignore[method-assign]
        contacts: forms.ModelMultipleChoiceField[Contact] = self.fields["contacts"]  # type: ignore[assignment]
        contacts.queryset = account.contacts.all()
        self.fields["closes_on"].initial = today + timedelta(days=OPEN_DAYS)

    @property
    def chosen(self) -> set[str]:
        """Ids ticked in what was sent, so that nothing is lost when the form comes back."""
        return {str(value) for value in (self["contacts"].value() or [])}


class FollowUpForm(forms.Form):
    note = forms.CharField(label="What came of the call", max_length=300)
