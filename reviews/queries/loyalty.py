"""What the last wave says about an account, as measures for scorecards: the drivers' mean, and the promoter score.

The same rules as on the survey's own page (`reviews.domain.nps`): a driver counts from four answers on, "I cannot say"
is no answer, the mean is that of the drivers' means. One statement for all accounts or for some.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from reviews.domain.nps import FEWEST_ANSWERS
from reviews.models import Survey
from scoring.domain.measures import Measure, Unit

OLDEST_DAYS = 200
"""A wave that began longer ago says nothing about today."""

# The newest wave with an answer by then; if it is too old, the account has no value.
_WAVE = """
    WITH wave AS (
        SELECT DISTINCT ON (s.account_id) s.id, s.account_id, s.template_id
        FROM reviews_survey s
        WHERE s.status <> 'draft' AND s.opened_on <= %s AND s.opened_on >= %s {accounts}
          AND EXISTS (SELECT FROM reviews_invitation i JOIN reviews_answer r ON r.invitation_id = i.id
                      WHERE i.survey_id = s.id AND r.received_at < %s::date + 1)
        ORDER BY s.account_id, s.opened_on DESC, s.id DESC
    ), given AS (
        SELECT w.account_id, item ->> 'key' AS key, (r."values" ->> (item ->> 'key'))::int AS value
        FROM wave w
        JOIN reviews_surveytemplate t ON t.id = w.template_id
        CROSS JOIN LATERAL jsonb_array_elements(t.items) AS item
        LEFT JOIN (reviews_invitation i JOIN reviews_answer r ON r.invitation_id = i.id)
          ON i.survey_id = w.id AND i.sent_at IS NOT NULL AND r.received_at < %s::date + 1
             AND jsonb_typeof(r."values" -> (item ->> 'key')) = 'number'
        WHERE item ->> 'kind' = %s
    )
"""
_DRIVERS = """
    SELECT account_id::int8, avg(mean)::float8 FROM (
        SELECT account_id, key, count(value) AS n, avg(value) AS mean FROM given GROUP BY account_id, key
    ) drivers
    GROUP BY account_id HAVING min(n) >= %s
"""
_PROMOTERS = """
    SELECT account_id::int8,
           100.0::float8 * (count(*) FILTER (WHERE value >= 9) - count(*) FILTER (WHERE value <= 6)) / count(value)
    FROM given WHERE value IS NOT NULL
    GROUP BY account_id HAVING count(value) >= %s
"""


def drivers_statement(day: date, accounts: Sequence[int] | None) -> tuple[str, tuple[Any, ...]]:
    """SQL and parameters for account id and the mean of the drivers, 1 to 5."""
    return _statement(_DRIVERS, "driver", day, accounts)


def promoters_statement(day: date, accounts: Sequence[int] | None) -> tuple[str, tuple[Any, ...]]:
    """SQL and parameters for account id and the net promoter score, -100 to 100."""
    return _statement(_PROMOTERS, "nps", day, accounts)


def _statement(end: str, kind: str, day: date, accounts: Sequence[int] | None) -> tuple[str, tuple[Any, ...]]:
    of_accounts = [] if accounts is None else [list(accounts)]
    params = (day, day - timedelta(days=OLDEST_DAYS), *of_accounts, day, day, kind, FEWEST_ANSWERS)
    return _WAVE.format(accounts="" if accounts is None else "AND s.account_id = ANY(%s)") + end, params


def loyalty_missing(account_id: int, day: date) -> str:
    """Why an account has no value, in words."""
    waves = Survey.objects.filter(account_id=account_id, opened_on__lte=day, invitations__answer__isnull=False)
    newest = waves.exclude(status=Survey.Status.DRAFT).order_by("-opened_on").first()
    if newest is None or newest.opened_on is None:
        return "the client has not answered a survey yet"
    if newest.opened_on < day - timedelta(days=OLDEST_DAYS):
        return f"the last wave is older than {OLDEST_DAYS} days"
    return f"the last wave has fewer than {FEWEST_ANSWERS} answers on a question"


MEASURES = (
    Measure(
        "loyalty", "The client's view of us: mean of the five drivers", Unit.LEVEL,
        f"Mean of contract, pricing, service, relationship and innovation in the last wave, 1 to 5. Counts from"
        f" {FEWEST_ANSWERS} answers on each, while the wave is at most {OLDEST_DAYS} days old.",
        read=drivers_statement, missing=loyalty_missing, finance=False,
    ),
    Measure(
        "promoter_score", "Net promoter score of the last wave", Unit.SCORE,
        f"Promoters less detractors in percent, -100 to 100. Counts from {FEWEST_ANSWERS} answers on, while the wave is"
        f" at most {OLDEST_DAYS} days old. Few answers make it jump: the drivers' mean is the steadier measure.",
        read=promoters_statement, missing=loyalty_missing, finance=False,
    ),
)  # fmt: skip
