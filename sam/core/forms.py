"""Forms of the kernel's pages. They check shape; rules live in actions."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms

from sam.core.authorization.roles import ROLE_CHOICES
from sam.core.models import Organisation, User


class InviteForm(forms.Form):
    email = forms.EmailField(label="E-mail")
    display_name = forms.CharField(label="Name", max_length=120)
    job_title = forms.CharField(label="Job title", max_length=120, required=False)
    role = forms.ChoiceField(choices=ROLE_CHOICES, initial="team_member")
    line_manager = forms.ModelChoiceField(User.objects.active(), required=False, empty_label="Nobody")


class InviteFileForm(forms.Form):
    file = forms.FileField(
        label="CSV or XLSX",
        help_text="Columns email, name, role and manager (the line manager's e-mail, may be empty).",
    )


class PersonForm(forms.ModelForm[User]):
    revision = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = User
        fields = ["display_name", "job_title", "role_key", "line_manager"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["line_manager"].queryset = User.objects.active().exclude(pk=self.instance.pk)  # type: ignore[attr-defined]
        self.initial.setdefault("revision", self.instance.revision)


class ReassignForm(forms.Form):
    to = forms.ModelChoiceField(User.objects.active(), label="Hand everything over to")


class ProfileForm(forms.ModelForm[User]):
    time_zone = forms.ChoiceField(choices=lambda: [(zone, zone) for zone in sorted(available_timezones())])

    class Meta:
        model = User
        fields = ["display_name", "time_zone", "locale", "theme", "shortcuts"]


class TokenForm(forms.Form):
    name = forms.CharField(label="What is it for?", max_length=80)


class OrganisationForm(forms.ModelForm[Organisation]):
    revision = forms.IntegerField(widget=forms.HiddenInput)
    new_logo = forms.FileField(label="Logo", required=False, help_text="PNG, JPEG or WebP, up to 1 MB.")

    class Meta:
        model = Organisation
        fields = [
            "name",
            "imprint_url",
            "privacy_url",
            "reporting_currency",
            "fiscal_year_start",
            "closed_after_days",
            "sender_address",
        ]
        help_texts = {
            "imprint_url": "Needed before the first link goes to a client.",
            "privacy_url": "Needed before the first link goes to a client.",
            "fiscal_year_start": "1 for January.",
            "sender_address": "Mails leave with this address. Send yourself a test mail after changing it.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("revision", self.instance.revision)


class SetUpForm(forms.Form):
    company = forms.CharField(label="Your company", max_length=120)
    display_name = forms.CharField(label="Your name", max_length=120)
    email = forms.EmailField(label="Your e-mail")
    password = forms.CharField(
        label="Password",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="12 characters or more.",
    )
