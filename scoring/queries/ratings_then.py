"""Ratings as they stood on a past day, from the trail: what was changed or withdrawn since counts as it was."""

from __future__ import annotations

from datetime import date
from typing import Any

from scoring.queries.rules import Rules

# The trail has a row for each state of a rating. Of each rating counts the newest state rated by then; one withdrawn
# by then is gone. A settled value counts until newer ratings stand beside it.
_THEN = """
    WITH c AS (
        SELECT key, months, index
        FROM unnest(%(keys)s::text[], %(months)s::int[]) WITH ORDINALITY AS c(key, months, index) WHERE months > 0
    ), states AS (
        SELECT DISTINCT ON (pgh_obj_id) pgh_obj_id, pgh_id, pgh_label, account_id, criterion_key, rater_id, value,
               rated_on, sealed
        FROM scoring_ratingevent
        WHERE scorecard_id = %(scorecard)s AND rated_on <= %(day)s
          AND NOT (pgh_label = 'delete' AND pgh_created_at >= %(day)s::date + 1)
        ORDER BY pgh_obj_id, pgh_id DESC
    ), given AS (
        SELECT DISTINCT ON (s.account_id, s.criterion_key, s.rater_id) s.account_id, c.index, s.value, s.rated_on
        FROM states s JOIN c ON c.key = s.criterion_key
        WHERE s.pgh_label <> 'delete' AND NOT s.sealed AND s.rated_on + make_interval(months => c.months) > %(day)s
        ORDER BY s.account_id, s.criterion_key, s.rater_id, s.rated_on DESC, s.pgh_id DESC
    ), rated AS (
        SELECT account_id, index, percentile_cont(0.5) WITHIN GROUP (ORDER BY value) AS value, max(rated_on) AS newest
        FROM given GROUP BY account_id, index
    ), settlings AS (
        SELECT DISTINCT ON (pgh_obj_id) pgh_label, account_id, criterion_key, value, settled_on, pgh_id
        FROM scoring_settledvalueevent
        WHERE scorecard_id = %(scorecard)s AND settled_on <= %(day)s
          AND NOT (pgh_label = 'delete' AND pgh_created_at >= %(day)s::date + 1)
        ORDER BY pgh_obj_id, pgh_id DESC
    ), settled AS (
        SELECT DISTINCT ON (s.account_id, s.criterion_key) s.account_id, c.index, s.value::float8 AS value, s.settled_on
        FROM settlings s JOIN c ON c.key = s.criterion_key
        WHERE s.pgh_label <> 'delete' AND s.settled_on + make_interval(months => c.months) > %(day)s
        ORDER BY s.account_id, s.criterion_key, s.settled_on DESC, s.pgh_id DESC
    )
    SELECT account_id::int8, index - 1,
           CASE WHEN rated.newest IS NULL OR settled.settled_on >= rated.newest THEN settled.value ELSE rated.value END
    FROM rated FULL JOIN settled USING (account_id, index)
"""


def then_statement(rules: Rules, day: date) -> tuple[str, dict[str, Any]]:
    """SQL and parameters for account id, position of the criterion, and what counted on `day`."""
    return _THEN, {
        "keys": [criterion.key for criterion in rules.criteria],
        "months": [criterion.valid_months if criterion.is_rated else 0 for criterion in rules.criteria],
        "scorecard": rules.version.scorecard_id,
        "day": day,
    }
