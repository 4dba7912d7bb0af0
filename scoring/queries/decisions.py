"""Decisions that stand against the rules: which hold, and which have ended."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject

from accounts.models import Account
from scoring.models import TierDecision

LIVE = ~Q(account__status__in=[Account.Status.ARCHIVED, Account.Status.MERGED])


def _latest_against() -> QuerySet[TierDecision]:
    """The newest decision of each live account, where it stands against the rules of its day."""
    newest = TierDecision.objects.filter(account=OuterRef("account")).order_by("-decided_on", "-pk").values("pk")[:1]
    return (
        TierDecision.objects.filter(LIVE, pk=Subquery(newest), proposed__isnull=False)
        .exclude(proposed=F("tier"))
        .select_related("account")
    )


def ended_decisions(today: date) -> QuerySet[TierDecision]:
    """Newest decisions against the rules whose end has come: somebody has to decide again."""
    return _latest_against().filter(ends_on__lte=today).order_by("ends_on", "pk")


def newest_decision() -> Subquery:
    """For a queryset of rows with an account: its newest decision as a mapping, without a query of its own."""
    newest = TierDecision.objects.filter(account=OuterRef("account_id")).order_by("-decided_on", "-pk")
    told = JSONObject(tier="tier", proposed="proposed", ends_on="ends_on", reason="reason")
    return Subquery(newest.values(told=told)[:1])


def override_from(told: Mapping[str, Any] | None) -> TierDecision | None:
    """The annotated decision when it stands against the rules of its day, as a row that is not to be saved."""
    if told is None:
        return None
    ends_on = date.fromisoformat(told["ends_on"]) if told["ends_on"] else None
    decision = TierDecision(tier=told["tier"], proposed=told["proposed"], ends_on=ends_on, reason=told["reason"])
    return decision if decision.against_proposal else None
