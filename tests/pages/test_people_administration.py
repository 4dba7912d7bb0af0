"""People: invited by mail or file, given roles, deactivated at once, handed over."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from sam.core.models import OutgoingMail, User


@pytest.fixture
def admin(make_person):
    return make_person("admin", display_name="Robin Admin")


def test_an_invited_person_chooses_a_password_and_signs_in(
    signed_in, admin, client, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=False):
        answer = signed_in(admin).post(
            reverse("core:person-invite"),
            {"email": "New.One@example.com", "display_name": "New One", "role": "viewer"},
        )
    assert answer.status_code == 302
    mail = OutgoingMail.objects.get(to="new.one@example.com")
    path = re.search(r"https?://[^/]+(/auth/\S+)", mail.text)[1]
    page = client.get(path, follow=True)
    assert page.status_code == 200
    answer = client.post(
        page.request["PATH_INFO"], {"password1": "a long enough phrase", "password2": "a long enough phrase"}
    )
    assert answer.status_code == 302
    answer = client.post("/auth/login/", {"login": "new.one@example.com", "password": "a long enough phrase"})
    assert answer.status_code == 302
    assert client.get("/").status_code == 200


def test_the_same_address_is_not_invited_twice(signed_in, admin, make_person):
    make_person(email="twice@example.com")
    answer = signed_in(admin).post(
        reverse("core:person-invite"), {"email": "Twice@Example.com", "display_name": "T", "role": "viewer"}
    )
    assert answer.status_code == 422
    assert "here already" in answer.content.decode()


def test_a_file_invites_everybody_or_nobody(signed_in, admin):
    bad = b"email,name,role,manager\none@example.com,One,viewer,\nnot-an-address,Two,boss,\n"
    answer = signed_in(admin).post(
        reverse("core:person-invite-file"), {"file": SimpleUploadedFile("people.csv", bad, "text/csv")}
    )
    assert answer.status_code == 422
    assert "row 3" in answer.content.decode()
    assert not User.objects.filter(email="one@example.com").exists()
    good = b"email,name,role,manager\none@example.com,One,viewer,two@example.com\ntwo@example.com,Two,reader,\n"
    answer = signed_in(admin).post(
        reverse("core:person-invite-file"), {"file": SimpleUploadedFile("people.csv", good, "text/csv")}
    )
    assert answer.status_code == 302
    assert User.objects.get(email="one@example.com").line_manager.email == "two@example.com"


def test_a_deactivated_person_is_out_on_the_next_request(signed_in, admin, make_person):
    person = make_person("reader")
    theirs = signed_in(person)
    assert theirs.get("/").status_code == 200
    signed_in(admin).post(reverse("core:person-deactivate", args=[person.pk]))
    answer = theirs.get("/")
    assert answer.status_code == 302
    assert "/auth/login/" in answer["Location"]


def test_the_last_admin_stays(signed_in, admin, make_person):
    answer = signed_in(admin).post(reverse("core:person-deactivate", args=[admin.pk]), follow=True)
    assert "cannot deactivate yourself" in answer.content.decode()
    answer = signed_in(admin).post(
        reverse("core:person-detail", args=[admin.pk]),
        {"display_name": "Robin", "role_key": "viewer", "revision": admin.revision},
    )
    assert answer.status_code == 422
    assert "last admin" in answer.content.decode()


def test_two_admins_editing_one_person_lose_nothing(signed_in, admin, make_person):
    person = make_person("viewer")
    form = {"display_name": "First", "role_key": "viewer", "revision": 1}
    assert signed_in(admin).post(reverse("core:person-detail", args=[person.pk]), form).status_code == 302
    late = signed_in(admin).post(reverse("core:person-detail", args=[person.pk]), form | {"display_name": "Second"})
    assert late.status_code == 409
    assert "Second" in late.content.decode()
    person.refresh_from_db()
    assert person.display_name == "First"


def test_only_admins_administer_people(signed_in, ingrid, alice):
    for person in (ingrid, alice):
        assert signed_in(person).get(reverse("core:person-list")).status_code == 403


def test_a_line_manager_cannot_report_to_their_own_report(signed_in, admin, make_person):
    boss = make_person("reader")
    report = make_person("viewer", line_manager=boss)
    answer = signed_in(admin).post(
        reverse("core:person-detail", args=[boss.pk]),
        {"display_name": "B", "role_key": "reader", "line_manager": report.pk, "revision": 1},
    )
    assert answer.status_code == 422
