"""Reading a table file that somebody sent, in a limited child process."""

import json
import logging
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from sam.core.errors import FileProblem
from sam.core.sandbox import ChildLimits, ChildStopped, limited_child
from sam.core.spreadsheets.table import DEFAULT, CellProblem, Limits, Table

logger = logging.getLogger(__name__)
MEGABYTE = 1024 * 1024

STOPPED = {
    "time": ("too_slow", "Reading the file took too long. Split it into several files, or save it as CSV."),
    "memory": ("too_big", "Reading the file needs too much memory. Split it into several files, or save it as CSV."),
    "output": ("too_big", "The file holds too much text. Split it into several files."),
    "crash": ("broken_file", "The file cannot be read. Copy the rows to a new file and try again."),
}


def read_table(path: Path, filename: str, *, sheet: str | None = None, limits: Limits = DEFAULT) -> Table:
    """Read a CSV or XLSX file; its type is told from its content.

    `filename` is the name the person gave it, for the log only. `sheet` names a sheet; without it the first
    visible sheet with rows is read. Problems of single rows are in the table; what spoils the whole file
    raises FileProblem, at the latest after `limits.seconds`.
    """
    size = path.stat().st_size
    if size > limits.size:
        raise FileProblem(
            "too_big",
            f"The file has {size / MEGABYTE:,.1f} MB; at most {limits.size // MEGABYTE:,} MB are possible. "
            "Split it into several files.",
        )
    order = {"sheet": sheet, "limits": asdict(limits)}
    child = ChildLimits(seconds=limits.seconds, cpu_seconds=limits.seconds, memory=limits.memory)
    try:
        with path.open("rb") as source, limited_child("sam.core.spreadsheets.child", order, source, child) as result:
            return _table(result)
    except ChildStopped as stopped:
        logger.warning("Reading a table stopped (%s): %s", stopped.reason, filename, extra={"trace": stopped.trace})
        raise FileProblem(*STOPPED[stopped.reason]) from stopped


def _table(result: IO[bytes]) -> Table:
    numbers: list[int] = []
    rows: list[tuple[str, ...]] = []
    for line in result:
        part: Any = json.loads(line)
        if isinstance(part, list):
            numbers += part[0]
            rows += map(tuple, part[1])
        elif "refused" in part:
            raise FileProblem(**part["refused"])
        else:
            return Table(
                columns=tuple(part["columns"]),
                rows=rows,
                row_numbers=numbers,
                problems=tuple(CellProblem(**problem) for problem in part["problems"]),
                encoding=part.get("encoding"),
                separator=part.get("separator"),
                sheet=part.get("sheet"),
                sheets=tuple(part.get("sheets", ())),
            )
    raise FileProblem(*STOPPED["crash"])
