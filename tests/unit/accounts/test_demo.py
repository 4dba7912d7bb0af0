"""The demo company tells the story's numbers."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from accounts.demo import build
from accounts.demo.figures import _told
from accounts.models import Account, Contact, Figure, Opinion, PriceRequest, SponsorTerm, TeamSeat, Touchpoint
from accounts.queries.account_pnl import account_pnl
from accounts.queries.contacts import people_of, with_last_touch
from accounts.queries.finance import finance_view
from accounts.queries.finance_gaps import gaps_of
from accounts.queries.pnl import days_sales_outstanding_of, pnl_of, price_realisation_of
from accounts.queries.portfolio import current_window, figures_of
from accounts.queries.price_requests import room_of
from accounts.queries.targets import account_goals, current_year, goals_of
from accounts.queries.team import sponsorships, team_of
from accounts.registry import sponsor_items
from sam.core.models import User
from sam.values.periods import Quarter, last_closed_quarter, trailing_quarters
from sam.values.results import Missing, value_of
from tests.domain.story import PROGRAMME, year_in_euros

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("demo of the accounts")]
Q3 = Quarter(2026, 3)


@pytest.fixture(scope="module")
def today(django_db_setup, django_db_blocker):
    """Built once for all tests here: each of them is a savepoint inside this transaction."""
    day = timezone.localdate()
    with django_db_blocker.unblock(), transaction.atomic():
        build(day)
        yield day
        transaction.set_rollback(True)


def test_portfolio_adds_up_to_the_story(today):
    window = current_window(today)
    found = figures_of(Account.objects.values_list("pk", flat=True), window)
    known = [one for one in found.values() if not isinstance(one.revenue, Missing)]
    revenue = sum(value_of(one.revenue) for one in known)
    contribution = sum(value_of(one.contribution) for one in known)
    before = sum(value_of(one.revenue) / (1 + value_of(one.growth)) for one in known)
    assert (Account.objects.count(), len(known)) == (38, 37)
    assert round(revenue / 1_000_000, 1) == Decimal("241.6")
    assert round(before / 1_000_000, 1) == Decimal("238.5")
    assert round(contribution / 1_000_000, 2) == Decimal("35.77")
    assert round(contribution / revenue * 100, 1) == Decimal("14.8")
    assert [one.unconverted for one in found.values() if one.unconverted] == ["HUF"]


@pytest.mark.parametrize(
    ("name", "against_plan", "share"),
    [("Oremund", "-3.2", 63), ("Skoggrim", "-12.8", 53), ("Montevarra", "2.4", 69), ("Lindqvara", "6.7", 40)],
)
def test_programme_accounts_tell_plan_and_share_of_wallet(today, name, against_plan, share):
    account = Account.objects.get(name__startswith=name)
    found = figures_of([account.pk], current_window(today))[account.pk]
    revenue, contribution = year_in_euros(name)
    assert round(value_of(found.revenue) / 1_000_000, 2) == round(revenue, 2)
    assert round(value_of(found.contribution) / 1_000_000, 2) == round(contribution, 2)
    assert round(value_of(found.share_of_wallet) * 100) == share
    assert round(value_of(found.against_plan) * 100, 1) == Decimal(against_plan)


@pytest.mark.parametrize("name", list(PROGRAMME))
def test_every_quarter_has_lines_that_add_up_and_the_told_cost_from_activities(today, name):
    account = Account.objects.get(name__startswith=name)
    costs = [amount * 1_000_000 for amount in PROGRAMME[name][3]]
    rows = list(account.figures.filter(kind="actual").order_by("period_start"))
    assert [row.cost_to_serve for row in rows] == costs
    assert {row.cost_to_serve_basis for row in rows} == {"drivers"}
    pnl = account_pnl(account, last_closed_quarter(today))
    assert pnl.quarter.adds_up
    assert pnl.quarter.difference.value == 0
    assert pnl.year.waterfall.bars[0].key == "list_revenue"
    assert not pnl.year.waterfall.missing
    assert not [metric.name for metric in pnl.metrics if isinstance(metric.result, Missing)]


def test_dunmarsh_spends_61_percent_of_serving_on_express_and_returns(today):
    pnl = account_pnl(Account.objects.get(name__startswith="Dunmarsh"), last_closed_quarter(today))
    drivers = pnl.year.lines.drivers
    share = (drivers["express_delivery"] + drivers["return"]) / pnl.year.lines.cost_to_serve
    assert round(share * 100) == 61
    assert {bar.key for bar in pnl.year.waterfall.bars} >= {"express_delivery", "return"}


def test_days_to_pay_are_as_told(today):
    pnl = account_pnl(Account.objects.get(name__startswith="Oremund"), last_closed_quarter(today))
    days = next(metric for metric in pnl.metrics if metric.key == "days_sales_outstanding")
    assert [round(value_of(one)) for one in days.trend] == [61, 60, 62, 61, 63, 62, 64, 58]
    assert round(value_of(days.result)) == 62


def test_the_mix_of_oremund_is_as_told(today):
    account, last = Account.objects.get(name__startswith="Oremund"), last_closed_quarter(today)
    now = account_pnl(account, last).mix
    assert [(share.name, share.revenue / 1_000_000) for share in now["unit"].shares] == [
        ("Base, Rheinau", Decimal("18.4")),
        ("Specialties, Elster", Decimal("12.1")),
        ("Coatings, Lodz", Decimal("7.6")),
        ("Terminal, Gent", Decimal("3.6")),
    ]
    assert now["unit"].unexplained == now["offer"].unexplained == 0
    rows = account.figure_splits.filter(
        dimension="offer", period_start__gte=last.shift(-5).start, period_start__lte=last.shift(-2).start
    )
    sums = rows.values("name").annotate(sum=Sum("revenue")).order_by("-sum")
    assert [(row["name"], row["sum"] / 1_000_000) for row in sums] == [
        ("Pumps", Decimal("17.9")),
        ("Valves", Decimal("9.8")),
        ("Seals", Decimal("8.6")),
        ("Service", Decimal("4.3")),
        ("Pulse", Decimal("0.8")),
    ]


def test_measures_of_all_accounts_agree_with_the_account_pages(today):
    window = current_window(today)
    ids = list(Account.objects.values_list("pk", flat=True))
    prices, days = price_realisation_of(ids, window), days_sales_outstanding_of(ids, window)
    assert set(prices) == set(days) == set(ids)
    oremund = Account.objects.get(name__startswith="Oremund")
    metrics = {metric.key: metric.result for metric in account_pnl(oremund, window.last).metrics}
    assert prices[oremund.pk].value == metrics["price_realisation"].value
    assert days[oremund.pk].value == metrics["days_sales_outstanding"].value
    brastholm = Account.objects.get(name__startswith="Brastholm")
    assert prices[brastholm.pk] == Missing("list revenue is unknown")
    tiszamark = Account.objects.get(name__startswith="Tiszamark")
    assert prices[tiszamark.pk] == Missing("no rate for HUF")
    pnl = pnl_of([oremund.pk], window)[oremund.pk]
    assert pnl.now.contribution.value == metrics["contribution"].value


def test_people_stand_in_their_roles_and_sponsors_in_their_pairs(today):
    assert User.objects.filter(is_demo=True).count() == 19
    assert not User.objects.get(display_name="Anton Reiser").is_active
    skoggrim = Account.objects.get(name__startswith="Skoggrim")
    assert [gap.role for gap in team_of(skoggrim).missing] == ["finance_lead"]
    term = skoggrim.sponsor_terms.select_related("peer").get()
    assert (term.peer.status, sponsorships([term], today)[0].beat.overdue_days) == ("left", 61 - 45)
    helene = User.objects.get(display_name="Helene Straub")
    assert helene.sponsor_terms.open().count() == 6
    titles = [item.title for item in sponsor_items(helene, today)]
    assert "Call Dr. Ute Brenner, Havelgrund Wärme GmbH" in titles
    assert "Find your pair at Skoggrim Paper ASA" in titles


def test_contacts_were_touched_as_long_ago_as_told(today):
    oremund = Account.objects.get(name__startswith="Oremund")
    contacts = with_last_touch(oremund.contacts.all(), today)
    since = {
        one.contact.full_name: (today - one.last_touch).days
        for one in people_of(oremund, contacts, today, opinions=True)
        if one.last_touch
    }
    assert since["Silke Marquard"] == 12
    assert since["Pavel Novotny"] == 118
    assert since["Dr. Karin Osthoff"] == 38
    assert Opinion.objects.filter(expires_on__lte=today).count() == 0


def test_second_build_changes_nothing(today):
    models = (Account, Contact, Figure, Opinion, SponsorTerm, TeamSeat, Touchpoint, User)
    before = [model.objects.count() for model in models]
    build(today + timedelta(days=1))
    assert [model.objects.count() for model in models] == before


def test_figures_move_by_whole_quarters_with_the_day():
    told = [row.period_start for row in _told("Oremund", {"Oremund": Account(pk=1)}, trailing_quarters(Q3, 8))]
    assert (told[0], told[7], told[-1]) == (date(2024, 10, 1), date(2026, 7, 1), date(2026, 10, 1))


def test_the_price_request_at_oremund_tells_the_storys_figures(today):
    request = PriceRequest.objects.get(account__name__startswith="Oremund")
    room = room_of(request, User.objects.get(email="ingrid.vossberg@example.com"), today)
    asked = room.asked
    millions = [round(line.revenue / 1_000_000, 2) for line in room.lines]
    assert millions == [Decimal("17.9"), Decimal("9.8"), Decimal("8.6"), Decimal("4.3"), Decimal("0.8")]
    assert (asked.revenue, asked.cost) == (Decimal(41_400_000), Decimal(1_656_000))
    assert round(value_of(asked.to_the_end) / 1_000_000, 2) == Decimal("7.45")
    margins = [
        (round(value_of(one.margin) * 100, 1), round(value_of(one.break_even) * 100, 1)) for one in asked.margins
    ]
    assert margins == [
        (Decimal("40.0"), Decimal("11.1")),
        (Decimal("32.8"), Decimal("13.9")),
        (Decimal("24.8"), Decimal("19.2")),
    ]
    assert round(value_of(asked.used.needed) / 1_000_000, 1) == Decimal("4.6")
    assert (round(value_of(asked.elsewhere) / 1_000_000, 1), asked.wallet[0]) == (Decimal("25.1"), "good")
    assert round(value_of(asked.loss) / 1_000_000, 2) == Decimal("4.97")
    assert round(value_of(asked.chance) * 100) == 33
    assert round(value_of(room.given) / 1000) in (268, 269)
    assert (room.level.key, round(room.net / 1_000_000, 3)) == ("cfo", Decimal("0.352"))
    assert [(row.person.display_name, row.decision) for row in room.approvals] == [("Joris Vandamme", "approved")]
    assert (request.state, room.answered_in) == ("answered", 9)
    assert (today - request.closed_on).days == 122


def test_varonne_is_a_precedent_for_those_who_may_see_it(today):
    request = PriceRequest.objects.get(account__name__startswith="Oremund")
    ingrid, nadia = (User.objects.get(email=f"{name}@example.com") for name in ("ingrid.vossberg", "nadia.ferrant"))
    found = room_of(request, ingrid, today).precedents[0]
    assert (found.asked, found.given, found.years) == (Decimal("0.03"), Decimal("0.01"), 2)
    assert found.request.account.name.startswith("Varonne")
    hidden = room_of(request, nadia, today)
    assert (hidden.precedents, hidden.hidden) == ((), 1)
    assert hidden.clauses[0].where == "another account"


def test_targets_and_forecasts_are_those_of_the_story_with_two_early_warnings(today):
    found = goals_of(Account.objects.all(), current_year(today), "revenue", today)
    told = {
        goal.account.name.split()[0]: tuple(
            round(amount / 1_000_000, 1)
            for amount in (
                goal.standing.target,
                value_of(goal.standing.to_date),
                goal.standing.forecast,
                value_of(goal.standing.gap),
            )
        )
        for goal in found.goals
    }
    story = {
        "Oremund": "43.8 31.1 41.5 -2.3",
        "Skoggrim": "32.3 20.9 27.1 -5.2",
        "Montevarra": "21.5 16.3 22.0 0.5",
        "Dunmarsh": "33.4 25.1 33.8 0.4",
        "Havelgrund": "12.0 9.2 12.2 0.2",
        "Merrowick": "11.3 6.6 8.3 -3.0",
        "Quillaraya": "8.4 7.0 9.8 1.4",
        "Lindqvara": "74.5 58.8 79.7 5.2",
    }
    assert told == {name: tuple(Decimal(word) for word in words.split()) for name, words in story.items()}
    assert {goal.account.name.split()[0] for goal in found.warned} == {"Skoggrim", "Merrowick"}
    assert {goal.forecast.basis for goal in found.goals} == {"lead"}


def test_skoggrims_first_target_is_kept_with_the_reason_of_the_change(today):
    year = current_year(today)
    skoggrim = account_goals(Account.objects.get(name__startswith="Skoggrim"), year, today)
    (old,) = skoggrim.earlier_targets
    assert (old.amount, old.superseded_on) == (34_000_000, date(year, 4, 15))
    assert skoggrim.goals[0].target.reason == "machine 4 stopped"
    contribution = {
        goal.account.name.split()[0]: goal.standing.target
        for goal in goals_of(Account.objects.all(), year, "contribution", today).goals
    }
    assert contribution["Oremund"] == Decimal("0.24") * 43_800_000
    assert contribution["Havelgrund"] == Decimal("0.18") * 12_000_000


def test_eight_accounts_lie_beyond_the_peak_and_express_deliveries_eat_dunmarshs_margin(today):
    petra = User.objects.get(email="petra.lohse@example.com")
    found = finance_view(petra, Account.objects.live(), current_window(today))
    assert len(found.beyond) == found.whale.below_zero == 8
    assert found.left_out == (("no rate for HUF", 1),)
    worst = found.rows[0]
    assert worst.name == "Dunmarsh Water plc"
    assert "express deliveries" in [line.label for line in worst.eats]
    assert sum(row.lines.revenue for row in found.known) == found.revenue


def test_the_work_list_asks_for_the_forint_and_for_no_figures(today):
    gaps = gaps_of(Account.objects.live(), last_closed_quarter(today))
    assert [(gap.name, len(gap.quarters)) for gap in gaps.rates] == [("HUF", 8)]
    assert gaps.figures == gaps.goods == gaps.serve == gaps.lines == ()
