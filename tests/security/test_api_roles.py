"""Role × API route: what each action asks for, declared by hand and observed for every sort of person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponseBase
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import TeamSeat
from sam.core.authorization.permissions import Permission as P
from sam.core.authorization.roles import ROLES
from sam.core.models import User
from tests.pages.matrix import EVERYBODY, Somebody
from tests.security.addresses import Route, routes
from tests.security.conftest import OWN
from tests.security.population import Population, Shared


@dataclass(frozen=True)
class View:
    """Whoever lacks `seen` does not find the rows (404); `asks` says what each action needs on top (403)."""

    seen: P
    asks: dict[str, P]
    of_account: bool = True


PLAIN = {"list": P.PROFILE_VIEW, "retrieve": P.PROFILE_VIEW}
TEAM = PLAIN | {"create": P.TEAM_EDIT, "partial_update": P.TEAM_EDIT, "end": P.TEAM_EDIT}
LOGGING = dict.fromkeys(("create", "partial_update", "destroy"), P.TOUCHPOINT_LOG)
PLAN_READ = {"list": P.PLAN_VIEW, "retrieve": P.PLAN_VIEW}
PLAN_WRITE = dict.fromkeys(("create", "partial_update", "destroy"), P.PLAN_EDIT)
FIGURES = dict.fromkeys(("create", "partial_update", "destroy"), P.FIGURES_EDIT)
RATES = dict.fromkeys(("list", "retrieve", "create", "partial_update"), P.RATES_EDIT)
REVIEWING = dict.fromkeys(("create", "partial_update", "hold", "cancel"), P.REVIEW_EDIT)
CONFIGURING = dict.fromkeys(("partial_update", "publish", "destroy"), P.SCORECARD_CONFIGURE)
PREVIEWING = {"preview": P.SCORE_VIEW, "start_preview": P.SCORECARD_CONFIGURE, "compare": P.SCORECARD_CONFIGURE}
SCORES = {"list": P.SCORE_VIEW, "retrieve": P.SCORE_VIEW}

DECLARED: dict[str, View] = {
    "AccountViews": View(
        P.ACCOUNT_VIEW,
        {
            "list": P.ACCOUNT_VIEW,
            "retrieve": P.ACCOUNT_VIEW,
            "create": P.ACCOUNT_CREATE,
            "twelve_months": P.FIGURES_VIEW,
            "pnl": P.FIGURES_VIEW,
        }
        | dict.fromkeys(("partial_update", "archive", "restore", "merge", "keys"), P.ACCOUNT_EDIT),
    ),
    "ActivityRateViews": View(P.SIGNED_IN, RATES, of_account=False),
    "ExchangeRateViews": View(P.SIGNED_IN, RATES, of_account=False),
    "VolumeViews": View(P.FIGURES_VIEW, {"list": P.FIGURES_VIEW, "retrieve": P.FIGURES_VIEW} | FIGURES),
    "AccountScoreViews": View(
        P.ACCOUNT_VIEW,
        {"score": P.SCORE_VIEW, "kept": P.SCORE_VIEW, "decisions": P.SCORE_VIEW, "decide": P.TIER_DECIDE},
    ),
    "ActionViews": View(
        P.PLAN_VIEW,
        PLAN_READ | PLAN_WRITE | dict.fromkeys(("start", "done", "reopen", "drop", "move"), P.ACTION_WORK),
    ),
    "ContactViews": View(
        P.PROFILE_VIEW,
        PLAIN | {"create": P.CONTACT_EDIT, "partial_update": P.CONTACT_EDIT, "opinions": P.OPINION_EDIT},
    ),
    "CycleViews": View(
        P.SIGNED_IN,
        dict.fromkeys(("list", "retrieve", "candidates", "approvals", "capacity", "document"), P.SIGNED_IN)
        | dict.fromkeys(("create", "step", "nominate", "nominate_by_rule", "decide", "ask", "close"), P.TIER_DECIDE)
        | {"verdict": P.CYCLE_APPROVE},
        of_account=False,
    ),
    "FigureViews": View(P.FIGURES_VIEW, {"list": P.FIGURES_VIEW, "retrieve": P.FIGURES_VIEW} | FIGURES),
    "ForecastViews": View(P.FIGURES_VIEW, dict.fromkeys(("list", "retrieve", "create"), P.FIGURES_VIEW)),
    "GateViews": View(P.SCORE_VIEW, SCORES | {"create": P.RATE, "partial_update": P.RATE}),
    "MutualityViews": View(P.SCORE_VIEW, SCORES | dict.fromkeys(("create", "partial_update", "destroy"), P.RATE)),
    "ObjectiveViews": View(P.PLAN_VIEW, PLAN_READ | PLAN_WRITE),
    "PlanSectionViews": View(P.PLAN_VIEW, PLAN_READ | {"partial_update": P.PLAN_EDIT}),
    "PlanViews": View(
        P.PLAN_VIEW, PLAN_READ | {"create": P.PLAN_EDIT, "partial_update": P.PLAN_EDIT, "confirm": P.PLAN_EDIT}
    ),
    "PriceChangeView": View(P.SIGNED_IN, {"compute": P.SIGNED_IN}, of_account=False),
    "PriceRequestViews": View(
        P.FIGURES_VIEW,
        {"list": P.FIGURES_VIEW, "retrieve": P.FIGURES_VIEW, "approve": P.PRICE_APPROVE}
        | dict.fromkeys(("create", "partial_update", "answer_request", "sign"), P.PRICE_EDIT),
    ),
    "RatingViews": View(P.SCORE_VIEW, SCORES | dict.fromkeys(("create", "partial_update", "destroy"), P.RATE)),
    "ReviewViews": View(
        P.ACCOUNT_VIEW,
        {"list": P.REVIEW_VIEW, "retrieve": P.REVIEW_VIEW, "pack": P.REVIEW_VIEW, "pack_file": P.REVIEW_VIEW}
        | {"packs": P.PACK_RENDER, "pack_share": P.SHARE}
        | REVIEWING,
    ),
    "RoundViews": View(
        P.TIER_DECIDE,
        dict.fromkeys(("list", "retrieve", "create", "close", "add_rater", "remove_rater"), P.TIER_DECIDE),
        of_account=False,
    ),
    "ScoreViews": View(P.SCORE_VIEW, {"list": P.SCORE_VIEW, "recompute": P.SCORECARD_CONFIGURE}),
    "ScorecardViews": View(P.SIGNED_IN, SCORES | {"draft": P.SCORECARD_CONFIGURE}, of_account=False),
    "SeatViews": View(P.PROFILE_VIEW, TEAM),
    "SettledViews": View(P.SCORE_VIEW, SCORES | dict.fromkeys(("create", "partial_update", "destroy"), P.TIER_DECIDE)),
    "SurveyViews": View(
        P.ACCOUNT_VIEW,
        {"list": P.SURVEY_VIEW, "retrieve": P.SURVEY_VIEW, "results": P.SURVEY_VIEW}
        | dict.fromkeys(("create", "send", "close"), P.SURVEY_SEND),
    ),
    "TargetViews": View(
        P.FIGURES_VIEW,
        {"list": P.FIGURES_VIEW, "retrieve": P.FIGURES_VIEW}
        | dict.fromkeys(("create", "partial_update"), P.FIGURES_EDIT),
    ),
    "TermViews": View(P.PROFILE_VIEW, TEAM),
    "ProfileViews": View(
        P.SIGNED_IN,
        dict.fromkeys(("list", "retrieve"), P.PORTFOLIO_FIGURES)
        | dict.fromkeys(("create", "update", "publish", "destroy"), P.SCORECARD_CONFIGURE),
        of_account=False,
    ),
    "WhatIfViews": View(P.SIGNED_IN, {"ask": P.SCORECARD_CONFIGURE}, of_account=False),
    "WorthViews": View(
        P.FIGURES_VIEW,
        dict.fromkeys(("list", "retrieve"), P.FIGURES_VIEW)
        | dict.fromkeys(("create", "partial_update", "destroy"), P.ACCOUNT_EDIT),
    ),
    "BackTestViews": View(
        P.SCORECARD_CONFIGURE, dict.fromkeys(("answer_of", "start"), P.SCORECARD_CONFIGURE), of_account=False
    ),
    "ProgrammeView": View(P.PORTFOLIO_FIGURES, {"results": P.PORTFOLIO_FIGURES}, of_account=False),
    "ToolViews": View(P.SIGNED_IN, {"ahp": P.SIGNED_IN}, of_account=False),
    "TouchpointViews": View(P.PROFILE_VIEW, PLAIN | LOGGING),
    "VersionViews": View(P.SIGNED_IN, SCORES | CONFIGURING | PREVIEWING, of_account=False),
}
# Routes that decide by more than a permission, with the test that proves it.
DECIDE_THEMSELVES: dict[str, str] = {
    "ConcentrationView.get": "also whoever sees figures on own seats, over those: tests/api/test_concentration.py",
    **{
        f"CycleViews.{action}": "whoever sees scores or approves lists: tests/scoring/test_cycle_api.py"
        for action in ("list", "retrieve", "candidates", "approvals", "capacity", "document")
    },
    "CycleViews.decide": "names a candidate of the cycle: tests/scoring/test_cycle_api.py",
    "ForecastViews.create": "the account's lead, or who keeps its figures: tests/api/test_targets_api.py",
    "ImportViews": "importer or holder of the kind's permission: tests/api/test_imports.py",
    "FitViews.get": "also whoever sees figures on own seats, over those: tests/scoring/test_profiles.py",
    "SurpriseViews.get": "also whoever sees figures on own seats, over those: tests/scoring/test_surprises.py",
    "RatingViews.partial_update": "whoever rated: tests/scoring/test_api.py",
    "RatingViews.destroy": "whoever rated: tests/scoring/test_api.py",
    "ReviewViews.pack": "the internal edition asks for PACK_RENDER: test below",
    "ReviewViews.pack_file": "the internal edition asks for PACK_RENDER: test below",
}
# Rows that are worked on by their owner, and by whoever holds this; nobody here owns ours.
OWNERS_OR: dict[str, P] = {
    **{f"ActionViews.{action}": P.PLAN_EDIT for action in ("start", "done", "reopen", "drop", "move")},
    "TouchpointViews.partial_update": P.ACCOUNT_EDIT,
    "TouchpointViews.destroy": P.ACCOUNT_EDIT,
}


def decides_itself(route: Route) -> bool:
    return route.key in DECIDE_THEMSELVES or route.view.__name__ in DECIDE_THEMSELVES


def test_every_action_is_declared_with_the_permission_it_asks_for() -> None:
    stands = {
        route.view.__name__: dict(route.view.permissions)
        for route in routes()
        if hasattr(route.view, "permissions") and route.view.__name__ not in DECIDE_THEMSELVES
    }
    assert stands == {name: view.asks for name, view in DECLARED.items()}


def test_what_decides_for_itself_is_a_real_route() -> None:
    known = {route.key for route in routes()} | {route.view.__name__ for route in routes()}
    assert set(DECIDE_THEMSELVES) <= known


def path_of(route: Route, shared: Shared) -> str:
    rows = {
        "ScorecardViews": shared.version.scorecard_id,
        "BackTestViews": shared.version.scorecard_id,
        "WhatIfViews": shared.version.scorecard_id,
        "VersionViews": shared.version.pk,
        "ActivityRateViews": shared.activity_rate.pk,
        "ExchangeRateViews": shared.rate.pk,
        "CycleViews": shared.cycle.pk,
        "RoundViews": shared.round.pk,
        "ProfileViews": shared.profile.pk,
    }
    return route.path(rows.get(route.view.__name__, OWN))


def observed(response: HttpResponseBase) -> str:
    if response.status_code in (401, 403, 404):
        return {401: "unknown", 403: "forbidden", 404: "hidden"}[response.status_code]
    # 400, 409, 412, 422, 428: let in, and told what is wrong with what was sent.
    return "in" if response.status_code < 500 and response.status_code != 405 else str(response.status_code)


def expected(somebody: Somebody, route: Route) -> str:
    view = DECLARED[route.view.__name__]
    asked = view.asks[route.action]
    if route.arguments and view.of_account and not somebody.holds(view.seen, in_account=True):
        return "hidden"
    if not route.arguments and view.of_account and asked in ROLES[somebody.role].on_seat:
        # A role that gives the permission on seats may ask; what it finds depends on the seats.
        return "in"
    held = somebody.holds(OWNERS_OR.get(route.key, asked), in_account=view.of_account)
    return "in" if held and somebody.holds(asked, in_account=view.of_account) else "forbidden"


def ask(client: APIClient, route: Route, path: str) -> HttpResponseBase:
    with transaction.atomic():
        response: HttpResponseBase = getattr(client, route.method)(
            path, {} if route.method in ("post", "patch", "put") else None
        )
        transaction.set_rollback(True)
    return response


@pytest.mark.parametrize("somebody", EVERYBODY, ids=str)
def test_everybody_gets_in_exactly_where_the_table_says(
    somebody: Somebody,
    own: Population,
    shared: Shared,
    make_person: Callable[..., User],
    api: Callable[[User | None], APIClient],
) -> None:
    person = make_person(somebody.role)
    if somebody.access:
        TeamSeat.objects.create(account=own.account, user=person, role="technical_expert", access=somebody.access)
    client = api(person)
    client.raise_request_exception = False
    wrong = []
    for route in routes():
        if not decides_itself(route):
            found, wanted = observed(ask(client, route, path_of(route, shared))), expected(somebody, route)
            if found != wanted:
                wrong.append(f"{route.key}: expected {wanted}, found {found}")
    assert wrong == []


def test_without_a_token_every_route_says_401(own: Population, shared: Shared) -> None:
    client = APIClient()
    refused = {}
    for route in routes():
        response: Any = ask(client, route, path_of(route, shared))
        refused[route.key] = (response.status_code, response["Content-Type"], response["WWW-Authenticate"])
    assert set(refused.values()) == {(401, "application/problem+json", "Token")}, refused
    assert client.get(reverse("api-schema")).status_code == 401


@pytest.mark.parametrize(("access", "status"), [("lead", 200), ("observer", 403), ("", 404)])
def test_the_internal_pack_is_for_those_who_may_render_it(
    own: Population,
    make_person: Callable[..., User],
    api: Callable[[User | None], APIClient],
    access: str,
    status: int,
) -> None:
    person = make_person("team_member")
    if access:
        TeamSeat.objects.create(account=own.account, user=person, role="technical_expert", access=access)
    assert api(person).get(reverse("review-pack", args=[OWN, OWN])).status_code == status
