"""Programme results on the demo company: as the story prints them, by tiers of the first day and of today."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.demo import build as build_accounts
from accounts.models import Account, Figure
from accounts.queries.portfolio import current_window
from reviews.demo import build as build_reviews
from sam.core.models import User
from sam.values.periods import Quarter
from scoring.demo import build as build_scoring
from scoring.domain.programme import Group
from scoring.queries.programme import NOW, START, programme
from tests.scoring.conftest import TODAY

pytestmark = [pytest.mark.xdist_group("demo of the programme"), pytest.mark.django_db]
URL = "/portfolio/programme/"


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker):
    """Built once for this file and rolled back at its end."""
    with django_db_blocker.unblock(), transaction.atomic():
        build_accounts(TODAY)
        build_scoring(TODAY)
        build_reviews(TODAY)
        yield User.objects.get(display_name="Ingrid Vossberg")
        transaction.set_rollback(True)


def results(ingrid: User, tiers: str):
    window = current_window(TODAY, Quarter(2026, 3))
    found = programme(ingrid, window, tiers)
    return found, {one.group: one for one in found.groups}


def percent(value: Decimal | None) -> str:
    return "none" if value is None else f"{value * 100:.1f}"


def test_the_demo_tells_the_programme_result_of_the_story(demo):
    found, groups = results(demo, NOW)
    told = {
        group: (one.sums.with_growth, *map(percent, (one.sums.growth, one.sums.margin, one.sums.margin_before)))
        for group, one in groups.items()
    }
    assert told == {
        Group.STRATEGIC: (3, "0.0", "22.2", "24.5"),
        Group.KEY: (5, "2.6", "12.1", "14.5"),
        Group.REST: (29, "1.6", "8.4", "7.8"),
    }
    without = groups[Group.STRATEGIC].without
    assert (without.member.name, percent(without.growth)) == ("Skoggrim Paper ASA", "6.9")
    assert groups[Group.STRATEGIC].caution == "Three accounts are too few for a claim."
    assert groups[Group.REST].sums.accounts == 30  # one is not converted


def test_groups_are_those_of_the_first_day_unless_asked_otherwise(demo):
    """Merrowick was strategic then, Montevarra and Ketterau key; Quillaraya and Lindqvara were on no list."""
    _, groups = results(demo, START)
    assert [groups[group].sums.accounts for group in (Group.STRATEGIC, Group.KEY, Group.REST)] == [3, 4, 31]
    # Oremund, Skoggrim and Merrowick: 41.7 + 28.7 + 10.814 against 39.8 + 32.8 + 15.0145 million
    assert percent(groups[Group.STRATEGIC].sums.growth) == "-7.3"


def test_loyalty_has_its_n_and_interval(demo):
    _, groups = results(demo, NOW)
    told = groups[Group.STRATEGIC].loyalty
    assert told is not None
    assert told.answers >= 4
    assert told.low <= told.nps <= told.high
    assert 1 <= told.drivers <= 5
    assert groups[Group.REST].loyalty is None


def test_each_programme_account_is_matched_or_says_why_not(demo):
    found, _ = results(demo, NOW)
    assert len(found.comparison.pairs) + len(found.comparison.unmatched) == 8
    assert {pair.member.name.split()[0] for pair in found.comparison.pairs} == {"Montevarra", "Quillaraya"}
    assert found.words.startswith("2 of 8 programme accounts have others of their industry and size.")
    assert found.words.endswith("Two pairs are too few for a claim.")


def test_a_tenfold_portfolio_takes_as_many_queries(demo, client):
    client.force_login(demo)
    client.get(URL)
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(URL)
    with transaction.atomic():
        account = Account.objects.get(name__startswith="Brastholm")
        rows = list(Figure.objects.filter(account=account))
        made = Account.objects.bulk_create(Account(name=f"More {n}", industry="Food") for n in range(300))
        copied = ("period_start", "currency", "revenue", "kind", "cost_of_goods", "cost_to_serve")
        Figure.objects.bulk_create(
            Figure(account=one, **{name: getattr(row, name) for name in copied}) for one in made for row in rows
        )
        with CaptureQueriesContext(connection) as many:
            page = client.get(URL)
        transaction.set_rollback(True)
    assert page.status_code == 200
    assert len(many) == len(few)


def test_the_page_says_which_tiers_and_which_n(demo, client):
    client.force_login(demo)
    text = client.get(URL, {"tiers": "now", "quarter": "2026-Q3"}).content.decode()
    assert "Three accounts are too few for a claim." in text
    assert "Tiers of today flatter the programme" in text
    assert "+6.9" in text
    part = client.get(URL, headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith('<div id="programme-result"')
    assert "by tiers of the first day" in client.get(URL).content.decode()
    assert client.get(URL, {"quarter": "soon"}).status_code == 422


def test_only_those_who_see_portfolio_figures_read_it(demo, client):
    client.force_login(User.objects.get(display_name="Nadia Ferrant"))
    assert client.get(URL).status_code == 403
    assert client.get("/api/v1/portfolio/programme/").status_code == 403


def test_the_api_tells_the_same(demo, client):
    client.force_login(demo)
    body = client.get("/api/v1/portfolio/programme/", {"tiers": "now", "quarter": "2026-Q3"}).json()
    key = body["groups"]["key"]
    assert (key["n"], key["growth"]["n"]) == (5, 5)
    assert key["growth"]["value"] == pytest.approx(0.026, abs=0.0005)
    assert body["groups"]["strategic"]["growth_without"]["name"] == "Skoggrim Paper ASA"
    assert (body["matched"]["matched"], body["matched"]["unmatched"]) == (2, 6)
    assert client.get("/api/v1/portfolio/programme/", {"tiers": "later"}).status_code == 400


def test_the_tab_is_shown_to_those_who_may_open_it(demo, client):
    client.force_login(demo)
    assert URL in client.get("/portfolio/").content.decode()
    client.force_login(User.objects.get(display_name="Nadia Ferrant"))
    page = client.get("/portfolio/")
    assert page.status_code == 200
    assert URL not in page.content.decode()
