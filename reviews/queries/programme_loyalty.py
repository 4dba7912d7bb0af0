"""What clients say, by group of accounts: the last wave of each account between two days, answers added up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date

from reviews.domain.nps import FEWEST_ANSWERS, Nps, count_answers, drivers_mean
from sam.core.statements import ask
from sam.values.results import value_of
from scoring.domain.programme import Loyalty

# One row per group, kind, question and value: few rows however many answers.
_ANSWERS = """
    WITH wave AS (
        SELECT DISTINCT ON (s.account_id) s.id, s.account_id, s.template_id
        FROM reviews_survey s
        WHERE s.status <> 'draft' AND s.opened_on BETWEEN %(first)s AND %(last)s
          AND EXISTS (SELECT FROM reviews_invitation i JOIN reviews_answer r ON r.invitation_id = i.id
                      WHERE i.survey_id = s.id)
        ORDER BY s.account_id, s.opened_on DESC, s.id DESC
    ), given AS (
        SELECT coalesce(g.name, 'rest') AS name, w.account_id, r.id, item ->> 'kind' AS kind, item ->> 'key' AS key,
               (r."values" ->> (item ->> 'key'))::int AS value
        FROM wave w
        LEFT JOIN unnest(%(ids)s::bigint[], %(groups)s::text[]) AS g(id, name) ON g.id = w.account_id
        JOIN reviews_surveytemplate t ON t.id = w.template_id
        CROSS JOIN LATERAL jsonb_array_elements(t.items) AS item
        JOIN reviews_invitation i ON i.survey_id = w.id AND i.sent_at IS NOT NULL
        JOIN reviews_answer r ON r.invitation_id = i.id
        WHERE item ->> 'kind' IN ('nps', 'driver') AND jsonb_typeof(r."values" -> (item ->> 'key')) = 'number'
    )
    SELECT name, kind, key, value, count(*), 0, 0 FROM given GROUP BY name, kind, key, value
    UNION ALL
    SELECT name, '', '', 0, 0, count(DISTINCT account_id), count(DISTINCT id) FILTER (WHERE kind = 'driver')
    FROM given GROUP BY name
"""


def loyalty_by_group(groups: Mapping[int, str], first: date, last: date) -> dict[str, Loyalty]:
    """Loyalty by group name; accounts that are not in `groups` are the rest. One query."""
    params = {"first": first, "last": last, "ids": list(groups), "groups": list(groups.values())}
    promoters: defaultdict[str, list[int | None]] = defaultdict(list)
    drivers: defaultdict[str, defaultdict[str, list[int | None]]] = defaultdict(lambda: defaultdict(list))
    behind: dict[str, tuple[int, int]] = {}
    for name, kind, key, value, times, accounts, rated in ask(_ANSWERS, params):
        if not kind:
            behind[name] = (accounts, rated)
        elif kind == "nps":
            promoters[name] += [value] * times
        else:
            drivers[name][key] += [value] * times
    return {
        name: _loyalty(accounts, rated, count_answers(promoters[name]), drivers[name])
        for name, (accounts, rated) in behind.items()
    }


def _loyalty(accounts: int, rated: int, nps: Nps, drivers: Mapping[str, list[int | None]]) -> Loyalty:
    enough = nps.n >= FEWEST_ANSWERS
    interval = nps.interval if enough else None
    return Loyalty(
        accounts=accounts,
        answers=nps.n,
        nps=nps.score if enough else None,
        low=interval.low if interval else None,
        high=interval.high if interval else None,
        rated=rated,
        drivers=value_of(drivers_mean(drivers)) if drivers else None,
    )
