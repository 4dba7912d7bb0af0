"""The price-request room: the sums of what was asked and of our answer, precedents, and who must approve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet
from django.utils import timezone

from accounts.domain import price_request as domain
from accounts.domain.price_request import Cut, Level
from accounts.models import Account, GiveGet, PriceApproval, PriceRequest, PriceRequestLine
from accounts.queries.price_basis import Basis, basis_of, given_of
from accounts.queries.value_delivered import ValueDelivered, value_delivered
from sam.core.authorization.permissions import Permission
from sam.core.models import User
from sam.values.results import Computed, Missing, Result
from sam.values.workdays import working_days_between

OWN_SHOWN, PRECEDENTS_SHOWN = 5, 10


@dataclass(frozen=True, slots=True)
class MarginLine:
    """One of the three margins with what it says about the cut. `used`: the one that decides."""

    key: str
    name: str
    used: bool
    margin: Result
    after: Result
    break_even: Result
    needed: Result


@dataclass(frozen=True, slots=True)
class Sums:
    """A cut over all lines in money. Amounts a year in the request's currency."""

    cuts: tuple[Cut, ...]
    cut: Decimal
    cost: Decimal
    to_the_end: Result
    margins: tuple[MarginLine, ...]
    elsewhere: Result
    wallet: tuple[str, str]
    at_risk: Decimal
    loss: Result
    chance: Result
    favoured: Decimal

    @property
    def used(self) -> MarginLine:
        return self.margins[0]

    @property
    def revenue(self) -> Decimal:
        return domain.revenue_of(self.cuts)

    @property
    def effect(self) -> Decimal:
        """On contribution a year; below zero where it costs us."""
        return -self.cost


@dataclass(frozen=True, slots=True)
class Clause:
    """A line whose cut is owed to another account too. `where`: its name, or that it may not be seen."""

    line: str
    where: str
    cost: Result


@dataclass(frozen=True, slots=True)
class Precedent:
    """An earlier request: what was asked and what was given, for how many years."""

    request: PriceRequest
    asked: Decimal
    given: Decimal | None
    years: Decimal | None

    @property
    def term(self) -> str:
        """ "for 2 years", or nothing where no end was agreed."""
        if not self.years:
            return ""
        years = f"{round(self.years, 1):f}".removesuffix(".0")
        return f"for {years} year{'' if years == '1' else 's'}"


@dataclass(frozen=True, slots=True)
class Room:
    """Everything the page of one request tells."""

    request: PriceRequest
    basis: Basis
    lines: tuple[PriceRequestLine, ...]
    give_gets: tuple[GiveGet, ...]
    asked: Sums
    answer: Sums | None
    net: Decimal | None
    unvalued: int
    given: Result
    level: Level | None
    approvals: tuple[PriceApproval, ...]
    clauses: tuple[Clause, ...]
    own: tuple[Precedent, ...]
    precedents: tuple[Precedent, ...]
    hidden: int
    delivered: ValueDelivered | None
    answered_in: int | None
    late: bool

    @property
    def delivered_share(self) -> Decimal | None:
        """Value agreed over what they spend with us in twelve months."""
        if self.delivered is None or not self.basis.revenue or self.basis.revenue <= 0:
            return None
        return self.delivered.agreed / self.basis.revenue


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Other inputs for the sums: a cut for all lines, a change of unit cost, another share at risk; fractions."""

    cut: Decimal | None = None
    cost: Decimal = Decimal(0)
    at_risk: Decimal | None = None


def requests_of(account: Account) -> QuerySet[PriceRequest]:
    return account.price_requests.select_related("asked_by", "closed_by").prefetch_related("lines", "give_gets")


def sums_of(
    request: PriceRequest, basis: Basis, cuts: Sequence[Cut], *, cost_change: Decimal = Decimal(0),
    at_risk: Decimal | None = None,
) -> Sums:  # fmt: skip
    """All figures of a cut; ``cost_change`` and ``at_risk`` are fractions."""
    risk = request.volume_at_risk if at_risk is None else at_risk
    cut, cost, revenue = domain.average_cut(cuts), domain.cost_of(cuts), domain.revenue_of(cuts)
    margins = tuple(_margin(key, basis.margins[key], cut, revenue, cost_change) for key in domain.MARGIN_NAMES)
    elsewhere = domain.spend_elsewhere(request.client_spend, basis.revenue if basis.revenue is not None else revenue)
    loss = domain.loss_at_risk(revenue, risk, margins[0].margin)
    return Sums(
        cuts=tuple(cuts),
        cut=cut,
        cost=cost,
        to_the_end=domain.to_the_end(cost, request.starts_on, request.until),
        margins=margins,
        elsewhere=elsewhere,
        wallet=domain.wallet_words(margins[0].needed, elsewhere, request.spend_free),
        at_risk=risk,
        loss=loss,
        chance=domain.loss_chance(cost, loss),
        favoured=domain.favoured_cost(cuts),
    )


def _margin(key: str, margin: Result, cut: Decimal, revenue: Decimal, cost_change: Decimal) -> MarginLine:
    change: Result = margin
    if isinstance(margin, Computed):
        change = domain.break_even_volume_change(-cut, margin.value, cost_change)
    return MarginLine(
        key=key,
        name=domain.MARGIN_NAMES[key],
        used=key == domain.USED,
        margin=margin,
        after=domain.margin_after(margin, cut + cost_change) if not cost_change else _after(margin, cut, cost_change),
        break_even=change,
        needed=domain.volume_needed(revenue, change),
    )


def _after(margin: Result, cut: Decimal, cost_change: Decimal) -> Result:
    """The margin afterwards where the unit cost changes with the price."""
    if isinstance(margin, Missing):
        return margin
    return domain.margin_after(Computed(margin.value - cost_change, margin.inputs), cut)


def asked_cuts(lines: Sequence[PriceRequestLine]) -> list[Cut]:
    return [Cut(line.name, line.revenue, line.asked_cut, line.favoured_revenue) for line in lines]


def answered_cuts(lines: Sequence[PriceRequestLine]) -> list[Cut]:
    return [Cut(line.name, line.revenue, line.answered_cut or Decimal(0), line.favoured_revenue) for line in lines]


def what_if(request: PriceRequest, basis: Basis, inputs: WhatIf) -> Sums:
    """The sums with other inputs, over the request's lines; nothing is stored."""
    lines = list(request.lines.all())
    cuts = asked_cuts(lines)
    if inputs.cut is not None:
        cuts = [Cut(one.name, one.revenue, inputs.cut, one.favoured) for one in cuts]
    return sums_of(request, basis, cuts, cost_change=inputs.cost, at_risk=inputs.at_risk)


def room_of(request: PriceRequest, user: User, today: date | None = None) -> Room:
    """The whole room as `user` may see it; the number of queries does not grow with what there is."""
    day = today or timezone.localdate()
    basis = basis_of(request)
    lines, give_gets = tuple(request.lines.all()), tuple(request.give_gets.all())
    has_answer = any(line.answered_cut is not None for line in lines) or bool(give_gets)
    answer = sums_of(request, basis, answered_cuts(lines)) if has_answer else None
    given = given_of(request, basis)
    values = [row.value for row in give_gets if row.value is not None]
    precedents, hidden = precedents_for(request, user)
    end = request.first_answer_on or request.closed_on
    return Room(
        request=request,
        basis=basis,
        lines=lines,
        give_gets=give_gets,
        asked=sums_of(request, basis, asked_cuts(lines)),
        answer=answer,
        net=domain.net_effect(answer.cost, values) if answer else None,
        unvalued=len(give_gets) - len(values),
        given=given,
        level=domain.level_for(given.value) if isinstance(given, Computed) else None,
        approvals=tuple(request.approvals.select_related("person", "asked_by")),
        clauses=_clauses(request, lines, user),
        own=tuple(_precedent(one) for one in _earlier(request)),
        precedents=precedents,
        hidden=hidden,
        delivered=value_delivered(request.account, user, day),
        answered_in=working_days_between(request.asked_on, end) if end else None,
        late=end is None and day > request.answer_due,
    )


def _clauses(request: PriceRequest, lines: Sequence[PriceRequestLine], user: User) -> tuple[Clause, ...]:
    named = {line.favoured_account_id for line in lines if line.favoured_account_id}
    if not named and all(line.favoured_revenue is None for line in lines):
        return ()
    seen = dict(
        Account.objects.visible_to(user, Permission.FIGURES_VIEW).filter(pk__in=named).values_list("pk", "name")
    )
    return tuple(
        Clause(line.name, seen.get(line.favoured_account_id or 0, "another account"), _carried(line, seen))
        for line in lines
        if line.favoured_account_id or line.favoured_revenue is not None
    )


def _carried(line: PriceRequestLine, seen: dict[int, str]) -> Result:
    if line.favoured_account_id and line.favoured_account_id not in seen:
        return Missing("you may not see the figures of that account")
    if line.favoured_revenue is None:
        return Missing("the revenue there is not entered")
    return Computed(line.favoured_revenue * line.asked_cut)


# --- precedents ---------------------------------------------------------------------------------------------------


def _earlier(request: PriceRequest) -> QuerySet[PriceRequest]:
    """The last requests of this client."""
    found = requests_of(request.account).exclude(pk=request.pk).filter(asked_on__lte=request.asked_on)
    return found[:OWN_SHOWN]


def precedents_for(request: PriceRequest, user: User) -> tuple[tuple[Precedent, ...], int]:
    """Answered requests of other accounts whose figures `user` may see, newest first, and how many others there are.

    Nothing about the others leaves this function, not even which accounts they are.
    """
    others = PriceRequest.objects.filter(state=PriceRequest.State.ANSWERED).exclude(account=request.account_id)
    seen = others.filter(account__in=Account.objects.visible_to(user, Permission.FIGURES_VIEW))
    shown = seen.select_related("account").prefetch_related("lines")[:PRECEDENTS_SHOWN]
    return tuple(_precedent(one) for one in shown), others.count() - seen.count()


def _precedent(request: PriceRequest) -> Precedent:
    lines = list(request.lines.all())
    answered = request.state == PriceRequest.State.ANSWERED
    return Precedent(
        request=request,
        asked=request.asked_cut,
        given=domain.average_cut(answered_cuts(lines)) if answered else None,
        years=domain.years_between(request.starts_on, request.until) if request.until else None,
    )


# --- my day -------------------------------------------------------------------------------------------------------


def unanswered(accounts: QuerySet[Account], today: date) -> QuerySet[PriceRequest]:
    """Open requests whose client has heard nothing in the agreed working days."""
    found = PriceRequest.objects.waiting().filter(account__in=accounts, answer_due__lt=today)
    return found.select_related("account").order_by("answer_due")
