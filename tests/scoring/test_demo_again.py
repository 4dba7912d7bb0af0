"""The demo builds once, on any start day, and without the accounts of the story."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from accounts.demo import build as build_accounts
from scoring.demo import build
from scoring.models import AccountScore, Rating, TierDecision
from tests.scoring.conftest import SCORES, TODAY
from tests.scoring.test_demo import account
from tests.scoring.test_portfolio import shown


def test_building_twice_changes_nothing(db):
    build_accounts(TODAY)
    build(TODAY)
    before = Rating.objects.count(), TierDecision.objects.count()
    build(TODAY)
    assert (Rating.objects.count(), TierDecision.objects.count()) == before


def test_another_start_day_gives_the_same_scores(db, monkeypatch):
    day = date(2026, 8, 20)
    monkeypatch.setattr(timezone, "localdate", lambda *args: day)
    build_accounts(day)
    build(day)
    assert shown(AccountScore.objects.get(account=account("Oremund")).overall_points) == SCORES["Oremund"][2]


def test_without_the_demo_s_accounts_only_the_scorecard_is_there(db):
    build(TODAY)
    assert not Rating.objects.exists()
