"""Writing scores: one account at once after a rating, all accounts as a job."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils import timezone

from accounts.models import Account
from sam.core.actions.jobs import enqueue
from sam.core.audit import action
from sam.core.errors import ActionRefused
from sam.core.models import Job, Organisation, User
from sam.values.periods import Quarter
from scoring.domain.points import PLACES
from scoring.domain.scorecard import AccountScore as Result
from scoring.domain.scorecard import evaluate
from scoring.domain.tiers import propose
from scoring.models import AccountScore, KeptScore, ScorecardVersion, ScoreRun
from scoring.queries.distribution import compared_values, remember
from scoring.queries.freshness import newest_events
from scoring.queries.gates import gates_of
from scoring.queries.measures import latest_quarter, measures_of, window_of
from scoring.queries.ratings import medians_of
from scoring.queries.registered import values_of
from scoring.queries.rules import Rules, rules_of

RECOMPUTE = "scoring.recompute"
NO_SCORECARD = "There is no live scorecard. Publish one first."


def live_rules() -> Rules:
    """The rules that score the portfolio; ActionRefused when no scorecard is live."""
    version = ScorecardVersion.objects.select_related("scorecard").in_use()
    if version is None:
        raise ActionRefused(NO_SCORECARD, code="no_live_scorecard")
    return rules_of(version)


def _silent(percent: int, step: str) -> None:
    return None


@action("recomputed all scores")
def recompute_all(
    *,
    by: User | None,
    today: date | None = None,
    quarter: Quarter | None = None,
    keep: str = "",
    progress: Callable[[int, str], None] = _silent,
) -> ScoreRun:
    """Score the whole portfolio by the live scorecard.

    `quarter`: the twelve months end with it; without one, with the last closed quarter that has figures, or with
    the quarter somebody chose before. `keep`: occasion under which every score is kept for ever with its inputs.
    ActionRefused without a live scorecard.
    """
    # NumPy is for background work only: the web process never loads it.
    from scoring.actions import portfolio  # noqa: PLC0415 (see above)

    # One recompute at a time; ratings made meanwhile wait the second it takes, readers do not.
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {AccountScore._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")
        # 100,000 accounts are summed in memory instead of in files on disk.
        cursor.execute("SET LOCAL work_mem = '64MB'")
        # One process: several would spend a quarter more to be done sooner, and the other cores serve people.
        cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")
    rules = live_rules()
    today = today or timezone.localdate()
    earlier = ScoreRun.objects.first()
    chosen = quarter is not None or bool(earlier and earlier.chosen)
    if quarter is None:
        quarter = Quarter.containing(earlier.quarter_start) if earlier and earlier.chosen else latest_quarter(today)
    window = window_of(quarter, Organisation.objects.current().reporting_currency)
    run = portfolio.recompute(rules, window, today, progress, newest_events(), chosen)
    if keep:
        progress(96, "Keeping scores with their inputs")
        keep_scores(rules=rules, run=run, occasion=keep, kept_on=today)
    ScoreRun.objects.exclude(pk=run.pk).delete()
    return run


def follow_latest_quarter() -> None:
    """Forget a chosen quarter: the next recompute ends with the last closed quarter that has figures."""
    ScoreRun.objects.filter(chosen=True).update(chosen=False)


@action("started a recompute of all scores")
def start_recompute(*, by: User | None, quarter: Quarter | None = None, keep: str = "", latest: bool = False) -> Job:
    """Hand a recompute to a worker; one that waits already is used. `latest` gives up a chosen quarter."""
    live_rules()
    if latest:
        follow_latest_quarter()
    arguments = {"quarter": str(quarter) if quarter else "", "keep": keep}
    waiting = Job.objects.filter(kind=RECOMPUTE, state=Job.State.QUEUED, arguments=arguments).first()
    return waiting or enqueue(RECOMPUTE, arguments, by=by)


def run_recompute(job: Job, progress: Callable[[int, str], None]) -> dict[str, Any]:
    """The job behind `start_recompute`."""
    quarter = Quarter.parse(job.arguments["quarter"]) if job.arguments.get("quarter") else None
    run = recompute_all(by=job.created_by, quarter=quarter, keep=job.arguments.get("keep", ""), progress=progress)
    return {
        "accounts": run.accounts,
        "scored": run.scored,
        "unconverted": run.unconverted,
        "quarter": str(Quarter.containing(run.quarter_start)),
        "milliseconds": run.milliseconds,
    }


def keep_scores(
    *, rules: Rules, run: ScoreRun, occasion: str, kept_on: date, accounts: Sequence[int] | None = None
) -> int:
    """Copy every score (or those of `accounts`) with its inputs into the kept ones; once per account and occasion."""
    kept = KeptScore._meta.db_table
    sql = f"""
        INSERT INTO {kept} (account_id, version_id, occasion, kept_on, rank, decided_tier, "current", potential,
                            overall, current_covered, current_whole, potential_covered, potential_whole,
                            proposed_tier, inputs)
        SELECT s.account_id, s.version_id, %s, %s,
               CASE WHEN s.ranking IS NOT NULL THEN s.place END,
               a.tier, s."current", s.potential, s.overall, s.current_covered, s.current_whole, s.potential_covered,
               s.potential_whole, s.proposed_tier,
               jsonb_build_object(
                   'quarter', %s::text, 'currency', %s::text, 'scope_margin', %s::float8,
                   'values', (SELECT coalesce(jsonb_object_agg(v.key, v.value), '{{}}'::jsonb)
                              FROM unnest(%s::text[], s."values") AS v(key, value) WHERE v.value <> 'NaN'),
                   'ratings', (SELECT coalesce(jsonb_object_agg(n.criterion_key, n.given), '{{}}'::jsonb)
                               FROM (SELECT r.criterion_key, jsonb_agg(r.value ORDER BY r.value) AS given
                                     FROM scoring_rating r JOIN unnest(%s::text[], %s::int[]) AS c(key, months)
                                          ON c.key = r.criterion_key
                                     WHERE r.account_id = s.account_id AND r.scorecard_id = %s AND NOT r.sealed
                                       AND r.rated_on <= %s AND r.rated_on + make_interval(months => c.months) > %s
                                     GROUP BY r.criterion_key) n),
                   'settled', (SELECT coalesce(jsonb_object_agg(v.criterion_key, jsonb_build_object(
                                          'value', v.value, 'reason', v.reason, 'on', v.settled_on,
                                          'by', (SELECT u.display_name FROM core_user u WHERE u.id = v.settled_by_id)
                                      )), '{{}}'::jsonb)
                               FROM scoring_settledvalue v JOIN unnest(%s::text[], %s::int[]) AS c(key, months)
                                    ON c.key = v.criterion_key
                               WHERE v.account_id = s.account_id AND v.scorecard_id = %s
                                 AND v.settled_on <= %s AND v.settled_on + make_interval(months => c.months) > %s))
        FROM (SELECT *, row_number() OVER (ORDER BY ranking DESC NULLS LAST, account_id) AS place
              FROM {AccountScore._meta.db_table}) s
        JOIN {Account._meta.db_table} a ON a.id = s.account_id
        WHERE %s::bigint[] IS NULL OR s.account_id = ANY(%s::bigint[])
        ON CONFLICT (account_id, occasion) DO NOTHING
    """  # noqa: S608 (our own tables)
    quarter = str(Quarter.containing(run.quarter_start))
    keys = [criterion.key for criterion in rules.criteria]
    wanted = None if accounts is None else list(accounts)
    rated = [criterion for criterion in rules.criteria if criterion.is_rated]
    valid: list[Any] = [[row.key for row in rated], [row.valid_months for row in rated], rules.version.scorecard_id]
    days = [kept_on, kept_on]
    params = [occasion, kept_on, quarter, run.currency, run.scope_margin, keys, *valid, *days, *valid, *days,
              wanted, wanted]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return int(cursor.rowcount)


@action("recomputed a score")
def recompute_account(*, account: Account, by: User | None, today: date | None = None) -> AccountScore | None:
    """Score one account again, by the averages of the last recompute of all; None without a live scorecard.

    An account that is archived or merged loses its score.
    """
    version = ScorecardVersion.objects.select_related("scorecard").in_use()
    if version is None:
        return None
    with connection.cursor() as cursor:
        # Waits for a recompute of all accounts, which replaces every row; never for another single account.
        cursor.execute(f"LOCK TABLE {AccountScore._meta.db_table} IN ROW EXCLUSIVE MODE")
    remember(account.pk)
    if account.status in (Account.Status.ARCHIVED, Account.Status.MERGED):
        AccountScore.objects.filter(account=account).delete()
        return None
    rules = rules_of(version)
    today = today or timezone.localdate()
    values = _values(rules, account, today)
    result = evaluate(rules.scorecard, values, compared_values(rules, values, account.pk))
    proposal = propose(result, rules.tiers, gates_of(rules, account.pk, today), account.tier or None)
    ranking = result.ranking_score
    fields = {
        "version": version,
        "current": _billionths(result.current.score),
        "potential": _billionths(result.potential.score),
        "overall": _billionths(result.overall),
        **_coverage(rules, result),
        "proposed_tier": (proposal.tier or "") if proposal.scored else None,
        "ranking": _billionths(ranking),
        "values": [float("nan") if value is None else value for value in values.values()],
        "computed_at": timezone.now(),
    }
    score, _ = AccountScore.objects.update_or_create(account=account, defaults=fields)
    return score


def _values(rules: Rules, account: Account, today: date) -> dict[str, float | None]:
    """What each criterion is scored from now, in the order of the criteria."""
    run = ScoreRun.objects.first()
    measured: dict[str, float | None] = {}
    if rules.measures:
        quarter = Quarter.containing(run.quarter_start) if run else latest_quarter(today)
        window = window_of(quarter, Organisation.objects.current().reporting_currency)
        found = measures_of(account, rules.measures, window, run.scope_margin if run else None)
        measured = dict(found.values) | values_of(account.pk, rules.measures, today)
    medians = medians_of(rules, account.pk, today) if rules.rated_keys else {}
    return {
        criterion.key: measured.get(criterion.measure) if criterion.is_computed else medians.get(criterion.key)
        for criterion in rules.criteria
    }


def _billionths(points: Decimal | None) -> int | None:
    """Points, which have nine decimals, as the whole number that is stored."""
    return None if points is None else int(points.scaleb(PLACES))


def _coverage(rules: Rules, result: Result) -> dict[str, int]:
    found = {}
    for name, half in (("current", result.current), ("potential", result.potential)):
        criteria = rules.scorecard.half(half.half)
        found[f"{name}_whole"] = sum(criterion.weight_steps for criterion in criteria)
        found[f"{name}_covered"] = sum(
            criterion.weight_steps for criterion in criteria if criterion.key not in half.missing
        )
    return found
