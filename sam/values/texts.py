"""Text from outside: made safe to store, or refused with a reason; and folded for comparison."""

import re
import unicodedata

_NEWLINES = re.compile(r"\r\n?")
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
# Letters that Unicode does not decompose into a base letter and an accent.
_LETTERS = str.maketrans(
    {
        "ß": "ss",
        "ẞ": "ss",
        "æ": "ae",
        "œ": "oe",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "\u0131": "i",
        "ħ": "h",
    }
)


class TextError(ValueError):
    """A text that cannot be stored. ``code``: nul, surrogate, control, too_long."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def clean_text(text: str, max_length: int | None = None) -> str:
    """The text composed (NFC), with ``\\n`` line ends and without outer blanks.

    TextError for a NUL byte, half a character (lone surrogate) or another control character, each of which
    PostgreSQL, XML or a terminal would choke on, and for more than ``max_length`` characters after cleaning.
    """
    bad = _UNWANTED.search(text := _NEWLINES.sub("\n", text))
    if bad is not None:
        raise _refusal(bad[0], bad.start())
    cleaned = unicodedata.normalize("NFC", text).strip()
    if max_length is not None and len(cleaned) > max_length:
        raise TextError("too_long", f"The text has {len(cleaned)} characters; at most {max_length} fit.")
    return cleaned


def fold(text: str) -> str:
    """For comparing, never for showing: lower case, no accents, single blanks ("Łódź  Straße" → "lodz strasse")."""
    if text.isascii():
        return " ".join(text.lower().split())
    lowered = text.casefold().translate(_LETTERS)
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", lowered) if not unicodedata.combining(letter))
    return " ".join(plain.casefold().translate(_LETTERS).split())


def _refusal(character: str, index: int) -> TextError:
    place = f"at character {index + 1}"
    if character == "\x00":
        return TextError("nul", f"The text contains a NUL byte {place}.")
    if "\ud800" <= character <= "\udfff":
        return TextError("surrogate", f"The text contains half a character {place}; its encoding is damaged.")
    return TextError("control", f"The text contains a control character {place}.")
