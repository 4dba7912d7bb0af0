"""People administration: invite, change, deactivate, hand over what somebody held."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from sam.core.actions.messages import post_mail
from sam.core.audit import action
from sam.core.authorization.roles import ROLES
from sam.core.errors import ActionRefused, FieldErrors, Stale
from sam.core.holdings import holdings
from sam.core.models import ApiToken, Organisation, User


@action("invited a person")
def invite(
    *,
    email: str,
    display_name: str,
    role: str,
    by: User | None,
    line_manager: User | None = None,
    job_title: str = "",
    mail: bool = True,
) -> User:
    """Add a person and mail them a link to choose a password. They can sign in once they have one."""
    email = email.strip().lower()
    if User.objects.filter(email__iexact=email).exists():
        raise FieldErrors({"email": "Somebody with this address is here already."})
    if role not in ROLES:
        raise FieldErrors({"role": "Choose one of the roles."})
    user = User.objects.create_user(
        email,
        secrets.token_urlsafe(32),
        display_name=display_name.strip() or email,
        role_key=role,
        line_manager=line_manager,
        job_title=job_title,
    )
    if mail:
        send_invitation(user=user, by=by)
    return user


def send_invitation(*, user: User, by: User | None) -> None:
    """Mail the link again, for somebody who never came or lost it."""
    organisation = Organisation.objects.current()
    inviter = f"{by.display_name} invites you" if by else "You are invited"
    post_mail(
        key=f"invitation:{user.pk}:{secrets.token_hex(6)}",
        to=user.email,
        from_name=organisation.name,
        subject=f"Your access to SAM at {organisation.name}",
        text=(
            f"Hello {user.display_name},\n\n{inviter} to SAM, where {organisation.name} works on its key accounts.\n\n"
            f"Choose a password here:\n{password_link(user)}\n\nThe link works for three days and once only.\n"
        ),
    )


def password_link(user: User) -> str:
    key = f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
    uidb36, _, token = key.partition("-")
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": uidb36, "key": token})
    return f"{settings.BASE_URL}{path}"


@action("invited people from a file")
def invite_many(*, rows: Iterable[Mapping[str, str]], by: User) -> list[User]:
    """Invite everybody in the file, or nobody: `rows` with email, name, role, manager (an e-mail of one of ours).

    Raises FieldErrors whose keys are "row 3: email".
    """
    listed = list(rows)
    problems: dict[str, str] = {}
    known = {email.lower() for email in User.objects.values_list("email", flat=True)}
    new: set[str] = set()
    for number, row in enumerate(listed, start=2):
        email = row.get("email", "").strip().lower()
        try:
            validate_email(email)
        except ValidationError:
            problems[f"row {number}: email"] = f"“{email}” is not an e-mail address."
        if email in known or email in new:
            problems[f"row {number}: email"] = f"{email} is here already, or twice in the file."
        if row.get("role", "") not in ROLES:
            problems[f"row {number}: role"] = f"“{row.get('role', '')}” is no role. Use one of: {', '.join(ROLES)}."
        new.add(email)
    for number, row in enumerate(listed, start=2):
        manager = row.get("manager", "").strip().lower()
        if manager and manager not in known | new:
            problems[f"row {number}: manager"] = f"{manager} is neither here nor in the file."
    if problems:
        raise FieldErrors(problems)
    people = [invite(email=row["email"], display_name=row.get("name", ""), role=row["role"], by=by) for row in listed]
    by_email = {user.email: user for user in User.objects.filter(email__in=known | new)}
    for user, row in zip(people, listed, strict=True):
        if manager := row.get("manager", "").strip().lower():
            User.objects.filter(pk=user.pk).update(line_manager=by_email[manager])
    return people


@action("changed a person")
def change_person(*, user: User, revision: int, by: User, **fields: Any) -> User:
    """Change name, title, role or line manager. Raises Stale when somebody else was first."""
    allowed = {"display_name", "job_title", "role_key", "line_manager"}
    if unknown := set(fields) - allowed:
        raise TypeError(f"cannot change {unknown}")
    if fields.get("role_key", "admin") != "admin":
        refuse_last_admin(user)
    manager = fields.get("line_manager")
    if manager is not None and manages(user, manager):
        raise FieldErrors({"line_manager": f"{manager} reports to {user}: choose somebody else."})
    updated = User.objects.filter(pk=user.pk, revision=revision).update(**fields, revision=F("revision") + 1)
    user.refresh_from_db()
    if not updated:
        raise Stale(user)
    return user


def manages(boss: User, person: User) -> bool:
    """Whether `boss` is `person` or stands above them."""
    seen: set[int] = set()
    current: User | None = person
    while current is not None and current.pk not in seen:
        if current.pk == boss.pk:
            return True
        seen.add(current.pk)
        current = current.line_manager
    return False


def refuse_last_admin(user: User) -> None:
    if user.role_key == "admin" and not User.objects.active().filter(role_key="admin").exclude(pk=user.pk).exists():
        raise ActionRefused("This is the last admin. Make somebody else admin first.", "last_admin")


@action("deactivated a person")
def deactivate(*, user: User, by: User) -> User:
    """End somebody's access: sessions and tokens are void on the next request; what they wrote stays."""
    if user.pk == by.pk:
        raise ActionRefused("You cannot deactivate yourself. Ask another admin.", "own_account")
    refuse_last_admin(user)
    User.objects.filter(pk=user.pk).update(is_active=False, revision=F("revision") + 1)
    ApiToken.objects.filter(user=user, revoked_at=None).update(revoked_at=timezone.now())
    user.refresh_from_db()
    return user


@action("reactivated a person")
def reactivate(*, user: User, by: User) -> User:
    User.objects.filter(pk=user.pk).update(is_active=True, revision=F("revision") + 1)
    user.refresh_from_db()
    return user


@action("reassigned what somebody held")
def reassign(*, from_user: User, to_user: User, by: User) -> dict[str, int]:
    """Move everything `from_user` holds to `to_user`, all or nothing; how many of each kind moved."""
    if from_user.pk == to_user.pk:
        raise FieldErrors({"to": "Choose somebody else."})
    if not to_user.is_active:
        raise FieldErrors({"to": f"{to_user} is deactivated. Choose somebody who works here."})
    return {kind.label: kind.reassign(from_user=from_user, to_user=to_user, by=by) for kind in holdings()}


@action("changed the own profile")
def change_profile(*, user: User, by: User, **fields: Any) -> User:
    allowed = {"display_name", "time_zone", "locale", "theme", "shortcuts"}
    if unknown := set(fields) - allowed:
        raise TypeError(f"cannot change {unknown}")
    User.objects.filter(pk=user.pk).update(**fields, revision=F("revision") + 1)
    user.refresh_from_db()
    return user
