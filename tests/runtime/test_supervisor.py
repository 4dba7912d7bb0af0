"""script/run and script/manage from the outside, on real servers and a stand-in product."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sam.runtime.options import CHECKOUT
from sam.runtime.web import answer
from tests.runtime.conftest import eventually, processes_of
from tests.runtime.fake_product import make_product


class Product:
    """One stand-in product: its checkout, data folder and port."""

    def __init__(self, place: Path, checkout: Path) -> None:
        self.place = place
        self.checkout = checkout
        self.data = place / "data"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        make_product(checkout)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        names = (str(self.checkout), str(self.data), str(self.port))
        return subprocess.Popen(
            [sys.executable, "-m", "tests.runtime.fake_product", *names, *(arguments or ("run",))],
            cwd=CHECKOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        process = self.start("manage", *arguments)
        out, err = process.communicate(timeout=60)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def calls(self) -> list[str]:
        path = self.checkout / "calls"
        return path.read_text().splitlines() if path.exists() else []

    def page(self, path: str = "/") -> str:
        return answer(self.port, path)[1]


def read_until(process: subprocess.Popen[str], words: str) -> list[str]:
    """Lines the process prints up to one with these words."""
    lines = []
    assert process.stdout
    for line in process.stdout:
        lines.append(line)
        if words in line:
            return lines
    pytest.fail(f"ended without {words!r}: {lines} {process.stderr.read() if process.stderr else ''}")


def end(process: subprocess.Popen[str], number: signal.Signals = signal.SIGTERM) -> str:
    process.send_signal(number)
    out, _ = process.communicate(timeout=30)
    return out


@pytest.fixture
def product(place: Path, checkout: Path) -> Product:
    return Product(place, checkout)


def test_first_start_prepares_and_says_where_and_sigterm_leaves_no_process(product: Product) -> None:
    process = product.start()
    lines = read_until(process, "Stop it with Ctrl-C")
    assert f"SAM is running at http://localhost:{product.port}\n" in lines
    assert "chatter on demo_people\n" in lines
    commands = ["migrate --noinput", "prepare", "collectstatic --noinput --verbosity 0", "seed_demo", "demo_people"]
    assert product.calls() == commands
    out = end(process)
    assert "SAM has stopped." in out
    assert process.returncode == 0
    assert not processes_of(product.place)

    # A second start skips what is up to date.
    began = time.monotonic()
    process = product.start()
    assert "chatter on demo_people\n" in read_until(process, "Stop it with Ctrl-C")
    assert time.monotonic() - began < 5
    assert product.calls() == commands
    assert "SAM has stopped." in end(process, signal.SIGINT)
    assert not processes_of(product.place)


def test_killed_supervisor_is_recovered_by_the_next_start(product: Product) -> None:
    first = product.start()
    read_until(first, "Stop it with Ctrl-C")
    end(first, signal.SIGKILL)
    second = product.start()
    read_until(second, "Stop it with Ctrl-C")
    assert product.page()
    end(second)
    assert not processes_of(product.place)


def test_crashed_part_is_started_again_and_trouble_in_its_log_is_shown(product: Product) -> None:
    process = product.start("alone")
    read_until(process, "Stop it with Ctrl-C")
    before = int(product.page())
    os.kill(before, signal.SIGKILL)
    assert "web ended (killed by signal 9)" in read_until(process, "web ended")[-1]
    assert eventually(lambda: product.page().isdigit() and int(product.page()) != before)
    product.page("/trouble")
    assert read_until(process, "ERROR")[-1] == "web: ERROR somebody asked\n"
    end(process)
    assert not processes_of(product.place)


def test_second_supervisor_is_told_where_the_first_one_is(product: Product) -> None:
    process = product.start()
    read_until(process, "Stop it with Ctrl-C")
    second = product.start()
    _, complaint = second.communicate(timeout=30)
    assert second.returncode == 1
    assert f"already runs on {product.data} at http://localhost:{product.port} (process {process.pid})" in complaint
    # A command uses the servers that run, and leaves them running.
    found = product.manage("where")
    assert found.stdout.splitlines()[1].startswith(f"{CHECKOUT} postgres://sam:")
    assert product.page()
    end(process)


def test_busy_port_stops_the_start_with_the_line_to_type(product: Product) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", product.port))
        other.listen()
        process = product.start("alone")
        _, complaint = process.communicate(timeout=30)
    assert process.returncode == 1
    assert f"Port {product.port} is used by another program. Type: PORT=" in complaint
    assert not processes_of(product.place)


def test_stop_during_the_set_up_leaves_no_process(product: Product) -> None:
    manage = product.checkout / "manage.py"
    manage.write_text("import time; time.sleep(60)")
    process = product.start("alone")
    read_until(process, "Bringing the tables up to date")
    end(process)
    assert not processes_of(product.place)


def test_failed_step_is_shown_with_its_last_lines(product: Product) -> None:
    (product.checkout / "manage.py").write_text("import sys; sys.exit('relation is missing')")
    process = product.start("alone")
    _, complaint = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "relation is missing" in complaint
    assert "setup.log" in complaint
    assert not processes_of(product.place)


def test_command_without_running_servers_prints_its_own_output_and_nothing_else(product: Product) -> None:
    found = product.manage("api_token", "admin@example.com")
    assert found.stdout == "chatter on api_token\n"
    assert "PostgreSQL is up" in found.stderr
    # On a data folder that was never used the product is prepared first.
    assert product.calls()[0] == "migrate --noinput"
    assert product.calls()[-1] == "api_token admin@example.com"
    assert not processes_of(product.place)

    # After a backup came back, tables and rights are brought up to the code's.
    before = len(product.calls())
    assert product.manage("restore", "backup.tar").stdout == "chatter on restore\n"
    assert product.calls()[before:] == ["restore backup.tar", "migrate --noinput", "prepare"]

    failed = product.manage("broken")
    assert failed.returncode == 1
    assert failed.stdout == "chatter on broken\n"
    assert "this went wrong" in failed.stderr
    assert not processes_of(product.place)


def test_two_commands_at_once_wait_for_each_other(product: Product) -> None:
    processes = [product.start("manage", "where") for _ in range(2)]
    for process in processes:
        out, complaint = process.communicate(timeout=60)
        assert process.returncode == 0, complaint
        assert out.startswith("chatter on where\n")
    assert not processes_of(product.place)
