"""Colours of charts on paper and in the light theme, by the names that tokens.css and charts.css use for the browser.

A mark carries the value as a presentation attribute and the name as a class: print reads the first, the browser's
stylesheet overrides it through the second, so a dark page needs no second chart.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

Tone = Literal["brand", "good", "warn", "bad", "info", "plan", "soft", "ink"]

COLOURS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ink": "#172033",
        "soft": "#586275",
        "surface": "#ffffff",
        "surface-2": "#f1f3f7",
        "line": "#e3e7ee",
        "line-strong": "#b8c1cf",
        "plan": "#8a94a6",
        "brand": "#2450c8",
        "on-brand": "#ffffff",
        "brand-soft": "#e9eefc",
        "good": "#0f7346",
        "good-soft": "#e6f4ec",
        "warn": "#8f5400",
        "warn-soft": "#fbf0dd",
        "bad": "#b42318",
        "bad-soft": "#fcebe9",
        "info": "#0a6691",
        "info-soft": "#e4f2f9",
        "series-1": "#2450c8",
        "series-2": "#c96a00",
        "series-3": "#17a38b",
        "series-4": "#172033",
        "heat-1": "#e4ebfc",
        "heat-2": "#bdcdf6",
        "heat-3": "#7f9deb",
        "heat-4": "#3d63d0",
        "heat-5": "#2450c8",
        "heat-none": "#f4f6f9",
        "on-heat-low": "#172033",
        "on-heat-4": "#ffffff",
        "on-heat-5": "#ffffff",
        "hatch": "#c7a3a0",
        "quarter-bad": "#fbedeb",
        "quarter-good": "#e9f5ef",
    }
)

FONT: Final = "Inter, InterExt, system-ui, sans-serif"


def colour(name: str) -> str:
    """The printed value of a colour name. Raises KeyError for a name that the stylesheet does not know."""
    return COLOURS[name]
