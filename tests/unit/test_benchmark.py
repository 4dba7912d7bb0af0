"""What the benchmark reports: ratios that come from what was measured, and goals that can be missed."""

import json
import sys
from pathlib import Path

import pytest

from sam.runtime.options import CHECKOUT

sys.path.insert(0, str(CHECKOUT / "script"))

from benchmark.names import account_names
from benchmark.options import BenchOptions
from benchmark.pages import flatness
from benchmark.results import Finding, Report, Sample, shown


def finding(value: float, limit: float | None) -> Finding:
    return Finding("pages", "portfolio", 10_000, value, "×", limit, queries=9)


def test_sample_divides_cpu_by_the_number_of_times_and_takes_the_middle_of_the_walls():
    sample = Sample.of([0.010, 0.030, 0.020], python=0.030, database=0.015)
    assert (sample.n, sample.cpu_ms, sample.wall_ms, sample.p95_ms) == (3, pytest.approx(15), 20, 30)


@pytest.mark.parametrize(("value", "limit", "met"), [(2.0, 2.0, True), (2.01, 2.0, False), (9.0, None, None)])
def test_goal_is_met_up_to_its_limit(value: float, limit: float | None, met: bool | None):
    assert finding(value, limit).met is met


def test_missed_goal_stands_out_in_the_table_and_in_the_file(tmp_path: Path):
    report = Report({"date": "2026-11-22"})
    report.add(finding(3.1, 2.0))
    report.skipped.append("pack: no page")
    report.write(tmp_path / "data" / "bench.json")
    written = json.loads((tmp_path / "data" / "bench.json").read_text())
    assert (written["findings"][0]["met"], written["skipped"]) == (False, ["pack: no page"])
    assert "| 3.10 × | ≤ 2.00 | NO " in report.table()
    assert report.table().endswith("not measured: pack: no page")


def test_page_that_grows_with_the_number_of_accounts_is_not_flat():
    small, large = Sample(60, 30, 10, 40, 50), Sample(60, 30, 50, 80, 90)
    floor = Sample(60, 8, 1, 9, 10)
    found = [
        Finding("pages", "portfolio", size, 4.0, "×", 2.0, sample, floor, queries=9)
        for size, sample in ((10_000, small), (100_000, large))
    ]
    assert [(one.value, one.met) for one in flatness(found)] == [(2.0, False)]


def test_names_are_invented_where_there_is_no_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("SAM_BENCH_NAMES", str(tmp_path / "none.csv.gz"))
    names, origin = account_names(500)
    assert (len(set(names)), "invented" in origin) == (500, True)


def test_unknown_part_is_named(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        BenchOptions.read(["--only", "pages,nonsense"])
    assert "nonsense" in capsys.readouterr().err


@pytest.mark.parametrize(("value", "words"), [(1234.5, "1,234"), (123.4, "123"), (12.34, "12.3"), (1.234, "1.23")])
def test_three_digits_are_enough(value: float, words: str):
    assert shown(value) == words
