"""The portfolio matrix on the story: quarters, filters, table, who sees whom."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client

from accounts.models import Account
from sam.core.models import User
from scoring.queries.matrix import Filters, matrix

PAGE = "/portfolio/matrix/"


@pytest.fixture
def scored(rated_story: dict[str, Account], rescore: Callable[[], None]) -> dict[str, Account]:
    for name in ("Oremund", "Skoggrim", "Montevarra"):
        Account.objects.filter(pk=rated_story[name].pk).update(tier="strategic", region="DACH")
    Account.objects.filter(pk=rated_story["Solmarina"].pk).update(tier="key")
    rescore()
    return rated_story


def test_every_scored_account_lies_in_its_quarter(scored: dict[str, Account], ingrid: User) -> None:
    found = matrix(ingrid, Filters())
    quarters = {one.account.name: one.quarter for one in found.placed}
    assert len(quarters) == 8
    assert quarters["Montevarra"] == "Strategic candidates"
    assert quarters["Skoggrim"] == "Earn and keep"  # 52.5 today, 35.0 potential
    assert quarters["Dunmarsh"] == "Serve at low cost"
    assert (found.split, sum(count for _, count in found.counts())) == (Decimal(50), 8)
    assert found.unplaced == ("Solmarina",)


def test_size_is_revenue_and_tier_is_a_letter_as_well(scored: dict[str, Account], ingrid: User) -> None:
    chart = matrix(ingrid, Filters()).chart
    dots = {dot.label: dot for dot in chart.dots}
    assert dots["Oremund"].size == 5  # the largest
    assert float(dots["Lindqvara"].size) == pytest.approx(5 * (7.0 / 41.7) ** 0.5, rel=0.02)
    assert (dots["Oremund"].inside, dots["Dunmarsh"].inside) == ("S", "–")
    assert dots["Oremund"].href == f"/accounts/{scored['Oremund'].pk}/score/"


def test_the_page_filters_by_tier_region_and_lead(
    scored: dict[str, Account], ingrid: User, signed_in: Callable[[User], Client]
) -> None:
    Account.objects.filter(pk=scored["Oremund"].pk).update(owner=ingrid)
    client = signed_in(ingrid)

    def names(query: str) -> set[str]:
        return {one.account.name for one in client.get(f"{PAGE}?{query}").context["found"].placed}

    assert names("tier=strategic") == names("region=DACH") == {"Oremund", "Skoggrim", "Montevarra"}
    assert names(f"lead={ingrid.pk}") == {"Oremund"}
    assert len(names("tier=none")) == 5
    assert len(names("tier=nonsense&lead=x")) == 8
    text = client.get(PAGE).content.decode()
    assert "Show as table" in text
    assert "41.7" in text
    assert "No scored account matches" in client.get(f"{PAGE}?region=Nowhere").content.decode()
    partial = client.get(PAGE, headers={"hx-request": "true"}).content.decode()
    assert partial.lstrip().startswith('<div id="matrix-result"')


def test_a_lead_sees_own_accounts_and_a_member_nothing(
    scored: dict[str, Account], make_person: Callable[..., User], signed_in: Callable[[User], Client]
) -> None:
    lead = make_person("account_manager", on=scored["Lindqvara"], access="lead")
    assert [one.account.name for one in signed_in(lead).get(PAGE).context["found"].placed] == ["Lindqvara"]
    member = make_person("team_member", on=scored["Lindqvara"], access="member")
    assert signed_in(member).get(PAGE).status_code == 403
