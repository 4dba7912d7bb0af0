"""Saved views of the portfolio: a name and a query string, each person's own."""

from __future__ import annotations

from accounts.actions.checks import Problems
from accounts.models import SavedView
from sam.core.audit import action
from sam.core.errors import FieldErrors
from sam.core.models import User

MOST_VIEWS = 12


@action("saved a view")
def save_view(*, name: str, query: str, by: User) -> SavedView:
    """The same name again replaces what it shows. Raises FieldErrors."""
    problems = Problems()
    name = problems.text("name", name, 60)
    query = problems.text("query", query.lstrip("?"), 1000)
    if not name:
        problems.add("name", "Give the view a name.")
    problems.stop()
    if by.saved_views.exclude(name=name).count() >= MOST_VIEWS:
        raise FieldErrors({"name": f"You have {MOST_VIEWS} views. Remove one first."})
    view, _ = SavedView.objects.update_or_create(user=by, name=name, defaults={"query": query})
    return view


@action("removed a view")
def remove_view(*, view: SavedView, by: User) -> None:
    view.delete()
