"""The cache while Redis is away: each process remembers for itself, so that nobody is locked out of signing in."""

from __future__ import annotations

import logging
import time
from typing import Any, ClassVar

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


class SteadyCache(RedisCache):
    """Redis; after a failure, this process's memory for some seconds.

    What is kept here are rate limits and a heartbeat: limits then count per process instead of not at all, and no
    page breaks. Use it for nothing that must survive.
    """

    # After a failure Redis is left alone for a moment: a black hole would cost every page its time-out.
    PAUSE: ClassVar[float] = 5.0
    away_until: ClassVar[float] = 0.0

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._spare = LocMemCache("while-redis-is-away", {**params, "OPTIONS": {}})

    def _ask(self, method: str, *args: Any, **options: Any) -> Any:
        if time.monotonic() >= SteadyCache.away_until:
            try:
                return getattr(super(), method)(*args, **options)
            except (RedisError, OSError) as problem:
                SteadyCache.away_until = time.monotonic() + self.PAUSE
                logger.warning("cache in memory while Redis is away", extra={"problem": str(problem)})
        return getattr(self._spare, method)(*args, **options)

    def add(self, *args: Any, **options: Any) -> Any:
        return self._ask("add", *args, **options)

    def get(self, *args: Any, **options: Any) -> Any:
        return self._ask("get", *args, **options)

    def set(self, *args: Any, **options: Any) -> Any:
        return self._ask("set", *args, **options)

    def touch(self, *args: Any, **options: Any) -> Any:
        return self._ask("touch", *args, **options)

    def delete(self, *args: Any, **options: Any) -> Any:
        return self._ask("delete", *args, **options)

    def has_key(self, *args: Any, **options: Any) -> Any:
        return self._ask("has_key", *args, **options)

    def incr(self, *args: Any, **options: Any) -> Any:
        return self._ask("incr", *args, **options)

    def get_many(self, *args: Any, **options: Any) -> Any:
        return self._ask("get_many", *args, **options)

    def set_many(self, *args: Any, **options: Any) -> Any:
        return self._ask("set_many", *args, **options)

    def delete_many(self, *args: Any, **options: Any) -> Any:
        return self._ask("delete_many", *args, **options)

    def clear(self) -> Any:
        return self._ask("clear")
