"""Weights from pairwise comparisons: the published case, and what must hold for every matrix."""

from __future__ import annotations

import itertools
import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.domain.ahp import RANDOM_INDEX, matrix_of, weights_from

LEADER = ("Experience", "Education", "Charisma", "Age")
LEADER_COMPARISONS = [
    ("Experience", "Education", 4.0),
    ("Experience", "Charisma", 3.0),
    ("Experience", "Age", 7.0),
    ("Charisma", "Education", 3.0),
    ("Education", "Age", 3.0),
    ("Charisma", "Age", 5.0),
]


def test_the_published_leader_example():
    found = weights_from(LEADER, LEADER_COMPARISONS)
    assert [found.weights[label] for label in LEADER] == pytest.approx([0.547, 0.127, 0.270, 0.056], abs=0.001)
    assert found.lambda_max == pytest.approx(4.118, abs=0.001)
    assert found.consistency_ratio == pytest.approx(0.044, abs=0.001)
    assert found.random_index == 0.90
    assert found.consistent


def test_the_comparison_that_fits_least_is_named():
    """A over B and B over C, yet C far over A: that one turns the circle."""
    found = weights_from(("A", "B", "C"), [("A", "B", 3), ("B", "C", 3), ("A", "C", 1 / 5)])
    assert not found.consistent
    assert found.worst is not None
    assert (found.worst.first, found.worst.second) in {("A", "B"), ("A", "C"), ("B", "C")}
    found = weights_from(
        ("A", "B", "C", "D"),
        [("A", "B", 2), ("A", "C", 4), ("A", "D", 8), ("B", "C", 2), ("B", "D", 1 / 4), ("C", "D", 2)],
    )
    assert found.worst is not None
    assert (found.worst.first, found.worst.second) == ("B", "D")
    assert found.worst.implied > found.worst.given


def test_two_things_are_always_consistent():
    found = weights_from(("A", "B"), [("B", "A", 4)])
    assert found.weights == pytest.approx({"A": 0.2, "B": 0.8})
    assert found.consistency_ratio == 0


@pytest.mark.parametrize(
    ("labels", "comparisons", "words"),
    [
        (("A",), [], "2 to 15"),
        (tuple("ABCDEFGHIJKLMNOP"), [], "2 to 15"),
        (("A", "A"), [], "stands once"),
        (("A", "B", "C"), [("A", "B", 2)], "A with C, B with C"),
        (("A", "B"), [("A", "B", 2), ("A", "B", 2)], "compared twice."),
        (("A", "B"), [("A", "B", 2), ("B", "A", 0.5)], "compared twice."),
        (("A", "B"), [("A", "B", 2), ("B", "A", 3)], "contradict"),
        (("A", "B"), [("A", "B", 0)], "above zero"),
        (("A", "B"), [("A", "B", -3)], "above zero"),
        (("A", "B"), [("A", "B", float("nan"))], "above zero"),
        (("A", "B"), [("A", "A", 1)], "with itself"),
        (("A", "B"), [("A", "X", 1)], "“X” is not one of the labels"),
    ],
)
def test_what_cannot_be_weighed_is_refused_in_words(labels, comparisons, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        weights_from(labels, comparisons)


def test_the_random_index_grows_with_the_size_up_to_the_published_ten():
    assert list(RANDOM_INDEX[:10]) == sorted(RANDOM_INDEX[:10])
    assert RANDOM_INDEX[:10] == (0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49)


names = st.integers(2, 15).map(lambda size: tuple(f"C{number}" for number in range(size)))


@given(data=st.data(), labels=names)
@settings(max_examples=60)
def test_consistent_comparisons_give_back_their_weights(data, labels):
    raw = data.draw(st.lists(st.floats(0.05, 20), min_size=len(labels), max_size=len(labels)))
    wanted = dict(zip(labels, (value / sum(raw) for value in raw), strict=True))
    pairs = [(a, b, wanted[a] / wanted[b]) for a, b in itertools.combinations(labels, 2)]
    found = weights_from(labels, pairs)
    assert found.weights == pytest.approx(wanted, rel=1e-6)
    assert found.consistency_ratio == pytest.approx(0, abs=1e-9)
    assert found.worst is None


scale = st.sampled_from([1 / 9, 1 / 5, 1 / 3, 1 / 2, 1.0, 2.0, 3.0, 5.0, 9.0])


@given(data=st.data(), labels=names, seed=st.integers(0, 1000))
@settings(max_examples=60)
def test_weights_add_up_to_one_and_the_order_of_labels_does_not_matter(data, labels, seed):
    pairs = [(a, b, data.draw(scale)) for a, b in itertools.combinations(labels, 2)]
    found = weights_from(labels, pairs)
    assert sum(found.weights.values()) == pytest.approx(1)
    assert min(found.weights.values()) > 0
    assert found.lambda_max >= len(labels) - 1e-9
    mixed = list(labels)
    random.Random(seed).shuffle(mixed)
    turned = [(b, a, 1 / value) for a, b, value in pairs]
    again = weights_from(mixed, turned)
    assert again.weights == pytest.approx(dict(found.weights), rel=1e-6)
    assert again.consistency_ratio == pytest.approx(found.consistency_ratio, abs=1e-9)


@given(labels=names, data=st.data())
@settings(max_examples=30)
def test_the_matrix_is_reciprocal(labels, data):
    pairs = [(a, b, data.draw(scale)) for a, b in itertools.combinations(labels, 2)]
    matrix = matrix_of(labels, pairs)
    for row, column in itertools.product(range(len(labels)), repeat=2):
        assert matrix[row][column] * matrix[column][row] == pytest.approx(1)
