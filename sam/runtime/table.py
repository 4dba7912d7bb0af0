"""What SAM consists of besides its servers. `script/run` starts these lines and docker-compose.yml repeats them."""

import signal

from sam.runtime.processes import Plan

# {data} is the data folder.
WEB = Plan("web", ("gunicorn", "--config", "deploy/gunicorn.conf.py", "sam.wsgi:application"), patience=25.0)
WORKER = Plan(
    "worker",
    (
        *("celery", "-A", "sam", "worker", "--loglevel", "INFO", "--concurrency", "2"),
        *("--without-gossip", "--without-mingle"),
    ),
    # The first signal lets running jobs end; the second gives them back to the queue.
    hurry_signal=signal.SIGQUIT,
    # Without a broker a polite shutdown never ends. Its jobs were not acknowledged and go back to the queue.
    orphan_signal=signal.SIGKILL,
    patience=25.0,
)
BEAT = Plan(
    "beat",
    ("celery", "-A", "sam", "beat", "--loglevel", "INFO", "--schedule", "{data}/beat-schedule", "--pidfile", ""),
)
PROCESSES = (WEB, WORKER, BEAT)

# Before them, at every release: the tables, then what depends on tables (rights of the portal's role, defaults).
MIGRATE = ("python", "manage.py", "migrate", "--noinput")
PREPARE = ("python", "manage.py", "prepare")
COLLECT = ("python", "manage.py", "collectstatic", "--noinput", "--verbosity", "0")
