"""Who says yes to what an answer gives away: asking, deciding, and whether the answer may go out."""

from __future__ import annotations

from datetime import date as Day
from decimal import Decimal

from django.urls import reverse
from django.utils import timezone

from accounts.actions.checks import Problems
from accounts.domain.price_request import Level, level_for
from accounts.models import Account, PriceApproval, PriceRequest
from accounts.queries.price_approvers import authority_of, sides_of
from accounts.queries.price_basis import Basis, basis_of, given_of
from sam.core.actions.messages import notify
from sam.core.audit import action
from sam.core.errors import ActionRefused, FieldErrors, Stale
from sam.core.models import User
from sam.values.money import AmountError, to_amount
from sam.values.results import Missing

LONGEST_REASON = 2000
DECISIONS = (PriceApproval.Decision.APPROVED, PriceApproval.Decision.REFUSED)


@action("asked for approval of a price answer")
def ask_approval(
    *, account: Account, request: PriceRequest, person: User, by: User, on: Day | None = None
) -> PriceApproval:
    """Ask somebody who holds the authority; they hear of it at once. Raises FieldErrors and ActionRefused."""
    stored = _open(request)
    effect, level, currency = _needed(stored, basis_of(stored))
    if level is None:
        raise ActionRefused("Nothing is given away, so nobody needs to approve.", code="nothing_given")
    held = authority_of(person, account)
    if held is None or held.rank < level.rank:
        raise FieldErrors({"person": f"{person} may not approve this much. It takes the {level.who}."})
    if person == by:
        raise FieldErrors({"person": "Ask somebody else: two people look at every price."})
    asked, is_new = PriceApproval.objects.update_or_create(
        request=stored,
        person=person,
        decision=PriceApproval.Decision.ASKED,
        defaults={"level": level.key, "effect": effect, "currency": currency, "asked_by": by,
                  "asked_on": on or timezone.localdate()},
    )  # fmt: skip
    if is_new:
        notify(
            user=person,
            title=f"Approve a price answer: {account.name}",
            text=f"{by} asks you. The answer is due on {stored.answer_due:%-d %B}.",
            url=reverse("accounts:price-request-detail", args=[account.pk, stored.pk]) + "#approval",
            account_id=account.pk,
        )
    return asked


@action("decided about a price answer")
def decide_approval(
    *,
    account: Account,
    request: PriceRequest,
    revision: int,
    decision: str,
    by: User,
    reason: str = "",
    on: Day | None = None,
) -> PriceApproval:
    """Approve or refuse what the answer gives away as it stands in `revision`.

    Raises FieldErrors, Stale where the answer changed meanwhile, ActionRefused without the authority.
    """
    stored = _open(request)
    if stored.revision != revision:
        raise Stale(stored)
    effect, level, currency = _needed(stored, basis_of(stored))
    if level is None:
        raise ActionRefused("Nothing is given away, so there is nothing to approve.", code="nothing_given")
    _refuse_without_authority(account, level, by)
    words = _checked(level, decision, reason)
    asked = PriceApproval.objects.filter(request=stored, person=by, decision=PriceApproval.Decision.ASKED).first()
    found = asked or PriceApproval(request=stored, person=by, asked_on=timezone.localdate())
    if found.asked_by == by:
        raise ActionRefused("Somebody else must approve what you prepared.", code="own")
    found.level, found.effect, found.currency = level.key, effect, currency
    found.decision, found.reason, found.decided_on = decision, words, on or timezone.localdate()
    found.save()
    _tell(found, account, stored)
    return found


def refuse_without_approval(request: PriceRequest, basis: Basis, by: User) -> None:
    """Raises ActionRefused, in words, while what the answer gives is not approved by who holds the authority."""
    effect, level, _ = _needed(request, basis)
    if level is None:
        return
    approved = [
        row
        for row in request.approvals.filter(decision=PriceApproval.Decision.APPROVED).select_related("person")
        if row.effect >= effect and row.person_id != by.pk
    ]
    if any(_alone(row, request.account, level) for row in approved):
        return
    if level.key == "team":
        sides = sides_of(by, request.account).union(*(sides_of(row.person, request.account) for row in approved))
        if approved and sides >= {"lead", "finance"}:
            return
        raise ActionRefused(
            "The account lead and the finance lead sign together: ask the other one to approve.", code="not_approved"
        )
    raise ActionRefused(
        f"This gives away {effect:,.0f} {basis.reporting} a year. Ask the {level.who} to approve it first.",
        code="not_approved",
    )


def _alone(row: PriceApproval, account: Account, level: Level) -> bool:
    """Whether this one approval is enough: somebody above the team, with the authority."""
    held = authority_of(row.person, account)
    return held is not None and held.key != "team" and held.rank >= level.rank


def _open(request: PriceRequest) -> PriceRequest:
    stored = PriceRequest.objects.select_for_update(of=["self"]).select_related("account").get(pk=request.pk)
    if not stored.is_open:
        raise ActionRefused("This request is closed. What was signed off stays as it is.", code="closed")
    return stored


def _needed(request: PriceRequest, basis: Basis) -> tuple[Decimal, Level | None, str]:
    given = given_of(request, basis)
    if isinstance(given, Missing):
        raise ActionRefused(
            f"Who must approve is not known because {given.reason}. Ask finance to add the rate.", code="no_rate"
        )
    try:
        effect = to_amount(given.value)
    except AmountError as problem:
        raise ActionRefused(
            "The lines add up to more than any price. Check their revenue.", code="too_large"
        ) from problem
    return effect, level_for(effect), basis.reporting


def _refuse_without_authority(account: Account, level: Level, by: User) -> None:
    held = authority_of(by, account)
    if held is None or held.rank < level.rank:
        raise ActionRefused(f"This takes the {level.who}.", code="forbidden", status=403)


def _checked(level: Level, decision: str, reason: str) -> str:
    problems = Problems()
    if decision not in DECISIONS:
        problems.add("decision", "Choose approve or refuse.")
    words = problems.text("reason", reason, LONGEST_REASON)
    if not words and decision == PriceApproval.Decision.REFUSED:
        problems.add("reason", "Say why, so that the next answer can be better.")
    if not words and level.key == "board":
        problems.add("reason", "Say which decision of the board this is: day and number of the minutes.")
    problems.stop()
    return words


def _tell(approval: PriceApproval, account: Account, request: PriceRequest) -> None:
    listener = approval.asked_by or request.opened_by
    if listener is None or listener == approval.person or not listener.is_active:
        return
    notify(
        user=listener,
        title=f"{approval.person} {approval.get_decision_display().lower()} the price answer: {account.name}",
        text=approval.reason,
        url=reverse("accounts:price-request-detail", args=[account.pk, request.pk]) + "#approval",
        account_id=account.pk,
    )
