"""What stands in a pack: the client's edition holds nothing internal, the internal one says on each page what it is."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from pypdf import PdfReader

from accounts.models import Account, Contact
from planning.models import Objective, PlanAction, PlanSection
from reviews.documents import client_html, internal_html
from reviews.models import Pack, Review
from reviews.queries.client_edition import ClientEdition, client_edition
from reviews.queries.internal_pages import internal_pages
from reviews.queries.pack_page import pack_payload
from reviews.queries.shared_plan import SHARED_SECTIONS
from reviews.queries.survey_summary import survey_summary
from sam.core.files import open_stored
from sam.core.models import Organisation, User
from tests.portal.test_marker_words import found_in, mark

from .conftest import TODAY, survey

pytestmark = pytest.mark.django_db

UNSHARED = {
    "an action that is not shared": "zzunsharedaction",
    "an objective that is not shared": "zzunsharedobjective",
    "a section that is not for the client": "zzprivatesection",
}
# The key says whether a section is written for the client, so it stays; its text is marked by that.
SECTION_TEXT, SECTION_KEY = "planning.PlanSection.text", "planning.PlanSection.key"


def pages_of(pack: Pack) -> list[str]:
    with open_stored(pack.stored) as file:
        return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(file.read())).pages]


def squeezed(text: str) -> str:
    """PDF text breaks words where lines end; markers are looked for without blanks."""
    return "".join(text.split())


def mark_everything(account: Account) -> dict[str, str]:
    """Markers in all that is not for clients; sections written for the client get their own text back."""
    keys = dict(PlanSection.objects.values_list("pk", "key"))
    marked = mark()
    for pk, key in keys.items():
        PlanSection.objects.filter(pk=pk).update(key=key)
    marked.pop(SECTION_TEXT)
    marked.pop(SECTION_KEY)
    PlanSection.objects.filter(key__in=SHARED_SECTIONS).update(text="Both of us read this.")
    PlanSection.objects.exclude(key__in=SHARED_SECTIONS).update(text="zzprivatesection")
    PlanAction.objects.filter(shared=False).update(title="zzunsharedaction")
    Objective.objects.filter(shared=False).update(title="zzunsharedobjective")
    return marked | UNSHARED


@pytest.fixture
def marked(full_account: Account, review: Review, organisation: Organisation) -> dict[str, str]:
    found = mark_everything(full_account)
    for needed in (
        "accounts.Figure.revenue",
        "accounts.Touchpoint.summary",
        "core.User.email",
        "reviews.Answer.values",
    ):
        assert needed in found
    return found


def test_no_marker_is_in_the_clients_edition(
    marked: dict[str, str], review: Review, rendered: Callable[[Review, str], Pack]
) -> None:
    fresh = Review.objects.select_related("account", "organiser").get(pk=review.pk)
    html = client_html(client_edition(fresh, TODAY))
    assert found_in(html, marked) == set()
    pack = rendered(fresh, "client")
    text = squeezed("".join(pages_of(pack)))
    assert "Fewerunplannedstops" in text
    assert "Bothofusreadthis." in text
    assert found_in(text, marked) == set()
    page = {name: value for name, value in pack_payload(pack).items() if name != "files"}
    assert found_in(str(page), marked) == set()


def test_internal_edition_does_hold_markers(
    marked: dict[str, str], review: Review, alice: User, rendered: Callable[[Review, str], Pack]
) -> None:
    """The positive control of the sweep above: the same markers are found where they belong."""
    fresh = Review.objects.select_related("account", "organiser").get(pk=review.pk)
    html = internal_html(client_edition(fresh, TODAY), internal_pages(fresh, alice, TODAY))
    assert set(UNSHARED) - {"an objective that is not shared"} <= found_in(html, marked)
    # Revenue, costs, contribution: the marker amount in short, as the page writes it.
    assert "73.9" in html
    text = squeezed("".join(pages_of(rendered(fresh, "internal"))))
    assert "zzunsharedaction" in text
    assert "zzprivatesection" in text


def test_editions_differ_only_by_what_is_internal(
    full_account: Account, review: Review, rendered: Callable[[Review, str], Pack]
) -> None:
    client, internal = pages_of(rendered(review, "client")), pages_of(rendered(review, "internal"))
    mark = f"INTERNAL – not for {full_account.name}"

    def bare(page: str) -> str:
        text = page.replace(mark, "").replace(f" / {len(internal)}", "").replace(f" / {len(client)}", "")
        return squeezed(text)

    assert [bare(page) for page in internal[: len(client)]] == [bare(page) for page in client]
    assert len(internal) > len(client)


def test_internal_mark_stands_on_every_page_and_in_the_file_name(
    full_account: Account, review: Review, rendered: Callable[[Review, str], Pack]
) -> None:
    pack = rendered(review, "internal")
    mark = f"INTERNAL – not for {full_account.name}"
    assert all(mark in page for page in pages_of(pack))
    assert pack.file_name == f"Northgate-Mills-{review.quarter}-INTERNAL.pdf"
    client = rendered(review, "client")
    assert not any("INTERNAL" in page for page in pages_of(client))
    assert client.file_name == f"Northgate-Mills-{review.quarter}.pdf"


def test_client_edition_has_no_field_for_anything_internal() -> None:
    """Widening what clients get is a decision: it fails here first."""
    assert {field.name for field in dataclasses.fields(ClientEdition)} == {
        "supplier", "client", "title", "quarter", "held_on", "starts_at", "minutes", "place", "ours", "theirs",
        "decisions", "agenda", "topic", "since_on", "since", "measures", "parts", "survey", "actions", "steps", "pages",
    }  # fmt: skip


def test_words_of_people_are_in_the_internal_edition_only(full_account: Account, review: Review, alice: User) -> None:
    edition = client_edition(review, TODAY)
    assert edition.survey is not None
    assert edition.survey.answered == 6
    assert "Your invoices are a mess" not in client_html(edition)
    assert "Your invoices are a mess" in internal_html(edition, internal_pages(review, alice, TODAY))


def test_survey_with_few_answers_is_not_summed_up_for_the_client(account: Account, alice: User) -> None:
    survey(account, alice, 3)
    assert survey_summary(account, TODAY) is None


def test_score_stands_with_n_and_interval(full_account: Account, review: Review) -> None:
    html = client_html(client_edition(review, TODAY))
    assert "n = 6" in html
    assert "95 % interval" in html


def test_since_last_time_lists_what_fell_due_between_the_meetings(full_account: Account, review: Review) -> None:
    edition = client_edition(review, TODAY)
    assert edition.since_on == TODAY - timedelta(days=80)
    assert [line.what for line in edition.since] == ["Seal audit", "Joint savings list"]
    assert [line.state for line in edition.since] == ["done", "late"]
    assert [line.what for line in edition.actions] == ["Joint savings list", "Order bundling"]


def test_pages_left_out_are_in_neither_edition(full_account: Account, review: Review, alice: User) -> None:
    Review.objects.filter(pk=review.pk).update(pages_left_out=["survey", "risks"])
    fresh = Review.objects.select_related("account", "organiser").get(pk=review.pk)
    edition = client_edition(fresh, TODAY)
    html = internal_html(edition, internal_pages(fresh, alice, TODAY))
    assert "What you told us<" not in html
    assert "Risks and asks" not in html
    assert "People and coverage" in html


def test_text_from_people_is_escaped(review: Review, anna: Contact) -> None:
    Contact.objects.filter(pk=anna.pk).update(full_name="<script>alert(1)</script>")
    html = client_html(client_edition(review, TODAY))
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_account_with_nothing_in_it_still_makes_a_pack(
    review: Review, alice: User, rendered: Callable[[Review, str], Pack]
) -> None:
    """An empty drawer is said or left out, never an error."""
    found = pages_of(rendered(review, "client"))
    for part in ("Decisions we ask for", "Agenda", "Since last time", "Joint actions", "Next 90 days"):
        assert any(part in page for page in found), part
    html = internal_html(client_edition(review, timezone.localdate()), internal_pages(review, alice, TODAY))
    assert "no figures yet" in html


def test_short_parts_share_a_page_and_none_begins_at_its_end(
    review: Review, rendered: Callable[[Review, str], Pack]
) -> None:
    """Five short parts and a cover: fewer pages than parts, and the inside still begins on a page of its own."""
    client, internal = pages_of(rendered(review, "client")), pages_of(rendered(review, "internal"))
    assert len(client) <= 4
    first_inside = next(n for n, page in enumerate(internal) if "Numbers to contribution" in page)
    assert first_inside == len(client)
    assert not any("Next 90 days" in page for page in internal[first_inside:])


def test_pack_is_made_with_a_steady_number_of_queries(
    full_account: Account, review: Review, alice: User, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    for number in range(20):
        PlanAction.objects.create(account=full_account, title=f"More {number}", due=TODAY, our_owner=alice, shared=True)
    fresh = Review.objects.select_related("account", "organiser").get(pk=review.pk)
    with django_assert_max_num_queries(45):  # type: ignore[attr-defined]
        client_html(client_edition(fresh, TODAY))
        internal_pages(fresh, alice, TODAY)
