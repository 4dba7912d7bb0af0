"""Investment against value, and what outcomes are worth: sums, warnings, who sees whom."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Account, ActivityRate, Figure, TeamSeat, Touchpoint
from sam.core.errors import FieldErrors, Stale
from sam.core.models import User
from sam.values.periods import last_closed_quarter
from scoring.actions.worth import add_worth, edit_worth, remove_worth
from scoring.models import OutcomeWorth
from scoring.queries.investment import investment
from scoring.queries.worth import worth_of

Api = Callable[[User | None], APIClient]
TODAY = timezone.localdate()
PAGE = "/portfolio/investment/"
VALUES: dict[str, Any] = {
    "outcome": "Fewer stops", "client_amount": Decimal(600), "our_amount": Decimal(200), "currency": "EUR",
    "basis": "Their controlling", "confirmed": True, "on": TODAY,
}  # fmt: skip


@pytest.fixture
def key_account(account: Account, alice: User) -> Account:
    """Alice leads it with a fifth of her time; a year of figures."""
    Account.objects.filter(pk=account.pk).update(tier="key", owner=alice)
    TeamSeat.objects.filter(account=account, user=alice).update(role=TeamSeat.Role.LEAD, allocation=20)
    last = last_closed_quarter(TODAY)
    Figure.objects.bulk_create(
        Figure(
            account=account, period_start=last.shift(-back).start, currency="EUR", revenue=50_000,
            cost_of_goods=25_000, cost_to_serve=8_660,
        )
        for back in range(4)
    )  # fmt: skip
    account.refresh_from_db()
    return account


def rate() -> None:
    ActivityRate.objects.update_or_create(
        driver="team_hour", year=TODAY.year, defaults={"amount": Decimal(95), "currency": "EUR"}
    )


def touch(account: Account, minutes: int | None, *people: User, days: int = 10) -> None:
    made = Touchpoint.objects.create(account=account, date=TODAY - timedelta(days=days), minutes=minutes)
    made.people.add(*people)


def test_time_has_a_cost_and_stands_beside_the_contribution(key_account: Account, ingrid: User, bob: User) -> None:
    rate()
    TeamSeat.objects.filter(account=key_account, user=bob).update(allocation=0)
    line = investment(ingrid).lines[0]
    assert (line.planned, line.cost_amount) == (344, 32_680)
    assert line.contribution == 65_360
    assert line.returns == 2


def test_contact_counts_every_one_of_us_and_names_what_has_no_minutes(
    key_account: Account, ingrid: User, alice: User, bob: User
) -> None:
    touch(key_account, 60, alice, bob)
    touch(key_account, 30)
    touch(key_account, None, alice)
    touch(key_account, 600, alice, days=400)
    found = investment(ingrid)
    assert found.lines[0].contact.hours == Decimal("2.5")
    assert (found.touchpoints, found.unknown_minutes) == (3, 1)
    assert found.unknown_accounts == [(key_account.name, 1)]


def test_without_a_rate_no_cost_is_guessed(key_account: Account, ingrid: User, signed_in: Any) -> None:
    ActivityRate.objects.filter(driver="team_hour").delete()
    line = investment(ingrid).lines[0]
    assert line.cost_amount is None
    assert line.why_not == f"no rate of a team hour for {TODAY.year}"
    text = signed_in(ingrid).get(PAGE).content.decode()
    assert "Time has no price yet" in text


def test_people_are_warned_of_by_staffing_alone(
    key_account: Account, ingrid: User, alice: User, make_account: Callable[..., Account]
) -> None:
    for _ in range(2):
        other = make_account(tier="strategic", owner=alice)
        TeamSeat.objects.create(account=other, user=alice, role=TeamSeat.Role.LEAD, access="lead", allocation=45)
    found = investment(ingrid)
    load = next(one.load for one in found.people if one.person == alice)
    assert (load.units, load.accounts, load.allocation) == (7, 3, 110)
    assert [words[:5] for words in load.warnings] == ["7 of ", "110 %"]
    tiers = {tier.tier: tier for tier in found.tiers}
    assert tiers["strategic"].warning == ""
    assert tiers["key"].warning == ""
    TeamSeat.objects.filter(user=alice, account__tier="strategic").update(allocation=20)
    assert "leads give 20 %" in {tier.tier: tier for tier in investment(ingrid).tiers}["strategic"].warning


def test_hours_of_fewer_than_five_people_are_not_averaged(
    key_account: Account, ingrid: User, alice: User, make_person: Callable[..., User], signed_in: Any
) -> None:
    touch(key_account, 120, alice)
    assert investment(ingrid).tiers[0].hours_per_account is None
    assert "hidden" in signed_in(ingrid).get(PAGE).content.decode()
    for _ in range(4):
        make_person("team_member", on=key_account, access="member")
    assert investment(ingrid).tiers[0].hours_per_account == 2


def test_a_lead_sees_own_accounts_and_nobody_elses_load(
    key_account: Account, alice: User, bob: User, make_account: Callable[..., Account], signed_in: Any
) -> None:
    make_account("Elsewhere", tier="key")
    found = signed_in(alice).get(PAGE).context["found"]
    assert [line.account.name for line in found.lines] == [key_account.name]
    assert found.people == ()
    assert signed_in(bob).get(PAGE).status_code == 403


def test_ten_times_the_accounts_cost_no_more_queries(
    key_account: Account, ingrid: User, alice: User, make_account: Callable[..., Account], signed_in: Any
) -> None:
    client: Client = signed_in(ingrid)

    def grow(accounts: int) -> None:
        for _ in range(accounts):
            other = make_account(tier="key", owner=alice)
            TeamSeat.objects.create(account=other, user=alice, role=TeamSeat.Role.LEAD, access="lead", allocation=5)
            touch(other, 30, alice)
            OutcomeWorth.objects.create(account=other, author=alice, **VALUES)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(PAGE).status_code == 200
        return len(queries)

    grow(3)
    asked()
    before = asked()
    grow(30)
    assert asked() == before


# --- worth of outcomes ------------------------------------------------------------------------------------------------


def test_an_outcome_says_what_for_whom_and_from_what(account: Account, alice: User) -> None:
    wrong = VALUES | {
        "outcome": " ", "basis": "", "client_amount": None, "our_amount": None, "currency": "XXQ",
        "on": TODAY + timedelta(days=1),
    }  # fmt: skip
    with pytest.raises(FieldErrors) as problem:
        add_worth(account=account, by=alice, **wrong)
    assert set(problem.value.errors) == {"outcome", "basis", "client_amount", "currency", "on"}


def test_changing_and_removing_name_the_revision_that_was_seen(account: Account, alice: User, ingrid: User) -> None:
    row = add_worth(account=account, by=alice, **VALUES)
    edit_worth(account=account, worth=row, revision=1, by=ingrid, **(VALUES | {"our_amount": Decimal(250)}))
    assert (row.our_amount, row.author) == (250, ingrid)
    with pytest.raises(Stale):
        edit_worth(account=account, worth=row, revision=1, by=alice, **VALUES)
    with pytest.raises(Stale):
        remove_worth(account=account, worth=row, revision=1, by=alice)
    remove_worth(account=account, worth=row, revision=2, by=alice)
    assert not account.outcome_worths.exists()


def test_sums_leave_out_what_has_no_rate_and_say_what_is_confirmed(account: Account, alice: User) -> None:
    add_worth(account=account, by=alice, **VALUES)
    add_worth(account=account, by=alice, **(VALUES | {"confirmed": False, "client_amount": None}))
    add_worth(account=account, by=alice, **(VALUES | {"currency": "HUF"}))
    total = worth_of(account).total
    assert (total.client, total.ours) == (600, 400)
    assert (total.client_confirmed, total.our_confirmed) == (600, 200)
    assert (total.unconverted, total.no_client, total.counted) == (1, 1, 2)


def test_a_lead_records_an_outcome_in_the_browser(account: Account, alice: User, bob: User, signed_in: Any) -> None:
    address = f"/accounts/{account.pk}/worth/"
    client: Client = signed_in(alice)
    assert "No outcome is recorded yet" in client.get(address).content.decode()
    given = {"outcome": "Fewer stops", "our_amount": "200", "currency": "eur", "basis": "Ours", "on": TODAY.isoformat()}
    assert client.post(f"{address}new/", given | {"basis": ""}).status_code == 422
    assert client.post(f"{address}new/", given).status_code == 303
    row = OutcomeWorth.objects.get()
    assert (row.author, row.currency, row.client_amount) == (alice, "EUR", None)
    again = client.post(f"{address}{row.pk}/", given | {"revision": 1, "client_amount": "600"})
    assert again.status_code == 303
    stale = client.post(f"{address}{row.pk}/", given | {"revision": 1, "client_amount": "1"})
    assert stale.status_code == 409
    assert "Somebody else saved first" in stale.content.decode()
    partial = client.get(address, headers={"hx-request": "true"}).content.decode()
    assert partial.lstrip().startswith('<div id="worth-panel"')
    assert "Fewer stops" in partial
    assert signed_in(bob).get(address).status_code == 403
    assert client.post(f"{address}{row.pk}/remove/", {"revision": 2}).status_code == 303
    assert not OutcomeWorth.objects.exists()


def test_outcomes_by_api_ask_for_the_revision(
    account: Account, alice: User, bob: User, charlie: User, api: Api
) -> None:
    client = api(alice)
    body = {**VALUES, "account": account.pk, "on": TODAY.isoformat()}
    made = client.post("/api/v1/outcome-worths/", body, format="json")
    assert made.status_code == 201
    assert (made.json()["client_amount"], made.json()["author"]) == ("600.0000", alice.pk)
    address = f"/api/v1/outcome-worths/{made.json()['id']}/"
    assert client.patch(address, {"our_amount": "5"}, format="json").status_code == 428
    changed = client.patch(address, {"our_amount": "5"}, format="json", headers={"if-match": '"1"'})
    assert (changed.json()["our_amount"], changed.json()["client_amount"]) == ("5.0000", "600.0000")
    assert client.patch(address, {"our_amount": "6"}, format="json", headers={"if-match": '"1"'}).status_code == 412
    assert api(bob).get(address).status_code == 404
    assert api(charlie).get("/api/v1/outcome-worths/").status_code == 403
    assert client.delete(address, headers={"if-match": '"2"'}).status_code == 204
