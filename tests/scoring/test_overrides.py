"""Decisions against the rules have an end, look different, and are told of when they end. Kept scores explain."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from sam.core.errors import FieldErrors
from sam.core.models import Notification
from scoring.actions.scores import recompute_all
from scoring.actions.settling import settle_value
from scoring.actions.tiers import decide_tier, tell_ended
from scoring.models import KeptScore, TierDecision
from scoring.registry import my_day_items
from tests.scoring.conftest import TODAY

SOON = timezone.localdate() + timedelta(days=90)


def decide(account, by, **other):
    account.refresh_from_db()
    given = {"tier": "strategic", "reason": "Tender in spring", "revision": account.revision, "by": by}
    return decide_tier(account=account, **(given | other))


def test_a_decision_against_the_rules_needs_an_end_everywhere(rated_story, rescore, ingrid, signed_in, api):
    rescore()
    account = rated_story["Dunmarsh"]
    with pytest.raises(FieldErrors, match="say when it is looked at again"):
        decide(account, ingrid)
    form = {"tier": "strategic", "reason": "Tender", "ends_on": "", "revision": account.revision}
    answer = signed_in(ingrid).post(reverse("scoring:tier-decide", args=[account.pk]), form)
    assert answer.status_code == 422
    assert "say when it is looked at again" in answer.content.decode()
    address, tag = f"/api/v1/accounts/{account.pk}/tier/", {"If-Match": f'"{account.revision}"'}
    body = {"tier": "strategic", "reason": "Tender"}
    assert api(ingrid).post(address, body, headers=tag).status_code == 400
    assert api(ingrid).post(address, body | {"ends_on": str(SOON)}, headers=tag).status_code == 201
    assert not TierDecision.objects.filter(ends_on=None).exists()


def test_a_tier_against_the_rules_is_drawn_differently_with_words(rated_story, rescore, ingrid, signed_in, api):
    rescore()
    decide(rated_story["Dunmarsh"], ingrid, ends_on=SOON)
    decide(rated_story["Havelgrund"], ingrid, tier="")
    listed = signed_in(ingrid).get(reverse("scoring:score-list")).content.decode()
    assert listed.count("tier-held") == 1
    assert f"against the rules until {SOON.day} {SOON:%b %Y}" in listed
    page = signed_in(ingrid).get(reverse("scoring:account-score", args=[rated_story["Dunmarsh"].pk])).content.decode()
    assert "kpi-note held" in page
    plain = signed_in(ingrid).get(reverse("scoring:account-score", args=[rated_story["Havelgrund"].pk]))
    assert "kpi-note held" not in plain.content.decode()
    told = api(ingrid).get(f"/api/v1/accounts/{rated_story['Dunmarsh'].pk}/score/").json()["against_the_rules"]
    assert told["ends_on"] == str(SOON)


def test_the_programme_lead_hears_once_when_it_ends_and_decides_again(rated_story, rescore, ingrid, alice):
    rescore()
    account = rated_story["Dunmarsh"]
    decide(account, ingrid, ends_on=SOON)
    assert tell_ended(today=SOON - timedelta(days=1), by=None) == 0
    assert (tell_ended(today=SOON, by=None), tell_ended(today=SOON, by=None)) == (1, 0)
    assert Notification.objects.get().title == "Dunmarsh: the decision against the rules has ended"
    titles = [item.title for item in my_day_items(ingrid, SOON)]
    assert "Dunmarsh: decide the tier again" in titles
    assert "Dunmarsh: decide the tier again" not in [item.title for item in my_day_items(alice, SOON)]
    decide(account, ingrid, tier="", decided_on=timezone.localdate())
    assert "Dunmarsh: decide the tier again" not in [item.title for item in my_day_items(ingrid, SOON)]


def test_a_kept_score_is_explained_from_what_was_stored(rated_story, live, ingrid, bob, signed_in, api, make_person):
    account = rated_story["Dunmarsh"]
    settle_value(
        account=account, criterion_key="P2", value=Decimal("2.5"), reason="Three talks", by=ingrid,
        settled_on=TODAY - timedelta(days=3),
    )  # fmt: skip
    recompute_all(by=ingrid, today=TODAY, keep="Cycle 2027")
    kept = KeptScore.objects.get(account=account)
    account.ratings.all().delete()
    account.settled_values.all().delete()
    page = signed_in(ingrid).get(reverse("scoring:kept-score", args=[account.pk, kept.pk])).content.decode()
    assert "the same score comes out" in page
    for words in ("Three talks", "Ingrid Programme", "raters gave 1, 2, 3", str(kept.version)):
        assert words in page
    told = api(ingrid).get(f"/api/v1/accounts/{account.pk}/kept-scores/").json()[0]
    assert told["overall"] == told["computed_again"]
    settled = next(row["settled"] for row in told["criteria"] if row["criterion"] == "P2")
    assert (settled["value"], settled["reason"]) == (2.5, "Three talks")
    member = make_person("team_member", on=account, access="member")
    shown = signed_in(member).get(reverse("scoring:kept-score", args=[account.pk, kept.pk])).content.decode()
    assert "M€" not in shown
    other = rated_story["Oremund"]
    assert signed_in(ingrid).get(reverse("scoring:kept-score", args=[other.pk, kept.pk])).status_code == 404
