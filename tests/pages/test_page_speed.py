"""Pages travel compressed and ask no question twice."""

import gzip

from django.db import connection
from django.template import Context, Engine
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.safestring import mark_safe

from accounts.models import Figure
from sam.core.models import Organisation
from sam.values.periods import last_closed_quarter


def test_page_is_compressed_for_who_understands_it(ingrid, signed_in, make_account):
    make_account("Northgate Mills")
    client = signed_in(ingrid)
    packed = client.get("/accounts/", headers={"accept-encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip"
    assert b"Northgate Mills" in gzip.decompress(packed.content)
    assert "Content-Encoding" not in client.get("/accounts/")


def test_api_and_downloads_are_not_compressed(ingrid, signed_in, make_account):
    make_account("Northgate Mills")
    client = signed_in(ingrid)
    for path in ("/api/v1/imports/", "/accounts/export.csv"):
        answer = client.get(path, headers={"accept-encoding": "gzip"})
        assert (answer.status_code, answer.has_header("Content-Encoding")) == (200, False), path


def test_organisation_is_read_once_per_request_and_anew_in_the_next(ingrid, signed_in, make_account):
    account = make_account("Northgate Mills")
    Organisation.objects.create(name="First name", reporting_currency="EUR")
    client = signed_in(ingrid)
    with CaptureQueriesContext(connection) as queries:
        assert "First name" in client.get(f"/accounts/{account.pk}/").content.decode()
    assert sum("core_organisation" in query["sql"] for query in queries) == 1
    Organisation.objects.update(name="Second name")
    assert "Second name" in client.get(f"/accounts/{account.pk}/").content.decode()


def test_portfolio_and_account_take_ten_queries_with_all_that_other_apps_add(
    ingrid, signed_in, make_account, make_contact
):
    account = make_account("Northgate Mills", tier="key", owner=ingrid)
    last = last_closed_quarter(timezone.localdate())
    for step in range(8):
        Figure.objects.create(account=account, period_start=last.shift(-step).start, currency="EUR", revenue=2_500)
    make_contact(account, function="finance", level="board")
    client = signed_in(ingrid)
    for path in ("/accounts/", "/accounts/?q=north", f"/accounts/{account.pk}/"):
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        assert len(queries) == 10, (path, [query["sql"][:80] for query in queries])


def test_part_that_is_kept_shows_another_persons_rights_to_nobody(ingrid, bob, signed_in):
    """The rail is drawn once per process for its entries: who loses a right sees it go with the next request."""
    client = signed_in(ingrid)
    assert 'href="/scorecards/"' in client.get("/accounts/").content.decode()
    assert 'href="/scorecards/"' not in signed_in(bob).get("/accounts/").content.decode()
    type(ingrid).objects.filter(pk=ingrid.pk).update(role_key="viewer")
    assert 'href="/scorecards/"' not in client.get("/accounts/").content.decode()


def test_kept_part_never_takes_text_for_markup():
    kept = Engine.get_default().from_string('{% kept "ui/brandmark.html" note=note %}')
    assert "<b>" in kept.render(Context({"note": mark_safe("<b>A</b>")}))
    assert "<b>" not in kept.render(Context({"note": "<b>A</b>"}))


def test_portfolio_row_says_what_is_known(ingrid, signed_in, make_account):
    last = last_closed_quarter(timezone.localdate())
    full, half = make_account("Full <b>Year</b>"), make_account("Half Year")
    for step in range(4):
        Figure.objects.create(account=full, period_start=last.shift(-step).start, currency="EUR", revenue=2_500)
    for step in range(2):
        Figure.objects.create(account=half, period_start=last.shift(-step).start, currency="EUR", revenue=1_000)
    page = signed_in(ingrid).get("/accounts/").content.decode()
    assert "Full &lt;b&gt;Year&lt;/b&gt;" in page
    assert "<b>Year</b>" not in page
    assert "2 of 4 quarters" in page
    assert f'href="/accounts/{full.pk}/"' in page
