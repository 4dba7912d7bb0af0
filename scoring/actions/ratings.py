"""Writing ratings and answers to gates. While an account is blind in a round, what is rated is sealed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F
from django.utils import timezone

from accounts.models import Account
from sam.core.audit import action
from sam.core.errors import ActionRefused, FieldErrors, Stale
from sam.core.models import User
from scoring.actions.rounds import reveal_when_complete
from scoring.actions.scores import live_rules, recompute_account
from scoring.models import GateAnswer, Rating, RoundAccount
from scoring.queries.rules import Rules

NEEDS_EVIDENCE = "Say what shows it: a 4 or a 5, and whatever is confirmed, needs evidence."
HIGH = 4


@dataclass(frozen=True, slots=True)
class Rated:
    """One cell of the rating sheet. `revision`: the one that was seen, 0 when there was no rating of this person."""

    account: Account
    criterion_key: str
    value: int
    evidence: str = ""
    confirmed: bool = False
    revision: int = 0


def check_rating(rules: Rules, value: int, evidence: str, confirmed: bool, criterion_key: str) -> None:
    """FieldErrors in words for what a rating may not be."""
    criterion = rules.by_key(criterion_key)
    if criterion is None or not criterion.is_rated:
        raise FieldErrors({"criterion": "The live scorecard has no rated criterion with this short name."})
    if not 1 <= value <= 5:
        raise FieldErrors({"value": "Give a number from 1 to 5."})
    if not evidence.strip() and (confirmed or value >= HIGH):
        raise FieldErrors({"evidence": NEEDS_EVIDENCE})


@action("rated the account")
def rate_account(
    *,
    account: Account,
    criterion_key: str,
    value: int,
    evidence: str = "",
    confirmed: bool = False,
    revision: int = 0,
    by: User,
    rated_on: date | None = None,
) -> Rating:
    """The person's own rating of one criterion, 1 to 5; a new one takes the place of the last, which the trail keeps.

    While the account is blind in a round the rating is sealed beside the last one, which goes on counting until the
    round reveals the account. FieldErrors: unknown criterion, value out of range, evidence missing. Stale: the
    person rated it elsewhere.
    """
    rules = live_rules()
    blind = _locked([account])
    rating = _write(rules, Rated(account, criterion_key, value, evidence, confirmed, revision), by, rated_on, blind)
    _after([account], blind, by)
    rating.refresh_from_db()
    return rating


@action("rated accounts")
def rate_many(*, cells: Iterable[Rated], by: User, rated_on: date | None = None) -> list[Rating]:
    """A whole rating sheet or nothing. FieldErrors name the cell as `account id-criterion`."""
    rules = live_rules()
    cells = list(cells)
    accounts = {cell.account.pk: cell.account for cell in cells}
    blind = _locked(accounts.values())
    written, errors = [], {}
    for cell in cells:
        try:
            written.append(_write(rules, cell, by, rated_on, blind))
        except FieldErrors as problem:
            errors[f"{cell.account.pk}-{cell.criterion_key}"] = [
                text for all_ in problem.errors.values() for text in all_
            ]
        except Stale:
            errors[f"{cell.account.pk}-{cell.criterion_key}"] = ["You rated this somewhere else meanwhile. Load again."]
    if errors:
        raise FieldErrors(errors)
    _after(accounts.values(), blind, by)
    return written


def _locked(accounts: Iterable[Account]) -> dict[int, RoundAccount]:
    """The blind entries of these accounts, by account id, locked: two raters who finish at once both count."""
    entries = RoundAccount.objects.blind().select_for_update(of=("self",)).select_related("account")
    return {entry.account_id: entry for entry in entries.filter(account__in=list(accounts)).order_by("pk")}


def _after(accounts: Iterable[Account], blind: dict[int, RoundAccount], by: User) -> None:
    """Score again what counts; reveal what is complete now."""
    for account in accounts:
        if account.pk in blind:
            reveal_when_complete(blind[account.pk], by=by)
        else:
            recompute_account(account=account, by=by)


def _write(rules: Rules, cell: Rated, by: User, rated_on: date | None, blind: dict[int, RoundAccount]) -> Rating:
    check_rating(rules, cell.value, cell.evidence, cell.confirmed, cell.criterion_key)
    fields: dict[str, Any] = {
        "value": cell.value,
        "evidence": cell.evidence.strip(),
        "confirmed": cell.confirmed,
        "rated_on": rated_on or timezone.localdate(),
    }
    entry = blind.get(cell.account.pk)
    own: dict[str, Any] = {
        "account": cell.account,
        "scorecard_id": rules.version.scorecard_id,
        "criterion_key": cell.criterion_key,
        "rater": by,
        "sealed": entry is not None,
    }
    if entry is not None:
        fields["round_id"] = entry.round_id
    if cell.revision == 0 or _first_in_round(own, cell):
        rating, is_new = Rating.objects.get_or_create(**own, defaults=fields)
        if not is_new:
            raise Stale(rating, "You have rated this already. Load the page again and change that rating.")
        return rating
    changed = Rating.objects.filter(**own, revision=cell.revision).update(**fields, revision=F("revision") + 1)
    found = Rating.objects.filter(**own).first()
    if found is None:
        raise ActionRefused("This rating was withdrawn meanwhile. Load the page again.", code="gone")
    if not changed:
        raise Stale(found)
    return found


def _first_in_round(own: dict[str, Any], cell: Rated) -> bool:
    """Whether the person changes the rating that counts while a round seals the account: that begins the sealed one."""
    if not own["sealed"] or Rating.objects.filter(**own).exists():
        return False
    return Rating.objects.filter(**own | {"sealed": False}, revision=cell.revision).exists()


@action("withdrew a rating")
def withdraw_rating(*, account: Account, rating: Rating, revision: int, by: User) -> None:
    """Take the own rating back; the trail keeps it. ActionRefused for somebody else's, Stale when it changed."""
    if rating.rater_id != by.pk:
        raise ActionRefused("Only the person who rated can withdraw it.", code="not_yours", status=403)
    blind = _locked([account])
    deleted, _ = Rating.objects.filter(pk=rating.pk, revision=revision).delete()
    if not deleted:
        rating.refresh_from_db()
        raise Stale(rating)
    if not blind or not rating.sealed:
        recompute_account(account=account, by=by)


@action("answered a gate")
def answer_gate(
    *,
    account: Account,
    gate_key: str,
    passed: bool,
    evidence: str = "",
    revision: int = 0,
    by: User,
    answered_on: date | None = None,
) -> GateAnswer:
    """Whether the account passes a gate. FieldErrors: unknown gate, or passed without evidence. Stale as usual."""
    rules = live_rules()
    gate = rules.by_key(gate_key)
    if gate is None or not gate.is_gate:
        raise FieldErrors({"gate": "The live scorecard has no gate with this short name."})
    if gate.checked_by:
        raise ActionRefused("Our own records answer this gate. Add the evidence there.", code="answered_by_records")
    if passed and not evidence.strip():
        raise FieldErrors({"evidence": "Say what shows that the gate is passed."})
    own = {"account": account, "scorecard_id": rules.version.scorecard_id, "gate_key": gate_key}
    fields = {
        "passed": passed,
        "evidence": evidence.strip(),
        "answered_by": by,
        "answered_on": answered_on or timezone.localdate(),
    }
    if revision == 0:
        answer, is_new = GateAnswer.objects.get_or_create(**own, defaults=fields)
        if not is_new:
            raise Stale(answer)
    else:
        changed = GateAnswer.objects.filter(**own, revision=revision).update(**fields, revision=F("revision") + 1)
        answer = GateAnswer.objects.get(**own)
        if not changed:
            raise Stale(answer)
    recompute_account(account=account, by=by)
    return answer
