"""The AHP tool by API: the published case, both ways to send comparisons, refusals in words."""

from __future__ import annotations

import itertools

import pytest

LABELS = ["Experience", "Education", "Charisma", "Age"]
TRIPLES = [
    ["Experience", "Education", 4],
    ["Experience", "Charisma", 3],
    ["Experience", "Age", 7],
    ["Charisma", "Education", 3],
    ["Education", "Age", 3],
    ["Charisma", "Age", 5],
]
URL = "/api/v1/tools/ahp/"


@pytest.fixture
def viewer(make_person, api):
    return api(make_person("viewer"))


def test_the_published_case_comes_back_with_its_consistency(viewer):
    body = viewer.post(URL, {"labels": LABELS, "comparisons": TRIPLES}).json()
    published = {"Experience": 0.547, "Education": 0.127, "Charisma": 0.270, "Age": 0.056}
    assert body["weights"] == pytest.approx(published, abs=0.001)
    assert body["lambda_max"] == pytest.approx(4.118, abs=0.001)
    assert body["consistency_ratio"] == pytest.approx(0.044, abs=0.001)
    assert body["random_index"] == 0.9
    assert "Saaty 1980" in body["random_index_source"]
    assert body["consistent"] is True


def test_objects_positions_and_reciprocals_say_the_same(viewer):
    as_triples = viewer.post(URL, {"labels": LABELS, "comparisons": TRIPLES}).json()
    objects = [{"a": LABELS.index(a), "b": b, "value": value} for a, b, value in TRIPLES]
    assert viewer.post(URL, {"labels": LABELS, "comparisons": objects}).json() == as_triples
    turned = [[b, a, f"1/{value}"] for a, b, value in TRIPLES]
    again = viewer.post(URL, {"labels": LABELS, "comparisons": turned}).json()
    assert again["weights"] == pytest.approx(as_triples["weights"])


def test_what_contradicts_itself_is_answered_and_said(viewer):
    circle = [["A", "B", 5], ["B", "C", 5], ["A", "C", "1/5"]]
    body = viewer.post(URL, {"labels": ["A", "B", "C"], "comparisons": circle}).json()
    assert body["consistent"] is False
    assert body["consistency_ratio"] > 0.1
    assert body["most_inconsistent"]["given"] in (5, 0.2)


many = [f"L{number}" for number in range(16)]


@pytest.mark.parametrize(
    ("labels", "comparisons", "field", "words"),
    [
        (LABELS, TRIPLES[:-1], "comparisons", "Charisma with Age"),
        (LABELS, [*TRIPLES, TRIPLES[0]], "comparisons", "compared twice"),
        (LABELS, [*TRIPLES, ["Education", "Experience", 4]], "comparisons", "contradict"),
        (LABELS, [["Experience", "Education", 0], *TRIPLES[1:]], "comparisons", "above zero"),
        (LABELS, [["Experience", "Education", -4], *TRIPLES[1:]], "comparisons", "above zero"),
        (LABELS, [["Experience", "Education", "four"], *TRIPLES[1:]], "comparisons", "above zero"),
        (LABELS, [["Experience", "Education", 1e300], *TRIPLES[1:]], "comparisons", "at most"),
        (LABELS, [["Experience", "Luck", 4], *TRIPLES[1:]], "comparisons", "Luck"),
        (LABELS, [[0, 4, 4], *TRIPLES[1:]], "comparisons", "position 4"),
        (LABELS, [[True, 1, 4], *TRIPLES[1:]], "comparisons", "Each comparison"),
        (LABELS, [{"a": 0, "b": 1}], "comparisons", "Each comparison"),
        (LABELS, [5], "comparisons", "Each comparison"),
        (["A", "A"], [["A", "A", 1]], "labels", "stands once"),
        (["A"], [], "labels", "2 to 15"),
        (many, [[a, b, 1] for a, b in itertools.combinations(many, 2)], "labels", "2 to 15"),
    ],
)
def test_what_cannot_be_weighed_is_a_400_in_words(viewer, labels, comparisons, field, words):
    answer = viewer.post(URL, {"labels": labels, "comparisons": comparisons})
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    problem = answer.json()["errors"][0]
    assert problem["field"] == field
    assert words in problem["message"]


def test_without_a_token_it_is_401(client):
    assert client.post(URL, {}).status_code == 401
