"""Forms of the plan's pages. They check shape and narrow choices; rules live in actions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone

from accounts.forms.accounts import day, people_on
from accounts.models import Account, Contact
from planning.domain.merge import Choice
from planning.domain.template import position_of
from planning.models import AccountPlan, Objective, PlanAction, PlanSection
from sam.core.models import User

CHOICES = {choice.value for choice in Choice}


class OpenPlanForm(forms.Form):
    year = forms.IntegerField(min_value=2000, max_value=2100)


class RevisionForm(forms.Form):
    """A button that names the revision it saw."""

    revision = forms.IntegerField(min_value=0, max_value=2**31 - 1)


class StrategyForm(RevisionForm):
    strategy = forms.ChoiceField(choices=AccountPlan.Strategy.choices, required=False)


class SectionForm(forms.Form):
    """A plan text as it comes from the page, with or without JavaScript."""

    # Any text is let through here: the action says in words what cannot be kept.
    text = forms.Field(required=False)
    base_revision = forms.IntegerField(min_value=0, max_value=2**31 - 1)

    def clean_text(self) -> str:
        # A request without the field is damaged; it must never empty the text.
        if "text" not in self.data:
            raise forms.ValidationError("The text is missing.")
        return str(self.cleaned_data["text"] or "")


class ResolveForm(SectionForm):
    """What stays of two versions: one choice for each conflict, `choice-0`, `choice-1` and so on."""

    MOST_CHOICES = 500
    seen_revision = forms.IntegerField(min_value=0, max_value=2**31 - 1)

    def choices(self) -> list[Choice]:
        """The choices in order, up to the first that is missing or unknown."""
        found: list[Choice] = []
        for number in range(self.MOST_CHOICES):
            value = self.data.get(f"choice-{number}", "")
            if value not in CHOICES:
                break
            found.append(Choice(value))
        return found


class RestoreForm(forms.Form):
    revision = forms.IntegerField(min_value=0, max_value=2**31 - 1)
    seen_revision = forms.IntegerField(min_value=0, max_value=2**31 - 1)


def measured(label: str, help_text: str = "") -> forms.DecimalField:
    return forms.DecimalField(label=label, max_digits=18, decimal_places=4, required=False, help_text=help_text)


class ObjectiveForm(forms.Form):
    title = forms.CharField(label="What shall be true", max_length=200)
    measure = forms.CharField(label="Measured by", max_length=200, required=False)
    unit = forms.CharField(max_length=40, required=False, help_text="Such as hours a month, or %.")
    baseline = measured("Where it started")
    target = measured("Where it shall be")
    current = measured("Where it is now")
    due = forms.DateField(label="By when", required=False, widget=day())
    owner = forms.ModelChoiceField(User.objects.none(), required=False, label="Who of us", empty_label="Nobody yet")
    shared = forms.BooleanField(
        required=False, label="Agreed with the client", help_text="Then it may stand in what the client gets."
    )

    def __init__(self, *args: Any, account: Account, objective: Objective | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = people_on(account, objective.owner if objective else None)  # type: ignore[attr-defined]
        if objective is not None:
            self.fields["revision"] = forms.IntegerField(widget=forms.HiddenInput)


class ActionForm(forms.Form):
    """New and changed actions; at least one owner, on either side."""

    title = forms.CharField(label="What is to be done", max_length=200)
    our_owner = forms.ModelChoiceField(
        User.objects.none(), required=False, label="Who of us", empty_label="Nobody of us"
    )
    their_owner = forms.ModelChoiceField(
        Contact.objects.none(), required=False, label="Who of theirs", empty_label="Nobody of theirs"
    )
    due = forms.DateField(label="By when", widget=day())
    section = forms.ModelChoiceField(
        PlanSection.objects.none(), required=False, label="From which part of the plan", empty_label="No part"
    )
    objective = forms.ModelChoiceField(
        Objective.objects.none(), required=False, label="For which objective", empty_label="None"
    )
    shared = forms.BooleanField(
        required=False, label="The client may see it", help_text="For what both sides agreed to do."
    )

    def __init__(
        self,
        *args: Any,
        account: Account,
        user: User,
        plan: AccountPlan | None,
        entry: PlanAction | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        owners = people_on(account, entry.our_owner if entry and entry.our_owner else user)
        theirs = ~Q(status=Contact.Status.LEFT)
        if entry is not None:
            theirs |= Q(pk=entry.their_owner_id)
        self.fields["our_owner"].queryset = owners  # type: ignore[attr-defined]
        self.fields["their_owner"].queryset = account.contacts.filter(theirs).order_by("full_name")  # type: ignore[attr-defined]
        self._narrow_to(plan)
        if entry is not None:
            self.fields["revision"] = forms.IntegerField(widget=forms.HiddenInput)

    def _narrow_to(self, plan: AccountPlan | None) -> None:
        if plan is None:
            del self.fields["section"], self.fields["objective"]
            return
        sections = plan.sections.all()
        self.fields["section"].queryset = sections  # type: ignore[attr-defined]
        ordered = sorted(sections, key=lambda section: position_of(section.key))
        self.fields["section"].choices = [("", "No part"), *((one.pk, str(one)) for one in ordered)]  # type: ignore[attr-defined]
        if plan.objectives.exists():
            self.fields["objective"].queryset = plan.objectives.all()  # type: ignore[attr-defined]
        else:
            del self.fields["objective"]


class MoveForm(RevisionForm):
    due = forms.DateField(label="New date", widget=day())


class DoneForm(RevisionForm):
    """Done today unless a day is given."""

    done_on = forms.DateField(required=False, widget=day(), initial=timezone.localdate)
