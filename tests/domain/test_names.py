import pytest

from accounts.domain.names import Resemblance, find_lookalikes, normalise


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Oremund Chemie AG", "oremund chemie"),
        ("Havelgrund Wärme GmbH & Co. KG", "havelgrund warme"),
        ("Montevarra Foods S.p.A.", "montevarra foods"),
        ("Ostrevka Sp. z o.o.", "ostrevka"),
        ("Novo Pumper A/S", "novo pumper"),
        ("The Coca-Cola Company", "coca cola"),
        ("Müller & Söhne", "muller and sohne"),
        ("SA", "sa"),
        ("NULL", "null"),
        ("!!!", ""),
    ],
)
def test_legal_forms_case_and_accents_do_not_tell_companies_apart(name: str, plain: str) -> None:
    assert normalise(name) == plain


def test_look_alikes_of_the_demo_are_found() -> None:
    known = [("1", "Ketterau Steel"), ("2", "Brastholm Dairies"), ("3", "Oremund Chemie AG")]
    found = list(find_lookalikes([("n", "Ketterau Stahl GmbH")], known))
    assert [(hint.known_key, hint.resemblance) for hint in found] == [("1", Resemblance.SIMILAR)]
    assert found[0].similarity == pytest.approx(85.7, abs=0.1)


def test_same_words_in_another_order_or_with_other_blanks_resemble() -> None:
    found = list(find_lookalikes([("1", "Gelineau, Aline"), ("2", "Aline Gelineau"), ("3", "AlineGelineau Inc.")]))
    assert {(hint.key, hint.known_key, hint.resemblance) for hint in found} == {
        ("2", "1", Resemblance.SAME_WORDS),
        ("3", "2", Resemblance.SAME_WORDS),
    }


def test_same_name_under_two_keys_resembles_itself() -> None:
    found = list(find_lookalikes([("2", "OREMUND CHEMIE")], [("1", "Oremund Chemie AG"), ("2", "Oremund Chemie AG")]))
    assert [(hint.known_key, hint.resemblance) for hint in found] == [("1", Resemblance.SAME_NAME)]


def test_digits_tell_names_apart() -> None:
    assert list(find_lookalikes((str(number), f"Customer {number}") for number in range(12346, 12446))) == []


def test_different_companies_do_not_resemble() -> None:
    known = [("1", "Bell Canada"), ("2", "Siemens Energy"), ("3", "!!!")]
    assert list(find_lookalikes([("a", "Bell Mobility"), ("b", "Siemens Healthcare"), ("c", "???")], known)) == []


def test_hints_are_limited() -> None:
    known = [(str(number), "Acme") for number in range(10)]
    assert len(list(find_lookalikes([("n", "ACME Inc")], known, limit=2))) == 2
