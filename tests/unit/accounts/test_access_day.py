"""A seat is open or over for everybody alike, wherever the reader sits: its days are those of UTC."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from accounts.actions.people import reassign_seats
from accounts.actions.seats import end_seat, give_seat
from accounts.actions.sponsors import end_term, start_term
from accounts.models import Account, TeamSeat
from accounts.models import team as team_module
from accounts.queries.team import ended_seats
from sam.core.models import User

pytestmark = pytest.mark.django_db

# 23:30 in UTC: in Auckland it is the next day, in Honolulu still noon.
MOMENT = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
ZONES = ("Pacific/Auckland", "UTC", "Pacific/Honolulu")


@pytest.fixture(autouse=True)
def _the_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return MOMENT.astimezone(tz)

    monkeypatch.setattr(team_module, "datetime", Clock)
    monkeypatch.setattr(timezone, "now", lambda: MOMENT)


@pytest.mark.parametrize(
    ("ends_on", "is_open"), [(date(2026, 11, 30), False), (date(2026, 12, 1), True), (date(2026, 12, 2), True)]
)
def test_a_seat_is_open_for_all_or_for_none(
    account: Account,
    make_person: Callable[..., User],
    signed_in: Callable[[User], Client],
    ends_on: date,
    is_open: bool,
) -> None:
    found = set()
    for zone in ZONES:
        person = make_person("team_member", on=account, time_zone=zone)
        TeamSeat.objects.filter(user=person).update(starts_on=date(2026, 11, 1), ends_on=ends_on)
        with timezone.override(ZoneInfo(zone)):
            found.add(account.seats.filter(user=person).open().exists())
        found.add(signed_in(person).get(f"/accounts/{account.pk}/").status_code == 200)
    assert found == {is_open}


@pytest.mark.parametrize("zone", ZONES)
def test_what_begins_or_ends_today_does_so_at_once_wherever_it_is_written(
    account: Account, alice: User, bob: User, charlie: User, zone: str
) -> None:
    TeamSeat.objects.update(starts_on=date(2026, 11, 1))
    with timezone.override(ZoneInfo(zone)):
        seat = give_seat(account=account, user=charlie, role="technical_expert", by=alice)
        assert account.seats.open().filter(pk=seat.pk).exists()
        end_seat(account=account, seat=seat, by=alice)
        assert not account.seats.open().filter(pk=seat.pk).exists()
        assert seat.pk in {ended.pk for ended in ended_seats(account)}
        term = start_term(account=account, sponsor=charlie, by=alice)
        assert account.sponsor_terms.open().filter(pk=term.pk).exists()
        end_term(account=account, term=term, by=alice)
        assert not account.sponsor_terms.open().filter(pk=term.pk).exists()
        assert reassign_seats(from_user=bob, to_user=alice, by=alice) == 1
    assert set(account.seats.open().values_list("user", flat=True)) == {alice.pk}
