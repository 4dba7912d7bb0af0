"""Answers that a question offers, in the reader's language."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.translation import gettext as _

from reviews.domain.survey import CANNOT_SAY, RECOMMENDATION, ItemKind

register = template.Library()


@register.filter
def choices(item: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Value and words of each answer; nothing for a question that asks for words."""
    if item["kind"] == ItemKind.NPS:
        return [(str(number), str(number)) for number in RECOMMENDATION]
    if item["kind"] == ItemKind.DRIVER:
        return [
            ("5", _("Strongly agree")),
            ("4", _("Agree")),
            ("3", _("Neither")),
            ("2", _("Disagree")),
            ("1", _("Strongly disagree")),
            (CANNOT_SAY, _("I cannot say")),
        ]
    return []


@register.filter
def score(number: float | None) -> str:
    """A score without decimals and with its sign: +38, −17, 0; nothing for nothing."""
    if number is None:
        return "–"
    whole = round(number)
    return f"+{whole}" if whole > 0 else f"−{-whole}" if whole < 0 else "0"
