"""What the last wave says, as a measure: the same numbers as on the survey's page, from four answers, for 200 days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Account, Contact
from reviews.actions.survey_templates import ensure_default_template
from reviews.actions.surveys import PastAnswer, enter_past_survey
from reviews.domain.nps import drivers_mean
from reviews.models import Survey
from reviews.queries.loyalty import OLDEST_DAYS, drivers_statement, loyalty_missing, promoters_statement

DRIVERS = ("contract", "pricing", "service", "relationship", "innovation")
TODAY = timezone.localdate()


@pytest.fixture
def wave(account, alice):
    """wave(days ago, [(nps, five drivers)]): an answered survey of the account."""
    template = ensure_default_template(by=None)

    def enter(days: int, answers: list[tuple[int, tuple[int | str, ...]]], of: Account = account) -> Survey:
        people = [
            Contact.objects.create(account=of, full_name=f"P{days}-{n}", email=f"p{of.pk}-{days}-{n}@client.example")
            for n in range(len(answers))
        ]
        values = [{"nps": nps, **dict(zip(DRIVERS, drivers, strict=True))} for nps, drivers in answers]
        return enter_past_survey(
            account=of, template=template, asked_by=alice, opened_at=timezone.now() - timedelta(days=days),
            closes_on=TODAY - timedelta(days=days - 14),
            people=[PastAnswer(person, given) for person, given in zip(people, values, strict=True)], by=None,
        )  # fmt: skip

    return enter


def read(statement, day: date = TODAY, accounts: list[int] | None = None) -> dict[int, float]:
    with connection.cursor() as cursor:
        cursor.execute(*statement(day, accounts))
        return dict(cursor.fetchall())


ANSWERS: list[tuple[int, tuple[int | str, ...]]] = [
    (10, (4, 3, 5, 4, 2)),
    (9, (4, 4, 5, 4, 3)),
    (7, (5, 2, 4, 4, 3)),
    (3, (3, 3, 4, 5, 2)),
]


def test_the_drivers_mean_is_the_survey_page_s(wave, account):
    wave(60, ANSWERS)
    by_driver = {name: [drivers[place] for _, drivers in ANSWERS] for place, name in enumerate(DRIVERS)}
    assert read(drivers_statement) == {account.pk: pytest.approx(float(drivers_mean(by_driver).value))}
    assert read(promoters_statement) == {account.pk: 25.0}


def test_one_account_and_all_accounts_give_the_same_number(wave, account):
    other = Account.objects.create(name="Other")
    wave(60, ANSWERS)
    wave(60, [*ANSWERS, (0, (1, 1, 1, 2, 1))], other)
    everything = read(drivers_statement)
    assert set(everything) == {account.pk, other.pk}
    for pk, value in everything.items():
        assert read(drivers_statement, accounts=[pk]) == {pk: value}


def test_three_answers_are_too_few_and_i_cannot_say_is_none(wave, account):
    wave(60, ANSWERS[:3])
    assert read(drivers_statement) == {}
    assert "fewer than 4 answers" in loyalty_missing(account.pk, TODAY)
    wave(30, [*ANSWERS[:3], (8, (4, "cannot_say", 4, 4, 4))])
    assert read(drivers_statement) == {}
    assert read(promoters_statement)[account.pk] == 50.0


def test_the_last_wave_counts_and_not_an_older_one(wave, account):
    wave(150, [(10, (5, 5, 5, 5, 5))] * 5)
    wave(30, ANSWERS)
    assert read(drivers_statement)[account.pk] < 4


def test_a_wave_counts_for_200_days(wave, account):
    wave(30, ANSWERS)
    opened = TODAY - timedelta(days=30)
    assert account.pk in read(drivers_statement, opened + timedelta(days=OLDEST_DAYS))
    too_late = opened + timedelta(days=OLDEST_DAYS + 1)
    assert read(drivers_statement, too_late) == {}
    assert "older than 200 days" in loyalty_missing(account.pk, too_late)


def test_a_day_before_the_wave_knows_nothing_of_it(wave, account):
    wave(30, ANSWERS)
    assert read(drivers_statement, TODAY - timedelta(days=40)) == {}
    assert "not answered" in loyalty_missing(account.pk, TODAY - timedelta(days=40))
