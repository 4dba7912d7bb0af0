"""What is inside an XLSX file (a zip), judged before anything is parsed."""

import zipfile
from typing import IO
from xml.parsers import expat

from sam.core.errors import FileProblem
from sam.core.spreadsheets.table import Limits

WORKBOOK = "xl/workbook.xml"
MEGABYTE = 1024 * 1024
READABLE = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
PROLOGUE = 4_096


class _RootReached(Exception):
    pass


def checked_archive(source: IO[bytes], limits: Limits) -> zipfile.ZipFile:
    """Return the open archive. Raises FileProblem when it is no XLSX file, locked, broken or a bomb.

    The sizes are the declared ones; reading stops at them, so a false declaration gains nothing.
    """
    try:
        archive = zipfile.ZipFile(source)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise FileProblem("broken_file", "The file is damaged. Save it as .xlsx again.") from error
    entries = archive.infolist()
    _check_kind({entry.filename for entry in entries})
    _check_sizes(entries, limits)
    for entry in entries:
        if entry.flag_bits & 1:
            raise FileProblem("locked", "The file is protected by a password. Remove the protection and try again.")
        if entry.compress_type not in READABLE:
            raise FileProblem("broken_file", "The file is packed in an unusual way. Save it as .xlsx again.")
        _refuse_document_type(archive, entry)
    return archive


def _check_kind(names: set[str]) -> None:
    if "xl/vbaProject.bin" in names:
        raise FileProblem("unsupported_type", "The file holds macros. Save it as .xlsx without macros.")
    if WORKBOOK not in names or "[Content_Types].xml" not in names:
        raise FileProblem("unsupported_type", "This is not an .xlsx or CSV file. Save it as .xlsx or CSV.")


def _check_sizes(entries: list[zipfile.ZipInfo], limits: Limits) -> None:
    if len(entries) > limits.entries:
        raise FileProblem(
            "too_many_parts",
            f"The file holds {len(entries):,} parts; at most {limits.entries:,} are possible. "
            "Copy the rows to a new file.",
        )
    unpacked = sum(entry.file_size for entry in entries)
    packed = max(sum(entry.compress_size for entry in entries), 1)
    if unpacked > limits.unpacked:
        raise FileProblem(
            "unpacks_too_big",
            f"The file unpacks to {unpacked // MEGABYTE:,} MB; at most {limits.unpacked // MEGABYTE:,} MB may be. "
            "Copy the rows to a new file, or save it as CSV.",
        )
    if unpacked > MEGABYTE and unpacked / packed > limits.ratio:
        raise FileProblem(
            "unpacks_too_big",
            f"The file unpacks to {unpacked // packed:,} times its size; at most {limits.ratio:,} times is possible. "
            "Copy the rows to a new file, or save it as CSV.",
        )


def _refuse_document_type(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """Entities can only be declared in a document type, and no spreadsheet program writes one."""
    parser = expat.ParserCreate()
    found = []

    def document_type(*_: object) -> None:
        found.append(entry.filename)
        raise _RootReached

    def root(*_: object) -> None:
        raise _RootReached

    parser.StartDoctypeDeclHandler = document_type
    parser.StartElementHandler = root
    try:
        with archive.open(entry) as part:
            while piece := part.read(PROLOGUE):
                parser.Parse(piece, False)
    except (_RootReached, expat.ExpatError):
        # Pictures and broken parts are no XML: nothing declares an entity there.
        pass
    except (zipfile.BadZipFile, EOFError, ValueError, OSError, NotImplementedError) as error:
        raise FileProblem("broken_file", "The file is damaged. Save it as .xlsx again.") from error
    if found:
        raise FileProblem(
            "unsafe_file", "The file holds declarations that spreadsheets never need. Copy the rows to a new file."
        )
