"""The first scorecard of a new installation: our proposal, to be changed by whoever runs the programme."""

from __future__ import annotations

from django.utils import timezone

from sam.core.audit import action
from sam.core.models import User
from scoring.actions.scorecards import add_from_library, add_scorecard, publish, set_tier_rules
from scoring.domain.library import FIRST_SCORECARD, FIRST_TIERS, OBJECTIVES
from scoring.models import Objective, Scorecard, ScorecardVersion

NAME = "Strategic accounts"
NOTE = "First version: five criteria for what an account is worth today, five for what it can become."


@action("loaded the first scorecard")
def load_defaults(*, by: User | None) -> ScorecardVersion | None:
    """Objectives of this year and scorecard version 1, live. Does nothing when there is any scorecard already."""
    if Scorecard.objects.exists():
        return None
    year = timezone.localdate().year
    if not Objective.objects.filter(year=year).exists():
        Objective.objects.bulk_create(Objective(year=year, code=code, text=text) for code, text in OBJECTIVES)
    version = add_scorecard(name=NAME, by=by)
    add_from_library(version=version, revision=version.revision, ready=FIRST_SCORECARD, by=by)
    rules = [
        {
            "tier": tier.tier,
            "enter": tier.enter,
            "stay": tier.stay,
            "enter_half": tier.enter_half,
            "stay_half": tier.stay_half,
            "gates": list(tier.gates),
        }
        for tier in FIRST_TIERS
    ]
    set_tier_rules(version=version, revision=version.revision, rules=rules, by=by)
    return publish(version=version, revision=version.revision, note=NOTE, by=by)
