"""Arithmetic needs no services: these tests run without PostgreSQL and Redis, and the same way every time."""

import pytest
from hypothesis import settings

settings.register_profile("domain", deadline=None, derandomize=True, database=None)
settings.load_profile("domain")


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """Takes the place of the fixture for all other tests: there is no cache here to empty."""
