"""What the person at the terminal may change, read from the environment once."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sam.runtime.problems import CannotStart

CHECKOUT = Path(__file__).resolve().parent.parent.parent
# libpq would take these as defaults and end up at another server.
FOREIGN = (
    "PGHOST",
    "PGHOSTADDR",
    "PGPORT",
    "PGUSER",
    "PGPASSWORD",
    "PGDATABASE",
    "PGSERVICE",
    "PGOPTIONS",
    "PGSSLMODE",
)


@dataclass(frozen=True)
class Options:
    """`database_url` and `redis_url` are None when SAM brings its own. `demo`: whether to fill an empty product."""

    checkout: Path
    data: Path
    port: int
    database_url: str | None
    redis_url: str | None
    demo: bool

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> "Options":
        """Raises CannotStart for values that make no sense."""
        database_url = environment.get("DATABASE_URL") or None
        # Nobody wants invented accounts in a database they brought along, unless they say so.
        demo = environment.get("SAM_DEMO", "0" if database_url else "1")
        return cls(
            checkout=CHECKOUT,
            data=Path(environment.get("SAM_DATA") or CHECKOUT / ".data").resolve(),
            port=_port(environment.get("PORT") or "8000"),
            database_url=database_url,
            redis_url=environment.get("REDIS_URL") or None,
            demo=demo.strip().lower() in {"1", "true", "yes", "on"},
        )

    @property
    def embedded(self) -> bool:
        """Whether everything is ours: then pages for developers (mailbox, error details) are on by default."""
        return self.database_url is None and self.redis_url is None


def _port(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise CannotStart(f"PORT is {text}: give a number from 1 to 65535, for example PORT=8001 script/run")
    return int(text)


def child_environment(
    options: Options, base: Mapping[str, str], *, secret_key: str, servers: Mapping[str, str]
) -> dict[str, str]:
    """What every Django process gets: the person's own environment, then ours where nothing was given."""
    own = {name: value for name, value in base.items() if options.database_url or name not in FOREIGN}
    own.pop("PYTHONPATH", None)
    programs = str(Path(sys.executable).parent)
    defaults = {"SECRET_KEY": secret_key, "SAM_DEBUG": "1" if options.embedded else "0"}
    fixed = {
        "SAM_DATA": str(options.data),
        "PORT": str(options.port),
        "SAM_DEMO": "1" if options.demo else "0",
        "PATH": os.pathsep.join([programs, own.get("PATH", os.defpath)]),
        "PYTHONUNBUFFERED": "1",
    }
    filled = {name: value for name, value in defaults.items() if not own.get(name)}
    return own | filled | fixed | dict(servers)
