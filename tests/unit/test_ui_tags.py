"""Tags and filters of every page: figures and dates as people write them, fields tied to their errors, safe output."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from sam.core.forms_renderer import SamRenderer
from sam.core.templatetags import ui

NBSP = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class Someone:
    display_name: str
    initials: str = ""


class AccountForm(forms.Form):
    default_renderer = SamRenderer

    name = forms.CharField(label="Account name", help_text="As in the contract")
    tier = forms.ChoiceField(choices=[("s", "Strategic")], widget=forms.RadioSelect)
    shared = forms.BooleanField(label="Shared", required=False)
    token = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean(self) -> None:
        raise forms.ValidationError("The year is closed.")


def render(source: str, **context: object) -> str:
    return Template(source).render(
        Context({"request": RequestFactory().get("/list/?q=a+b&sort=name&page=3"), **context})
    )


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("8214000", "8.21 M€"), ("12400000", "12.4 M€"), ("640000", "640 k€"), ("999.4", "999 €"), ("99.5", "99.5 €"),
        ("-1250000", "−1.25 M€"), ("999999", "1.00 M€"), ("1240000000", "1.24 bn €"), ("0", "0 €"), ("12", "12 €"),
    ],
)  # fmt: skip
def test_amounts_are_short_and_keep_three_digits(amount: str, shown: str) -> None:
    assert ui.money(Decimal(amount), "EUR").replace(NBSP, " ") == shown


def test_currency_without_a_sign_is_named() -> None:
    assert ui.money(1_250_000, "CHF") == f"1.25{NBSP}M{NBSP}CHF"
    assert ui.money_full(Decimal("8210400"), "CHF") == f"8,210,400.00{NBSP}CHF"


def test_changes_carry_a_sign_and_a_real_minus() -> None:
    assert [ui.signed(value) for value in (42, -8, 0, Decimal("-0.4"))] == ["+42", "−8", "0", "0"]
    assert ui.percent(Decimal("0.314"), 1) == f"31.4{NBSP}%"
    assert ui.signed_percent(Decimal("-0.03")) == f"−3{NBSP}%"
    assert ui.points(Decimal("-0.018")) == f"−1.8{NBSP}pt"


@pytest.mark.parametrize(
    "show", [ui.money, ui.money_full, ui.compact, ui.number, ui.signed, ui.percent, ui.day, ui.due]
)
@pytest.mark.parametrize("value", [None, "", float("nan")])
def test_missing_value_is_a_dash_that_says_so(show: object, value: object) -> None:
    assert callable(show)
    shown = show(value)
    assert "–" in shown
    assert "not known" in shown


@given(st.decimals(-(10**12), 10**12, places=2))
def test_every_amount_can_be_shown_without_breaking_a_line(amount: Decimal) -> None:
    shown = ui.money(amount, "EUR")
    assert " " not in shown
    assert shown.endswith("€")


def test_days_name_the_year_only_when_it_is_another_one() -> None:
    today = date(2026, 11, 22)
    assert ui.day_words(date(2026, 12, 12), today) == f"12{NBSP}Dec"
    assert ui.day_words(date(2025, 12, 12), today) == f"12{NBSP}Dec{NBSP}2025"


@pytest.mark.parametrize(
    ("days", "words"), [(0, "today"), (1, "tomorrow"), (-1, "yesterday"), (20, "in 20 d"), (-12, "12 d ago")]
)
def test_distance_to_a_day_is_said_in_words(days: int, words: str) -> None:
    today = date(2026, 11, 22)
    assert ui.distance_words(today + timedelta(days=days), today).replace(NBSP, " ") == words


def test_due_date_has_day_and_distance() -> None:
    when = timezone.localdate() + timedelta(days=3)
    assert f"(in{NBSP}3{NBSP}d)" in render("{{ when|due }}", when=when)
    assert f'datetime="{when.isoformat()}"' in render("{{ when|day }}", when=when)


def test_names_are_escaped_everywhere() -> None:
    evil = Someone('<b>"x', "<i")
    page = render(
        '{% avatar p %}{% pill "good" t %}{% chip t "/?a=1" %}{% kpi t t note=t %}'
        "{% panel t note=t %}{{ t }}{% endpanel %}"
        '{% dialog "d" t %}{% enddialog %}{% nothing "inbox" t %}{% endnothing %}{% meter 0.5 t %}',
        p=evil,
        t='<b>"x',
    )
    assert "<b>&quot;x" not in page
    assert '<b>"x' not in page
    assert "&lt;i" in page
    assert "<i<" not in page


def test_gap_in_a_team_is_named() -> None:
    assert 'aria-label="Finance lead missing"' in render('{% avatar nobody "Finance lead missing" %}', nobody=None)


def test_initials_come_from_first_and_last_name() -> None:
    assert [ui.initials_of(name) for name in ("Ana Maria Novak", "Kenji", "")] == ["AN", "K", ""]


def test_unknown_icon_and_tone_fail_at_once() -> None:
    for source in ('{% icon "no-such-icon" %}', '{% pill "green" "x" %}'):
        with pytest.raises(TemplateSyntaxError):
            render(source)


def test_field_names_its_help_and_its_error() -> None:
    page = render("{% field form.name %}", form=AccountForm({"name": ""}))
    assert 'aria-describedby="id_name_help id_name_error"' in page
    assert 'aria-invalid="true"' in page
    assert 'id="id_name_error"' in page
    assert 'class="input"' in page


def test_choices_are_a_group_with_a_legend() -> None:
    page = render("{% field form.tier %}", form=AccountForm())
    assert "<fieldset" in page
    assert "<legend>Tier" in page
    assert 'type="radio"' in page


def test_error_summary_lists_every_error_with_a_link_to_its_field() -> None:
    page = render("{% error_summary form %}", form=AccountForm({"name": ""}))
    assert "The year is closed." in page
    assert 'href="#id_name"' in page
    assert 'role="alert"' in page
    assert render("{% error_summary form %}", form=AccountForm()).strip() == ""


def test_form_draws_itself_like_the_tags() -> None:
    form = AccountForm({"name": "", "tier": "s"})
    page = str(form)
    assert "fieldbox" in page
    assert "The year is closed." in page
    assert 'type="hidden" name="token"' in page
    assert "fieldbox" in str(form["name"].as_field_group())


def test_sorting_keeps_filters_and_goes_back_to_the_first_page() -> None:
    page = render('{% sort_header "Name" "name" %}{% sort_header "Revenue" "revenue" number=True %}')
    assert 'aria-sort="ascending"' in page
    assert 'href="?q=a+b&amp;sort=-name"' in page
    assert 'href="?q=a+b&amp;sort=-revenue"' in page
    assert "page=" not in page


def test_pages_keep_filters_and_mark_the_current_one() -> None:
    page = render("{% pagination page noun='accounts' %}", page=Paginator(range(1000), 25).get_page(3))
    assert 'aria-current="page">3<' in page
    assert 'href="?q=a+b&amp;sort=name&amp;page=4"' in page
    assert "51 to 75 of 1,000" in page


def test_phone_bar_has_five_places_at_most_and_loses_nothing() -> None:
    @dataclass(frozen=True)
    class Entry:
        label: str
        on_phone: bool = False

    few = [Entry(str(index)) for index in range(5)]
    many = [Entry(str(index), on_phone=index % 2 == 0) for index in range(9)]
    assert list(ui.phone_entries(few)) == few
    assert list(ui.more_entries(few)) == []
    assert [entry.label for entry in ui.phone_entries(many)] == ["0", "2", "4", "6"]
    assert len(ui.phone_entries(many)) + len(ui.more_entries(many)) == 9


def test_counted_words_follow_the_number() -> None:
    assert ui.counted(1, "account,accounts") == f"1{NBSP}account"
    assert ui.counted(1400, "account,accounts") == f"1,400{NBSP}accounts"


def test_steps_say_what_is_done_and_where_somebody_is() -> None:
    page = render('{% steps "File,Columns,Check" 2 %}')
    assert page.count("data-done") == 1
    assert page.count('aria-current="step"') == 1
