"""The dry run: what is accepted, what is rejected with which words, and what is only a warning."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import openpyxl
import pytest

from accounts.models import Account, AccountKey, Contact, Figure, ImportBatch, StagedRow
from sam.core.models import Organisation, User
from tests.unit.imports import checked, codes, committed, found

pytestmark = pytest.mark.django_db


def xlsx(*rows: list[object]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


@pytest.fixture
def keyed(make_account: Callable[..., Account]) -> Account:
    account = make_account("Northgate", currency="GBP")
    AccountKey.objects.create(account=account, key="N1")
    return account


# --- files --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("external_id,name\n1,Müller".encode("cp1252"), "latin-1"),
        ("external_id,name\n1,Müller €".encode("cp1252"), "cp1252"),
        ("external_id,name\n1,Müller".encode("utf-8-sig"), "utf-8-sig"),
        ("external_id,name\n1,Müller".encode(), "utf-8"),
    ],
)
def test_encodings_are_recognised_and_shown(ingrid: User, content: bytes, encoding: str) -> None:
    batch = committed(ingrid, "accounts", content)
    assert batch.encoding == encoding
    assert Account.objects.get().name.startswith("Müller")


def test_a_german_file_reads_itself(ingrid: User, keyed: Account) -> None:
    batch = committed(ingrid, "financials", "Kundennummer;Jahr;Quartal;Nettoumsatz\nN1;2025;2;1.234,56\n")
    assert batch.separator == ";"
    assert batch.options["decimal"] == ","
    row = Figure.objects.get()
    assert (row.revenue, row.currency, row.period_start, row.months) == (
        Decimal("1234.56"),
        "GBP",
        date(2025, 4, 1),
        3,
    )


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", None),
        (b"\n\n", "empty"),
        (b"external_id,name\n", "no_rows"),
        ((",".join(f"c{n}" for n in range(300)) + "\n" + ",".join("x" * 300)).encode(), "too_many_columns"),
        (b"external_id,external_id\n1,2\n", "duplicate_column"),
        (b"%PDF-1.4 something", "unsupported_type"),
        (b'external_id,name\n1,"open', "broken_quotes"),
    ],
)
def test_files_that_cannot_be_read_say_why(ingrid: User, content: bytes, code: str | None) -> None:
    if code is None:
        with pytest.raises(Exception, match="empty"):
            checked(ingrid, "accounts", content)
        return
    batch = checked(ingrid, "accounts", content)
    assert (batch.status, batch.problem_code) == ("failed", code)
    assert batch.problem.endswith(".")


def test_a_zip_bomb_is_refused_before_it_unpacks(ingrid: User) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (200 * 1024 * 1024))
    batch = checked(ingrid, "accounts", content.getvalue())
    assert (batch.status, batch.problem_code) == ("failed", "unpacks_too_big")


def test_a_file_without_the_needed_column_names_it(ingrid: User) -> None:
    batch = checked(ingrid, "accounts", "colour,shape\nred,round\n")
    assert batch.status == "failed"
    assert "Key" in batch.problem


def test_rows_of_a_workbook_keep_their_numbers_and_formulas_are_refused(ingrid: User) -> None:
    batch = checked(
        ingrid,
        "accounts",
        xlsx(["external_id", "name", "country"], [12346, "Plain", "France"], [], [7, "=1+1", "France"]),
    )
    assert found(batch) == [(4, "name", "formula")]
    assert StagedRow.objects.get(batch=batch, verdict="new").key == "12346"


# --- accounts -----------------------------------------------------------------------------------------


def test_accounts_come_in_with_everything_they_say(ingrid: User, make_person: Callable[..., User]) -> None:
    owner = make_person("account_manager", email="olga@example.com")
    committed(
        ingrid,
        "accounts",
        "external_id,name,country,region,industry,currency,website,owner_email,tier,status,parent_external_id\n"
        "1,Acme Holding,DE,North,Steel,usd,acme.example,Olga@Example.com,strategic,prospect,\n"
        "2,Acme Works,Germany,,,,,,,,1\n",
    )
    head, unit = Account.objects.order_by("pk")
    assert (head.country, head.region, head.industry, head.currency) == ("Germany", "North", "Steel", "USD")
    assert (head.website, head.owner, head.tier, head.status) == (
        "https://acme.example",
        owner,
        "strategic",
        "prospect",
    )
    assert (unit.parent, unit.country, unit.currency, unit.status) == (head, "Germany", "EUR", "active")
    assert head.keys.get().source == "import"


def test_unknown_countries_are_warnings(ingrid: User) -> None:
    batch = committed(ingrid, "accounts", "external_id,name,country\n1,A,EIRE\n2,B,Unspecified\n3,C,Ireland\n")
    assert codes(batch, "warning") == [(2, "unknown_country"), (3, "unknown_country")]
    assert batch.counts["warnings"] == 2
    assert set(Account.objects.values_list("country", flat=True)) == {"EIRE", "Unspecified", "Ireland"}


def test_look_alike_names_are_told_apart_from_warnings(ingrid: User, make_account: Callable[..., Account]) -> None:
    make_account("Solmarina Desalinización, S.A.")
    batch = checked(ingrid, "accounts", "external_id,name\n1,Solmarina Desalinizacion SA\n2,Kestrel\n3,Kestrel Ltd\n")
    assert codes(batch, "duplicate") == [(2, "possible_duplicate"), (4, "possible_duplicate")]
    assert batch.counts["duplicates"] == 2
    assert batch.counts["warnings"] == 0
    assert batch.counts["new"] == 3


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        (",No key,,,,", "external_id", "missing"),
        ("1,,,,,", "name", "missing"),
        ("1,A,,XXQ,,", "currency", "unknown_currency"),
        ("1,A,,,nobody@example.com,", "owner_email", "unknown_owner"),
        ("1,A,,,,platinum", "tier", "unknown_tier"),
        ("1,A,9,,,", "parent_external_id", "unknown_parent"),
        ("1,A,1,,,", "parent_external_id", "circular_parent"),
        ("1,=HYPERLINK(1),,,,", "name", "formula"),
        (f"1,{'x' * 201},,,,", "name", "too_long"),
    ],
)
def test_a_bad_cell_rejects_its_row_with_column_and_reason(ingrid: User, row: str, column: str, code: str) -> None:
    header = "external_id,name,parent_external_id,currency,owner_email,tier\n"
    batch = checked(ingrid, "accounts", f"{header}{row}\n0,Good,,,,\n")
    assert found(batch) == [(2, column, code)]
    assert batch.counts["rejected"] == 1
    assert batch.counts["new"] == 1


def test_a_key_that_appears_twice_is_taken_once(ingrid: User) -> None:
    batch = checked(ingrid, "accounts", "external_id,name\n1,First\n2,Other\n1,Second\n")
    assert found(batch) == [(4, "external_id", "duplicate_key")]
    assert "Row 2" in batch.rows.get(row=4).findings[0][3]


def test_circles_reject_their_rows_and_what_hangs_on_them(ingrid: User) -> None:
    batch = checked(
        ingrid, "accounts", "external_id,name,parent_external_id\n1,A,2\n2,B,3\n3,C,1\n4,D,3\n5,E,\n6,F,5\n"
    )
    assert codes(batch) == [
        (2, "circular_parent"),
        (3, "circular_parent"),
        (4, "circular_parent"),
        (5, "parent_rejected"),
    ]
    assert batch.counts["new"] == 2


def test_a_circle_with_accounts_on_record_is_found(ingrid: User) -> None:
    committed(ingrid, "accounts", "external_id,name,parent_external_id\n1,Head,\n2,Unit,1\n")
    batch = checked(ingrid, "accounts", "external_id,name,parent_external_id\n1,Head,2\n")
    assert codes(batch) == [(2, "circular_parent")]


def test_nul_and_control_characters_reject_the_row(ingrid: User) -> None:
    batch = checked(ingrid, "accounts", b"external_id,name\n1,A\x00B\n2,C\x07D\n3,Fine\n")
    assert codes(batch) == [(2, "unreadable_character"), (3, "unreadable_character")]


def test_the_tier_of_a_known_account_is_not_imported(ingrid: User) -> None:
    committed(ingrid, "accounts", "external_id,name,tier\n1,A,key\n")
    again = committed(ingrid, "accounts", "external_id,name,tier\n1,A,global\n")
    assert codes(again, "warning") == [(2, "tier_ignored")]
    assert Account.objects.get().tier == "key"


def test_empty_cells_change_nothing(ingrid: User) -> None:
    committed(ingrid, "accounts", "external_id,name,country\n1,A,France\n")
    again = checked(ingrid, "accounts", "external_id,name,country\n1,A,\n")
    assert again.counts["unchanged"] == 1


def test_columns_not_named_are_ignored(ingrid: User) -> None:
    batch = committed(
        ingrid, "accounts", "id,label,country\n1,A,France\n", mapping={"id": "external_id", "label": "name"}
    )
    assert batch.counts["new"] == 1
    assert Account.objects.get().country == ""


# --- figures ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "start", "months"),
    [
        ("2025,2,", date(2025, 4, 1), 3),
        ("2025,Q3,", date(2025, 7, 1), 3),
        ("2025,2025-Q4,", date(2025, 10, 1), 3),
        ("2025,,7", date(2025, 7, 1), 1),
        ("2025,,März", date(2025, 3, 1), 1),
        ("2025,,", date(2025, 1, 1), 12),
    ],
)
def test_periods_are_read(ingrid: User, keyed: Account, cells: str, start: date, months: int) -> None:
    committed(ingrid, "financials", f"account_external_id,year,quarter,month,revenue\nN1,{cells},5\n")
    row = Figure.objects.get()
    assert (row.period_start, row.months) == (start, months)


def test_fiscal_years_only_when_chosen(ingrid: User, keyed: Account) -> None:
    Organisation.objects.create(pk=1, fiscal_year_start=4)
    content = "account_external_id,year,quarter,revenue\nN1,2025,1,5\n"
    committed(ingrid, "financials", content)
    committed(ingrid, "financials", content, options={"fiscal": True})
    assert set(Figure.objects.values_list("period_start", flat=True)) == {date(2025, 1, 1), date(2025, 4, 1)}


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("X9,2025,1,,5,", "account_external_id", "unknown_account"),
        ("N1,0201,1,,5,", "year", "bad_year"),
        ("N1,2025,5,,5,", "quarter", "bad_quarter"),
        ("N1,2025,1,2,5,", "month", "quarter_and_month"),
        ("N1,2025,,13,5,", "month", "bad_month"),
        ('N1,2025,1,,"1.234,56",', "revenue", "decimal_mark"),
        ("N1,2025,1,,abc,", "revenue", "not_a_number"),
        ("N1,2025,1,,1e30,", "revenue", "too_large"),
        ("N1,2025,1,,=A1*2,", "revenue", "formula"),
        ("N1,2025,1,,,-5", "client_spend", "negative_spend"),
        ("N1,2025,1,,,", "revenue", "no_amount"),
    ],
)
def test_a_bad_figure_rejects_its_row(ingrid: User, keyed: Account, row: str, column: str, code: str) -> None:
    header = "account_external_id,year,quarter,month,revenue,client_spend\n"
    good = "N1,2024,1,,1.5,\nN1,2024,2,,2.5,\n"
    batch = checked(ingrid, "financials", f"{header}{row}\n{good}")
    assert found(batch) == [(2, column, code)]
    assert batch.counts["new"] == 2


def test_the_same_period_twice_counts_once(ingrid: User, keyed: Account) -> None:
    batch = checked(ingrid, "financials", "account_external_id,year,quarter,revenue\nN1,2025,1,5\nN1,2025,1,6\n")
    assert codes(batch) == [(3, "duplicate_key")]


def test_zero_is_a_figure_and_empty_is_unknown(ingrid: User, keyed: Account) -> None:
    committed(ingrid, "financials", "account_external_id,year,quarter,revenue,cost_of_goods\nN1,2025,1,0.000,\n")
    row = Figure.objects.get()
    assert (row.revenue, row.cost_of_goods) == (0, None)


def test_recent_periods_come_in_as_preliminary(ingrid: User, keyed: Account) -> None:
    content = "account_external_id,year,quarter,revenue,kind\nN1,2025,1,5,\nN1,2025,2,5,\nN1,2025,2,5,plan\n"
    committed(ingrid, "financials", content, as_of=date(2025, 7, 4))
    states = dict(Figure.objects.filter(kind="actual").values_list("period_start__month", "status"))
    assert states == {1: "closed", 4: "preliminary"}
    assert Figure.objects.get(kind="planned").status == "closed"


def test_the_control_total_is_compared(ingrid: User, keyed: Account) -> None:
    content = "account_external_id,year,quarter,revenue\nN1,2025,1,5.5\nN1,2025,2,6\nX9,2025,2,100\n"
    batch = checked(ingrid, "financials", content, control_total=Decimal("11.5"))
    assert batch.found_total == batch.control_total


def test_figures_of_several_keys_of_one_account_stay_apart_and_add_up(ingrid: User, keyed: Account) -> None:
    AccountKey.objects.create(account=keyed, key="N2")
    committed(ingrid, "financials", "account_external_id,year,quarter,revenue\nN1,2025,1,5\nN2,2025,1,7\n")
    assert sum(keyed.figures.values_list("revenue", flat=True)) == 12


def test_rows_are_checked_against_the_right_on_each_account(
    make_person: Callable[..., User], keyed: Account, make_account: Callable[..., Account]
) -> None:
    other = make_account("Other")
    AccountKey.objects.create(account=other, key="O1")
    keeper = make_person("reader", on=keyed, access="finance_lead")
    hidden = make_person("team_member", on=keyed, access="finance_lead")
    content = "account_external_id,year,quarter,revenue\nN1,2025,1,5\nO1,2025,1,7\n"
    assert codes(checked(keeper, "financials", content)) == [(3, "not_allowed")]
    assert codes(checked(hidden, "financials", content)) == [(3, "unknown_account")]


# --- contacts and touchpoints -----------------------------------------------------------------------------


def test_contacts_come_in_with_who_reports_to_whom(ingrid: User, keyed: Account) -> None:
    batch = committed(
        ingrid,
        "contacts",
        "account_external_id,external_id,full_name,email,function,level,reports_to_external_id\n"
        'N1,C2,"Henry C. ""Hank"" Johnson, Jr.",hank@client.example,Einkauf,Manager,C1\n'
        "N1,C1,Ada Boss,ada@client.example,Alchemy,Board,\n",
    )
    assert codes(batch, "warning") == [(3, "unknown_function")]
    hank = Contact.objects.get(external_id="C2")
    assert (hank.full_name, hank.function, hank.level) == ('Henry C. "Hank" Johnson, Jr.', "procurement", "manager")
    assert hank.reports_to == Contact.objects.get(full_name="Ada Boss", function="other")
    again = checked(
        ingrid, "contacts", "account_external_id,external_id,full_name\nN1,C1,Ada Boss\nN1,C2,Hank Johnson\n"
    )
    assert (again.counts["unchanged"], again.counts["changed"]) == (1, 1)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("N1,,Nobody,,", "missing"),
        ("N1,C1,,,", "missing"),
        ("N1,C1,A,not-an-address,", "bad_email"),
        ("N1,C1,A,,C9", "unknown_reports_to"),
        ("N1,C1,A,,C1", "circular_reports"),
        ("N7,C1,A,,", "unknown_account"),
    ],
)
def test_a_bad_contact_rejects_its_row(ingrid: User, keyed: Account, row: str, code: str) -> None:
    header = "account_external_id,external_id,full_name,email,reports_to_external_id\n"
    assert codes(checked(ingrid, "contacts", f"{header}{row}\n")) == [(2, code)]


def test_a_contact_of_the_same_name_is_a_possible_duplicate(
    ingrid: User, keyed: Account, make_contact: Callable[..., Contact]
) -> None:
    make_contact(keyed, "Ada Boss")
    batch = checked(ingrid, "contacts", "account_external_id,external_id,full_name\nN1,C1,ada  boss\n")
    assert codes(batch, "duplicate") == [(2, "possible_duplicate")]


def test_touchpoints_come_in_once(ingrid: User, keyed: Account, make_contact: Callable[..., Contact]) -> None:
    contact = make_contact(keyed, source="import", external_id="C1")
    content = (
        "account_external_id,contact_external_id,person_email,date,kind,summary,minutes\n"
        f"N1,C1,{ingrid.email},31.12.2025,Besuch,Talked about steel,45\n"
        f"N1,C1,{ingrid.email},31.12.2025,Besuch,Talked about steel,45\n"
    )
    batch = committed(ingrid, "touchpoints", content)
    assert codes(batch) == [(3, "duplicate_key")]
    touchpoint = keyed.touchpoints.get()
    assert (touchpoint.date, touchpoint.kind, touchpoint.minutes) == (date(2025, 12, 31), "visit", 45)
    assert list(touchpoint.contacts.all()) == [contact]
    assert list(touchpoint.people.all()) == [ingrid]
    assert committed(ingrid, "touchpoints", content).counts["unchanged"] == 1
    assert keyed.touchpoints.count() == 1


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("N1,,,31.02.2025,call", "bad_date"),
        ("N1,,,,call", "missing"),
        ("N1,,,2999-01-01,call", "bad_date"),
        ("N1,,,2199-01-01,call", "date_in_future"),
        ("N1,,,1.2.25,call", "bad_date"),
        ("N1,C9,,2025-01-01,call", "unknown_contact"),
        ("N1,,x@example.com,2025-01-01,call", "unknown_person"),
        ("N1,,,2025-01-01,dance", "unknown_kind"),
    ],
)
def test_a_bad_touchpoint_rejects_its_row(ingrid: User, keyed: Account, row: str, code: str) -> None:
    header = "account_external_id,contact_external_id,person_email,date,kind\n"
    assert codes(checked(ingrid, "touchpoints", f"{header}{row}\n")) == [(2, code)]


def test_a_dry_run_writes_nothing(ingrid: User) -> None:
    checked(ingrid, "accounts", "external_id,name\n1,A\n")
    assert ImportBatch.objects.get().status == "checked"
    assert not Account.objects.exists()
    assert not AccountKey.objects.exists()
