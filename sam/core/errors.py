"""What a rule says no with, in words for the person who asked. Free of Django, so that limited children can use it."""

from collections.abc import Mapping, Sequence
from typing import Any


class ActionRefused(Exception):
    """An action that cannot be done now.

    `message` says in plain words why and what to do; `code` is the stable word for programs;
    `status` is the HTTP status an API answers with (409 unless the action says otherwise).
    """

    def __init__(self, message: str, code: str = "refused", status: int = 409) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.status = status


class Stale(ActionRefused):
    """A write that names an older revision than the stored one.

    `current` is the object as it is stored now, so that the person sees both texts.
    """

    def __init__(
        self, current: Any, message: str = "Somebody else changed this first. Compare, then save again."
    ) -> None:
        super().__init__(message, code="stale", status=412)
        self.current = current


class FieldErrors(Exception):
    """Values that a rule does not accept, by field name; the empty name stands for the whole entry."""

    def __init__(self, errors: Mapping[str, str | Sequence[str]]) -> None:
        self.errors: dict[str, tuple[str, ...]] = {
            field: (messages,) if isinstance(messages, str) else tuple(messages) for field, messages in errors.items()
        }
        super().__init__("; ".join(f"{field}: {' '.join(messages)}" for field, messages in self.errors.items()))


class FileProblem(Exception):
    """A file that cannot be taken.

    `row` counts from 1 as the person's own program shows it; `column` is the column's name, or its
    number where it has none.
    """

    def __init__(self, code: str, message: str, row: int | None = None, column: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.row = row
        self.column = column
