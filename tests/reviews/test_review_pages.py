"""The reviews' pages: what they show to whom, and that nothing typed is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, Contact
from reviews.actions.packs import request_pack
from reviews.actions.reviews import schedule_review
from reviews.models import Pack, PackShare, Review
from sam.core import day, panels
from sam.core.models import Organisation, OutgoingMail, User

from .conftest import TODAY, days_from_now

pytestmark = pytest.mark.django_db


def at(name: str, review: Review, *more: Any) -> str:
    return reverse(f"reviews:{name}", args=[review.account_id, review.pk, *more])


def status_of(browser: Client, url: str) -> int:
    """The status of a page; a download is read to its end, which closes its file."""
    answer = browser.get(url)
    b"".join(answer.streaming_content if answer.streaming else ())  # type: ignore[attr-defined]
    return answer.status_code


def test_review_is_scheduled_by_the_form(
    account: Account, alice: User, anna: Contact, signed_in: Callable[[User], Client]
) -> None:
    url = reverse("reviews:review-new", args=[account.pk])
    data = {"kind": "quarterly", "date": days_from_now(9), "place": "Gent", "contacts": [anna.pk], "people": []}
    answer = signed_in(alice).post(url, data)
    made = Review.objects.get()
    assert answer.status_code == 303
    assert answer["Location"] == at("review-detail", made)
    assert (made.place, list(made.contacts.all()), made.minutes) == ("Gent", [anna], 60)


def test_refused_form_comes_back_with_what_was_typed(
    account: Account, alice: User, signed_in: Callable[[User], Client]
) -> None:
    url = reverse("reviews:review-new", args=[account.pk])
    answer = signed_in(alice).post(url, {"kind": "quarterly", "date": "2020-01-01", "place": "Typed place"})
    assert answer.status_code == 422
    assert b"Typed place" in answer.content
    assert Review.objects.count() == 0


def test_people_of_the_twin_account_cannot_be_chosen(
    account: Account,
    alice: User,
    make_account: Callable[..., Account],
    make_contact: Callable[..., Contact],
    signed_in: Callable[[User], Client],
) -> None:
    stranger = make_contact(make_account("Twin"))
    url = reverse("reviews:review-new", args=[account.pk])
    answer = signed_in(alice).post(url, {"kind": "quarterly", "date": days_from_now(9), "contacts": [stranger.pk]})
    assert answer.status_code == 422
    assert Review.objects.count() == 0


def test_review_of_a_twin_account_is_not_found_through_ours(
    review: Review, alice: User, make_account: Callable[..., Account], signed_in: Callable[[User], Client], ingrid: User
) -> None:
    twin = make_account("Twin")
    url = reverse("reviews:review-detail", args=[twin.pk, review.pk])
    assert signed_in(ingrid).get(url).status_code == 404


def test_agenda_is_put_in_the_order_of_its_numbers(
    review: Review, alice: User, signed_in: Callable[[User], Client]
) -> None:
    data: dict[str, Any] = {"revision": 1}
    for number, (position, title) in enumerate([(2, "Second"), (1, "First"), ("", "Last")]):
        data |= {f"position_{number}": position, f"title_{number}": title, f"minutes_{number}": 10}
    assert signed_in(alice).post(at("review-agenda", review), data).status_code == 303
    review.refresh_from_db()
    assert [item.title for item in review.items] == ["First", "Second", "Last"]


def test_somebody_elses_change_is_shown_beside_ones_own(
    review: Review, alice: User, signed_in: Callable[[User], Client]
) -> None:
    Review.objects.filter(pk=review.pk).update(place="Theirs", revision=2)
    data = {"revision": 1, "date": review.date, "minutes": 60, "place": "Mine", "topic": review.topic}
    answer = signed_in(alice).post(at("review-edit", review), data)
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "Theirs" in text
    assert "Mine" in text
    assert Review.objects.get(pk=review.pk).place == "Theirs"


def test_minutes_make_actions(account: Account, alice: User, signed_in: Callable[[User], Client]) -> None:
    made = schedule_review(account=account, kind="quarterly", on=TODAY, by=alice)
    data = {
        "revision": 1,
        "going_well": "Deliveries",
        "text_0": "Audit the seals",
        "our_owner_0": alice.pk,
        "due_0": days_from_now(30),
        "text_1": "Keep the rhythm",
    }
    assert signed_in(alice).post(at("review-hold", made), data).status_code == 303
    text = signed_in(alice).get(at("review-detail", made)).content.decode()
    assert "Deliveries" in text
    assert "Audit the seals" in text
    assert account.actions.count() == 1


def test_viewer_sees_the_meeting_and_nothing_inside(
    review: Review, make_person: Callable[..., User], signed_in: Callable[[User], Client],
    rendered: Callable[[Review, str], Pack],
) -> None:  # fmt: skip
    rendered(review, "internal")
    inside = schedule_review(account=review.account, kind="internal", on=days_from_now(3), by=review.organiser)
    viewer = signed_in(make_person("viewer"))
    text = viewer.get(at("review-detail", review)).content.decode()
    assert "Rheinau, works canteen" in text
    for internal in ("Is it ready?", "Internal edition", "Numbers to contribution", "not invited"):
        assert internal not in text
    assert viewer.get(at("review-detail", inside)).status_code == 404
    listed = viewer.get(reverse("reviews:review-overview")).content.decode()
    assert "Internal account review" not in listed
    assert "ready" not in listed.split("<main", 1)[1]


def test_internal_pack_needs_its_own_permission(
    review: Review, alice: User, bob: User, signed_in: Callable[[User], Client], rendered: Callable[[Review, str], Pack]
) -> None:
    internal, client = rendered(review, "internal"), rendered(review, "client")
    member, lead = signed_in(bob), signed_in(alice)
    assert status_of(member, at("pack-file", review, client.pk)) == 200
    for name in ("pack-file", "pack-detail"):
        assert member.get(at(name, review, internal.pk)).status_code == 403
    assert member.post(at("pack-read", review, internal.pk)).status_code == 403
    assert lead.get(at("pack-share", review, internal.pk)).status_code == 403
    assert lead.get(at("pack-preview", review, internal.pk)).status_code == 404


def test_download_is_the_stored_file_and_is_kept_nowhere(
    review: Review, alice: User, signed_in: Callable[[User], Client], rendered: Callable[[Review, str], Pack]
) -> None:
    pack = rendered(review, "internal")
    answer = signed_in(alice).get(at("pack-file", review, pack.pk))
    assert answer["Content-Disposition"] == f'attachment; filename="{pack.file_name}"'
    assert answer["Cache-Control"] == "no-store"
    assert b"".join(answer.streaming_content).startswith(b"%PDF")  # type: ignore[attr-defined]


def test_lost_seat_closes_the_download_on_the_next_request(
    review: Review, alice: User, signed_in: Callable[[User], Client], rendered: Callable[[Review, str], Pack]
) -> None:
    pack, browser = rendered(review, "client"), signed_in(alice)
    assert status_of(browser, at("pack-file", review, pack.pk)) == 200
    alice.seats.all().delete()
    assert browser.get(at("pack-file", review, pack.pk)).status_code == 404


def test_progress_is_a_fragment_for_the_page_and_the_page_without_script(
    review: Review, alice: User, signed_in: Callable[[User], Client]
) -> None:
    pack = request_pack(review=review, account=review.account, edition="client", by=alice)
    browser = signed_in(alice)
    fragment = browser.get(at("pack-detail", review, pack.pk), headers={"HX-Request": "true"})
    assert fragment.status_code == 200
    assert fragment.content.strip().startswith(f'<li id="pack-row-{pack.pk}" hx-get='.encode())
    assert browser.get(at("pack-detail", review, pack.pk)).status_code == 303
    page = browser.get(at("review-detail", review)).content.decode()
    assert "waiting" in page
    assert "<noscript>" in page


def test_rendering_is_asked_for_by_a_form(review: Review, alice: User, signed_in: Callable[[User], Client]) -> None:
    answer = signed_in(alice).post(at("pack-request", review), {"edition": "internal"})
    assert answer.status_code == 303
    assert Pack.objects.get().edition == "internal"


def test_client_edition_is_shared_from_its_page(
    organisation: Organisation, review: Review, alice: User, anna: Contact, signed_in: Callable[[User], Client],
    rendered: Callable[[Review, str], Pack],
) -> None:  # fmt: skip
    pack, browser = rendered(review, "client"), signed_in(alice)
    assert b"exactly this" in browser.get(at("pack-share", review, pack.pk)).content
    preview = browser.get(at("pack-preview", review, pack.pk)).content.decode()
    assert "Pulse at site two" in preview
    assert "csrfmiddlewaretoken" not in preview
    assert status_of(browser, at("pack-preview", review, pack.pk) + f"files/{pack.file_name}") == 200
    assert browser.post(at("pack-share", review, pack.pk), {"contacts": [anna.pk]}).status_code == 303
    assert PackShare.objects.get().contact == anna
    assert OutgoingMail.objects.filter(to=anna.email).count() == 1
    assert "Anna Berg" in browser.get(at("review-detail", review)).content.decode()


def test_calendar_entry_can_be_downloaded(review: Review, bob: User, signed_in: Callable[[User], Client]) -> None:
    answer = signed_in(bob).get(at("review-calendar", review))
    assert answer["Content-Type"].startswith("text/calendar")
    assert b"BEGIN:VEVENT" in answer.content


def test_readiness_names_what_is_open(review: Review, alice: User, signed_in: Callable[[User], Client]) -> None:
    text = signed_in(alice).get(at("review-detail", review)).content.decode()
    assert "Somebody other than its author read the pack" in text
    assert "3 decisions we ask for are written" in text


def test_my_day_says_when_and_how_ready(review: Review, alice: User, bob: User) -> None:
    source = next(source for source in day.sources() if source.key == "reviews")
    (item,) = source.items(alice, TODAY)
    assert item.title == "Northgate Mills: review in 17 days"
    assert item.note == "2 of 3 ready"
    assert list(source.items(bob, TODAY)) == []


def test_overview_and_column_keep_their_number_of_queries(
    review: Review, account: Account, alice: User, ingrid: User, make_account: Callable[..., Account],
    signed_in: Callable[[User], Client], django_assert_max_num_queries: Any,
) -> None:  # fmt: skip
    browser = signed_in(ingrid)
    url = reverse("reviews:review-overview")
    browser.get(url)
    with django_assert_max_num_queries(20) as few:
        browser.get(url)
    ids = [account.pk]
    for number in range(10):
        other = make_account(f"More {number}", owner=alice)
        ids.append(other.pk)
        schedule_review(account=other, kind="quarterly", on=days_from_now(5), by=alice)
    with django_assert_max_num_queries(len(few.captured_queries)):
        browser.get(url)
    column = next(column for column in panels.columns() if column.key == "next-review")
    with django_assert_max_num_queries(1):
        assert set(column.values(ids, ingrid)) == set(ids)


def test_account_page_shows_the_next_review(review: Review, alice: User, signed_in: Callable[[User], Client]) -> None:
    address = reverse("accounts:account-detail", args=[review.account_id])
    page = signed_in(alice).get(address).content.decode()
    assert f'hx-get="{address}?panel=next-review" hx-trigger="load"' in page
    assert f'<a class="link" href="{reverse("reviews:review-list", args=[review.account_id])}">' in page
    answer = signed_in(alice).get(address, {"panel": "next-review"}, headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert "<html" not in text
    assert 'id="next-review-panel"' in text
    assert at("review-detail", review) in text


def finished_pack(review: Review, edition: str) -> Pack:
    now, file = timezone.now(), {"stored": "packs/x.pdf", "sha256": "0" * 64, "pages": 1}
    return Pack.objects.create(review=review, edition=edition, requested_at=now, rendered_at=now, current=True, **file)


def test_the_account_header_leads_to_the_next_review(
    review: Review, alice: User, bob: User, signed_in: Callable[[User], Client]
) -> None:
    account = reverse("accounts:account-detail", args=[review.account_id])
    assert "Prepare review" in signed_in(alice).get(account).content.decode()
    assert "Next review</a>" in signed_in(bob).get(account).content.decode()
    finished_pack(review, Pack.Edition.CLIENT)
    page = signed_in(bob).get(account).content.decode()
    assert "Review pack</a>" in page
    assert f"{at('review-detail', review)}#packs" in page
    Review.objects.update(status=Review.Status.CANCELLED)
    page = signed_in(alice).get(account).content.decode()
    assert "Prepare review" not in page
    assert "Review pack</a>" not in page


def test_an_internal_pack_is_not_announced_to_those_who_may_not_open_it(
    review: Review, bob: User, signed_in: Callable[[User], Client]
) -> None:
    finished_pack(review, Pack.Edition.INTERNAL)
    page = signed_in(bob).get(reverse("accounts:account-detail", args=[review.account_id])).content.decode()
    assert "Review pack</a>" not in page
