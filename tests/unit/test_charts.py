"""What every chart promises: valid XML that prints, escaped words, values in their places, words for no data."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sam.core.charts import (
    Axis,
    Bar,
    BarsWithPlan,
    Bullet,
    BulletRow,
    Dot,
    Dumbbell,
    DumbbellRow,
    Event,
    HeatCell,
    HeatMap,
    Matrix,
    MatrixCell,
    NpsBar,
    OrgCard,
    OrgTree,
    Pareto,
    ParetoItem,
    Quarter,
    Ring,
    Spark,
    Step,
    Timeline,
    TwoByTwo,
    Waterfall,
    Whale,
    bars_with_plan,
    bullet,
    chart_table,
    dumbbell,
    heat_map,
    matrix,
    month_starts,
    nps_bar,
    org_tree,
    pareto,
    ring,
    spark,
    timeline,
    two_by_two,
    waterfall,
    whale,
)  # fmt: skip
from sam.core.charts.heat import heat_step
from sam.core.charts.palette import COLOURS
from sam.core.charts.scale import Linear, nice_ticks
from sam.core.charts.svg import hatching, shorten, text_width

EVIL = '<script>alert("1")</script>\'&'
SVG = "{http://www.w3.org/2000/svg}"
AXES = (Axis("Attitude", -2, 2, ((-2, "Blocker"), (2, "Champion"))), Axis("Influence", 0, 10))


def evil_charts() -> dict[str, str]:
    """One chart of each kind with markup in every word that comes from people."""
    return {
        "spark": spark(Spark((1, None, 3), EVIL)),
        "ring": ring(Ring(5, EVIL, figure=EVIL)),
        "bars": bars_with_plan(BarsWithPlan((Bar(EVIL, 1, 2, href=EVIL), Bar("Q2", None, 2)), EVIL, EVIL)),
        "dumbbell": dumbbell(Dumbbell((DumbbellRow(EVIL, 3, None), DumbbellRow("b", 1, 5)), EVIL)),
        "heat": heat_map(HeatMap((EVIL,), (EVIL, "x"), ((HeatCell(3, EVIL), HeatCell(0, gap=True)),), EVIL)),
        "matrix": matrix(Matrix((EVIL,), (EVIL, "x"), ((MatrixCell("sold", EVIL, EVIL), None),), EVIL)),
        "bullet": bullet(Bullet((BulletRow(EVIL, 3, 4, (2, 5), show=lambda _value: EVIL),), EVIL)),
        "two_by_two": two_by_two(
            TwoByTwo(
                (Dot(EVIL, 1, 5, EVIL, 3, EVIL),), *AXES, EVIL, (Quarter(EVIL, "bad"), None, Quarter(EVIL), None), EVIL
            )
        ),
        "nps": nps_bar(NpsBar(3, 2, 1, 33, -10, 70, EVIL, (EVIL, EVIL, EVIL))),
        "pareto": pareto(Pareto((ParetoItem(EVIL, 8), ParetoItem("b", 2)), 10, EVIL)),
        "whale": whale(Whale((5, 3, -2), EVIL, (EVIL, EVIL, EVIL))),
        "org": org_tree(
            OrgTree(
                (OrgCard("a", EVIL, EVIL, owner=EVIL, note=EVIL, dots=2), OrgCard("b", "B", parent="a")),
                EVIL,
                (("b", "a"),),
            )
        ),
        "timeline": timeline(
            Timeline(
                (Event(date(2026, 3, 1), EVIL, EVIL),),
                date(2026, 1, 1),
                date(2026, 12, 31),
                EVIL,
                ((date(2026, 2, 1), EVIL),),
            )
        ),
        "waterfall": waterfall(Waterfall((Step(EVIL, 5, total=True), Step("b", -2)), EVIL)),
    }  # fmt: skip


@pytest.mark.parametrize("kind", sorted(evil_charts()))
def test_chart_is_valid_xml_and_words_stay_words(kind: str) -> None:
    root = ET.fromstring(evil_charts()[kind])
    assert root.tag == f"{SVG}svg"
    assert not list(root.iter(f"{SVG}script"))
    assert EVIL in root.get("aria-label", "")


@pytest.mark.parametrize("kind", sorted(evil_charts()))
def test_chart_uses_nothing_that_print_ignores_or_the_policy_refuses(kind: str) -> None:
    root = ET.fromstring(evil_charts()[kind])
    allowed = {"svg", "g", "a", "rect", "line", "circle", "path", "polyline", "text"}
    for part in root.iter():
        assert part.tag.removeprefix(SVG) in allowed
        names = set(part.attrib)
        assert not names & {"style", "id"}
        assert not [name for name in names if name.startswith("on")]
        for name in ("fill", "stroke"):
            value = part.get(name)
            assert value in (None, "none") or re.fullmatch(r"#[0-9a-f]{6}", value or "")


@pytest.mark.parametrize("kind", sorted(evil_charts()))
def test_every_painted_part_has_the_class_that_recolours_it(kind: str) -> None:
    for part in ET.fromstring(evil_charts()[kind]).iter():
        classes = part.get("class", "").split()
        for attribute, prefix in (("fill", "f-"), ("stroke", "s-")):
            value = part.get(attribute)
            if value and value != "none":
                assert value in {COLOURS[name[2:]] for name in classes if name.startswith(prefix)}


def test_every_class_of_a_chart_is_in_the_stylesheet() -> None:
    css = (Path(__file__).parents[2] / "static" / "css" / "charts.css").read_text("utf-8")
    classes = " ".join(re.findall(r'class="([^"]*)"', "".join(evil_charts().values())))
    used = set(re.findall(r"\b[fs]-[a-z0-9-]+", classes))
    assert used
    assert [name for name in sorted(used) if f".viz .{name} {{" not in css] == []


@pytest.mark.parametrize(
    "draw",
    [
        lambda: bars_with_plan(BarsWithPlan((), "t")),
        lambda: dumbbell(Dumbbell((), "t")),
        lambda: heat_map(HeatMap((), (), (), "t")),
        lambda: matrix(Matrix((), (), (), "t")),
        lambda: bullet(Bullet((), "t")),
        lambda: two_by_two(TwoByTwo((), *AXES, "t")),
        lambda: nps_bar(NpsBar(0, 0, 0, None, None, None, "t")),
        lambda: pareto(Pareto((), 0, "t")),
        lambda: whale(Whale((), "t")),
        lambda: whale(Whale((-1, -2), "t")),
        lambda: org_tree(OrgTree((), "t")),
        lambda: timeline(Timeline((), date(2026, 1, 1), date(2026, 1, 2), "t")),
        lambda: waterfall(Waterfall((), "t")),
    ],
)
def test_chart_without_data_says_so_in_words(draw: Callable[[], str]) -> None:
    root = ET.fromstring(draw())
    words = [part.text for part in root.iter(f"{SVG}text")]
    assert len(words) == 1
    assert " " in str(words[0])
    assert root.get("role") == "img"


def test_spark_without_a_value_draws_nothing_and_with_one_draws_a_dot() -> None:
    assert spark(Spark((None, None), "t")) == ""
    root = ET.fromstring(spark(Spark((None, 4), "t")))
    assert len(list(root.iter(f"{SVG}circle"))) == 1
    assert not list(root.iter(f"{SVG}polyline"))


def test_spark_leaves_a_gap_where_a_value_is_missing() -> None:
    root = ET.fromstring(spark(Spark((1, 2, None, 3, 4), "t")))
    assert len(list(root.iter(f"{SVG}polyline"))) == 2


def test_bar_height_is_proportional_to_its_value_and_losses_go_down() -> None:
    chart = BarsWithPlan((Bar("a", 10), Bar("b", 5), Bar("c", -5)), "t")
    bars = [
        (float(part.get("y", 0)), float(part.get("height", 0)))
        for part in ET.fromstring(bars_with_plan(chart)).iter(f"{SVG}rect")
    ]
    assert bars[0][1] == pytest.approx(2 * bars[1][1], abs=0.2)
    assert bars[2][0] == pytest.approx(bars[0][0] + bars[0][1], abs=0.2)


def test_period_without_actual_is_an_outline_of_the_plan() -> None:
    chart = BarsWithPlan((Bar("Q4", None, Decimal("2.4")),), "t", "M€")
    svg = bars_with_plan(chart)
    assert 'stroke-dasharray="3 3"' in svg
    assert "Q4: plan 2.4 M€" in svg
    assert "actual" not in svg


def test_unrated_criterion_is_named_and_has_no_filled_dot() -> None:
    svg = dumbbell(Dumbbell((DumbbellRow("Access", 4, None),), "t"))
    assert "Access: last review 4, not rated" in svg
    assert [part.get("fill") for part in ET.fromstring(svg).iter(f"{SVG}circle")] == [COLOURS["surface"]]


def test_dumbbell_shows_better_green_and_worse_red() -> None:
    for before, now, tone in ((3, 5, "good"), (5, 3, "bad"), (4, 4, "plan")):
        circles = list(ET.fromstring(dumbbell(Dumbbell((DumbbellRow("a", before, now),), "t"))).iter(f"{SVG}circle"))
        assert circles[-1].get("fill") == COLOURS[tone]


def test_ring_is_full_at_the_whole_and_never_more() -> None:
    def filled(value: float) -> tuple[float, float]:
        dash = re.search(r'stroke-dasharray="([\d.]+) ([\d.]+)"', ring(Ring(value, "t")))
        assert dash
        return float(dash[1]), float(dash[2])

    assert filled(100)[0] == filled(100)[1] == filled(140)[0]
    assert filled(50)[0] == pytest.approx(filled(50)[1] / 2, abs=0.1)


def test_ring_of_an_unknown_value_is_empty_and_says_so() -> None:
    svg = ring(Ring(None, "Health"))
    assert "Health: not known" in svg
    assert COLOURS["brand"] not in svg


def test_gap_is_hatched_and_nothing_there_is_a_dash() -> None:
    svg = heat_map(HeatMap(("Finance",), ("C-level", "VP"), ((HeatCell(0, gap=True), None),), "t"))
    assert "s-hatch" in svg
    assert "Finance, C-level: 0" in svg
    assert ">–<" in svg


def test_heat_steps_divide_the_greatest_value_in_five() -> None:
    assert [heat_step(value, 10) for value in (0, 1, 2, 2.1, 5, 9, 10)] == [0, 1, 1, 2, 3, 5, 5]


@pytest.mark.parametrize("draw", [heat_map, matrix])
def test_grid_with_a_missing_cell_is_refused(draw: Callable[..., str]) -> None:
    kind = HeatMap if draw is heat_map else Matrix
    with pytest.raises(ValueError, match="one cell per column"):
        draw(kind(("a",), ("x", "y"), ((None,),), "t"))


def test_nps_shows_score_with_interval_and_number_of_answers() -> None:
    svg = nps_bar(NpsBar(12, 6, 4, Decimal("36.36"), Decimal("8.1"), Decimal("60.2"), "NPS"))
    assert "NPS: +36 [+8, +60], n = 22" in svg


def test_names_on_the_map_do_not_cover_each_other() -> None:
    dots = tuple(Dot(f"Person {index}", 0, 3 + index * 0.6, "Role") for index in range(6))
    root = ET.fromstring(two_by_two(TwoByTwo(dots, *AXES, "t")))
    marks = [part for part in root.iter(f"{SVG}g") if part.get("class") == "mark"]
    assert len(marks) == 6
    baselines = [
        (float(words.get("x", 0)), float(words.get("y", 0)), words.get("text-anchor"))
        for part in marks
        for words in list(part.iter(f"{SVG}text"))[:1]
    ]
    assert len(baselines) >= 4
    for index, (x, y, anchor) in enumerate(baselines):
        for other_x, other_y, other_anchor in baselines[index + 1 :]:
            same_side = anchor == other_anchor and abs(x - other_x) < 40
            assert not (same_side and abs(y - other_y) < 13)


def test_dot_outside_the_scale_stays_inside_the_map() -> None:
    root = ET.fromstring(two_by_two(TwoByTwo((Dot("a", 99, -5),), *AXES, "t")))
    circle = next(root.iter(f"{SVG}circle"))
    assert 46 <= float(circle.get("cx", 0)) <= 628
    assert 26 <= float(circle.get("cy", 0)) <= 336


def test_pareto_shares_add_up_over_the_whole_total() -> None:
    chart = Pareto((ParetoItem("a", 50), ParetoItem("b", 30)), 100, "t")
    assert chart.shares() == (0.5, 0.8)
    assert chart.table().rows[1][2].text == "80.0\N{NO-BREAK SPACE}%"


@given(st.lists(st.integers(-1000, 1000), min_size=1, max_size=400))
def test_whale_curve_ends_at_the_whole_and_peaks_above_it(values: list[int]) -> None:
    chart = Whale(tuple(values), "t")
    curve, peak = chart.curve(), chart.peak()
    if sum(values) <= 0:
        assert curve == ()
        return
    assert curve[0] == (0.0, 0.0)
    assert curve[-1] == pytest.approx((1.0, 1.0))
    assert peak is not None
    assert peak[1] >= 1.0 - 1e-9
    assert len(whale(chart)) < 20_000


def test_everybody_has_a_card_even_in_a_circle_of_superiors() -> None:
    cards = (
        OrgCard("a", "Ann", parent="b"),
        OrgCard("b", "Bea", parent="a"),
        OrgCard("c", "Cy", parent="b"),
        OrgCard("d", "Di", parent="gone"),
        OrgCard("e", "Ed", parent="e"),
    )
    svg = org_tree(OrgTree(cards, "t"))
    assert all(f">{card.name}<" in svg for card in cards)


def test_cards_of_an_organisation_chart_do_not_overlap() -> None:
    cards = [OrgCard("root", "Root")]
    for team in range(3):
        cards.append(OrgCard(f"t{team}", f"Team {team}", parent="root"))
        cards += [OrgCard(f"t{team}p{index}", "P", parent=f"t{team}") for index in range(team * 3)]
    root = ET.fromstring(org_tree(OrgTree(tuple(cards), "t")))
    boxes = [
        (float(part.get("x", 0)), float(part.get("y", 0)))
        for part in root.iter(f"{SVG}rect")
        if part.get("width") == "178"
    ]
    assert len(boxes) == len(cards)
    for index, (x, y) in enumerate(boxes):
        assert not [other for other in boxes[index + 1 :] if abs(other[0] - x) < 178 and abs(other[1] - y) < 74]


def test_link_card_says_the_words_it_shows_in_their_order() -> None:
    svg = org_tree(OrgTree((OrgCard("a", "Maria Lindqvist", "COO", note="47 d", owner="KI", href="/p/1/"),), "t"))
    assert 'aria-label="Maria Lindqvist COO 47 d KI"' in svg
    assert 'href="/p/1/"' in svg


def test_events_on_the_same_day_stand_in_different_rows() -> None:
    day = date(2026, 3, 1)
    events = (Event(day, "First thing", "1 Mar"), Event(day, "Second thing", "1 Mar"))
    root = ET.fromstring(timeline(Timeline(events, date(2026, 1, 1), date(2026, 12, 31), "t")))
    assert len({circle.get("cy") for circle in root.iter(f"{SVG}circle")}) == 2


def test_month_starts_lie_between_the_two_days() -> None:
    assert month_starts(date(2026, 1, 15), date(2026, 3, 1)) == (date(2026, 2, 1), date(2026, 3, 1))
    assert month_starts(date(2025, 12, 31), date(2026, 1, 1)) == (date(2026, 1, 1),)


def test_waterfall_total_starts_at_zero_and_changes_where_the_last_ended() -> None:
    chart = Waterfall((Step("a", 10, total=True), Step("b", -4), Step("c", 1), Step("d", 7, total=True)), "t")
    assert chart.levels() == ((0, 10), (10, 6), (6, 7), (0, 7))


@given(st.lists(st.floats(-1e9, 1e9, allow_nan=False), max_size=20))
def test_axis_covers_zero_and_all_values_in_few_even_steps(values: list[float]) -> None:
    ticks = nice_ticks(values)
    room = 1e-6 * max(1.0, *(abs(value) for value in values), 1.0)
    assert ticks[0] <= min(0, *values, 0) + room
    assert ticks[-1] >= max(0, *values, 0) - room
    assert 2 <= len(ticks) <= 8
    assert 0 in [round(tick / (ticks[1] - ticks[0])) for tick in ticks]


def test_scale_of_one_value_does_not_divide_by_zero() -> None:
    assert Linear(5, 5, 0, 100)(5) == 0


def test_hatching_stays_inside_its_rectangle() -> None:
    for part in ET.fromstring(f"<g>{hatching(10, 20, 40, 15)}</g>"):
        for name in ("x1", "x2"):
            assert 10 <= float(part.get(name, 0)) <= 50
        for name in ("y1", "y2"):
            assert 20 <= float(part.get(name, 0)) <= 35


@given(st.text(max_size=60), st.floats(20, 300))
def test_shortened_words_fit(words: str, width: float) -> None:
    assert text_width(shorten(words, width, 11), 11) <= max(width, text_width("…", 11))


def test_table_shows_a_dash_for_what_is_not_known() -> None:
    table = chart_table(("", "Now", "Who"), [("Fit", None, "Ana")], words=(2,))
    assert [(cell.text, cell.number) for cell in table.rows[0]] == [("Fit", False), ("–", True), ("Ana", False)]
    assert not chart_table(("",), [])


def test_marks_can_be_reached_by_keyboard_and_have_words() -> None:
    root = ET.fromstring(bars_with_plan(BarsWithPlan((Bar("Q1", 1), Bar("Q2", 2, href="/q2/")), "t")))
    plain, link = [part for part in root.iter() if part.get("class") == "mark"]
    assert (plain.get("tabindex"), plain.get("role"), plain.get("aria-label")) == ("0", "img", "Q1: actual 1")
    assert (link.get("href"), link.get("aria-label")) == ("/q2/", "Q2: actual 2")
    assert root.get("role") == "group"
