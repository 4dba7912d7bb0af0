"""The register of measures: one place, one statement for all accounts and for one, nothing unknown crashes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from math import isnan

import pytest
from django.db import connection

from accounts.models import Account
from sam.core.errors import FieldErrors
from scoring.actions.preview import preview_draft
from scoring.actions.scorecards import add_criterion, add_from_library, create_draft, edit_criterion, publish
from scoring.actions.scores import recompute_account, recompute_all
from scoring.domain import measures as register
from scoring.domain.library import FIRST_SCORECARD, LIBRARY, find, usable
from scoring.domain.measures import Measure, Unit, is_registered, measure_of, measures
from scoring.models import AccountScore, Criterion
from scoring.queries.builder import version_parts
from scoring.queries.measures import proposed_cut_points
from scoring.queries.scorecard import account_scorecard
from tests.scoring.conftest import TODAY
from tests.scoring.test_portfolio import stored


@pytest.fixture
def letters():
    """A measure that another app might register: how many letters the name has; none for names with an M."""

    def read(day, accounts):
        chosen = "" if accounts is None else "AND a.id = ANY(%s)"
        sql = f"SELECT a.id::int8, length(a.name)::float8 FROM accounts_account a WHERE a.name NOT LIKE 'M%%' {chosen}"
        return sql, () if accounts is None else (list(accounts),)

    register.register(
        Measure("letters", "Letters of the name", Unit.COUNT, "Counted.", read, lambda pk, day: "it begins with M",
                finance=False)
    )  # fmt: skip
    yield
    del register._measures["letters"]


@pytest.fixture
def by_letters(rated_story, live, ingrid, letters):
    """C4 is computed between 6 and 11 letters."""
    draft = create_draft(scorecard=live.scorecard, by=ingrid)
    edit_criterion(
        version=draft, criterion=draft.criteria.get(key="C4"), revision=draft.revision, by=ingrid, kind="computed",
        measure="letters", method="linear", cut_points=[Decimal(6), Decimal(11)], anchors=[],
    )  # fmt: skip
    return publish(version=draft, revision=draft.revision, note="Count letters", by=ingrid)


def test_another_app_s_measure_scores_every_account_and_one_alike(by_letters, rated_story, rescore):
    rescore()
    oremund = AccountScore.objects.get(account=rated_story["Oremund"])
    assert oremund.values[3] == 7.0
    assert isnan(AccountScore.objects.get(account=rated_story["Montevarra"]).values[3])
    for account in rated_story.values():
        before = stored(account)
        recompute_account(account=account, by=None, today=TODAY)
        assert stored(account) == before


def test_linear_points_rise_between_the_two_values(by_letters, rated_story, rescore, ingrid):
    rescore()
    card = account_scorecard(rated_story["Skoggrim"], ingrid, TODAY)
    line = next(line for line in card.lines if line.criterion.key == "C4")
    assert (line.value, line.points, line.level) == (8.0, Decimal(40), None)
    assert (line.shown, line.anchor) == (
        "8",
        "6 and below gives 0 points, 11 and above gives 100, in between in proportion",
    )


def test_why_a_value_is_missing_comes_from_the_measure(by_letters, rated_story, rescore, ingrid):
    rescore()
    card = account_scorecard(rated_story["Montevarra"], ingrid, TODAY)
    assert next(line.reason for line in card.lines if line.criterion.key == "C4") == "it begins with M"


def test_a_measure_that_is_no_figure_is_shown_to_those_without_figures(by_letters, rated_story, rescore, make_person):
    rescore()
    member = make_person("team_member", on=rated_story["Skoggrim"], access="member")
    shown = {line.criterion.key: line.shown for line in account_scorecard(rated_story["Skoggrim"], member, TODAY).lines}
    assert (shown["C1"], shown["C4"]) == ("", "8")


def test_a_measure_nobody_registers_any_more_is_unknown_and_named(by_letters, rated_story, ingrid, client):
    measure = register._measures.pop("letters")
    try:
        assert not is_registered("letters")
        recompute_all(by=None, today=TODAY)
        assert isnan(AccountScore.objects.get(account=rated_story["Oremund"]).values[3])
        recompute_account(account=rated_story["Oremund"], by=None, today=TODAY)
        card = account_scorecard(rated_story["Oremund"], ingrid, TODAY)
        assert "does not know the measure" in next(line.reason for line in card.lines if line.criterion.key == "C4")
        draft = create_draft(scorecard=by_letters.scorecard, by=ingrid)
        assert any("Choose another measure" in advice.todo for advice in version_parts(draft, "EUR").warnings)
        preview_draft(version=draft, by=ingrid, today=TODAY)
        client.force_login(ingrid)
        assert client.get(f"/scorecards/{draft.scorecard_id}/{draft.number}/").status_code == 200
        assert client.get(f"/scorecards/{draft.scorecard_id}/{draft.number}/criteria/C4/").status_code == 200
    finally:
        register.register(measure)


def test_an_unknown_measure_is_refused_for_a_new_criterion(live, ingrid):
    draft = create_draft(scorecard=live.scorecard, by=ingrid)
    with pytest.raises(FieldErrors) as refused:
        add_criterion(
            version=draft, revision=draft.revision, by=ingrid, key="X1", name="Luck", kind="computed", half="current",
            weight=Decimal(5), measure="luck", method="percentile",
        )  # fmt: skip
    assert "does not know" in refused.value.errors["measure"][0]


@pytest.mark.parametrize("cuts", [[], [Decimal(5)], [Decimal(5), Decimal(5)], [Decimal(6), Decimal(5)]])
def test_between_two_values_needs_two_that_rise(live, ingrid, cuts):
    draft = create_draft(scorecard=live.scorecard, by=ingrid)
    with pytest.raises(FieldErrors) as refused:
        add_criterion(
            version=draft, revision=draft.revision, by=ingrid, key="X1", name="Growth", kind="computed", half="current",
            weight=Decimal(5), measure="growth", method="linear", cut_points=cuts,
        )  # fmt: skip
    assert refused.value.errors["cut_points"] == ("Give two values, the lower one first.",)


def scored_by(live, person, measure: str, **how) -> None:
    """C4 computed from a measure of figures, live."""
    draft = create_draft(scorecard=live.scorecard, by=person)
    edit_criterion(
        version=draft, criterion=draft.criteria.get(key="C4"), revision=draft.revision, by=person, kind="computed",
        measure=measure, anchors=[], **how,
    )  # fmt: skip
    publish(version=draft, revision=draft.revision, note="From figures", by=person)


def test_days_sales_outstanding_takes_what_is_open_at_the_end(rated_story, live, ingrid, rescore):
    between = {"method": "linear", "cut_points": [Decimal(30), Decimal(90)], "low_is_good": True}
    scored_by(live, ingrid, "days_sales_outstanding", **between)
    oremund = rated_story["Oremund"]
    oremund.figures.update(receivables=1)
    oremund.figures.filter(period_start=date(2026, 7, 1)).update(receivables=6_000_000)
    rescore()
    score = AccountScore.objects.get(account=oremund)
    assert score.values[3] == pytest.approx(6_000_000 / 41_700_000 * 365)
    assert isnan(AccountScore.objects.get(account=rated_story["Montevarra"]).values[3])
    before = stored(oremund)
    recompute_account(account=oremund, by=None, today=TODAY)
    assert stored(oremund) == before


def test_price_realisation_is_revenue_over_list_revenue(rated_story, live, ingrid, rescore):
    scored_by(live, ingrid, "price_realisation", method="percentile")
    oremund = rated_story["Oremund"]
    for figure in oremund.figures.all():
        figure.list_revenue = figure.revenue * Decimal("1.25")
        figure.save()
    rescore()
    assert AccountScore.objects.get(account=oremund).values[3] == pytest.approx(0.8)
    card = account_scorecard(rated_story["Montevarra"], ingrid, TODAY)
    assert "list revenue is unknown" in next(line.reason for line in card.lines if line.criterion.key == "C4")


def test_rows_that_overlap_give_the_same_days(rated_story, live, ingrid, rescore):
    """Months beside their quarter are not counted twice, and the last month says what is open."""
    scored_by(live, ingrid, "days_sales_outstanding", method="percentile")
    oremund = rated_story["Oremund"]
    oremund.figures.update(receivables=6_000_000)
    for month in (7, 8, 9):
        oremund.figures.create(
            period_start=date(2026, month, 1), months=1, currency="EUR", revenue=1, cost_of_goods=0, cost_to_serve=0,
            receivables=1,
        )  # fmt: skip
    rescore()
    assert AccountScore.objects.get(account=oremund).values[3] == pytest.approx(6_000_000 / 41_700_000 * 365)
    before = stored(oremund)
    recompute_account(account=oremund, by=None, today=TODAY)
    assert stored(oremund) == before


def test_every_registered_measure_explains_itself_and_answers_for_all_and_for_some(db):
    account = Account.objects.create(name="Nothing known")
    keys = {measure.key for measure in measures()}
    assert {
        "revenue", "growth", "margin", "contribution", "share_of_wallet", "days_sales_outstanding",
        "price_realisation", "loyalty", "promoter_score", "relationship_coverage",
    } <= keys  # fmt: skip
    assert "contract_length" not in keys
    for measure in measures():
        assert measure.label
        assert measure.explanation.endswith(".")
        if measure.read is None:
            continue
        assert measure.missing is not None
        assert measure.missing(account.pk, TODAY)
        with connection.cursor() as cursor:
            for chosen in (None, [account.pk]):
                cursor.execute(*measure.read(TODAY, chosen))
                assert cursor.fetchall() == []


def test_the_library_has_every_family_and_every_criterion_its_levels_and_objective():
    everything = [*FIRST_SCORECARD, *LIBRARY]
    weighed = [ready for ready in everything if ready.kind != "gate"]
    assert len({ready.key for ready in everything}) == len(everything)
    assert {ready.family for ready in weighed} == {"partner", "priority", "gives", "sees"}
    assert 24 <= len(weighed) <= 28
    for ready in weighed:
        assert ready.objective
        assert len(ready.anchors) == 5 or ready.measure
        assert all(ready.anchors)


def test_a_library_criterion_is_computed_where_its_measure_is_registered_and_rated_elsewhere(live, ingrid):
    plan = find("L3")
    assert plan is not None
    assert usable(plan, lambda key: True).kind == "computed"
    rated = usable(plan, lambda key: False)
    assert (rated.kind, rated.measure, rated.cuts, len(rated.anchors)) == ("rated", "", (), 5)
    draft = create_draft(scorecard=live.scorecard, by=ingrid)
    add_from_library(version=draft, revision=draft.revision, ready=LIBRARY, by=ingrid)
    kinds = dict(draft.criteria.values_list("key", "kind"))
    assert (kinds["L9"], kinds["L15"], kinds["L16"], kinds["L1"]) == ("computed", "computed", "computed", "rated")
    for criterion in Criterion.objects.filter(version=draft, kind="computed"):
        assert measure_of(criterion.measure).registered


def test_cut_points_are_proposed_from_another_app_s_measure_too(letters, db):
    """Names of 1 to 20 letters part into fifths; two accounts alone do not."""
    Account.objects.create(name="A")
    Account.objects.create(name="AB")
    assert proposed_cut_points("letters", TODAY) is None
    Account.objects.bulk_create(Account(name="X" * letters_of) for letters_of in range(3, 21))
    assert proposed_cut_points("letters", TODAY) == [Decimal("4.8"), Decimal("8.6"), Decimal(12), Decimal(16)]
