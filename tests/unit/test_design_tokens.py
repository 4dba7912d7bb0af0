"""Colours keep their promises: readable in both themes, print and browser in step; templates keep to the policy."""

import re
from pathlib import Path

import pytest

from sam.core.charts.palette import COLOURS

ROOT = Path(__file__).parents[2]
TOKENS = (ROOT / "static" / "css" / "tokens.css").read_text("utf-8")
TEXT_ON = ("bg", "surface", "surface-2")
TEXTS = ("ink", "soft", "brand", "good", "warn", "bad", "info")


def theme(name: str) -> dict[str, str]:
    """Colour tokens of a theme; dark repeats only what differs."""
    light, dark = re.findall(r":root(?:\.dark)? \{\n\s+color-scheme: \w+;(.*?)\n\s*\}", TOKENS, re.DOTALL)
    colours = dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", light))
    return colours if name == "light" else colours | dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", dark))


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    """Contrast ratio 1 to 21, WCAG 2.2."""
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def test_black_on_white_measures_21() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("name", ["light", "dark"])
@pytest.mark.parametrize("text", TEXTS)
def test_text_is_readable_on_every_ground(name: str, text: str) -> None:
    colours = theme(name)
    grounds = [*TEXT_ON, *([f"{text}-soft"] if f"{text}-soft" in colours else [])]
    ratios = {ground: contrast(colours[text], colours[ground]) for ground in grounds}
    assert {ground: ratio for ground, ratio in ratios.items() if ratio < 5} == {}


@pytest.mark.parametrize("name", ["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("on-brand", "brand"),
        ("surface", "bad"),
        ("surface", "ink"),
        ("ink", "mark"),
        ("ink", "brand-soft"),
        ("soft", "brand-soft"),
        ("ink", "warn-soft"),
        ("soft", "warn-soft"),
        ("ink", "good-soft"),
        ("ink", "bad-soft"),
        ("ink", "info-soft"),
        ("on-heat-low", "heat-1"),
        ("on-heat-low", "heat-2"),
        ("on-heat-low", "heat-3"),
        ("on-heat-4", "heat-4"),
        ("on-heat-5", "heat-5"),
        ("soft", "heat-none"),
        ("bad", "quarter-bad"),
        ("good", "quarter-good"),
        ("soft", "quarter-bad"),
        ("soft", "quarter-good"),
    ],
)
def test_text_on_coloured_ground_is_readable(name: str, text: str, ground: str) -> None:
    colours = theme(name)
    assert contrast(colours[text], colours[ground]) >= 5


@pytest.mark.parametrize("name", ["light", "dark"])
def test_edges_of_controls_are_visible(name: str) -> None:
    colours = theme(name)
    for ground in ("bg", "surface"):
        assert contrast(colours["field"], colours[ground]) >= 3


def test_print_and_light_theme_have_the_same_colours() -> None:
    light = theme("light")
    assert {name: value for name, value in COLOURS.items() if light.get(name) != value} == {}


def test_both_themes_name_the_same_colours() -> None:
    names = re.findall(r":root(?:\.dark)? \{\n\s+color-scheme: \w+;(.*?)\n\s*\}", TOKENS, re.DOTALL)
    light, dark = (set(re.findall(r"--([a-z0-9-]+): #", block)) for block in names)
    assert light == dark


def test_stylesheets_use_only_names_that_exist() -> None:
    defined = set(re.findall(r"(--[a-z0-9-]+):", TOKENS))
    used = {
        (path.name, name)
        for path in (ROOT / "static" / "css").glob("*.css")
        for name in re.findall(r"var\((--[a-z0-9-]+)\)", path.read_text("utf-8"))
    }
    assert [entry for entry in sorted(used) if entry[1] not in defined] == []


def test_templates_hold_nothing_that_the_policy_refuses() -> None:
    refused = re.compile(
        r"""\sstyle=|\son[a-z]+=|\shx-on|javascript:|<style|<script(?![^>]*\bsrc=)(?![^>]*application/json)"""
    )
    found = {
        str(path.relative_to(ROOT)): refused.findall(path.read_text("utf-8"))
        for path in (ROOT / "templates").rglob("*.html")
        # Paper is not a page: its stylesheet stands in the document, and no browser policy applies to it.
        if "print" not in path.parts and refused.search(path.read_text("utf-8"))
    }
    assert found == {}


def test_partials_of_the_component_layer_say_what_they_need() -> None:
    ui = list((ROOT / "templates" / "ui").glob("*.html"))
    assert len(ui) > 15
    assert [path.name for path in ui if not path.read_text("utf-8").startswith("{# Needs: ")] == []


def test_pages_name_only_icons_of_the_sprite() -> None:
    from sam.core.static_assets import ICON_NAMES

    used = {
        (path.name, name)
        for path in (ROOT / "templates").rglob("*.html")
        for name in re.findall(r'{% icon "([^"]+)"', path.read_text("utf-8"))
    }
    assert used
    assert [entry for entry in sorted(used) if entry[1] not in ICON_NAMES] == []
