"""Checks that several actions share: each puts what is wrong under the field's name."""

from __future__ import annotations

from collections.abc import Mapping

from sam.core.errors import FieldErrors
from sam.core.models import User
from sam.values.texts import TextError, clean_text


class Problems:
    """Collects what is wrong by field; `stop()` raises FieldErrors when there is anything."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}

    def add(self, field: str, message: str) -> None:
        self.found.setdefault(field, message)

    def stop(self) -> None:
        if self.found:
            raise FieldErrors(self.found)

    def text(self, field: str, value: str, longest: int | None = None) -> str:
        """The text without outer blanks; a text that cannot be kept is a problem of its field."""
        try:
            return clean_text(value, longest)
        except TextError as error:
            self.add(field, str(error))
            return ""

    def texts(self, values: Mapping[str, object], lengths: Mapping[str, int]) -> dict[str, str]:
        """The named texts of `values` that are given, each cleaned."""
        return {
            field: self.text(field, str(values[field] or ""), longest)
            for field, longest in lengths.items()
            if field in values
        }

    def active(self, field: str, person: User | None) -> None:
        if person is not None and not person.is_active:
            self.add(field, f"{person} no longer works here. Choose somebody else.")
