"""The ideal customer and how well accounts fit it, attribute by attribute."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import floor, inf

from django.db.models import F

from accounts.models import Account
from sam.core.models import User
from scoring.domain import gower
from scoring.domain.gower import Attribute, Interval, Record, Similarity, Value
from scoring.domain.measures import Figures, Unit, measure_of, measures
from scoring.domain.profile import Wanted
from scoring.models import AccountScore, IdealProfile, ProfileAttribute
from scoring.queries.measures import two_digits
from scoring.queries.portfolio_scope import Measured, measured, seen_accounts
from scoring.queries.words import amount_words

WORDS: Mapping[str, str] = {
    "industry": "Industry",
    "region": "Region",
    "country": "Country",
    "currency": "Currency",
}
MOST_RANKED = 5000
"""The programme and the largest by revenue are ranked; nobody looks for an ideal customer below that."""
MOST_COMPARED = 5
LEADERS = 5
PROPOSED = ("industry", "region", Figures.GROWTH, Figures.MARGIN, Figures.SHARE_OF_WALLET)


def number_keys() -> list[str]:
    """Measures that a profile may ask for. A margin against the average belongs to the last recompute only."""
    return [measure.key for measure in measures() if measure.key != Figures.MARGIN_GAP]


@dataclass(frozen=True, slots=True)
class Option:
    """Something a profile may ask for."""

    key: str
    label: str
    is_words: bool
    unit: Unit | None = None

    @property
    def hint(self) -> str:
        if self.is_words:
            return "separated by commas; any of them fits"
        return {Unit.RATIO: "%", Unit.MONEY: "full amounts in the reporting currency"}.get(
            self.unit or Unit.COUNT, str(self.unit.value).replace("_", " ") if self.unit else ""
        )


def options() -> list[Option]:
    words = [Option(key, label, is_words=True) for key, label in WORDS.items()]
    return words + [
        Option(key, measure_of(key).label, is_words=False, unit=measure_of(key).unit) for key in number_keys()
    ]


def label_of(key: str) -> str:
    return WORDS.get(key) or measure_of(key).label


def wanted_of(profile: IdealProfile) -> list[Wanted]:
    return [Wanted(row.key, tuple(row.wanted), row.low, row.high, row.weight) for row in profile.attributes.all()]


def wanted_words(one: Wanted | ProfileAttribute, currency: str) -> str:
    """What the profile asks of an attribute, in words."""
    words = one.words if isinstance(one, Wanted) else one.wanted
    if words:
        return " or ".join(words)
    low = None if one.low is None else amount_words(one.key, one.low, currency)
    high = None if one.high is None else amount_words(one.key, one.high, currency)
    if low and high:
        return f"{low} to {high}"
    return f"at least {low}" if low else f"at most {high}"


@dataclass(frozen=True, slots=True)
class Cell:
    """One attribute of one account against the profile. `similarity`: 0 to 1, None where it is not known."""

    key: str
    shown: str
    similarity: float | None

    @property
    def tone(self) -> str:
        if self.similarity is None:
            return ""
        return "good" if self.similarity >= 1 else "bad" if self.similarity < 0.5 else "warn"

    @property
    def icon(self) -> str:
        if self.similarity is None:
            return "circle-dashed"
        return "circle-check" if self.similarity >= 1 else "circle-half-2" if self.similarity >= 0.5 else "circle-x"

    @property
    def words(self) -> str:
        if self.similarity is None:
            return "not known, drops out"
        # Rounded down: what is not as wanted never reads as 100 %.
        return "as wanted" if self.similarity >= 1 else f"{floor(self.similarity * 100)} % alike"


@dataclass(frozen=True, slots=True)
class Fit:
    """How well an account fits: `similarity.value` is Gower's, 0 to 1."""

    account: Account
    similarity: Similarity
    cells: tuple[Cell, ...]
    overall: Decimal | None
    whole: float

    @property
    def value(self) -> float | None:
        return self.similarity.value

    @property
    def known(self) -> float:
        """The share of the profile's weight that is known of the account, 0 to 1."""
        return self.similarity.known_weight / self.whole

    @property
    def missing(self) -> list[str]:
        return [label_of(key) for key in self.similarity.missing]

    @property
    def off(self) -> list[Cell]:
        """Attributes that are not as wanted, the furthest first."""
        known = [cell for cell in self.cells if cell.similarity is not None and cell.similarity < 1]
        return sorted(known, key=lambda cell: (cell.similarity or 0.0, cell.key))

    @property
    def words(self) -> str:
        """Why it fits so well or so badly, in a sentence."""
        if self.value is None:
            return "None of the attributes is known of it."
        away = [f"{label_of(cell.key).lower()} is {cell.shown}" for cell in self.off[:2]]
        told = f"Off the profile: {' and '.join(away)}." if away else "As wanted in everything that is known."
        return f"{told} Not known: {', '.join(self.missing).lower()}." if self.missing else told


@dataclass(frozen=True, slots=True)
class Column:
    """One attribute of the profile: the head of its column."""

    key: str
    label: str
    wanted: str
    weight: Decimal


@dataclass(frozen=True, slots=True)
class FitTable:
    """`fits`: best first, those nothing is known of at the end. `ranked`: how many accounts were looked at."""

    profile: IdealProfile
    columns: tuple[Column, ...]
    fits: tuple[Fit, ...]
    currency: str

    @property
    def ranked(self) -> int:
        return len(self.fits)

    def chosen(self, ids: Sequence[int]) -> list[Fit]:
        """The fits of some accounts in the order in which they were asked for."""
        known = {fit.account.pk: fit for fit in self.fits}
        return [known[pk] for pk in dict.fromkeys(ids) if pk in known]


def fit_table(profile: IdealProfile, user: User, also: Collection[int] = ()) -> FitTable:
    """All accounts the person may see against the profile, the largest 5,000 and those of `also`.

    A constant number of queries. The ranges that distances are divided by are those of the accounts looked at.
    """
    wanted = wanted_of(profile)
    accounts = _accounts(user, also)
    found = measured([one.key for one in wanted if not one.words], [account.pk for account in accounts])
    records = {account.pk: _record(account, wanted, found) for account in accounts}
    ideal: Record = {one.key: _ideal(one) for one in wanted}
    attributes = [Attribute(one.key, float(one.weight), _span(one, records.values())) for one in wanted]
    whole = sum(attribute.weight for attribute in attributes)
    fits = []
    for account in accounts:
        alike = gower.similarity(records[account.pk], ideal, attributes)
        score = getattr(account, "score", None)
        fits.append(Fit(account, alike, _cells(account, wanted, found, alike), score and score.overall_points, whole))
    fits.sort(key=lambda fit: (-(fit.value if fit.value is not None else -1.0), fit.account.name))
    columns = tuple(Column(one.key, label_of(one.key), wanted_words(one, found.currency), one.weight) for one in wanted)
    return FitTable(profile, columns, tuple(fits), found.currency)


def _accounts(user: User, also: Collection[int]) -> list[Account]:
    seen = seen_accounts(user).select_related("score")
    largest = list(seen.order_by(F("standing__revenue_rank").asc(nulls_last=True), "pk")[:MOST_RANKED])
    if len(largest) < MOST_RANKED:
        return largest
    known = {account.pk for account in largest}
    more = seen.exclude(tier=Account.Tier.NONE) | seen.filter(pk__in=list(also))
    return largest + [account for account in more.order_by("pk") if account.pk not in known]


def _ideal(one: Wanted) -> Value:
    if one.words:
        return _folded(one.words)
    return Interval(-inf if one.low is None else float(one.low), inf if one.high is None else float(one.high))


def _folded(words: Iterable[str]) -> frozenset[str]:
    return frozenset(word.strip().casefold() for word in words)


def _record(account: Account, wanted: Sequence[Wanted], found: Measured) -> dict[str, Value | None]:
    record: dict[str, Value | None] = {}
    for one in wanted:
        if one.words:
            word = getattr(account, one.key) if one.key in WORDS else ""
            record[one.key] = _folded([word]) if word else None
        else:
            number = found.of(account.pk, one.key)
            record[one.key] = None if number is None else Interval.at(number)
    return record


def _span(one: Wanted, records: Iterable[Record]) -> float | None:
    if one.words:
        return None
    known = (record[one.key] for record in records)
    return gower.span(value.low for value in known if isinstance(value, Interval))


def _cells(account: Account, wanted: Sequence[Wanted], found: Measured, alike: Similarity) -> tuple[Cell, ...]:
    cells = []
    for one in wanted:
        part = alike.part(one.key)
        if one.words:
            shown = str(getattr(account, one.key)) if one.key in WORDS else ""
        else:
            number = found.of(account.pk, one.key)
            shown = "" if number is None else amount_words(one.key, number, found.currency)
        cells.append(Cell(one.key, shown, part.similarity if part else None))
    return tuple(cells)


# --- a proposal from the leading accounts -----------------------------------------------------------------------------


def leaders(most: int = LEADERS) -> list[Account]:
    """The accounts with the highest overall scores."""
    best = AccountScore.objects.filter(overall__isnull=False, account__in=Account.objects.live())
    return [score.account for score in best.select_related("account").order_by("-overall", "account_id")[:most]]


def proposed() -> list[Wanted]:
    """What the leading accounts have in common: their industries and regions, and the least that all of them reach."""
    best = leaders()
    found = measured([key for key in PROPOSED if key not in WORDS], [account.pk for account in best])
    wanted = []
    for key in map(str, PROPOSED):
        if key in WORDS:
            counted = Counter(getattr(account, key) for account in best if getattr(account, key))
            words = tuple(sorted(word for word, _ in counted.most_common(3)))
            wanted += [Wanted(key, words)] if words else []
            continue
        known = [value for account in best if (value := found.of(account.pk, key)) is not None]
        if known:
            wanted.append(Wanted(key, low=two_digits(Decimal(repr(min(known)))).quantize(Decimal("0.0001"))))
    return wanted
