"""Rating rounds: opened with raters by rule, revealed account by account, closed by hand or by the clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import F
from django.utils import timezone

from accounts.models import Account
from sam.core.actions.messages import notify
from sam.core.audit import action
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.errors import ActionRefused, FieldErrors, Stale
from sam.core.models import User
from scoring.actions.revealing import reveal
from scoring.actions.scores import live_rules
from scoring.models import Rating, RatingRound, RoundAccount, RoundRater
from scoring.queries.raters import Proposed, raters_by_rule

MOST_ACCOUNTS = 500
REMIND_DAYS = 5
"""Days before the last day on which a rater who has not finished is reminded, once."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody asked to rate an account, beside or instead of those the rule finds."""

    account: Account
    user: User
    capacity: str = RoundRater.Capacity.OTHER


@action("opened a rating round")
def open_round(
    *,
    name: str,
    accounts: Iterable[Account],
    closes_on: date,
    by: User,
    opens_on: date | None = None,
    more: Sequence[Asked] = (),
    without: Sequence[User] = (),
) -> RatingRound:
    """Ask for ratings of the accounts by the live scorecard until `closes_on`, the last day.

    Raters of each account by rule: its lead, one of finance, one person outside its team; `more` are asked too,
    `without` are not asked anywhere. They hear of it at once. FieldErrors: no name or one used before, no accounts,
    more than 500, a last day before the first, an account that an open round holds already. ActionRefused without
    a live scorecard, or when somebody in `more` may not rate the account.
    """
    rules = live_rules()
    opens_on = opens_on or timezone.localdate()
    chosen = list({account.pk: account for account in accounts}.values())
    _check_round(name, chosen, opens_on, closes_on)
    rating_round = RatingRound.objects.create(
        scorecard_id=rules.version.scorecard_id,
        name=name.strip(),
        opens_on=opens_on,
        closes_on=closes_on,
        opened_by=by,
    )
    entries = RoundAccount.objects.bulk_create(RoundAccount(round=rating_round, account=account) for account in chosen)
    asked = [one for one in raters_by_rule(chosen, first=by) if one.user not in without]
    for one in more:
        _must_rate(one.user, one.account)
        asked.append(Proposed(one.account, one.user, one.capacity))
    by_account = {entry.account_id: entry for entry in entries}
    named = {(one.account.pk, one.user.pk): one for one in asked}
    RoundRater.objects.bulk_create(
        RoundRater(entry=by_account[one.account.pk], user=one.user, capacity=one.capacity) for one in named.values()
    )
    _tell_raters(rating_round, [one.user for one in named.values()], by)
    return rating_round


def _check_round(name: str, accounts: Sequence[Account], opens_on: date, closes_on: date) -> None:
    errors: dict[str, str] = {}
    if not name.strip():
        errors["name"] = "Give the round a name, for example “Cycle 2027”."
    elif RatingRound.objects.filter(name=name.strip()).exists():
        errors["name"] = "There is a round with this name already. Choose another name."
    if not accounts:
        errors["accounts"] = "Choose at least one account."
    elif len(accounts) > MOST_ACCOUNTS:
        errors["accounts"] = f"One round takes up to {MOST_ACCOUNTS} accounts. Choose fewer, or open a second round."
    if closes_on < opens_on:
        errors["closes_on"] = "The last day is not before the first."
    held = RoundAccount.objects.blind().filter(account__in=accounts).select_related("account", "round").first()
    if held is not None:
        errors["accounts"] = f"{held.account.name} is being rated in “{held.round}” already. Close that round first."
    if any(account.status in (Account.Status.ARCHIVED, Account.Status.MERGED) for account in accounts):
        errors["accounts"] = "An archived or merged account is not rated."
    if errors:
        raise FieldErrors(errors)


def _must_rate(user: User, account: Account) -> None:
    if not can(user, Permission.RATE, on=account):
        raise ActionRefused(
            f"{user} may not rate {account.name}. Give them a seat with that right first.", code="may_not_rate"
        )


def _tell_raters(rating_round: RatingRound, users: Iterable[User], by: User | None) -> None:
    """Each rater once, with how many accounts wait."""
    waiting: dict[User, int] = {}
    for user in users:
        waiting[user] = waiting.get(user, 0) + 1
    for user, count in waiting.items():
        if by is not None and user.pk == by.pk:
            continue
        what = "one account" if count == 1 else f"{count} accounts"
        notify(
            user=user,
            title=f"{rating_round.name}: your ratings of {what} are asked for",
            text=f"Until {rating_round.closes_on:%d %B %Y}. Nobody sees your values before all have rated.",
            url=sheet_url(rating_round),
        )


def sheet_url(rating_round: RatingRound) -> str:
    """The rating sheet with the person's accounts of this round."""
    return f"/scores/rate/?round={rating_round.pk}"


@action("asked somebody to rate")
def add_rater(
    *, account: Account, rating_round: RatingRound, user: User, capacity: str = "other", by: User
) -> RoundRater:
    """Ask one more person, while nobody sees the others' values yet.

    ActionRefused: the account is not in the round, its values are revealed, or the person may not rate it.
    """
    entry = _blind_entry(rating_round, account)
    _must_rate(user, account)
    if capacity not in RoundRater.Capacity.values:
        raise FieldErrors({"capacity": "Choose one of the capacities."})
    rater, is_new = RoundRater.objects.get_or_create(entry=entry, user=user, defaults={"capacity": capacity})
    if is_new:
        _tell_raters(rating_round, [user], by)
    return rater


@action("took somebody off the raters")
def remove_rater(*, account: Account, rating_round: RatingRound, user: User, by: User) -> None:
    """Do not wait for this person any more; what they have rated stays. The last one cannot go.

    When all who are left have finished, the values are revealed.
    """
    entry = _blind_entry(rating_round, account)
    if not entry.raters.exclude(user=user).exists():
        raise ActionRefused("Somebody has to rate. Add another rater first.", code="last_rater")
    RoundRater.objects.filter(entry=entry, user=user).delete()
    reveal_when_complete(entry, by=by)


def _blind_entry(rating_round: RatingRound, account: Account) -> RoundAccount:
    entry = RoundAccount.objects.select_for_update().filter(round=rating_round, account=account).first()
    if entry is None:
        raise ActionRefused("This account is not in the round.", code="not_in_round")
    if not entry.is_blind:
        raise ActionRefused("The values are revealed already, so the raters stay as they are.", code="revealed")
    return entry


def reveal_when_complete(entry: RoundAccount, by: User | None) -> bool:
    """Reveal the account when every rater has rated every rated criterion; whether it was. Caller holds the lock."""
    keys = live_rules().rated_keys
    raters = list(entry.raters.values_list("user_id", flat=True))
    made = set(
        Rating.objects.filter(
            sealed=True, round_id=entry.round_id, account_id=entry.account_id, criterion_key__in=keys, rater__in=raters
        ).values_list("rater_id", "criterion_key")
    )
    if not raters or len(made) < len(raters) * len(keys):
        return False
    reveal([entry], by=by)
    return True


@action("closed a rating round")
def close_round(
    *, rating_round: RatingRound, revision: int, by: User | None, closed_on: date | None = None
) -> RatingRound:
    """End the round: what was rated so far counts and is seen from now on.

    ActionRefused when it is closed already; Stale as usual.
    """
    today = closed_on or timezone.localdate()
    changed = RatingRound.objects.filter(pk=rating_round.pk, revision=revision, state=RatingRound.State.OPEN).update(
        state=RatingRound.State.CLOSED, closed_by=by, closed_on=today, revision=F("revision") + 1
    )
    rating_round.refresh_from_db()
    if not changed:
        if not rating_round.is_open:
            raise ActionRefused("The round is closed already.", code="closed")
        raise Stale(rating_round)
    reveal(list(rating_round.accounts.blind().select_for_update().select_related("account")), by=by)
    return rating_round


@action("reminded raters")
def remind_raters(*, raters: Sequence[RoundRater], today: date, by: User | None) -> int:
    """Tell each person once per round that ratings wait; how many people were told."""
    ids = [rater.pk for rater in raters]
    RoundRater.objects.filter(pk__in=ids, reminded_on=None).update(reminded_on=today)
    waiting: dict[tuple[int, int], list[RoundRater]] = {}
    for rater in raters:
        waiting.setdefault((rater.entry.round_id, rater.user_id), []).append(rater)
    for mine in waiting.values():
        rating_round = mine[0].entry.round
        names = ", ".join(sorted(rater.entry.account.name for rater in mine)[:3])
        more = f" and {len(mine) - 3} more" if len(mine) > 3 else ""
        notify(
            user=mine[0].user,
            title=f"{rating_round.name}: {len(mine)} of your accounts wait for ratings",
            text=f"{names}{more}. The last day is {rating_round.closes_on:%d %B %Y}.",
            url=sheet_url(rating_round),
        )
    return len(waiting)
