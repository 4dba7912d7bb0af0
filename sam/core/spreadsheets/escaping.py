"""Cells that a spreadsheet program would run as formulas, made harmless in CSV by a leading apostrophe.

`unescaped(escaped(text)) == text` for every text, so that a file we wrote reads back as it was.
"""

import re
from collections.abc import Iterable

FIRST = "=+\\-@\t\r\x00"
DANGEROUS = re.compile(f"'*[{FIRST}]")
ESCAPED = re.compile(f"''*[{FIRST}]")
# One look at a whole column: its cells joined, each behind this mark.
JOINT = "\x1f"
SUSPICIOUS = re.compile(f"{JOINT}[{FIRST}']")


def escaped(text: str) -> str:
    """Return `text` with an apostrophe before it when its first character could start a formula."""
    return f"'{text}" if DANGEROUS.match(text) else text


def unescaped(text: str) -> str:
    """Return `text` without the apostrophe that `escaped` put before it."""
    return text[1:] if ESCAPED.match(text) else text


def any_suspicious(cells: Iterable[str]) -> bool:
    """Whether one of `cells` may need escaping; sometimes true for none, never false for one."""
    return SUSPICIOUS.search(JOINT + JOINT.join(cells)) is not None
