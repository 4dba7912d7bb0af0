"""Ready-made criteria in the four families, the first scorecard, the tiers it proposes: a starting point, not law."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

PARTNER, PRIORITY, GIVES, SEES = "partner", "priority", "gives", "sees"
CURRENT, POTENTIAL = "current", "potential"
RATED, COMPUTED, GATE = "rated", "computed", "gate"

Anchors = tuple[str, str, str, str, str]


@dataclass(frozen=True, slots=True)
class Ready:
    """A criterion to copy into a draft. ``cuts`` in the measure's unit; ``objective``: its short name.

    One with anchors and a measure is computed where an app registers the measure, and rated by people elsewhere.
    """

    key: str
    name: str
    family: str = ""
    half: str = ""
    kind: str = RATED
    weight: Decimal = Decimal(0)
    objective: str = ""
    anchors: tuple[str, ...] = ()
    measure: str = ""
    method: str = ""
    cuts: tuple[Decimal, ...] = ()
    low_is_good: bool = False
    checked_by: str = ""


def _cuts(text: str) -> tuple[Decimal, ...]:
    return tuple(Decimal(word) for word in text.split())


OBJECTIVES = (
    ("O1", "Contribution grows faster than revenue"),
    ("O2", "A third of service and monitoring revenue under multi-year contract"),
    ("O3", "No account above 25 % of contribution"),
    ("O4", "First choice for energy-saving retrofits in three industries"),
    ("O5", "Paid as agreed: days sales outstanding at most terms plus five"),
)

FIRST_SCORECARD = (
    Ready(
        "C1", "Contribution, last 12 months", PRIORITY, CURRENT, COMPUTED, Decimal(25), "O1",
        measure="contribution", method="banded", cuts=_cuts("300000 1200000 3300000 6000000"),
    ),
    Ready(
        "C2", "Contribution margin against the average", GIVES, CURRENT, COMPUTED, Decimal(20), "O1",
        measure="margin_gap", method="banded", cuts=_cuts("-10 -3 3 8"),
    ),
    Ready(
        "C3", "Our share of the spend we could serve", SEES, CURRENT, COMPUTED, Decimal(20), "O2",
        measure="share_of_wallet", method="banded", cuts=_cuts("0.10 0.25 0.40 0.60"),
    ),
    Ready(
        "C4", "Months until the client may leave", GIVES, CURRENT, RATED, Decimal(15), "O3",
        anchors=(
            "No contract, or free to leave within a month", "1 to 6 months", "6 to 12 months", "12 to 24 months",
            "24 months and more",
        ),
    ),
    Ready(
        "C5", "The client's view of us", SEES, CURRENT, RATED, Decimal(20), "O4",
        anchors=(
            "Mean of the five answers below 2.5", "2.5 to 3.2", "3.2 to 3.8", "3.8 to 4.3",
            "4.3 and more, from at least four answers",
        ),
    ),
    Ready(
        "P1", "Profitable growth within reach in three years", PRIORITY, POTENTIAL, RATED, Decimal(25), "O1",
        anchors=(
            "Shrinks with us whatever we do", "Flat", "Grows with its market",
            "Named projects worth 20 % of today's contribution",
            "Named projects worth 50 %, and we know who holds the budget",
        ),
    ),
    Ready(
        "P2", "Wants to work with us", PARTNER, POTENTIAL, RATED, Decimal(25), "O4",
        anchors=(
            "Tenders everything, auctions, no talk before price", "Talks, shares nothing",
            "Shares forecasts or data on request", "Plans together with us once a year",
            "Joint plan kept by both; problems are solved before money is mentioned",
        ),
    ),
    Ready(
        "P3", "Way to those who decide", PARTNER, POTENTIAL, RATED, Decimal(20), "O2",
        anchors=(
            "Buyer only", "Buyer and users", "A director in two functions",
            "VP level in two functions, in the last six months",
            "A standing pair at board level, contact kept as agreed",
        ),
    ),
    Ready(
        "P4", "Fits what we want to become", PRIORITY, POTENTIAL, RATED, Decimal(15), "O2",
        anchors=(
            "Pulls us where we do not want to go", "Neutral", "Serves one of our objectives", "Serves two",
            "An objective cannot be reached without it",
        ),
    ),
    Ready(
        "P5", "What we learn and may show", GIVES, POTENTIAL, RATED, Decimal(15), "O4",
        anchors=(
            "Nothing; a secrecy clause", "An informal word", "Reference on request", "Published case or joint trial",
            "Joint development with rights agreed",
        ),
    ),
    Ready("G1", "Mutual: the client counts on us too, shown by its own acts", kind=GATE, checked_by="mutuality"),
    Ready("G2", "Pays: nothing open for more than 90 days above 2 % of revenue", kind=GATE),
    Ready("G3", "No legal or sanctions block", kind=GATE),
)  # fmt: skip

LIBRARY = (
    Ready(
        "L1", "Conduct in negotiations", PARTNER, POTENTIAL,
        objective="O1", anchors=(
            "Threatens to leave in every round", "Price is the only subject", "Firm, but keeps its word",
            "Looks for terms that suit both", "Opens its figures and asks for ours",
        ),
    ),
    Ready(
        "L2", "Shares forecast, stock or machine data", PARTNER, POTENTIAL,
        objective="O4", anchors=(
            "Refuses", "Now and then, on paper", "A forecast each quarter", "A forecast each month, kept up to date",
            "A standing data link that both use",
        ),
    ),
    Ready(
        "L3", "Joint plan acknowledged last year", PARTNER, POTENTIAL, objective="O2",
        measure="plan_acknowledged", method="linear", cuts=_cuts("0 1"),
        anchors=(
            "No plan was offered", "Offered, not read", "Read, not acknowledged", "Acknowledged in parts",
            "Acknowledged in full, by name and date",
        ),
    ),
    Ready(
        "L4", "Openness about spend with others", PARTNER, POTENTIAL,
        objective="O1", anchors=(
            "Keeps it secret", "Hints", "Names competitors, no amounts", "Amounts on request",
            "Reviews its whole spend with us once a year",
        ),
    ),
    Ready(
        "L5", "Revenue, last 12 months", PRIORITY, CURRENT, COMPUTED, objective="O1",
        measure="revenue", method="percentile",
    ),
    Ready(
        "L6", "Growth over two years", PRIORITY, CURRENT, COMPUTED, objective="O1",
        measure="growth_two_years", method="banded",
        cuts=_cuts("-0.10 0 0.10 0.25"),
    ),
    Ready(
        "L7", "Leader in its market, others follow", PRIORITY, POTENTIAL,
        objective="O4", anchors=(
            "Unknown in its market", "One of many", "In the first ten", "In the first three",
            "Others copy what it buys",
        ),
    ),
    Ready(
        "L8", "Our position is under attack and worth defending", PRIORITY, POTENTIAL,
        objective="O3", anchors=(
            "Lost already, or not worth it", "Attacked, and little at stake", "Attacked on one site",
            "Attacked, and much at stake", "Attacked at the core; losing it hurts for years",
        ),
    ),
    Ready(
        "L9", "Price realisation", GIVES, CURRENT, COMPUTED, objective="O1", measure="price_realisation",
        method="banded", cuts=_cuts("0.70 0.78 0.85 0.92"),
    ),
    Ready(
        "L10", "Cost to serve per unit of revenue", GIVES, CURRENT, COMPUTED, objective="O1", measure="cost_to_serve",
        method="banded", cuts=_cuts("0.04 0.07 0.10 0.15"), low_is_good=True,
    ),
    Ready(
        "L11", "Countries or sites that buy", GIVES, CURRENT,
        objective="O3", anchors=("One", "Two", "Three or four", "Five to nine", "Ten and more"),
    ),
    Ready(
        "L12", "Reference given in 24 months", GIVES, CURRENT,
        objective="O4", anchors=(
            "Refused", "None was asked for", "One, privately", "One, in public", "Several, in public",
        ),
    ),
    Ready(
        "L13", "Value agreed by the client per unit of revenue", SEES, CURRENT,
        objective="O4", anchors=(
            "Nothing agreed", "Under 1 %", "1 to 3 %", "3 to 6 %", "6 % and more",
        ),
    ),
    Ready(
        "L14", "Buys three or more of our offers", SEES, CURRENT,
        objective="O2", anchors=("One offer, small", "One offer", "Two offers", "Three offers", "Four offers and more"),
    ),
    Ready(
        "L15", "The client's view of us, from the last wave", SEES, CURRENT, COMPUTED, objective="O4",
        measure="loyalty", method="banded", cuts=_cuts("2.5 3.2 3.8 4.3"),
    ),
    Ready(
        "L16", "Key people in touch with us", PARTNER, POTENTIAL, COMPUTED, objective="O2",
        measure="relationship_coverage", method="linear", cuts=_cuts("0.2 0.9"),
    ),
    Ready(
        "L17", "Days until the client pays", GIVES, CURRENT, COMPUTED, objective="O5",
        measure="days_sales_outstanding", method="linear", cuts=_cuts("30 90"), low_is_good=True,
    ),
    Ready("G4", "Buys in three regions or more", kind=GATE, checked_by="regions"),
    Ready("G5", "Has a central purchase lead", kind=GATE, checked_by="purchase_lead"),
    Ready("G6", "Two full people of ours work for it alone", kind=GATE, checked_by="full_people"),
    Ready("G7", "A sponsor from our board", kind=GATE, checked_by="board_sponsor"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReadyTier:
    tier: str
    enter: Decimal
    stay: Decimal
    enter_half: Decimal = Decimal(0)
    stay_half: Decimal = Decimal(0)
    gates: tuple[str, ...] = ()


# "global" stays out until somebody adds it: it needs gates G4 to G7 as well.
FIRST_TIERS = (
    ReadyTier("strategic", Decimal(65), Decimal(60), enter_half=Decimal(50), gates=("G1", "G2", "G3")),
    ReadyTier("key", Decimal(40), Decimal(35), gates=("G2",)),
)


def find(key: str) -> Ready | None:
    """The ready-made criterion with this key, from the first scorecard or the library."""
    return next((ready for ready in (*FIRST_SCORECARD, *LIBRARY) if ready.key == key), None)


def usable(ready: Ready, is_registered: Callable[[str], bool]) -> Ready:
    """The criterion as this installation can answer it: computed where its measure is registered, else rated."""
    if not ready.measure:
        return ready
    if is_registered(ready.measure):
        return replace(ready, kind=COMPUTED, anchors=())
    return replace(ready, kind=RATED, measure="", method="", cuts=(), low_is_good=False)
