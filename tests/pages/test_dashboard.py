"""The dashboard is configured once: draft, preview, in use; an account may have its own target, with a reason."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actions.dashboard import (
    load_default_dashboard,
    publish_dashboard,
    set_dashboard_metrics,
    set_thresholds,
    start_dashboard_draft,
)
from accounts.domain.dashboard import Threshold
from accounts.models import Account, DashboardChange, DashboardVersion
from accounts.queries.dashboard import dashboard_of, preview
from sam.core.errors import ActionRefused, FieldErrors, Stale
from sam.core.models import User
from tests.pages.test_numbers import fill, numbers_url, page

pytestmark = pytest.mark.django_db
D = Decimal
KEY = {"key": Threshold(D("0.30"), D("0.03"), D("0.10"))}


@pytest.fixture(autouse=True)
def _defaults(db: None) -> None:
    load_default_dashboard(by=None)


@pytest.fixture
def petra(make_person: Callable[..., User]) -> User:
    return make_person("finance_partner", display_name="Petra Finance")


@pytest.fixture
def key_account(make_account: Callable[..., Account]) -> Account:
    """Contribution margin 27.2 %."""
    account = make_account("Key Works", tier="key")
    fill(account, quarters=8)
    return account


def test_defaults_are_loaded_once_and_follow_the_programmes_margins() -> None:
    assert load_default_dashboard(by=None) is None
    board = dashboard_of(DashboardVersion.objects.in_use())
    assert board.metrics[0] == "revenue"
    assert board.limit("contribution_margin", "strategic") == Threshold(D("0.24"), D("0.03"), D("0.06"))
    assert board.limit("contribution_margin", "") is None


def test_a_draft_changes_nothing_until_it_is_put_into_use(petra: User) -> None:
    draft = start_dashboard_draft(by=petra)
    assert start_dashboard_draft(by=petra) == draft
    set_dashboard_metrics(version=draft, metrics=["growth", "revenue"], revision=1, by=petra)
    with pytest.raises(Stale):
        set_thresholds(version=draft, metric="contribution_margin", limits=KEY, revision=1, by=petra)
    set_thresholds(version=draft, metric="contribution_margin", limits=KEY, revision=2, by=petra)
    assert dashboard_of(DashboardVersion.objects.in_use()).metrics[0] == "revenue"
    with pytest.raises(FieldErrors):
        publish_dashboard(version=draft, note=" ", revision=3, by=petra)
    publish_dashboard(version=draft, note="growth first", revision=3, by=petra)
    live = dashboard_of(DashboardVersion.objects.in_use())
    assert live.metrics == ("growth", "revenue")
    assert live.limit("contribution_margin", "key") == KEY["key"]
    assert list(DashboardVersion.objects.filter(state="retired").values_list("number", flat=True)) == [1]
    with pytest.raises(ActionRefused):
        set_dashboard_metrics(version=draft, metrics=["revenue"], revision=4, by=petra)


def test_thresholds_must_make_sense(petra: User) -> None:
    draft = start_dashboard_draft(by=petra)
    for metric, limit in (("revenue", KEY["key"]), ("growth", Threshold(D("0.1"), D("0.06"), D("0.03")))):
        with pytest.raises(FieldErrors):
            set_thresholds(version=draft, metric=metric, limits={"key": limit}, revision=1, by=petra)
    assert DashboardVersion.objects.get(pk=draft.pk).revision == 1


def test_the_preview_counts_accounts_by_colour_before_and_after(petra: User, key_account: Account) -> None:
    live = dashboard_of(DashboardVersion.objects.in_use())
    draft = start_dashboard_draft(by=petra)
    set_thresholds(version=draft, metric="contribution_margin", limits=KEY, revision=1, by=petra)
    (found,) = preview(live, dashboard_of(draft), timezone.localdate())
    assert dict(found.before) == {"green": 1}
    assert dict(found.after) == {"green": 1}
    tight = {"key": Threshold(D("0.30"), D("0.02"), D("0.10"))}
    set_thresholds(version=draft, metric="contribution_margin", limits=tight, revision=2, by=petra)
    (found,) = preview(live, dashboard_of(draft), timezone.localdate())
    assert dict(found.after) == {"amber": 1}
    assert found.is_changed


def test_finance_configures_in_the_browser_and_the_programme_lead_reads(
    petra: User, ingrid: User, signed_in: Callable[[User], Client], key_account: Account
) -> None:
    client = signed_in(petra)
    detail = reverse("accounts:dashboard-detail")
    assert client.get(reverse("accounts:dashboard-metrics")).status_code == 303
    assert client.post(reverse("accounts:dashboard-draft")).status_code == 303
    assert "A draft is open" in page(client, detail)
    url = reverse("accounts:dashboard-thresholds", args=["contribution_margin"])
    limits = {"key_target": "30", "key_amber": "2", "key_red": "10", "revision": "1"}
    assert client.post(url, {**limits, "key_red": ""}).status_code == 422
    assert client.post(url, limits).status_code == 303
    order = {"growth": "1", "contribution_margin": "2", "revision": "2"}
    assert client.post(reverse("accounts:dashboard-metrics"), order).status_code == 303
    publish = reverse("accounts:dashboard-publish")
    assert "now 1 on target, 0 amber" in page(client, publish)
    assert client.post(publish, {"note": "margins up", "revision": "3"}).status_code == 303
    text = page(signed_in(ingrid), detail)
    assert "margins up" in text
    assert "Put into use" not in text
    assert signed_in(ingrid).post(reverse("accounts:dashboard-draft")).status_code == 403


def test_the_numbers_tab_shows_the_configured_metrics_first_with_their_status_in_words(
    petra: User, signed_in: Callable[[User], Client], key_account: Account
) -> None:
    client = signed_in(petra)
    text = page(client, numbers_url(key_account))
    table = text[text.index('id="metric-table"') :]
    assert table.index("Contribution margin") < table.index("More: ") < table.index("Lifetime value")
    assert "On target" in table
    assert "9.2 pt over target 18.0 %" in table


def test_an_account_may_have_its_own_target_with_a_reason(
    petra: User, alice: User, signed_in: Callable[[User], Client], key_account: Account
) -> None:
    client = signed_in(petra)
    url = reverse("accounts:dashboard-change", args=[key_account.pk, "contribution_margin"])
    assert client.post(url, {"target": "31"}).status_code == 422
    assert client.post(url, {"target": "31", "reason": "we run their store"}).status_code == 303
    text = page(client, numbers_url(key_account))
    assert "Amber" in text
    assert "3.8 pt under target 31.0 %" in text
    assert "Petra Finance: we run their store" in text
    assert client.post(url, {"target": "32", "reason": "again"}).status_code == 409
    assert client.post(url, {"target": "", "revision": "1"}).status_code == 303
    assert not DashboardChange.objects.exists()
    assert client.get(reverse("accounts:dashboard-change", args=[key_account.pk, "revenue"])).status_code == 404


def test_an_unknown_value_says_so(
    petra: User, signed_in: Callable[[User], Client], make_account: Callable[..., Account]
) -> None:
    account = make_account(tier="key")
    fill(account, cost_to_serve=None)
    text: Any = page(signed_in(petra), numbers_url(account))
    assert "Unknown; target 18.0 %" in text
