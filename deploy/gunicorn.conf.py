# ruff: noqa: INP001, S108 (gunicorn reads this file by path; /dev/shm is memory, not a shared drawer)
"""The web server: the same file for script/run and docker-compose.yml.

SAM_BIND names other addresses (comma between them), WEB_WORKERS and WEB_THREADS other numbers.
"""

import gc
import os
from pathlib import Path

from django.urls import get_resolver

from sam.runtime.web import IPV4, IPV6, has_ipv6

_port = os.environ.get("PORT", "8000")
# Both, because "localhost" means either, depending on the machine.
_loopback = [f"{IPV4}:{_port}", *([f"[{IPV6}]:{_port}"] if has_ipv6() else [])]

bind = [address for address in os.environ.get("SAM_BIND", "").split(",") if address] or _loopback
# Django is loaded once and shared by the workers. Nothing opens a connection or starts a thread before the fork.
preload_app = True
worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
timeout = 60
graceful_timeout = 20
keepalive = 5
max_requests = 5000
max_requests_jitter = 500
# The workers' sign of life is a file: in memory, a busy disk cannot make it look dead.
if Path("/dev/shm").is_dir() and os.access("/dev/shm", os.W_OK):
    worker_tmp_dir = "/dev/shm"
# No second door: the process is steered by signals only.
control_socket_disable = True
# The request log with person and duration is the application's.
accesslog = None
errorlog = "-"
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1")


def when_ready(server: object) -> None:
    """Load every view before the workers part ways, so that the first visitor does not wait for it."""
    get_resolver().url_patterns  # noqa: B018 (reading it is what loads it)
    # What the workers share stays shared: the collector does not touch it any more.
    gc.freeze()
