"""Actions: somebody of ours, of theirs or both do something until a date."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, TypedDict, Unpack

from django.conf import settings
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from accounts.actions.checks import Problems
from accounts.actions.revisions import write
from accounts.models import Account, Contact
from planning.models import AccountPlan, Objective, PlanAction, PlanSection
from sam.core.actions.messages import notify, post_mail
from sam.core.audit import action
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.errors import ActionRefused, FieldErrors, Stale
from sam.core.models import User

EARLIEST, LATEST = date(2000, 1, 1), date(2100, 12, 31)


class ActionValues(TypedDict, total=False):
    """What a person may set on an action. Its status has verbs of its own."""

    title: str
    plan: AccountPlan | None
    objective: Objective | None
    section: PlanSection | None
    our_owner: User | None
    their_owner: Contact | None
    due: date
    shared: bool


@dataclass(frozen=True, slots=True)
class ActionRecord:
    """An action with its past, for taking over a list that was kept elsewhere."""

    title: str
    due: date
    our_owner: User | None = None
    their_owner: Contact | None = None
    started: bool = False
    done_on: date | None = None
    moved: int = 0
    shared: bool = False
    section: PlanSection | None = None
    objective: Objective | None = None


@action("added an action")
def add_action(*, account: Account, by: User | None, **values: Unpack[ActionValues]) -> PlanAction:
    """The owner on our side is told, unless it is `by`. Raises FieldErrors."""
    values.setdefault("title", "")
    made = PlanAction.objects.create(account=account, **_checked(values, account, None))
    _tell_owner(made, by)
    return made


@action("changed an action")
def change_action(
    *, account: Account, plan_action: PlanAction, revision: int, by: User | None, **values: Unpack[ActionValues]
) -> PlanAction:
    """A later due date counts as moved; a new owner on our side is told. Raises FieldErrors and Stale."""
    checked: dict[str, Any] = {**_checked(values, account, plan_action)}
    before = plan_action.our_owner_id
    if "due" in checked and checked["due"] > plan_action.due:
        checked["moved"] = plan_action.moved + 1
    changed = write(plan_action, seen=revision, **checked)
    if changed.our_owner_id != before:
        _tell_owner(changed, by)
    return changed


@action("moved an action's date")
def move_due(*, account: Account, plan_action: PlanAction, due: date, revision: int, by: User | None) -> PlanAction:
    """Only open actions move. Raises FieldErrors, Stale and ActionRefused."""
    if not plan_action.is_open:
        raise ActionRefused("This action is closed. Open it again to move its date.", code="closed")
    return change_action(account=account, plan_action=plan_action, revision=revision, due=due, by=by)


@action("started an action")
def start_action(*, account: Account, plan_action: PlanAction, revision: int, by: User | None) -> PlanAction:
    """Somebody works on it now. Raises Stale and ActionRefused."""
    if not plan_action.is_open:
        raise ActionRefused("This action is closed. Open it again first.", code="closed")
    return write(plan_action, seen=revision, status=PlanAction.Status.IN_PROGRESS)


@action("did an action")
def complete_action(
    *, account: Account, plan_action: PlanAction, revision: int, by: User | None, done_on: date | None = None
) -> PlanAction:
    """Done today or on an earlier day. Done twice changes nothing. Raises FieldErrors and Stale."""
    if plan_action.status == PlanAction.Status.DONE:
        return plan_action
    today = timezone.localdate()
    day = done_on or today
    if day > today:
        raise FieldErrors({"done_on": "The day lies in the future."})
    return write(plan_action, seen=revision, status=PlanAction.Status.DONE, done_on=day)


@action("opened an action again")
def reopen_action(*, account: Account, plan_action: PlanAction, revision: int, by: User | None) -> PlanAction:
    """A done or dropped action goes on. Raises Stale."""
    if plan_action.is_open:
        return plan_action
    return write(plan_action, seen=revision, status=PlanAction.Status.IN_PROGRESS, done_on=None)


@action("dropped an action")
def drop_action(*, account: Account, plan_action: PlanAction, revision: int, by: User | None) -> PlanAction:
    """It will not be done; it stays in the list of closed ones. Raises Stale."""
    return write(plan_action, seen=revision, status=PlanAction.Status.DROPPED, done_on=None)


@action("deleted an action")
def delete_action(*, account: Account, plan_action: PlanAction, revision: int, by: User | None) -> None:
    """For entries made by mistake; what will not be done is dropped. Raises Stale, ActionRefused when it is gone."""
    deleted, _ = PlanAction.objects.filter(pk=plan_action.pk, revision=revision).delete()
    if deleted:
        return
    current = PlanAction.objects.filter(pk=plan_action.pk).first()
    if current is None:
        raise ActionRefused("Somebody else deleted this meanwhile.", code="gone")
    raise Stale(current)


@action("took over a list of actions")
def record_actions(
    *, account: Account, plan: AccountPlan | None, records: Iterable[ActionRecord], by: User | None
) -> int:
    """Many actions with their past in one statement; nobody is told. How many. Raises FieldErrors, all or none."""
    rows: list[PlanAction] = []
    problems: dict[str, str] = {}
    for number, record in enumerate(records, start=1):
        try:
            rows.append(_recorded(record, account, plan))
        except FieldErrors as found:
            problems |= {f"action {number}: {name}": " ".join(texts) for name, texts in found.errors.items()}
    if problems:
        raise FieldErrors(problems)
    return len(PlanAction.objects.bulk_create(rows, batch_size=1000))


@action("handed over actions")
def reassign_actions(*, from_user: User, to_user: User, by: User | None) -> int:
    """All open actions of `from_user` become those of `to_user`; closed ones stay as they were. How many."""
    return PlanAction.objects.open().filter(our_owner=from_user).update(our_owner=to_user, revision=F("revision") + 1)


@action("handed over objectives")
def reassign_objectives(*, from_user: User, to_user: User, by: User | None) -> int:
    return Objective.objects.filter(owner=from_user).update(owner=to_user, revision=F("revision") + 1)


def _recorded(record: ActionRecord, account: Account, plan: AccountPlan | None) -> PlanAction:
    values: ActionValues = {
        "title": record.title,
        "due": record.due,
        "our_owner": record.our_owner,
        "their_owner": record.their_owner,
        "section": record.section,
        "objective": record.objective,
        "plan": plan,
        "shared": record.shared,
    }
    # People of the past may have left since: who owned what then is not checked against today's team.
    checked = _checked(values, account, None, of_the_past=record.done_on is not None)
    if record.done_on and record.done_on > timezone.localdate():
        raise FieldErrors({"done_on": "The day lies in the future."})
    open_status = PlanAction.Status.IN_PROGRESS if record.started else PlanAction.Status.PLANNED
    status = PlanAction.Status.DONE if record.done_on else open_status
    return PlanAction(account=account, status=status, done_on=record.done_on, moved=record.moved, **checked)


def _checked(
    values: ActionValues, account: Account, known: PlanAction | None, *, of_the_past: bool = False
) -> ActionValues:
    problems = Problems()
    checked: ActionValues = {**values, **problems.texts(values, {"title": 200})}  # type: ignore[typeddict-item]
    if "title" in checked and not checked["title"]:
        problems.add("title", "Say what is to be done.")
    if known is None and checked.get("due") is None:
        problems.add("due", "Say by when.")
    elif "due" in checked and not EARLIEST <= checked["due"] <= LATEST:
        problems.add("due", "Choose a day between 2000 and 2100.")
    _check_owners(checked, account, known, problems, of_the_past)
    _check_place(checked, account, known, problems)
    problems.stop()
    return checked


def _check_owners(
    values: ActionValues, account: Account, known: PlanAction | None, problems: Problems, of_the_past: bool
) -> None:
    ours = values.get("our_owner", known.our_owner if known else None)
    theirs = values.get("their_owner", known.their_owner if known else None)
    if ours is None and theirs is None:
        problems.add("our_owner", "Choose somebody of us, somebody of theirs, or both.")
    if theirs is not None and theirs.account_id != account.pk:
        problems.add("their_owner", "Choose a contact of this account.")
    if of_the_past:
        return
    if ours is not None and (known is None or ours.pk != known.our_owner_id):
        problems.active("our_owner", ours)
        if not can(ours, Permission.PLAN_VIEW, on=account):
            problems.add("our_owner", f"{ours} cannot see this account. Put them on the team first.")
    is_new = theirs is not None and (known is None or theirs.pk != known.their_owner_id)
    if theirs is not None and is_new and theirs.status == Contact.Status.LEFT:
        problems.add("their_owner", f"{theirs} has left. Choose somebody else.")


def _check_place(values: ActionValues, account: Account, known: PlanAction | None, problems: Problems) -> None:
    """Plan, section and objective belong together and to the account; a part names its plan."""
    parts = {name: values.get(name) for name in ("section", "objective")}
    plan = values.get("plan", known.plan if known else None)
    for name, part in parts.items():
        if part is None:
            continue
        if plan is None:
            plan = values["plan"] = part.plan  # type: ignore[attr-defined]
        if part.plan_id != plan.pk:  # type: ignore[attr-defined]
            problems.add(name, "Choose one of the same plan.")
    if plan is not None and plan.account_id != account.pk:
        problems.add("plan", "Choose a plan of this account.")


def _tell_owner(entry: PlanAction, by: User | None) -> None:
    owner = entry.our_owner
    if owner is None or by is None or owner.pk == by.pk:
        return
    path = reverse("planning:action-edit", args=[entry.account_id, entry.pk])
    day = f"{entry.due:%d} {entry.due:%B %Y}".lstrip("0")
    notify(
        user=owner,
        title=f"Yours: {entry.title}",
        text=f"{entry.account}, due {day}. From {by}.",
        url=path,
        account_id=entry.account_id,
    )
    post_mail(
        key=f"action-owner:{entry.pk}:{owner.pk}:{entry.revision}",
        to=owner.email,
        subject=f"Yours: {entry.title}"[:250],
        text=(
            f"Hello {owner.display_name},\n\n{by} has put an action in your name.\n\n"
            f"{entry.title}\nAccount: {entry.account}\nDue: {day}\n\n{settings.BASE_URL}{path}\n"
        ),
    )
