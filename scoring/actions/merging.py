"""What moves when two accounts turn out to be one: evidence of mutuality, and candidacies of an open cycle."""

from __future__ import annotations

from django.db.models import F

from accounts.models import Account
from scoring.domain.cycle import Step
from scoring.models import Candidate, MutualityEvidence


def move_evidence(account: Account, into: Account) -> tuple[str, int]:
    """What the client did counts for the account that stays. The person on the other side moved before."""
    rows = MutualityEvidence.objects.filter(account=account)
    return "mutuality signs", rows.update(account=into, revision=F("revision") + 1)


def move_candidacies(account: Account, into: Account) -> tuple[str, int]:
    """In an open cycle the account that stays is the candidate, once. Closed lists name whom they were about."""
    rows = Candidate.objects.filter(account=account).exclude(cycle__state=Step.CLOSED)
    taken = Candidate.objects.filter(account=into).values("cycle")
    rows.filter(cycle__in=taken).delete()
    return "nominations", rows.update(account=into)
