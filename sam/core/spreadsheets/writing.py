"""Tables out: CSV as a stream, XLSX as a file. Formulas never leave: text stays text, numbers stay numbers."""

import csv
import datetime as dt
import io
import itertools
import math
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import IO, Any, Literal

from sam.core.errors import FileProblem
from sam.core.spreadsheets.escaping import any_suspicious, escaped

BYTE_ORDER_MARK = "\ufeff".encode()
BATCH = 1_000
XLSX_ROWS = 1_048_576
XLSX_TEXT = 32_767
# A spreadsheet calculates with 15 digits; a longer number would silently change.
XLSX_DIGITS = 15

# csv writes these as we want them: empty, digits, ISO date.
PLAIN_TYPES = {int, type(None), dt.date}
TEXT_TYPES = {str, type(None)}

ColumnKind = Literal["text", "number", "integer", "money", "percent", "date", "datetime"]
FORMATS: dict[str, str] = {
    "number": "General",
    "integer": "#,##0",
    "money": "#,##0.00",
    "percent": "0.0%",
    "date": "yyyy-mm-dd",
    "datetime": "yyyy-mm-dd hh:mm",
}


def write_csv(rows: Iterable[Sequence[object]], header: Sequence[str], *, separator: str = ",") -> Iterator[bytes]:
    """Yield a CSV file in pieces: UTF-8 with byte order mark, every row as wide as `header`, memory flat.

    Text that a spreadsheet program would run as a formula gets an apostrophe; numbers are numbers, dates ISO,
    None is empty. Raises ValueError for a row of another width.
    """
    page = io.StringIO()
    writer = csv.writer(page, delimiter=separator)
    writer.writerow([escaped(name) for name in header])
    yield BYTE_ORDER_MARK
    left = iter(rows)
    while batch := list(itertools.islice(left, BATCH)):
        writer.writerows(_harmless(batch, len(header)))
        yield page.getvalue().encode("utf-8", "replace")
        page.seek(0)
        page.truncate()
    if page.tell():
        yield page.getvalue().encode("utf-8", "replace")


def _harmless(batch: list[Sequence[object]], width: int) -> Iterable[Sequence[object]]:
    """The same rows, ready for csv. Whole columns are judged at once: most need no work, and a look is cheap."""
    if set(map(len, batch)) != {width}:
        raise ValueError(f"Every row must have {width} cells, one for each column of the header.")
    columns = list(zip(*batch, strict=True))
    changed = False
    for position, column in enumerate(columns):
        types = set(map(type, column))
        if types <= PLAIN_TYPES or (types <= TEXT_TYPES and not any_suspicious(filter(None, column))):
            continue
        columns[position] = tuple(_csv_column(column, types))
        changed = True
    return zip(*columns, strict=True) if changed else batch


def _csv_column(column: Sequence[Any], types: set[type]) -> list[object]:
    if types == {str}:
        return [escaped(text) if text[:1] in "'=+-@\t\r\x00" else text for text in column]
    if types == {Decimal}:
        return [format(value, "f") if value.is_finite() else None for value in column]
    return [_csv_cell(value) for value in column]


def _csv_cell(value: object) -> object:
    if type(value) in PLAIN_TYPES:
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, Decimal):
        return format(value, "f") if value.is_finite() else None
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    return escaped(str(value))


def write_xlsx(
    rows: Iterable[Sequence[object]],
    header: Sequence[str],
    *,
    column_kinds: Sequence[ColumnKind | None] | None = None,
    sheet_name: str = "Sheet1",
) -> IO[bytes]:
    """Return an open temporary file, at its start, with one sheet; closing it removes it.

    Numbers and dates are real ones; text is always text, also when it looks like a formula or an address.
    `column_kinds` gives each column its number format; "text" turns everything in the column into text.
    Numbers of more than 15 digits are written as text, instants in the zone they carry.
    Raises FileProblem when there are more rows than a sheet holds.
    """
    # Here, so that a web process that exports nothing does not load the library.
    import xlsxwriter

    target = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    book = xlsxwriter.Workbook(
        target,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "remove_timezone": True,
        },
    )
    sheet = book.add_worksheet(sheet_name)
    bold = book.add_format({"bold": True})
    formats = {kind: book.add_format({"num_format": pattern}) for kind, pattern in FORMATS.items()}
    kinds: Sequence[ColumnKind | None] = column_kinds or [None] * len(header)
    if len(kinds) != len(header):
        raise ValueError("column_kinds must name one kind for each column of the header.")
    sheet.freeze_panes(1, 0)
    for position, name in enumerate(header):
        sheet.write_string(0, position, name, bold)
    for number, row in enumerate(rows, start=1):
        if number >= XLSX_ROWS:
            book.close()
            target.close()
            raise FileProblem("too_many_rows", "An .xlsx sheet holds at most 1,048,575 rows. Export as CSV instead.")
        for position, (value, kind) in enumerate(zip(row, kinds, strict=True)):
            _write_cell(sheet, number, position, value, kind, formats)
    book.close()
    target.seek(0)
    return target


def _write_cell(sheet: Any, row: int, column: int, value: object, kind: str | None, formats: dict[str, Any]) -> None:
    if value is None or value == "":
        return
    if isinstance(value, str) or kind == "text":
        sheet.write_string(row, column, _fitting(str(value)))
    elif isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int | float | Decimal):
        _write_number(sheet, row, column, value, formats.get(kind or "number"))
    elif isinstance(value, dt.datetime):
        sheet.write_datetime(row, column, value, formats["datetime" if kind != "date" else "date"])
    elif isinstance(value, dt.date):
        sheet.write_datetime(row, column, value, formats["date"])
    else:
        sheet.write_string(row, column, _fitting(str(value)))


def _write_number(sheet: Any, row: int, column: int, value: int | float | Decimal, style: Any) -> None:
    if not math.isfinite(value):
        return
    if not isinstance(value, float) and _digits(value) > XLSX_DIGITS:
        sheet.write_string(row, column, format(value, "f") if isinstance(value, Decimal) else str(value))
    else:
        sheet.write_number(row, column, value, style)


def _digits(value: int | Decimal) -> int:
    if isinstance(value, int):
        return len(str(abs(value)).rstrip("0"))
    return len(str(abs(value.normalize())).replace(".", "").split("E")[0].strip("0"))


def _fitting(text: str) -> str:
    return text if len(text) <= XLSX_TEXT else f"{text[: XLSX_TEXT - 1]}…"
