"""Two accounts with the same set of rows, each with its own lead."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from sam.core.models import User
from tests.security.population import Population, Shared

OWN, TWIN, COLLEAGUE = 880_001, 990_001, 770_001


@dataclass
class Twins:
    shared: Shared
    own: Population
    twin: Population


@pytest.fixture
def shared(make_person: Callable[..., User]) -> Shared:
    shared = Shared()
    shared.colleague_id = make_person("team_member", pk=COLLEAGUE, display_name="Somebody Else").pk
    return shared


@pytest.fixture
def own(shared: Shared, make_person: Callable[..., User]) -> Population:
    return Population(OWN, "Kranichfeld", make_person("account_manager", pk=OWN, display_name="Lead One"), shared)


@pytest.fixture
def twins(shared: Shared, own: Population, make_person: Callable[..., User]) -> Twins:
    lead = make_person("account_manager", pk=TWIN, display_name="Lead Two")
    return Twins(shared, own, Population(TWIN, "Wolkenstein", lead, shared))
