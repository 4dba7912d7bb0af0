"""Alive and ready, for whoever runs the installation. No sign-in, no detail beyond yes or no per part."""

import shutil
import time
from collections.abc import Callable

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from redis import Redis
from redis.exceptions import RedisError

from sam.core.schedules import HEARTBEAT_KEY

BEAT_SECONDS = 120
FREE_BYTES = 200 * 1024 * 1024


def alive(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


def database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return True


def migrations() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def broker() -> bool:
    # Asked directly: the cache would answer from memory.
    with Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2) as redis:
        return bool(redis.ping())


def worker() -> bool:
    beat = cache.get(HEARTBEAT_KEY)
    return beat is not None and time.time() - beat < BEAT_SECONDS


def disk() -> bool:
    return shutil.disk_usage(settings.DATA_DIR).free > FREE_BYTES


CHECKS: dict[str, Callable[[], bool]] = {
    "database": database,
    "migrations": migrations,
    "broker": broker,
    "worker": worker,
    "disk": disk,
}


def passes(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except (RedisError, OSError, Exception):  # noqa: BLE001 - any failure means "not ready"
        return False


def ready(request: HttpRequest) -> JsonResponse:
    parts = {name: passes(check) for name, check in CHECKS.items()}
    return JsonResponse({"ready": all(parts.values()), **parts}, status=200 if all(parts.values()) else 503)
