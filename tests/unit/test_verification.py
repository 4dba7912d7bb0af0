"""The cases behind `script/manage verify`: the same ones here, and that the command tells when one differs."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from sam.core import verification
from sam.values.cases import IMPOSSIBLE, Case
from sam.values.results import Missing

EXPECTED_KEYS = {
    "ahp-leader",
    "break-even",
    "customer-pnl",
    "gini-hhi-small",
    "lifetime-value",
    "nps",
    "online-retail",
    "receivables",
    "score-coverage",
    "score-normalisation",
    "score-overall",
    "spearman",
    "whale-small",
}


def case(expected: Decimal | str, found: object, tolerance: str = "0.001") -> Case:
    return Case(
        "test", "A case of the tests", "here", {"value": expected}, Decimal(tolerance), lambda: {"value": found}
    )  # type: ignore[dict-item]


@pytest.mark.parametrize("published", verification.cases(), ids=lambda case: case.key)
def test_the_product_gives_what_was_published(published: Case) -> None:
    lines = published.check()
    assert lines
    assert [(line.name, line.expected, line.found) for line in lines if not line.agrees] == []


def test_every_app_brings_its_cases() -> None:
    assert {one.key for one in verification.cases()} >= EXPECTED_KEYS


@pytest.mark.parametrize(
    ("expected", "found", "agrees"),
    [
        (Decimal("0.547"), 0.5479, True),
        (Decimal("0.547"), 0.5481, False),
        (Decimal(30), float("nan"), False),
        (IMPOSSIBLE, Missing("no margin is left"), True),
        (IMPOSSIBLE, Decimal(1), False),
        (Decimal(1), None, False),
        ("Saaty", "Alonso", False),
    ],
)
def test_a_value_agrees_within_its_tolerance_and_a_word_only_with_itself(
    expected: Decimal | str, found: object, agrees: bool
) -> None:
    assert case(expected, found).check()[0].agrees is agrees


def test_a_value_the_formula_does_not_give_differs() -> None:
    incomplete = Case("test", "t", "s", {"value": Decimal(1), "other": Decimal(2)}, Decimal(0), lambda: {"value": 1})
    assert [line.agrees for line in incomplete.check()] == [True, False]


def test_a_formula_that_breaks_is_a_line_that_differs() -> None:
    def broken() -> dict[str, Decimal]:
        return {"value": Decimal(1) / 0}

    (line,) = Case("test", "t", "s", {"value": Decimal(1)}, Decimal(0), broken).check()
    assert not line.agrees
    assert "DivisionByZero" in str(line.found)


def test_the_command_prints_expected_found_tolerance_and_source() -> None:
    out = io.StringIO()
    call_command("verify", stdout=out)
    said = out.getvalue()
    assert "ok      Experience: expected 0.547, found 0.547" in said
    assert "±0.001" in said
    assert "source: Horngren" in said
    assert "20 % margin, price −20 %: expected not computable, found not computable" in said
    assert "DIFFERS" not in said
    assert said.rstrip().endswith("all agree.")


def test_a_wrong_case_makes_exit_status_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(verification._cases, "wrong", case(Decimal(1), Decimal(2)))
    out = io.StringIO()
    with pytest.raises(CommandError, match=r"1 differ") as problem:
        call_command("verify", stdout=out)
    assert problem.value.returncode == 1
    assert "DIFFERS value: expected 1, found 2" in out.getvalue()
