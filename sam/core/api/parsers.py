"""JSON from outside: only what the database can keep and a number can hold."""

import json
import math
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from sam.core.text import storable

LARGEST_INTEGER = 2**63 - 1
LONGEST_NUMBER = 60
DEEPEST = 32


def strict_json(text: str | bytes) -> Any:
    """The value of a JSON text.

    Raises ValueError, in words, for NaN and infinities, numbers beyond 64 bits, NUL bytes, lone surrogates,
    repeated names and more than 32 levels.
    """
    try:
        value = json.loads(
            text,
            parse_int=_integer,
            parse_float=_float,
            parse_constant=_no_number,
            object_pairs_hook=_object,
        )
    except RecursionError:
        raise ValueError(f"The JSON is nested deeper than {DEEPEST} levels.") from None
    except UnicodeDecodeError:
        raise ValueError("The text is not UTF-8.") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"{error.msg} in line {error.lineno}, column {error.colno}.") from None
    _check(value)
    return value


def _integer(digits: str) -> int:
    if len(digits) <= 20 and abs(number := int(digits)) <= LARGEST_INTEGER:
        return number
    raise ValueError("A number is too big. Whole numbers go up to 9223372036854775807; send amounts as text.")


def _float(digits: str) -> float:
    number = float(digits) if len(digits) <= LONGEST_NUMBER else math.inf
    if math.isfinite(number):
        return number
    raise ValueError("A number is too long or too big. Send exact amounts as text.")


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is not a number that JSON knows. Send null for a missing value.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("A name appears twice in one object.")
    return value


def _check(value: Any) -> None:
    level = [value]
    for _ in range(DEEPEST):
        below: list[Any] = []
        for item in level:
            if isinstance(item, str):
                storable(item)
            elif isinstance(item, list):
                below += item
            elif isinstance(item, dict):
                below += item.keys()
                below += item.values()
        if not below:
            return
        level = below
    raise ValueError(f"The JSON is nested deeper than {DEEPEST} levels.")


class StrictJSONParser(BaseParser):
    """`application/json` in UTF-8, at most settings.DATA_UPLOAD_MAX_MEMORY_SIZE bytes."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0
        content = stream.read(most + 1)
        if len(content) > most:
            raise RequestDataTooBig(f"A request body may have at most {most:,} bytes.")
        try:
            return strict_json(content)
        except ValueError as error:
            raise ParseError(f"The JSON cannot be read: {error}") from error
