"""The whole portfolio at once: the story's scores, the same result as one account, unknown stays unknown."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import isnan

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, AccountKey, Figure
from sam.core.models import ExchangeRate
from sam.values.periods import Quarter
from scoring.actions.scores import recompute_account, recompute_all, run_recompute, start_recompute
from scoring.domain.scorecard import evaluate
from scoring.domain.tiers import propose
from scoring.models import AccountScore, KeptScore, Rating, ScoreRun
from scoring.queries.rules import rules_of
from tests.scoring.conftest import SCORES, TODAY


def shown(points: Decimal | None) -> str:
    assert points is not None
    return str(points.quantize(Decimal("0.1"), ROUND_HALF_UP))


def stored(account: Account) -> dict[str, object]:
    score = AccountScore.objects.get(account=account)
    fields = {field.attname: getattr(score, field.attname) for field in AccountScore._meta.concrete_fields}
    del fields["computed_at"]
    return fields | {"values": [None if isnan(value) else value for value in score.values]}


def test_the_eight_accounts_score_as_the_story_says(rated_story, rescore):
    rescore()
    found = {
        name: tuple(shown(points) for points in (score.current_points, score.potential_points, score.overall_points))
        for name in SCORES
        for score in [AccountScore.objects.get(account=rated_story[name])]
    }
    assert found == SCORES


def test_a_missing_fifth_is_covered_to_exactly_the_minimum(rated_story, rescore):
    rescore()
    score = AccountScore.objects.get(account=rated_story["Havelgrund"])
    assert (score.current_covered, score.current_whole) == (8000, 10000)
    assert isnan(score.values[4])


def test_an_account_without_ratings_is_not_scored_and_gets_no_proposal(rated_story, rescore):
    rescore()
    score = AccountScore.objects.get(account=rated_story["Brastholm"])
    assert (score.overall, score.proposed_tier, score.basis) == (None, None, "")
    assert score.current_covered == 4500


def test_set_based_and_single_give_the_same_row(rated_story, rescore):
    rescore()
    before = {name: stored(account) for name, account in rated_story.items()}
    for name, account in rated_story.items():
        recompute_account(account=account, by=None, today=TODAY)
        assert stored(account) == before[name]


def test_set_based_result_is_the_domain_s(rated_story, live, rescore):
    rescore()
    rules = rules_of(live)
    for account in rated_story.values():
        score = AccountScore.objects.get(account=account)
        values = {
            criterion.key: None if isnan(value) else value
            for criterion, value in zip(rules.criteria, score.values, strict=True)
        }
        expected = evaluate(rules.scorecard, values)
        assert score.current_points == expected.current.score
        assert score.potential_points == expected.potential.score
        assert score.overall_points == expected.overall
        assert Fraction(score.current_covered, score.current_whole) == expected.current.coverage
        proposal = propose(expected, rules.tiers, {}, account.tier or None)
        assert score.proposed_tier == ((proposal.tier or "") if proposal.scored else None)


def test_percentiles_are_the_same_for_one_account_and_all(rated_story, live, ingrid, rescore):
    from scoring.actions.scorecards import create_draft, edit_criterion, publish

    draft = create_draft(scorecard=live.scorecard, by=ingrid)
    criterion = draft.criteria.get(key="C1")
    edit_criterion(
        version=draft, criterion=criterion, revision=draft.revision, by=ingrid, method="percentile", measure="revenue"
    )
    publish(version=draft, revision=draft.revision, note="Rank by revenue", by=ingrid)
    rescore()
    biggest = AccountScore.objects.get(account=rated_story["Oremund"])
    before = stored(rated_story["Oremund"])
    recompute_account(account=rated_story["Oremund"], by=None, today=TODAY)
    assert stored(rated_story["Oremund"]) == before
    assert biggest.values[0] == 41_700_000


def test_a_missing_quarter_is_unknown_and_not_zero(rated_story, rescore):
    oremund = rated_story["Oremund"]
    oremund.figures.get(period_start=date(2026, 4, 1)).delete()
    rescore()
    score = AccountScore.objects.get(account=oremund)
    assert isnan(score.values[0])
    assert score.current_covered == 3500


def test_a_missing_rate_leaves_the_account_unconverted(rated_story, rescore):
    ExchangeRate.objects.filter(currency="SEK").delete()
    rescore()
    assert ScoreRun.objects.get().unconverted == 1
    assert isnan(AccountScore.objects.get(account=rated_story["Lindqvara"]).values[0])


def test_months_quarters_and_keys_add_up_without_counting_twice(rated_story, rescore):
    """Two keys of one account roll up; months beside their quarter are not counted again."""
    oremund = rated_story["Oremund"]
    key = AccountKey.objects.create(account=oremund, source="erp", key="P01-1")
    for quarter in (date(2025, 10, 1), date(2026, 1, 1), date(2026, 4, 1), date(2026, 7, 1)):
        Figure.objects.create(
            account=oremund, key=key, period_start=quarter, currency="EUR", revenue=1_000_000, cost_of_goods=0,
            cost_to_serve=0, client_spend=0,
        )  # fmt: skip
    skoggrim = rated_story["Skoggrim"]
    for month in (7, 8, 9):
        Figure.objects.create(
            account=skoggrim, period_start=date(2026, month, 1), months=1, currency="EUR", revenue=99_000_000,
            cost_of_goods=0, cost_to_serve=0,
        )  # fmt: skip
    rescore()
    values = AccountScore.objects.get(account=oremund).values
    assert values[0] == pytest.approx(13_360_000, rel=0.001)
    assert values[2] == pytest.approx(45.7 / 66.5)
    assert AccountScore.objects.get(account=skoggrim).values[0] == pytest.approx(4_280_000, rel=0.005)
    for account in (oremund, skoggrim):
        before = stored(account)
        recompute_account(account=account, by=None, today=TODAY)
        assert stored(account) == before


def test_a_key_without_a_figure_leaves_the_sum_unknown(rated_story, rescore):
    oremund = rated_story["Oremund"]
    key = AccountKey.objects.create(account=oremund, source="erp", key="P01-2")
    Figure.objects.create(account=oremund, key=key, period_start=date(2026, 7, 1), currency="EUR", revenue=None)
    rescore()
    assert isnan(AccountScore.objects.get(account=oremund).values[0])


def test_a_rating_older_than_its_validity_does_not_count(rated_story, rescore):
    Rating.objects.filter(account=rated_story["Oremund"], criterion_key="P1").update(
        rated_on=TODAY - timedelta(days=366)
    )
    rescore()
    assert AccountScore.objects.get(account=rated_story["Oremund"]).potential_covered == 7500


def test_archived_accounts_have_no_score(rated_story, rescore):
    Account.objects.filter(pk=rated_story["Oremund"].pk).update(status="archived")
    rescore()
    assert not AccountScore.objects.filter(account=rated_story["Oremund"]).exists()


def test_recompute_needs_the_same_few_queries_for_any_number_of_accounts(rated_story, live, rescore):
    rescore()
    with CaptureQueriesContext(
        connection,
    ) as few:
        recompute_all(by=None, today=TODAY)
    Account.objects.bulk_create(Account(name=f"More {number}") for number in range(400))
    with CaptureQueriesContext(connection) as many:
        recompute_all(by=None, today=TODAY)
    assert len(many) == len(few)


def test_kept_scores_carry_their_inputs_and_are_kept_once(rated_story, live):
    recompute_all(by=None, today=TODAY, keep="Cycle 2026")
    recompute_all(by=None, today=TODAY, keep="Cycle 2026")
    kept = KeptScore.objects.get(account=rated_story["Montevarra"])
    assert kept.inputs["quarter"] == "2026-Q3"
    assert kept.inputs["values"]["C1"] == pytest.approx(6_730_000, rel=0.001)
    assert kept.rank == 1
    assert "C5" not in KeptScore.objects.get(account=rated_story["Dunmarsh"]).inputs["values"]


def test_a_chosen_quarter_stays_until_the_latest_is_wanted_again(rated_story, live, ingrid):
    run = recompute_all(by=ingrid, today=TODAY, quarter=Quarter(2026, 2))
    assert run.quarter_start == date(2026, 4, 1)
    assert recompute_all(by=ingrid, today=TODAY).quarter_start == date(2026, 4, 1)
    start_recompute(by=ingrid, latest=True)
    assert recompute_all(by=ingrid, today=TODAY).quarter_start == date(2026, 7, 1)


def test_the_job_reports_counts(rated_story, live, ingrid):
    job = start_recompute(by=ingrid)
    steps: list[int] = []
    result = run_recompute(job, lambda percent, step: steps.append(percent))
    assert result["accounts"] == 37
    assert result["scored"] == 8
    assert steps == sorted(steps)


def test_a_second_click_uses_the_waiting_job(live, ingrid):
    assert start_recompute(by=ingrid).pk == start_recompute(by=ingrid).pk
