"""Opinions and figures reach nobody without the permission: not as a number, not as an order, not as a gap.

Which rows those are comes from the confidentiality registry. Models that are confidential as a whole are changed
or taken away, and whoever lacks the permission must get the very same bytes from every address as before.
Confidential fields of other models hold a marker that may not show up.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from functools import cache as once
from functools import partial
from typing import Any

import pgtrigger
import pytest
from django.contrib.postgres.fields import ArrayField
from django.core.cache import cache
from django.db import connection, models, transaction
from django.db.models import F, Value
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import Figure, TeamSeat
from sam.core.authorization.permissions import Permission as P
from sam.core.confidentiality import Confidentiality as C
from sam.core.models import User
from sam.values.periods import last_closed_quarter
from tests.pages.matrix import EVERYBODY, Somebody
from tests.security.addresses import page_path, pages, routes, text_of
from tests.security.conftest import OWN, Twins
from tests.security.population import Population, our_models
from tests.security.test_api_roles import decides_itself
from tests.security.test_api_roles import expected as expected_of_route

NEEDED = {C.OPINION: P.OPINION_VIEW, C.FINANCE: P.FIGURES_VIEW}
AMOUNT = Decimal("73915846.25")
# The marker in plain digits, and rounded as pages show money.
SEEN = re.compile(r"7391584|(?<![\d.])73[.,]9\d*\s*(?:M|million)", re.IGNORECASE)
CHANGING = re.compile(
    r'csrfmiddlewaretoken" value="[^"]+"|csrf-token" content="[^"]+"|X-Request-Id\W+\w+|<dcterms:\w+ [^>]*>[^<]+<'
    r"|DTSTAMP:\w+|Content-Length\W+\d+"
)


@once
def confidential(kind: C) -> tuple[list[type[models.Model]], list[models.Field[Any, Any]]]:
    """Models that are of `kind` as a whole, and the fields of `kind` in all others."""
    whole, single = [], []
    for model in our_models():
        classes = getattr(model, "confidentiality", {})
        if classes and set(classes.values()) == {kind}:
            whole.append(model)
        else:
            single += [model._meta.get_field(name) for name, found in classes.items() if found == kind]
    return whole, single  # type: ignore[return-value]


def marker(field: models.Field[Any, Any], held: Any = None) -> Any:
    if isinstance(field, ArrayField):
        return [marker(field.base_field) + place for place in range(len(held))]
    if isinstance(field, models.JSONField):
        return {"amount": str(AMOUNT), "values": {"C1": str(AMOUNT)}}
    return float(AMOUNT) if isinstance(field, models.FloatField) else AMOUNT


def holds_marker(field: models.Field[Any, Any]) -> bool:
    """A ratio, a day, a short code or a yes has no room for the marker; the amounts beside it carry it."""
    if isinstance(field, models.DateField | models.BooleanField | models.SmallIntegerField):
        return False
    if isinstance(field, models.CharField):
        return field.max_length is None or field.max_length >= len(str(AMOUNT))
    if not isinstance(field, models.DecimalField):
        return True
    return field.max_digits is None or 10 ** (field.max_digits - (field.decimal_places or 0)) > AMOUNT


def mark(kind: C) -> list[str]:
    """Write the marker into every field of `kind` that stands among others; gives what was marked."""
    marked = []
    with pgtrigger.ignore():
        for field in confidential(kind)[1]:
            if isinstance(field, models.ForeignKey) or field.choices or not holds_marker(field):
                continue
            for pk, held in list(field.model._base_manager.values_list("pk", field.name)):
                # An empty list, or none, stays so: those rows have nothing to hide there, and may not have.
                if held != [] and not (held is None and isinstance(field, ArrayField)):
                    field.model._base_manager.filter(pk=pk).update(**{field.name: marker(field, held)})
                    marked.append(f"{field.model._meta.label}.{field.name}")
    return marked


@contextmanager
def otherwise(kinds: list[C]) -> Iterator[None]:
    """Inside, there are no opinions, and every amount is another one.

    Rows of figures stay: that a quarter's figures are in is told to whoever prepares a review, their amounts are not.
    """
    with transaction.atomic():
        with pgtrigger.ignore():
            for model in [model for kind in kinds for model in confidential(kind)[0]]:
                amounts = [
                    field.name
                    for field in model._meta.fields
                    if isinstance(field, models.DecimalField) and holds_marker(field)
                ]
                if amounts:
                    model._base_manager.update(**{name: Value(AMOUNT / 2) - F(name) for name in amounts})
                else:
                    model._base_manager.all()._raw_delete(using="default")  # type: ignore[attr-defined]
        cache.clear()
        yield
        transaction.set_rollback(True)
    cache.clear()


class Reader:
    """Somebody who asks for every address that their permissions open."""

    def __init__(self, somebody: Somebody, twins: Twins, user: User, client: Client, program: APIClient) -> None:
        self.somebody, self.shared, self.user, self.client, self.program = somebody, twins.shared, user, client, program

    def addresses(self) -> Iterator[tuple[str, Callable[[], Any]]]:
        for address in pages():
            if not address.post_only and self.somebody.expected(address) == "in":
                path = page_path(address, OWN, self.shared)
                yield path, lambda path=path: self.client.get(path)
        rows = {
            "ScorecardViews": self.shared.version.scorecard_id,
            "VersionViews": self.shared.version.pk,
            "RoundViews": self.shared.round.pk,
        }
        for route in routes():
            if route.method == "get" and (decides_itself(route) or expected_of_route(self.somebody, route) == "in"):
                path = route.path(rows.get(route.view.__name__, OWN))
                yield path, lambda path=path: self.program.get(path)

    def read(self, only: set[str] | None = None) -> dict[str, Answer]:
        found = {}
        for path, ask in self.addresses():
            if only is None or path in only:
                asked: list[str] = []
                with connection.execute_wrapper(partial(note_tables, asked)):
                    response = ask()
                    assert response.status_code < 500, path
                    text = CHANGING.sub("", f"{response.status_code} {text_of(response)}")
                found[path] = Answer(text, bool(asked))
        return found


@dataclass(frozen=True)
class Answer:
    text: str
    # Whether a confidential table was asked on the way: where none was, nothing can depend on one.
    looked: bool


def note_tables(asked: list[str], execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
    if any(model._meta.db_table in str(sql) for kind in NEEDED for model in confidential(kind)[0]):
        asked.append(str(sql))
    return execute(sql, params, many, context)


@pytest.fixture
def reader(
    twins: Twins,
    make_person: Callable[..., User],
    signed_in: Callable[[User], Client],
    api: Callable[[User | None], APIClient],
) -> Callable[[Somebody], Reader]:
    for population in (twins.own, twins.twin):
        eight_quarters(population)

    def make(somebody: Somebody) -> Reader:
        user = make_person(somebody.role, pk=660_001, display_name="Reader")
        if somebody.access:
            TeamSeat.objects.create(
                account=twins.own.account, user=user, role="technical_expert", access=somebody.access
            )
        return Reader(somebody, twins, user, signed_in(user), api(user))

    return make


def eight_quarters(population: Population) -> None:
    """Two years of figures, so that growth and shares of both accounts can be told."""
    template = population.rows[Figure]
    quarter = last_closed_quarter(population.today)
    for _ in range(7):
        quarter = quarter.previous()
        fields = {field.name: getattr(template, field.name) for field in Figure._meta.fields if field.name != "id"}
        Figure.objects.create(**fields | {"period_start": quarter.start, "account": population.account})


def lacking(somebody: Somebody) -> list[C]:
    return [kind for kind, permission in NEEDED.items() if not somebody.holds(permission, in_account=True)]


CURIOUS = [somebody for somebody in EVERYBODY if lacking(somebody)]


def test_the_registry_names_both_sorts() -> None:
    assert {model.__name__ for model in confidential(C.OPINION)[0]} == {"Opinion"}
    assert {"Figure", "ExchangeRate"} <= {model.__name__ for model in confidential(C.FINANCE)[0]}
    assert {field.name for field in confidential(C.FINANCE)[1]} >= {"cut_points", "values", "inputs", "control_total"}


@pytest.mark.parametrize("somebody", CURIOUS, ids=str)
def test_without_the_permission_nothing_depends_on_them(somebody: Somebody, reader: Callable[..., Reader]) -> None:
    curious, kinds = reader(somebody), lacking(somebody)
    if somebody.holds(P.PORTFOLIO_FIGURES, in_account=False) and C.FINANCE in kinds:
        kinds.remove(C.FINANCE)
    for kind in kinds:
        mark(kind)
    before = curious.read()
    with otherwise(kinds):
        after = curious.read({path for path, answer in before.items() if answer.looked})
    changed = {
        path: first_difference(before[path].text, answer.text)
        for path, answer in after.items()
        if before[path].text != answer.text
    }
    assert not changed, "\n".join(f"{path}: {found}" for path, found in changed.items())
    if C.FINANCE in kinds:
        shown = {path: found[0] for path, answer in before.items() if (found := SEEN.search(answer.text))}
        assert shown == {}
    assert len(before) > 25


def first_difference(one: str, two: str) -> str:
    lines = zip(one.splitlines(), two.splitlines(), strict=False)
    return next((f"{left.strip()[:300]} | {right.strip()[:300]}" for left, right in lines if left != right), "length")


def test_with_the_permission_they_are_there(reader: Callable[..., Reader], twins: Twins) -> None:
    """Control: a lead reads both sorts, on the pages and in the API, and both tables are asked for them."""
    lead = reader(Somebody("account_manager", "lead"))
    for kind, paths in {
        C.OPINION: {f"/accounts/{OWN}/people/{OWN}/", f"/api/v1/contacts/{OWN}/"},
        C.FINANCE: {f"/accounts/{OWN}/", "/accounts/", "/accounts/export.csv", "/api/v1/financials/"},
    }.items():
        before = lead.read(paths)
        with otherwise([kind]):
            after = lead.read(paths)
        assert {path for path in paths if before[path].text != after[path].text} == paths
        assert all(answer.looked for answer in before.values())


def test_the_marker_is_found_where_it_may_stand(reader: Callable[..., Reader]) -> None:
    """Control: whoever sees the whole portfolio's figures reads the bands of a criterion."""
    marked = mark(C.FINANCE)
    assert {"scoring.AccountScore.values", "scoring.Criterion.cut_points"} <= set(marked)
    programme = reader(Somebody("programme_lead"))
    found = programme.read({"/api/v1/scorecard-versions/"})
    assert all(SEEN.search(answer.text) for answer in found.values())
    assert found
