from decimal import Decimal
from fractions import Fraction

import pytest

from accounts.domain.figures import share_of_wallet
from sam.values.money import round_amount
from sam.values.results import Computed
from scoring.domain.advice import advice_on
from scoring.domain.criterion import Criterion, Half, Kind, score
from scoring.domain.points import FULL, POINT
from scoring.domain.scorecard import AccountScore, Scorecard, evaluate
from tests.domain.story import PROGRAMME, numbers, portfolio, year_in_euros

CURRENT = {"C1": 25, "C2": 20, "C3": 20, "C4": 15, "C5": 20}
POTENTIAL = {"P1": 25, "P2": 25, "P3": 20, "P4": 15, "P5": 15}
RATED = Scorecard(
    tuple(Criterion(key, Half.CURRENT, Decimal(weight)) for key, weight in CURRENT.items())
    + tuple(Criterion(key, Half.POTENTIAL, Decimal(weight)) for key, weight in POTENTIAL.items())
)

# account: ratings C1 to C5 and P1 to P5, then current, potential and overall as published
DEMO = {
    "Oremund": ("5 4 5 5 3 4 3 4 5 4", "85.0 72.5 78.8"),
    "Skoggrim": ("4 3 4 2 2 2 3 2 3 2", "52.5 35.0 43.8"),
    "Montevarra": ("5 5 5 3 5 4 5 5 4 4", "92.5 86.3 89.4"),
    "Dunmarsh": ("1 1 5 3 - 2 2 1 2 2", "34.4 20.0 27.2"),
    "Havelgrund": ("4 5 4 4 - 3 4 4 4 3", "81.3 65.0 73.1"),
    "Merrowick": ("2 2 4 2 - 2 3 3 2 2", "37.5 36.3 36.9"),
    "Quillaraya": ("3 5 2 5 4 5 4 3 5 4", "67.5 80.0 73.8"),
    "Lindqvara": ("3 5 3 4 5 4 5 4 5 5", "73.8 88.8 81.3"),
}


def demo_values(account: str) -> dict[str, Decimal | None]:
    keys = [*CURRENT, *POTENTIAL]
    words = DEMO[account][0].split()
    return {key: None if word == "-" else Decimal(word) for key, word in zip(keys, words, strict=True)}


def demo_score(account: str) -> AccountScore:
    return evaluate(RATED, demo_values(account))


@pytest.mark.parametrize("account", DEMO)
def test_demo_accounts_have_the_published_scores(account: str) -> None:
    found = demo_score(account)
    assert found.overall is not None
    shown = [
        round_amount(points, 1) for points in (found.current.score, found.potential.score, found.overall) if points
    ]
    assert shown == list(numbers(DEMO[account][1]))


@pytest.mark.parametrize("account", ["Dunmarsh", "Havelgrund", "Merrowick"])
def test_coverage_of_exactly_the_minimum_is_enough(account: str) -> None:
    found = demo_score(account)
    assert found.current.coverage == Fraction(80, 100)
    assert found.missing == ("C5",)
    assert found.basis == "overall"


def test_unrated_criterion_is_named_and_counts_nothing() -> None:
    with_rest = evaluate(RATED, {key: Decimal(3) for key in [*CURRENT, *POTENTIAL] if key != "C5"})
    assert with_rest.current.score == 50
    assert with_rest.current.missing == ("C5",)


def test_half_below_its_minimum_coverage_is_not_scored_and_there_is_no_overall() -> None:
    values = demo_values("Oremund") | {"C5": None, "C4": None}
    found = evaluate(RATED, values)
    assert found.current.coverage == Fraction(65, 100)
    assert (found.current.score, found.overall) == (None, None)
    assert found.missing == ("C4", "C5")
    assert (found.basis, found.ranking_score) == ("potential", Decimal("72.5"))


def test_account_without_any_value_has_no_basis() -> None:
    found = evaluate(RATED, {})
    assert (found.basis, found.ranking_score, found.overall) == (None, None, None)
    assert found.current.coverage == 0
    assert len(found.missing) == 10


def test_nothing_rated_is_never_scored_even_without_a_minimum() -> None:
    found = evaluate(Scorecard(RATED.criteria, minimum_coverage=Decimal(0)), {})
    assert found.current.score is None


@pytest.mark.parametrize("account", DEMO)
def test_contributions_add_up_to_the_score_and_room_to_the_rest(account: str) -> None:
    found = demo_score(account)
    assert found.overall is not None
    added = sum(part.in_overall for part in found.contributions)
    assert abs(added - Fraction(found.overall)) <= Fraction(1, POINT)
    assert added + sum(part.room for part in found.contributions) == 100
    assert sum(part.in_half for part in found.current.contributions) == Fraction(found.current.score or 0)


def test_alpha_moves_the_overall_between_the_halves() -> None:
    values = demo_values("Oremund")
    for alpha, overall in (("1", "85"), ("0", "72.5"), ("0.4", "77.5")):
        assert evaluate(Scorecard(RATED.criteria, alpha=Decimal(alpha)), values).overall == Decimal(overall)


C1 = Criterion("C1", Half.CURRENT, Decimal(25), Kind.BANDED, cuts=numbers("0.3 1.2 3.3 6.0"))
C2 = Criterion("C2", Half.CURRENT, Decimal(20), Kind.BANDED, cuts=numbers("-10 -3 3 8"))
C3 = Criterion("C3", Half.CURRENT, Decimal(20), Kind.BANDED, cuts=numbers("0.10 0.25 0.40 0.60"))


@pytest.mark.parametrize("account", DEMO)
def test_demo_figures_fall_into_the_published_bands(account: str) -> None:
    rows = portfolio().values()
    average = sum((earned for _, earned in rows), Decimal(0)) / sum((revenue for revenue, _ in rows), Decimal(0))
    revenue, earned = year_in_euros(account)
    share = share_of_wallet(revenue, PROGRAMME[account][4][0])
    assert isinstance(share, Computed)
    rated = demo_values(account)
    for criterion, value in ((C1, earned), (C2, (earned / revenue - average) * 100), (C3, share.value)):
        assert score(criterion, value) == score(Criterion("r", Half.CURRENT, Decimal(1)), rated[criterion.key] or 0)


def test_value_on_a_cut_falls_into_the_better_band() -> None:
    assert [score(C1, Decimal(value)) // POINT for value in ("0.29", "0.3", "6.0")] == [0, 25, 100]
    low = Criterion("cost", Half.CURRENT, Decimal(1), Kind.BANDED, cuts=numbers("1 2"), low_is_good=True)
    assert [score(low, value) // POINT for value in (0, 1, Decimal("1.5"), 2, 3)] == [100, 100, 50, 50, 0]


def test_linear_criterion_is_clipped_at_its_marks() -> None:
    rising = Criterion("x", Half.CURRENT, Decimal(1), Kind.LINEAR, low=Decimal("2.5"), high=Decimal("4.5"))
    assert [score(rising, value) // POINT for value in (0, 2.5, 3.5, 4.5, 9)] == [0, 0, 50, 100, 100]
    falling = Criterion("x", Half.CURRENT, Decimal(1), Kind.LINEAR, Decimal(5), Decimal(35), low_is_good=True)
    assert [score(falling, value) // POINT for value in (0, 20, 50)] == [100, 50, 0]


def test_percentile_puts_ties_in_the_middle_and_a_single_account_at_half() -> None:
    criterion = Criterion("x", Half.CURRENT, Decimal(1), Kind.PERCENTILE)
    assert [score(criterion, value, [1.0, 2.0, 2.0, 3.0]) // POINT for value in (1, 2, 3)] == [0, 50, 100]
    assert score(criterion, 7, [7.0]) == FULL // 2
    with pytest.raises(ValueError, match="not among"):
        score(criterion, 5, [1.0])


@pytest.mark.parametrize("value", [Decimal("0.9"), Decimal("5.1"), Decimal("NaN"), float("inf")])
def test_rating_outside_its_scale_is_refused(value: Decimal | float) -> None:
    with pytest.raises(ValueError, match=r"lies between|not a number"):
        evaluate(RATED, {"C1": value})


@pytest.mark.parametrize(
    "wrong",
    [
        {"weight": Decimal(0)},
        {"weight": Decimal("NaN")},
        {"weight": Decimal("0.001")},
        {"weight": Decimal(10_001)},
        {"low": Decimal(5)},
        {"kind": Kind.BANDED},
        {"kind": Kind.BANDED, "cuts": numbers("1 1")},
    ],
)
def test_criterion_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="x"):
        Criterion(**({"key": "x", "half": Half.CURRENT, "weight": Decimal(1)} | wrong))  # type: ignore[arg-type]


def test_scorecard_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="own key"):
        Scorecard((C1, C1))
    with pytest.raises(ValueError, match="between 0 and 1"):
        Scorecard((), alpha=Decimal("1.1"))
    with pytest.raises(ValueError, match="between 0 and 1"):
        Scorecard((), minimum_coverage=Decimal("-0.1"))


def test_builder_is_warned_about_number_and_balance() -> None:
    assert advice_on(RATED) == []
    found = advice_on(Scorecard((C1,), alpha=Decimal("0.6")))
    assert [advice.text for advice in found] == [
        "There is one criterion; 5 to 10 work best.",
        "The weights of “worth today” add up to 25, not to 100.",
        "The half “potential and fit” has no criteria, so no account gets an overall score.",
        "The halves do not count the same: 60% worth today, 40% potential.",
    ]
    assert all(advice.todo for advice in found)
