"""What the plans say, and how old each text is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.utils import timezone

from accounts.models import Account
from planning.actions.objectives import add_objective
from planning.actions.plans import confirm_plan, open_plan, set_strategy
from planning.actions.sections import save_section
from planning.demo.people import People
from planning.models import AccountPlan
from sam.core.models import User


@dataclass(frozen=True, slots=True)
class Text:
    """A version of a text: section, who wrote it, days before today."""

    key: str
    author: str
    days: int
    words: str


@dataclass(frozen=True, slots=True)
class Goal:
    """An objective: the three values are baseline, target, current."""

    title: str
    measure: str
    unit: str
    values: tuple[str, str, str]
    owner: str


@dataclass(frozen=True, slots=True)
class PlanStory:
    """A plan of the story. `confirmed`: days before today."""

    account: str
    lead: str
    strategy: str
    opened: int
    confirmed: int
    texts: tuple[Text, ...]
    goals: tuple[Goal, ...] = ()


PLANS = (
    PlanStory(
        "Oremund Chemie AG", "Nadia", "sustain", 256, 20,
        (
            Text("situation", "Anton", 250,
                "Energy costs are up by a third since last year. The site at Elster loses hours to unplanned stops.",
            ),
            Text("situation", "Nadia", 26,
                "Energy costs are up by a third since last year (annual report, March). The site at Elster loses 26 "
                "hours a month to unplanned stops (their maintenance list, October). The new CFO asks every supplier "
                "for proof of savings (his letter of 5 May).",
            ),
            Text("goals", "Anton", 250,
                "Fewer stops at Elster. Fewer seal types in stock. Less paper for small orders.",
            ),
            Text("goals", "Ravi", 120,
                "Fewer stops at Elster: from 34 to 20 hours a month, for Henrik Jansen. Fewer seal types in stock: "
                "from 61 to 35, for Uwe Klose. Less paper for small orders.",
            ),
            Text("goals", "Nadia", 9,
                "Fewer stops at Elster: from 34 to 20 hours a month, for Henrik Jansen. Fewer seal types in stock: "
                "from 61 to 35, for Uwe Klose. Less paper: from 1,150 to 700 small orders a year, for Lena Fuchs. "
                "Prices that follow an index instead of a yearly talk, for Dr. Brandeis.",
            ),
            Text("strategy", "Nadia", 12,
                "Sustain the core, grow Pulse. We lead in seals on 212 pumps and earn less each quarter because "
                "express deliveries grow. So we fix what serving costs us first, then win Pulse at a second site. The "
                "CFO gets one list of savings that his own people have checked.",
            ),
            Text("value", "Petra", 40,
                "Agreed: seal standard at Base 0.92 M€ (validated by their controlling), fewer stops at Elster 0.66, "
                "consigned spares 0.48, energy retrofit at Coatings 0.35. Together 2.41 M€ of 3.40 promised. They see "
                "the flood delivery as service: we count nothing for it.",
            ),
            Text("value", "Nadia", 6,
                "Agreed: seal standard at Base 0.92 M€ (validated by their controlling), fewer stops at Elster 0.66, "
                "consigned spares 0.48, energy retrofit at Coatings 0.35. Together 2.41 M€ of 3.40 promised. They see "
                "the flood delivery as service: we count nothing for it. Next: reduce stock by 12 % before June.",
            ),
            Text("risks", "Nadia", 41,
                "Margin has fallen for five quarters: a second price request is likely if express deliveries stay. "
                "Head of IT has no contact of ours, and Pulse needs his interface. The frame runs to the end of 2030; "
                "notice is twelve months. They carry a quarter of all our contribution.",
            ),
        ),
        (
            Goal("Fewer unplanned stops at Elster", "Unplanned stops", "hours a month", ("34", "20", "26"), "Birgit"),
            Goal("One seal standard", "Seal types in use", "types", ("61", "35", "41"), "Ravi"),
            Goal("Small orders bundled", "Orders below the limit", "a year", ("1150", "700", "760"), "Ewa"),
            Goal("Prices follow the index", "Spend under the index clause", "%", ("0", "70", "70"), "Nadia"),
        ),
    ),
    PlanStory(
        "Skoggrim Paper ASA", "Marek", "defend", 280, 83,
        (
            Text("situation", "Marek", 83,
                "Paper volumes fall across the Nordics; machine 4 at Nordvik stands still since April. The new COO "
                "came on 1 October and looks at every contract. Procurement asks for three comparable offers.",
            ),
            Text("goals", "Birgit", 95,
                "Operations: no unplanned stop on machine 3. Procurement: three comparable offers before spring. "
                "Finance: unknown, we have not met the CFO.",
            ),
            Text("strategy", "Marek", 58,
                "Defend. Precautionary notice came on 24 September; the frame ends on 31 March. We win the four "
                "voices that decide, beginning with the COO, and offer a price floor only against a longer term.",
            ),
            Text("value", "Marek", 83, "Promised 1.90 M€, agreed 0.61. Most of the gap was never measured together."),
            Text("risks", "Marek", 58,
                "Notice received; the frame ends on 31 March. The most-favoured clause on seals ties prices here to "
                "prices elsewhere: 6.1 M€. No sponsor pair since Sigurd Aas left. Satisfaction fell in three waves, "
                "and we said amber.",
            ),
        ),
        (
            Goal("Those who decide agree to a new frame", "People who agreed", "of 4", ("0", "4", "1"), "Marek"),
            Goal("Both sides talk again", "Talks between the two sides", "a quarter", ("15", "24", "9"), "Marek"),
        ),
    ),
    PlanStory(
        "Montevarra Foods SpA", "Chiara", "grow", 300, 12,
        (
            Text("situation", "Chiara", 24,
                "Two new lines start at Parma next summer (talk with Davide Conti, 30 October). Hygiene rules for "
                "pumps become stricter in July (quality, October). The family keeps the company and thinks in ten "
                "years.",
            ),
            Text("goals", "Chiara", 16,
                "Start both lines without a lost week, for Davide Conti. Cleaning time down by a fifth, for Sara "
                "Bellini. One service partner for all halls, for Matteo Riva.",
            ),
            Text("strategy", "Chiara", 12,
                "Grow. They trust us with service and ask for ideas. We equip both new lines, add Pulse to them from "
                "the start, and spread our ties so that they no longer rest on one person.",
            ),
            Text("value", "Petra", 31,
                "Agreed 1.39 M€ of 1.70 promised. Open: the cleaning time saved in hall 2, to be measured together "
                "before the annual review.",
            ),
            Text("risks", "Chiara", 12,
                "Seven of ten ties rest on one person. The frame renews by itself unless somebody speaks by 31 "
                "December; we want to renegotiate before. Their head of IT has no contact of ours.",
            ),
        ),
        (
            Goal("Value that the client agrees to", "Agreed value", "M€", ("0", "1.7", "1.39"), "Petra"),
            Goal("Ideas found together", "New opportunities", "a quarter", ("2", "4", "4"), "Chiara"),
            Goal("Ties on more than one shoulder", "Ties of the strongest person", "%", ("71", "50", "71"), "Chiara"),
        ),
    ),
    PlanStory(
        "Dunmarsh Water plc", "Marek", "", 260, 137,
        (
            Text("situation", "Marek", 137,
                "A regulated utility: prices are set by tender, the next one is expected in March. They order late "
                "and return much.",
            ),
            Text("risks", "Marek", 137,
                "We lose money here: 61 % of the cost to serve is express deliveries and returns. The returns clause "
                "alone costs 0.9 M£ a year. The tender in March decides whether we go on.",
            ),
        ),
    ),
    PlanStory(
        "Havelgrund Wärme GmbH", "Marek", "sustain", 240, 60,
        (
            Text("strategy", "Marek", 60,
                "Sustain. A steady service contract with fair margins. We hear little from them, so we ask before we "
                "call it healthy.",
            ),
            Text("risks", "Marek", 60,
                "No word from the client for half a year and no answer to the last survey. The managing director has "
                "not met our sponsor since spring.",
            ),
        ),
    ),
    PlanStory(
        "Merrowick Marine Ltd", "Marek", "defend", 270, 112,
        (
            Text("strategy", "Marek", 112,
                "Defend the yards that are left. Tarrow went to Wexmoor. We keep service at the two others and settle "
                "the payments first.",
            ),
            Text("risks", "Marek", 112,
                "97 days to pay against 60 agreed, and the parental guarantee has lapsed. The finance director has "
                "never met any of us. The frame ends on 30 April.",
            ),
        ),
    ),
    PlanStory(
        "Quillaraya Minerals SA", "Nadia", "", 200, 30,
        (
            Text("goals", "Nadia", 30,
                "Keep the concentrator running at altitude. Local stock instead of air freight. Train their own "
                "fitters.",
            ),
            Text("strategy", "Nadia", 30,
                "Our engineers work on two sites and are asked for. What is missing is a plan made together: that is "
                "the next step.",
            ),
        ),
    ),
    PlanStory(
        "Lindqvara Pharma AB", "Chiara", "", 220, 25,
        (
            Text("goals", "Chiara", 25,
                "Every validation passed the first time. No change of parts without a new file.",
            ),
            Text("strategy", "Chiara", 25,
                "Small in revenue, first in fit. We are on their list of critical suppliers; an executive pair is the "
                "next step.",
            ),
            Text("risks", "Chiara", 25,
                "Notice of the frame is due by 15 February. The finance director has not met us.",
            ),
        ),
    ),
)  # fmt: skip


def build_plan(story: PlanStory, account: Account, people: People, today: date) -> AccountPlan:
    """The plan of this year with its texts, written by whom and when the story says."""
    lead = people.get(story.lead)
    opened = today - timedelta(days=story.opened)
    plan = open_plan(account=account, year=today.year, opened_on=opened, by=lead)
    for text in story.texts:
        if author := people.get(text.author):
            _write(account, plan, text, author, today)
    for goal in story.goals:
        baseline, target, current = map(Decimal, goal.values)
        add_objective(
            account=account, plan=plan, title=goal.title, measure=goal.measure, unit=goal.unit,
            baseline=baseline, target=target, current=current, due=date(today.year, 12, 31),
            owner=people.get(goal.owner), shared=story.strategy != "defend", by=lead,
        )  # fmt: skip
    if story.strategy:
        plan = set_strategy(account=account, plan=plan, strategy=story.strategy, revision=plan.revision, by=lead)
    return confirm_plan(
        account=account, plan=plan, revision=plan.revision, on=today - timedelta(days=story.confirmed), by=lead
    )


def _write(account: Account, plan: AccountPlan, text: Text, author: User, today: date) -> None:
    section = plan.sections.get(key=text.key)
    day = today - timedelta(days=text.days)
    at = timezone.make_aware(datetime.combine(day, time(10, 20)))
    save_section(account=account, section=section, text=text.words, base_revision=section.revision, at=at, by=author)
