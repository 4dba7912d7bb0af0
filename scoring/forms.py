"""Forms of scoring. They check shape; rules live in actions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields as dataclass_fields
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from accounts.forms.accounts import AccountField, active_people
from accounts.models import Account, Contact
from sam.core.errors import FieldErrors
from sam.core.models import User
from sam.values.periods import Quarter
from scoring.domain.back_test import MEASURES as MEASURES_SINCE
from scoring.domain.back_test import SCORES
from scoring.domain.cycle import Calendar
from scoring.domain.library import FIRST_SCORECARD, LIBRARY, Ready, usable
from scoring.domain.measures import Unit, is_registered, measure_of, measures
from scoring.domain.profile import Wanted
from scoring.domain.what_if import Changes, WrongChange
from scoring.models import (
    TIERS_FROM_THE_TOP,
    CandidateDecision,
    Criterion,
    IdealProfile,
    MutualityEvidence,
    Objective,
    RoundRater,
    ScorecardVersion,
    TierRule,
)
from scoring.queries.profiles import WORDS, Option, options
from scoring.queries.programme import TIERS as PROGRAMME_TIERS
from scoring.queries.rules import Rules

LEVELS = [(str(level), str(level)) for level in range(1, 6)]
HUNDRED = Decimal(100)
NO_TIER = "none"
PARTS = {"wanted": "what is wanted", "low": "from", "high": "to", "weight": "weight"}
EVIDENCE = forms.Textarea(attrs={"rows": 2})


def plain(number: Decimal) -> str:
    """A number for a field: no exponent, no needless zeros."""
    return f"{number.normalize():f}"


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


class TierForm(forms.Form):
    tier = forms.ChoiceField(choices=[], label="Tier")
    reason = forms.CharField(
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="So that somebody who asks next year understands it.",
    )
    ends_on = forms.DateField(
        required=False,
        label="Holds until",
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Needed for a decision against the rules: the day on which it is looked at again.",
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, tiers: Iterable[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = {Account.Tier.NONE.value, *tiers}
        self.fields["tier"].choices = [  # type: ignore[attr-defined]
            (key or NO_TIER, label) for key, label in Account.Tier.choices if key in known
        ]

    def clean_tier(self) -> str:
        return str(self.cleaned_data["tier"]).replace(NO_TIER, "")


class ObjectiveForm(forms.ModelForm[Objective]):
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Objective
        fields = ["year", "code", "text", "dropped"]
        help_texts = {"code": "Short, for example O1.", "dropped": "Criteria keep naming it; new ones cannot."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("revision", self.instance.revision)
        if self.instance._state.adding:
            del self.fields["dropped"]
            self.initial.setdefault("year", timezone.localdate().year)

    def _get_validation_exclusions(self) -> set[str]:
        # The action says in words that a short name is taken.
        return {*super()._get_validation_exclusions(), "code"}  # type: ignore[misc]


class ScorecardForm(forms.Form):
    name = forms.CharField(max_length=80)


class DraftForm(forms.Form):
    """The settings of a draft, in percent."""

    alpha = forms.DecimalField(
        label="Share of “worth today” in the overall score",
        min_value=0,
        max_value=100,
        decimal_places=2,
        help_text="50 lets both halves count the same.",
    )
    minimum_coverage = forms.DecimalField(
        label="Known part a half needs to be scored",
        min_value=0,
        max_value=100,
        decimal_places=2,
        help_text="Below it a half is not scored, and the account has no overall score.",
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)

    @classmethod
    def of(cls, version: ScorecardVersion) -> DraftForm:
        return cls(
            initial={
                "alpha": plain(version.alpha * HUNDRED),
                "minimum_coverage": plain(version.minimum_coverage * HUNDRED),
                "revision": version.revision,
            }
        )

    def shares(self) -> tuple[Decimal, Decimal]:
        """Alpha and minimum coverage as fractions."""
        return self.cleaned_data["alpha"] / HUNDRED, self.cleaned_data["minimum_coverage"] / HUNDRED


def scale_of(measure: str) -> Decimal:
    """Cut points are typed in the unit people think in: percent for ratios, the measure's own unit otherwise."""
    return HUNDRED if measure_of(measure).unit is Unit.RATIO else Decimal(1)


class CriterionForm(forms.Form):
    key = forms.CharField(max_length=8, label="Short name", help_text="Ratings hang on it: C1, P1, …")
    name = forms.CharField(max_length=160)
    kind = forms.ChoiceField(choices=Criterion.Kind.choices, label="How it is answered")
    half = forms.ChoiceField(choices=[("", "–"), *Criterion.Half.choices], required=False)
    family = forms.ChoiceField(choices=[("", "–"), *Criterion.Family.choices], required=False)
    weight = forms.DecimalField(
        min_value=0, max_value=10_000, max_digits=7, decimal_places=2, required=False, initial=Decimal(10)
    )
    objective = forms.ModelChoiceField(Objective.objects.none(), required=False, label="Objective it serves")
    measure = forms.ChoiceField(choices=[], required=False, label="Computed from")
    method = forms.ChoiceField(choices=[("", "–"), *Criterion.Method.choices], required=False, label="Scored by")
    cut_1, cut_2, cut_3, cut_4 = (
        forms.DecimalField(required=False, max_digits=18, decimal_places=6, label=label)
        for label in ("2 from", "3 from", "4 from", "5 from")
    )
    low = forms.DecimalField(required=False, max_digits=18, decimal_places=6, label="From")
    high = forms.DecimalField(
        required=False,
        max_digits=18,
        decimal_places=6,
        label="To",
        help_text="0 points up to the first, 100 from the second; the other way round when a low value is good.",
    )
    low_is_good = forms.BooleanField(required=False, label="A low value is good")
    anchor_1, anchor_2, anchor_3, anchor_4, anchor_5 = (
        forms.CharField(required=False, max_length=240, label=f"{level} means") for level in range(1, 6)
    )
    valid_months = forms.IntegerField(min_value=1, max_value=60, initial=12, label="A rating counts for … months")
    revision = forms.IntegerField(widget=forms.HiddenInput)

    CUTS = ("cut_1", "cut_2", "cut_3", "cut_4")
    BETWEEN = ("low", "high")
    ANCHORS = ("anchor_1", "anchor_2", "anchor_3", "anchor_4", "anchor_5")

    def __init__(
        self, data: Any = None, *, criterion: Criterion | None = None, initial: Mapping[str, Any] | None = None
    ) -> None:
        shown = dict(initial or {})
        if criterion is not None:
            shown = _initial(criterion) | shown
        super().__init__(data, initial=shown)
        known = Objective.objects.filter(dropped=False)
        if criterion is not None and criterion.objective_id:
            known = known | Objective.objects.filter(pk=criterion.objective_id)
        self.fields["objective"].queryset = known  # type: ignore[attr-defined]
        self.fields["measure"].choices = _measure_choices(criterion)  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """What the action takes. A field that was left empty makes bands incomplete, which the action says."""
        data = self.cleaned_data
        given = [data[name] for name in _cut_fields(data["method"])]
        scale = scale_of(data["measure"])
        names = (
            "key",
            "name",
            "kind",
            "half",
            "family",
            "measure",
            "method",
            "low_is_good",
            "objective",
            "valid_months",
        )
        anchors = [data[name].strip() for name in self.ANCHORS]
        return {name: data[name] for name in names} | {
            "weight": data["weight"] or Decimal(0),
            "cut_points": [cut / scale for cut in given if cut is not None],
            "anchors": anchors if any(anchors) else [],
        }

    def add_action_errors(self, errors: Iterable[tuple[str, Sequence[str]]]) -> None:
        """Errors of the action, at the fields that people see."""
        places = {"cut_points": _cut_fields(self.cleaned_data.get("method", ""))[0], "anchors": "anchor_1"}
        for name, texts in errors:
            place = places.get(name, name)
            self.add_error(place if place in self.fields else None, list(texts))


def _cut_fields(method: str) -> tuple[str, ...]:
    return CriterionForm.BETWEEN if method == Criterion.Method.LINEAR else CriterionForm.CUTS


def _measure_choices(criterion: Criterion | None) -> list[tuple[str, str]]:
    """All registered measures, and the one the criterion has, registered or not."""
    found = [("", "–"), *((measure.key, measure.label) for measure in measures())]
    if criterion is not None and criterion.is_computed and not is_registered(criterion.measure):
        found.append((criterion.measure, criterion.measured_by.label))
    return found


def _initial(criterion: Criterion) -> dict[str, Any]:
    names = (
        "key",
        "name",
        "kind",
        "half",
        "family",
        "weight",
        "objective",
        "measure",
        "method",
        "low_is_good",
        "valid_months",
    )
    scale = scale_of(criterion.measure)
    cuts = [plain(cut * scale) for cut in criterion.cut_points]
    return (
        {name: getattr(criterion, name) for name in names}
        | {"weight": plain(criterion.weight)}
        | dict(zip(_cut_fields(criterion.method), cuts, strict=False))
        | dict(zip(CriterionForm.ANCHORS, criterion.anchors, strict=False))
    )


class LibraryForm(forms.Form):
    """Ready-made criteria that the draft does not have yet."""

    ready = forms.MultipleChoiceField(choices=[], widget=forms.CheckboxSelectMultiple, label="Criteria")
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, taken: Iterable[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        used = set(taken)
        families = dict(Criterion.Family.choices)
        self.fields["ready"].choices = [  # type: ignore[attr-defined]
            (ready.key, f"{ready.name} ({_kind_words(usable(ready, is_registered), families)})")
            for ready in (*FIRST_SCORECARD, *LIBRARY)
            if ready.key not in used
        ]


def _kind_words(ready: Ready, families: dict[str, Any]) -> str:
    if ready.kind == Criterion.Kind.GATE:
        return "gate"
    return f"{str(families[ready.family]).lower()}; {'computed' if ready.kind == 'computed' else 'rated'}"


class TierRuleForm(forms.Form):
    """One tier of a draft; without a tick the version has no such tier."""

    used = forms.BooleanField(required=False, label="This version has the tier")
    enter = forms.DecimalField(required=False, min_value=0, max_value=100, decimal_places=2, label="Enter from")
    stay = forms.DecimalField(required=False, min_value=0, max_value=100, decimal_places=2, label="Stay from")
    enter_half = forms.DecimalField(
        required=False, min_value=0, max_value=100, decimal_places=2, label="Each half to enter"
    )
    stay_half = forms.DecimalField(
        required=False, min_value=0, max_value=100, decimal_places=2, label="Each half to stay"
    )
    gates = forms.MultipleChoiceField(choices=[], required=False, widget=forms.CheckboxSelectMultiple)
    units = forms.IntegerField(
        required=False, min_value=0, max_value=6, label="Units it takes of a lead", help_text="Six are full."
    )

    def __init__(self, *args: Any, gates: Iterable[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["gates"].choices = list(gates)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("used") and data.get("enter") is None:
            self.add_error("enter", "Give the score from which an account may enter.")
        return data

    def rule(self, tier: str) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "tier": tier,
            "enter": data["enter"],
            "stay": data["enter"] if data["stay"] is None else data["stay"],
            "enter_half": data["enter_half"] or Decimal(0),
            "stay_half": data["stay_half"] or Decimal(0),
            "gates": data["gates"],
            "units": data["units"],
        }


def tier_forms(version: ScorecardVersion, data: Any = None) -> dict[str, TierRuleForm]:
    """A form for each tier, highest first, filled from the draft."""
    gates = [(gate.key, f"{gate.key} {gate.name}") for gate in version.criteria.filter(kind=Criterion.Kind.GATE)]
    stored = {rule.tier: rule for rule in version.tier_rules.all()}
    return {
        tier.value: TierRuleForm(data, prefix=tier.value, gates=gates, initial=_tier_initial(stored.get(tier.value)))
        for tier in TIERS_FROM_THE_TOP
    }


def _tier_initial(rule: TierRule | None) -> dict[str, Any]:
    if rule is None:
        return {"used": False}
    return {
        "used": True,
        "enter": rule.enter,
        "stay": rule.stay,
        "enter_half": rule.enter_half,
        "stay_half": rule.stay_half,
        "gates": rule.gates,
        "units": rule.takes,
    }


class PublishForm(forms.Form):
    note = forms.CharField(
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        label="Why this version",
        help_text="Stands beside the version for ever.",
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)


class RevisionForm(forms.Form):
    """A button that names what it saw."""

    revision = forms.IntegerField(widget=forms.HiddenInput)


class RecomputeForm(forms.Form):
    quarter = forms.ChoiceField(
        choices=[], required=False, label="Twelve months that end with", widget=forms.Select(attrs={"class": "select"})
    )

    def __init__(self, *args: Any, quarters: Iterable[Quarter] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["quarter"].choices = [  # type: ignore[attr-defined]
            ("", "the last closed quarter with figures"),
            *((str(quarter), quarter.label) for quarter in quarters),
        ]


class ProgrammeForm(forms.Form):
    """Which twelve months, and of which day the tiers are."""

    quarter = forms.ChoiceField(choices=[], label="Twelve months to", widget=forms.Select(attrs={"class": "select"}))
    tiers = forms.ChoiceField(
        choices=tuple(PROGRAMME_TIERS.items()), label="Groups by", widget=forms.Select(attrs={"class": "select"})
    )

    def __init__(self, data: Mapping[str, Any], quarters: Iterable[Quarter]) -> None:
        super().__init__(data)
        self.fields["quarter"].choices = [(str(quarter), quarter.label) for quarter in quarters]  # type: ignore[attr-defined]


class BackTestForm(forms.Form):
    """Which past quarter is tested, by which score, and what growth is of."""

    quarter = forms.ChoiceField(choices=[], label="As of the end of", widget=forms.Select(attrs={"class": "select"}))
    score = forms.ChoiceField(choices=tuple(SCORES.items()), label="By", widget=forms.Select(attrs={"class": "select"}))
    measure = forms.ChoiceField(
        choices=tuple(MEASURES_SINCE.items()), label="Growth of", widget=forms.Select(attrs={"class": "select"})
    )

    def __init__(self, data: Mapping[str, Any], quarters: Iterable[Quarter]) -> None:
        super().__init__(data)
        self.fields["quarter"].choices = [(str(quarter), quarter.label) for quarter in quarters]  # type: ignore[attr-defined]


class WhatIfForm(forms.Form):
    """The numbers of a version as sliders; what is not sent stays as the version has it."""

    top = forms.IntegerField(required=False, min_value=1, max_value=1000, label="Places on the list", initial=10)
    alpha = forms.DecimalField(
        required=False, min_value=0, max_value=100, decimal_places=2, label="Share of “worth today”"
    )

    def __init__(self, given: Mapping[str, Any], rules: Rules) -> None:
        super().__init__(None)
        self.rules = rules
        self._add_sliders(rules)
        self.data = {name: given.get(name) or field.initial for name, field in self.fields.items()}
        self.is_bound = True

    def _add_sliders(self, rules: Rules) -> None:
        self.fields["alpha"].initial = plain(rules.scorecard.alpha * HUNDRED)
        for criterion in rules.criteria:
            top = max(HUNDRED, criterion.weight)
            self.fields[f"weight-{criterion.key}"] = forms.DecimalField(
                required=False, min_value=0, max_value=top, decimal_places=2, initial=plain(criterion.weight),
                label=f"{criterion.key} {criterion.name}",
            )  # fmt: skip
        for rule in rules.tiers:
            for name, label in (("enter", "enter from"), ("stay", "stay from"), ("enter_half", "each half to enter")):
                self.fields[f"{name}-{rule.tier}"] = forms.DecimalField(
                    required=False, min_value=0, max_value=100, decimal_places=2, initial=plain(getattr(rule, name)),
                    label=f"{Account.Tier(rule.tier).label!s}: {label}",
                )  # fmt: skip
        for name, field in self.fields.items():
            step = "1" if name == "top" else "0.5" if "-" in name else "5"
            longest = 100 if name == "top" else field.max_value  # type: ignore[attr-defined]
            field.widget = forms.NumberInput(
                attrs={"type": "range", "min": "1" if name == "top" else "0", "max": str(longest), "step": step}
            )

    @property
    def sliders(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The sliders in groups: halves, then thresholds, then the cut line."""
        groups = [
            (str(label), [self[f"weight-{one.key}"] for one in self.rules.criteria if one.half == half])
            for half, label in Criterion.Half.choices
        ]
        thresholds = [self[name] for name in self.fields if name.startswith(("enter", "stay"))]
        return [*groups, ("Halves, cut line", [self["alpha"], self["top"]]), ("Tiers", thresholds)]

    def changes(self) -> Changes:
        """What differs from the version."""
        data = self.cleaned_data
        weights = {
            one.key: data[f"weight-{one.key}"]
            for one in self.rules.criteria
            if data[f"weight-{one.key}"] not in (None, one.weight)
        }
        thresholds = {
            rule.tier: {
                name: data[f"{name}-{rule.tier}"]
                for name in ("enter", "stay", "enter_half")
                if data[f"{name}-{rule.tier}"] not in (None, getattr(rule, name))
            }
            for rule in self.rules.tiers
        }
        alpha = data["alpha"]
        return Changes(
            weights=weights,
            alpha=None if alpha is None else alpha / HUNDRED,
            thresholds={tier: given for tier, given in thresholds.items() if given},
        )

    def add_wrong(self, problem: WrongChange) -> None:
        """A change that makes no sense, at its slider."""
        kind, *rest = problem.place.split(".")
        name = {"weights": "weight-{0}", "thresholds": "{1}-{0}"}.get(kind, kind).format(*rest, "", "")
        self.add_error(name if name in self.fields else None, str(problem))


# --- selection cycle --------------------------------------------------------------------------------------------------


def _day(label: str, **options: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}), **options)


def _amount(label: str) -> forms.DecimalField:
    return forms.DecimalField(label=label, max_digits=18, decimal_places=4, min_value=0, required=False)


class CycleDatesForm(forms.Form):
    """The dates of a cycle: proposed from the calendar, changed by whoever runs it."""

    opens_on = _day("Opens")
    screening_until = _day("Screening until")
    nomination_until = _day("Nomination until")
    rating_until = _day("Rating until")
    decision_until = _day("Decisions until")
    approval_until = _day("Approved by")
    in_force_on = _day("In force from")

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
    ends_on = _day(
        "Holds until", required=False, help_text="Needed when you choose another tier than the rules propose."
    )
    served_by = forms.CharField(max_length=160, required=False, label="Who serves it afterwards")
    client_hears = forms.CharField(
        max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2}), label="What the client hears"
    )
    moves_by = _day("Moved by", required=False)
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


class ProfileForm(forms.Form):
    """The whole ideal profile at once: what is wanted of each attribute; without a weight it does not count."""

    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, profile: IdealProfile, **kwargs: Any) -> None:
        self.options = options()
        kwargs["initial"] = self.stored_values(profile) | {"revision": profile.revision}
        super().__init__(*args, **kwargs)
        for option in self.options:
            if option.is_words:
                self._add(option, "wanted", forms.CharField(max_length=400, required=False))
            else:
                for end in ("low", "high"):
                    self._add(option, end, forms.DecimalField(max_digits=17, decimal_places=4, required=False))
            self._add(option, "weight", forms.DecimalField(max_digits=6, decimal_places=2, min_value=0, required=False))

    def _add(self, option: Option, part: str, made: forms.Field) -> None:
        made.label = f"{option.label}: {PARTS[part]}"
        words = part == "wanted"
        made.widget.attrs |= {
            "class": "input" if words else "input weight",
            "inputmode": "text" if words else "decimal",
        }
        self.fields[f"{option.key}-{part}"] = made

    @property
    def rows(self) -> list[tuple[Option, dict[str, forms.BoundField]]]:
        """Per attribute its bound fields by part: wanted, or low and high, and weight."""
        return [
            (option, {part: self[f"{option.key}-{part}"] for part in PARTS if f"{option.key}-{part}" in self.fields})
            for option in self.options
        ]

    @staticmethod
    def stored_values(current: IdealProfile) -> dict[str, Any]:
        """The fields of the stored profile; shares in percent."""
        found: dict[str, Any] = {}
        for row in current.attributes.all():
            factor = HUNDRED if row.key not in WORDS and measure_of(row.key).unit is Unit.RATIO else Decimal(1)
            found[f"{row.key}-weight"] = plain(row.weight)
            if row.wanted:
                found[f"{row.key}-wanted"] = ", ".join(row.wanted)
            for end in ("low", "high"):
                value = getattr(row, end)
                found[f"{row.key}-{end}"] = None if value is None else plain(value * factor)
        return found

    def wanted(self) -> list[Wanted]:
        """What has a weight."""
        return [self._wanted(option) for option in self.options if self.cleaned_data.get(f"{option.key}-weight")]

    def _wanted(self, option: Option) -> Wanted:
        given: dict[str, Any] = {part: self.cleaned_data.get(f"{option.key}-{part}") for part in PARTS}
        words = [word.strip() for word in (given["wanted"] or "").split(",")]
        factor = HUNDRED if option.unit is Unit.RATIO else Decimal(1)
        low, high = (None if given[end] is None else given[end] / factor for end in ("low", "high"))
        return Wanted(option.key, tuple(word[:80] for word in dict.fromkeys(words) if word), low, high, given["weight"])

    @staticmethod
    def named(problem: FieldErrors) -> FieldErrors:
        """What the action said of an attribute, at the field where it can be put right."""
        parts = {key: f"{key}-wanted" if key in WORDS else f"{key}-low" for key in problem.errors if key}
        return FieldErrors({parts.get(key, key): texts for key, texts in problem.errors.items()})


class ProfilePublishForm(forms.Form):
    note = forms.CharField(
        max_length=2000, widget=forms.Textarea(attrs={"rows": 2}), label="Why this version",
        help_text="Stands with the version; old ones keep theirs.",
    )  # fmt: skip
    revision = forms.IntegerField(widget=forms.HiddenInput)


class WorthForm(forms.Form):
    """What one outcome is worth a year, to the client and to us."""

    outcome = forms.CharField(
        max_length=240, label="Outcome", help_text="What the client gets, in its own words if you know them."
    )
    client_amount = _amount("Worth to the client, a year")
    our_amount = _amount("Worth to us, a year")
    currency = forms.CharField(max_length=3, min_length=3)
    basis = forms.CharField(
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        label="What it rests on",
        help_text="Whose figures, which calculation, which paper.",
    )
    confirmed = forms.BooleanField(required=False, label="Confirmed by the client, not assumed")
    on = _day("As of")
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()


class EvidenceForm(forms.Form):
    """One act that shows mutuality."""

    kind = forms.ChoiceField(choices=MutualityEvidence.Kind.choices, label="What it is")
    on = _day("Day")
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
