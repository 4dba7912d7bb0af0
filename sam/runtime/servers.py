"""PostgreSQL and Redis together: those that SAM brings along, where the person named no others."""

import time
from collections.abc import Callable, Iterable

from sam.runtime.folders import DataFolder
from sam.runtime.options import Options
from sam.runtime.postgres import Postgres
from sam.runtime.processes import Child, Pause
from sam.runtime.redis import Redis

Say = Callable[[str], None]


class Servers:
    """The embedded servers of a data folder whose lock we hold."""

    def __init__(
        self, folder: DataFolder, options: Options, *, say: Say, durable: bool = True, pause: Pause = time.sleep
    ) -> None:
        self._say = say
        self.redis = None if options.redis_url else Redis(folder, durable=durable, pause=pause)
        self.postgres = None if options.database_url else Postgres(folder, durable=durable, pause=pause)

    def start(self) -> None:
        for title, server in (("PostgreSQL", self.postgres), ("Redis", self.redis)):
            if server:
                began = time.monotonic()
                server.start()
                self._say(f"{title} is up ({time.monotonic() - began:.1f} s)")

    def stop(self) -> None:
        if self.redis:
            self.redis.stop()
        if self.postgres:
            self.postgres.stop()

    def addresses(self) -> dict[str, str]:
        """The variables that lead Django to the embedded servers."""
        found = {}
        if self.postgres:
            found["DATABASE_URL"] = self.postgres.url("sam")
            found["PORTAL_DATABASE_URL"] = self.postgres.url("sam_portal")
        if self.redis:
            found["REDIS_URL"] = self.redis.url()
        return found

    def children(self) -> Iterable[Child]:
        return [server.child for server in (self.postgres, self.redis) if server and server.child]
