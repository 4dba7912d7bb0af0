"""The one action that decides an account's tier."""

from __future__ import annotations

from datetime import date

from django.db.models import F
from django.utils import timezone

from accounts.models import Account
from sam.core.actions.messages import first_time, notify
from sam.core.audit import action
from sam.core.authorization.permissions import Permission
from sam.core.authorization.roles import roles_with
from sam.core.errors import ActionRefused, FieldErrors, Stale
from sam.core.models import User
from scoring.actions.scores import recompute_account
from scoring.models import AccountScore, TierDecision
from scoring.queries.decisions import ended_decisions

NEEDS_END = "The rules propose “{proposed}”. A decision against them holds until a day: say when it is looked at again."


def warning_about(account: Account, tier: str) -> str:
    """What to think about before deciding against the rules; empty when the decision follows the proposal."""
    score = AccountScore.objects.filter(account=account).first()
    label = Account.Tier(tier).label
    if score is None or score.proposed_tier is None:
        return f"{account.name} is not scored in both halves, so there is no proposal. “{label}” rests on your reason."
    if score.proposed_tier != tier:
        proposed = score.proposed_label
        return f"The rules propose “{proposed}”, you chose “{label}”. Your reason and its last day stand beside both."
    return ""


@action("decided the tier")
def decide_tier(
    *,
    account: Account,
    tier: str,
    reason: str,
    revision: int,
    by: User | None,
    decided_on: date | None = None,
    ends_on: date | None = None,
) -> TierDecision:
    """Put the account into `tier` ("" for none), with a reason. `revision`: the account's, as it was seen.

    FieldErrors: unknown tier, no reason, end not after the date, no end although the rules propose something else.
    ActionRefused: archived or merged. Stale: the account changed meanwhile. Deciding against the proposal is allowed
    until a day; the decision remembers what was proposed.
    """
    decided_on = decided_on or timezone.localdate()
    errors: dict[str, str] = {}
    if tier not in Account.Tier.values:
        errors["tier"] = "Choose one of the tiers."
    if not reason.strip():
        errors["reason"] = "Say why, so that somebody who asks next year understands it."
    if ends_on is not None and ends_on <= decided_on:
        errors["ends_on"] = "The decision ends after the day it is made."
    if errors:
        raise FieldErrors(errors)
    current = Account.objects.select_for_update().get(pk=account.pk)
    if current.status in (Account.Status.ARCHIVED, Account.Status.MERGED):
        raise ActionRefused("This account is archived or merged. Its tier is not decided any more.", code="not_active")
    if current.revision != revision:
        raise Stale(current)
    score = AccountScore.objects.filter(account=account).first()
    proposed = score.proposed_tier if score else None
    if proposed is not None and proposed != tier and ends_on is None:
        raise FieldErrors({"ends_on": NEEDS_END.format(proposed=Account.Tier(proposed).label)})
    decision = TierDecision.objects.create(
        account=account,
        tier=tier,
        previous=current.tier,
        proposed=proposed,
        reason=reason.strip(),
        decided_by=by,
        decided_on=decided_on,
        ends_on=ends_on,
    )
    Account.objects.filter(pk=account.pk).update(tier=tier, revision=F("revision") + 1)
    account.refresh_from_db()
    recompute_account(account=account, by=by)
    _tell(decision)
    return decision


def _tell(decision: TierDecision) -> None:
    """The owner hears of a decision that somebody else made."""
    account = decision.account
    if account.owner_id is None or account.owner_id == decision.decided_by_id or account.owner is None:
        return
    notify(
        user=account.owner,
        title=f"{account.name}: {decision.get_tier_display()}",
        text=decision.reason,
        url=f"/accounts/{account.pk}/score/",
        account_id=account.pk,
    )


@action("told of decisions that ended")
def tell_ended(*, today: date, by: User | None) -> int:
    """Tell those who decide tiers, once, of each decision against the rules whose end has come; how many ended."""
    told = 0
    for decision in ended_decisions(today):
        if not first_time(rule="scoring.decision_ended", period=str(decision.pk)):
            continue
        told += 1
        for person in User.objects.filter(is_active=True, role_key__in=roles_with(Permission.TIER_DECIDE)):
            notify(
                user=person,
                title=f"{decision.account.name}: the decision against the rules has ended",
                text=f"“{decision.get_tier_display()}” held until {decision.ends_on:%d %B %Y}: {decision.reason}",
                url=f"/accounts/{decision.account_id}/tier/",
                account_id=decision.account_id,
            )
    return told
