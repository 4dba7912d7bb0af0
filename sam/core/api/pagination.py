"""Pages of a list that stay right while rows come and go."""

from typing import Any

from rest_framework import pagination
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request

LONGEST_POSITION = 18


class CursorPagination(pagination.CursorPagination):
    """By id, 100 rows a page, up to 1,000 with `page_size`."""

    ordering = "id"
    page_size = 100
    max_page_size = 1_000
    page_size_query_param = "page_size"
    template = None

    def get_ordering(self, request: Request, queryset: Any, view: Any) -> tuple[str, ...]:
        # Only the id is unique and never changes; any other order would lose or repeat rows.
        return ("id",)

    def get_page_size(self, request: Request) -> int:
        if "page_size" not in request.query_params:
            return self.page_size
        given = request.query_params.getlist("page_size")[-1]
        if not (given.isascii() and given.isdigit() and len(given) <= 4 and 1 <= int(given) <= self.max_page_size):
            raise ValidationError({"page_size": f"Give a whole number from 1 to {self.max_page_size}."})
        return int(given)

    def decode_cursor(self, request: Request) -> Any:
        try:
            cursor = super().decode_cursor(request)
        except NotFound:
            raise _unknown_cursor() from None
        position: Any = None if cursor is None else cursor.position
        if position is not None and not (
            position.isascii() and position.isdigit() and len(position) <= LONGEST_POSITION
        ):
            raise _unknown_cursor()
        return cursor


def _unknown_cursor() -> ValidationError:
    return ValidationError({"cursor": "Use the addresses in next and previous as they are."})
