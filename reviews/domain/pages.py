"""The pages of a review pack, in order: which ones the client may have, and which stay inside."""

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PackPage:
    """`internal` pages exist in the internal edition only. `fixed` pages cannot be left out."""

    key: str
    title: str
    internal: bool = False
    fixed: bool = False


PACK_PAGES: tuple[PackPage, ...] = (
    PackPage("decisions", "Decisions we ask for", fixed=True),
    PackPage("agenda", "Agenda", fixed=True),
    PackPage("since", "Since last time"),
    PackPage("results", "Results against agreed measures"),
    PackPage("plan", "What we work on together"),
    PackPage("survey", "What you told us"),
    PackPage("topic", "One topic in depth"),
    PackPage("actions", "Joint actions"),
    PackPage("next", "Next 90 days"),
    PackPage("numbers", "Numbers to contribution", internal=True),
    PackPage("score", "Score and tier", internal=True),
    PackPage("people", "People and coverage", internal=True),
    PackPage("words", "Their words, and whom to call", internal=True),
    PackPage("risks", "Risks and asks", internal=True),
)
"""Client pages come first, so that the internal edition starts with exactly what the client gets."""

OPTIONAL = tuple(page for page in PACK_PAGES if not page.fixed)


def pages_shown(left_out: Collection[str], *, internal: bool) -> tuple[PackPage, ...]:
    """The pages of an edition, without those that were left out; fixed pages stay."""
    return tuple(
        page for page in PACK_PAGES if (internal or not page.internal) and (page.fixed or page.key not in left_out)
    )
