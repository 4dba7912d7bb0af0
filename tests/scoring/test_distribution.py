"""One account among all by the kept distribution: the same place as reading everybody's value would give."""

from __future__ import annotations

import random
from decimal import Decimal
from math import isnan

import pytest

from accounts.models import Account, Figure
from scoring.actions.scorecards import create_draft, edit_criterion, publish
from scoring.actions.scores import recompute_account
from scoring.models import AccountScore, Distribution, Rescored, ScorecardVersion
from scoring.models.distribution import PIECE
from scoring.queries.distribution import compared_values
from scoring.queries.rules import Rules, rules_of
from tests.domain.story import QUARTERS
from tests.scoring.conftest import TODAY


@pytest.fixture
def ranked(rated_story, live, ingrid) -> ScorecardVersion:
    """A version whose first two criteria are percentiles."""
    draft = create_draft(scorecard=live.scorecard, by=ingrid)
    for key, measure in (("C1", "revenue"), ("C2", "margin")):
        draft.refresh_from_db()
        edit_criterion(
            version=draft, criterion=draft.criteria.get(key=key), revision=draft.revision, by=ingrid,
            method="percentile", measure=measure,
        )  # fmt: skip
    draft.refresh_from_db()
    publish(version=draft, revision=draft.revision, note="Rank by revenue", by=ingrid)
    draft.refresh_from_db()
    return draft


def place(rules: Rules, account: Account, position: int, value: float) -> tuple[int, int, int]:
    """Fewer than, equal to and more than the value, from all stored scores; the account itself has the value."""
    others = (
        AccountScore.objects.filter(version=rules.version).exclude(account=account).values_list("values", flat=True)
    )
    known = [one for values in others if not isnan(one := values[position])]
    return sum(v < value for v in known), sum(v == value for v in known) + 1, sum(v > value for v in known)


def check(rules: Rules, pick: random.Random) -> None:
    for account in pick.sample(list(Account.objects.all()), 3):
        values = dict.fromkeys([criterion.key for criterion in rules.criteria], None)
        stored = [s.values[0] for s in AccountScore.objects.all() if not isnan(s.values[0])]
        values |= {"C1": pick.choice([*stored, 0.0, 1e12, 4711.5]), "C2": pick.choice([0.2, 0.224, 0.9])}
        found = compared_values(rules, values, account.pk)
        for position, key in enumerate(("C1", "C2")):
            counted = found[key]
            assert (counted.below, counted.equal, counted.above) == place(rules, account, position, values[key])


@pytest.mark.parametrize("seed", range(4))
def test_place_is_right_after_any_changes_since_the_recompute(ranked, rescore, seed):
    pick = random.Random(seed)
    rules = rules_of(ranked)
    if seed % 2:
        rescore()
    for step in range(12):
        account = pick.choice(list(Account.objects.all()))
        kind = pick.randrange(5)
        if kind == 0:
            account = Account.objects.create(name=f"New {step}")
        if kind in (0, 1):
            Figure.objects.filter(account=account).delete()
            Figure.objects.bulk_create(
                Figure(account=account, period_start=quarter.start, currency="EUR", revenue=pick.choice([1, 10, 10**6]),
                       cost_of_goods=Decimal(1) / 2, cost_to_serve=0)
                for quarter in QUARTERS[4:]
            )  # fmt: skip
        elif kind == 2:
            account.status = pick.choice(["archived", "active"])
            account.save(update_fields=["status"])
        elif kind == 3 and step == 7:
            rescore()
        recompute_account(account=account, by=None, today=TODAY)
        check(rules, pick)
    rescore()
    assert not Rescored.objects.exists()
    check(rules, pick)


def test_a_new_version_compares_nobody_until_somebody_is_scored_by_it(ranked, rescore, live, ingrid, rated_story):
    rescore()
    draft = create_draft(scorecard=live.scorecard, by=ingrid)
    publish(version=draft, revision=draft.revision, note="Again", by=ingrid)
    rules = rules_of(ScorecardVersion.objects.in_use())
    check(rules, random.Random(1))
    recompute_account(account=rated_story["Oremund"], by=None, today=TODAY)
    check(rules, random.Random(2))


def test_distribution_has_every_known_value_in_pieces_that_rise(ranked, rescore):
    Account.objects.bulk_create(Account(name=f"Many {number}") for number in range(2 * PIECE + 7))
    Figure.objects.bulk_create(
        Figure(account=account, period_start=quarter.start, currency="EUR", revenue=account.pk % 50)
        for account in Account.objects.filter(name__startswith="Many")
        for quarter in QUARTERS[4:]
    )
    rescore()
    pieces = list(Distribution.objects.filter(position=1).order_by("pk"))
    assert len(pieces) >= 3
    values = [value for piece in pieces for value in piece.values]
    stored = sorted(s.values[0] for s in AccountScore.objects.all() if not isnan(s.values[0]))
    assert values == stored
    assert all((p.lowest, p.highest, p.size) == (p.values[0], p.values[-1], len(p.values)) for p in pieces)
    check(rules_of(ranked), random.Random(3))


def test_an_account_scored_again_is_remembered_once_with_what_it_had(ranked, rescore, rated_story):
    rescore()
    before = AccountScore.objects.get(account=rated_story["Oremund"]).values
    for revenue in (1, 2):
        Figure.objects.filter(account=rated_story["Oremund"]).update(revenue=revenue)
        recompute_account(account=rated_story["Oremund"], by=None, today=TODAY)
    assert Rescored.objects.get().before[0] == before[0]
