"""Asking for packs, rendering them by a worker, sharing the client's edition through the wall."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import Account, Contact, TeamSeat
from reviews.actions import packs as actions
from reviews.actions.reviews import cancel_review, schedule_review
from reviews.models import Pack, PackShare, Review
from sam.core import jobs
from sam.core.errors import ActionRefused, FieldErrors
from sam.core.files import open_stored, store_bytes
from sam.core.models import Job, Notification, Organisation, OutgoingMail, User
from sam.core.pdf import PdfFailed
from sam.portal import schedules as portal_schedules

from .conftest import days_from_now

pytestmark = pytest.mark.django_db
LINK = re.compile(r"https?://\S+?(/s/\S+/)")


@pytest.fixture
def same_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sam.portal.gate.PORTAL", "default")


def run(pack: Pack) -> Pack:
    assert pack.job_id is not None
    jobs.run(pack.job_id)
    return Pack.objects.select_related("job", "review__account").get(pk=pack.pk)


def test_pack_goes_from_queued_to_done_with_its_file(review: Review, account: Account, alice: User) -> None:
    pack = actions.request_pack(review=review, account=account, edition="client", by=alice)
    assert (pack.status, pack.progress) == (Pack.Status.QUEUED, 0)
    done = run(pack)
    assert (done.status, done.progress, done.current) == (Pack.Status.DONE, 100, True)
    with open_stored(done.stored) as file:
        content = file.read()
    assert content.startswith(b"%PDF")
    assert hashlib.sha256(content).hexdigest() == done.sha256
    assert len(content) == done.size
    assert Notification.objects.filter(user=alice, title__startswith="Client edition is ready").count() == 1


def test_asking_twice_gives_the_one_that_is_under_way(review: Review, account: Account, alice: User) -> None:
    first = actions.request_pack(review=review, account=account, edition="client", by=alice)
    assert actions.request_pack(review=review, account=account, edition="client", by=alice) == first
    assert actions.request_pack(review=review, account=account, edition="internal", by=alice) != first


def test_second_run_of_a_job_makes_no_second_file(review: Review, account: Account, alice: User) -> None:
    pack = run(actions.request_pack(review=review, account=account, edition="client", by=alice))
    assert pack.job_id is not None
    Job.objects.filter(pk=pack.job_id).update(state=Job.State.QUEUED)
    jobs.run(pack.job_id)
    assert len(list(Path(settings.MEDIA_ROOT, "packs").iterdir())) == 1
    assert Pack.objects.get(pk=pack.pk).sha256 == pack.sha256


def test_newer_pack_of_an_edition_is_the_current_one(review: Review, rendered: Callable[[Review, str], Pack]) -> None:
    old, new = rendered(review, "client"), rendered(review, "client")
    internal = rendered(review, "internal")
    assert set(Pack.objects.current().filter(review=review)) == {new, internal}
    assert not Pack.objects.get(pk=old.pk).current


def test_database_keeps_one_current_pack_per_edition(review: Review, rendered: Callable[[Review, str], Pack]) -> None:
    old, _ = rendered(review, "client"), rendered(review, "client")
    with pytest.raises(IntegrityError, match="one_current_pack"), transaction.atomic():
        Pack.objects.filter(pk=old.pk).update(current=True)


def test_database_never_publishes_an_internal_edition(
    organisation: Organisation, review: Review, alice: User, anna: Contact, rendered: Callable[[Review, str], Pack]
) -> None:
    client, internal = rendered(review, "client"), rendered(review, "internal")
    actions.share_client_pack(pack=client, account=review.account, contacts=[anna], by=alice)
    publication = Pack.objects.get(pk=client.pk).publication
    with pytest.raises(IntegrityError, match="only_the_client_edition"), transaction.atomic():
        Pack.objects.filter(pk=internal.pk).update(publication=publication)


def test_right_that_went_while_the_work_waited_stops_it(review: Review, account: Account, alice: User) -> None:
    pack = actions.request_pack(review=review, account=account, edition="internal", by=alice)
    TeamSeat.objects.filter(user=alice).delete()
    failed = run(pack)
    assert failed.status == Pack.Status.FAILED
    assert "may not render" in failed.problem
    assert not Path(settings.MEDIA_ROOT, "packs").exists()


def test_failed_rendering_says_why_and_can_be_asked_for_again(
    review: Review, account: Account, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_slow(html: str) -> None:
        raise PdfFailed("too_slow", "The PDF took longer than two minutes.")

    with monkeypatch.context() as broken:
        broken.setattr("reviews.documents.to_pdf", too_slow)
        failed = run(actions.request_pack(review=review, account=account, edition="client", by=alice))
    assert (failed.status, failed.problem) == (Pack.Status.FAILED, "The PDF took longer than two minutes.")
    again = actions.request_pack(review=review, account=account, edition="client", by=alice)
    assert again != failed
    assert run(again).status == Pack.Status.DONE


def test_file_goes_when_its_row_cannot_be_written(
    review: Review, account: Account, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**given: object) -> None:
        raise IntegrityError

    monkeypatch.setattr(actions, "finish_pack", refuse)
    assert run(actions.request_pack(review=review, account=account, edition="client", by=alice)).status == "failed"
    assert list(Path(settings.MEDIA_ROOT, "packs").iterdir()) == []


def test_what_cannot_be_rendered_is_refused(review: Review, account: Account, alice: User) -> None:
    inside = schedule_review(account=account, kind="internal", on=days_from_now(4), by=alice)
    with pytest.raises(ActionRefused, match="no client edition"):
        actions.request_pack(review=inside, account=account, edition="client", by=alice)
    with pytest.raises(FieldErrors):
        actions.request_pack(review=review, account=account, edition="both", by=alice)
    cancel_review(review=review, account=account, seen=1, by=alice)
    with pytest.raises(ActionRefused, match="called off"):
        actions.request_pack(review=review, account=account, edition="client", by=alice)


def test_own_reading_does_not_count(
    review: Review, alice: User, bob: User, rendered: Callable[[Review, str], Pack]
) -> None:
    pack = rendered(review, "client")
    actions.note_reading(pack=pack, account=review.account, by=alice)
    assert Pack.objects.get(pk=pack.pk).read_by is None
    actions.note_reading(pack=pack, account=review.account, by=bob)
    assert Pack.objects.get(pk=pack.pk).read_by == bob


# --- sharing ------------------------------------------------------------------------------------------------------


@pytest.fixture
def shared(
    organisation: Organisation, review: Review, alice: User, anna: Contact, rendered: Callable[[Review, str], Pack]
) -> Pack:
    pack = rendered(review, "client")
    actions.share_client_pack(pack=pack, account=review.account, contacts=[anna], by=alice)
    return Pack.objects.select_related("publication", "review__account").get(pk=pack.pk)


def links_of(anna: Contact) -> list[str]:
    return LINK.findall(OutgoingMail.objects.get(to=anna.email, key__startswith="pack-").text)


@pytest.mark.usefixtures("same_connection")
def test_client_opens_the_summary_and_downloads_the_very_file(shared: Pack, anna: Contact, review: Review) -> None:
    browser = Client()
    page = browser.get(links_of(anna)[0])["Location"]
    shown = browser.get(page)
    assert shown.status_code == 200
    text = shown.content.decode()
    assert "Pulse at site two" in text
    assert shared.file_name in text
    answer = browser.get(f"{page}files/{shared.file_name}")
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == f'attachment; filename="{shared.file_name}"'
    assert answer["Cache-Control"] == "no-store"
    assert hashlib.sha256(answer.content).hexdigest() == shared.sha256


@pytest.mark.usefixtures("same_connection")
def test_client_sees_what_was_shared_whatever_changed_since(shared: Pack, anna: Contact, review: Review) -> None:
    Review.objects.filter(pk=review.pk).update(decisions_asked=["Something else"], place="Elsewhere")
    browser = Client()
    text = browser.get(browser.get(links_of(anna)[0])["Location"]).content.decode()
    assert "Pulse at site two" in text
    assert "Elsewhere" not in text


@pytest.mark.usefixtures("same_connection")
def test_page_takes_nothing_in(shared: Pack, anna: Contact) -> None:
    browser = Client()
    page = browser.get(links_of(anna)[0])["Location"]
    answer = browser.post(page, "key=12345678", content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 405


@pytest.mark.usefixtures("same_connection")
def test_links_taken_back_stop_working_at_once(shared: Pack, anna: Contact, alice: User) -> None:
    browser = Client()
    link, stop = links_of(anna)
    page = browser.get(link)["Location"]
    actions.unshare_pack(pack=shared, account=shared.account, by=alice)
    assert browser.get(page).status_code == 404
    assert browser.get(f"{page}files/{shared.file_name}").status_code == 404
    assert Client().get(link).status_code == 404
    assert Client().get(stop).status_code == 302


@pytest.mark.usefixtures("same_connection")
def test_who_wants_no_more_packs_gets_no_more(
    shared: Pack, anna: Contact, alice: User, rendered: Callable[[Review, str], Pack]
) -> None:
    browser = Client()
    page = browser.get(links_of(anna)[1])["Location"]
    browser.post(page, "key=12345678", content_type="application/x-www-form-urlencoded")
    portal_schedules.take_over_submissions()
    assert PackShare.objects.get(contact=anna).stopped_at is not None
    assert Notification.objects.filter(user=alice, title__contains="no more packs").count() == 1
    with pytest.raises(FieldErrors, match="no more packs"):
        actions.share_client_pack(
            pack=rendered(shared.review, "client"), account=shared.account, contacts=[anna], by=alice
        )


def test_sharing_twice_mails_once(shared: Pack, anna: Contact, karl: Contact, alice: User) -> None:
    made = actions.share_client_pack(pack=shared, account=shared.account, contacts=[anna, karl], by=alice)
    assert [share.contact for share in made] == [karl]
    assert OutgoingMail.objects.filter(key__startswith="pack-").count() == 2


def test_only_the_current_client_edition_can_be_shared(
    organisation: Organisation, review: Review, alice: User, anna: Contact, rendered: Callable[[Review, str], Pack]
) -> None:
    internal, old = rendered(review, "internal"), rendered(review, "client")
    rendered(review, "client")
    for pack, words in ((internal, "Only the client edition"), (old, "A newer client edition")):
        with pytest.raises(ActionRefused, match=words):
            actions.share_client_pack(pack=pack, account=review.account, contacts=[anna], by=alice)
    assert PackShare.objects.count() == 0


def test_nothing_is_shared_without_imprint_and_privacy_notice(
    review: Review, alice: User, anna: Contact, rendered: Callable[[Review, str], Pack]
) -> None:
    with pytest.raises(ActionRefused, match="imprint"):
        actions.share_client_pack(pack=rendered(review, "client"), account=review.account, contacts=[anna], by=alice)


def test_stranger_of_another_account_gets_no_link(
    organisation: Organisation,
    review: Review,
    alice: User,
    make_account: Callable[..., Account],
    make_contact: Callable[..., Contact],
    rendered: Callable[[Review, str], Pack],
) -> None:
    stranger = make_contact(make_account("Twin"))
    with pytest.raises(FieldErrors, match="this account"):
        actions.share_client_pack(
            pack=rendered(review, "client"), account=review.account, contacts=[stranger], by=alice
        )


def test_publisher_refuses_an_internal_pack(review: Review) -> None:
    """The last door: even a caller who forgets to ask cannot publish it."""
    from reviews.queries.pack_page import pack_payload

    stored = store_bytes(b"%PDF-1.7", folder="packs", suffix=".pdf")
    pack = Pack.objects.create(
        review=review,
        edition="internal",
        requested_at=timezone.now(),
        rendered_at=timezone.now(),
        stored=stored.name,
        sha256=stored.sha256,
        pages=1,
    )
    with pytest.raises(ValueError, match="client edition"):
        pack_payload(pack)
