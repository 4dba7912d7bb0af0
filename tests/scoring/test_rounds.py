"""Rounds: who is asked, what is hidden from whom and until when, what counts afterwards."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, TeamSeat
from sam.core.errors import ActionRefused, FieldErrors, Stale
from sam.core.models import Notification
from scoring.actions.ratings import Rated, rate_account, rate_many
from scoring.actions.rounds import Asked, add_rater, close_round, open_round, remove_rater
from scoring.actions.scores import recompute_account, recompute_all
from scoring.actions.settling import settle_value, withdraw_settled
from scoring.models import AccountScore, Rating, RatingRound, RoundAccount, RoundRater, SettledValue
from scoring.queries.ratings import medians_of
from scoring.queries.rules import rules_of
from scoring.registry import my_day_items
from scoring.schedules import tend

LAST = timezone.localdate() + timedelta(days=20)
KEYS = ("C4", "C5", "P1", "P2", "P3", "P4", "P5")
SECRET = "Heard it from their purchasing director"


@pytest.fixture
def petra(make_person):
    return make_person("finance_partner", display_name="Petra Finance")


@pytest.fixture
def opened(live, account, alice, petra, ingrid):
    Account.objects.filter(pk=account.pk).update(owner=alice)
    account.refresh_from_db()
    return open_round(name="Cycle 2027", accounts=[account], closes_on=LAST, by=ingrid)


def rate_all(account, person, value, **single):
    """Every rated criterion at `value`, some otherwise."""
    cells = [
        Rated(account, key, single.get(key, value), evidence=SECRET if person.role_key == "finance_partner" else "Seen")
        for key in KEYS
    ]
    return rate_many(cells=cells, by=person)


def test_lead_finance_and_one_outside_are_asked_and_told(opened, account, alice, petra, ingrid):
    asked = {rater.user: rater.capacity for rater in RoundRater.objects.all()}
    assert asked == {alice: "lead", petra: "finance", ingrid: "outside"}
    assert {note.user for note in Notification.objects.all()} == {alice, petra}
    assert "Cycle 2027" in Notification.objects.get(user=petra).title


def test_somebody_on_the_team_is_not_outside(live, account, ingrid, petra, make_person):
    TeamSeat.objects.create(account=account, user=ingrid, role="collaborator", access="member")
    outside = make_person("programme_lead", display_name="Zoe Outside")
    open_round(name="R", accounts=[account], closes_on=LAST, by=ingrid)
    assert RoundRater.objects.get(capacity="outside").user == outside


def test_raters_by_rule_take_the_same_queries_for_many_accounts(live, ingrid, petra, make_account):
    def queries(name, count):
        with CaptureQueriesContext(connection) as seen:
            open_round(name=name, accounts=[make_account() for _ in range(count)], closes_on=LAST, by=ingrid)
        return len([query for query in seen if "accounts_teamseat" in query["sql"] or "core_user" in query["sql"]])

    assert queries("Many", 12) == queries("One", 1)


def test_a_rating_in_a_round_is_sealed_and_does_not_count_yet(opened, live, account, petra):
    before = AccountScore.objects.filter(account=account).first()
    rating = rate_account(account=account, criterion_key="P1", value=2, by=petra)
    assert (rating.sealed, rating.round) == (True, opened)
    assert medians_of(rules_of(live), account.pk, timezone.localdate()) == {}
    assert AccountScore.objects.filter(account=account).first() == before


def test_the_last_rating_of_the_last_rater_reveals_and_counts(opened, account, alice, petra, ingrid):
    rate_all(account, alice, 3)
    rate_all(account, petra, 2)
    cells = [Rated(account, key, 3) for key in KEYS[:-1]]
    rate_many(cells=cells, by=ingrid)
    assert RoundAccount.objects.get().is_blind
    rate_account(account=account, criterion_key=KEYS[-1], value=3, by=ingrid)
    assert not RoundAccount.objects.get().is_blind
    assert not Rating.objects.filter(sealed=True).exists()
    assert AccountScore.objects.get(account=account).potential_points == Decimal(50)


def test_a_revealed_rating_takes_the_place_of_the_earlier_one(live, account, alice, ingrid):
    rate_account(account=account, criterion_key="P1", value=3, by=alice)
    opened = open_round(name="R", accounts=[account], closes_on=LAST, by=ingrid)
    rate_account(account=account, criterion_key="P1", value=1, by=alice)
    assert medians_of(rules_of(live), account.pk, timezone.localdate()) == {"P1": 3.0}
    close_round(rating_round=opened, revision=opened.revision, by=ingrid)
    assert [(rating.value, rating.sealed) for rating in Rating.objects.filter(criterion_key="P1")] == [(1, False)]
    assert medians_of(rules_of(live), account.pk, timezone.localdate()) == {"P1": 1.0}


@pytest.mark.parametrize("page", ["scoring:account-score", "scoring:score-panel"])
def test_pages_tell_a_rater_nothing_of_another_until_all_have_rated(
    opened, account, alice, petra, ingrid, signed_in, page
):
    rate_all(account, petra, 3, P2=1)
    rate_all(account, alice, 3, P2=4)
    where, htmx = reverse(page, args=[account.pk]), {"HTTP_HX_REQUEST": "true"}
    for reader in (alice, ingrid):
        shown = signed_in(reader).get(where, **htmx).content.decode()
        assert SECRET not in shown
        assert "raters differ" not in shown
        assert AccountScore.objects.filter(account=account, overall__isnull=False).count() == 0
    assert SECRET not in signed_in(ingrid).get(reverse("scoring:round-detail", args=[opened.pk])).content.decode()
    assert "sealed" in signed_in(petra).get(reverse("scoring:account-score", args=[account.pk])).content.decode()
    rate_all(account, ingrid, 3)
    shown = signed_in(alice).get(reverse("scoring:account-score", args=[account.pk])).content.decode()
    assert SECRET in shown
    assert "raters differ: 1 to 4" in shown


def test_the_api_tells_a_rater_nothing_of_another_until_the_round_closes(opened, account, alice, petra, ingrid, api):
    rate_account(account=account, criterion_key="P2", value=1, evidence=SECRET, by=petra)
    hidden = Rating.objects.get(rater=petra).pk
    for reader in (alice, ingrid):
        client = api(reader)
        assert client.get("/api/v1/ratings/").json()["results"] == []
        assert client.get(f"/api/v1/ratings/{hidden}/").status_code == 404
        score = client.get(f"/api/v1/accounts/{account.pk}/score/").json()
        assert score["blind_in_round"] == opened.pk
        assert "P2" in [row["criterion"] for row in score["missing"]]
    assert [row["value"] for row in api(petra).get("/api/v1/ratings/").json()["results"]] == [1]
    progress = api(ingrid).get(f"/api/v1/rating-rounds/{opened.pk}/").json()["progress"][0]
    told = {rater["user"]: rater["rated"] for rater in progress["raters"]}
    assert told == {alice.pk: 0, petra.pk: 1, ingrid.pk: 0}
    assert SECRET not in str(progress)
    closed = api(ingrid).post(f"/api/v1/rating-rounds/{opened.pk}/close/", headers={"If-Match": '"1"'})
    assert (closed.status_code, closed.json()["state"]) == (200, "closed")
    assert [row["value"] for row in api(alice).get("/api/v1/ratings/").json()["results"]] == [1]
    assert api(alice).get(f"/api/v1/ratings/{hidden}/").json()["evidence"] == SECRET


def test_earlier_ratings_of_others_are_hidden_too_while_the_account_is_blind(live, account, alice, petra, ingrid, api):
    rate_account(account=account, criterion_key="P2", value=2, evidence=SECRET, by=petra)
    assert len(api(alice).get("/api/v1/ratings/").json()["results"]) == 1
    open_round(name="R", accounts=[account], closes_on=LAST, by=ingrid)
    assert api(alice).get("/api/v1/ratings/").json()["results"] == []
    line = api(alice).get(f"/api/v1/accounts/{account.pk}/score/").json()
    told = next(part for part in line["contributions"] if part["criterion"] == "P2")
    assert (told["ratings"], told["spread"]) == (None, None)


def test_what_somebody_rates_unasked_is_sealed_as_well(opened, account, make_person, alice, api):
    other = make_person("finance_partner", display_name="Otto Other")
    rate_account(account=account, criterion_key="P1", value=3, by=other)
    assert api(alice).get("/api/v1/ratings/").json()["results"] == []


def test_the_clock_reminds_once_and_closes_after_the_last_day(opened, account, alice, petra, ingrid):
    rate_all(account, alice, 3)
    Notification.objects.all().delete()
    assert tend(LAST - timedelta(days=6)) == 0
    assert not Notification.objects.exists()
    assert tend(LAST - timedelta(days=5)) == 0
    assert {note.user for note in Notification.objects.all()} == {petra, ingrid}
    tend(LAST)
    assert Notification.objects.count() == 2
    assert tend(LAST + timedelta(days=1)) == 1
    opened.refresh_from_db()
    assert (opened.state, opened.closed_by, opened.closed_on) == ("closed", None, LAST + timedelta(days=1))
    assert not RoundAccount.objects.get().is_blind


def test_my_day_names_the_round_until_one_has_finished(opened, account, petra):
    today = timezone.localdate()
    notes = [(item.title, item.note, item.due) for item in my_day_items(petra, today)]
    assert notes == [("Rate Northgate Mills", "Cycle 2027: 0 of 7 criteria rated by you", LAST)]
    rate_all(account, petra, 3)
    assert list(my_day_items(petra, today)) == []


def test_taking_the_last_unfinished_rater_off_reveals(opened, account, alice, petra, ingrid):
    rate_all(account, alice, 3)
    rate_all(account, petra, 3)
    remove_rater(account=account, rating_round=opened, user=ingrid, by=ingrid)
    assert not RoundAccount.objects.get().is_blind
    with pytest.raises(ActionRefused, match="revealed already"):
        add_rater(account=account, rating_round=opened, user=ingrid, by=ingrid)


def test_only_who_may_rate_is_asked_and_somebody_stays(opened, account, alice, petra, ingrid, charlie):
    with pytest.raises(ActionRefused, match="may not rate"):
        add_rater(account=account, rating_round=opened, user=charlie, by=ingrid)
    for user in (alice, petra):
        remove_rater(account=account, rating_round=opened, user=user, by=ingrid)
    with pytest.raises(ActionRefused, match="Somebody has to rate"):
        remove_rater(account=account, rating_round=opened, user=ingrid, by=ingrid)


def test_a_round_needs_a_name_accounts_and_days_and_holds_an_account_once(opened, account, make_account, ingrid):
    today = timezone.localdate()
    for name, accounts, day in (
        ("", [make_account()], LAST),
        ("Cycle 2027", [make_account()], LAST),
        ("New", [], LAST),
        ("New", [make_account()], today - timedelta(days=1)),
        ("New", [account], LAST),
    ):
        with pytest.raises(FieldErrors):
            open_round(name=name, accounts=accounts, closes_on=day, by=ingrid)
    other = RatingRound.objects.create(scorecard=opened.scorecard, name="Other", opens_on=today, closes_on=LAST)
    with pytest.raises(IntegrityError), transaction.atomic():
        RoundAccount.objects.create(round=other, account=account)


def test_a_round_is_closed_once_and_by_its_revision(opened, ingrid):
    with pytest.raises(Stale):
        close_round(rating_round=opened, revision=9, by=ingrid)
    close_round(rating_round=opened, revision=opened.revision, by=ingrid)
    with pytest.raises(ActionRefused, match="closed already"):
        close_round(rating_round=opened, revision=opened.revision, by=ingrid)


# --- settled values ---------------------------------------------------------------------------------------------


@pytest.fixture
def disputed(opened, account, alice, petra, ingrid):
    rate_all(account, alice, 3, P2=1)
    rate_all(account, petra, 3, P2=2)
    rate_all(account, ingrid, 3, P2=4)
    return account


def test_a_disagreement_is_listed_until_it_is_settled(disputed, opened, ingrid, signed_in):
    where = reverse("scoring:round-detail", args=[opened.pk])
    page = signed_in(ingrid).get(where).content.decode()
    assert "Alice Lead 1, Petra Finance 2, Ingrid Programme 4" in page
    assert "Not settled: the median 2.0 counts" in page
    settle_value(account=disputed, criterion_key="P2", value=Decimal("2.5"), reason="Talked on Monday", by=ingrid)
    page = signed_in(ingrid).get(where).content.decode()
    assert "Settled at <b>2.5</b> by Ingrid Programme" in page
    assert "Talked on Monday" in page
    shown = signed_in(ingrid).get(reverse("scoring:account-score", args=[disputed.pk])).content.decode()
    assert "raters differ" not in shown
    assert "Settled at 2.5 by Ingrid Programme" in shown


def test_an_older_round_hides_an_account_that_is_blind_again(disputed, opened, ingrid, signed_in, api):
    page, address = reverse("scoring:round-detail", args=[opened.pk]), f"/api/v1/rating-rounds/{opened.pk}/"
    told = api(ingrid).get(address).json()["disagreements"]
    assert [(one["criterion"], one["spread"], one["consensus"]) for one in told] == [("P2", 3, "2")]
    open_round(name="Cycle 2028", accounts=[disputed], closes_on=LAST, by=ingrid)
    assert "Petra Finance 2" not in signed_in(ingrid).get(page).content.decode()
    assert api(ingrid).get(address).json()["disagreements"] == []


def test_one_account_and_all_accounts_are_scored_by_the_same_settled_value(disputed, ingrid):
    settle_value(account=disputed, criterion_key="P2", value=Decimal("4.5"), reason="x", by=ingrid)
    recompute_account(account=disputed, by=ingrid)
    single = AccountScore.objects.get(account=disputed)
    recompute_all(by=ingrid)
    bulk = AccountScore.objects.get(account=disputed)
    assert (bulk.potential, bulk.overall) == (single.potential, single.overall)
    assert str(bulk.values) == str(single.values)
    assert 4.5 in bulk.values


def test_a_settled_value_grows_old_like_a_rating(disputed, live, ingrid):
    long_ago = date(2024, 3, 31)
    settle_value(
        account=disputed, criterion_key="P2", value=Decimal(5), reason="x", by=ingrid, settled_on=long_ago
    )  # fmt: skip
    rules = rules_of(live)
    assert medians_of(rules, disputed.pk, timezone.localdate())["P2"] == 2.0
    assert medians_of(rules, disputed.pk, date(2025, 3, 30)) == {"P2": 5.0}
    assert "P2" not in medians_of(rules, disputed.pk, date(2025, 3, 31))


def test_a_later_round_s_ratings_end_what_was_settled_before(disputed, live, ingrid, alice):
    settle_value(account=disputed, criterion_key="P2", value=Decimal(5), reason="x", by=ingrid)
    settle_value(account=disputed, criterion_key="P3", value=Decimal(5), reason="x", by=ingrid)
    later = open_round(name="Cycle 2028", accounts=[disputed], closes_on=LAST, by=ingrid)
    rate_account(account=disputed, criterion_key="P2", value=2, by=alice)
    with pytest.raises(ActionRefused, match="not finished"):
        settle_value(account=disputed, criterion_key="P2", value=Decimal(3), reason="x", revision=1, by=ingrid)
    close_round(rating_round=later, revision=later.revision, by=ingrid)
    assert list(SettledValue.objects.values_list("criterion_key", flat=True)) == ["P3"]
    assert medians_of(rules_of(live), disputed.pk, timezone.localdate())["P2"] == 2.0


def test_settling_needs_a_reason_a_value_in_halves_and_ratings(disputed, ingrid):
    for wrong in ({"reason": " "}, {"value": Decimal("2.3")}, {"value": Decimal(6)}, {"criterion_key": "C1"}):
        given = {"account": disputed, "criterion_key": "P2", "value": Decimal(3), "reason": "x", "by": ingrid}
        with pytest.raises(FieldErrors):
            settle_value(**(given | wrong))
    Rating.objects.filter(criterion_key="P5").delete()
    with pytest.raises(ActionRefused, match="Nobody has rated"):
        settle_value(account=disputed, criterion_key="P5", value=Decimal(3), reason="x", by=ingrid)


def test_who_was_first_is_seen_and_taking_back_lets_the_median_count(disputed, live, ingrid):
    settled = settle_value(account=disputed, criterion_key="P2", value=Decimal(3), reason="x", by=ingrid)
    with pytest.raises(Stale):
        settle_value(account=disputed, criterion_key="P2", value=Decimal(4), reason="y", by=ingrid)
    with pytest.raises(Stale):
        withdraw_settled(account=disputed, settled=settled, revision=7, by=ingrid)
    withdraw_settled(account=disputed, settled=settled, revision=settled.revision, by=ingrid)
    assert medians_of(rules_of(live), disputed.pk, timezone.localdate())["P2"] == 2.0


def test_settling_by_page_and_by_api(disputed, alice, ingrid, signed_in, api):
    where = reverse("scoring:settled-edit", args=[disputed.pk, "P2"])
    assert signed_in(alice).get(where).status_code == 403
    refused = signed_in(ingrid).post(where, {"value": "3", "reason": "", "revision": "0"})
    assert refused.status_code == 422
    saved = signed_in(ingrid).post(where, {"value": "3.5", "reason": "Plan day went well", "revision": "0"})
    assert saved.status_code == 303
    both = signed_in(ingrid).post(where, {"value": "2", "reason": "Mine", "revision": "0"})
    assert both.status_code == 422
    assert "Plan day went well" in both.content.decode()
    assert "Mine" in both.content.decode()
    row = api(alice).get("/api/v1/settled-values/").json()["results"][0]
    assert (row["criterion"], row["value"], row["reason"]) == ("P2", "3.5", "Plan day went well")
    address = f"/api/v1/settled-values/{row['id']}/"
    assert api(ingrid).patch(address, {"value": "2.5"}).status_code == 428
    assert api(alice).patch(address, {"value": "2.5"}, headers={"If-Match": '"1"'}).status_code == 403
    changed = api(ingrid).patch(address, {"value": "2.5"}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.json()["value"]) == (200, "2.5")
    assert api(ingrid).delete(address, headers={"If-Match": '"2"'}).status_code == 204


# --- pages and routes of rounds ----------------------------------------------------------------------------------


def test_a_round_is_opened_and_run_in_the_browser(live, account, alice, ingrid, petra, signed_in):
    Account.objects.filter(pk=account.pk).update(tier="key", owner=alice)
    client = signed_in(ingrid)
    refused = client.post(reverse("scoring:round-new"), {"name": "", "closes_on": LAST, "accounts": [account.pk]})
    assert refused.status_code == 422
    made = client.post(reverse("scoring:round-new"), {"name": "Autumn", "closes_on": LAST, "accounts": [account.pk]})
    assert made.status_code == 303
    rating_round = RatingRound.objects.get()
    rater = RoundRater.objects.get(user=petra)
    client.post(reverse("scoring:rater-remove", args=[rating_round.pk, rater.pk]))
    assert not RoundRater.objects.filter(user=petra).exists()
    given = {"account": account.pk, "user": petra.pk, "capacity": "other"}
    client.post(reverse("scoring:rater-add", args=[rating_round.pk]), given)
    assert RoundRater.objects.get(user=petra).capacity == "other"
    assert "0 of 3 raters have finished" in client.get(made["Location"]).content.decode()
    assert "Autumn" in client.get(reverse("scoring:round-list")).content.decode()
    client.post(reverse("scoring:round-close", args=[rating_round.pk]), {"revision": "1"})
    rating_round.refresh_from_db()
    assert not rating_round.is_open
    assert signed_in(alice).get(reverse("scoring:round-list")).status_code == 403


def test_a_round_is_opened_and_its_raters_changed_by_api(live, account, alice, ingrid, petra, api):
    client = api(ingrid)
    body = {"name": "Autumn", "closes_on": str(LAST), "accounts": [account.pk], "without": [petra.pk]}
    made = client.post("/api/v1/rating-rounds/", body)
    assert made.status_code == 201
    address = f"/api/v1/rating-rounds/{made.json()['id']}/"
    assert petra.pk not in [rater["user"] for rater in made.json()["progress"][0]["raters"]]
    added = client.post(f"{address}raters/", {"account": account.pk, "user": petra.pk, "capacity": "finance"})
    assert added.status_code == 201
    gone = client.delete(f"{address}raters/", {"account": account.pk, "user": petra.pk})
    assert gone.status_code == 204
    assert client.post(f"{address}close/").status_code == 428
    assert api(alice).get("/api/v1/rating-rounds/").status_code == 403
    assert [row["name"] for row in client.get("/api/v1/rating-rounds/", {"state": "open"}).json()["results"]] == [
        "Autumn"
    ]


def test_asked_besides_and_not_asked(live, account, alice, petra, ingrid):
    opened = open_round(
        name="R", accounts=[account], closes_on=LAST, by=ingrid, more=[Asked(account, alice)], without=[petra]
    )
    assert set(opened.accounts.get().raters.values_list("user", flat=True)) == {alice.pk, ingrid.pk}


def test_the_page_of_a_round_takes_the_same_queries_for_many_accounts(live, ingrid, petra, make_account, signed_in):
    def queries(name, count):
        opened = open_round(name=name, accounts=[make_account() for _ in range(count)], closes_on=LAST, by=ingrid)
        client, where = signed_in(ingrid), reverse("scoring:round-detail", args=[opened.pk])
        client.get(where)
        with CaptureQueriesContext(connection) as seen:
            client.get(where)
        return len(seen)

    assert queries("Many", 10) == queries("One", 1)


# --- the sheet ----------------------------------------------------------------------------------------------------


def test_the_sheet_of_a_round_shows_the_last_value_beside_an_empty_field(live, account, alice, ingrid, signed_in):
    rate_account(account=account, criterion_key="P1", value=3, by=alice)
    opened = open_round(name="R", accounts=[account], closes_on=LAST, by=ingrid)
    where = reverse("scoring:rating-sheet") + f"?round={opened.pk}"
    page = signed_in(alice).get(where).content.decode()
    assert "is what you gave last time" in page
    assert f'name="value-{account.pk}-P1" value=""' in page
    sent = {"account": account.pk, f"value-{account.pk}-P1": "2", f"revision-{account.pk}-P1": "0"}
    assert signed_in(alice).post(reverse("scoring:rating-sheet"), sent).status_code == 303
    assert Rating.objects.get(sealed=True).value == 2
    assert f'name="value-{account.pk}-P1" value="2"' in signed_in(alice).get(where).content.decode()


def test_a_cell_that_changed_meanwhile_shows_both_values(live, account, alice, signed_in):
    rate_account(account=account, criterion_key="P1", value=3, by=alice)
    name = f"{account.pk}-P1"
    sent = {"account": account.pk, f"value-{name}": "2", f"revision-{name}": "0"}
    answer = signed_in(alice).post(reverse("scoring:rating-sheet"), sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Stored meanwhile: 3. Save again to put yours in its place." in page
    assert f'name="value-{name}" value="2"' in page
    again = sent | {f"revision-{name}": "1"}
    assert signed_in(alice).post(reverse("scoring:rating-sheet"), again).status_code == 303
    assert Rating.objects.get().value == 2


def test_what_stops_counting_soon_and_what_has_stopped_is_said(live, account, alice, signed_in):
    today = timezone.localdate()
    rate_account(account=account, criterion_key="P1", value=3, by=alice, rated_on=today - timedelta(days=350))
    rate_account(account=account, criterion_key="P2", value=3, by=alice, rated_on=today - timedelta(days=400))
    page = signed_in(alice).get(reverse("scoring:account-score", args=[account.pk])).content.decode()
    assert "Stops counting" in page
    assert "Missing: the last rating is older than 12 months" in page
