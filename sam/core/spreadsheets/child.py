"""Runs inside the limited child: what kind of file is this, and its table as JSON lines."""

import json
from typing import IO, Any

from sam.core.errors import FileProblem
from sam.core.spreadsheets.assembling import Assembly
from sam.core.spreadsheets.csv_reading import read_csv
from sam.core.spreadsheets.table import Limits

ZIP = b"PK\x03\x04"
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LOCKED_STREAM = "EncryptedPackage".encode("utf-16-le")
OTHER_TYPES = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"\x1f\x8b",
    b"BZh",
    b"7z\xbc\xaf",
    b"Rar!",
    b"{\\rtf",
    b"PK\x05\x06",
    b"\x7fELF",
    b"MZ\x90",
    b"PAR1",
    b"SQLite format 3",
)
MARKUP = (b"<!doctype", b"<html", b"<?xml", b"<table", b"<svg")


def main(order: dict[str, Any], source: IO[bytes], result: IO[bytes]) -> None:
    limits = Limits(**order["limits"])
    assembly = Assembly(result, limits)
    try:
        if is_xlsx(source):
            # Here, so that reading a CSV file does not wait for the library.
            from sam.core.spreadsheets.xlsx_reading import read_xlsx

            facts: dict[str, Any] = read_xlsx(source, order["sheet"], assembly, limits)
        else:
            facts = read_csv(source, assembly, limits)
        assembly.finish(**facts)
    except FileProblem as problem:
        told = {"code": problem.code, "message": problem.message, "row": problem.row, "column": problem.column}
        result.write(json.dumps({"refused": told}, ensure_ascii=False).encode() + b"\n")


def is_xlsx(source: IO[bytes]) -> bool:
    """True for a zip, False for text. Raises FileProblem for any other type; a file's name is not asked."""
    start = source.read(2_048)
    source.seek(0)
    if start.startswith(ZIP):
        return True
    if start.startswith(OLD_OFFICE):
        locked = LOCKED_STREAM in source.read()
        if locked:
            raise FileProblem("locked", "The file is protected by a password. Remove the protection and try again.")
        raise FileProblem("unsupported_type", "This is an old Excel file (.xls). Save it as .xlsx or CSV.")
    if start.startswith(OTHER_TYPES) or start.lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith(MARKUP):
        raise FileProblem("unsupported_type", "This is not an .xlsx or CSV file. Save it as .xlsx or CSV.")
    return False
