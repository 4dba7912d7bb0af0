"""Relationship coverage: key people, the beat of the tier, opinions that count today; all accounts and one alike."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Account, Contact, Opinion, Touchpoint
from accounts.queries.coverage import coverage_missing, coverage_statement, covered

TODAY = timezone.localdate()


@pytest.fixture
def person(account):
    def person(name: str, level: str = "board", days: int | None = None, of: Account = account) -> Contact:
        contact = Contact.objects.create(account=of, full_name=name, level=level)
        if days is not None:
            touch = Touchpoint.objects.create(account=of, date=TODAY - timedelta(days=days))
            touch.contacts.add(contact)
        return contact

    return person


def think(contact: Contact, influence: int, author, days: int = 10, lasts: int = 100) -> None:
    recorded = TODAY - timedelta(days=days)
    Opinion.objects.create(
        contact=contact, kind="influence", value=influence, source="talk", author=author, recorded_on=recorded,
        expires_on=recorded + timedelta(days=lasts),
    )  # fmt: skip


def test_the_share_of_key_people_in_touch(account, person):
    person("Chair", days=10)
    person("Vice", "vp")
    person("Buyer", "manager", days=1)
    assert covered(account.pk, TODAY) == 0.5


@pytest.mark.parametrize(("tier", "beat"), [("", 90), ("key", 90), ("strategic", 60), ("global", 45)])
def test_the_tier_s_beat_decides(account, person, tier, beat):
    Account.objects.filter(pk=account.pk).update(tier=tier)
    person("In time", days=beat - 1)
    person("Too late", days=beat)
    assert covered(account.pk, TODAY) == 0.5


def test_influence_from_four_makes_somebody_key_while_the_opinion_counts(account, person, alice):
    buyer = person("Buyer", "manager", days=1)
    assert covered(account.pk, TODAY) is None
    think(buyer, 4, alice)
    assert covered(account.pk, TODAY) == 1.0
    assert covered(account.pk, TODAY + timedelta(days=90)) is None
    think(buyer, 3, alice, days=5)
    assert covered(account.pk, TODAY) is None


def test_who_left_does_not_count(account, person):
    person("Here", days=1)
    gone = person("Gone")
    Contact.objects.filter(pk=gone.pk).update(status=Contact.Status.LEFT)
    assert covered(account.pk, TODAY) == 1.0


def test_a_touchpoint_of_later_does_not_count(account, person):
    person("Tomorrow", days=-1)
    assert covered(account.pk, TODAY) == 0.0


def test_all_accounts_and_one_give_the_same(account, person):
    other = Account.objects.create(name="Other")
    person("Chair", days=1)
    person("Chair", of=other)
    person("Vice", "vp", 3, other)
    with connection.cursor() as cursor:
        cursor.execute(*coverage_statement(TODAY, None))
        everything = dict(cursor.fetchall())
    assert everything == {account.pk: 1.0, other.pk: 0.5}
    assert {pk: covered(pk, TODAY) for pk in everything} == everything


def test_why_there_is_none_is_said(account, person):
    assert coverage_missing(account.pk, TODAY) == "no people of the client are on record"
    person("Buyer", "manager")
    assert "none of the 1 people" in coverage_missing(account.pk, TODAY)
