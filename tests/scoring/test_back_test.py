"""Back-tests on stored figures and ratings: as they stood then, on the examples' real portfolio, by page and API."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Account, Figure
from sam.core.models import Job, Organisation
from sam.values.periods import Quarter
from scoring.actions import back_test as actions
from scoring.actions.back_test import BACK_TEST, Question, compute, run_back_test, start_back_test
from scoring.actions.ratings import Rated, rate_many, withdraw_rating
from scoring.actions.scorecards import add_criterion, add_scorecard, publish
from scoring.domain.back_test import OVERALL, SCREENING, BackTest
from scoring.domain.rank_correlation import spearman
from scoring.models import KeptScore, Rating, ScorecardVersion
from scoring.queries.ratings_then import then_statement
from scoring.queries.rules import rules_of
from scoring.queries.since import quarters_compared
from tests.domain.story import QUARTERS
from tests.unit.imports import committed

EXAMPLES = Path(__file__).resolve().parents[2] / "accounts" / "examples"
PAST, LAST = Quarter(2025, 3), Quarter(2026, 3)
MILLION = Decimal(1_000_000)


@pytest.fixture
def portfolio(live: ScorecardVersion) -> list[Account]:
    """Twelve accounts; the larger, the more they grew. The largest has no figures of the last quarter."""
    made = [Account.objects.create(name=f"Account {size:02d}", currency="EUR") for size in range(1, 13)]
    for size, account in enumerate(made, 1):
        for place, quarter in enumerate(QUARTERS):
            if size == 12 and quarter == LAST:
                continue
            revenue = size * MILLION / 5 * (1 if place < 4 else 1 + Decimal(size) / 100)
            Figure.objects.create(
                account=account, period_start=quarter.start, currency="EUR", revenue=revenue,
                cost_of_goods=revenue / 2, cost_to_serve=0,
            )  # fmt: skip
    return made


def asked(live: ScorecardVersion, score: str = SCREENING, measure: str = "revenue") -> Question:
    return Question(live, PAST, LAST, measure, score)


def test_growth_since_compares_quarters_that_do_not_overlap() -> None:
    assert quarters_compared(Quarter(2025, 3), Quarter(2026, 3)) == 4
    assert quarters_compared(Quarter(2024, 1), Quarter(2026, 3)) == 4
    assert quarters_compared(Quarter(2011, 1), Quarter(2011, 3)) == 2
    with pytest.raises(ValueError, match="quarter after"):
        quarters_compared(LAST, LAST)


def test_scores_of_then_are_set_against_growth_since(portfolio, live):
    found = compute(asked(live))
    assert (found.accounts, found.scored, found.n, found.quarters) == (12, 12, 11, 4)
    scores, growth = [one.score for one in found.points], [one.growth for one in found.points]
    assert found.correlation == pytest.approx(spearman(scores, growth))
    assert found.interval.low <= found.correlation <= found.interval.high
    assert found.top.n == found.bottom.n == 2
    # accounts 9 and 10 of the three in the best band, 1 and 2 of the last
    assert (found.top.growth, found.bottom.growth) == pytest.approx((0.095, 0.015))
    assert "grew more since, strongly so (n = 11)" in found.words
    assert {point.account for point in found.points} == {account.pk for account in portfolio[:11]}


def test_a_quarter_nobody_reported_is_unknown_and_leaves_the_account_out(portfolio, live):
    Figure.objects.filter(account=portfolio[0], period_start=QUARTERS[6].start).update(revenue=None)
    Figure.objects.filter(account=portfolio[1], period_start=QUARTERS[5].start).update(currency="HUF")
    found = compute(asked(live))
    assert found.n == 9
    assert (found.correlation, found.top, found.interval) == (None, None, None)
    assert found.words.startswith("9 accounts have a score of then")


def test_three_months_make_a_quarter_and_two_do_not(portfolio, live):
    for account, months in ((portfolio[0], 3), (portfolio[1], 2)):
        row = Figure.objects.get(account=account, period_start=QUARTERS[6].start)
        quarter, revenue = QUARTERS[6], row.revenue
        row.delete()
        for step in range(months):
            Figure.objects.create(
                account=account, period_start=quarter.first_month.shift(step).start, months=1, currency="EUR",
                revenue=revenue / 3, cost_of_goods=revenue / 6, cost_to_serve=0,
            )  # fmt: skip
    found = compute(asked(live))
    assert {point.account for point in found.points} == {account.pk for account in portfolio[:11]} - {portfolio[1].pk}


def counted(live: ScorecardVersion, day: date) -> dict[tuple[int, str], float]:
    rules = rules_of(live)
    sql, params = then_statement(rules, day)
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return {(account, rules.criteria[place].key): float(value) for account, place, value in cursor.fetchall()}


def test_a_rating_that_was_changed_since_counts_as_it_was(portfolio, live, ingrid):
    account = portfolio[0]

    def rate(value: int, on: date, revision: int = 0) -> None:
        cell = Rated(account, "P1", value, "Seen there", confirmed=True, revision=revision)
        rate_many(cells=[cell], by=ingrid, rated_on=on)

    rate(2, date(2025, 3, 1))
    rate(5, date(2026, 2, 1), revision=Rating.objects.get().revision)
    assert counted(live, date(2025, 2, 28)) == {}
    assert counted(live, date(2025, 9, 30)) == {(account.pk, "P1"): 2.0}
    assert counted(live, date(2026, 2, 1)) == {(account.pk, "P1"): 5.0}
    rating = Rating.objects.get()
    withdraw_rating(account=account, rating=rating, revision=rating.revision, by=ingrid)
    assert counted(live, date(2025, 9, 30)) == {(account.pk, "P1"): 2.0}


def test_a_rating_is_valid_then_for_as_long_as_its_criterion_says(portfolio, live, ingrid):
    cell = Rated(portfolio[0], "P1", 4, "Seen there", confirmed=True)
    rate_many(cells=[cell], by=ingrid, rated_on=date(2024, 9, 30))
    assert counted(live, date(2025, 9, 29)) == {(portfolio[0].pk, "P1"): 4.0}
    assert counted(live, date(2025, 9, 30)) == {}


def test_a_score_that_was_kept_then_stands_as_it_was(portfolio, live):
    for place, account in enumerate(portfolio):
        KeptScore.objects.create(
            account=account, version=live, occasion="Cycle", kept_on=date(2025, 10, 20), overall=(place + 1) * 10**9,
            inputs={"quarter": str(PAST)},
        )  # fmt: skip
    found = compute(asked(live, OVERALL))
    assert (found.kept, found.scored, found.n) == (12, 12, 11)
    assert found.correlation == pytest.approx(1)
    assert compute(Question(live, PAST.shift(1), LAST, "revenue", OVERALL)).kept == 0


def test_without_ratings_nobody_has_an_overall_score_and_nothing_is_said(portfolio, live):
    found = compute(asked(live, OVERALL))
    assert (found.scored, found.n, found.correlation) == (0, 0, None)
    assert "Under 10 nothing is said" in found.words


def test_contribution_is_tested_like_revenue(portfolio, live):
    Figure.objects.filter(account=portfolio[3], period_start=QUARTERS[7].start).update(cost_to_serve=None)
    assert compute(asked(live, measure="contribution")).n == 10


# --- the real portfolio of the examples ----------------------------------------------------------------------


@pytest.mark.django_db
def test_online_retail_is_tested_with_its_five_quarters(ingrid):
    """Expected figures were computed with pandas from the files: 389 customers bought in all four quarters."""
    for kind, name in (("accounts", "accounts"), ("financials", "revenue_quarter")):
        committed(ingrid, kind, (EXAMPLES / f"online_retail_{name}.csv").read_bytes())
    Organisation.objects.update_or_create(pk=1, defaults={"reporting_currency": "GBP"})
    version = add_scorecard(name="By size", by=ingrid)
    for half in ("current", "potential"):
        add_criterion(
            version=version, revision=version.revision, by=ingrid, key=f"{half[0].upper()}1", name="Revenue",
            kind="computed", half=half, weight=Decimal(100), measure="quarter_revenue", method="percentile",
        )  # fmt: skip
    version = publish(version=version, revision=version.revision, note="To be tested", by=ingrid)
    job = start_back_test(asked=Question(version, Quarter(2011, 1), Quarter(2011, 3), "revenue", SCREENING), by=ingrid)
    found = BackTest.from_json(run_back_test(job, lambda percent, step: None))
    assert (found.accounts, found.scored, found.n, found.quarters) == (4372, 1812, 389, 2)
    assert found.correlation == pytest.approx(-0.144774, abs=1e-6)
    assert found.interval.low < found.correlation < found.interval.high < 0
    assert (found.top.n, found.bottom.n) == (77, 77)
    assert (found.top.growth, found.bottom.growth) == pytest.approx((0.533302, 1.114554), abs=1e-6)
    assert found.words.startswith("Accounts that scored higher grew less since, weakly so (n = 389)")
    twelve = compute(Question(version, Quarter(2011, 1), Quarter(2011, 3), "contribution", OVERALL))
    assert (twelve.n, twelve.correlation) == (0, None)


# --- page and API --------------------------------------------------------------------------------------------


def url(live: ScorecardVersion) -> str:
    return reverse("scoring:back-test", args=[live.scorecard_id])


def test_the_page_says_what_it_found_and_shows_a_table(portfolio, live, ingrid, signed_in):
    client = signed_in(ingrid)
    page = client.get(url(live), {"quarter": str(PAST)})
    text = page.content.decode()
    assert page.status_code == 200
    assert "grew more since, strongly so (n = 11)" in text
    assert "Account 07" in text
    part = client.get(url(live), {"quarter": str(PAST)}, headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith('<div id="back-test-result"')
    few = client.get(url(live), {"quarter": str(PAST), "score": "overall"}).content.decode()
    assert "Test the screening value instead" in few
    assert client.get(url(live), {"quarter": "2031-Q1"}).status_code == 422


def test_a_large_portfolio_is_answered_by_a_job(portfolio, live, ingrid, signed_in, api, monkeypatch):
    monkeypatch.setattr(actions, "AT_ONCE", 5)
    client, told = signed_in(ingrid), {"quarter": str(PAST), "score": SCREENING, "measure": "revenue"}
    address = f"/api/v1/scorecards/{live.scorecard_id}/backtest/"
    assert "Compute it" in client.get(url(live), told).content.decode()
    assert api(ingrid).get(address, told).json()["code"] == "not_computed"
    assert client.post(f"{url(live)}start/", told).status_code == 303
    job = Job.objects.get(kind=BACK_TEST)
    assert api(ingrid).post(address, told, format="json").json()["id"] == job.pk
    assert "Being computed" in client.get(url(live), told).content.decode()
    job.result, job.state = run_back_test(job, lambda percent, step: None), Job.State.DONE
    job.save()
    assert "strongly so (n = 11)" in client.get(url(live), told).content.decode()
    assert api(ingrid).get(address, told).json()["n"] == 11


def test_the_api_tells_the_same(portfolio, live, ingrid, api):
    address = f"/api/v1/scorecards/{live.scorecard_id}/backtest/"
    body = api(ingrid).get(address, {"quarter": str(PAST)}).json()
    assert (body["n"], body["top"]["n"], len(body["points"])) == (11, 2, 11)
    assert body["interval"][0] <= body["correlation"] <= body["interval"][1]
    assert body["reading"].startswith("Accounts that scored higher grew more")
    assert api(ingrid).get(address).status_code == 400
    assert api(ingrid).get(address, {"quarter": "2031-Q1"}).status_code == 400


def test_only_those_who_build_scorecards_test_them(portfolio, live, make_person, signed_in, api):
    for role in ("account_manager", "finance_partner", "viewer"):
        person = make_person(role)
        assert signed_in(person).get(url(live)).status_code == 403
        assert (
            api(person).get(f"/api/v1/scorecards/{live.scorecard_id}/backtest/", {"quarter": str(PAST)}).status_code
            == 403
        )


def test_a_tenfold_portfolio_takes_as_many_queries(portfolio, live, ingrid, signed_in):
    client = signed_in(ingrid)
    client.get(url(live))
    with CaptureQueriesContext(connection) as few:
        client.get(url(live))
    made = Account.objects.bulk_create(Account(name=f"More {n}", currency="EUR") for n in range(120))
    Figure.objects.bulk_create(
        Figure(
            account=one, period_start=quarter.start, currency="EUR", revenue=place + n, cost_of_goods=1, cost_to_serve=0
        )
        for n, one in enumerate(made, 1) for place, quarter in enumerate(QUARTERS)
    )  # fmt: skip
    with CaptureQueriesContext(connection) as many:
        client.get(url(live))
    assert len(many) == len(few)
