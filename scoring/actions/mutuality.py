"""Writing the evidence that an account is mutual."""

from __future__ import annotations

from datetime import date

from django.db.models import F
from django.utils import timezone

from accounts.models import Account, Contact
from sam.core.audit import action
from sam.core.errors import FieldErrors, Stale
from sam.core.models import User
from scoring.actions.scores import recompute_account
from scoring.models import MutualityEvidence

Kind = MutualityEvidence.Kind


@action("added evidence of mutuality")
def add_evidence(
    *,
    account: Account,
    kind: str,
    on: date,
    ours: User,
    what: str,
    contact: Contact | None = None,
    theirs: str = "",
    document: str = "",
    by: User | None,
) -> MutualityEvidence:
    """FieldErrors: unknown kind, a day to come, nobody on the other side, a sort that needs its document."""
    values = _checked(account, kind, on, contact, theirs, what, document)
    evidence = MutualityEvidence.objects.create(account=account, ours=ours, **values)
    recompute_account(account=account, by=by)
    return evidence


@action("changed evidence of mutuality")
def edit_evidence(
    *,
    account: Account,
    evidence: MutualityEvidence,
    revision: int,
    kind: str,
    on: date,
    ours: User,
    what: str,
    contact: Contact | None = None,
    theirs: str = "",
    document: str = "",
    by: User | None,
) -> MutualityEvidence:
    """FieldErrors as for a new one; Stale when somebody changed it meanwhile."""
    values = _checked(account, kind, on, contact, theirs, what, document)
    rows = MutualityEvidence.objects.filter(pk=evidence.pk, account=account, revision=revision)
    changed = rows.update(ours=ours, revision=F("revision") + 1, **values)
    evidence.refresh_from_db()
    if not changed:
        raise Stale(evidence)
    recompute_account(account=account, by=by)
    return evidence


@action("removed evidence of mutuality")
def remove_evidence(*, account: Account, evidence: MutualityEvidence, revision: int, by: User | None) -> None:
    """The trail keeps it. Stale when somebody changed it meanwhile."""
    deleted, _ = MutualityEvidence.objects.filter(pk=evidence.pk, account=account, revision=revision).delete()
    if not deleted:
        evidence.refresh_from_db()
        raise Stale(evidence)
    recompute_account(account=account, by=by)


def _checked(
    account: Account, kind: str, on: date, contact: Contact | None, theirs: str, what: str, document: str
) -> dict[str, object]:
    errors: dict[str, str] = {}
    if kind not in Kind.values:
        errors["kind"] = "Choose one of the sorts. Meetings (M3) are read from touchpoints: log them there."
    if on > timezone.localdate():
        errors["on"] = "That day is still to come. Enter it once it has happened."
    if not what.strip():
        errors["what"] = "Say in a sentence what was said or done."
    if contact is not None and contact.account_id != account.pk:
        errors["contact"] = "Choose somebody of this client."
    if contact is None and not theirs.strip():
        errors["theirs"] = "Choose the person at the client, or say in words who it was."
    if kind in (Kind.SUPPLIER_CLASS, Kind.SHARES, Kind.NAMES_US) and not document.strip():
        errors["document"] = "Name the document that shows it, and where it is."
    if errors:
        raise FieldErrors(errors)
    return {
        "kind": kind,
        "on": on,
        "contact": contact,
        "theirs": theirs.strip(),
        "what": what.strip(),
        "document": document.strip(),
    }
