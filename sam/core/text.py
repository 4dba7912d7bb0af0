"""Text from outside: what the database cannot keep is refused here, with words."""

import re

# PostgreSQL text holds no NUL, and UTF-8 has no form for half a surrogate pair.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(value: str) -> str:
    """Return `value` unchanged. Raises ValueError when it holds a NUL byte or a lone surrogate."""
    found = UNSTORABLE.search(value)
    if found is None:
        return value
    kind = "a NUL byte" if found.group() == "\x00" else "half of a character pair"
    raise ValueError(f"The text holds {kind} at position {found.start() + 1}. Remove it and try again.")


def whole_number(text: str) -> int | None:
    """The number that `text` writes in 1 to 18 of the digits 0 to 9; None for any other text.

    >>> whole_number("42"), whole_number("-1"), whole_number("²"), whole_number("9" * 5000)
    (42, None, None, None)
    """
    return int(text) if len(text) <= 18 and text.isascii() and text.isdigit() else None


def without_unstorable(value: str) -> str:
    """Return `value` with NUL bytes and lone surrogates left out, for showing a refused text."""
    return UNSTORABLE.sub("", value)
