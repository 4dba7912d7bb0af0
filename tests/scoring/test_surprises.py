"""Surprises on the demo story: Dunmarsh and Lindqvara, who sees them, and that rows cost no queries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Account, TeamSeat
from sam.core.models import User
from scoring.models import AccountScore, AccountStanding, ScorecardVersion
from scoring.queries.surprises import surprises

Api = Callable[[User | None], APIClient]
ADDRESS = "/api/v1/portfolio/surprises/"
POINT = 1_000_000_000


@pytest.fixture
def story_scored(rated_story: dict[str, Account], rescore: Callable[[], None]) -> dict[str, Account]:
    rescore()
    return rated_story


def test_the_story_has_its_two_surprises(story_scored: dict[str, Account], ingrid: User, api: Api) -> None:
    rows = {row["name"]: row for row in api(ingrid).get(ADDRESS).json()}
    large, hidden = rows["Dunmarsh"], rows["Lindqvara"]
    assert (large["revenue_rank"], large["score_rank"], large["difference"]) == (2, 8, -6)
    assert large["direction"] == "large_but_transactional"
    assert (hidden["revenue_rank"], hidden["score_rank"], hidden["difference"]) == (9, 2, 7)
    assert hidden["direction"] == "unexpected"
    assert "9th of 37 by revenue, 2nd by score" in hidden["words"]
    assert "It gains most by" in hidden["words"]
    assert "It loses most by P2" in large["words"] or "It loses most by" in large["words"]
    assert "does not want to work with us" in large["words"]


def test_accounts_without_a_score_are_named_apart(
    story_scored: dict[str, Account], ingrid: User, signed_in: Callable[[User], Client]
) -> None:
    Account.objects.filter(pk=story_scored["Solmarina"].pk).update(tier="key")
    found = surprises(ingrid)
    assert found.unscored[0].name == "Solmarina"
    assert (len(found.unscored), found.more_unscored) == (20, len(story_scored) - 28)
    assert found.unscored_count == len(story_scored) - 8
    text = signed_in(ingrid).get("/portfolio/surprises/").content.decode()
    assert "Whom does size hide?" in text
    assert "Solmarina" in text


def test_a_lead_sees_own_accounts_with_the_ranks_of_all(
    story_scored: dict[str, Account], make_person: Callable[..., User], api: Api
) -> None:
    lead = make_person("account_manager", on=story_scored["Lindqvara"], access="lead")
    assert [(row["name"], row["score_rank"]) for row in api(lead).get(ADDRESS).json()] == [("Lindqvara", 2)]


def test_who_sees_no_figures_sees_no_surprises(
    story_scored: dict[str, Account], make_person: Callable[..., User], api: Api, signed_in: Callable[[User], Client]
) -> None:
    member = make_person("team_member", on=story_scored["Lindqvara"], access="member")
    assert api(member).get(ADDRESS).status_code == 403
    assert signed_in(member).get("/portfolio/surprises/").status_code == 403
    # A sponsor reads figures of the whole portfolio, but scores only where seated.
    sponsor = make_person("executive_sponsor")
    assert api(sponsor).get(ADDRESS).json() == []
    TeamSeat.objects.create(account=story_scored["Dunmarsh"], user=sponsor, role="sponsor", access="sponsor")
    assert [row["name"] for row in api(sponsor).get(ADDRESS).json()] == ["Dunmarsh"]


def test_an_unknown_parameter_is_refused(ingrid: User, api: Api) -> None:
    assert api(ingrid).get(ADDRESS, {"tier": "key"}).status_code == 400


def test_ten_times_the_accounts_cost_no_more_queries(
    live: ScorecardVersion, ingrid: User, make_account: Callable[..., Account], signed_in: Callable[[User], Client]
) -> None:
    client = signed_in(ingrid)

    def grow(accounts: int) -> None:
        for number in range(accounts):
            account = make_account()
            AccountScore.objects.create(
                account=account, version=live, overall=number * POINT, values=[], computed_at=timezone.now()
            )
            AccountStanding.objects.create(account=account, revenue_rank=account.pk, of=100)

    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get("/portfolio/surprises/").status_code == 200
        return len(queries)

    grow(8)
    asked()
    before: Any = asked()
    grow(80)
    assert asked() == before
