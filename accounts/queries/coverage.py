"""How much of the client's key people we are in touch with: for all accounts by one statement, or for some."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import connection

from accounts.domain.team import CONTACT_BEATS
from accounts.models import Contact
from accounts.queries.contacts import KEY_LEVELS

KEY_INFLUENCE = 4
OUTSIDE_THE_PROGRAMME = CONTACT_BEATS["key"]
"""Days for an account without a tier: a candidate is measured by the rhythm of the first tier it could get."""

# An opinion counts until it expires, the newest of a person first, as on the list of people.
_COVERAGE = """
    SELECT a.id::int8 AS account_id,
           (count(*) FILTER (WHERE t.last_touch > %s::date - b.days))::float8 / count(*) AS covered
    FROM accounts_account a
    JOIN accounts_contact c ON c.account_id = a.id AND c.status = 'active'
    LEFT JOIN unnest(%s::text[], %s::int[]) AS beat(tier, days) ON beat.tier = a.tier
    CROSS JOIN LATERAL (SELECT coalesce(beat.days, %s) AS days) b
    LEFT JOIN LATERAL (
        SELECT max(touched.date) AS last_touch
        FROM accounts_touchpointcontact link JOIN accounts_touchpoint touched ON touched.id = link.touchpoint_id
        WHERE link.contact_id = c.id AND touched.date <= %s
    ) t ON true
    LEFT JOIN LATERAL (
        SELECT o.value FROM accounts_opinion o
        WHERE o.contact_id = c.id AND o.kind = 'influence' AND o.recorded_on <= %s AND o.expires_on > %s
        ORDER BY o.recorded_on DESC, o.id DESC LIMIT 1
    ) influence ON true
    WHERE a.status NOT IN ('archived', 'merged') AND (c.level = ANY(%s) OR influence.value >= %s) {accounts}
    GROUP BY a.id
"""


def coverage_statement(day: date, accounts: Sequence[int] | None) -> tuple[str, tuple[Any, ...]]:
    """SQL and parameters for account id and the share of key people whom we touched within the tier's beat, 0 to 1.

    Key people: active, on the board or a VP, or of influence 4 and more by an opinion that has not expired. An
    account without any is not listed.
    """
    levels = sorted(str(level) for level in KEY_LEVELS)
    beats = (list(CONTACT_BEATS), list(CONTACT_BEATS.values()), OUTSIDE_THE_PROGRAMME)
    params: list[Any] = [day, *beats, day, day, day, levels, KEY_INFLUENCE]
    if accounts is not None:
        params.append(list(accounts))
    return _COVERAGE.format(accounts="" if accounts is None else "AND a.id = ANY(%s)"), tuple(params)


def coverage_missing(account_id: int, day: date) -> str:
    """Why an account has no coverage, in words."""
    people = Contact.objects.filter(account_id=account_id, status=Contact.Status.ACTIVE).count()
    if not people:
        return "no people of the client are on record"
    return f"none of the {people} people on record is known as a key person: no board member, VP, or influence from 4"


def covered(account_id: int, day: date) -> float | None:
    """One account's coverage, 0 to 1; None without key people."""
    sql, params = coverage_statement(day, [account_id])
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        row = cursor.fetchone()
    return None if row is None else float(row[1])
