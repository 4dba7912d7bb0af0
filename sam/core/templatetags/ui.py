"""Template tags and filters of every page: icons, people, fields, tables, figures and dates.

Registered as a built-in library, so templates need no `{% load %}`. Markup lives in `templates/ui/`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import cache, lru_cache
from typing import Any, Final, Protocol

from django import template
from django.conf import settings
from django.core.paginator import Page
from django.forms import BaseForm, BaseFormSet
from django.forms.boundfield import BoundField
from django.forms.widgets import (
    CheckboxInput,
    CheckboxSelectMultiple,
    ClearableFileInput,
    FileInput,
    Input,
    MultiWidget,
    RadioSelect,
    Select,
    Textarea,
    Widget,
)
from django.template.context import Context
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format, get_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from sam.core.static_assets import ICON_NAMES, SPRITE_PATH

register = template.Library()

NBSP: Final = "\N{NO-BREAK SPACE}"
MINUS: Final = "\N{MINUS SIGN}"
DASH: Final = "\N{EN DASH}"
TONES: Final = frozenset({"", "good", "warn", "bad", "info", "brand"})
TONE_ICONS: Final[Mapping[str, str]] = {
    "good": "circle-check",
    "warn": "alert-triangle",
    "bad": "alert-circle",
    "info": "info-circle",
}
CURRENCY_SIGNS: Final[Mapping[str, str]] = {"EUR": "€", "GBP": "£", "USD": "$", "JPY": "¥"}
SCALES: Final = ((Decimal(10) ** 9, "bn"), (Decimal(10) ** 6, "M"), (Decimal(10) ** 3, "k"))


class Person(Protocol):
    """What an avatar needs to know about somebody."""

    @property
    def display_name(self) -> str: ...

    @property
    def initials(self) -> str: ...


# --- small marks ------------------------------------------------------------------------------------


@cache
def _sprite() -> str:
    """Its address holds for as long as the process lives, and a page asks for it thirty times."""
    return static(SPRITE_PATH)


@register.simple_tag
@lru_cache(maxsize=1024, typed=True)
def icon(name: str, css: str = "", label: str = "") -> SafeString:
    """A Tabler icon. Decoration unless `label` says what it means. Raises TemplateSyntaxError for an unlisted name.

    Drawn once per process: a page shows thirty, and what an icon looks like depends on these three words only.
    """
    if name not in ICON_NAMES:
        raise template.TemplateSyntaxError(f"Icon {name!r} is not listed in sam/core/static_assets.py")
    href = f"{_sprite()}#{name}"
    classes = f"icon {css}".strip()
    if label:
        return format_html('<svg class="{}" role="img" aria-label="{}"><use href="{}"/></svg>', classes, label, href)
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}"/></svg>', classes, href)


@register.simple_tag
def pill(tone: str, text: object, icon_name: str = "") -> SafeString:
    """A status word. Tones: "" (plain), good, warn, bad, info, brand."""
    mark = icon(icon_name) if icon_name else ""
    return format_html('<span class="pill{}">{}{}</span>', _tone_class("pill", tone), mark, text)


@register.simple_tag
def avatar(person: Person | None, gap: str = "", live: bool = False) -> SafeString:
    """Initials of a person with the full name as label; a question mark with `gap` as label where nobody is."""
    if person is None:
        label = gap or _("Nobody yet")
        return format_html(
            '<span class="avatar-mark" data-gap role="img" aria-label="{}" title="{}">?</span>', label, label
        )
    name = str(getattr(person, "display_name", person))
    initials = str(getattr(person, "initials", "")) or initials_of(name)
    attribute = mark_safe(" data-live") if live else ""
    return format_html(
        '<span class="avatar-mark"{} role="img" aria-label="{}" title="{}">{}</span>', attribute, name, name, initials
    )


@register.simple_tag
def avatars(people: Iterable[Person], most: int = 4) -> SafeString:
    """Overlapping avatars; more than `most` people end in a number."""
    everyone = list(people)
    shown = format_html_join("", "{}", ((avatar(person),) for person in everyone[:most]))
    rest = len(everyone) - most
    more = format_html('<span class="avatar-mark" title="{}">+{}</span>', _("and more"), rest) if rest > 0 else ""
    return format_html('<span class="avatars">{}{}</span>', shown, more)


@register.simple_tag
def chip(label: str, remove_url: str = "") -> SafeString:
    """An active filter; the cross leads to the same list without it."""
    cross = (
        format_html('<a href="{}" aria-label="{}">{}</a>', remove_url, _("Remove filter: %s") % label, icon("x"))
        if remove_url
        else ""
    )
    return format_html('<span class="chip">{}{}</span>', label, cross)


@register.simple_tag
def meter(share: object, label: str, css: str = "") -> SafeString:
    """A bar for a share 0 to 1; nothing known draws an empty bar that says so."""
    value = as_decimal(share)
    if value is None:
        return missing()
    whole = int((min(max(value, Decimal(0)), Decimal(1)) * 100).to_integral_value(ROUND_HALF_UP))
    text = percent(value, 0)
    return format_html(
        '<progress class="meter{}" value="{}" max="100" aria-label="{}" title="{}">{}</progress>',
        f" {css}" if css else "",
        whole,
        label,
        text,
        text,
    )


def initials_of(name: str) -> str:
    """First letters of the first and last word: "Ana Maria Novak" gives "AN"."""
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()


def _tone_class(part: str, tone: str) -> str:
    if tone not in TONES:
        raise template.TemplateSyntaxError(f"{tone!r} is not one of the tones: {', '.join(sorted(TONES - {''}))}")
    return f" {part}-{tone}" if tone else ""


# --- steps ---------------------------------------------------------------------------------------


@register.inclusion_tag("ui/steps.html")
def steps(labels: Sequence[str] | str, current: int) -> dict[str, Any]:
    """Where somebody is in a longer task. `labels` may be one string with commas; `current` counts from 1."""
    names = [part.strip() for part in labels.split(",")] if isinstance(labels, str) else list(labels)
    marks = [{"label": name, "done": i < current, "current": i == current} for i, name in enumerate(names, 1)]
    return {"steps": marks}


# --- forms ------------------------------------------------------------------------------------------------


@register.inclusion_tag("ui/field.html")
def field(bound: BoundField, label: str = "", help: str = "", suffix: str = "", css: str = "") -> dict[str, Any]:
    """One form field with label, control, help and errors tied together for screen readers."""
    return field_parts(bound, label=label, help=help, suffix=suffix, css=css)


def field_parts(bound: BoundField, label: str = "", help: str = "", suffix: str = "", css: str = "") -> dict[str, Any]:
    """What `ui/field.html` needs to draw a field."""
    widget = bound.field.widget
    help_text = help or bound.help_text
    described = [f"{bound.auto_id}_help"] if help_text else []
    described += [f"{bound.auto_id}_error"] if bound.errors else []
    attributes: dict[str, Any] = {}
    if described:
        attributes["aria-describedby"] = " ".join(described)
    if bound.errors:
        attributes["aria-invalid"] = "true"
    css_class = _control_class(widget)
    if css_class:
        attributes["class"] = f"{css_class} {widget.attrs.get('class', '')}".strip()
    is_group = isinstance(widget, RadioSelect | CheckboxSelectMultiple | MultiWidget)
    return {
        "bound": bound,
        "control": _group(bound) if _is_choices(widget) else bound.as_widget(attrs=attributes),
        "label": label or bound.label,
        "help": help_text,
        "suffix": suffix,
        "css": css,
        "described": " ".join(described),
        "is_check": isinstance(widget, CheckboxInput),
        "is_group": is_group,
        "is_choices": _is_choices(widget),
        "hidden": bound.is_hidden,
    }


def _is_choices(widget: Widget) -> bool:
    return isinstance(widget, RadioSelect | CheckboxSelectMultiple)


def _group(bound: BoundField) -> Sequence[Any]:
    return list(bound.subwidgets)


def _control_class(widget: Widget) -> str:
    if isinstance(widget, CheckboxInput | RadioSelect | CheckboxSelectMultiple):
        return ""
    if isinstance(widget, Textarea):
        return "textarea"
    if isinstance(widget, Select):
        return "select"
    if isinstance(widget, FileInput | ClearableFileInput):
        return ""
    return "input" if isinstance(widget, Input | MultiWidget) else ""


@register.inclusion_tag("ui/form_fields.html")
def form_fields(form: BaseForm) -> dict[str, Any]:
    """All fields of a form in its order, hidden ones too; errors of the whole form are in `{% error_summary %}`."""
    return {"form": form, "fields": form.visible_fields(), "hidden_fields": form.hidden_fields()}


@register.inclusion_tag("ui/error_summary.html")
def error_summary(form: BaseForm | BaseFormSet[Any] | None) -> dict[str, Any]:
    """Everything that is wrong with a form, each with a link to its field; nothing when nothing is wrong."""
    forms = list(form.forms) if isinstance(form, BaseFormSet) else [form] if form is not None else []
    entries = [
        {"id": bound.id_for_label or bound.auto_id, "label": bound.label, "error": error}
        for one in forms
        for bound in one
        for error in bound.errors
    ]
    whole = [error for one in forms for error in one.non_field_errors()]
    if isinstance(form, BaseFormSet):
        whole += list(form.non_form_errors())
    return {"entries": entries, "whole": whole}


# --- tables --------------------------------------------------------------------------------------------------


@register.simple_tag(takes_context=True)
def sort_header(
    context: Context, label: str, key: str, number: bool = False, default: str = "", param: str = "sort", css: str = ""
) -> SafeString:
    """A `<th>` that sorts by `key` (`?sort=key`, `?sort=-key`); `default` is the order of the list without a choice."""
    query = context["request"].GET.copy()
    order = query.get(param) or default
    state = {key: "ascending", f"-{key}": "descending"}.get(order, "")
    # Figures are most useful from the top, so their first click sorts descending.
    first, second = (f"-{key}", key) if number else (key, f"-{key}")
    query[param] = second if order == first else first
    query.pop("page", None)
    arrow = {"ascending": "chevron-up", "descending": "chevron-down"}.get(state, "")
    look = f"{css} r".strip() if number else css
    return format_html(
        '<th scope="col"{}{}><a href="?{}">{}{}</a></th>',
        format_html(' class="{}"', look) if look else "",
        format_html(' aria-sort="{}"', state) if state else "",
        query.urlencode(),
        label,
        icon(arrow) if arrow else "",
    )


@register.inclusion_tag("ui/pagination.html", takes_context=True)
def pagination(context: Context, page: Page[Any], param: str = "page", noun: str = "") -> dict[str, Any]:
    """Links to the other pages of a list, keeping filters and order."""
    query = context["request"].GET.copy()

    def url(number: int) -> str:
        query[param] = str(number)
        return f"?{query.urlencode()}"

    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    links = [
        {"number": number, "url": url(number) if isinstance(number, int) else "", "current": number == page.number}
        for number in numbers
    ]
    return {
        "page": page,
        "links": links if page.paginator.num_pages > 1 else [],
        "previous": url(page.previous_page_number()) if page.has_previous() else "",
        "next": url(page.next_page_number()) if page.has_next() else "",
        "noun": noun,
    }


# --- figures ------------------------------------------------------------------------------------------------------


@register.simple_tag
def missing(reason: str = "") -> SafeString:
    """The dash of a value nobody knows; a screen reader hears the words."""
    words = reason or _("not known")
    return format_html(
        '<span class="muted" title="{}"><span aria-hidden="true">{}</span><span class="sr-only">{}</span></span>',
        words,
        DASH,
        words,
    )


def as_decimal(value: object) -> Decimal | None:
    """A number as Decimal; None for nothing, for text that is no number, and for NaN or infinity."""
    if value is None or value == "" or isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


@register.filter
def number(value: object, decimals: int = 0) -> str:
    """A number in the reader's format: 12,400 or 12.400; a real minus sign."""
    figure = as_decimal(value)
    return missing() if figure is None else plain_number(figure, decimals)


Marks = Mapping[int, str]
STEPS: Final = tuple(Decimal(1).scaleb(-places) for places in range(12))


def reader_marks() -> Marks:
    """What stands for the comma between thousands and for the decimal point, in the reader's language.

    Whoever prints many numbers asks once and hands it on: asking Django for the language takes longer than printing.
    """
    return _marks(get_language() or settings.LANGUAGE_CODE)


@lru_cache(maxsize=16)
def _marks(language: str) -> Marks:
    thousands, point = (get_format(name, language) for name in ("THOUSAND_SEPARATOR", "DECIMAL_SEPARATOR"))
    return str.maketrans({",": thousands, ".": point})


def plain_number(figure: Decimal, decimals: int, *, sign: bool = False, marks: Marks | None = None) -> str:
    """`figure` rounded half up to `decimals` places, grouped for the reader's locale, with a typographic minus."""
    rounded = figure.quantize(STEPS[decimals], ROUND_HALF_UP)
    text = f"{abs(rounded):,.{decimals}f}".translate(reader_marks() if marks is None else marks)
    if rounded < 0:
        return f"{MINUS}{text}"
    return f"+{text}" if sign and rounded > 0 else text


@register.filter
def signed(value: object, decimals: int = 0) -> str:
    """+42, −8, 0."""
    figure = as_decimal(value)
    return missing() if figure is None else plain_number(figure, decimals, sign=True)


@register.filter
def percent(value: object, decimals: int = 0) -> str:
    """A share 0 to 1 as "31.4 %"."""
    figure = as_decimal(value)
    return missing() if figure is None else f"{plain_number(figure * 100, decimals)}{NBSP}%"


@register.filter
def signed_percent(value: object, decimals: int = 0) -> str:
    """A change as a fraction, as "−3 %"."""
    figure = as_decimal(value)
    return missing() if figure is None else f"{plain_number(figure * 100, decimals, sign=True)}{NBSP}%"


@register.filter
def points(value: object, decimals: int = 1) -> str:
    """A difference of two shares, as "−1.8 pt"."""
    figure = as_decimal(value)
    return missing() if figure is None else f"{plain_number(figure * 100, decimals, sign=True)}{NBSP}pt"


@register.filter
def compact(value: object, unit: str = "") -> str:
    """Three significant digits with a scale: 8.21 M, 640 k, 12."""
    figure = as_decimal(value)
    if figure is None:
        return missing()
    factor, scale = next(((f, s) for f, s in SCALES if abs(figure) >= f * Decimal("0.9995")), (Decimal(1), ""))
    scaled = figure / factor
    size = abs(scaled)
    if not scale:
        decimals = 0 if scaled == scaled.to_integral_value() or size >= 100 else 1
    else:
        decimals = 2 if size < Decimal("9.995") else 1 if size < Decimal("99.95") else 0
    text = plain_number(scaled, decimals)
    if scale in {"k", "M"} and unit in CURRENCY_SIGNS.values():
        return f"{text}{NBSP}{scale}{unit}"
    return NBSP.join(part for part in (text, scale, unit) if part)


@register.filter
def money(value: object, currency: str = "") -> str:
    """An amount in short: 8.21 M€, 640 k£, 1.2 M CHF."""
    return compact(value, CURRENCY_SIGNS.get(currency, currency))


@register.filter
def money_full(value: object, currency: str = "") -> str:
    """An amount to the cent: 8,210,400.00 €."""
    figure = as_decimal(value)
    if figure is None:
        return missing()
    return NBSP.join(part for part in (plain_number(figure, 2), CURRENCY_SIGNS.get(currency, currency)) if part)


@register.filter
def tone_of(value: object) -> str:
    """good above zero, bad below, nothing at zero or when unknown."""
    figure = as_decimal(value)
    if figure is None or figure == 0:
        return ""
    return "good" if figure > 0 else "bad"


@register.filter
def or_missing(value: object, reason: str = "") -> object:
    """The value, or the dash of a value nobody knows."""
    return missing(reason) if value is None or value == "" else value


# --- dates ------------------------------------------------------------------------------------------------------------


def local_day(value: object) -> date | None:
    """The day of a date or of an instant in the reader's time zone."""
    if isinstance(value, datetime):
        return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return value if isinstance(value, date) else None


def day_words(when: date, today: date) -> str:
    """12 Dec, or 12 Dec 2025 in another year."""
    pattern = "j M" if when.year == today.year else "j M Y"
    return date_format(when, pattern).replace(" ", NBSP)


def distance_words(when: date, today: date) -> str:
    """today, tomorrow, in 20 d, 12 d ago."""
    days = (when - today).days
    if days == 0:
        return _("today")
    if days == 1:
        return _("tomorrow")
    if days == -1:
        return _("yesterday")
    words = _("in %(days)s d") if days > 0 else _("%(days)s d ago")
    return str(words % {"days": abs(days)}).replace(" ", NBSP)


@register.filter(expects_localtime=True)
def day(value: object) -> SafeString:
    """A day as "12 Dec"; with the year when it is not this year."""
    when = local_day(value)
    if when is None:
        return missing()
    return format_html('<time datetime="{}">{}</time>', when.isoformat(), day_words(when, timezone.localdate()))


@register.filter(expects_localtime=True)
def in_days(value: object) -> str:
    """How far a day is from today: "in 20 d", "12 d ago"."""
    when = local_day(value)
    return missing() if when is None else distance_words(when, timezone.localdate())


@register.filter(expects_localtime=True)
def due(value: object) -> SafeString:
    """A day and how far it is: "12 Dec (in 20 d)"."""
    when = local_day(value)
    if when is None:
        return missing()
    today = timezone.localdate()
    words = f"{day_words(when, today)} ({distance_words(when, today)})"
    return format_html('<time datetime="{}">{}</time>', when.isoformat(), words)


@register.filter(expects_localtime=True)
def moment(value: object) -> SafeString:
    """An instant in the reader's time zone: "14:02" today, "12 Dec, 14:02" on another day."""
    if not isinstance(value, datetime):
        return missing()
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    today = timezone.localdate()
    clock = date_format(local, "H:i")
    words = clock if local.date() == today else f"{day_words(local.date(), today)}, {clock}"
    return format_html('<time datetime="{}">{}</time>', local.isoformat(timespec="seconds"), words)


@register.filter
def counted(value: object, words: str) -> str:
    """`{{ n|counted:"account,accounts" }}`: "1 account", "14 accounts"."""
    figure = int(as_decimal(value) or 0)
    one, _comma, many = words.partition(",")
    return f"{plain_number(Decimal(figure), 0)}{NBSP}{ngettext(one, many, figure)}"


@register.filter
def times(value: object) -> Sequence[int]:
    """`{% for _ in 3|times %}`."""
    figure = as_decimal(value)
    return range(int(figure)) if figure is not None else range(0)


# --- the shell -------------------------------------------------------------------------------------------------

PHONE_ENTRIES: Final = 4


@register.filter
def phone_entries(navigation: Sequence[Any]) -> Sequence[Any]:
    """The entries that stand in the phone bar itself: those that ask for it, else the first ones."""
    if len(navigation) <= PHONE_ENTRIES + 1:
        return navigation
    asked = [entry for entry in navigation if getattr(entry, "on_phone", False)] or list(navigation)
    return asked[:PHONE_ENTRIES]


@register.filter
def more_entries(navigation: Sequence[Any]) -> Sequence[Any]:
    """The other entries, shown under More."""
    shown = {id(entry) for entry in phone_entries(navigation)}
    return [entry for entry in navigation if id(entry) not in shown]


@register.filter
def message_tone(level: str) -> str:
    """Django's message levels as tones."""
    return {"success": "good", "warning": "warn", "error": "bad"}.get(level, "info")


@register.filter
def tone_icon(tone: str) -> str:
    """The icon that stands beside a tone, so that colour is never alone."""
    return TONE_ICONS.get(tone, "info-circle")
