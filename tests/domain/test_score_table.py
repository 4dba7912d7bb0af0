"""The vectorised scores are the scalar ones, to the last digit."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.domain.criterion import Criterion, Half, Kind
from scoring.domain.points import POINT, to_decimal
from scoring.domain.scorecard import Scorecard, evaluate
from scoring.domain.table import (
    BASES,
    NOT_PROPOSED,
    UNSCORED,
    Real,
    combine,
    criterion_scores,
    points,
    proposed_tiers,
    score_table,
)
from scoring.domain.tiers import TierRule, propose
from tests.domain.test_scorecard import CURRENT, DEMO, POTENTIAL, RATED, demo_values

weights = st.decimals(min_value="0.01", max_value=100, places=2)
ratings = st.sampled_from([1.0, 2.0, 2.5, 3.0, 3.3333333333333335, 4.0, 4.5, 5.0])
figures = st.floats(-1e6, 1e6, allow_nan=False) | st.sampled_from([-10.0, -3.0, 0.0, 3.0, 8.0, 1e13])
small = st.decimals(min_value=-20, max_value=20, places=2)


@st.composite
def criteria(draw: st.DrawFn) -> tuple[Criterion, ...]:
    found = []
    for number in range(draw(st.integers(1, 6))):
        kind = draw(st.sampled_from(list(Kind)))
        low, high = sorted(draw(st.lists(small, min_size=2, max_size=2, unique=True)))
        found.append(
            Criterion(
                key=f"K{number}",
                half=draw(st.sampled_from(list(Half))),
                weight=draw(weights),
                kind=kind,
                low=low if kind is Kind.LINEAR else Decimal(1),
                high=high if kind is Kind.LINEAR else Decimal(5),
                cuts=tuple(sorted(draw(st.sets(small, min_size=1, max_size=6)))) if kind is Kind.BANDED else (),
                low_is_good=draw(st.booleans()),
            )
        )
    return tuple(found)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Scorecard, Real]:
    card = Scorecard(
        draw(criteria()),
        alpha=draw(st.decimals(min_value=0, max_value=1, places=2)),
        minimum_coverage=draw(st.sampled_from([Decimal(0), Decimal("0.5"), Decimal("0.8"), Decimal(1)])),
    )
    rows = draw(st.integers(1, 7))
    values = np.full((rows, len(card.criteria)), np.nan)
    for column, criterion in enumerate(card.criteria):
        known = ratings if criterion.kind is Kind.RATED else figures
        values[:, column] = draw(st.lists(known | st.just(float("nan")), min_size=rows, max_size=rows))
    return card, values


def as_points(billionths: int) -> Decimal | None:
    return None if billionths == UNSCORED else to_decimal(billionths)


@settings(max_examples=120)
@given(cases(), st.data())
def test_every_account_has_the_same_score_alone_and_in_the_table(
    case: tuple[Scorecard, Real], data: st.DataObject
) -> None:
    card, values = case
    rows = values.shape[0]
    table = score_table(card, values)
    rules = (
        TierRule("high", Decimal(60), Decimal("52.5"), Decimal(50), Decimal(25), gates=("G",)),
        TierRule("low", Decimal("30.3333333333333"), Decimal(20), gates=("H",)),
    )
    passed = data.draw(st.lists(st.sampled_from([True, False, None]), min_size=rows, max_size=rows))
    decided = data.draw(st.lists(st.sampled_from([0, 1, 2]), min_size=rows, max_size=rows))
    open_gates = {"G": np.array([answer is True for answer in passed]), "H": np.ones(rows, dtype=np.bool_)}
    names = (*(rule.tier for rule in rules), None)
    tiers = proposed_tiers(table, rules, open_gates, np.array(decided))
    columns = {
        criterion.key: sorted(values[~np.isnan(values[:, index]), index].tolist())
        for index, criterion in enumerate(card.criteria)
    }
    ranked = []
    for row in range(rows):
        own = {
            criterion.key: None if np.isnan(values[row, index]) else float(values[row, index])
            for index, criterion in enumerate(card.criteria)
        }
        alone = evaluate(card, own, columns)
        assert as_points(int(table.current[row])) == alone.current.score
        assert as_points(int(table.potential[row])) == alone.potential.score
        assert as_points(int(table.overall[row])) == alone.overall
        assert table.current_coverage[row] == float(alone.current.coverage)
        assert table.potential_coverage[row] == float(alone.potential.coverage)
        assert BASES[table.basis[row]] == alone.basis
        missing = [criterion.key for criterion, gone in zip(card.criteria, table.missing[row], strict=True) if gone]
        assert sorted(missing) == sorted(alone.missing)
        proposal = propose(
            alone, rules, {"G": passed[row], "H": True}, (*(rule.tier for rule in rules), None)[decided[row]]
        )
        if not proposal.scored:
            assert tiers[row] == NOT_PROPOSED
        else:
            assert names[tiers[row]] == proposal.tier
        if alone.ranking_score is not None:
            ranked.append((-alone.ranking_score, row))
        else:
            assert table.rank[row] == UNSCORED
    assert [int(table.rank[row]) for _, row in sorted(ranked)] == list(range(1, len(ranked) + 1))


def test_demo_accounts_rank_as_published() -> None:
    keys = [*CURRENT, *POTENTIAL]
    rows = [[float(demo_values(account)[key] or "nan") for key in keys] for account in DEMO]
    table = score_table(RATED, np.array(rows))
    by_rank = [account for _, account in sorted(zip(table.rank.tolist(), DEMO, strict=True))]
    assert by_rank[:3] == ["Montevarra", "Lindqvara", "Oremund"]
    assert by_rank[-1] == "Dunmarsh"
    assert points(table.overall)[0] == 78.75


def test_what_if_on_weights_starts_from_the_criterion_scores() -> None:
    keys = [*CURRENT, *POTENTIAL]
    values = np.array([[float(demo_values(account)[key] or "nan") for key in keys] for account in DEMO])
    scores = criterion_scores(RATED.criteria, values)
    heavier = Scorecard(RATED.criteria, alpha=Decimal("0.7"))
    assert (combine(heavier, scores).overall == score_table(heavier, values).overall).all()


def test_accounts_without_a_score_have_no_rank_and_no_points() -> None:
    table = score_table(RATED, np.full((2, 10), np.nan))
    assert table.rank.tolist() == [UNSCORED, UNSCORED]
    assert np.isnan(points(table.overall)).all()
    assert score_table(RATED, np.empty((0, 10))).rank.size == 0


def test_gate_without_answers_is_passed_by_nobody() -> None:
    table = score_table(RATED, np.full((1, 10), 5.0))
    rules = (TierRule("key", Decimal(40), Decimal(35), gates=("G",)),)
    assert table.overall.tolist() == [100 * POINT]
    assert proposed_tiers(table, rules, {}, np.array([1])).tolist() == [1]


def test_values_the_arithmetic_cannot_carry_are_refused() -> None:
    with pytest.raises(ValueError, match="one column"):
        score_table(RATED, np.zeros((1, 9)))
    with pytest.raises(ValueError, match="finite"):
        score_table(RATED, np.full((1, 10), np.inf))
    with pytest.raises(ValueError, match="lies between"):
        score_table(RATED, np.full((1, 10), 6.0))
    heavy = tuple(Criterion(str(number), Half.CURRENT, Decimal(10_000)) for number in range(31))
    with pytest.raises(ValueError, match="add up"):
        score_table(Scorecard(heavy), np.full((1, 31), 3.0))
