"""Forms of the accounts' pages. They check shape and narrow choices; rules live in actions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.urls import reverse_lazy
from django.utils import timezone

from accounts.domain.team import ROLE_RULES
from accounts.models import Account, Contact, Opinion, SponsorTerm, TeamSeat, Touchpoint
from accounts.models.account import without_accents
from accounts.models.team import access_day
from accounts.queries.contacts import STANCES
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.authorization.roles import ACCESS_CHOICES
from sam.core.errors import FieldErrors
from sam.core.models import User
from sam.core.text import whole_number


def day(**attributes: str) -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date", **attributes}, format="%Y-%m-%d")


def add_errors(form: forms.BaseForm, problem: FieldErrors) -> None:
    """What an action refused, under the fields of the form; what has no field stands on top."""
    for name, texts in problem.errors.items():
        form.add_error(name if name in form.fields else None, list(texts))


class AccountField(forms.CharField):
    """An account by its name, suggested while typing; "Name (#12)" where a name is not unique.

    `seen` are the accounts that may be chosen. The value is an Account or None.
    """

    NUMBER = re.compile(r"\(#([0-9]{1,18})\)\s*$")

    def __init__(self, **options: Any) -> None:
        self.seen: QuerySet[Account] = Account.objects.none()
        super().__init__(max_length=240, **options)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {
            **super().widget_attrs(widget),
            "autocomplete": "off",
            "list": "account-names",
            "hx-get": reverse_lazy("accounts:account-names"),
            "hx-trigger": "input changed delay:200ms",
            "hx-target": "#account-names",
            "hx-params": "*",
            "hx-vals": "{}",
        }

    def prepare_value(self, value: Any) -> Any:
        return f"{value.name} (#{value.pk})" if isinstance(value, Account) else value

    def clean(self, value: Any) -> Account | None:
        text: str = super().clean(value)
        if not text:
            return None
        number = self.NUMBER.search(text)
        found = list(
            self.seen.filter(pk=int(number[1]))
            if number
            else self.seen.filter(folded_name=without_accents(text.strip()))[:2]
        )
        if not found:
            raise forms.ValidationError("There is no account of this name that you may choose. Pick one of the list.")
        if len(found) > 1:
            raise forms.ValidationError("Several accounts have this name. Pick one of the list, with its number.")
        return found[0]


class AccountForm(forms.Form):
    """New and changed accounts."""

    name = forms.CharField(max_length=200)
    status = forms.ChoiceField(choices=[("active", "Active"), ("prospect", "Prospect")])
    owner = forms.ModelChoiceField(User.objects.none(), required=False, empty_label="Nobody yet")
    parent = AccountField(required=False, label="Belongs to", help_text="The account above it in the group.")
    industry = forms.CharField(max_length=80, required=False)
    region = forms.CharField(max_length=80, required=False)
    country = forms.CharField(max_length=80, required=False)
    currency = forms.CharField(max_length=3, required=False, help_text="Three letters, such as EUR.")
    website = forms.URLField(required=False, assume_scheme="https")

    def __init__(self, *args: Any, user: User, account: Account | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = active_people(account.owner if account else None)  # type: ignore[attr-defined]
        parents = Account.objects.visible_to(user).live()
        self.fields["parent"].seen = parents.exclude(pk=account.pk) if account else parents  # type: ignore[attr-defined]
        if account is None:
            self.fields["source"] = forms.CharField(
                max_length=40, required=False, label="Key: source", help_text="The system that knows it, such as sap."
            )
            self.fields["key"] = forms.CharField(max_length=120, required=False, help_text="Its number there.")
        else:
            self.fields["revision"] = forms.IntegerField(widget=forms.HiddenInput)
            if account.parent is not None and not can(user, Permission.ACCOUNT_VIEW, on=account.parent):
                # A parent that the person may not see is neither shown nor changed.
                del self.fields["parent"]


class KeyForm(forms.Form):
    source = forms.CharField(max_length=40, required=False, help_text="Such as sap; empty means import.")
    key = forms.CharField(max_length=120)
    valid_from = forms.DateField(required=False, widget=day())
    valid_to = forms.DateField(required=False, widget=day())


class MergeForm(forms.Form):
    into = AccountField(label="Merge into")

    def __init__(self, *args: Any, seen: QuerySet[Account], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["into"].seen = seen  # type: ignore[attr-defined]


class ContactForm(forms.Form):
    full_name = forms.CharField(label="Name", max_length=160)
    job_title = forms.CharField(max_length=120, required=False)
    function = forms.ChoiceField(choices=[("", "Not known"), *Contact.Function.choices], required=False)
    level = forms.ChoiceField(choices=[("", "Not known"), *Contact.Level.choices], required=False)
    email = forms.EmailField(label="E-mail", required=False)
    phone = forms.CharField(max_length=60, required=False)
    reports_to = forms.ModelChoiceField(Contact.objects.none(), required=False, empty_label="Not known")
    covered_by = forms.ModelChoiceField(
        User.objects.none(), required=False, label="Who of us keeps the contact", empty_label="Nobody yet"
    )
    status = forms.ChoiceField(choices=Contact.Status.choices, initial=Contact.Status.ACTIVE)
    language = forms.ChoiceField(label="Language for mails", choices=[("en", "English"), ("de", "German")])
    no_surveys = forms.BooleanField(required=False, label="Asked us not to send surveys")

    def __init__(self, *args: Any, account: Account, contact: Contact | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = account.contacts.here().order_by("full_name")
        self.fields["reports_to"].queryset = others.exclude(pk=contact.pk) if contact else others  # type: ignore[attr-defined]
        self.fields["covered_by"].queryset = people_on(account, contact.covered_by if contact else None)  # type: ignore[attr-defined]
        if contact is not None:
            self.fields["revision"] = forms.IntegerField(widget=forms.HiddenInput)


class OpinionForm(forms.Form):
    """Influence and stance in one go; what is left empty is not recorded."""

    HELP = (
        "Write only what you have seen or heard about work, so that this person could read it. "
        "No health, family, politics, religion, union."
    )
    influence = forms.TypedChoiceField(
        required=False,
        coerce=int,
        empty_value=None,
        choices=[
            ("", "No change"),
            (5, "5 – decides for the house"),
            (4, "4 – decides in the own area"),
            (3, "3 – recommends and is followed"),
            (2, "2 – is heard"),
            (1, "1 – follows"),
        ],
    )
    stance = forms.TypedChoiceField(
        label="Stance on working with us",
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", "No change"), *((value, f"{value:+d} – {words}") for value, words in sorted(STANCES.items()))],
    )
    source = forms.ChoiceField(choices=Opinion.Source.choices, initial=Opinion.Source.TALK)
    confirmed = forms.BooleanField(required=False, label="Confirmed, not only assumed", help_text=HELP)


class SeatForm(forms.Form):
    user = forms.ModelChoiceField(User.objects.none(), label="Person")
    role = forms.ChoiceField(choices=TeamSeat.Role.choices)
    access = forms.ChoiceField(
        choices=[("", "As the role usually has"), *ACCESS_CHOICES], required=False, label="May do here"
    )
    allocation = forms.IntegerField(
        label="Share of time", min_value=0, max_value=100, required=False, help_text="Empty: as usual for the role."
    )
    core = forms.BooleanField(required=False, label="Core team", initial=True)
    starts_on = forms.DateField(label="First day", required=False, widget=day())

    def __init__(self, *args: Any, account: Account, seat: TeamSeat | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if seat is None:
            self.fields["user"].queryset = active_people(None)  # type: ignore[attr-defined]
            self.fields["role"].help_text = role_help(account.tier)
        else:
            for name in ("user", "starts_on"):
                del self.fields[name]
            self.fields["access"].required = self.fields["allocation"].required = True
            self.fields["access"].choices = ACCESS_CHOICES  # type: ignore[attr-defined]
            self.fields["revision"] = forms.IntegerField(widget=forms.HiddenInput)


class EndForm(forms.Form):
    """The last day of a seat or a term."""

    ends_on = forms.DateField(
        label="Ends on",
        widget=day(),
        initial=access_day,
        help_text="Today ends it at once. The day begins at midnight UTC, for everybody alike.",
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)


class SponsorForm(forms.Form):
    sponsor = forms.ModelChoiceField(User.objects.none())
    peer = forms.ModelChoiceField(
        Contact.objects.none(), required=False, label="Paired with", empty_label="Nobody yet",
        help_text="The executive at the client.",
    )  # fmt: skip
    cadence_days = forms.IntegerField(
        label="In contact at least every … days", min_value=7, max_value=366, required=False
    )

    def __init__(self, *args: Any, account: Account, term: SponsorTerm | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["peer"].queryset = account.contacts.here().order_by("full_name")  # type: ignore[attr-defined]
        if term is None:
            self.fields["sponsor"].queryset = active_people(None)  # type: ignore[attr-defined]
        else:
            del self.fields["sponsor"]
            self.fields["cadence_days"].required = True
            self.fields["revision"] = forms.IntegerField(widget=forms.HiddenInput)


class TouchpointForm(forms.Form):
    kind = forms.ChoiceField(choices=Touchpoint.Kind.choices, initial=Touchpoint.Kind.CALL)
    date = forms.DateField(label="Day", widget=day(), initial=timezone.localdate)
    contacts = forms.ModelMultipleChoiceField(
        Contact.objects.none(), label="With whom", widget=forms.CheckboxSelectMultiple
    )
    people = forms.ModelMultipleChoiceField(
        User.objects.none(), label="Who of us", widget=forms.CheckboxSelectMultiple, required=False
    )
    summary = forms.CharField(
        label="What was said", widget=forms.Textarea(attrs={"rows": 3}), max_length=4000, required=False
    )
    promised = forms.CharField(
        label="What was promised", widget=forms.Textarea(attrs={"rows": 2}), max_length=4000, required=False
    )
    minutes = forms.IntegerField(min_value=0, max_value=1440, required=False)

    def __init__(
        self, *args: Any, account: Account, user: User, touchpoint: Touchpoint | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        theirs = ~Q(status=Contact.Status.LEFT)
        ours = Q(pk__in=people_on(account, user))
        if touchpoint is not None:
            theirs |= Q(pk__in=touchpoint.contact_links.values("contact_id"))
            ours |= Q(pk__in=touchpoint.person_links.values("user_id"))
        self.fields["contacts"].queryset = account.contacts.filter(theirs).order_by("full_name")  # type: ignore[attr-defined]
        self.fields["people"].queryset = User.objects.filter(ours).order_by("display_name")  # type: ignore[attr-defined]
        self.fields["date"].widget.attrs["max"] = timezone.localdate().isoformat()
        if touchpoint is None:
            self.fields["people"].initial = [user.pk]
        else:
            self.fields["revision"] = forms.IntegerField(widget=forms.HiddenInput)


class BulkOwnerForm(forms.Form):
    owner = forms.ModelChoiceField(User.objects.none())
    account = forms.TypedMultipleChoiceField(coerce=int)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        chosen = [value for value in data.getlist("account") if whole_number(value) is not None][:500]
        self.fields["account"].choices = [(value, value) for value in chosen]  # type: ignore[attr-defined]
        self.fields["owner"].queryset = active_people(None)  # type: ignore[attr-defined]


class ViewForm(forms.Form):
    name = forms.CharField(max_length=60)
    query = forms.CharField(max_length=1000, required=False, widget=forms.HiddenInput)


def active_people(also: User | None) -> QuerySet[User]:
    """People who work here, and the one who is named now even if gone."""
    chosen = Q(is_active=True) | Q(pk=also.pk) if also else Q(is_active=True)
    return User.objects.filter(chosen).order_by("display_name")


def people_on(account: Account, also: User | None) -> QuerySet[User]:
    """People with an open seat on the account, its owner, and one more."""
    chosen = Q(pk__in=account.seats.open().values("user_id")) | Q(pk=account.owner_id)
    return User.objects.filter(chosen | Q(pk=also.pk) if also else chosen, is_active=True).order_by("display_name")


def role_help(tier: str) -> str:
    needed = [TeamSeat.Role(rule.role).label for rule in ROLE_RULES.values() if tier in rule.required]
    return f"Needed here: {', '.join(needed)}." if needed else ""


def initial_of(row: Any, names: Iterable[str]) -> dict[str, Any]:
    """Values of a row for the fields of a form."""
    return {name: getattr(row, name) for name in names if hasattr(row, name)}
