"""Marks in lists, pages and API: set by rule, explained in a sentence, silent about figures to who sees none."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from django.test import Client
from rest_framework.test import APIClient

from accounts.models import Account, TeamSeat
from sam.core.models import User
from scoring.models import AccountScore, AccountStanding
from scoring.queries.marks import _threat_sources, marked_accounts, marks_of, register_threats

Story = dict[str, Account]


def test_standings_rank_everybody_by_revenue(rated_story: Story, rescore: Callable[[], None]) -> None:
    rescore()
    ranks = {row.account.name: row.revenue_rank for row in AccountStanding.objects.select_related("account") if row.of}
    assert [ranks[name] for name in ("Oremund", "Dunmarsh", "Lindqvara")] == [1, 2, 9]
    growth = AccountStanding.objects.get(account=rated_story["Quillaraya"]).growth
    assert growth is not None
    assert round(Decimal(growth), 3) == Decimal("0.776")


def test_each_mark_says_why(rated_story: Story, rescore: Callable[[], None]) -> None:
    rescore()
    found = {name: marks_of([rated_story[name].pk]).get(rated_story[name].pk, ()) for name in rated_story}
    words = {(name, mark.key): mark.words for name, marks in found.items() for mark in marks}
    assert words["Lindqvara", "unexpected"] == "Overall 81.3, but only rank 9 of 37 by revenue."
    assert words["Lindqvara", "emerging"].startswith("Potential 88.8, and it grew by")
    assert words["Merrowick", "threat"].startswith("Revenue fell by 28")
    assert words["Dunmarsh", "transactional"].startswith("Rank 2 of 37 by revenue, overall 27.2")
    assert found["Oremund"] == ()


def test_an_unknown_figure_never_sets_a_mark(make_account: Callable[..., Account]) -> None:
    assert marks_of([make_account().pk]) == {}


def test_only_marks_with_a_rated_potential_nominate(rated_story: Story, rescore: Callable[[], None]) -> None:
    rescore()
    found = marked_accounts(("emerging", "unexpected"))
    names = {name for name, account in rated_story.items() if account.pk in found}
    assert {"Lindqvara", "Quillaraya"} <= names
    assert "Dunmarsh" not in names


def test_other_apps_say_what_they_know_of_threats(rated_story: Story, rescore: Callable[[], None]) -> None:
    rescore()
    oremund = rated_story["Oremund"].pk
    register_threats("test", lambda ids: {oremund: ["notice was received"]})
    try:
        assert [(mark.key, mark.words) for mark in marks_of([oremund])[oremund]] == [("threat", "Notice was received.")]
    finally:
        del _threat_sources["test"]


def test_who_sees_no_figures_reads_no_figures_in_the_words(
    rated_story: Story,
    rescore: Callable[[], None],
    make_person: Callable[..., User],
    ingrid: User,
    signed_in: Callable[[User], Client],
    api: Callable[[User | None], APIClient],
) -> None:
    rescore()
    merrowick = rated_story["Merrowick"]
    member = make_person("team_member")
    TeamSeat.objects.create(account=merrowick, user=member, role="technical_expert", access="member")
    for person, shown in ((member, "A sign in its figures."), (ingrid, "Revenue fell by 28")):
        for page in ("/accounts/", "/scores/", f"/accounts/{merrowick.pk}/score/"):
            text = signed_in(person).get(page).content.decode().replace("\N{NO-BREAK SPACE}", " ")
            assert shown in text, (page, shown)
        row = api(person).get("/api/v1/scores/", {"account": merrowick.pk}).data["results"][0]
        assert row["marks"][0]["words"].replace("\N{NO-BREAK SPACE}", " ").startswith(shown)


def test_marks_of_many_accounts_cost_one_query(
    rated_story: Story, rescore: Callable[[], None], django_assert_max_num_queries: Callable[..., object]
) -> None:
    rescore()
    ids = list(AccountScore.objects.values_list("account_id", flat=True))
    marks_of(ids[:1])
    with django_assert_max_num_queries(1):  # type: ignore[attr-defined]
        marks_of(ids)
