"""What shows that the demo company's accounts are mutual: told, and the clients' own acts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from accounts.actions.touchpoints import log_touchpoint
from accounts.models import Account
from sam.core.models import User
from scoring.actions.mutuality import add_evidence


@dataclass(frozen=True, slots=True)
class Act:
    short: str
    kind: str
    days: int
    ours: str
    theirs: str
    what: str
    document: str = ""


ACTS = (
    Act(
        "Oremund", "told", 678, "Helene Straub", "Dr. Karin Osthoff",
        "Told her at dinner that Oremund is one of three strategic accounts, and what that means for them",
    ),
    Act(
        "Skoggrim", "told", 671, "Helene Straub", "Sigurd Aas",
        "Told him that Skoggrim is a strategic account: one lead, a sponsor, a yearly plan",
    ),
    Act(
        "Montevarra", "told", 284, "Amara Kern", "Giulia Ravenna",
        "Told her that Montevarra is a strategic account since this year",
    ),
    Act(
        "Oremund", "m1", 470, "Petra Lohse", "Silke Marquard",
        "Supplier class “strategic” in their purchasing handbook", "Purchasing handbook 2025, page 14",
    ),
    Act(
        "Oremund", "m2", 610, "Marek Doležal", "Silke Marquard",
        "Plan 2025 acknowledged on behalf path", "Minutes of the plan workshop 2025",
    ),
    Act(
        "Oremund", "m2", 256, "Nadia Ferrant", "Silke Marquard",
        "Plan 2026 acknowledged; minutes attached", "Minutes of the plan workshop at Rheinau",
    ),
    Act(
        "Skoggrim", "m2", 529, "Marek Doležal", "Tone Bakke",
        "Plan 2025 acknowledged", "Signed plan of 2025",
    ),
    Act(
        "Skoggrim", "m5", 600, "Ravi Menon", "Lars Eikeland",
        "Machine data of Nordvik shared under contract", "Data annex to the frame agreement",
    ),
    Act(
        "Montevarra", "m2", 616, "Chiara Bonvento", "Elena Marchetti",
        "First joint plan acknowledged after the workshop in Parma", "Plan 2025, five shared sections",
    ),
    Act(
        "Montevarra", "m2", 240, "Chiara Bonvento", "Elena Marchetti",
        "Plan 2026 acknowledged", "Plan 2026, version 1",
    ),
    Act(
        "Lindqvara", "m1", 75, "Chiara Bonvento", "Maja Holm",
        "Paper of the quality board names us a critical supplier", "List of critical suppliers, September",
    ),
    Act(
        "Lindqvara", "m4", 160, "Chiara Bonvento", "Erik Sandell",
        "He and their finance director answered “we count on them” with agree or better", "June wave, item 7",
    ),
    Act(
        "Lindqvara", "m5", 190, "Ravi Menon", "Oskar Dahl",
        "Joint development of sterile valves signed", "Development agreement of May",
    ),
)  # fmt: skip
# Meetings of a client's executive with our sponsor before the last list was closed.
MEETINGS = (("Montevarra", "Amara Kern", "Giulia Ravenna", (345, 470)),)


def build(today: date, found: Mapping[str, Account], people: Mapping[str, User]) -> None:
    """Evidence and meetings, each on its day; who is not there is left out."""
    for act in ACTS:
        account, ours = found.get(act.short), people.get(act.ours)
        if account is None or ours is None:
            continue
        contact = account.contacts.filter(full_name=act.theirs).first()
        add_evidence(
            account=account, kind=act.kind, on=today - timedelta(days=act.days), ours=ours, contact=contact,
            theirs="" if contact else act.theirs, what=act.what, document=act.document, by=ours,
        )  # fmt: skip
    for short, sponsor, executive, days in MEETINGS:
        account, ours = found.get(short), people.get(sponsor)
        contact = account.contacts.filter(full_name=executive).first() if account else None
        if account is None or ours is None or contact is None:
            continue
        for distance in days:
            log_touchpoint(
                account=account, contacts=[contact], people=[ours], kind="visit", by=ours, minutes=90,
                summary="Half-yearly talk of the sponsors: programme, year ahead.", promised="",
                date=today - timedelta(days=distance),
            )  # fmt: skip
