"""Words of a plan section: a short plan is read, a long one is not."""

import re

# letters or digits, with what holds them together: "4.5", "4,5", "R&D", "sterile-pack", "client's"
_WORD = re.compile(r"[^\W_]+(?:(?:[-'\u2019.&/+@]|,(?=[0-9]))[^\W_]+)*")


def count_words(text: str) -> int:
    """Words as people count them: "4.5 %" is one, a dash or a bullet is none."""
    return sum(1 for _ in _WORD.finditer(text))


def words_over(text: str, limit: int) -> int:
    """How many words are over the limit (1 or more, ValueError below); 0 when the text keeps it."""
    if limit < 1:
        raise ValueError(f"A limit is at least one word, not {limit}.")
    return max(0, count_words(text) - limit)
