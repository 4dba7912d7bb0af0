"""Every model lives in `default`; the other connections reach the same place for one purpose each."""

from typing import Any


class OneHomeRouter:
    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        return db == "default"

    def allow_relation(self, first: Any, second: Any, **hints: Any) -> bool | None:
        return True
