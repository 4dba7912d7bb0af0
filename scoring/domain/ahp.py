"""Weights from pairwise comparisons: the analytic hierarchy process (Saaty 1980, The Analytic Hierarchy Process).

Weights are the principal eigenvector of the reciprocal matrix of comparisons, scaled to the sum 1. Consistency index
CI = (largest eigenvalue - n) / (n - 1); consistency ratio CR = CI / RI with the random index of the size, warned about
above 0.10. Plain Python: the web process loads no numerical library.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isclose, isfinite

RANDOM_INDEX = (0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59)
RANDOM_INDEX_SOURCE = (
    "Saaty 1980, random index for n = 1 to 15; others, such as Alonso and Lamata 2006, give slightly lower values"
)
MOST_LABELS = 15
LARGEST_RATIO = 0.10
"""Above it the comparisons contradict each other too much for their weights to mean something."""
LARGEST_VALUE, SMALLEST_VALUE = 1e6, 1e-6
STEPS, CLOSE_ENOUGH = 10_000, 1e-13

Comparison = tuple[str, str, float]
Matrix = list[list[float]]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """The comparison that fits the weights least: `given` by people, `implied` by all the others together."""

    first: str
    second: str
    given: float
    implied: float


@dataclass(frozen=True, slots=True)
class Weights:
    """``weights`` add up to 1, in the order of the labels. ``worst`` is None where everything fits."""

    weights: Mapping[str, float]
    lambda_max: float
    consistency_index: float
    consistency_ratio: float
    random_index: float
    worst: Contradiction | None

    @property
    def consistent(self) -> bool:
        return self.consistency_ratio <= LARGEST_RATIO


def weights_from(labels: Sequence[str], comparisons: Iterable[Comparison]) -> Weights:
    """Weights of ``labels`` (2 to 15) from every pair compared once: (a, b, how many times a matters as much as b).

    ValueError in words for labels or comparisons that are missing, given twice, contradictory, or not above zero.
    """
    matrix = matrix_of(labels, comparisons)
    vector = _principal(matrix)
    size = len(labels)
    # Every row gives the same eigenvalue once the vector is exact; their mean evens out the last digits.
    ratios = (sum(cell * own for cell, own in zip(row, vector, strict=True)) for row in matrix)
    largest = sum(ratio / own for ratio, own in zip(ratios, vector, strict=True)) / size
    index = max(0.0, (largest - size) / (size - 1))
    index = 0.0 if index < CLOSE_ENOUGH * size else index
    random_index = RANDOM_INDEX[size - 1]
    return Weights(
        weights=dict(zip(labels, vector, strict=True)),
        lambda_max=largest,
        consistency_index=index,
        consistency_ratio=index / random_index if random_index else 0.0,
        random_index=random_index,
        worst=_worst(labels, matrix, vector),
    )


def matrix_of(labels: Sequence[str], comparisons: Iterable[Comparison]) -> Matrix:
    """The reciprocal matrix of the comparisons. ValueError in words, as for ``weights_from``."""
    size = len(labels)
    if not 2 <= size <= MOST_LABELS:
        raise ValueError(f"Compare 2 to {MOST_LABELS} things; there are {size}.")
    places = {label: place for place, label in enumerate(labels)}
    if len(places) < size:
        raise ValueError("Every label stands once.")
    matrix: Matrix = [[1.0 if row == column else 0.0 for column in range(size)] for row in range(size)]
    for first, second, value in comparisons:
        _enter(matrix, places, first, second, value)
    missing = [
        f"{labels[row]} with {labels[column]}"
        for row in range(size)
        for column in range(row + 1, size)
        if not matrix[row][column]
    ]
    if missing:
        raise ValueError(f"Not compared yet: {', '.join(missing)}.")
    return matrix


def _enter(matrix: Matrix, places: Mapping[str, int], first: str, second: str, value: float) -> None:
    for label in (first, second):
        if label not in places:
            raise ValueError(f"“{label}” is not one of the labels.")
    if first == second:
        raise ValueError(f"“{first}” is compared with itself.")
    if not isfinite(value) or not SMALLEST_VALUE <= value <= LARGEST_VALUE:
        raise ValueError(
            f"How many times “{first}” matters as much as “{second}” is a number above zero, at most 1,000,000."
        )
    row, column = places[first], places[second]
    before = matrix[row][column]
    if before:
        if isclose(before, value, rel_tol=1e-9):
            raise ValueError(f"“{first}” and “{second}” are compared twice.")
        raise ValueError(
            f"“{first}” and “{second}” are compared twice, and the two contradict each other: {before:g} and {value:g}."
        )
    matrix[row][column], matrix[column][row] = value, 1 / value


def _principal(matrix: Matrix) -> list[float]:
    """The eigenvector of the largest eigenvalue, scaled to the sum 1, by power iteration."""
    size = len(matrix)
    vector = [1 / size] * size
    for _ in range(STEPS):
        product = [sum(cell * own for cell, own in zip(row, vector, strict=True)) for row in matrix]
        total = sum(product)
        following = [value / total for value in product]
        change = max(abs(new / old - 1) for new, old in zip(following, vector, strict=True))
        vector = following
        if change < CLOSE_ENOUGH:
            break
    return vector


def _worst(labels: Sequence[str], matrix: Matrix, vector: Sequence[float]) -> Contradiction | None:
    """The comparison furthest from the ratio of its weights, by factor; None when all fit."""
    pairs = [(row, column) for row in range(len(labels)) for column in range(row + 1, len(labels))]

    def off(pair: tuple[int, int]) -> float:
        row, column = pair
        factor = matrix[row][column] * vector[column] / vector[row]
        return max(factor, 1 / factor)

    row, column = max(pairs, key=off)
    if off((row, column)) < 1 + 1e-6:
        return None
    return Contradiction(labels[row], labels[column], matrix[row][column], vector[row] / vector[column])
