"""Merging: two accounts that turned out to be one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db.models import F, QuerySet

from accounts.actions.serving import recompute_cost_to_serve
from accounts.domain.hierarchy import would_circle
from accounts.models import (
    Account,
    AccountKey,
    ActivityVolume,
    Contact,
    Figure,
    FigureSplit,
    PriceRequest,
    PriceRequestLine,
    SponsorTerm,
    TeamSeat,
    Touchpoint,
)
from accounts.models.team import access_day
from accounts.queries.groups import links_above
from sam.core.audit import action
from sam.core.errors import ActionRefused
from sam.core.models import User
from sam.values.periods import period_of

Mover = Callable[[Account, Account], tuple[str, int]]
_movers: list[Mover] = []


def register_mover(mover: Mover) -> None:
    """Higher apps say how their rows move: `mover(account, into)` → (what, how many); raises ActionRefused."""
    _movers.append(mover)


@dataclass(frozen=True, slots=True)
class Merged:
    """What moved, by kind and count."""

    into: Account
    moved: tuple[tuple[str, int], ...]

    @property
    def sentence(self) -> str:
        parts = [f"{count} {what.removesuffix('s') if count == 1 else what}" for what, count in self.moved if count]
        return f"Moved to {self.into}: {', '.join(parts)}." if parts else f"Merged into {self.into}; nothing to move."


@action("merged accounts")
def merge_accounts(*, account: Account, into: Account, by: User | None) -> Merged:
    """`account` becomes a pointer to `into`, which takes over everything that hung on it.

    Raises ActionRefused where both hold a typed figure of the same period, where `into` stands below
    `account`, and where one of them was merged or archived before.
    """
    locked = {row.pk: row for row in Account.objects.select_for_update().filter(pk__in=[account.pk, into.pk])}
    account, into = locked[account.pk], locked[into.pk]
    _check(account, into)
    moved = [
        ("units", _move(Account.objects.filter(parent=account), parent=into, revision=F("revision") + 1)),
        ("keys", _move(AccountKey.objects.filter(account=account), account=into)),
        ("figures", _move(Figure.objects.filter(account=account), account=into)),
        ("activities", _move(ActivityVolume.objects.filter(account=account), account=into)),
        ("parts of figures", _move(FigureSplit.objects.filter(account=account), account=into)),
        ("price requests", _move(PriceRequest.objects.filter(account=account), account=into)),
        ("price clauses", _move(PriceRequestLine.objects.filter(favoured_account=account), favoured_account=into)),
        ("targets", _move_free(account.targets.all(), into.targets.current(), into, ("year", "measure"))),
        ("forecasts", _move_free(account.forecasts.all(), into.forecasts.all(), into, ("year", "measure"))),
        ("own targets", _move_free(account.dashboard_changes.all(), into.dashboard_changes.all(), into, ("metric",))),
        ("contacts", _move(Contact.objects.filter(account=account), account=into)),
        ("touchpoints", _move_touchpoints(account, into)),
        ("seats", _move_terms(TeamSeat.objects.filter(account=account), into, "user_id")),
        ("sponsor terms", _move_terms(SponsorTerm.objects.filter(account=account), into, "sponsor_id")),
        *(mover(account, into) for mover in _movers),
    ]
    Account.objects.filter(pk=account.pk).update(
        status=Account.Status.MERGED, merged_into=into, revision=F("revision") + 1
    )
    recompute_cost_to_serve([account.pk, into.pk])
    # The target's own trail shows the merge too.
    Account.objects.filter(pk=into.pk).update(revision=F("revision") + 1)
    return Merged(into, tuple(moved))


def _move(rows: QuerySet, **values: object) -> int:  # type: ignore[type-arg]
    return rows.update(**values)


def _move_free(rows: QuerySet, theirs: QuerySet, into: Account, named: Sequence[str]) -> int:  # type: ignore[type-arg]
    """Rows of which `into` has none of its own; where it has, its own count and ours stay behind as history."""
    taken = set(theirs.order_by().values_list(*named))
    free = [pk for pk, *place in rows.order_by().values_list("pk", *named) if tuple(place) not in taken]
    return rows.filter(pk__in=free).update(account=into)


def _move_touchpoints(account: Account, into: Account) -> int:
    rows = Touchpoint.objects.filter(account=account)
    # Two rows with one fingerprint cannot both keep it: the moved one becomes a row of its own.
    rows.filter(import_key__in=into.touchpoints.exclude(import_key="").values("import_key")).update(import_key="")
    return rows.update(account=into, revision=F("revision") + 1)


def _move_terms(rows: QuerySet, into: Account, person: str) -> int:  # type: ignore[type-arg]
    """Whoever holds one at both keeps that of the target; the moved one ends today and stays as history."""
    today = access_day()
    holders = rows.model.objects.filter(account=into, ends_on=None).values(person)
    double = rows.filter(ends_on=None, **{f"{person}__in": holders})
    double.filter(starts_on__gt=today).update(ends_on=F("starts_on"))
    double.update(ends_on=today)
    return rows.update(account=into, revision=F("revision") + 1)


def _check(account: Account, into: Account) -> None:
    if account.pk == into.pk:
        raise ActionRefused("Choose another account: this is the same one.", code="same_account")
    for one in (account, into):
        if one.status == Account.Status.MERGED:
            raise ActionRefused(f"{one} was merged into {one.merged_into} before.", code="merged")
    if into.status == Account.Status.ARCHIVED:
        raise ActionRefused(f"{into} is archived. Bring it back first.", code="archived")
    if would_circle(links_above(into.pk), str(account.pk), str(into.pk)):
        raise ActionRefused(
            f"{into} stands below {account}. Give it another parent first, or merge the other way round.",
            code="circle",
        )
    _refuse_double_figures(account, into)
    _refuse_double_contacts(account, into)


def _refuse_double_figures(account: Account, into: Account) -> None:
    """Typed rows have no key that keeps them apart; rows under keys move with their keys and add up."""
    theirs = into.figures.filter(key=None).values_list("period_start", "months", "kind")
    taken = set(theirs)
    double = sorted(
        row for row in account.figures.filter(key=None).values_list("period_start", "months", "kind") if row in taken
    )
    if double:
        named = ", ".join(f"{period_of(months, start)} {kind}" for start, months, kind in double[:4])
        more = f" and {len(double) - 4} more" if len(double) > 4 else ""
        raise ActionRefused(
            f"Both accounts have typed figures for {named}{more}. Nobody can say which are right: "
            "delete one set first.",
            code="double_figures",
        )
    for what, rows, theirs_too, named_by in (
        ("activities", account.activity_volumes, into.activity_volumes, ("period_start", "months", "driver")),
        (
            "parts of figures",
            account.figure_splits,
            into.figure_splits,
            ("period_start", "months", "dimension", "name"),
        ),
    ):
        typed = set(theirs_too.filter(key=None).values_list(*named_by))
        twice = [row for row in rows.filter(key=None).values_list(*named_by) if row in typed]
        if twice:
            raise ActionRefused(
                f"Both accounts have typed {what} of {period_of(twice[0][1], twice[0][0])}. Nobody can say which are "
                "right: delete one set first.",
                code="double_figures",
            )


def _refuse_double_contacts(account: Account, into: Account) -> None:
    theirs = set(into.contacts.exclude(external_id="").values_list("source", "external_id"))
    ours = account.contacts.exclude(external_id="").order_by("pk")
    double = [contact for contact in ours if (contact.source, contact.external_id) in theirs]
    if double:
        named = ", ".join(f"{contact} ({contact.external_id})" for contact in double[:4])
        raise ActionRefused(
            f"Both accounts have a contact with the same number: {named}. Remove one of them first.",
            code="double_contacts",
        )
