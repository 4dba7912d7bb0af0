"""The client wall inside the database: the portal's role may execute two functions and nothing else."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

FUNCTIONS = ("portal_read(text)", "portal_submit(text, text, jsonb)")
DEFAULT_ROLE = "sam_portal"
# Any constant: two processes that grant at once would otherwise fail on the same catalogue row.
LOCK = 7_340_021


def portal_role() -> str:
    """The role named in PORTAL_DATABASE_URL, else `sam_portal`."""
    named = settings.DATABASES["portal"].get("USER") or ""
    return named if named and named != settings.DATABASES["default"].get("USER") else DEFAULT_ROLE


def prepare(using: str = "default") -> str:
    """Take everything from the portal's role and from PUBLIC that is ours to take, then grant the two functions."""
    connection = connections[using]
    with transaction.atomic(using=using), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        cursor.execute("SELECT quote_ident(current_schema()), to_regprocedure(%s)", [FUNCTIONS[0]])
        schema, function = cursor.fetchone()
        if function is None:
            return "the functions are not there yet: run migrate first"
        _close_functions(cursor)
        role = portal_role()
        cursor.execute("SELECT quote_ident(rolname) FROM pg_roles WHERE rolname = %s", [role])
        found = cursor.fetchone()
        if found is None:
            return f"there is no role {role}: client pages use the application's own connection"
        _restrict(cursor, connection, schema, found[0])
    return f"{role} may execute {len(FUNCTIONS)} functions and nothing else"


def _close_functions(cursor: CursorWrapper) -> None:
    """PostgreSQL lets everybody execute a new function: not ours, and not those that later migrations create."""
    cursor.execute("ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC")
    cursor.execute(
        """
        SELECT oid::regprocedure::text FROM pg_proc
        WHERE pronamespace = current_schema()::regnamespace AND pg_has_role(proowner, 'MEMBER')
          AND has_function_privilege('public', oid, 'EXECUTE')
        """
    )
    for (signature,) in cursor.fetchall():
        cursor.execute(f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC")


def _restrict(cursor: CursorWrapper, connection: BaseDatabaseWrapper, schema: str, role: str) -> None:
    settings_dict: dict[str, Any] = connection.settings_dict
    database = connection.ops.quote_name(settings_dict["NAME"])
    cursor.execute("SELECT pg_has_role(datdba, 'MEMBER') FROM pg_database WHERE datname = current_database()")
    if cursor.fetchone()[0]:
        cursor.execute(f"REVOKE ALL ON DATABASE {database} FROM {role}")
        cursor.execute(f"REVOKE TEMPORARY, CREATE ON DATABASE {database} FROM PUBLIC")
        cursor.execute(f"GRANT CONNECT ON DATABASE {database} TO {role}")
    cursor.execute(
        "SELECT pg_has_role(nspowner, 'MEMBER') FROM pg_namespace WHERE oid = current_schema()::regnamespace"
    )
    if cursor.fetchone()[0]:
        cursor.execute(f"REVOKE ALL ON SCHEMA {schema} FROM {role}")
        cursor.execute(f"GRANT USAGE ON SCHEMA {schema} TO {role}")
    for kind in ("TABLES", "SEQUENCES", "FUNCTIONS"):
        cursor.execute(f"REVOKE ALL ON ALL {kind} IN SCHEMA {schema} FROM {role}")
    for signature in FUNCTIONS:
        cursor.execute(f"GRANT EXECUTE ON FUNCTION {schema}.{signature} TO {role}")
