"""CSV: which encoding, which separator, and the records."""

import codecs
import csv
import io
from typing import IO

from sam.core.errors import FileProblem
from sam.core.spreadsheets.assembling import Assembly
from sam.core.spreadsheets.escaping import unescaped
from sam.core.spreadsheets.table import Limits
from sam.core.text import UNSTORABLE, without_unstorable

SEPARATORS = (",", ";", "\t", "|")
SAMPLE = 65_536
SAMPLE_RECORDS = 200


def decode(data: bytes) -> tuple[str, str]:
    """Return the text of `data` and the name of the encoding it was in. Raises FileProblem."""
    if data.startswith(codecs.BOM_UTF8):
        return _decoded(data, "utf-8-sig"), "utf-8-sig"
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise _unknown_encoding()
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _decoded(data, "utf-16"), "utf-16"
    if data[:SAMPLE].count(0) * 10 > len(data[:SAMPLE]):
        raise _unknown_encoding()
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return _single_byte(data)


def _single_byte(data: bytes) -> tuple[str, str]:
    """cp1252 and latin-1 differ only in 0x80 to 0x9F: without such bytes they are the same text."""
    text = data.decode("latin-1")
    if any("\x80" <= character <= "\x9f" for character in set(text)):
        try:
            return data.decode("cp1252"), "cp1252"
        except UnicodeDecodeError:
            return text, "latin-1"
    return text, "latin-1"


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise FileProblem(
            "broken_encoding",
            f"The file says it is {encoding}, but byte {error.start + 1:,} does not fit. Save it as CSV UTF-8 again.",
        ) from error


def _unknown_encoding() -> FileProblem:
    return FileProblem("unknown_encoding", "The file's encoding is not known. Save it as “CSV UTF-8” and try again.")


def separator_of(text: str) -> tuple[str, int]:
    """Return the separator and the number of lines that only announce it (`sep=;`, written by Excel)."""
    first = text[:8].splitlines()[0].strip().strip('"').lower() if text else ""
    if first.startswith("sep=") and len(first) == 5:
        return first[4], 1
    sample = text[:SAMPLE]
    widths = {separator: _widths(sample, separator, cut=len(text) > SAMPLE) for separator in SEPARATORS}
    return max(SEPARATORS, key=lambda separator: _fitness(widths[separator])), 0


def _widths(sample: str, separator: str, *, cut: bool) -> list[int]:
    widths = []
    try:
        for record in csv.reader(io.StringIO(sample, newline=""), delimiter=separator):
            if record:
                widths.append(len(record))
            if len(widths) > SAMPLE_RECORDS:
                break
    except csv.Error:
        return widths
    return widths[:-1] if cut and len(widths) > 1 else widths


def _fitness(widths: list[int]) -> tuple[float, int]:
    """How well a separator explains the sample: the share of records as wide as the header, then the width."""
    if not widths or widths[0] == 1:
        return 0.0, 0
    return round(widths.count(widths[0]) / len(widths), 1), widths[0]


def read_csv(source: IO[bytes], assembly: Assembly, limits: Limits) -> dict[str, str]:
    """Feed every record to `assembly`; return encoding and separator. Raises FileProblem."""
    text, encoding = decode(source.read())
    separator, announcing = separator_of(text)
    csv.field_size_limit(limits.cell)
    check_characters = UNSTORABLE.search(text) is not None
    check_escapes = "'" in text
    # strict: a quotation mark left open would otherwise swallow the rest of the file without a word.
    records = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number = 0
    try:
        for number, record in enumerate(records, start=1):
            if number <= announcing or not record:
                continue
            if check_characters:
                record = _without_unstorable(number, record, assembly)
            if check_escapes:
                record = [unescaped(cell) for cell in record]
            assembly.add(number, record)
    except csv.Error as error:
        raise _broken_record(number + 1, str(error), limits) from error
    return {"encoding": encoding, "separator": separator}


def _without_unstorable(number: int, record: list[str], assembly: Assembly) -> list[str]:
    if not assembly.has_header:
        return record
    for position, cell in enumerate(record):
        if UNSTORABLE.search(cell):
            message = "The cell holds a character that cannot be stored. Type the text again."
            assembly.note(number, position, "unreadable_character", message)
    return [without_unstorable(cell) for cell in record]


def _broken_record(row: int, reason: str, limits: Limits) -> FileProblem:
    if "field limit" in reason:
        return FileProblem(
            "cell_too_long",
            f"Row {row:,} has a cell of more than {limits.cell:,} characters. "
            "Shorten it, or close the quotation mark that was left open.",
            row=row,
        )
    return FileProblem(
        "broken_quotes",
        f"The quotation marks in row {row:,} do not match up. Close them, or double a mark inside a text.",
        row=row,
    )
