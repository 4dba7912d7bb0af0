"""Revisions as entity tags: a write names the revision it saw."""

import re
from typing import Any, Protocol

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import APIException, ParseError
from rest_framework.request import Request

TAG = re.compile(r'"([0-9]{1,10})"')

IF_MATCH = OpenApiParameter(
    "If-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    required=True,
    description='The ETag of the version you changed, for example "3". A stale one is answered with 412.',
)


class HasRevision(Protocol):
    revision: int


class PreconditionRequired(APIException):
    status_code = 428
    default_code = "precondition_required"
    default_detail = "Name the version you changed in the header If-Match, with the ETag you got when reading it."


def etag_of(entry: HasRevision) -> str:
    """The entity tag of an entry's revision, quotation marks included."""
    return f'"{entry.revision}"'


def require_if_match(request: Request) -> int:
    """The revision that the caller saw. Raises 428 without If-Match, 400 when it is not one of our tags."""
    given: Any = request.headers.get("If-Match")
    if given is None or not given.strip():
        raise PreconditionRequired
    found = TAG.fullmatch(given.strip())
    if found is None:
        raise ParseError('If-Match must be one ETag as you got it, for example "3".')
    return int(found[1])
