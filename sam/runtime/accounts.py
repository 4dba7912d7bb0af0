"""The unprivileged account PostgreSQL runs under when we are root: the server refuses to run as root."""

import os
import pwd
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from sam.runtime.problems import CannotStart

NAME = "sam-postgres"


@dataclass(frozen=True)
class Account:
    name: str
    uid: int
    gid: int

    def can_use(self, path: Path) -> bool:
        """Whether the account reaches `path` through all its parent folders and may enter (or run) it.

        Asked of the system itself, in a process of that account, so that access lists count too.
        """
        check = "import os, sys; sys.exit(0 if os.access(sys.argv[1], os.X_OK) else 1)"
        # Started before the change of user: the interpreter itself may lie in a folder the account cannot enter.
        become = "import os, sys; os.setgroups([]); os.setgid(int(sys.argv[2])); os.setuid(int(sys.argv[3])); "
        command = [
            sys.executable,
            "-I",
            "-S",
            "-c",
            become + check,
            str(path),
            str(self.gid),
            str(self.uid),
        ]
        return subprocess.run(command, check=False, capture_output=True).returncode == 0

    def owns(self, path: Path, mode: int = 0o700) -> None:
        """Give the folder or file to the account."""
        os.chown(path, self.uid, self.gid)
        path.chmod(mode)


def postgres_account() -> Account | None:
    """None for an ordinary user; for root a system account made once, or the one named by SAM_POSTGRES_USER."""
    if os.geteuid() != 0:
        return None
    name = os.environ.get("SAM_POSTGRES_USER", NAME)
    return _look_up(name) or _create(name)


def _look_up(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    if entry.pw_uid == 0:
        raise CannotStart(f"PostgreSQL does not run as {name}: name an ordinary account in SAM_POSTGRES_USER.")
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _create(name: str) -> Account:
    useradd = [
        "useradd",
        "--system",
        "--no-create-home",
        "--home-dir",
        "/nonexistent",
        "--shell",
        "/bin/false",
        name,
    ]
    adduser = [
        "adduser",
        "-S",
        "-D",
        "-H",
        "-h",
        "/nonexistent",
        "-s",
        "/bin/false",
        name,
    ]
    for command in (useradd, adduser):
        if shutil.which(command[0]):
            subprocess.run(command, check=False, capture_output=True)
            break
    account = _look_up(name)
    if account is None:
        line = " ".join(useradd)
        raise CannotStart(
            f"PostgreSQL does not run as root and the system account {name} could not be made.\nType: {line}"
        )
    return account
