"""Organisation chart: who reports to whom as a tidy tree; every card can be a link."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.safestring import SafeString

from sam.core.charts.palette import Tone
from sam.core.charts.svg import arrow_head, circle, empty, frame, mark, path, rect, shorten, text
from sam.core.charts.table import ChartTable, chart_table


@dataclass(frozen=True, slots=True)
class OrgCard:
    """One person. `tone` colours the edge, `dots` 0 to 5 are filled, `owner` is our person's initials.

    `label` is what a screen reader says; leave opinions out of it where the page leaves them out.
    """

    key: str
    name: str
    role: str = ""
    parent: str | None = None
    tone: Tone = "plan"
    dots: int | None = None
    owner: str = ""
    note: str = ""
    note_tone: Tone = "soft"
    href: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class OrgTree:
    """Cards and dashed lines of influence `(from key, to key)` beside the reporting lines."""

    cards: tuple[OrgCard, ...]
    title: str
    influences: tuple[tuple[str, str], ...] = ()
    words: tuple[str, str, str] = ("Role", "Reports to", "Our contact")

    def table(self) -> ChartTable:
        names = {card.key: card.name for card in self.cards}
        return chart_table(
            ("", *self.words),
            [(card.name, card.role, names.get(card.parent or "", ""), card.owner) for card in self.cards],
            words=(1, 2, 3),
        )


CARD_W, CARD_H, GAP_X, GAP_Y = 178.0, 74.0, 18.0, 46.0
INDENT, STACK_GAP, STACK_FROM = 22.0, 12.0, 4
Place = tuple[float, float]


def org_tree(chart: OrgTree) -> SafeString:
    """As wide as it needs to be. Unknown or circular superiors make a card a root, so that nobody is lost."""
    if not chart.cards:
        return empty("Nobody here yet", width=480, height=90, title=chart.title)
    children, roots = _family(chart.cards)
    places: dict[str, Place] = {}
    stacked: set[str] = set()
    x = 0.0
    for root in roots:
        x += _place(root, x, 0.0, children, places, stacked) + GAP_X
    cards = {card.key: card for card in chart.cards}
    body = [_reporting(key, kids, places, stacked) for key, kids in children.items() if kids]
    body += [_influence(places[a], places[b]) for a, b in chart.influences if a in places and b in places]
    body += [mark(_card(card, places[card.key]), _label(card, cards), card.href) for card in chart.cards]
    width = max(px for px, _py in places.values()) + CARD_W
    height = max(py for _px, py in places.values()) + CARD_H
    return frame(body, width=width + 4, height=height + 4, title=chart.title, css="org", left=-2, top=-2)


def _family(cards: Iterable[OrgCard]) -> tuple[dict[str, list[str]], list[str]]:
    parents = {card.key: card.parent for card in cards}
    children: dict[str, list[str]] = {key: [] for key in parents}
    roots = []
    for key, parent in parents.items():
        if parent is None or parent not in parents or _is_circular(key, parents):
            roots.append(key)
        else:
            children[parent].append(key)
    return children, roots


def _is_circular(key: str, parents: Mapping[str, str | None]) -> bool:
    """Whether this card is itself part of a ring of superiors; cards that hang below a ring are fine."""
    seen, at = set(), parents[key]
    while at is not None and at in parents and at not in seen:
        if at == key:
            return True
        seen.add(at)
        at = parents[at]
    return False


def _place(
    key: str, x: float, y: float, children: Mapping[str, list[str]], places: dict[str, Place], stacked: set[str]
) -> float:
    """Places a card and all below it from x to the right; returns the width it took."""
    kids = children[key]
    if not kids:
        places[key] = (x, y)
        return CARD_W
    if len(kids) >= STACK_FROM and not any(children[kid] for kid in kids):
        # Many people without people of their own hang in a column, or the chart grows wider than any page.
        stacked.add(key)
        places[key] = (x, y)
        for index, kid in enumerate(kids):
            places[kid] = (x + INDENT, y + CARD_H + 20 + index * (CARD_H + STACK_GAP))
        return CARD_W + INDENT
    at = x
    for kid in kids:
        at += _place(kid, at, y + CARD_H + GAP_Y, children, places, stacked) + GAP_X
    width = max(at - GAP_X - x, CARD_W)
    places[key] = ((places[kids[0]][0] + places[kids[-1]][0]) / 2, y)
    return width


def _reporting(key: str, kids: list[str], places: Mapping[str, Place], stacked: set[str]) -> str:
    x, y = places[key]
    lines = []
    for kid in kids:
        to_x, to_y = places[kid]
        if key in stacked:
            d = f"M{x + 10:.1f} {y + CARD_H:.1f}V{to_y + CARD_H / 2:.1f}H{to_x:.1f}"
        else:
            middle = y + CARD_H + GAP_Y / 2
            d = f"M{x + CARD_W / 2:.1f} {y + CARD_H:.1f}V{middle:.1f}H{to_x + CARD_W / 2:.1f}V{to_y:.1f}"
        lines.append(path(d, stroke="line-strong", width=1.5))
    return "".join(lines)


def _influence(start: Place, end: Place) -> str:
    from_x, to_x = start[0] + CARD_W * 0.8, end[0] + CARD_W * 0.2
    upwards = start[1] >= end[1]
    from_y, to_y = (start[1], end[1] + CARD_H) if upwards else (start[1] + CARD_H, end[1])
    bend = -GAP_Y if upwards else GAP_Y
    tip = to_y + (8 if upwards else -8)
    curve = (
        f"M{from_x:.1f} {from_y:.1f}C{from_x:.1f} {from_y + bend:.1f} {to_x:.1f} {tip - bend:.1f} {to_x:.1f} {tip:.1f}"
    )
    return path(curve, stroke="plan", width=1.5, dash="4 4") + arrow_head(
        to_x, to_y + (2 if upwards else -2), fill="plan", up=upwards
    )


def _card(card: OrgCard, place: Place) -> str:
    x, y = place
    drawn = rect(x, y, CARD_W, CARD_H, fill="surface", stroke="line-strong", rx=8)
    # A straight strip inside round corners: the curve on its left follows the card.
    edge = f"M{x + 6:.1f} {y:.1f}H{x + 8:.1f}a8 8 0 0 0 -8 8V{y + CARD_H - 8:.1f}a8 8 0 0 0 8 8H{x + 6:.1f}Z"
    drawn += path(edge, fill=card.tone)
    drawn += rect(x, y + 7, 6, CARD_H - 14, fill=card.tone)
    name = shorten(card.name, CARD_W - 26, 13, bold=True)
    drawn += text(x + 14, y + 22, name, size=13, fill="ink", weight=600)
    drawn += text(x + 14, y + 39, shorten(card.role, CARD_W - 26, 11.5), size=11.5)
    if card.dots is not None:
        for index in range(5):
            drawn += circle(x + 16 + index * 9, y + 59, 3, fill="ink" if index < card.dots else "line")
    right = x + CARD_W - 12
    if card.owner:
        drawn += circle(x + CARD_W - 21, y + 57, 11, fill="brand")
        drawn += text(x + CARD_W - 21, y + 60.5, card.owner[:2], size=9.5, fill="on-brand", anchor="middle", weight=600)
        right = x + CARD_W - 38
    if card.note:
        weight = 600 if card.note_tone == "bad" and not card.owner else 400
        drawn += text(
            right, y + 62, shorten(card.note, 84, 11), size=11, fill=card.note_tone, anchor="end", weight=weight
        )
    return drawn


def _label(card: OrgCard, cards: Mapping[str, OrgCard]) -> str:
    if card.label:
        return card.label
    # A link's label must contain the words it shows, in their order.
    shown = [card.name, card.role, card.note, card.owner]
    return " ".join(part for part in shown if part)
