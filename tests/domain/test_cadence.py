from datetime import date, timedelta
from fractions import Fraction

import pytest

from accounts.domain.cadence import CadenceState, cadence

TODAY = date(2026, 11, 23)


def days_ago(days: int) -> date:
    return TODAY - timedelta(days=days)


@pytest.mark.parametrize(
    ("account", "since", "every", "late"),
    [("Skoggrim", 61, 45, 16), ("Havelgrund", 171, 120, 51), ("Merrowick", 132, 120, 12), ("Oremund", 38, 60, 0)],
)
def test_demo_sponsors_are_as_late_as_published(account: str, since: int, every: int, late: int) -> None:
    found = cadence(days_ago(since), days_ago(700), every, TODAY)
    assert (found.days_since, found.overdue_days) == (since, late), account
    assert found.state == (CadenceState.OVERDUE if late else CadenceState.ON_TIME)


def test_contact_is_not_late_on_its_due_day() -> None:
    found = cadence(days_ago(60), days_ago(700), 60, TODAY)
    assert (found.due_on, found.overdue_days, found.ratio, found.state) == (
        TODAY,
        0,
        Fraction(1),
        CadenceState.DUE_SOON,
    )
    assert cadence(days_ago(61), days_ago(700), 60, TODAY).state == CadenceState.OVERDUE
    assert cadence(days_ago(52), days_ago(700), 60, TODAY).state == CadenceState.ON_TIME


def test_pair_that_never_met_counts_from_its_first_day() -> None:
    found = cadence(None, days_ago(50), 45, TODAY)
    assert (found.met, found.days_since, found.overdue_days) == (False, 50, 5)
    assert cadence(None, TODAY + timedelta(days=3), 45, TODAY).days_since == 0


def test_impossible_beats_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one day"):
        cadence(None, TODAY, 0, TODAY)
    with pytest.raises(ValueError, match="future"):
        cadence(TODAY + timedelta(days=1), TODAY, 45, TODAY)
