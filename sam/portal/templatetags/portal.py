"""Dates of a snapshot are ISO text; client pages show them the way the reader writes them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import template
from django.utils.formats import date_format
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def long_day(value: date | str) -> str:
    """`2026-12-10` → `10 December 2026`, in the reader's language; an empty value stays empty."""
    day = date.fromisoformat(value) if isinstance(value, str) and value else value
    # Translators: how a date is written in a sentence.
    return date_format(day, _("j F Y")) if day else ""


@register.filter
def worded(texts: Mapping[str, str], language: str) -> str:
    """A text in `language`, English where there is no translation."""
    return texts.get(language) or texts.get("en", "")


@register.filter
def entry(mapping: Mapping[str, Any], key: str) -> Any:
    """The value under `key`, or an empty text."""
    return mapping.get(key, "")
