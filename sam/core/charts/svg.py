"""The few SVG elements charts are made of; escapes every text and attribute, knows no style and no script.

Print reads presentation attributes only (no page CSS, `currentColor`, `var()`, gradients, `foreignObject`), so nothing
here produces them; hatching and arrow heads are drawn as lines, which keeps every chart free of ids.
"""

import html
from collections.abc import Iterable, Sequence
from functools import cache

from django.utils.safestring import SafeString, mark_safe

from sam.core.charts.palette import FONT, colour

WIDE = 800  # charts drawn wider than this may fill a whole page

Value = str | int | float | None
Point = tuple[float, float]


def element(name: str, content: str = "", /, **attributes: Value) -> str:
    """One element. `content` must be markup already; attribute names take _ for -, and None leaves one out."""
    written = "".join(
        f' {_attribute(key)}="{html.escape(value) if isinstance(value, str) else _text_of(value)}"'
        for key, value in attributes.items()
        if value is not None and value != ""
    )
    return f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>"


@cache
def _attribute(key: str) -> str:
    return key.strip("_").replace("_", "-")


def _text_of(value: int | float) -> str:
    if isinstance(value, float):
        return f"{value:.1f}".rstrip("0").rstrip(".") if value != 0 else "0"
    return str(value)


def paint(fill: str | None = None, stroke: str | None = None) -> dict[str, Value]:
    """Colour names as class and presentation attribute."""
    classes = [f"f-{fill}"] if fill else []
    classes += [f"s-{stroke}"] if stroke else []
    return {
        "class_": " ".join(classes),
        "fill": colour(fill) if fill else "none",
        "stroke": colour(stroke) if stroke else None,
    }


def rect(x: float, y: float, width: float, height: float, *, fill: str | None = None, stroke: str | None = None,
         rx: float | None = None, dash: str | None = None, stroke_width: float | None = None) -> str:  # fmt: skip
    return element(
        "rect", x=x, y=y, width=max(width, 0.0), height=max(height, 0.0), rx=rx, **paint(fill, stroke),
        stroke_dasharray=dash, stroke_width=stroke_width,
    )  # fmt: skip


def line(
    start: Point, end: Point, *, stroke: str, width: float = 1, dash: str | None = None, cap: str | None = None
) -> str:
    return element(
        "line", x1=start[0], y1=start[1], x2=end[0], y2=end[1], **paint(None, stroke),
        stroke_width=width, stroke_dasharray=dash, stroke_linecap=cap,
    )  # fmt: skip


def circle(x: float, y: float, r: float, *, fill: str | None = None, stroke: str | None = None,
           width: float | None = None, dash: str | None = None, transform: str | None = None,
           cap: str | None = None) -> str:  # fmt: skip
    return element(
        "circle", cx=x, cy=y, r=r, **paint(fill, stroke), stroke_width=width, stroke_dasharray=dash,
        transform=transform, stroke_linecap=cap,
    )  # fmt: skip


def path(d: str, *, fill: str | None = None, stroke: str | None = None, width: float | None = None,
         dash: str | None = None) -> str:  # fmt: skip
    return element("path", d=d, **paint(fill, stroke), stroke_width=width, stroke_dasharray=dash)


def polyline(points: Iterable[Point], *, stroke: str, width: float = 1.75) -> str:
    places = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return element(
        "polyline", points=places, **paint(None, stroke), stroke_width=width, stroke_linecap="round",
        stroke_linejoin="round",
    )  # fmt: skip


def text(x: float, y: float, words: object, *, size: float = 11, fill: str = "soft", anchor: str = "start",
         weight: int = 400, turned: bool = False) -> str:  # fmt: skip
    """Text with its baseline at y; `turned` reads upwards, for the title of a vertical axis."""
    return element(
        "text",
        html.escape(str(words)),
        **({"transform": f"translate({x:.1f} {y:.1f}) rotate(-90)"} if turned else {"x": x, "y": y}),
        font_size=size,
        text_anchor=None if anchor == "start" else anchor,
        font_weight=None if weight == 400 else weight,
        class_=f"f-{fill}",
        fill=colour(fill),
    )


def hatching(x: float, y: float, width: float, height: float, *, stroke: str = "hatch", gap: float = 7) -> str:
    """Diagonal lines inside a rectangle, cut at its edges."""
    lines = []
    offset = gap
    while offset < width + height:
        start = (x + max(offset - height, 0), y + min(offset, height))
        end = (x + min(offset, width), y + max(offset - width, 0))
        lines.append(line(start, end, stroke=stroke))
        offset += gap
    return "".join(lines)


def arrow_head(x: float, y: float, *, fill: str, up: bool = True) -> str:
    """A small triangle whose tip is at (x, y)."""
    step = 6 if up else -6
    return path(f"M{x:.1f} {y:.1f}L{x - 4:.1f} {y + step:.1f}L{x + 4:.1f} {y + step:.1f}Z", fill=fill)


def mark(content: str, label: str, href: str = "", *, focus: bool = True, tip: str = "") -> str:
    """Something that means something: a link, or focusable with a label; `tip` is shown on hover and focus."""
    if href:
        return element("a", content, class_="mark", href=href, aria_label=label, data_tip=tip or label)
    return element(
        "g", content, class_="mark", tabindex=0 if focus else None, role="img", aria_label=label, data_tip=tip or label
    )


def frame(body: str | Sequence[str], *, width: float, height: float, title: str, desc: str = "", css: str = "",
          left: float = 0, top: float = 0) -> SafeString:  # fmt: skip
    """The finished chart. The only place where markup is declared safe."""
    drawing = body if isinstance(body, str) else "".join(body)
    label = f"{title}: {desc}" if desc else title
    return mark_safe(  # noqa: S308 (every text and attribute went through html.escape above)
        element(
            "svg",
            drawing or "<g/>",
            xmlns="http://www.w3.org/2000/svg",
            class_=" ".join(filter(None, ("viz", "viz-wide" if width >= WIDE else "", css))),
            viewBox=f"{left:g} {top:g} {width:g} {height:g}",
            width=f"{width:g}",
            height=f"{height:g}",
            # A picture hides its parts from screen readers, so a chart with parts to reach is a group.
            role="group" if 'class="mark"' in drawing else "img",
            aria_label=label,
            font_family=FONT,
        )
    )


def empty(words: str, *, width: float, height: float, title: str) -> SafeString:
    """A chart without data: says so in the middle instead of drawing axes for nothing."""
    drawing = text(width / 2, height / 2 + 4, words, size=12, anchor="middle")
    return frame(drawing, width=width, height=height, title=title, desc=words)


def text_width(words: str, size: float, *, bold: bool = False) -> float:
    """About how wide Inter sets the words, in the same unit as `size`; a little too wide rather than too narrow."""
    narrow = sum(1 for letter in words if letter in "iljftrI.,:;'|!()[] ")
    wide = sum(1 for letter in words if letter in "mwMW@%—")
    average = (len(words) - narrow - wide) * 0.585 + narrow * 0.33 + wide * 0.88
    return average * size * (1.04 if bold else 1)


def shorten(words: str, width: float, size: float, *, bold: bool = False) -> str:
    """The words, cut with an ellipsis where they would be wider than `width`."""
    if text_width(words, size, bold=bold) <= width:
        return words
    kept = words
    while kept and text_width(f"{kept}…", size, bold=bold) > width:
        kept = kept[:-1]
    return f"{kept.rstrip()}…"
