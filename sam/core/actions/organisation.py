"""The one organisation row, exchange rates, the first admin."""

from __future__ import annotations

import secrets
from typing import Any

import pycountry
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import F

from sam.core.actions.messages import post_mail
from sam.core.audit import action
from sam.core.errors import ActionRefused, FieldErrors, Stale
from sam.core.models import Organisation, User

FIRST_START_LOCK = 7_306_271


@action("changed the organisation")
def change_organisation(*, revision: int, by: User | None, **fields: Any) -> Organisation:
    """Change name, legal links, currency, fiscal year, sender or logo. Raises Stale when somebody else was first."""
    currency = fields.get("reporting_currency")
    if currency is not None and pycountry.currencies.get(alpha_3=currency) is None:
        raise FieldErrors({"reporting_currency": f"“{currency}” is not a currency. Use its three letters, like EUR."})
    organisation, is_new = Organisation.objects.get_or_create(pk=1)
    seen = organisation.revision if is_new else revision
    updated = Organisation.objects.filter(pk=1, revision=seen).update(**fields, revision=F("revision") + 1)
    organisation.refresh_from_db()
    if not updated:
        raise Stale(organisation)
    return organisation


@action("sent a test mail")
def send_test_mail(*, by: User) -> None:
    post_mail(
        key=f"test:{secrets.token_hex(8)}",
        to=by.email,
        subject="Test mail from SAM",
        text="If you can read this, SAM can send mail.\n",
    )


@action("set up the organisation")
def set_up(*, company: str, email: str, display_name: str, password: str, by: None = None) -> User:
    """The first admin of an empty installation. Refused as soon as anybody exists."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [FIRST_START_LOCK])
    if User.objects.exists():
        raise ActionRefused("SAM is set up already. Sign in, or ask your admin for access.", "set_up_already")
    admin = User(email=email.strip().lower(), display_name=display_name.strip(), role_key="admin")
    try:
        validate_password(password, admin)
    except ValidationError as problem:
        raise FieldErrors({"password": problem.messages}) from problem
    admin = User.objects.create_user(admin.email, password, display_name=admin.display_name, role_key="admin")
    change_organisation(revision=1, by=admin, name=company.strip())
    return admin
