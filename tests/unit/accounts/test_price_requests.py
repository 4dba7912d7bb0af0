"""Price requests: opening, answering, who must approve, what stays, and what nobody else may see."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal as D
from typing import Any

import pytest
from django.utils import timezone

from accounts.actions.merging import merge_accounts
from accounts.actions.price_approvals import ask_approval, decide_approval
from accounts.actions.price_checks import GiveGetEntry, LineEntry
from accounts.actions.price_requests import (
    answer_price_request,
    change_price_request,
    open_price_request,
    withdraw_price_request,
)
from accounts.models import Account, Figure, PriceApproval, PriceRequest
from accounts.queries import value_delivered
from accounts.queries.price_requests import room_of
from accounts.registry import price_items
from sam.core.errors import ActionRefused, FieldErrors, Stale
from sam.core.models import Job, Notification, User
from sam.values.results import Computed, Missing
from sam.values.workdays import add_working_days

pytestmark = pytest.mark.django_db

ASKED = date(2026, 5, 4)
MILLION = 1_000_000


@pytest.fixture
def figures(account: Account) -> None:
    """Twelve months of 10 M€: 40 % variable margin after variable cost to serve, 33 % gross, 25 % contribution."""
    for start in (date(2025, 4, 1), date(2025, 7, 1), date(2025, 10, 1), date(2026, 1, 1)):
        Figure.objects.create(
            account=account, period_start=start, months=3, currency="EUR", revenue=D("2.5") * MILLION,
            cost_of_goods=D("1.375") * MILLION, cost_of_goods_fixed=D("0.3") * MILLION,
            cost_to_serve=D("0.2") * MILLION, cost_to_serve_variable=D("0.125") * MILLION,
        )  # fmt: skip


@pytest.fixture
def petra(make_person: Callable[..., User]) -> User:
    return make_person("finance_partner", display_name="Petra Finance")


@pytest.fixture
def joris(make_person: Callable[..., User], account: Account) -> User:
    return make_person("executive_sponsor", on=account, access="sponsor", display_name="Joris Chief")


def opened(account: Account, by: User, *, revenue: int = 10, answered: str | None = None) -> PriceRequest:
    cut = None if answered is None else D(answered)
    return open_price_request(
        account=account, asked_on=ASKED, asked_cut=D("0.04"), starts_on=date(2026, 7, 1), until=date(2030, 12, 31),
        client_spend=D(15) * MILLION, lines=[LineEntry("All lines", D(revenue) * MILLION, D("0.04"), cut)], by=by,
    )  # fmt: skip


def answer(request: PriceRequest, by: User) -> PriceRequest:
    fresh = PriceRequest.objects.get(pk=request.pk)
    return answer_price_request(
        account=fresh.account, request=fresh, revision=fresh.revision, answer_text="1 %, with conditions.", by=by
    )


def approve(request: PriceRequest, by: User, decision: str = "approved", reason: str = "") -> PriceApproval:
    fresh = PriceRequest.objects.get(pk=request.pk)
    return decide_approval(
        account=fresh.account, request=fresh, revision=fresh.revision, decision=decision, reason=reason, by=by
    )


def test_an_answer_is_due_ten_working_days_after_they_asked(account: Account, alice: User) -> None:
    made = opened(account, alice)
    assert made.answer_due == add_working_days(ASKED, 10) == date(2026, 5, 18)
    assert made.base_quarter == date(2026, 1, 1)


def test_a_request_needs_a_line_with_revenue_and_a_cut_below_the_whole_price(account: Account, alice: User) -> None:
    with pytest.raises(FieldErrors) as problem:
        open_price_request(
            account=account, asked_on=ASKED, asked_cut=D(4), starts_on=ASKED, until=ASKED - timedelta(1), lines=[],
            by=alice,
        )  # fmt: skip
    assert set(problem.value.errors) == {"asked_cut", "until", "lines"}


@pytest.mark.usefixtures("figures")
def test_the_room_names_the_margin_that_decides_and_shows_the_others_beside_it(account: Account, alice: User) -> None:
    room = room_of(opened(account, alice), alice)
    told = [(line.key, line.used, line.margin) for line in room.asked.margins]
    assert [(key, used) for key, used, _ in told] == [("variable", True), ("gross", False), ("contribution", False)]
    assert [round(one.value, 3) for _, _, one in told if isinstance(one, Computed)] == [D("0.4"), D("0.33"), D("0.25")]
    assert room.asked.cost == D(400_000)
    assert room.asked.to_the_end == Computed(D(1_800_000), (("a year", D(400_000)), ("years", D("4.5"))))
    assert room.asked.elsewhere == Computed(D(5_000_000), room.asked.elsewhere.inputs)  # type: ignore[union-attr]


def test_without_figures_the_room_says_why_and_guesses_nothing(account: Account, alice: User) -> None:
    used = room_of(opened(account, alice), alice).asked.used
    assert isinstance(used.margin, Missing)
    assert used.break_even == used.margin


@pytest.mark.usefixtures("figures")
def test_the_lead_and_finance_sign_together_up_to_fifty_thousand(account: Account, alice: User, petra: User) -> None:
    request = opened(account, alice, answered="0.005")
    with pytest.raises(ActionRefused, match="sign together"):
        answer(request, alice)
    approve(request, petra)
    assert answer(request, alice).state == "answered"


@pytest.mark.usefixtures("figures")
def test_more_takes_the_programme_lead_and_the_team_cannot_decide_it(
    account: Account, alice: User, petra: User, ingrid: User
) -> None:
    request = opened(account, alice, answered="0.02")
    with pytest.raises(ActionRefused, match="programme lead"):
        approve(request, petra)
    with pytest.raises(ActionRefused, match="programme lead"):
        answer(request, alice)
    approve(request, ingrid)
    assert answer(request, alice).closed_by == alice


@pytest.mark.usefixtures("figures")
def test_above_the_programme_leads_limit_it_takes_the_cfo(
    account: Account, alice: User, ingrid: User, joris: User
) -> None:
    request = opened(account, alice, answered="0.03")
    with pytest.raises(ActionRefused, match="CFO"):
        approve(request, ingrid)
    approve(request, joris)
    assert answer(request, alice).state == "answered"


@pytest.mark.usefixtures("figures")
def test_nobody_approves_their_own_answer(account: Account, ingrid: User) -> None:
    request = opened(account, ingrid, answered="0.02")
    approve(request, ingrid)
    with pytest.raises(ActionRefused) as problem:
        answer(request, ingrid)
    assert problem.value.code == "not_approved"


@pytest.mark.usefixtures("figures")
def test_an_answer_that_gives_more_than_was_approved_needs_a_new_approval(
    account: Account, alice: User, ingrid: User
) -> None:
    request = opened(account, alice, answered="0.01")
    approve(request, ingrid)
    change_price_request(
        account=account, request=request, revision=1, by=alice,
        lines=[LineEntry("All lines", D(10) * MILLION, D("0.04"), D("0.02"))],
    )  # fmt: skip
    with pytest.raises(ActionRefused):
        answer(request, alice)


@pytest.mark.usefixtures("figures")
def test_approving_a_text_that_changed_meanwhile_is_refused(account: Account, alice: User, ingrid: User) -> None:
    request = opened(account, alice, answered="0.01")
    change_price_request(account=account, request=request, revision=1, reason="New", by=alice)
    with pytest.raises(Stale):
        decide_approval(account=account, request=request, revision=1, decision="approved", by=ingrid)


@pytest.mark.usefixtures("figures")
def test_whoever_is_asked_hears_of_it_and_finds_it_in_my_day(
    account: Account, alice: User, ingrid: User, bob: User
) -> None:
    request = opened(account, alice, answered="0.02")
    with pytest.raises(FieldErrors):
        ask_approval(account=account, request=request, person=bob, by=alice)
    ask_approval(account=account, request=request, person=ingrid, by=alice)
    assert Notification.objects.get(user=ingrid).title == f"Approve a price answer: {account}"
    assert [item.button for item in price_items(ingrid, ASKED)] == ["Look at it"]
    with pytest.raises(FieldErrors, match="Say why"):
        approve(request, ingrid, "refused")
    approve(request, ingrid, "refused", "Ask for a term in return.")
    assert list(price_items(ingrid, ASKED)) == []
    assert Notification.objects.get(user=alice).text == "Ask for a term in return."


def test_my_day_names_a_client_who_waits_longer_than_ten_working_days(account: Account, alice: User, bob: User) -> None:
    request = opened(account, alice)
    assert list(price_items(alice, request.answer_due)) == []
    late = list(price_items(alice, request.answer_due + timedelta(1)))
    assert [(item.button, item.tone) for item in late] == [("Open the price room", "bad")]
    assert list(price_items(bob, request.answer_due + timedelta(1))) == []


@pytest.mark.usefixtures("figures")
def test_a_signed_answer_keeps_its_margins_when_figures_change_and_refuses_changes(
    account: Account, alice: User
) -> None:
    request = answer(opened(account, alice, answered="0"), alice)
    Figure.objects.filter(account=account).update(cost_of_goods=D(2) * MILLION)
    room = room_of(PriceRequest.objects.get(pk=request.pk), alice)
    assert room.basis.frozen
    assert room.asked.used.margin.value == D("0.4")  # type: ignore[union-attr]
    assert ("variable cost to serve", D(500_000)) in room.asked.used.margin.inputs  # type: ignore[union-attr]
    with pytest.raises(ActionRefused, match="answered"):
        change_price_request(account=account, request=request, revision=request.revision, reason="Later", by=alice)
    assert Job.objects.get().kind == "price-answer"


def test_a_withdrawn_request_says_how_we_know(account: Account, alice: User) -> None:
    request = opened(account, alice)
    with pytest.raises(FieldErrors):
        withdraw_price_request(account=account, request=request, revision=1, reason=" ", by=alice)
    closed = withdraw_price_request(account=account, request=request, revision=1, reason="Mail of today", by=alice)
    assert (closed.state, closed.closed_on) == ("withdrawn", timezone.localdate())


def test_give_and_get_never_gives_for_nothing(account: Account, alice: User) -> None:
    request = opened(account, alice)
    with pytest.raises(FieldErrors, match="nothing is given for nothing"):
        change_price_request(
            account=account, request=request, revision=1, give_gets=[GiveGetEntry("", "Training")], by=alice
        )


@pytest.mark.usefixtures("figures")
def test_precedents_of_accounts_whose_figures_one_may_not_see_are_only_counted(
    account: Account, alice: User, petra: User, make_account: Callable[..., Any]
) -> None:
    other = make_account("Secret Mills")
    answer(opened(other, petra, answered="0"), petra)
    mine = opened(account, alice)
    for_alice, for_petra = room_of(mine, alice), room_of(mine, petra)
    assert (for_alice.precedents, for_alice.hidden) == ((), 1)
    assert [one.request.account.name for one in for_petra.precedents] == ["Secret Mills"]
    assert for_petra.hidden == 0


def test_a_clause_to_an_account_one_may_not_see_stays_hidden_and_stays(
    account: Account, alice: User, petra: User, make_account: Callable[..., Any]
) -> None:
    other = make_account("Secret Mills")
    line = LineEntry("Seals", D(MILLION), D("0.04"), None, other, D(5) * MILLION)
    request = open_price_request(
        account=account, asked_on=ASKED, asked_cut=D("0.04"), starts_on=ASKED, lines=[line], by=petra
    )
    assert room_of(request, alice).clauses[0].where == "another account"
    assert room_of(request, petra).clauses[0].where == "Secret Mills"
    changed = change_price_request(
        account=account, request=request, revision=1, lines=[LineEntry("Seals", D(MILLION), D("0.03"))], by=alice
    )
    assert changed.lines.get().favoured_account == other


@pytest.mark.usefixtures("figures")
def test_without_an_exchange_rate_nobody_guesses_who_must_approve(
    make_account: Callable[..., Any], petra: User
) -> None:
    abroad = make_account("Abroad Mills", currency="GBP")
    request = opened(abroad, petra, answered="0.01")
    assert isinstance(room_of(request, petra).given, Missing)
    with pytest.raises(ActionRefused) as problem:
        answer(request, petra)
    assert problem.value.code == "no_rate"


def test_the_value_log_stands_in_the_room_once_there_is_one(
    account: Account, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = opened(account, alice)
    monkeypatch.setattr(value_delivered, "_sources", [])
    assert room_of(request, alice).delivered is None
    value_delivered.register(lambda account, user, today: value_delivered.ValueDelivered(D(241), D(158)))
    assert room_of(request, alice).delivered == value_delivered.ValueDelivered(D(241), D(158))


def test_price_requests_move_with_a_merged_account(
    account: Account, alice: User, petra: User, make_account: Callable[..., Any]
) -> None:
    into = make_account("Northgate Group")
    request = opened(account, alice)
    merge_accounts(account=account, into=into, by=petra)
    assert PriceRequest.objects.get(pk=request.pk).account == into


@pytest.mark.parametrize(
    ("asked_on", "until"), [(date(1, 1, 1), date(2030, 1, 1)), (ASKED, date.max)], ids=["first year", "last day"]
)
def test_a_day_that_no_price_has_is_a_typing_mistake(
    account: Account, alice: User, asked_on: date, until: date
) -> None:
    with pytest.raises(FieldErrors, match="2000 to 2100"):
        open_price_request(
            account=account, asked_on=asked_on, asked_cut=D("0.04"), starts_on=ASKED, until=until,
            lines=[LineEntry("All lines", D(MILLION), D("0.04"))], by=alice,
        )  # fmt: skip


def test_lines_beyond_any_amount_are_refused_with_words(account: Account, alice: User) -> None:
    lines = [LineEntry(f"Line {at}", D("9e13"), D("0.04"), D("0.9")) for at in range(3)]
    request = open_price_request(
        account=account, asked_on=ASKED, asked_cut=D("0.04"), starts_on=ASKED, lines=lines, by=alice
    )
    with pytest.raises(ActionRefused, match="more than any price"):
        answer(request, alice)
