"""How often one address may come: counted in Redis by one atomic step, so that a parallel burst passes no more."""

from __future__ import annotations

import ipaddress
import logging
import time

from django.conf import settings
from django.http import HttpRequest
from redis import Redis
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

WINDOW = 60
# After a failure Redis is left alone for a moment: a black hole would cost every page its time-out.
PAUSE = 5.0
_client: Redis | None = None
_away_until = 0.0


def within(what: str, address: str, limit: int) -> bool:
    """Whether `address` may do `what` once more: `limit` times within a minute of the first; a /64 four times that.

    Without Redis everything passes: tokens of 256 bits need no limit to stay unguessable, and the database bounds
    what one link can store.
    """
    global _away_until
    if time.monotonic() < _away_until:
        return True
    try:
        counts = [(_count(f"{what}:{key}"), limit * share) for key, share in keys(address)]
    except (RedisError, OSError) as problem:
        _away_until = time.monotonic() + PAUSE
        logger.warning("no rate limit while Redis is away", extra={"problem": str(problem)})
        return True
    return all(count <= most for count, most in counts)


def keys(address: str) -> list[tuple[str, int]]:
    """What is counted for an address, each with its multiple of the limit.

    >>> keys("203.0.113.9")
    [('203.0.113.9', 1)]
    >>> keys("2001:db8:1:2:3::4")
    [('2001:db8:1:2:3::4', 1), ('2001:db8:1:2::/64', 4)]
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return [("unreadable", 1)]
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return [(str(parsed.ipv4_mapped), 1)]
        network = ipaddress.ip_network((parsed, 64), strict=False)
        return [(str(parsed), 1), (str(network), 4)]
    return [(str(parsed), 1)]


def give_back(what: str, address: str) -> None:
    """Take back one count of `within`: what was counted beforehand turned out to be harmless."""
    if time.monotonic() < _away_until:
        return
    try:
        for key, _ in keys(address):
            _count(f"{what}:{key}", by=-1)
    except (RedisError, OSError) as problem:
        logger.warning("one count too many until the minute is over", extra={"problem": str(problem)})


def _count(key: str, by: int = 1) -> int:
    """The count after adding `by`; what is taken back after its minute was over leaves nothing below zero."""
    global _client
    if _client is None:
        _client = Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)
    name = f"{settings.CACHES['default']['KEY_PREFIX']}:limit:{key}"
    with _client.pipeline(transaction=True) as pipeline:
        pipeline.set(name, 0 if by > 0 else -by, ex=WINDOW, nx=True)
        pipeline.incrby(name, by)
        _, count = pipeline.execute()
    return int(count)


def address_of(request: HttpRequest) -> str:
    """The caller's address; X-Forwarded-For counts only as far as proxies are trusted (TRUSTED_PROXY_COUNT)."""
    remote: str = request.META.get("REMOTE_ADDR", "")
    trusted: int = settings.TRUSTED_PROXY_COUNT
    if not trusted:
        return remote
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
    return hops[-trusted] if len(hops) >= trusted else remote
