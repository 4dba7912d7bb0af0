"""Whether something that scores depend on changed after they were computed."""

from __future__ import annotations

from django.apps import apps
from django.db import connection

from accounts.models import Account
from scoring.models import ScoreRun

# Event tables of the trail: a newer row means that a score may be out of date.
WATCHED = ("accounts.FigureEvent", "core.ExchangeRateEvent", "core.OrganisationEvent")


def newest_events() -> dict[str, int]:
    """The newest entry of each watched trail, and the newest account; 0 where there is none. One query."""
    columns = [(name, apps.get_model(name)._meta.db_table, "pgh_id") for name in WATCHED]
    columns.append(("accounts", Account._meta.db_table, "id"))
    newest = ", ".join(f"(SELECT coalesce(max({key}), 0) FROM {table})" for _, table, key in columns)  # noqa: S608 (our own tables)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {newest}")
        row = cursor.fetchone()
    return {name: found for (name, _, _), found in zip(columns, row, strict=True)}


def is_out_of_date(run: ScoreRun | None) -> bool:
    """True when figures or rates changed, or accounts were added, after the last recompute of all scores."""
    return run is None or newest_events() != run.seen
