"""Decisions that stand against the rules: which hold, and which have ended."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

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


def overrides_of(account_ids: Iterable[int]) -> dict[int, TierDecision]:
    """The decision against the rules that an account's tier rests on, by account id. One query."""
    return {row.account_id: row for row in _latest_against().filter(account__in=list(account_ids))}
