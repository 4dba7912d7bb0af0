from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews.domain.filenames import pack_filename
from reviews.domain.pages import PACK_PAGES, pages_shown
from reviews.domain.rhythm import review_beat

DAY = date(2026, 12, 10)


@pytest.mark.parametrize(
    ("account", "internal", "name"),
    [
        ("Oremund Chemie AG", True, "Oremund-Chemie-AG-2026-Q4-INTERNAL.pdf"),
        ("Oremund Chemie AG", False, "Oremund-Chemie-AG-2026-Q4.pdf"),
        ("Łódź Straße / Søn", False, "Lodz-Strasse-Son-2026-Q4.pdf"),
        ("株式会社", True, "account-2026-Q4-INTERNAL.pdf"),
    ],
)
def test_file_name_tells_account_quarter_and_edition(account: str, internal: bool, name: str) -> None:
    assert pack_filename(account, DAY, internal=internal) == name


@given(st.text(max_size=200), st.booleans())
def test_file_name_is_safe_for_any_account(account: str, internal: bool) -> None:
    name = pack_filename(account, DAY, internal=internal)
    assert name.isascii()
    assert name.isprintable()
    assert not set(name) & set('/\\:"<>|?* ')
    assert name.endswith("-INTERNAL.pdf") == internal or account.upper().endswith("INTERNAL")
    assert len(name) < 100


def test_internal_pages_are_never_in_the_clients_edition() -> None:
    assert not any(page.internal for page in pages_shown((), internal=False))
    assert pages_shown((), internal=True) == PACK_PAGES


def test_fixed_pages_cannot_be_left_out() -> None:
    every = [page.key for page in PACK_PAGES]
    assert [page.key for page in pages_shown(every, internal=True)] == ["decisions", "agenda"]


@pytest.mark.parametrize(("tier", "days"), [("key", 182), ("strategic", 91), ("global", 91)])
def test_beat_of_each_tier_counts_from_the_last_review(tier: str, days: int) -> None:
    beat = review_beat(tier, date(2026, 1, 1), date(2020, 1, 1), date(2026, 1, 2))
    assert beat is not None
    assert (beat.due_on - date(2026, 1, 1)).days == days
    assert not beat.worth_a_word


def test_first_review_is_due_a_beat_after_the_account_came() -> None:
    beat = review_beat("strategic", None, date(2026, 1, 1), date(2026, 6, 1))
    assert beat is not None
    assert beat.due_on == date(2026, 4, 2)
    assert beat.overdue_days == 60


def test_account_outside_the_programme_has_no_beat() -> None:
    assert review_beat("", None, DAY, DAY) is None
