"""Table files in and out. Reading runs in a real limited child; nothing here needs a database."""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import io
import random
import re
import time
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sam.core.errors import FileProblem
from sam.core.spreadsheets import DEFAULT, Limits, Table, read_table, write_csv, write_xlsx
from sam.core.spreadsheets.escaping import any_suspicious, escaped, unescaped

Read = Callable[..., Table]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read_bytes(content: bytes, **options: Any) -> Table:
        place = tmp_path / "upload"
        place.write_bytes(content)
        return read_table(place, "portfolio.csv", **options)

    return read_bytes


@pytest.fixture
def refused(read: Read) -> Callable[..., FileProblem]:
    def problem_with(content: bytes, **options: Any) -> FileProblem:
        with pytest.raises(FileProblem) as caught:
            read(content, **options)
        assert caught.value.message.endswith(".")
        return caught.value

    return problem_with


Refused = Callable[..., FileProblem]


def workbook(*sheets: tuple[str, list[list[Any]]], hidden: tuple[str, ...] = ()) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        if name in hidden:
            sheet.sheet_state = "hidden"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def with_part(content: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The same archive with one part changed."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            part = old.read(entry)
            new.writestr(entry.filename, change(part) if entry.filename == name else part)
    return target.getvalue()


# --- CSV ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "told"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("cp1252", "cp1252"), ("utf-16", "utf-16")],
)
def test_encoding_is_recognised_and_reported(read: Read, encoding: str, told: str) -> None:
    table = read("name;city\nMüller “Söhne” €;Łódź\n".replace("Łódź", "Köln").encode(encoding))
    assert table.encoding == told
    assert table.columns == ("name", "city")
    assert table.rows == [("Müller “Söhne” €", "Köln")]


def test_bytes_that_cp1252_does_not_know_are_latin_1(read: Read) -> None:
    table = read("name\nM\xfcller \x81\n".encode("latin-1"))
    assert (table.encoding, table.rows) == ("latin-1", [("Müller \x81",)])


def test_accents_without_typographic_marks_are_latin_1(read: Read) -> None:
    assert read("name\nMüller\n".encode("cp1252")).encoding == "latin-1"


@pytest.mark.parametrize(
    "content", [codecs.BOM_UTF32_LE + "a,b\n1,2\n".encode("utf-32-le"), "a,b\n1,2\n".encode("utf-16-le")]
)
def test_encodings_that_cannot_be_told_are_refused_with_advice(refused: Refused, content: bytes) -> None:
    problem = refused(content)
    assert problem.code == "unknown_encoding"
    assert "CSV UTF-8" in problem.message


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separator_is_recognised_beside_decimal_commas_and_quoted_text(read: Read, separator: str) -> None:
    amount = '"1,5"' if separator == "," else "1,5"
    text = f"name{separator}amount\n" + f'"Smith; Sons, and | Co"{separator}{amount}\n' * 5
    table = read(text.encode())
    assert table.separator == separator
    assert table.rows[0] == ("Smith; Sons, and | Co", "1,5")


def test_announced_separator_is_taken_and_counts_as_a_row(read: Read) -> None:
    table = read(b"sep=;\r\nname;note\r\nA;x,y\r\n")
    assert (table.separator, table.columns, table.row_numbers) == (";", ("name", "note"), [3])


def test_one_column_needs_no_separator(read: Read) -> None:
    assert read(b"name\nA\nB\n").rows == [("A",), ("B",)]


def test_line_breaks_in_quotes_keep_the_row_numbers_a_spreadsheet_shows(read: Read) -> None:
    table = read(b'name,note\nA,"first\nsecond"\n\nB,x\n')
    assert table.rows == [("A", "first\nsecond"), ("B", "x")]
    assert table.row_numbers == [2, 4]


def test_ragged_rows_are_reported_one_by_one_and_stay_readable(read: Read) -> None:
    table = read(b"a,b,c\n1,2\n1,2,3,4\n1,2,3\n1,2,3,,\n")
    assert [(problem.row, problem.code) for problem in table.problems] == [(2, "too_few_cells"), (3, "too_many_cells")]
    assert table.rows == [("1", "2", ""), ("1", "2", "3"), ("1", "2", "3"), ("1", "2", "3")]


def test_columns_left_over_on_the_right_do_not_count(read: Read) -> None:
    assert read(b"a,b,,\n1,2,,\n").columns == ("a", "b")


def test_unnamed_column_is_called_by_its_place(read: Read) -> None:
    table = read(b",a,,b\n1,x,,2\n")
    assert (table.columns, table.rows) == (("Column 1", "a", "Column 3", "b"), [("1", "x", "", "2")])


def test_duplicate_column_names_are_refused_and_named(refused: Refused) -> None:
    problem = refused(b"name, revenue ,revenue\nA,1,2\n")
    assert (problem.code, problem.column) == ("duplicate_column", "revenue")


def test_300_columns_are_refused_with_the_number_found(refused: Refused) -> None:
    header = ",".join(f"c{number}" for number in range(300))
    problem = refused(f"{header}\n1\n".encode())
    assert problem.code == "too_many_columns"
    assert "300" in problem.message


def test_too_many_rows_are_refused(refused: Refused) -> None:
    problem = refused(b"a\n" + b"1\n" * 11, limits=Limits(rows=10))
    assert problem.code == "too_many_rows"
    assert "10" in problem.message


def test_too_many_cells_are_refused(refused: Refused) -> None:
    assert refused(b"a,b\n" + b"1,2\n" * 11, limits=Limits(cells=20)).code == "too_many_rows"


def test_file_over_the_size_limit_is_refused_before_it_is_read(refused: Refused) -> None:
    assert refused(b"a\n1\n", limits=Limits(size=3)).code == "too_big"


@pytest.mark.parametrize(
    ("content", "code"), [(b"", "empty"), (b"\n , \n", "empty"), (b"a,b\n", "no_rows"), (b"a\n\n", "no_rows")]
)
def test_files_without_rows_are_refused(refused: Refused, content: bytes, code: str) -> None:
    problem = refused(content.replace(b" ", b""))
    assert problem.code == code


def test_open_quotation_mark_is_refused_and_swallows_nothing(refused: Refused) -> None:
    problem = refused(b'a,b\n1,2\n"3,4\n5,6\n')
    assert (problem.code, problem.row) == ("broken_quotes", 3)


def test_endless_cell_is_refused_with_its_row(refused: Refused) -> None:
    problem = refused(b'a,b\n1,2\n"' + b"x" * 200_000 + b'",4\n')
    assert (problem.code, problem.row) == ("cell_too_long", 3)


def test_nul_bytes_are_a_problem_of_their_cell(read: Read) -> None:
    table = read(b"name,city\nA,Kiel\nB\0C,Bonn\n")
    assert [(problem.row, problem.column, problem.code) for problem in table.problems] == [
        (3, "name", "unreadable_character")
    ]
    assert table.rows[1] == ("BC", "Bonn")


def test_formula_like_text_in_csv_is_text(read: Read) -> None:
    assert read(b"name,phone\n=1+1,+49 30 1\n").rows == [("=1+1", "+49 30 1")]


@pytest.mark.parametrize(
    "content",
    [
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        b"%PDF-1.7\n",
        b"\x89PNG\r\n\x1a\n",
        b"<html><table><tr><td>a</td></tr></table></html>",
        b"\n <?xml version='1.0'?><a/>",
        b"\x1f\x8b\x08\0",
    ],
    ids=["xls", "pdf", "png", "html", "xml", "gzip"],
)
def test_other_types_are_refused_whatever_their_name(refused: Refused, content: bytes) -> None:
    problem = refused(content)
    assert problem.code == "unsupported_type"
    assert ".xlsx" in problem.message


# --- XLSX ---------------------------------------------------------------------------------------


def test_values_arrive_as_the_text_a_person_sees(read: Read) -> None:
    row = [
        "Müller",
        0.1 + 0.2,
        1_234_567.891,
        42,
        1e21,
        -0.00001,
        dt.datetime(2026, 1, 31),
        dt.datetime(2026, 1, 31, 14, 30),
        True,
        None,
        "007",
    ]
    table = read(workbook(("Accounts", [[f"c{number}" for number in range(len(row))], row])))
    assert table.rows == [
        (
            "Müller",
            "0.3",
            "1234567.891",
            "42",
            "1000000000000000000000",
            "-0.00001",
            "2026-01-31",
            "2026-01-31T14:30:00",
            "TRUE",
            "",
            "007",
        )
    ]
    assert (table.sheet, table.encoding, table.separator) == ("Accounts", None, None)


def test_first_visible_sheet_with_rows_is_read(read: Read) -> None:
    rows = [["a"], ["1"]]
    content = workbook(("Empty", []), ("Hidden", [["h"], ["2"]]), ("Data", rows), ("More", rows), hidden=("Hidden",))
    table = read(content)
    assert (table.sheet, table.columns) == ("Data", ("a",))
    assert table.sheets == ("Empty", "Hidden", "Data", "More")


def test_named_sheet_is_read_even_when_hidden(read: Read) -> None:
    content = workbook(("Data", [["a"], ["1"]]), ("Lists", [["b"], ["2"]]), hidden=("Lists",))
    assert read(content, sheet="Lists").columns == ("b",)


def test_unknown_sheet_is_refused_with_the_names_there_are(refused: Refused) -> None:
    problem = refused(workbook(("Data", [["a"], ["1"]])), sheet="Nope")
    assert problem.code == "unknown_sheet"
    assert "Data" in problem.message


def test_empty_workbook_is_refused(refused: Refused) -> None:
    assert refused(workbook(("Sheet1", []))).code == "empty"


def test_sheet_with_a_header_only_is_refused(refused: Refused) -> None:
    assert refused(workbook(("Sheet1", [["a", "b"]]))).code == "no_rows"


def test_formulas_are_reported_per_cell_and_never_computed(read: Read) -> None:
    table = read(workbook(("Data", [["name", "revenue"], ["A", 1], ["B", "=SUM(B2:B2)"], ["C", "=1/0"]])))
    assert [(problem.row, problem.column, problem.code) for problem in table.problems] == [
        (3, "revenue", "formula"),
        (4, "revenue", "formula"),
    ]
    assert "B3" in table.problems[0].message
    assert table.rows[1] == ("B", "=SUM(B2:B2)")


def test_text_that_looks_like_a_formula_is_no_formula(read: Read) -> None:
    written = write_xlsx([["=1+1"]], ["name"])
    table = read(written.read())
    written.close()
    assert (table.rows, table.problems) == ([("=1+1",)], ())


def test_formula_in_the_header_is_refused(refused: Refused) -> None:
    assert refused(workbook(("Data", [["name", "=A1"], ["A", 1]]))).code == "formula"


def test_error_values_are_reported(read: Read) -> None:
    content = workbook(("Data", [["name", "revenue"], ["A", "#N/A"]]))
    assert [problem.code for problem in read(content).problems] == ["cell_error"]


def test_rows_keep_the_numbers_of_the_sheet(read: Read) -> None:
    table = read(workbook(("Data", [[], ["a"], ["1"], [], ["2"]])))
    assert table.row_numbers == [3, 5]


def test_empty_cells_at_the_end_of_a_sheets_row_are_no_mistake_but_extra_ones_are(read: Read) -> None:
    table = read(workbook(("Data", [["a", "b", "c"], ["1"], ["1", None, "3"], ["1", "2", "3", "4"]])))
    assert table.rows == [("1", "", ""), ("1", "", "3"), ("1", "2", "3")]
    assert [(problem.row, problem.code) for problem in table.problems] == [(4, "too_many_cells")]


def test_300_columns_in_a_sheet_are_refused_with_the_number_found(refused: Refused) -> None:
    problem = refused(workbook(("Data", [[f"c{number}" for number in range(300)], [1]])))
    assert problem.code == "too_many_columns"
    assert "300" in problem.message


@pytest.mark.parametrize("lie", [b"A1:A1", b"A1:XFD1048576"])
def test_a_sheets_own_word_about_its_size_is_not_believed(read: Read, lie: bytes) -> None:
    content = workbook(("Data", [["a", "b"], ["1", "2"]]))
    told = with_part(content, "xl/worksheets/sheet1.xml", lambda part: part.replace(b'ref="A1:B2"', b'ref="%b"' % lie))
    assert lie in zipfile.ZipFile(io.BytesIO(told)).read("xl/worksheets/sheet1.xml")
    assert read(told).rows == [("1", "2")]


def test_a_far_away_row_does_not_keep_the_reader_counting(refused: Refused) -> None:
    content = workbook(("Data", [["a"], ["1"]]))
    far = with_part(
        content,
        "xl/worksheets/sheet1.xml",
        lambda part: part.replace(b'r="2"', b'r="999999999"').replace(b"A2", b"A999999999"),
    )
    started = time.monotonic()
    assert refused(far).code == "too_many_rows"
    assert time.monotonic() - started < 15


def test_bomb_is_refused_by_its_unpacked_size_before_parsing(refused: Refused) -> None:
    content = workbook(("Data", [["a"], ["1"]]))
    row = b'<row><c t="inlineStr"><is><t>boom</t></is></c></row>'
    bomb = with_part(
        content,
        "xl/worksheets/sheet1.xml",
        lambda part: part.replace(b"</sheetData>", row * 2_200_000 + b"</sheetData>"),
    )
    assert len(bomb) < 2_000_000
    started = time.monotonic()
    problem = refused(bomb)
    assert problem.code == "unpacks_too_big"
    assert "MB" in problem.message
    assert time.monotonic() - started < 3


def test_archive_that_unpacks_a_hundredfold_is_refused(refused: Refused) -> None:
    content = workbook(("Data", [["a"], ["1"]]))
    dense = with_part(content, "docProps/app.xml", lambda part: part + b" " * 20_000_000)
    problem = refused(dense)
    assert problem.code == "unpacks_too_big"
    assert "times" in problem.message


def test_false_size_in_the_directory_gains_nothing(refused: Refused) -> None:
    content = workbook(("Data", [["a"], ["1"]]))
    big = with_part(content, "xl/worksheets/sheet1.xml", lambda part: part + b" " * 5_000_000)
    size = zipfile.ZipFile(io.BytesIO(big)).getinfo("xl/worksheets/sheet1.xml").file_size
    lie = big.replace(size.to_bytes(4, "little"), (400).to_bytes(4, "little"))
    assert refused(lie).code == "broken_file"


def test_too_many_parts_are_refused(refused: Refused) -> None:
    target = io.BytesIO(workbook(("Data", [["a"], ["1"]])))
    with zipfile.ZipFile(target, "a") as archive:
        for number in range(DEFAULT.entries):
            archive.writestr(f"x/{number}", b"")
    assert refused(target.getvalue()).code == "too_many_parts"


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "docProps/core.xml"])
def test_declared_entities_are_refused(refused: Refused, part: str) -> None:
    laughs = b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    content = with_part(
        workbook(("Data", [["a"], ["1"]])), part, lambda old: laughs + re.sub(rb"<\?xml[^>]*\?>", b"", old)
    )
    assert refused(content).code == "unsafe_file"


def test_workbook_with_a_password_is_refused(refused: Refused) -> None:
    locked = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")
    assert refused(locked).code == "locked"


def test_encrypted_zip_is_refused(refused: Refused) -> None:
    content = bytearray(workbook(("Data", [["a"], ["1"]])))
    for place in (found.start() for found in re.finditer(b"PK\x01\x02", content)):
        content[place + 8] |= 1
    assert refused(bytes(content)).code == "locked"


def test_macros_are_refused(refused: Refused) -> None:
    target = io.BytesIO(workbook(("Data", [["a"], ["1"]])))
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
    assert refused(target.getvalue()).code == "unsupported_type"


def test_other_zip_files_are_refused(refused: Refused) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("readme.txt", "hello")
    assert refused(target.getvalue()).code == "unsupported_type"


def test_damaged_workbooks_end_in_a_clear_error_never_a_crash(read: Read) -> None:
    content = workbook(("Data", [["a", "b"], ["1", 2.5], ["3", dt.datetime(2026, 1, 1)]]))
    chance = random.Random(7)
    seen = set()
    for _ in range(12):
        damaged = bytearray(content)
        for _ in range(chance.randrange(1, 30)):
            damaged[chance.randrange(4, len(damaged))] = chance.randrange(256)
        try:
            read(bytes(damaged[: chance.randrange(len(damaged) // 2, len(damaged) + 1)]))
        except FileProblem as problem:
            seen.add(problem.code)
    assert "broken_file" in seen


def test_reader_that_takes_too_long_is_stopped(refused: Refused) -> None:
    rows = [[number, f"name {number}"] for number in range(60_000)]
    written = write_xlsx(rows, ["a", "b"])
    started = time.monotonic()
    assert refused(written.read(), limits=Limits(seconds=1)).code == "too_slow"
    assert time.monotonic() - started < 5
    written.close()


def test_reader_that_needs_too_much_memory_is_stopped(refused: Refused) -> None:
    content = b"a,b\n" + b"x,y\n" * 3_000_000
    assert refused(content, limits=Limits(memory=40 * 1024 * 1024)).code == "too_big"


def test_100_000_rows_are_read_in_three_seconds(read: Read) -> None:
    text = "a,b,c,d,e,f,g,h,i,j\n" + "Account name,GB,1234.50,2026-01-01,x,y,z,1,2,3\n" * 100_000
    started = time.monotonic()
    table = read(text.encode())
    assert len(table.rows) == 100_000
    assert time.monotonic() - started < 3


# --- writing ------------------------------------------------------------------------------------


def csv_of(rows: list[list[Any]], header: list[str]) -> list[list[str]]:
    content = b"".join(write_csv(rows, header))
    assert content.startswith(codecs.BOM_UTF8)
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\0"])
def test_text_that_could_run_as_a_formula_gets_an_apostrophe(first: str) -> None:
    text = f"{first}cmd|' /C calc'!A0"
    assert csv_of([[text, "plain"]], ["a", "b"])[1] == [f"'{text}", "plain"]
    assert csv_of([["x"]], [text])[0] == [f"'{text}"]


def test_numbers_stay_numbers_dates_are_iso_and_none_is_empty() -> None:
    row = [-5, Decimal("-1.50"), Decimal("1E+3"), 0.25, dt.date(2026, 1, 31), None, True, float("nan"), "-5"]
    assert csv_of([row], [f"c{number}" for number in range(9)])[1] == [
        "-5", "-1.50", "1000", "0.25", "2026-01-31", "", "TRUE", "", "'-5",
    ]  # fmt: skip


def test_a_dangerous_cell_is_found_wherever_it_stands_in_its_column() -> None:
    rows: list[list[Any]] = [["plain", None, 1] for _ in range(2_500)]
    rows[1_777] = ["=1", "@x", "=2"]
    assert csv_of(rows, ["a", "b", "c"])[1_778] == ["'=1", "'@x", "'=2"]


@given(st.text())
def test_escaping_can_be_undone(text: str) -> None:
    assert unescaped(escaped(text)) == text
    assert escaped(text)[:1] not in set("=+-@\t\r\0")


@given(st.lists(st.text(max_size=5)))
def test_a_look_at_a_whole_column_misses_nothing(cells: list[str]) -> None:
    if any(escaped(cell) != cell for cell in cells):
        assert any_suspicious(cells)


def test_what_we_write_reads_back_as_it_was(read: Read) -> None:
    rows = [("=1+1", "+49 30", "'=x", 'a;b,c\n"d"', "Łódź"), ("-", "@", "'", "", "x")]
    table = read(b"".join(write_csv(rows, ["a", "b", "c", "d", "e"])))
    assert table.rows == rows


def test_rows_of_another_width_are_an_error() -> None:
    with pytest.raises(ValueError, match="2 cells"):
        list(write_csv([[1, 2], [1]], ["a", "b"]))


def test_csv_is_streamed_in_flat_memory() -> None:
    def rows() -> Iterator[list[Any]]:
        for number in range(60_000):
            yield [number, f"Account {number}", Decimal("10.5"), None]

    tracemalloc.start()
    size = sum(len(piece) for piece in write_csv(rows(), ["a", "b", "c", "d"]))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > 1_500_000
    assert peak < 1_500_000


def test_csv_costs_little_more_than_a_bare_writer() -> None:
    rows = [
        (i, f"Account {i}", "GB", Decimal("12.50"), dt.date(2026, 1, 1), "active", None, "x") for i in range(40_000)
    ]

    def bare() -> Iterator[bytes]:
        page = io.StringIO()
        writer = csv.writer(page)
        for number, row in enumerate(rows):
            writer.writerow(row)
            if number % 1000 == 999:
                yield page.getvalue().encode()
                page.seek(0)
                page.truncate()

    def best(function: Callable[[], Iterator[bytes]]) -> float:
        times = []
        for _ in range(5):
            started = time.process_time()
            for _piece in function():
                pass
            times.append(time.process_time() - started)
        return min(times)

    # The goal is 1.5; a shared machine is given some air.
    assert best(lambda: write_csv(rows, list("abcdefgh"))) < 2.0 * best(bare)


def test_xlsx_holds_real_numbers_and_dates_and_text_is_never_a_formula() -> None:
    rows = [
        ["=1+1", Decimal("12.5"), 7, dt.date(2026, 1, 31), dt.datetime(2026, 1, 31, 9, 30, tzinfo=dt.UTC), True, None],
        ["http://example.com", Decimal("123456789012345678.1234"), -3, None, None, False, "x"],
    ]
    with write_xlsx(rows, ["a", "b", "c", "d", "e", "f", "g"], column_kinds=["text", "money", *[None] * 5]) as content:
        sheet = openpyxl.load_workbook(content).worksheets[0]
        assert [cell.data_type for cell in sheet[2]] == ["s", "n", "n", "d", "d", "b", "n"]
        assert [cell.value for cell in sheet[2]] == [
            "=1+1", 12.5, 7, dt.datetime(2026, 1, 31), dt.datetime(2026, 1, 31, 9, 30), True, None,
        ]  # fmt: skip
        assert sheet["B3"].value == "123456789012345678.1234"
        assert sheet["B2"].number_format == "#,##0.00"
        assert sheet["A3"].hyperlink is None


def test_column_kind_text_keeps_digits_as_they_are() -> None:
    with write_xlsx([[7]], ["key"], column_kinds=["text"]) as content:
        assert openpyxl.load_workbook(content).worksheets[0]["A2"].value == "7"
