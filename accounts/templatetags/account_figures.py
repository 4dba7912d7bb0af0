"""Figures of accounts in templates: a value, or the dash that says why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.domain.dashboard import Status, shortfall
from accounts.domain.metrics import Definition, Kind, Metric
from accounts.domain.pnl import Lines
from accounts.models import Touchpoint
from accounts.queries.dashboard import Dashboard, Judged
from accounts.queries.finance import Row
from accounts.queries.numbers import QuarterLine
from accounts.queries.portfolio import AccountFigures
from accounts.queries.targets import Goal
from sam.core.templatetags.ui import missing, money, percent, pill, plain_number, points, signed_percent
from sam.values.results import Computed, Missing, Result, value_of

register = template.Library()

NBSP = "\N{NO-BREAK SPACE}"
TOUCH_ICONS = {
    Touchpoint.Kind.VISIT: "map-pin",
    Touchpoint.Kind.CALL: "phone",
    Touchpoint.Kind.VIDEO: "device-desktop",
    Touchpoint.Kind.MAIL: "mail",
    Touchpoint.Kind.EVENT: "confetti",
    Touchpoint.Kind.WORKSHOP: "presentation",
}


@register.filter
def result_money(result: Result, currency: str) -> str:
    """8.21 M€, or a dash with the reason."""
    return money(result.value, currency) if isinstance(result, Computed) else _dash(result)


@register.filter
def result_percent(result: Result) -> str:
    """31.4 %, or a dash with the reason."""
    return percent(result.value, 1) if isinstance(result, Computed) else _dash(result)


@register.filter
def price_change(cut: Decimal | None) -> str:
    """A cut as the change of the price: 0.04 is −4.0 %."""
    return missing() if cut is None else signed_percent(-cut, 1)


@register.filter
def signed_money(amount: Decimal | None, currency: str) -> str:
    """+352 k€, −269 k€."""
    if amount is None:
        return missing()
    return f"+{money(amount, currency)}" if amount > 0 else money(amount, currency)


@register.filter
def result_whole_percent(result: Result) -> str:
    """95 %, or a dash with the reason."""
    return percent(result.value, 0) if isinstance(result, Computed) else _dash(result)


@register.filter
def result_days(result: Result) -> str:
    """62 days, or a dash with the reason."""
    return f"{plain_number(result.value, 0)}{NBSP}days" if isinstance(result, Computed) else _dash(result)


def _unit_value(value: Decimal, unit: Kind) -> str:
    if unit is Kind.FRACTION:
        return percent(value, 1)
    return f"{plain_number(value, 1)}{NBSP}{'days' if unit is Kind.DAYS else 'times'}"


@register.filter
def in_unit(value: Decimal, metric: Definition) -> str:
    """A threshold in its metric's unit: 18.0 %, 45.0 days."""
    return _unit_value(value, metric.unit)


@register.simple_tag
def limit_words(board: Dashboard, metric: Definition, tier: str) -> str:
    """18.0 %, amber 3.0 % under, red 6.0 %; a dash where there is no target."""
    limit = board.limit(metric.key, tier)
    if limit is None:
        return missing("no target")
    side = "over" if metric.low_is_good else "under"
    amber, red = (_distance(part, metric.unit) for part in (limit.amber, limit.red))
    return f"{_unit_value(limit.target, metric.unit)}, amber {amber} {side}, red {red}"


def _distance(value: Decimal, unit: Kind) -> str:
    return f"{plain_number(value * 100, 1)}{NBSP}pt" if unit is Kind.FRACTION else _unit_value(value, unit)


STATUS_PILLS = {Status.GREEN: ("good", "On target"), Status.AMBER: ("warn", "Amber"), Status.RED: ("bad", "Red")}


@register.filter
def status_words(judged: Judged) -> SafeString | str:
    """The status in words with the distance from the target; nothing where nothing is configured."""
    if judged.limit is None or judged.status is None:
        return ""
    target = f"target {_unit_value(judged.limit.target, judged.metric.unit)}"
    if isinstance(judged.metric.result, Missing):
        return f"Unknown; {target}"
    tone, word = STATUS_PILLS[judged.status]
    short = shortfall(judged.metric.result.value, judged.limit.target, low_is_good=judged.metric.low_is_good)
    side = "over" if judged.metric.low_is_good == (short > 0) else "under"
    words = f"{_distance(abs(short), judged.metric.unit)} {side} {target}"
    return format_html("{} {}", pill(tone, word), words)


@register.filter
def colours(counts: Mapping[str, int]) -> str:
    """5 on target, 2 amber, 1 red, 0 unknown."""
    words = {"green": "on target", "amber": "amber", "red": "red", "unknown": "unknown"}
    return ", ".join(f"{counts.get(key, 0)} {word}" for key, word in words.items())


@register.filter
def eating_words(row: Row) -> str:
    """Cost of goods 91.0 % of revenue (+22.1 pt), returns 5.0 % (+4.2 pt); or why it cannot be said."""
    if isinstance(row.contribution, Missing):
        return f"Not computable because {row.contribution.reason}."
    parts = [f"{one.label} {percent(one.share, 1)} of revenue ({points(one.more)})" for one in row.eats]
    words = "; ".join(parts) or "nothing takes more than elsewhere"
    return f"{words[:1].upper()}{words[1:]}"


@register.filter
def warning_words(goal: Goal) -> str:
    """Why a target is likely to be missed, in one sentence."""
    standing, parts = goal.standing, []
    share, gap, pace = standing.forecast_share, standing.gap, standing.pace
    if standing.is_forecast_short and isinstance(share, Computed) and isinstance(gap, Computed):
        parts.append(
            f"the forecast is {percent(share.value, 0)} of the target, {money(-gap.value, goal.currency)} short"
        )
    if standing.is_slow and isinstance(pace, Computed):
        parts.append(f"the pace is {percent(pace.value, 0)}, below 90{NBSP}% two quarters running")
    words = ", and ".join(parts)
    return f"{words[:1].upper()}{words[1:]}."


@register.simple_tag
def metric_value(metric: Metric, result: Result, currency: str) -> str:
    """A metric's value in its unit, or a dash with the reason."""
    if isinstance(result, Missing):
        return _dash(result)
    if metric.unit is Kind.MONEY:
        return money(result.value, currency)
    if metric.unit is Kind.FRACTION:
        return percent(result.value, 1)
    return f"{plain_number(result.value, 1)}{NBSP}{'days' if metric.unit is Kind.DAYS else 'times'}"


@register.filter
def plain_input(value: Decimal) -> str:
    """An input of a formula as it went in: whole amounts without decimals, fractions with four."""
    return plain_number(value, 0 if value == value.to_integral_value() else 4 if abs(value) < 10 else 2)


@register.filter
def line(lines: Lines, name: str) -> Decimal | None:
    """A line of a period by its name."""
    amount: Decimal | None = getattr(lines, name)
    return amount


@register.filter
def result_reason(result: Result) -> str:
    """Why there is no value; nothing when there is one."""
    return result.reason if isinstance(result, Missing) else ""


@register.filter
def revenue_note(figures: AccountFigures) -> str:
    """−3.2 % to plan · +4.8 % growth; or what is missing."""
    if isinstance(figures.revenue, Missing):
        return figures.revenue.reason
    plan, growth = value_of(figures.against_plan), value_of(figures.growth)
    parts = [f"{signed_percent(plan, 1)} to plan" if plan is not None else "no plan"]
    if growth is not None:
        parts.append(f"{signed_percent(growth, 1)} growth")
    return " · ".join(parts)


@register.filter
def contribution_note(figures: AccountFigures) -> str:
    """How it changed; or what is missing."""
    if isinstance(figures.contribution, Missing):
        return figures.contribution.reason
    change = value_of(figures.contribution_growth)
    return f"{signed_percent(change, 1)} on last year" if change is not None else "last year unknown"


@register.filter
def plan_tone(figures: AccountFigures | QuarterLine) -> str:
    """Amber up to 10 % under plan, red below, green on plan or above; nothing where there is no plan."""
    against_plan = value_of(figures.against_plan)
    if against_plan is None:
        return ""
    return "good" if against_plan >= 0 else "warn" if against_plan > Decimal("-0.1") else "bad"


@register.filter
def margin_note(figures: AccountFigures, currency: str) -> str:
    """9.36 M€ · −3.5 pt on last year."""
    change = _change(figures.margin, figures.margin_before)
    contribution = value_of(figures.contribution)
    return change if contribution is None else f"{money(contribution, currency)} · {change}"


@register.filter
def margin_tone(figures: AccountFigures) -> str:
    return _tone(figures.margin, figures.margin_before)


@register.filter
def share_note(figures: AccountFigures) -> str:
    return _change(figures.share_of_wallet, figures.share_before)


@register.filter
def share_tone(figures: AccountFigures) -> str:
    return _tone(figures.share_of_wallet, figures.share_before)


@register.filter
def scaled(amount: Decimal, size: Decimal) -> str:
    """An amount in the unit of its column: 41.7, or 12,400."""
    return plain_number(amount / size, 1 if size > 1 else 0)


@register.filter
def touch_icon(kind: str) -> str:
    return TOUCH_ICONS.get(Touchpoint.Kind(kind), "message")


def _dash(result: Missing) -> str:
    return missing(result.reason)


def _change(now: Result, before: Result) -> str:
    if isinstance(now, Missing):
        return now.reason
    if isinstance(before, Missing):
        return "last year unknown"
    return f"{points(now.value - before.value)} on last year"


def _tone(now: Result, before: Result) -> str:
    if isinstance(now, Missing) or isinstance(before, Missing):
        return ""
    change = now.value - before.value
    return "good" if change > 0 else "bad" if change < Decimal("-0.01") else ""
