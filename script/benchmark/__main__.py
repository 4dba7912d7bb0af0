"""Starts a PostgreSQL and a Redis for the measurement, prepares the product on them, measures, and clears away."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from benchmark.options import BenchOptions
from sam.runtime.folders import DataFolder
from sam.runtime.options import CHECKOUT, Options, child_environment
from sam.runtime.problems import CannotStart
from sam.runtime.servers import Servers
from sam.runtime.signals import StopRequested, StopSignals
from sam.runtime.table import COLLECT, MIGRATE, PREPARE
from sam.runtime.web import next_free_port

LONGEST = 1800.0  # seconds; a machine that needs longer is too busy for figures
GIVEN_BY_US = {"DATABASE_URL", "PORTAL_DATABASE_URL", "REDIS_URL", "SAM_TESTING", "SAM_DEBUG", "SAM_BASE_URL"}


def tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


@contextlib.contextmanager
def bench_servers(signals: StopSignals) -> Iterator[dict[str, str]]:
    """Servers as script/run starts them, durable, in a temporary data folder; yields the environment."""
    path = Path(tempfile.mkdtemp(prefix="sam-bench-")).resolve()
    # Never a database that somebody brought along: the measurement fills and empties tables.
    base = {name: value for name, value in os.environ.items() if name not in GIVEN_BY_US}
    options = Options.read(base | {"SAM_DATA": str(path), "SAM_DEMO": "0", "PORT": str(next_free_port(18_000))})
    folder = DataFolder(path, checkout=CHECKOUT)
    folder.prepare()
    folder.take("run")
    servers = Servers(folder, options, say=tell, pause=signals.pause)
    try:
        servers.start()
        secret = folder.secret("secret_key")
        environment = child_environment(options, base, secret_key=secret, servers=servers.addresses())
        yield environment | {
            "SAM_DEBUG": "0",
            "LOG_LEVEL": "WARNING",
            "PYTHONPATH": os.pathsep.join([str(CHECKOUT), str(CHECKOUT / "script")]),
            "SAM_BENCH_RESULT": str(Options.read(os.environ).data / "bench.json"),
        }
    finally:
        servers.stop()
        if servers.postgres:
            servers.postgres.discard()
        folder.release()
        shutil.rmtree(path, ignore_errors=True)


def run(command: Sequence[str], environment: Mapping[str, str], signals: StopSignals, *, quiet: bool = False) -> int:
    """The exit code of a command that is given LONGEST seconds, and a polite end when we are asked to stop."""
    process = subprocess.Popen(
        command, cwd=CHECKOUT, env=dict(environment), stdout=subprocess.DEVNULL if quiet else None
    )
    waited = 0.0
    while (code := process.poll()) is None:
        signals.wait(0.5)
        waited += 0.5
        if signals.count or waited > LONGEST:
            process.send_signal(signal.SIGTERM)
            process.wait(30)
            if signals.count:
                raise StopRequested
            raise CannotStart(f"The measurement took longer than {LONGEST / 60:.0f} minutes and was stopped.")
    return code


def main(arguments: Sequence[str]) -> int:
    """0 when everything could be measured, whether goals were met or not; raises CannotStart."""
    BenchOptions.read(arguments)
    signals = StopSignals()
    signals.install()
    with bench_servers(signals) as environment:
        for command in (MIGRATE, PREPARE, COLLECT):
            if run(command, environment, signals, quiet=True) != 0:
                raise CannotStart(f"The preparation failed: {' '.join(command)}")
        return run([sys.executable, "-m", "benchmark.measuring", *arguments], environment, signals)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except StopRequested:
        sys.exit(130)
    except CannotStart as problem:
        sys.exit(str(problem))
