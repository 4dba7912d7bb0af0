"""Errors as problem details (RFC 9457), in words, with a stable code for programs."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import DataError, IntegrityError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import set_rollback

from sam.core.errors import ActionRefused, FieldErrors, FileProblem, Stale

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
UNIQUE_VIOLATION, FOREIGN_KEY_VIOLATION = "23505", "23503"

CHECK_VALUES = "Some values are not accepted. Correct those named in errors and send it again."
SIGN_IN = "Send a token in the header: Authorization: Token <key>."
NOT_ALLOWED = "Your role does not allow this here."
NOT_HERE = "This does not exist, or you may not see it."


@dataclass
class Problem:
    """`errors` name single values: field (None for the whole), code, message."""

    status: int
    code: str
    detail: str
    errors: list[dict[str, Any]] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = {
            "type": f"urn:sam:problem:{self.code}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
        }
        if self.errors:
            body["errors"] = self.errors
        return body | self.more


def problem_response(exc: Exception, context: Mapping[str, Any]) -> Response | None:
    """Answer of the API to an exception; None for what only the server can be blamed for."""
    problem = problem_of(exc, context.get("view"))
    if problem is None:
        return None
    set_rollback()
    return Response(problem.body(), status=problem.status, headers=problem.headers, content_type=MEDIA_TYPE)


def problem_of(exc: Exception, view: Any = None) -> Problem | None:
    match exc:
        case Stale():
            return _stale(exc, view)
        case ActionRefused():
            return Problem(exc.status, exc.code, exc.message)
        case FieldErrors():
            errors = [_error(name, "invalid", text) for name, texts in exc.errors.items() for text in texts]
            return Problem(400, "invalid", CHECK_VALUES, errors)
        case FileProblem():
            place = {"row": exc.row, "column": exc.column}
            return Problem(400, exc.code, exc.message, [_error("file", exc.code, exc.message) | place])
        case exceptions.APIException():
            return _from_framework(exc)
        case Http404():
            return Problem(404, "not_found", NOT_HERE)
        case PermissionDenied():
            return Problem(403, "forbidden", str(exc) or NOT_ALLOWED)
        case DjangoValidationError():
            return Problem(400, "invalid", CHECK_VALUES, list(_from_model(exc)))
        case RequestDataTooBig():
            return Problem(413, "too_big", str(exc))
        case SuspiciousOperation():
            return Problem(400, "bad_request", "The request cannot be read. Check it and send it again.")
        case IntegrityError() | DataError():
            return _from_database(exc)
    return None


def _error(name: str | None, code: str, message: str) -> dict[str, Any]:
    whole = {None, "", NON_FIELD_ERRORS, api_settings.NON_FIELD_ERRORS_KEY}
    return {"field": None if name in whole else name, "code": code, "message": message}


def _stale(exc: Stale, view: Any) -> Problem:
    problem = Problem(412, exc.code, exc.message)
    if hasattr(view, "representation"):
        problem.more["current"] = view.representation(exc.current)
    revision = getattr(exc.current, "revision", None)
    if revision is not None:
        problem.headers["ETag"] = f'"{revision}"'
    return problem


def _from_framework(exc: exceptions.APIException) -> Problem:
    headers = {}
    if header := getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = header
    if wait := getattr(exc, "wait", None):
        headers["Retry-After"] = f"{wait:.0f}"
    if isinstance(exc, exceptions.ValidationError):
        return Problem(400, "invalid", CHECK_VALUES, list(_flat(exc.get_full_details())))
    if isinstance(exc, exceptions.NotFound):
        return Problem(404, "not_found", NOT_HERE)
    texts = {exceptions.NotAuthenticated: SIGN_IN, exceptions.PermissionDenied: NOT_ALLOWED}
    given = str(exc.detail)
    detail = texts.get(type(exc), given) if given == str(exc.default_detail) else given
    code = "forbidden" if isinstance(exc, exceptions.PermissionDenied) else str(exc.get_codes())
    return Problem(exc.status_code, code, detail, headers=headers)


def _flat(details: Any, path: str = "") -> Iterator[dict[str, Any]]:
    """Nested details as a list; places inside are joined by dots: `contacts.0.email`."""
    if isinstance(details, list):
        for position, item in enumerate(details):
            plain = isinstance(item, dict) and set(item) == {"message", "code"}
            yield from _flat(item, path if plain else _joined(path, str(position)))
    elif isinstance(details, dict) and set(details) == {"message", "code"} and not isinstance(details["message"], dict):
        yield _error(path, str(details["code"]), str(details["message"]))
    elif isinstance(details, dict):
        for name, item in details.items():
            whole = name == api_settings.NON_FIELD_ERRORS_KEY
            yield from _flat(item, path if whole else _joined(path, str(name)))


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _from_model(exc: DjangoValidationError) -> Iterator[dict[str, Any]]:
    by_field = exc.error_dict if hasattr(exc, "error_dict") else {NON_FIELD_ERRORS: exc.error_list}
    for name, found in by_field.items():
        for error in found:
            for message in error.messages:
                yield _error(name, error.code or "invalid", message)


def _from_database(exc: IntegrityError | DataError) -> Problem:
    """The last line of defence: what no check before caught is told apart by the database's own code."""
    logger.warning("The database refused a value from the API", exc_info=exc)
    state = getattr(exc.__cause__, "sqlstate", "")
    if state == UNIQUE_VIOLATION:
        return Problem(
            409, "already_exists", "Somebody else has just made the same entry. Load it and change that one."
        )
    if state == FOREIGN_KEY_VIOLATION:
        return Problem(409, "in_use", "Something else still refers to this, or what it refers to is gone.")
    return Problem(400, "invalid", "A value is outside of what can be stored. Check it and send it again.")
