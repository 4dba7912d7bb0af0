"""script/manage: one management command, with the servers up. Only the command itself writes to stdout."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

from sam.runtime.folders import DataFolder
from sam.runtime.options import Options, child_environment
from sam.runtime.preparation import Preparation
from sam.runtime.problems import CannotStart
from sam.runtime.processes import stop_leftovers
from sam.runtime.servers import Servers
from sam.runtime.signals import StopRequested, StopSignals
from sam.runtime.supervisor import ADDRESSES

WAIT_FOR_OTHERS = 600.0  # seconds
# These work on the tables themselves, or need none.
WITHOUT_TABLES = {"help", "check", "migrate", "makemigrations", "showmigrations", "sqlmigrate", "restore", "flush"}
CHANGES_TABLES = {"migrate", "restore", "flush"}


def tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main(options: Options, arguments: Sequence[str]) -> int:
    """Exit code of the command; raises CannotStart."""
    folder = DataFolder(options.data, checkout=options.checkout)
    folder.prepare()
    deadline = time.monotonic() + WAIT_FOR_OTHERS
    told = False
    while not folder.take("manage"):
        addresses = _running_servers(folder)
        if addresses:
            return _beside_running(folder, options, addresses, arguments)
        if time.monotonic() > deadline:
            raise CannotStart(f"The data folder {options.data} is still in use by another command. Try again later.")
        if not told:
            tell("Waiting for another command or for script/run to get ready …")
            told = True
        time.sleep(0.2)
    return _with_own_servers(folder, options, arguments)


def _running_servers(folder: DataFolder) -> dict[str, str] | None:
    """What script/run left word of once its servers were up; None while it starts, or when a command has the folder."""
    holder = folder.holder()
    if holder is None or holder.kind != "run":
        return None
    try:
        addresses = json.loads((folder.run / ADDRESSES).read_text())
    except (OSError, ValueError):
        return None
    return dict(addresses)


def _beside_running(folder: DataFolder, options: Options, addresses: dict[str, str], arguments: Sequence[str]) -> int:
    environment = child_environment(options, os.environ, secret_key=folder.secret("secret_key"), servers=addresses)
    return _run_and_follow_up(Preparation(folder, options, environment, say=tell), options, environment, arguments)


def _with_own_servers(folder: DataFolder, options: Options, arguments: Sequence[str]) -> int:
    signals = StopSignals()
    signals.install()
    stop_leftovers(folder.run, folder.marker, pause=signals.pause)
    servers = Servers(folder, options, say=tell, pause=signals.pause)
    try:
        servers.start()
        secret_key = folder.secret("secret_key")
        environment = child_environment(options, os.environ, secret_key=secret_key, servers=servers.addresses())
        preparation = Preparation(folder, options, environment, say=tell, pause=signals.pause)
        if not preparation.done_before() and not WITHOUT_TABLES & set(arguments[:1]):
            preparation.run()
        return _run_and_follow_up(preparation, options, environment, arguments)
    finally:
        servers.stop()
        folder.release()


def _run_and_follow_up(
    preparation: Preparation, options: Options, environment: dict[str, str], arguments: Sequence[str]
) -> int:
    if CHANGES_TABLES & set(arguments[:1]):
        preparation.forget_database()
    code = _run(options, environment, arguments)
    if code == 0 and list(arguments[:1]) == ["restore"]:
        # A backup may be older than the code, and carries no rights of the portal's role. Real data: no demo later.
        preparation.database()
        preparation.without_demo()
    return code


def _run(options: Options, environment: dict[str, str], arguments: Sequence[str]) -> int:
    """Run it in our own terminal and folder. Ctrl-C reaches it through the terminal; SIGTERM is passed on."""
    command = subprocess.Popen([sys.executable, str(options.checkout / "manage.py"), *arguments], env=environment)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, frame: command.send_signal(received))
    code = command.wait()
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    try:
        sys.exit(main(Options.read(os.environ), sys.argv[1:]))
    except StopRequested:
        sys.exit(130)
    except CannotStart as problem:
        sys.exit(str(problem))
