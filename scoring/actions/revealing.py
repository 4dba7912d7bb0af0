"""The moment when the ratings of a round are seen and count."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from sam.core.audit import current_verb
from sam.core.models import User
from scoring.actions.scores import recompute_account, start_recompute
from scoring.models import Rating, RoundAccount, SettledValue

ONE_BY_ONE = 40
"""Up to so many accounts are scored again at once; more are left to a worker."""


def reveal(entries: Sequence[RoundAccount], by: User | None) -> None:
    """Let the sealed ratings of these accounts take the place of earlier ones, and score the accounts again.

    A value settled in an earlier round goes where new ratings came: it settled other ratings. Inside an action only.
    """
    if not current_verb.get():
        raise RuntimeError("reveal belongs inside an action")
    accounts = {entry.account_id for entry in entries}
    rounds = {entry.round_id for entry in entries}
    sealed = Rating.objects.filter(sealed=True, account__in=accounts, round__in=rounds)
    same = sealed.filter(account=OuterRef("account"), scorecard=OuterRef("scorecard"),
                         criterion_key=OuterRef("criterion_key"))  # fmt: skip
    SettledValue.objects.filter(Exists(same), account__in=accounts).delete()
    earlier = Rating.objects.counted().filter(Exists(same.filter(rater=OuterRef("rater"))), account__in=accounts)
    earlier.delete()
    sealed.update(sealed=False, revision=F("revision") + 1)
    RoundAccount.objects.filter(pk__in=[entry.pk for entry in entries]).update(revealed_at=timezone.now())
    if len(entries) > ONE_BY_ONE:
        start_recompute(by=by)
        return
    for entry in entries:
        recompute_account(account=entry.account, by=by)
