"""Forms of the reviews' pages. They check shape and narrow choices to the account; rules live in actions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from accounts.forms.accounts import day, initial_of
from accounts.models import Account, Contact
from reviews.actions.reviews import MOST_DECISIONS_ASKED, NOTE_LENGTH, Decided
from reviews.domain.agenda import AgendaItem
from reviews.domain.pages import OPTIONAL
from reviews.models import Review, ReviewKind
from sam.core.models import User

FIELDS = ("date", "starts_at", "minutes", "place", "topic", "revision")
SPARE_ROWS = 2
AGENDA_COLUMNS = ("position", "title", "minutes", "who")
DECISION_ROWS = 4


def colleagues(account: Account, also: Iterable[int] = ()) -> QuerySet[User]:
    """Who of ours may be asked to a review: the team, sponsors, the owner, and whoever takes part already."""
    seats = account.seats.open().values("user_id")
    sponsors = account.sponsor_terms.open().values("sponsor_id")
    chosen = Q(pk__in=seats) | Q(pk__in=sponsors) | Q(pk=account.owner_id) | Q(pk__in=list(also))
    return User.objects.active().filter(chosen).order_by("display_name")


def guests(account: Account, also: Iterable[int] = ()) -> QuerySet[Contact]:
    here = account.contacts.here().exclude(status=Contact.Status.UNKNOWN)
    return (here | account.contacts.filter(pk__in=list(also))).distinct().order_by("full_name")


class ReviewForm(forms.Form):
    """When, where, who. A new review also has a kind; a stored one the revision that was seen."""

    kind = forms.ChoiceField(choices=ReviewKind.choices, initial=ReviewKind.QUARTERLY)
    date = forms.DateField(label="Day", widget=day())
    starts_at = forms.TimeField(
        label="Begins at",
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text="May stay open; the invitation then is for the whole day.",
    )
    minutes = forms.IntegerField(
        label="Length in minutes", min_value=5, max_value=480, required=False, help_text="Empty: as the agenda says."
    )
    place = forms.CharField(
        max_length=160, required=False, help_text="At the client's site where you can: city, building, room."
    )
    topic = forms.CharField(
        label="Topic in depth", max_length=200, required=False, help_text="Programme, issue or idea; in the invitation."
    )
    people = forms.ModelMultipleChoiceField(
        User.objects.none(), label="Who of us", required=False, widget=forms.CheckboxSelectMultiple
    )
    contacts = forms.ModelMultipleChoiceField(
        Contact.objects.none(), label="Who of theirs", required=False, widget=forms.CheckboxSelectMultiple
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, account: Account, review: Review | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = [] if review is None else list(review.person_links.values_list("user_id", flat=True))
        contacts = [] if review is None else list(review.contact_links.values_list("contact_id", flat=True))
        self.fields["people"].queryset = colleagues(account, people)  # type: ignore[attr-defined]
        self.fields["contacts"].queryset = guests(account, contacts)  # type: ignore[attr-defined]
        if review is None:
            del self.fields["revision"]
            return
        del self.fields["kind"]
        self.fields["minutes"].required = True
        if review.is_internal:
            del self.fields["contacts"]
        self.initial.update(initial_of(review, FIELDS))
        self.initial.update(people=people, contacts=contacts)


@dataclass(frozen=True, slots=True)
class Row:
    """The fields of one line of a table that is typed in."""

    number: int
    cells: tuple[forms.BoundField, ...]


class RowsForm(forms.Form):
    """A form of numbered rows. A row without its first cell is left out; `spare` empty rows follow the filled ones."""

    columns: tuple[str, ...] = ()
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, rows: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.count = rows
        for number in range(rows):
            for name in self.columns:
                self.fields[f"{name}_{number}"] = self.cell(name, number)

    def cell(self, name: str, number: int) -> forms.Field:
        raise NotImplementedError

    @property
    def rows(self) -> list[Row]:
        return [Row(n + 1, tuple(self[f"{name}_{n}"] for name in self.columns)) for n in range(self.count)]

    def filled(self) -> list[dict[str, Any]]:
        found = [
            {name: self.cleaned_data.get(f"{name}_{number}") for name in self.columns} for number in range(self.count)
        ]
        return [row for row in found if any(row.values())]

    def labelled(self, field: forms.Field, label: str, number: int) -> forms.Field:
        field.label = f"{label}, line {number + 1}"
        field.required = False
        return field


def rows_of(items: tuple[AgendaItem, ...]) -> dict[str, Any]:
    """The items as the fields of an AgendaForm say them."""
    found: dict[str, Any] = {}
    for number, item in enumerate(items):
        cells = (number + 1, item.title, item.minutes, item.who)
        found |= {f"{name}_{number}": cell for name, cell in zip(AGENDA_COLUMNS, cells, strict=True)}
    return found


class AgendaForm(RowsForm):
    """The agenda: order, title, minutes, who. Emptying a title takes the item out."""

    columns = AGENDA_COLUMNS

    def __init__(self, *args: Any, items: tuple[AgendaItem, ...], **kwargs: Any) -> None:
        super().__init__(*args, rows=len(items) + SPARE_ROWS, **kwargs)
        self.initial.update(rows_of(items))

    def stored_values(self, current: Any) -> dict[str, Any]:
        return rows_of(current.items)

    def cell(self, name: str, number: int) -> forms.Field:
        made: dict[str, forms.Field] = {
            "position": forms.IntegerField(min_value=1, max_value=99),
            "title": forms.CharField(max_length=160),
            "minutes": forms.IntegerField(min_value=1, max_value=480),
            "who": forms.CharField(max_length=80),
        }
        labels = {"position": "Order", "title": "Item", "minutes": "Minutes", "who": "Who"}
        return self.labelled(made[name], labels[name], number)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for number in range(self.count):
            if data.get(f"title_{number}") and not data.get(f"minutes_{number}") and f"minutes_{number}" in data:
                self.add_error(f"minutes_{number}", "How many minutes?")
        return {**data, "agenda": self._agenda()}

    def _agenda(self) -> list[dict[str, Any]]:
        """The items in the order that the numbers say; without a number at the end."""
        rows = [row for row in self.filled() if row["title"]]
        rows.sort(key=lambda row: row["position"] or 100)
        return [{"title": row["title"], "minutes": row["minutes"], "who": row["who"] or ""} for row in rows]


class DecisionsAskedForm(forms.Form):
    """Up to three decisions we ask for, and the pages of the pack."""

    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, review: Review, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number in range(MOST_DECISIONS_ASKED):
            self.fields[f"decision_{number}"] = forms.CharField(
                label=f"Decision {number + 1}", max_length=240, required=False
            )
            self.initial[f"decision_{number}"] = (review.decisions_asked + [""] * MOST_DECISIONS_ASKED)[number]
        self.initial["revision"] = review.revision

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        return {**data, "asked": [data.get(f"decision_{number}", "") for number in range(MOST_DECISIONS_ASKED)]}


class PagesForm(forms.Form):
    """Which pages the pack has; those left out are in neither edition."""

    shown = forms.MultipleChoiceField(
        label="Pages of the pack", required=False, widget=forms.CheckboxSelectMultiple, choices=()
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, review: Review, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(page.key, f"{page.title}{' (internal)' if page.internal else ''}") for page in OPTIONAL]
        self.fields["shown"].choices = choices  # type: ignore[attr-defined]
        self.initial["shown"] = [key for key, _ in choices if key not in review.pages_left_out]
        self.initial["revision"] = review.revision

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        return {**data, "left_out": [page.key for page in OPTIONAL if page.key not in data.get("shown", ())]}


class MinutesForm(RowsForm):
    """What was said and decided."""

    columns = ("text", "our_owner", "their_owner", "due")
    going_well = forms.CharField(required=False, max_length=NOTE_LENGTH, widget=forms.Textarea(attrs={"rows": 3}))
    to_improve = forms.CharField(required=False, max_length=NOTE_LENGTH, widget=forms.Textarea(attrs={"rows": 3}))
    to_change = forms.CharField(required=False, max_length=NOTE_LENGTH, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, review: Review, **kwargs: Any) -> None:
        self.account = review.account
        asked = review.decisions_asked
        super().__init__(*args, rows=max(DECISION_ROWS, len(asked) + SPARE_ROWS), **kwargs)
        self.initial["revision"] = review.revision
        for number, text in enumerate(asked):
            self.initial[f"text_{number}"] = text[:200]

    def cell(self, name: str, number: int) -> forms.Field:
        made: dict[str, forms.Field] = {
            "text": forms.CharField(max_length=200),
            "our_owner": forms.ModelChoiceField(colleagues(self.account), empty_label="–"),
            "their_owner": forms.ModelChoiceField(guests(self.account), empty_label="–"),
            "due": forms.DateField(widget=day()),
        }
        labels = {"text": "Decision", "our_owner": "Who of us", "their_owner": "Who of theirs", "due": "Until"}
        return self.labelled(made[name], labels[name], number)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        decided = [
            Decided(row["text"] or "", row["our_owner"], row["their_owner"], row["due"]) for row in self.filled()
        ]
        return {**data, "decided": decided}


class ShareForm(forms.Form):
    contacts = forms.ModelMultipleChoiceField(
        Contact.objects.none(),
        label="Who gets a link",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one person.", "invalid_choice": "Choose people of this account."},
    )

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["contacts"].queryset = guests(account).exclude(email="")  # type: ignore[attr-defined]
