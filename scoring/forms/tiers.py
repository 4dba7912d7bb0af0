"""Forms of tiers: the decision about an account, and the rules of a version."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms

from accounts.models import Account
from scoring.forms.fields import NO_TIER
from scoring.models import (
    TIERS_FROM_THE_TOP,
    Criterion,
    ScorecardVersion,
    TierRule,
)


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
