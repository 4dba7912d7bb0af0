"""Two price requests: Varonne's of last year as a precedent, and Oremund's with counter, approval and answer."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from accounts.actions.price_approvals import ask_approval, decide_approval
from accounts.actions.price_checks import GiveGetEntry, LineEntry
from accounts.actions.price_requests import (
    answer_price_request,
    change_price_request,
    note_first_answer,
    open_price_request,
)
from accounts.demo.accounts import Accounts
from accounts.demo.people import People
from accounts.models import Account, Contact, FigureSplit, PriceRequest
from sam.core.actions.messages import mark_read
from sam.core.models import User
from sam.values.periods import last_closed_quarter
from sam.values.workdays import add_working_days

MILLION = Decimal(1_000_000)
ASKED_AGO, ANSWERED_AGO = 203, 122
"""Days before today on which Oremund asked, and on which the answer was signed."""
OFFERS = ("Pumps", "Valves", "Seals", "Service", "Pulse")
PUMPS_CUT = Decimal("0.015")


def build_price_requests(accounts: Accounts, people: People, today: date) -> None:
    _varonne(accounts["Varonne"], people, today)
    _oremund(accounts["Oremund"], accounts["Skoggrim"], people, today)
    for name in ("Ingrid Vossberg", "Joris Vandamme", "Nadia Ferrant", "Petra Lohse"):
        # What the bell said then was read long ago.
        mark_read(user=people[name])


def _oremund(account: Account, skoggrim: Account, people: People, today: date) -> None:
    """Base: the twelve months up to the second quarter before the last closed one, as when they asked in May."""
    nadia, joris = people["Nadia Ferrant"], people["Joris Vandamme"]
    asked_on = today - timedelta(days=ASKED_AGO)
    last = last_closed_quarter(today)
    base, starts_on = last.shift(-2), last.start
    revenue = {name: _revenue(account, name, base.shift(-3).start, base.end) for name in OFFERS}
    asked = {"asked_cut": Decimal("0.04")}
    lines = [
        LineEntry(name, revenue[name], **asked, favoured_account=skoggrim if name == "Seals" else None)
        for name in OFFERS
    ]
    made = open_price_request(
        account=account,
        asked_on=asked_on,
        asked_cut=Decimal("0.04"),
        asked_by=Contact.objects.get(account=account, full_name="Dr. Florian Brandeis"),
        reason="Savings list of group purchasing: every supplier above 10 M€ is asked for 4 %.",
        starts_on=starts_on,
        until=last.shift(17).end,
        base_quarter=base.start,
        client_spend=Decimal("66.5") * MILLION,
        spend_free=9 * MILLION,
        spend_free_by=date(today.year + 1, 12, 31),
        target_cut=Decimal("0.005"),
        walk_away_cut=Decimal("0.020"),
        plan_note="Value first, then the frame to 2030. Keep seals out: a best-price clause would carry them on.",
        lines=lines,
        by=nadia,
    )
    first = add_working_days(asked_on, 9)
    made = note_first_answer(account=account, request=made, revision=made.revision, on=first, by=nadia)
    made = change_price_request(
        account=account,
        request=made,
        revision=made.revision,
        lines=[
            LineEntry(one.name, one.revenue, one.asked_cut, PUMPS_CUT if one.name == "Pumps" else Decimal(0),
                      one.favoured_account)
            for one in lines
        ],
        give_gets=_pairs(sum(revenue.values(), Decimal(0))),
        by=nadia,
    )  # fmt: skip
    signed = today - timedelta(days=ANSWERED_AGO)
    ask_approval(account=account, request=made, person=joris, on=signed - timedelta(days=3), by=nadia)
    decide_approval(account=account, request=made, revision=made.revision, decision="approved", on=signed,
                    reason="Only with the frame and the shorter payment term.", by=joris)  # fmt: skip
    _answer(
        made, nadia, signed,
        "1.5 % on pumps from July, in a frame to the end of 2030: payment in 45 days, Pulse at two more sites, and "
        "orders bundled. Seals, valves and service stay as they are.",
    )  # fmt: skip


def _pairs(revenue: Decimal) -> list[GiveGetEntry]:
    """What was agreed for the lower price of pumps, with how each value came about."""
    payment = round(revenue * 15 / 365 * Decimal("0.07"), 2)
    return [
        GiveGetEntry("Frame agreement to the end of 2030", "Lower price of pumps"),
        GiveGetEntry("Payment in 45 instead of 60 days", "", payment,
                     "15 days of revenue at 7 % a year"),
        GiveGetEntry("Pulse at two more sites", "", Decimal(468_000),
                     "0.9 M€ of revenue at the margin of Pulse"),
        GiveGetEntry("400 fewer small orders", "", Decimal(33_600),
                     "400 orders with their lines, 84 € each"),
    ]  # fmt: skip


def _revenue(account: Account, offer: str, first: date, last: date) -> Decimal:
    rows = FigureSplit.objects.filter(
        account=account, dimension="offer", name=offer, period_start__gte=first, period_start__lte=last
    )
    return sum((row.revenue for row in rows if row.revenue is not None), Decimal(0))


def _varonne(account: Account, people: People, today: date) -> None:
    """Asked 3 %, got 1 % for two years."""
    ingrid, petra = people["Ingrid Vossberg"], people["Petra Lohse"]
    asked_on = date(today.year - 1, 3, 3)
    line = LineEntry("All lines", Decimal("7.0") * MILLION, Decimal("0.03"))
    made = open_price_request(
        account=account, asked_on=asked_on, asked_cut=Decimal("0.03"), asked_by_words="Head of purchasing",
        starts_on=date(today.year - 1, 7, 1), until=date(today.year + 1, 6, 30), lines=[line], by=petra,
        give_gets=[GiveGetEntry("Order forecast every month", "Lower price for two years")],
    )  # fmt: skip
    answered = LineEntry(line.name, line.revenue, line.asked_cut, Decimal("0.01"))
    made = change_price_request(account=account, request=made, revision=made.revision, lines=[answered], by=petra)
    signed = add_working_days(asked_on, 8)
    ask_approval(account=account, request=made, person=ingrid, on=signed, by=petra)
    decide_approval(account=account, request=made, revision=made.revision, decision="approved", on=signed, by=ingrid)
    _answer(made, petra, signed, "1 % for two years, with a monthly forecast in return.")


def _answer(made: PriceRequest, by: User, on: date, words: str) -> None:
    fresh = PriceRequest.objects.get(pk=made.pk)
    answer_price_request(account=fresh.account, request=fresh, revision=fresh.revision, answer_text=words, on=on, by=by)
