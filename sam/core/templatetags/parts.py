"""The parts that a page is made of: the frame around it, panels, menus, key figures. Built-in, like `ui`.

Two ways of drawing keep a page cheap, because the template language takes longer for a part than the part is worth:

- A part that stands on a page many times (panel, menu, key figure) is printed by the function of its tag.
- A part that depends on a handful of plain values (the rail: entries and the one that is current) is a template drawn
  once per process for these values: `{% kept "ui/rail.html" navigation=navigation %}`. Everything such a template
  shows is in the key and nothing else reaches it, no request and no person, so nobody can be shown another's part and
  a right that is taken away is gone with the next request.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from functools import lru_cache
from html import escape
from typing import Any, Protocol

from django import template
from django.template.context import Context
from django.template.loader import get_template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sam.core.charts.table import ChartTable
from sam.core.templatetags.ui import TONE_ICONS, icon, missing

register = template.Library()


class Tab(Protocol):
    """One entry of a tab row; `count` may be missing."""

    label: str
    url: str
    current: bool


@register.simple_tag
def kept(template_name: str, **values: Hashable) -> SafeString:
    """The template drawn with nothing but `values`, once per process for them; see above. No personal values, please.

    Raises TypeError for a value that cannot be part of a key, such as a list.
    """
    return _drawn(template_name, get_language(), **values)


# Typed: text that is markup and the same text that is not must stay two entries.
@lru_cache(maxsize=1024, typed=True)
def _drawn(template_name: str, language: str | None, **values: Hashable) -> SafeString:
    found: Any = get_template(template_name)
    drawn: SafeString = found.template.render(Context(values))
    return drawn


@register.simple_block_tag
def panel(
    content: str, title: str = "", note: str = "", id: str = "", css: str = "", internal: bool = False
) -> SafeString:
    """A panel with heading. `internal` marks what a client never sees."""
    mark = internal and format_html('<span class="internal-mark">{}{}</span>', icon("lock", "icon-s"), _("internal"))
    head = "".join(
        (
            f"<h2>{conditional_escape(title)}</h2>" if title else "",
            mark or "",
            f'<span class="muted small">{conditional_escape(note)}</span>' if note else "",
        )
    )
    header = f"<header>{head}</header>" if title or note else ""
    name = f' id="{conditional_escape(id)}"' if id else ""
    look = f"panel {conditional_escape(css)}".rstrip()
    return SafeString(f'<section class="{look}"{name}>{header}{conditional_escape(content)}</section>')


@register.simple_block_tag
def dialog(content: str, id: str, title: object, kind: str = "box", open: bool = False) -> SafeString:
    """A dialog opened by `<button data-dialog="id">`; kind is "box" or "drawer-side"; `open` shows it on load."""
    return format_html(
        '<dialog id="{id}" class="{kind}" aria-labelledby="{id}-title"{open}><div class="box-head">'
        '<h2 id="{id}-title">{title}</h2><button class="btn" type="button" data-variant="ghost" data-size="icon-sm" '
        'data-close aria-label="{close}">{cross}</button></div><div class="box-body">{content}</div></dialog>',
        id=id,
        kind=kind,
        open=SafeString(" data-open" if open else ""),
        title=title,
        close=_("Close"),
        cross=icon("x"),
        content=content,
    )


@register.simple_block_tag
def menu(content: str, label: str, icon_name: str = "dots", text: object = "") -> SafeString:
    """A small menu of links and buttons behind one button; works without JavaScript."""
    look = SafeString('data-variant="outline" data-size="sm"' if text else 'data-variant="ghost" data-size="icon-sm"')
    return format_html(
        '<details class="menu"><summary class="btn" {}{}>{}{}</summary><div class="menu-items">{}</div></details>',
        look,
        "" if text else format_html(' aria-label="{}"', label),
        icon(icon_name),
        text,
        content,
    )


@register.simple_block_tag
def note(content: str, tone: str = "info", title: object = "") -> SafeString:
    """A sentence that stands out. Tones: good, warn, bad, info."""
    return format_html(
        '<div class="note note-{}">{}<div class="grow">{}<div>{}</div></div></div>',
        tone,
        icon(TONE_ICONS.get(tone, "info-circle")),
        format_html("<b>{}</b>", title) if title else "",
        content,
    )


@register.simple_block_tag
def nothing(content: str, icon_name: str = "inbox", title: object = "") -> SafeString:
    """An empty state: icon, what is missing, what it is for, one button inside the block."""
    heading = format_html("<h2>{}</h2>", title) if title else ""
    return format_html('<div class="nothing">{}{}{}</div>', icon(icon_name), heading, content)


@register.simple_tag
def kpi(
    label: object, value: object, note: object = "", tone: str = "", chart: object = "", url: str = ""
) -> SafeString:
    """A key figure with what it is compared to, and a spark line. A missing value is drawn as such."""
    shown = missing() if value is None or value == "" else value
    before = format_html('<a href="{}"', url) if url else SafeString("<div")
    return format_html(
        '{} class="panel kpi"><span class="kpi-label">{}</span><span class="kpi-value">{}</span>{}'
        '<span class="kpi-note {}">{}</span></{}>',
        before,
        label,
        shown,
        chart or "",
        tone,
        note,
        "a" if url else "div",
    )


@register.simple_tag
def chart(
    svg: object, table: ChartTable | None = None, caption: str = "", title: str = "", csv_url: str = "", css: str = ""
) -> SafeString:
    """A chart with its rows as a table below it (`chart_table(...)`) and a caption that says what to see."""
    reach = format_html(' tabindex="0" role="group" aria-label="{}"', title or caption) if svg else ""
    return format_html(
        '<figure class="figure {}"><div class="scroll"{}>{}</div>{}{}</figure>',
        css,
        reach,
        svg or "",
        format_html('<figcaption class="small muted">{}</figcaption>', caption) if caption else "",
        _rows_behind(table, title, csv_url) if table else "",
    )


def _rows_behind(table: ChartTable, title: str, csv_url: str) -> SafeString:
    heads = "".join(f'<th scope="col"{RIGHT if cell.number else ""}>{escape(cell.text)}</th>' for cell in table.head)
    rows = "".join(
        f'<tr><th scope="row">{escape(row[0].text)}</th>'
        + "".join(f"<td{RIGHT if cell.number else ''}>{escape(cell.text)}</td>" for cell in row[1:])
        + "</tr>"
        for row in table.rows
    )
    download = _("Download these rows as CSV")
    return format_html(
        '<details class="more"><summary>{}{}</summary><div class="scroll"><table class="tbl tbl-tight">{}'
        "<thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>{}</details>",
        icon("table", "icon-s"),
        _("Show as table"),
        format_html('<caption class="sr-only">{}</caption>', title) if title else "",
        SafeString(heads),
        SafeString(rows),
        format_html('<p><a class="link" href="{}">{}</a></p>', csv_url, download) if csv_url else "",
    )


RIGHT = ' class="r"'


@register.simple_tag
def tab_row(tabs: Sequence[Tab], label: str) -> SafeString:
    """Tabs that are links; the current one has `current` true."""
    links = (
        f'<a href="{conditional_escape(tab.url)}"{CURRENT if tab.current else ""}>{conditional_escape(tab.label)}'
        f"{_count(tab)}</a>"
        for tab in tabs
    )
    return SafeString(f'<nav class="tabrow" aria-label="{conditional_escape(label)}">{"".join(links)}</nav>')


CURRENT = ' aria-current="page"'


def _count(tab: Tab) -> str:
    count = getattr(tab, "count", None)
    return f'<span class="count">{conditional_escape(count)}</span>' if count else ""
