"""Contacts and opinions."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.actions.contacts import add_contact, change_contact, record_opinion, set_contact_status, set_reports_to
from accounts.domain.opinions import expires_on
from accounts.models import Contact, Opinion
from sam.core.errors import FieldErrors, Stale


def test_contact_is_kept_as_typed(account, alice):
    contact = add_contact(
        account=account, full_name=" Ann Lee ", email="ann@client.example", function="finance", by=alice
    )
    assert (contact.full_name, contact.function, contact.status) == ("Ann Lee", "finance", "active")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"full_name": ""}, "full_name"),
        ({"full_name": "A", "email": "ann"}, "email"),
        ({"full_name": "A", "function": "cooking"}, "function"),
        ({"full_name": "A", "level": "god"}, "level"),
    ],
)
def test_wrong_values_are_named_by_field(account, alice, values, field):
    with pytest.raises(FieldErrors) as refused:
        add_contact(account=account, by=alice, **values)
    assert set(refused.value.errors) == {field}


def test_nobody_reports_to_somebody_below(account, make_contact, alice):
    boss, middle, junior = (make_contact(account) for _ in range(3))
    set_reports_to(account=account, contact=middle, reports_to=boss, revision=1, by=alice)
    set_reports_to(account=account, contact=junior, reports_to=middle, revision=1, by=alice)
    for above in (junior, boss):
        with pytest.raises(FieldErrors) as refused:
            set_reports_to(account=account, contact=boss, reports_to=above, revision=1, by=alice)
        assert "reports_to" in refused.value.errors


def test_boss_comes_from_the_same_account(account, make_account, make_contact, alice):
    elsewhere = make_contact(make_account())
    with pytest.raises(FieldErrors):
        add_contact(account=account, full_name="A", reports_to=elsewhere, by=alice)


def test_status_and_change_name_the_revision_they_saw(account, make_contact, alice):
    contact = make_contact(account)
    set_contact_status(account=account, contact=contact, status="left", revision=1, by=alice)
    assert not Contact.objects.here().exists()
    with pytest.raises(Stale):
        change_contact(account=account, contact=contact, revision=1, job_title="CFO", by=alice)


def test_opinion_holds_twelve_months_and_the_newest_counts(account, make_contact, alice):
    contact = make_contact(account)
    today = timezone.localdate()
    first = today - timedelta(days=30)
    record_opinion(account=account, contact=contact, kind="stance", value=-1, recorded_on=first, by=alice)
    record_opinion(account=account, contact=contact, kind="stance", value=2, by=alice)
    assert Opinion.objects.current(today).get().value == 2
    assert Opinion.objects.current(expires_on(today) - timedelta(days=1)).get().value == 2
    assert not Opinion.objects.current(expires_on(today)).exists()


def test_leap_day_opinion_ends_on_the_last_of_february():
    assert expires_on(date(2028, 2, 29)) == date(2029, 2, 28)


def test_only_those_who_may_hold_opinions_record_them(account, make_contact, bob, charlie, make_person):
    contact = make_contact(account)
    for person in (bob, charlie, make_person("admin"), make_person("reader")):
        with pytest.raises(PermissionDenied):
            record_opinion(account=account, contact=contact, kind="stance", value=1, by=person)
    assert not Opinion.objects.exists()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"kind": "influence", "value": 0}, "value"),
        ({"kind": "stance", "value": 3}, "value"),
        ({"kind": "mood", "value": 1}, "kind"),
        ({"kind": "stance", "value": 1, "recorded_on": timezone.localdate() + timedelta(days=1)}, "recorded_on"),
        ({"kind": "stance", "value": 1, "recorded_on": timezone.localdate() - timedelta(days=366)}, "recorded_on"),
    ],
)
def test_opinion_outside_its_scale_or_time_is_refused(account, make_contact, alice, values, field):
    with pytest.raises(FieldErrors) as refused:
        record_opinion(account=account, contact=make_contact(account), by=alice, **values)
    assert set(refused.value.errors) == {field}
