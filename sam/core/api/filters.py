"""Query parameters by allow-list: an unknown one is an error, so that a typing mistake never widens a list."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.filters import BaseFilterBackend
from rest_framework.request import Request
from rest_framework.views import APIView

from sam.core.text import storable

Reader = Callable[[str], Any]
LONGEST_TEXT = 200
PAGE_PARAMETERS = ("cursor", "page_size")


def text(given: str) -> str:
    """Any text of 1 to 200 characters."""
    if not 1 <= len(given) <= LONGEST_TEXT:
        raise ValueError(f"Give a text of 1 to {LONGEST_TEXT} characters.")
    return storable(given)


def whole_number(given: str) -> int:
    """A whole number from 0, at most 18 digits; ids and years."""
    if not (given.isascii() and given.isdigit() and len(given) <= 18):
        raise ValueError("Give a whole number.")
    return int(given)


def truth(given: str) -> bool:
    """`true` or `false`."""
    if given not in {"true", "false"}:
        raise ValueError("Give true or false.")
    return given == "true"


def iso_date(given: str) -> dt.date:
    """A date such as 2026-01-31."""
    try:
        return dt.date.fromisoformat(given)
    except ValueError:
        raise ValueError("Give a date such as 2026-01-31.") from None


def one_of(choices: Iterable[str]) -> Reader:
    """One word of `choices`."""
    known = tuple(str(choice) for choice in choices)

    def read(given: str) -> str:
        if given not in known:
            raise ValueError(f"Give one of: {', '.join(known)}.")
        return given

    return read


@dataclass(frozen=True)
class Filter:
    """One parameter of a list: `read` its text (ValueError says what is wrong), then narrow by `lookup`.

    `narrow(queryset, value, user)` takes the place of `lookup` where a lookup is not enough.
    """

    lookup: str = ""
    read: Reader = text
    description: str = ""
    narrow: Callable[[Any, Any, Any], Any] | None = None

    def applied(self, queryset: Any, value: Any, user: Any) -> Any:
        if self.narrow is not None:
            return self.narrow(queryset, value, user)
        return queryset.filter(**{self.lookup: value})


def read_parameters(
    request: Request, allowed: Mapping[str, Reader], *, required: Iterable[str] = (), ignored: Iterable[str] = ()
) -> dict[str, Any]:
    """The query parameters that were given, read. Raises 400 naming what is unknown, repeated, missing or wrong."""
    errors: dict[str, str] = {}
    values: dict[str, Any] = {}
    for name, given in request.query_params.lists():
        if name in ignored:
            continue
        if name not in allowed:
            known = ", ".join(sorted({*allowed, *ignored})) or "none"
            errors[name[:LONGEST_TEXT]] = f"This parameter is not known here. Known: {known}."
        elif len(given) > 1:
            errors[name] = "Give this parameter once."
        else:
            try:
                values[name] = allowed[name](given[0])
            except ValueError as error:
                errors[name] = str(error)
    for name in required:
        if name not in values and name not in errors:
            errors[name] = "This parameter is needed."
    if errors:
        raise ValidationError(errors)
    return values


class AllowListFilter(BaseFilterBackend):
    """Narrows a list by the view's `filters`; entries fetched by id are not filtered."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: APIView) -> Any:
        if getattr(view, "action", None) != "list":
            return queryset
        filters: Mapping[str, Filter] = getattr(view, "filters", {})
        allowed = {name: entry.read for name, entry in filters.items()}
        narrowed: Any = queryset
        for name, value in read_parameters(request, allowed, ignored=PAGE_PARAMETERS).items():
            narrowed = filters[name].applied(narrowed, value, request.user)
        return narrowed

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        kinds: dict[Any, dict[str, str]] = {
            whole_number: {"type": "integer"},
            truth: {"type": "boolean"},
            iso_date: {"type": "string", "format": "date"},
        }
        return [
            {
                "name": name,
                "in": "query",
                "required": False,
                "description": entry.description,
                "schema": kinds.get(entry.read, {"type": "string"}),
            }
            for name, entry in getattr(view, "filters", {}).items()
        ]
