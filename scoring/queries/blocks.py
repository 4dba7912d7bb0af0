"""Whole columns between PostgreSQL and NumPy: binary COPY of rows with a fixed width, for background work only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from django.db import connection
from numpy.typing import NDArray

Block: TypeAlias = NDArray[Any]

HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
TRAILER = b"\xff\xff"
FLOAT8_OID = 701
# What a column's values look like on the wire, by the name of its NumPy kind.
INTEGER, FLOAT = ">i8", ">f8"


def copy_out(sql: str, params: Sequence[Any] | Mapping[str, Any], columns: Sequence[tuple[str, str]]) -> Block:
    """The rows of a query whose columns are all 8 bytes wide and never NULL: name and INTEGER or FLOAT for each."""
    fields: list[Any] = [("columns", ">i2")]
    for name, kind in columns:
        fields += [(f"{name}:width", ">i4"), (name, kind)]
    layout = np.dtype(fields)
    with connection.cursor() as cursor:
        # COPY takes no parameters from the server, so the driver writes them into the text.
        stated = cursor.cursor.mogrify(sql, params)
        with cursor.copy(f"COPY ({stated}) TO STDOUT (FORMAT binary)") as copy:
            received = b"".join(bytes(part) for part in copy)
    body = len(received) - len(HEADER) - len(TRAILER)
    count, rest = divmod(body, layout.itemsize)
    if rest:
        raise ValueError("A column of the query was NULL or not 8 bytes wide.")
    return np.frombuffer(received, dtype=layout, count=count, offset=len(HEADER))


class Writer:
    """Collects rows for one COPY. Rows of a group share the columns that are NULL and their texts."""

    def __init__(self, table: str, columns: Sequence[str]) -> None:
        self.table = table
        self.columns = list(columns)
        self.parts: list[bytes] = []

    def add(self, count: int, values: dict[str, Any]) -> None:
        """`count` rows: each column gets an array, one value for all, a text, or None; two dimensions are float8[]."""
        fields: list[Any] = [("columns", ">i2")]
        for name in self.columns:
            fields += _fields(name, values[name])
        rows = np.zeros(count, dtype=np.dtype(fields))
        rows["columns"] = len(self.columns)
        for name in self.columns:
            _fill(rows, name, values[name])
        self.parts.append(rows.tobytes())

    def write(self) -> None:
        """Send everything to the table."""
        names = ", ".join(self.columns)
        with (
            connection.cursor() as cursor,
            cursor.copy(f"COPY {self.table} ({names}) FROM STDIN (FORMAT binary)") as copy,
        ):
            copy.write(HEADER)
            for part in self.parts:
                copy.write(part)
            copy.write(TRAILER)


def _fields(name: str, value: Any) -> list[Any]:
    width = (f"{name}:width", ">i4")
    if value is None:
        return [width]
    if isinstance(value, str):
        # NumPy has no text of no length: an empty text is its width alone.
        return [width, (name, f"S{len(value.encode())}")] if value else [width]
    if np.ndim(value) == 2:
        elements = [("width", ">i4"), ("value", FLOAT)]
        return [width, (f"{name}:shape", ">i4", (5,)), (name, elements, (np.shape(value)[1],))]
    kind = np.asarray(value).dtype
    if kind == np.int32:
        return [width, (name, ">i4")]
    return [width, (name, FLOAT if kind.kind == "f" else INTEGER)]


def _fill(rows: Block, name: str, value: Any) -> None:
    if value is None:
        rows[f"{name}:width"] = -1
    elif isinstance(value, str):
        rows[f"{name}:width"] = len(value.encode())
        if value:
            rows[name] = value.encode()
    elif np.ndim(value) == 2:
        shape = rows[f"{name}:shape"]
        # dimensions, NULLs, element type, length, lower bound
        shape[:] = (1, 0, FLOAT8_OID, np.shape(value)[1], 1)
        rows[name]["width"] = 8
        rows[name]["value"] = value
        rows[f"{name}:width"] = shape.itemsize * 5 + np.shape(value)[1] * 12
    else:
        rows[f"{name}:width"] = rows[name].itemsize
        rows[name] = value
