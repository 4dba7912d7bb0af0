"""What a pack is called: readable, sortable, and telling at a glance whether it may leave the house."""

import unicodedata
from datetime import date

from sam.values.periods import Quarter

INTERNAL = "INTERNAL"
LONGEST_NAME = 60
# Letters that do not fall apart into a plain letter and its accent.
SPELLED = str.maketrans({"ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "æ": "ae", "Æ": "AE", "đ": "d", "Đ": "D"})


def pack_filename(account: str, review_on: date, *, internal: bool) -> str:
    """`{account}-{quarter}-INTERNAL.pdf`, and without the mark for the client's edition; ASCII letters only.

    >>> pack_filename("Havelgrund Wärme GmbH", date(2026, 12, 10), internal=True)
    'Havelgrund-Warme-GmbH-2026-Q4-INTERNAL.pdf'
    """
    plain = unicodedata.normalize("NFKD", account.translate(SPELLED))
    kept = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in plain if letter.isprintable()
                   and not unicodedata.combining(letter))  # fmt: skip
    words = [word for word in kept.split("-") if word]
    name = "-".join(words)[:LONGEST_NAME].strip("-") or "account"
    mark = f"-{INTERNAL}" if internal else ""
    return f"{name}-{Quarter.containing(review_on)}{mark}.pdf"
