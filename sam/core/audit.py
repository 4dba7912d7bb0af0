"""Who changed what: database triggers write the trail, actions say in whose name and why.

`tracked` puts statement-level triggers (insert, update, delete) on a model.
`action` makes a function one transaction and names the person, the verb and
the request for every row the triggers write meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import pghistory
import pgtrigger
from django.db import models, transaction

if TYPE_CHECKING:
    from sam.core.models import User

P = ParamSpec("P")
R = TypeVar("R")
M = TypeVar("M", bound=models.Model)

request_id: ContextVar[str] = ContextVar("request_id", default="")
person_id: ContextVar[int | None] = ContextVar("person_id", default=None)
current_verb: ContextVar[str] = ContextVar("current_verb", default="")


def tracked(*, exclude: list[str] | None = None) -> Callable[[type[M]], type[M]]:
    """Class decorator: keep every version of the model's rows in an append-only event table."""
    return pghistory.track(  # type: ignore[no-any-return]
        pghistory.InsertEvent(level=pgtrigger.Statement),
        pghistory.UpdateEvent(level=pgtrigger.Statement),
        pghistory.DeleteEvent(level=pgtrigger.Statement),
        exclude=exclude,
    )


def action(verb: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A write: keyword-only, one transaction, always in somebody's name.

    The wrapped function takes `by=` (a person, or None for the clock). An
    `account=` argument is noted so that the account's activity can show it.
    A nested action keeps the outer verb.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
            if args:
                raise TypeError(f"{function.__name__} takes keyword arguments only")
            if "by" not in kwargs:
                raise TypeError(f"{function.__name__} needs by=, the person in whose name it happens")
            with transaction.atomic(), in_the_name_of(kwargs["by"], verb, account=kwargs.get("account")):  # type: ignore[arg-type]
                return function(*args, **kwargs)

        wrapped.verb = verb  # type: ignore[attr-defined]
        return wrapped

    return decorate


class in_the_name_of:
    """Context manager behind `action`; jobs use it directly around set-based work."""

    def __init__(self, by: User | None, verb: str, *, account: Any = None, **extra: Any) -> None:
        self.outer = not current_verb.get()
        self.verb = verb
        metadata = {"user": by.pk if by else None, "person": str(by) if by else "SAM", **extra}
        if account is not None:
            metadata["account"] = account.pk
        if self.outer:
            metadata["verb"] = verb
            metadata["request"] = request_id.get()
        self.context: Any = pghistory.context(**metadata)

    def __enter__(self) -> None:
        self.token = current_verb.set(current_verb.get() or self.verb)
        self.context.__enter__()

    def __exit__(self, *exc: Any) -> None:
        self.context.__exit__(*exc)
        current_verb.reset(self.token)
