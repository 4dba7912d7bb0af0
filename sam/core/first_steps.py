"""What an admin does first in a new installation: it stands on my day until it is done."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.urls import reverse

from sam.core import day
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.models import Organisation, User


def first_steps(user: User, today: date) -> Iterable[day.Item]:
    """Somebody who runs the programme, and the notices without which nothing goes to a client."""
    if can(user, Permission.PEOPLE_ADMIN) and not User.objects.active().filter(role_key="programme_lead").exists():
        yield day.Item(
            title="Invite a programme lead",
            note="They bring in the accounts, choose the criteria and put people on teams",
            url=reverse("core:person-invite"),
            button="Invite",
            icon="user-plus",
        )
    if can(user, Permission.CONFIGURE) and not Organisation.objects.current().ready_for_clients:
        yield day.Item(
            title="Enter imprint and privacy notice",
            note="Surveys and review packs can be sent to clients once both are there",
            url=reverse("core:organisation-edit"),
            button="Enter",
            icon="building",
        )
