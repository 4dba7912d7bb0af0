"""Whom the portfolio's pages show to whom, and figures of many accounts at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import isnan

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from accounts.models import Account
from accounts.models.account import AccountQuerySet
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.models import Organisation, User
from sam.values.periods import Quarter
from scoring.domain.measures import Figures, measure_of
from scoring.queries.measures import EXPRESSIONS, OVERLAPS, assembled, latest_quarter, statement, window_of

Values = Mapping[int, Mapping[str, float]]


def sees_all(user: User) -> bool:
    """Scores and figures of every account."""
    return can(user, Permission.SCORE_VIEW) and (
        can(user, Permission.PORTFOLIO_FIGURES) or can(user, Permission.FIGURES_VIEW)
    )


def seen_accounts(user: User) -> AccountQuerySet:
    """Live accounts whose scores the person sees, and whose figures: of the whole portfolio by role, or by seat."""
    accounts = Account.objects.live().visible_to(user, Permission.SCORE_VIEW)
    if can(user, Permission.PORTFOLIO_FIGURES):
        return accounts
    return accounts.filter(pk__in=Account.objects.visible_to(user, Permission.FIGURES_VIEW).values("pk"))


def programme(user: User) -> AccountQuerySet:
    """Those of them that are in the programme."""
    return seen_accounts(user).filter(~Q(tier=Account.Tier.NONE))


@dataclass(frozen=True, slots=True)
class Measured:
    """Values by account and measure, unknown ones absent; twelve months to `last`, amounts in `currency`."""

    values: Values
    last: Quarter
    currency: str

    def of(self, account_id: int, measure: str) -> float | None:
        return self.values.get(account_id, {}).get(measure)


def measured(measures: Collection[str], accounts: Sequence[int] | None = None) -> Measured:
    """The measures of some accounts, or of all live ones: one statement for the figures, one per other measure.

    A margin against the average is not asked for here: it belongs to the last recompute.
    """
    today = timezone.localdate()
    currency = Organisation.objects.current().reporting_currency
    window = window_of(latest_quarter(today), currency)
    found: dict[int, dict[str, float]] = {}
    stated = [measure for measure in dict.fromkeys(measures) if measure in EXPRESSIONS]
    with connection.cursor() as cursor:
        if stated:
            built = statement(stated, window, accounts)
            cursor.execute(built.sql, built.params)
            rows = cursor.fetchall()
            twice = [row[0] for row in rows if row[2] & OVERLAPS]
            whole = assembled(twice, stated, window) if twice else {}
            for row in rows:
                values = whole.get(row[0], row[3:])
                found[row[0]] = {name: value for name, value in zip(stated, values, strict=True) if not isnan(value)}
        for key in dict.fromkeys(measures):
            read = measure_of(key).read
            if read is None:
                continue
            sql, params = read(today, accounts)
            cursor.execute(sql, params)
            for account_id, value in cursor.fetchall():
                found.setdefault(account_id, {})[key] = value
    return Measured(found, window.last, currency)


COMPARABLE = tuple(figure.value for figure in Figures if figure is not Figures.MARGIN_GAP)
"""Measures from figures that every account can be compared by."""
