"""Every address of pages and API, from the URLconf and the routers, with what a body for it looks like."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponseBase
from django.urls import URLPattern, get_resolver, resolve, reverse
from drf_spectacular.generators import SchemaGenerator
from rest_framework import serializers

from reviews.actions.survey_templates import DEFAULT_KEY
from reviews.models import AgendaTemplate, SurveyTemplate
from sam.core.api.fields import JsonTextField, ScopedPrimaryKeyField
from tests.pages.matrix import Address
from tests.pages.matrix import addresses as page_addresses
from tests.security.population import Shared

WORDS = {
    "quarter": "2026-Q3",
    "half": "current",
    "kind": "actual",
    "number": 1,
    "metric": "revenue",
    "measure": "revenue",
    "driver": "order",
    "year": 2199,
    "shown": "page",
    "name": "numbers.pdf",
}


@cache
def pages() -> tuple[Address, ...]:
    """Guarded pages, by name."""
    return tuple(sorted(page_addresses(), key=lambda address: (address.name, address.arguments)))


def page_path(address: Address, number: int, shared: Shared, **other: int) -> str:
    """The page about the rows that carry `number`; `other` gives single arguments another row."""
    return reverse(
        address.name,
        kwargs={name: other.get(name, _argument(address, name, number, shared)) for name in address.arguments},
    )


def _argument(address: Address, name: str, number: int, shared: Shared) -> Any:
    if name == "key":
        return {"accounts:import-sample": "accounts", "scoring:gate-edit": shared.gate}.get(address.name, shared.rated)
    if address.name.startswith("scoring:") and name in ("scorecard_id", "objective_id"):
        return shared.version.scorecard_id if name == "scorecard_id" else shared.objective_id
    if name == "rate_id":
        return shared.rate.pk
    if name in ("template_id", "agenda_id"):
        return shared.rows[SurveyTemplate if name == "template_id" else AgendaTemplate].pk
    if name == "round_id":
        return shared.round.pk
    if address.name in ("accounts:dashboard-change", "accounts:dashboard-thresholds"):
        return number if name == "account_id" else "contribution_margin"
    if name == "profile_id":
        return shared.profile.pk
    if name == "user_id":
        return shared.colleague_id
    return number if name.endswith("_id") else WORDS[name]


# Where a type alone does not tell what is taken.
SOON = (dt.date.today() + dt.timedelta(days=14)).isoformat()
FITTING: dict[str, dict[str, Any]] = {
    "ReviewViews.create": {"date": SOON, "minutes": 60},
    "ReviewViews.partial_update": {"date": SOON, "minutes": 60},
    "SurveyViews.create": {"closes_on": SOON, "review_on": SOON, "template": DEFAULT_KEY},
    "PlanViews.create": {"year": dt.date.today().year + 1},
    "PlanViews.partial_update": {"strategy": "grow"},
    "ContactViews.opinions": {"value": 1},
    "SeatViews.end": {"ends_on": dt.date.today().isoformat()},
    "TermViews.end": {"ends_on": dt.date.today().isoformat()},
}


@dataclass(frozen=True)
class Route:
    """One method of an API address."""

    name: str
    arguments: tuple[str, ...]
    method: str
    action: str
    view: Any

    def path(self, number: int, **other: int) -> str:
        return reverse(self.name, kwargs={name: other.get(name, number) for name in self.arguments})

    @property
    def key(self) -> str:
        return f"{self.view.__name__}.{self.action}"


@cache
def routes() -> tuple[Route, ...]:
    """The API, by name."""
    return tuple(sorted(_routes(get_resolver().url_patterns), key=lambda route: (route.name, route.method)))


def _routes(patterns: Any, before: tuple[str, ...] = ()) -> Iterator[Route]:
    for entry in patterns:
        named = tuple(entry.pattern.regex.groupindex)
        if not isinstance(entry, URLPattern):
            yield from _routes(entry.url_patterns, (*before, *named))
            continue
        view = getattr(entry.callback, "cls", None)
        if view is None or not entry.name or view.__module__.startswith("drf_spectacular"):
            continue
        actions = getattr(entry.callback, "actions", None) or {
            method: method for method in view.http_method_names if hasattr(view, method) and method != "options"
        }
        for method, action in actions.items():
            if method != "head":
                yield Route(entry.name, (*before, *named), method, action, view)


@cache
def request_serializers() -> dict[tuple[str, str], Any]:
    """(address's name, method) → what the API says it reads."""
    generator = SchemaGenerator()
    generator._initialise_endpoints()
    found = {}
    for path, path_regex, method, view in generator._get_paths_and_endpoints():
        view.schema.path, view.schema.path_regex, view.schema.method = path, path_regex, method
        view.schema.path_prefix = ""
        if method not in ("GET", "DELETE"):
            name = resolve(path.replace("{id}", "1").replace("{pack_id}", "1").replace("{candidate_id}", "1")).view_name
            found[name, method.lower()] = view.schema.get_request_serializer()
    return found


def body_for(route: Route, number: int) -> dict[str, Any]:
    """A body with every field of the route, ids naming the rows that carry `number`."""
    known = request_serializers().get((route.name, route.method))
    made = known() if isinstance(known, type) else known
    body = _filled(made, number) if isinstance(made, serializers.Serializer) else {}
    return body | {name: value for name, value in FITTING.get(route.key, {}).items() if name in body}


def _filled(serializer: serializers.Serializer[Any], number: int) -> dict[str, Any]:
    return {name: _sample(entry, number) for name, entry in serializer.fields.items() if not entry.read_only}


def _sample(entry: Any, number: int) -> Any:
    match entry:
        case serializers.ManyRelatedField():
            return [_sample(entry.child_relation, number)]
        case ScopedPrimaryKeyField():
            return number
        case serializers.ListSerializer() | serializers.ListField():
            return [_sample(entry.child, number)]
        case serializers.DictField():
            return {}
        case serializers.Serializer():
            return _filled(entry, number)
        case JsonTextField() | serializers.JSONField():
            return {}
        case serializers.MultipleChoiceField() | serializers.ChoiceField():
            return next(iter(entry.choices))
        case serializers.BooleanField():
            return True
    return _plain_sample(entry)


def _plain_sample(entry: Any) -> Any:
    match entry:
        case serializers.FileField():
            return SimpleUploadedFile("list.csv", b"external_id,name\n1,Alpha\n")
        case serializers.IntegerField():
            return entry.min_value if entry.min_value is not None else 1
        case serializers.DecimalField():
            return "1.5"
        case serializers.DateField():
            return "2026-10-01"
        case serializers.DateTimeField():
            return "2026-10-01T10:00:00Z"
        case serializers.TimeField():
            return "10:00"
        case serializers.EmailField():
            return "somebody@client.example"
        case serializers.URLField():
            return "https://client.example/"
    length = getattr(entry, "max_length", None) or 20
    return "EUR" if length == 3 else "Some words"[:length]


def text_of(response: HttpResponseBase) -> str:
    """Body and headers of an answer; of a spreadsheet, what is inside."""
    content = b"".join(response) if response.streaming else response.content  # type: ignore[attr-defined,call-overload]
    for closer in response._resource_closers:  # type: ignore[attr-defined]
        closer()
    if content[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = b"\n".join(archive.read(name) for name in archive.namelist())
    return f"{dict(response.items())}\n{content.decode(errors='replace')}"
