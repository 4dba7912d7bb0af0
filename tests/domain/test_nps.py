from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviews.domain.nps import Nps, count_answers, driver_mean, drivers_mean, response_rate
from sam.values.results import Computed, Missing, value_of

# account, wave: promoters, passives, detractors, then score and interval as published
WAVES = [
    ("Oremund 1", (5, 3, 1), (44, -7, 74)),
    ("Oremund 2", (5, 3, 2), (30, -19, 65)),
    ("Oremund 3", (4, 3, 4), (0, -43, 43)),
    ("Skoggrim 1", (3, 3, 1), (29, -24, 64)),
    ("Skoggrim 2", (1, 3, 2), (-17, -57, 35)),
    ("Skoggrim 3", (0, 2, 3), (-60, -83, 8)),
    ("Montevarra 1", (4, 3, 1), (38, -15, 70)),
    ("Montevarra 2", (6, 2, 1), (56, 0, 83)),
    ("Montevarra 3", (8, 2, 0), (80, 29, 94)),
    ("Havelgrund 2", (3, 1, 0), (75, -7, 93)),
    ("Merrowick 3", (0, 1, 2), (-67, -88, 22)),
    ("Quillaraya 3", (4, 1, 0), (80, 4, 96)),
    ("Lindqvara 3", (6, 0, 0), (100, 26, 100)),
    ("all 1", (20, 15, 5), (38, 14, 56)),
    ("all 2", (21, 15, 8), (30, 6, 49)),
    ("all 3", (22, 10, 10), (29, 3, 51)),
]
counts = st.integers(0, 400)


@pytest.mark.parametrize(("wave", "answers", "published"), WAVES, ids=[wave for wave, _, _ in WAVES])
def test_demo_waves_have_the_published_score_and_interval(
    wave: str, answers: tuple[int, int, int], published: tuple[int, int, int]
) -> None:
    found = Nps(*answers)
    assert found.score is not None
    assert found.interval is not None
    shown = (found.score, found.interval.low, found.interval.high)
    # half a point more than rounding, for halves that the story rounds up
    assert shown == pytest.approx(published, abs=0.501)


def test_published_case_of_a_hundred_answers() -> None:
    found = Nps(50, 30, 20)
    assert found.score == 30.0
    assert found.interval is not None
    assert (round(found.interval.low, 2), round(found.interval.high, 2)) == (14.05, 44.20)
    assert found.variance == Fraction(61, 100)


def test_without_answers_there_is_no_score() -> None:
    found = Nps(0, 0, 0)
    assert (found.n, found.score, found.interval, found.variance) == (0, None, None, None)
    assert found.change_from(Nps(1, 1, 1)) is None
    assert not found.really_changed_from(Nps(1, 1, 1))


def test_answers_are_counted_and_unanswered_ones_are_not() -> None:
    assert count_answers([10, 9, 8, 7, 6, 0, None]) == Nps(2, 2, 2)
    for wrong in (-1, 11):
        with pytest.raises(ValueError, match="between 0 and 10"):
            count_answers([wrong])
    with pytest.raises(ValueError, match="start at zero"):
        Nps(-1, 0, 0)


def test_fall_at_skoggrim_is_no_real_change() -> None:
    before, after = Nps(1, 3, 2), Nps(0, 2, 3)
    found = after.change_from(before)
    assert found == pytest.approx(-0.8, abs=0.05)
    assert not after.really_changed_from(before)
    assert not after.change_may_be_named(before)
    assert Nps(90, 5, 5).change_may_be_named(Nps(10, 50, 40))
    assert Nps(10, 10, 10).change_may_be_named(Nps(10, 10, 10))


@settings(max_examples=80)
@given(counts, counts, counts)
def test_interval_holds_the_adjusted_score_and_turns_with_the_answers(
    promoters: int, passives: int, detractors: int
) -> None:
    found, turned = Nps(promoters, passives, detractors), Nps(detractors, passives, promoters)
    if not found.n:
        return
    assert found.interval is not None
    assert turned.interval is not None
    assert found.variance is not None
    assert -100 <= found.interval.low < found.interval.high <= 100
    assert found.interval.low == pytest.approx(-turned.interval.high)
    assert 0 <= found.variance <= 1


def test_driver_is_shown_from_four_answers_on() -> None:
    found = driver_mean([5, 4, None, 4, 3])
    assert isinstance(found, Computed)
    assert found.value == 4
    assert driver_mean([5, 5, 5, None]) == Missing("3 answers; from 4 on a mean is shown")
    with pytest.raises(ValueError, match="between 1 and 5"):
        driver_mean([0])


def test_mean_of_the_drivers_needs_every_driver() -> None:
    drivers: dict[str, list[int | None]] = {"contract": [4, 4, 4, 4], "pricing": [2, 3, 2, 3]}
    assert value_of(drivers_mean(drivers)) == Decimal("3.25")
    assert drivers_mean(drivers | {"service": [5]}) == Missing("too few answers on service")
    assert drivers_mean({}) == Missing("no drivers were asked")


def test_response_rate_has_a_wilson_interval() -> None:
    found = response_rate(68, 42)
    assert found.rate == pytest.approx(42 / 68)
    assert found.interval is not None
    assert (round(found.interval.low, 3), round(found.interval.high, 3)) == (0.499, 0.724)
    nobody = response_rate(6, 0)
    assert nobody.interval is not None
    assert nobody.interval.low == 0
    assert response_rate(0, 0).rate is None
    with pytest.raises(ValueError, match="none and all"):
        response_rate(1, 2)
