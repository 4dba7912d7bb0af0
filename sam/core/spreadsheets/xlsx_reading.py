"""XLSX: one sheet's cells as text."""

import datetime as dt
import math
import warnings
from decimal import Decimal
from typing import IO, Any

import openpyxl

from sam.core.errors import FileProblem
from sam.core.spreadsheets.archive import checked_archive
from sam.core.spreadsheets.assembling import Assembly
from sam.core.spreadsheets.table import Limits

FORMULA, CELL_ERROR = "f", "e"
MIDNIGHT = dt.time()


def read_xlsx(source: IO[bytes], wanted: str | None, assembly: Assembly, limits: Limits) -> dict[str, Any]:
    """Feed the rows of the sheet `wanted` (or of the first visible one with rows) to `assembly`. Raises FileProblem."""
    checked_archive(source, limits).close()
    assembly.short_rows_are_fine = True
    source.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(source, read_only=True, data_only=False, keep_links=False)
            sheets = tuple(book.sheetnames)
            name = _read_sheets(book, wanted, sheets, assembly)
    except (FileProblem, MemoryError):
        raise
    except Exception as error:
        # The library raises whatever a broken part makes it stumble over: KeyError, TypeError, ParseError, …
        raise FileProblem(
            "broken_file", "The file is damaged or unusual. Copy the rows to a new .xlsx file."
        ) from error
    return {"sheet": name, "sheets": sheets}


def _read_sheets(book: Any, wanted: str | None, sheets: tuple[str, ...], assembly: Assembly) -> str:
    if wanted is not None and wanted not in sheets:
        raise FileProblem("unknown_sheet", f"There is no sheet “{wanted}”. The file has: {', '.join(sheets)}.")
    name = wanted or ""
    for sheet in book.worksheets:
        if wanted is None and sheet.sheet_state == "visible":
            name = name or sheet.title
        elif sheet.title != wanted:
            continue
        _read_sheet(sheet, assembly)
        if assembly.has_header:
            return str(sheet.title)
    return name


def _read_sheet(sheet: Any, assembly: Assembly) -> None:
    # A sheet's own word about its size is often wrong, and a wide one makes every row as wide.
    sheet.reset_dimensions()
    last = assembly.limits.rows * 5
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        if number > last:
            raise FileProblem(
                "too_many_rows",
                f"There are rows below row {last:,}. Delete what stands below your data and try again.",
                row=number,
            )
        if cells:
            assembly.add(number, [_text(cell, number, position, assembly) for position, cell in enumerate(cells)])


def _text(cell: Any, row: int, position: int, assembly: Assembly) -> str:
    value = cell.value
    if value is None:
        return ""
    kind = cell.data_type
    if kind == FORMULA:
        return _formula(cell, value, row, position, assembly)
    if kind == CELL_ERROR:
        message = f"The cell shows the error {value}. Replace it by a value."
        return _refused(row, position, "cell_error", message, str(value), assembly)
    if isinstance(value, str):
        return value
    if isinstance(value, float) and not math.isfinite(value):
        message = "The number is too big. Check it and type it again."
        return _refused(row, position, "number_too_big", message, "", assembly)
    return plain(value)


def _formula(cell: Any, value: Any, row: int, position: int, assembly: Assembly) -> str:
    message = (
        f"Cell {cell.coordinate} holds a formula. Put its value there instead: copy the column, then paste values only."
    )
    text = str(getattr(value, "text", value) or "=")
    return _refused(row, position, "formula", message, text, assembly)


def _refused(row: int, position: int, code: str, message: str, text: str, assembly: Assembly) -> str:
    if not assembly.has_header:
        raise FileProblem(code, f"In the column names: {message}", row=row, column=str(position + 1))
    assembly.note(row, position, code, message)
    return text


def plain(value: Any) -> str:
    """The text of a cell's value: ISO dates, plain digits, TRUE and FALSE."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == MIDNIGHT else value.isoformat(timespec="seconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dt.time):
        return value.isoformat(timespec="seconds")
    if isinstance(value, dt.timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return str(value)


def number_text(value: float) -> str:
    """The digits a person sees: spreadsheet programs calculate with 15, what comes after is noise of the machine."""
    short = format(value, ".15g")
    if "e" in short:
        short = format(Decimal(short), "f")
        short = short.rstrip("0").rstrip(".") if "." in short else short
    return "0" if short == "-0" else short
