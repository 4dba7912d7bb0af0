"""What a plan consists of: its sections in order, how long each may be, and the question each answers."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SectionTemplate:
    """One section of a plan. `words` is a limit that warns and never cuts; a client may read `shared` ones."""

    key: str
    title: str
    words: int
    shared: bool
    question: str


PLAN_TEMPLATE: tuple[SectionTemplate, ...] = (
    SectionTemplate(
        "situation",
        "Client situation",
        120,
        True,
        "What forces them this year? Three facts, each with source and date.",
    ),
    SectionTemplate(
        "goals",
        "Their goals",
        120,
        True,
        "What do they want to reach, how is it measured, and who there cares?",
    ),
    SectionTemplate("strategy", "Our strategy", 60, False, "Do we grow, sustain or defend, and why now?"),
    SectionTemplate(
        "value",
        "Value we bring",
        100,
        True,
        "Revenue, cost, cash, risk, productivity: what is promised, what is agreed, how is it measured?",
    ),
    SectionTemplate("risks", "Risks", 100, False, "What can end this, and what is the next date?"),
)

_BY_KEY = {section.key: section for section in PLAN_TEMPLATE}


def section_template(key: str) -> SectionTemplate:
    """The template of a section. KeyError for a key that no plan has."""
    return _BY_KEY[key]


def position_of(key: str) -> int:
    """Where a section stands in the plan, from 0. KeyError for a key that no plan has."""
    return PLAN_TEMPLATE.index(_BY_KEY[key])
