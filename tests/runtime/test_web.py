"""The port, the crash back-off, the log watch."""

import socket
from pathlib import Path
from typing import Any

import pytest

from sam.runtime import supervisor
from sam.runtime.keeper import LONGEST_WAIT, Keeper
from sam.runtime.processes import Plan
from sam.runtime.watch import SERVER_TROUBLE, LogWatch, shorten
from sam.runtime.web import answer, has_ipv6, port_is_free, port_problem


def test_port_taken_on_either_loopback_address_is_busy() -> None:
    families = [(socket.AF_INET, "127.0.0.1"), *([(socket.AF_INET6, "::1")] if has_ipv6() else [])]
    for family, address in families:
        with socket.socket(family) as other:
            other.bind((address, 0))
            other.listen()
            port = other.getsockname()[1]
            assert not port_is_free(port)
            problem = port_problem(port)
            assert problem
            suggestion = int(problem.split("PORT=")[1].split()[0])
            assert suggestion > port
            assert port_is_free(suggestion)
        assert port_problem(port) is None


def test_nobody_at_the_port_is_an_answer_too() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        assert answer(probe.getsockname()[1], "/readyz")[0] == 0


class FakeChild:
    """Ends as soon as it is started."""

    plan = Plan("worker", ("false",))

    def __init__(self) -> None:
        self.starts: list[float] = []
        self.now = 0.0
        self.alive = True

    def running(self) -> bool:
        return self.alive

    def start(self) -> None:
        self.starts.append(self.now)

    def exit_code(self) -> int:
        return 1

    def last_lines(self, count: int) -> list[str]:
        return ["the reason"]

    def forget(self) -> None:
        pass


def keeper_for(child: Any) -> tuple[Keeper, list[str]]:
    said: list[str] = []
    return Keeper([child], say=said.append, clock=lambda: child.now), said


def test_child_that_keeps_crashing_is_started_ever_later() -> None:
    child = FakeChild()
    keeper, said = keeper_for(child)
    child.alive = False
    while child.now < 300:
        keeper.look()
        child.now += 0.5
    waits = [later - earlier for earlier, later in zip(child.starts, child.starts[1:], strict=False)]
    assert waits == sorted(waits)
    assert LONGEST_WAIT <= waits[-1] <= LONGEST_WAIT + 1
    assert said[:2] == ["worker ended (exit code 1); starting it again in 1 s. Its last lines:", "  the reason"]


def test_crash_after_a_steady_time_is_forgiven() -> None:
    child = FakeChild()
    keeper, said = keeper_for(child)
    for _ in range(3):
        child.alive = False
        keeper.look()
        child.now += 1
        keeper.look()
        child.alive = True
        child.now += 120
    assert len(child.starts) == keeper.crashes == 3
    assert all("again in 1 s" in line for line in said if "again in" in line)


def test_trouble_is_repeated_once_and_old_trouble_not_at_all(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    log.write_text("ERROR from yesterday\n")
    watch = LogWatch(log)
    with log.open("a") as file:
        file.write("INFO fine\nERROR broken\nERROR half a li")
        file.flush()
        assert watch.news() == ["ERROR broken"]
        file.write("ne\n" + "ERROR again\n" * 7)
    assert watch.news() == ["ERROR half a line", *["ERROR again"] * 4, f"… and 3 more lines in {log}"]
    assert watch.news() == []


def test_statement_the_application_handles_is_no_news(tmp_path: Path) -> None:
    log = tmp_path / "postgres.log"
    watch = LogWatch(log, SERVER_TROUBLE)
    log.write_text("ERROR:  duplicate key value\nPANIC:  could not write to file\n")
    assert watch.news() == ["PANIC:  could not write to file"]


def test_long_log_is_shortened_under_its_writer(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    with log.open("a") as writer:
        writer.write("x" * 2000)
        writer.flush()
        shorten([log, tmp_path / "absent.log"], limit=1000)
        writer.write("new")
    assert log.read_text() == "new"
    assert (tmp_path / "web.log.1").read_text() == "x" * 2000


@pytest.mark.parametrize("size", [0, 1000])
def test_short_log_is_left_alone(tmp_path: Path, size: int) -> None:
    log = tmp_path / "web.log"
    log.write_text("x" * size)
    shorten([log], limit=1000)
    assert log.read_text() == "x" * size


@pytest.fixture
def probe_answers(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, str]]:
    """What /readyz will answer, in turn; the last answer stays."""
    answers: list[tuple[int, str]] = []
    monkeypatch.setattr(supervisor, "answer", lambda port, path: answers.pop(0) if len(answers) > 1 else answers[0])
    return answers


@pytest.mark.parametrize(
    ("answers", "news"),
    [([(503, "no worker"), (200, "")], []), ([(503, "no worker")], ["Not every part is ready: no worker"])],
)
def test_worker_that_does_not_come_up_is_reported_once(
    probe_answers: list[tuple[int, str]], answers: list[tuple[int, str]], news: list[str]
) -> None:
    probe_answers.extend(answers)
    times = iter(range(0, 10_000, 5))
    readiness = supervisor.Readiness(8000, clock=lambda: float(next(times)))
    assert [line for _ in range(100) for line in readiness.news()] == news
