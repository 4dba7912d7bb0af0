"""script/run: starts everything in order, keeps it running, stops it in order. One process, no threads."""

import dataclasses
import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from sam.runtime.folders import DataFolder
from sam.runtime.keeper import Keeper
from sam.runtime.options import Options, child_environment
from sam.runtime.preparation import DemoPeople, Preparation
from sam.runtime.problems import CannotStart
from sam.runtime.processes import Child, Plan, stop_children, stop_leftovers
from sam.runtime.servers import Servers
from sam.runtime.signals import StopRequested, StopSignals
from sam.runtime.table import PROCESSES
from sam.runtime.watch import SERVER_TROUBLE, LogWatch, shorten
from sam.runtime.web import answer, port_problem

PAGES_LIMIT = 120.0  # seconds until the web server must answer
READY_LIMIT = 90.0  # seconds after that until every part (worker and clock, too) must be at work
WAIT_FOR_COMMAND = 120.0  # seconds that a script/manage command may still have the data folder
CRASHES_BEFORE_GIVING_UP = 4  # while starting
LOOK_EVERY = 0.5
ASK_EVERY = 5.0
SHORTEN_EVERY = 3600.0
ADDRESSES = "servers.json"


def say(line: str) -> None:
    print(line, flush=True)


class Supervisor:
    """Everything `script/run` started, from the first server to the last child."""

    def __init__(self, options: Options, base: Mapping[str, str], plans: Sequence[Plan] = PROCESSES) -> None:
        self._options = options
        self._base = base
        self._plans = plans
        self._signals = StopSignals()
        self._folder = DataFolder(options.data, checkout=options.checkout)
        self._servers: Servers | None = None
        self._children: list[Child] = []
        self._people: DemoPeople | None = None

    def run(self) -> None:
        """Returns after everything was stopped on request; raises CannotStart."""
        self._signals.install()
        self._folder.prepare()
        self._take_folder()
        try:
            self._start()
            self._keep_running()
        except StopRequested:
            pass
        finally:
            self._stop()
            self._folder.release()

    # --- starting ----------------------------------------------------------------------------------

    def _take_folder(self) -> None:
        taken = self._folder.take_within("run", WAIT_FOR_COMMAND, port=self._options.port, pause=self._signals.pause)
        if taken:
            return
        holder = self._folder.holder()
        where = f" at http://localhost:{holder.port} (process {holder.pid})" if holder and holder.kind == "run" else ""
        raise CannotStart(
            f"SAM already runs on {self._options.data}{where}.\n"
            "A second one needs its own: SAM_DATA=<another folder> PORT=8001 script/run"
        )

    def _start(self) -> None:
        for name in stop_leftovers(self._folder.run, self._folder.marker, pause=self._signals.pause):
            say(f"Stopped {name}, left over from the last time")
        if problem := port_problem(self._options.port):
            raise CannotStart(problem)
        self._servers = Servers(self._folder, self._options, say=say, pause=self._signals.pause)
        self._servers.start()
        environment = self._environment(self._servers)
        preparation = Preparation(self._folder, self._options, environment, say=say, pause=self._signals.pause)
        preparation.run()
        self._announce_servers(environment)
        self._people = preparation.demo_people()
        say("Starting web, worker and clock …")
        # One after the other: together they would only make each other, and the first page, slower.
        first, *others = self._plans
        self._start_child(first, environment)
        self._wait_until_pages_come()
        for plan in others:
            self._start_child(plan, environment)
        say(f"\nSAM is running at http://localhost:{self._options.port}\n")
        if self._people and (text := self._people.text()):
            say(f"{text}\n")
        say("Stop it with Ctrl-C.")

    def _environment(self, servers: Servers) -> dict[str, str]:
        return child_environment(
            self._options, self._base, secret_key=self._folder.secret("secret_key"), servers=servers.addresses()
        )

    def _announce_servers(self, environment: Mapping[str, str]) -> None:
        """Leave word for script/manage how to reach what runs here."""
        names = ("DATABASE_URL", "PORTAL_DATABASE_URL", "REDIS_URL", "PORT", "SECRET_KEY", "SAM_DEBUG")
        path = self._folder.run / ADDRESSES
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump({name: environment[name] for name in names if name in environment}, file)

    def _start_child(self, plan: Plan, environment: Mapping[str, str]) -> None:
        child = Child(
            filled(plan, self._options.data),
            environment=environment,
            folder=self._options.checkout,
            log=self._folder.logs / f"{plan.name}.log",
            pid_file=self._folder.run / f"{plan.name}.pid",
            marker=self._folder.marker,
        )
        child.start()
        self._children.append(child)

    def _wait_until_pages_come(self) -> None:
        keeper = self._keeper()
        deadline = time.monotonic() + PAGES_LIMIT
        while (state := answer(self._options.port, "/healthz"))[0] != 200:
            keeper.look()
            if keeper.crashes >= CRASHES_BEFORE_GIVING_UP:
                raise CannotStart(f"A part of SAM keeps ending. The logs are in {self._folder.logs}.")
            if time.monotonic() > deadline:
                raise CannotStart(f"The web server does not answer ({state[1]}). The logs are in {self._folder.logs}.")
            self._signals.pause(0.2)

    # --- running -----------------------------------------------------------------------------------

    def _keeper(self) -> Keeper:
        servers = self._servers.children() if self._servers else ()
        return Keeper([*servers, *self._children], say=say)

    def _keep_running(self) -> None:
        keeper = self._keeper()
        watches = self._watches()
        readiness = Readiness(self._options.port)
        shortened = time.monotonic()
        while not self._signals.asked():
            self._signals.wait(LOOK_EVERY)
            if self._signals.asked():
                return
            keeper.look()
            for line in [*readiness.news(), *(f"{name}: {line}" for name in watches for line in watches[name].news())]:
                say(line)
            if time.monotonic() - shortened > SHORTEN_EVERY:
                shorten(self._folder.logs.glob("*.log"))
                shortened = time.monotonic()

    def _watches(self) -> dict[str, LogWatch]:
        servers = self._servers.children() if self._servers else ()
        found = {child.plan.name: LogWatch(child.log, SERVER_TROUBLE) for child in servers}
        return found | {child.plan.name: LogWatch(child.log) for child in self._children}

    # --- stopping ----------------------------------------------------------------------------------

    def _stop(self) -> None:
        (self._folder.run / ADDRESSES).unlink(missing_ok=True)
        if self._signals.asked():
            say("Stopping …")
        if self._people:
            self._people.give_up()
        asked = self._signals.count
        # A second Ctrl-C does not wait for running jobs.
        stop_children(self._children, pause=self._signals.wait, hurry=lambda: self._signals.count > asked)
        self._children = []
        if self._servers:
            self._servers.stop()
        if self._signals.asked():
            say("SAM has stopped.")


class Readiness:
    """Asks, now and then, whether every part is at work, until it is or the time is over."""

    def __init__(self, port: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._port = port
        self._clock = clock
        self._deadline = clock() + READY_LIMIT
        self._next = clock()
        self._done = False

    def news(self) -> list[str]:
        """One line when the waiting ended badly, otherwise none."""
        now = self._clock()
        if self._done or now < self._next:
            return []
        self._next = now + ASK_EVERY
        status, text = answer(self._port, "/readyz")
        self._done = status == 200 or now > self._deadline
        return [f"Not every part is ready: {text[:300]}"] if self._done and status != 200 else []


def filled(plan: Plan, data: Path) -> Plan:
    """The plan with the data folder put into its command."""
    return dataclasses.replace(plan, command=tuple(word.replace("{data}", str(data)) for word in plan.command))


def main() -> None:
    try:
        Supervisor(Options.read(os.environ), os.environ).run()
    except StopRequested:
        sys.exit(130)
    except CannotStart as problem:
        sys.exit(f"\n{problem}")


if __name__ == "__main__":
    main()
