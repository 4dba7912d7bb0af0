"""Cases of the scoring formulas that are published or can be added up by hand."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from sam.values.cases import IMPOSSIBLE, Case, Found
from scoring.domain.ahp import RANDOM_INDEX_SOURCE, weights_from
from scoring.domain.criterion import Criterion, Half, Kind
from scoring.domain.rank_correlation import spearman
from scoring.domain.scorecard import Scorecard, evaluate

LEADER = ("Experience", "Education", "Charisma", "Age")
LEADER_COMPARISONS = (
    ("Experience", "Education", 4.0),
    ("Experience", "Charisma", 3.0),
    ("Experience", "Age", 7.0),
    ("Charisma", "Education", 3.0),
    ("Education", "Age", 3.0),
    ("Charisma", "Age", 5.0),
)


def leader() -> Mapping[str, Found]:
    found = weights_from(LEADER, LEADER_COMPARISONS)
    return {
        **found.weights,
        "λmax": found.lambda_max,
        "consistency ratio": found.consistency_ratio,
        "random index": found.random_index,
        "random index by": RANDOM_INDEX_SOURCE.split(",")[0],
    }


def _card(kind: Kind = Kind.RATED) -> Scorecard:
    """Two criteria a half, 60 and 40 today, 50 and 50 tomorrow; overall 0.6 of today's half, coverage from 60 %."""
    weights = ((Half.CURRENT, "a", 60), (Half.CURRENT, "b", 40), (Half.POTENTIAL, "c", 50), (Half.POTENTIAL, "d", 50))
    criteria = tuple(Criterion(key, half, Decimal(weight), kind) for half, key, weight in weights)
    return Scorecard(criteria, alpha=Decimal("0.6"), minimum_coverage=Decimal("0.6"))


def normalised() -> Mapping[str, Found]:
    """Rating r on a scale lo…hi gives 100 · (r − lo) / (hi − lo)."""
    found = evaluate(_card(), {"a": 4, "b": 1, "c": 5, "d": 2})
    return {
        f"rating {rating} of 1 to 5": one.score for one, rating in zip(found.contributions, (4, 1, 5, 2), strict=True)
    }


def overall() -> Mapping[str, Found]:
    """Today 0.6 · 75 + 0.4 · 0 = 45; tomorrow (100 + 25) / 2 = 62.5; overall 0.6 · 45 + 0.4 · 62.5 = 52."""
    found = evaluate(_card(), {"a": 4, "b": 1, "c": 5, "d": 2})
    return {"first half": found.current.score, "second half": found.potential.score, "overall": found.overall}


def coverage() -> Mapping[str, Found]:
    """Without b the first half counts a alone, 60 of 100 reach the minimum; without d the second is not scored."""
    found = evaluate(_card(), {"a": 4, "c": 5})
    return {
        "coverage of the first half": Decimal(found.current.coverage.numerator) / found.current.coverage.denominator,
        "first half": found.current.score,
        "second half": found.potential.score,
        "overall": found.overall,
        "missing": ", ".join(found.missing),
    }


# Hours of television a week against the quotient of intelligence of ten people: a textbook's example.
QUOTIENTS = (106, 100, 86, 101, 99, 103, 97, 113, 112, 110)
HOURS = (7, 27, 2, 50, 28, 29, 20, 12, 6, 17)


def rank_correlation() -> Mapping[str, Found]:
    """Without ties 1 - 6 · 194 / (10 · 99) = -29/165; with a tie in the middle 4.5 / sqrt(4.5 · 5)."""
    return {
        "ten people": spearman(QUOTIENTS, HOURS),
        "four, two of them equal": spearman((1, 2, 2, 3), (1, 2, 3, 4)),
        "one side never varies": spearman((1, 1, 1), (1, 2, 3)),
    }


CASES: tuple[Case, ...] = (
    Case(
        "ahp-leader",
        "Pairwise comparison (AHP): choosing a leader by four criteria",
        "Saaty's method, the leader example (en.wikipedia.org, Analytic hierarchy process - leader example)",
        {
            "Experience": Decimal("0.547"),
            "Charisma": Decimal("0.270"),
            "Education": Decimal("0.127"),
            "Age": Decimal("0.056"),
            "λmax": Decimal("4.118"),
            "consistency ratio": Decimal("0.044"),
            "random index": Decimal("0.90"),
            "random index by": "Saaty 1980",
        },
        Decimal("0.001"),
        leader,
    ),
    Case(
        "spearman",
        "Rank correlation behind the back-test, ties averaged",
        "en.wikipedia.org, Spearman's rank correlation coefficient: example; the case with ties added up by hand",
        {
            "ten people": Decimal("-0.175758"),
            "four, two of them equal": Decimal("0.948683"),
            "one side never varies": IMPOSSIBLE,
        },
        Decimal("0.000001"),
        rank_correlation,
    ),
    Case(
        "score-normalisation",
        "A rating becomes a score: 100 · (r − lo) / (hi − lo)",
        "added up by hand",
        {
            "rating 4 of 1 to 5": Decimal(75),
            "rating 1 of 1 to 5": Decimal(0),
            "rating 5 of 1 to 5": Decimal(100),
            "rating 2 of 1 to 5": Decimal(25),
        },
        Decimal(0),
        normalised,
    ),
    Case(
        "score-overall",
        "Halves and overall: Σ w·s / Σ w, then α · current + (1 − α) · potential",
        "added up by hand: 0.6 · 75 + 0.4 · 0, (100 + 25) / 2, 0.6 · 45 + 0.4 · 62.5",
        {"first half": Decimal(45), "second half": Decimal("62.5"), "overall": Decimal(52)},
        Decimal(0),
        overall,
    ),
    Case(
        "score-coverage",
        "Coverage: missing values leave the weights of the rated; a half below the minimum is not scored",
        "added up by hand: 60 of 100 reach a minimum of 60 %, 50 of 100 do not",
        {
            "coverage of the first half": Decimal("0.6"),
            "first half": Decimal(75),
            "second half": IMPOSSIBLE,
            "overall": IMPOSSIBLE,
            "missing": "b, d",
        },
        Decimal(0),
        coverage,
    ),
)
