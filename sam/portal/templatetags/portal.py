"""Dates of a snapshot are ISO text; client pages show them the way the reader writes them."""

from datetime import date

from django import template
from django.utils.formats import date_format

register = template.Library()


@register.filter
def day(value: str) -> str:
    """`2026-12-10` → `10 December 2026`, in the reader's language; an empty value stays empty."""
    return date_format(date.fromisoformat(value), "DATE_FORMAT") if value else ""


@register.filter
def entry(mapping: dict[str, object], key: str) -> object:
    """The value under `key`, or nothing."""
    return mapping.get(key, "") if mapping else ""
