"""Tables, static files and demo data: done when something changed, skipped when nothing did."""

import hashlib
import json
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import psycopg

from sam.runtime.folders import DataFolder
from sam.runtime.options import Options
from sam.runtime.problems import CannotStart
from sam.runtime.processes import Child, Pause, Plan, stop_children
from sam.runtime.signals import StopRequested
from sam.runtime.table import COLLECT, MIGRATE, PREPARE

Say = Callable[[str], None]
DATABASE_SOURCES = (
    *("manage.py", "requirements.lock", "sam/*.py", "sam/portal/**/*.py"),
    *("*/migrations/*.py", "sam/*/migrations/*.py"),
    *("*/management/commands/*.py", "sam/*/management/commands/*.py"),
)
STATIC_SOURCES = (
    *("package-lock.json", "requirements.lock", "sam/settings.py", "sam/core/*.py"),
    *("static/**/*", "*/static/**/*", "sam/*/static/**/*"),
)

SEEDED = "seeded\n"


class Preparation:
    """Brings the database, the static files and the demo data of one data folder up to date."""

    def __init__(
        self,
        folder: DataFolder,
        options: Options,
        environment: Mapping[str, str],
        *,
        say: Say,
        pause: Pause = time.sleep,
    ) -> None:
        self._folder = folder
        self._options = options
        self._environment = environment
        self._say = say
        self._pause = pause
        self._demo_file = folder.path / "demo"

    def run(self) -> None:
        """Raises CannotStart with the last lines of the step that failed."""
        self.database()
        self.static_files()
        self.demo_data()

    def database(self) -> None:
        sources = fingerprint(self._options.checkout, DATABASE_SOURCES)
        state = self._database_state()
        if state and self._stamp("database") == [sources, state]:
            return
        self._step("Bringing the tables up to date", MIGRATE)
        if self.has_command("prepare"):
            self._step("Setting rights and defaults", PREPARE)
        self._write_stamp("database", [sources, self._database_state()])
        (self._folder.run / "demo_people.txt").unlink(missing_ok=True)

    def static_files(self) -> None:
        sources = fingerprint(self._options.checkout, STATIC_SOURCES)
        if self._stamp("static") != [sources, None] or not (self._folder.path / "static").exists():
            self._step("Collecting static files", COLLECT)
            self._write_stamp("static", [sources, None])

    def demo_data(self) -> None:
        """Decided once, at the first start: later, there may be real accounts."""
        if self._demo_file.exists():
            return
        if self._options.demo and self.has_command("seed_demo"):
            self._step("Filling in the demo company (first start only)", ("python", "manage.py", "seed_demo"))
            self._demo_file.write_text(SEEDED)
        elif not self._options.demo:
            self.without_demo()

    def without_demo(self) -> None:
        """Note that this data folder holds real accounts, or will."""
        self._demo_file.write_text("none\n")

    def demo_seeded(self) -> bool:
        return self._demo_file.exists() and self._demo_file.read_text() == SEEDED

    def demo_people(self) -> "DemoPeople | None":
        """Who can sign in to the demo, being asked for in the background; None without demo data."""
        if not self.demo_seeded() or not self.has_command("demo_people"):
            return None
        return DemoPeople(self._options.checkout, self._environment, self._folder.run / "demo_people.txt")

    def done_before(self) -> bool:
        return self._stamp("database") is not None

    def forget_database(self) -> None:
        """The next start looks at the tables, and at the demo people, again."""
        self._stamp_path("database").unlink(missing_ok=True)

    def has_command(self, name: str) -> bool:
        """Whether one of our apps has this management command."""
        return any(
            next(self._options.checkout.glob(f"{place}/management/commands/{name}.py"), None)
            for place in ("*", "sam/*")
        )

    def _step(self, title: str, command: Sequence[str]) -> None:
        self._say(f"{title} …")
        child = Child(
            Plan("setup", command),
            environment=self._environment,
            folder=self._options.checkout,
            log=self._folder.logs / "setup.log",
            pid_file=self._folder.run / "setup.pid",
            marker=self._folder.marker,
        )
        child.start()
        try:
            while (code := child.exit_code()) is None:
                self._pause(0.2)
        except StopRequested:
            stop_children([child])
            raise
        child.forget()
        if code != 0:
            lines = [f"{title} failed ({' '.join(command)}):", *child.last_lines(), f"The whole log: {child.log}"]
            raise CannotStart("\n".join(lines))

    def _database_state(self) -> str | None:
        """Which migrations the database says it has; None when it cannot be asked."""
        try:
            with psycopg.connect(self._environment["DATABASE_URL"], connect_timeout=5) as connection:
                rows = connection.execute("SELECT app, name FROM django_migrations ORDER BY app, name").fetchall()
        except psycopg.Error:
            return None
        return hashlib.sha256(repr(rows).encode()).hexdigest()

    def _stamp_path(self, name: str) -> Path:
        return self._folder.run / f"{name}.stamp"

    def _stamp(self, name: str) -> list[str | None] | None:
        try:
            stamp = json.loads(self._stamp_path(name).read_text())
        except (OSError, ValueError):
            return None
        return stamp if isinstance(stamp, list) else None

    def _write_stamp(self, name: str, values: list[str | None]) -> None:
        self._stamp_path(name).write_text(json.dumps(values))


class DemoPeople:
    """The table of demo people: asked for once, kept until the tables change."""

    def __init__(self, checkout: Path, environment: Mapping[str, str], kept: Path) -> None:
        self._kept = kept
        self._asking = None if kept.exists() else self._ask(checkout, environment)

    def text(self) -> str:
        if self._asking:
            text = self._asking.communicate()[0].strip()
            if text and self._asking.returncode == 0:
                self._kept.write_text(text)
            self._asking = None
            return text
        return self._kept.read_text() if self._kept.exists() else ""

    def give_up(self) -> None:
        if self._asking:
            self._asking.kill()
            self._asking.communicate()
            self._asking = None

    @staticmethod
    def _ask(checkout: Path, environment: Mapping[str, str]) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            ["python", "manage.py", "demo_people"],
            cwd=checkout,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )


def fingerprint(root: Path, patterns: Iterable[str]) -> str:
    """Changes whenever a file that matches is added, removed or written."""
    digest = hashlib.sha256()
    for name, path in sorted(matching_files(root, patterns).items()):
        facts = path.stat()
        digest.update(f"{name}\0{facts.st_size}\0{facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def matching_files(root: Path, patterns: Iterable[str]) -> dict[str, Path]:
    """Our own files; not those of the virtual environment, the data folder or the browser libraries."""
    found = {str(path.relative_to(root)): path for pattern in patterns for path in root.glob(pattern) if path.is_file()}
    return {name: path for name, path in found.items() if not name.startswith((".", "node_modules/"))}
