"""Makes the test databases of pytest's workers before they start: migrated once, then copied by PostgreSQL.

`python -m tests.databases gw0 gw1` leaves one database for each name, which pytest finds with --reuse-db. Migrating
takes many seconds, copying less than one.
"""

from __future__ import annotations

import sys

import django
from django.db import connection

from tests.migrating import skip_rendering_after_triggers


def make(workers: list[str]) -> None:
    skip_rendering_after_triggers()
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    # PostgreSQL copies a database only while nobody is connected to it.
    connection.close()
    for worker in workers:
        connection.creation.clone_test_db(suffix=worker, verbosity=0)


if __name__ == "__main__":
    django.setup()
    make(sys.argv[1:])
