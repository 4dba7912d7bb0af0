"""The forms of a page, as a browser without scripts sees them."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin


@dataclass
class Field:
    name: str
    kind: str
    value: str = ""
    options: list[str] = field(default_factory=list)
    sent: bool = True


@dataclass
class PageForm:
    action: str
    fields: list[Field] = field(default_factory=list)

    def data(self) -> dict[str, list[str]]:
        """What the browser would send if the person only pressed the button; empty required things get a value."""
        found: dict[str, list[str]] = {}
        for entry in self.fields:
            if entry.name == "csrfmiddlewaretoken" or entry.kind in ("file", "submit"):
                continue
            if entry.kind in ("checkbox", "radio"):
                if entry.sent:
                    found.setdefault(entry.name, []).append(entry.value or "on")
            else:
                found.setdefault(entry.name, []).append(entry.value or _anything(entry))
        return found


def _anything(entry: Field) -> str:
    if entry.options:
        return next((option for option in entry.options if option), "")
    return {
        "number": "1",
        "date": "2026-12-01",
        "time": "10:00",
        "email": "a@b.example",
        "url": "https://b.example",
    }.get(entry.kind, "Text")


class _Reader(HTMLParser):
    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.forms: list[PageForm] = []
        self.gets: list[PageForm] = []
        self.links: list[str] = []
        self.by_id: dict[str, PageForm] = {}
        self.current: PageForm | None = None
        self.select: Field | None = None
        self.area: Field | None = None

    def handle_starttag(self, tag: str, pairs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in pairs}
        if tag == "a" and given.get("href"):
            self.links.append(urljoin(self.address, given["href"]))
        for name in ("hx-get", "hx-post"):
            if name in given and tag != "form":
                (self.links if name == "hx-get" else []).append(urljoin(self.address, given[name]))
                if name == "hx-post":
                    self.forms.append(PageForm(urljoin(self.address, given[name])))
        if tag == "form":
            self._form(given)
        form = self.by_id.get(given["form"]) if "form" in given else self.current
        if form is None or tag not in ("input", "select", "textarea", "button"):
            if tag == "option" and self.select is not None:
                self._option(given)
            return
        self._field(tag, given, form)

    def _form(self, given: dict[str, str]) -> None:
        self.current = PageForm(urljoin(self.address, given.get("action") or self.address))
        (self.forms if given.get("method", "").lower() == "post" else self.gets).append(self.current)
        if given.get("id"):
            self.by_id[given["id"]] = self.current

    def _field(self, tag: str, given: dict[str, str], form: PageForm) -> None:
        if not given.get("name"):
            return
        kind = given.get("type", "text") if tag == "input" else "submit" if tag == "button" else tag
        entry = Field(given["name"], kind, given.get("value", ""))
        if kind in ("checkbox", "radio"):
            entry.sent = "checked" in given
            entry.options = [entry.value]
        form.fields.append(entry)
        if tag == "select":
            self.select = entry
        if tag == "textarea":
            self.area = entry

    def _option(self, given: dict[str, str]) -> None:
        assert self.select is not None
        self.select.options.append(given.get("value", ""))
        if "selected" in given:
            self.select.value = given.get("value", "")

    def handle_data(self, data: str) -> None:
        if self.area is not None:
            self.area.value += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.current = None
        elif tag == "select":
            self.select = None
        elif tag == "textarea":
            self.area = None


@dataclass
class Page:
    forms: list[PageForm]
    queries: list[PageForm]
    links: list[str]


def read(html: str, address: str) -> Page:
    """POST forms, GET forms and links of a page."""
    reader = _Reader(address)
    reader.feed(html)
    return Page(reader.forms, reader.gets, reader.links)
