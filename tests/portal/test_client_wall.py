"""The wall itself: another database role, no default connection, nothing changed by looking."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection, connections
from django.test import Client

from reviews.models import Answer
from sam.portal import gate, grants
from sam.portal.models import Link, LinkView, Submission

from .conftest import SentSurvey, form, post

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "portal", "progress"])


@pytest.fixture
def portal_connection(transactional_db: None) -> Iterator[psycopg.Connection[Any]]:
    """A connection in the portal's own role, to the test's database."""
    role = settings.DATABASES["portal"].get("USER")
    if not role or role == settings.DATABASES["default"].get("USER"):
        pytest.fail("PORTAL_DATABASE_URL must name the portal's own role for these tests")
    parameters = connections["portal"].get_connection_params()
    for name in ("cursor_factory", "context", "prepare_threshold"):
        parameters.pop(name, None)
    with psycopg.connect(**parameters, autocommit=True) as opened:
        yield opened


def test_the_portal_runs_in_its_own_role(portal_connection: psycopg.Connection[Any]) -> None:
    found = portal_connection.execute("SELECT current_user, current_database()").fetchone()
    assert found == (grants.portal_role(), connection.settings_dict["NAME"])


def test_portal_role_is_denied_every_table_and_view(portal_connection: psycopg.Connection[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
              AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
            """
        )
        relations = cursor.fetchall()
    assert ("public", "portal_link") in relations
    assert ("public", "accounts_figure") in relations
    assert len(relations) > 40
    for schema, name in relations:
        for statement in (
            f'SELECT 1 FROM "{schema}"."{name}" LIMIT 1',
            f'INSERT INTO "{schema}"."{name}" DEFAULT VALUES',
            f'DELETE FROM "{schema}"."{name}"',
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                portal_connection.execute(statement)


def test_portal_role_may_execute_exactly_the_two_functions(portal_connection: psycopg.Connection[Any]) -> None:
    rows = portal_connection.execute(
        """
        SELECT oid::regprocedure::text FROM pg_proc
        WHERE pronamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
          AND has_function_privilege(oid, 'EXECUTE')
        """
    ).fetchall()
    assert sorted(row[0] for row in rows) == ["portal_read(text)", "portal_submit(text,text,jsonb)"]


def test_portal_role_can_create_nothing(portal_connection: psycopg.Connection[Any]) -> None:
    for statement in ("CREATE TABLE x (a int)", "CREATE TEMPORARY TABLE x (a int)", "CREATE SCHEMA x"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            portal_connection.execute(statement)


def test_functions_have_a_pinned_path_and_an_ordinary_owner() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT p.prosecdef, p.proconfig::text, r.rolsuper
            FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner WHERE p.proname IN ('portal_read', 'portal_submit')
            """
        )
        rows = cursor.fetchall()
    assert len(rows) == 2
    assert all(definer and "search_path=pg_catalog" in config and not superuser for definer, config, superuser in rows)


def test_granting_again_changes_nothing() -> None:
    assert grants.prepare() == grants.prepare()


@contextmanager
def forbidden_default() -> Iterator[list[str]]:
    """Collects every statement that reaches the default connection."""
    seen: list[str] = []

    def collect(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        seen.append(sql)
        return execute(sql, *rest)

    with connections["default"].execute_wrapper(collect):
        yield seen


def test_client_requests_ask_the_default_connection_nothing(sent: SentSurvey) -> None:
    with forbidden_default() as seen:
        browser, page = sent.open("anna")
        assert browser.get(page).status_code == 200
        assert post(browser, page, {"change": ""}).status_code == 422
        assert post(browser, page, form(9)).status_code == 303
        assert browser.get(page + "thanks/").status_code == 200
        assert browser.post(page + "seen/").status_code == 204
        assert browser.get("/s/nonsense/").status_code == 404
        assert browser.get(sent.stops["anna"]).status_code == 302
        assert seen == []
        Link.objects.count()
        assert len(seen) == 1, "the collector sees what the default connection is asked"
    assert Submission.objects.count() == 1


def fingerprint() -> dict[str, tuple[int, str]]:
    """Rows and their hash, for every table."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT t::text FROM "{table}" t ORDER BY 1')
            rows = [row[0] for row in cursor.fetchall()]
            found[table] = (len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest())
    return found


def test_looking_changes_no_row(sent: SentSurvey) -> None:
    before = fingerprint()
    for link in (sent.links["anna"], sent.stops["anna"]):
        for _ in range(3):
            scanner = Client(headers={"sec-purpose": "prefetch"})
            assert scanner.head(link).status_code == 302
            location = scanner.get(link)["Location"]
            assert scanner.get(location).status_code == 200
            assert scanner.head(location).status_code == 200
            assert scanner.get(location + "thanks/").status_code == 200
    assert fingerprint() == before
    browser, page = sent.open("anna")
    post(browser, page, form(9))
    assert fingerprint() != before, "the comparison sees a change"


def test_views_are_counted_from_the_beacon_and_the_form_only(sent: SentSurvey) -> None:
    browser, page = sent.open("anna")
    browser.get(page)
    link = Link.objects.get(recipient_email="anna@client.example", purpose="survey")
    assert (link.views, link.first_used_at) == (0, None)
    browser.post(page + "seen/")
    link.refresh_from_db()
    assert link.views == 1
    first = link.first_used_at
    post(browser, page, form(9))
    link.refresh_from_db()
    assert (link.views, link.first_used_at) == (2, first)
    assert list(LinkView.objects.order_by("pk").values_list("sent", flat=True)) == [False, True]


def test_gate_refuses_what_is_too_large(sent: SentSurvey) -> None:
    token = sent.links["anna"].split("/")[2]
    assert gate.submit(token, "k" * 8, {"text": "x" * 70_000})["state"] == "refused"
    assert gate.submit(token, "k" * 65, {"a": 1})["state"] == "refused"
    assert gate.submit("wrong", "k" * 8, {"a": 1})["state"] == "unknown"
    assert Answer.objects.count() == Submission.objects.count() == 0
