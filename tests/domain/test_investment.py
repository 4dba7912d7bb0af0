"""Time in hours and money, and when people are spread too thin."""

from __future__ import annotations

from decimal import Decimal

from accounts.models import TeamSeat
from sam.values.results import Computed, Missing, value_of
from scoring.domain.investment import (
    USUAL_SHARES,
    PersonLoad,
    contact_hours,
    cost,
    per_unit,
    planned_hours,
    tier_warning,
    usual_share,
)
from scoring.domain.profile import Wanted, problems


def test_a_fifth_of_a_person_costs_a_fifth_of_a_year() -> None:
    hours = planned_hours(20)
    assert hours == 344
    assert value_of(cost(hours, Computed(Decimal(95)))) == 32_680
    assert contact_hours(90) == Decimal("1.5")


def test_what_is_missing_says_why() -> None:
    no_rate = Missing("no rate of a team hour for 2026")
    assert cost(Decimal(1), no_rate) is no_rate
    assert per_unit(Decimal(1), no_rate) is no_rate
    assert "contribution" in _reason(per_unit(None, Computed(Decimal(1))))
    assert "no time is planned" in _reason(per_unit(Decimal(1), Computed(Decimal(0))))
    assert value_of(per_unit(Decimal(-50), Computed(Decimal(10)))) == -5


def _reason(result: Computed | Missing) -> str:
    assert isinstance(result, Missing)
    return result.reason


def test_a_person_is_spread_too_thin_by_units_by_promises_and_by_crumbs() -> None:
    assert PersonLoad(6, 4, 100).warnings == ()
    assert "9 of 6 units" in PersonLoad(9, 2, 80).warnings[0]
    assert "120 %" in PersonLoad(3, 3, 120).warnings[0]
    assert "20 % of their time where these roles usually take 40 %" in PersonLoad(3, 1, 20, 40).warnings[0]
    assert PersonLoad(3, 1, 36, 40).warnings == ()


def test_usual_shares_go_by_role_and_tier() -> None:
    assert [usual_share("account_lead", tier) for tier in ("key", "strategic", "global", "")] == [15, 40, 100, 0]
    assert usual_share("project_manager", "global") == 0
    assert set(USUAL_SHARES) <= set(TeamSeat.Role.values)


def test_a_tier_is_thin_when_its_leads_give_less_than_usual() -> None:
    assert "20 %" in tier_warning("strategic", Decimal(20))
    assert tier_warning("strategic", Decimal(40)) == ""
    assert tier_warning("key", None) == ""


def test_a_profile_says_at_each_attribute_what_is_wrong() -> None:
    wanted = [
        Wanted("industry"), Wanted("margin", low=Decimal(2), high=Decimal(1)), Wanted("growth"),
        Wanted("height", low=Decimal(1)), Wanted("region", ("South",), weight=Decimal(0)),
    ]  # fmt: skip
    found = problems(wanted, ("industry", "region"), ("margin", "growth"))
    assert set(found) == {"industry", "margin", "growth", "height", "region"}
    assert set(problems([], (), ())) == {""}
    assert problems([Wanted("region", ("South",))], ("region",), ()) == {}
