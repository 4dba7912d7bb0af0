"""What may go to clients: apps register a publisher per kind of publication. The portal knows nothing else.

A publisher builds a snapshot from an explicit allow-list. Its pages show that snapshot and nothing more; what a
client sends is read by a pure function, stored as a submission, and taken over by an action of the app.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.http import QueryDict

if TYPE_CHECKING:
    from sam.portal.models import Submission


@dataclass(frozen=True, slots=True)
class Reading:
    """A form as the client sent it: the payload to store, or errors by field name. `values` fill the form again."""

    payload: Mapping[str, Any]
    errors: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """One way to look at a publication; a link's purpose names it.

    `template` gets `page` (the payload), `name` (the recipient), `key`, `values`, `errors`, `sent_at`. A page without
    `read` takes nothing. `read(payload, data)` must not touch the database: it runs behind the wall. `take_over` runs
    later, in a worker, once per submission, in one transaction; it may raise ActionRefused, which is kept in words.
    """

    purpose: str
    template: str
    done_template: str = ""
    read: Callable[[Mapping[str, Any], QueryDict], Reading] | None = None
    take_over: Callable[[Submission], None] | None = None


@dataclass(frozen=True, slots=True)
class Publisher:
    """`build(subject)` returns the payload: JSON types only, dates as ISO text, nothing that is not for the client.

    A payload may hold `files`: name → {"type": media type, "base64": content}; pages link to them by name.
    """

    kind: str
    label: str
    build: Callable[[Any], dict[str, Any]]
    pages: tuple[Page, ...]

    def page(self, purpose: str) -> Page:
        return next(page for page in self.pages if page.purpose == purpose)


_publishers: dict[str, Publisher] = {}


def register(publisher: Publisher) -> None:
    _publishers[publisher.kind] = publisher


def publisher_for(kind: str) -> Publisher:
    return _publishers[kind]


def publishers() -> list[Publisher]:
    return sorted(_publishers.values(), key=lambda publisher: publisher.kind)
