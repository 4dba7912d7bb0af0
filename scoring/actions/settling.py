"""Settling a disagreement: the value that counts instead of the raters' median."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db.models import F
from django.utils import timezone

from accounts.models import Account
from sam.core.audit import action
from sam.core.errors import ActionRefused, FieldErrors, Stale
from sam.core.models import User
from scoring.actions.scores import live_rules, recompute_account
from scoring.models import RatingRound, RoundAccount, SettledValue
from scoring.models.settled import HALVES

STILL_BLIND = "The raters have not finished, so nobody sees the values yet. Settle them when the round reveals them."


@action("settled a disagreement")
def settle_value(
    *,
    account: Account,
    criterion_key: str,
    value: Decimal,
    reason: str,
    revision: int = 0,
    rating_round: RatingRound | None = None,
    by: User,
    settled_on: date | None = None,
) -> SettledValue:
    """What counts for the criterion, 1 to 5 in halves, with the reason; as long as a rating of that day would count.

    `revision`: of the settled value that was seen, 0 when there was none. `rating_round`: by default the
    account's last one. FieldErrors: unknown criterion, value, no reason. ActionRefused: the account is still blind, or
    nobody has rated the criterion. Stale: somebody settled it meanwhile.
    """
    rules = live_rules()
    criterion = rules.by_key(criterion_key)
    errors: dict[str, str] = {}
    if criterion is None or not criterion.is_rated:
        errors["criterion"] = "The live scorecard has no rated criterion with this short name."
    if value not in HALVES:
        errors["value"] = "Give a number from 1 to 5, in halves."
    if not reason.strip():
        errors["reason"] = "Say why this value counts, so that the raters can follow it."
    if errors:
        raise FieldErrors(errors)
    if RoundAccount.objects.blind().filter(account=account).exists():
        raise ActionRefused(STILL_BLIND, code="still_blind")
    scorecard = rules.version.scorecard_id
    if not account.ratings.counted().filter(scorecard_id=scorecard, criterion_key=criterion_key).exists():
        raise ActionRefused("Nobody has rated this criterion, so there is nothing to settle.", code="not_rated")
    own = {"account": account, "scorecard_id": scorecard, "criterion_key": criterion_key}
    fields = {
        "value": value,
        "reason": reason.strip(),
        "settled_by": by,
        "settled_on": settled_on or timezone.localdate(),
        "round": rating_round or RatingRound.objects.filter(accounts__account=account).first(),
    }
    settled = _write(own, fields, revision)
    recompute_account(account=account, by=by)
    return settled


def _write(own: dict[str, object], fields: dict[str, object], revision: int) -> SettledValue:
    if revision == 0:
        settled, is_new = SettledValue.objects.get_or_create(**own, defaults=fields)
        if not is_new:
            raise Stale(settled)
        return settled
    changed = SettledValue.objects.filter(**own, revision=revision).update(**fields, revision=F("revision") + 1)
    found = SettledValue.objects.filter(**own).first()
    if found is None:
        raise ActionRefused("The settled value was taken back meanwhile. Load the page again.", code="gone")
    if not changed:
        raise Stale(found)
    return found


@action("took a settled value back")
def withdraw_settled(*, account: Account, settled: SettledValue, revision: int, by: User) -> None:
    """The raters' median counts again; the trail keeps what was settled. Stale when it changed."""
    deleted, _ = SettledValue.objects.filter(pk=settled.pk, account=account, revision=revision).delete()
    if not deleted:
        settled.refresh_from_db()
        raise Stale(settled)
    recompute_account(account=account, by=by)
