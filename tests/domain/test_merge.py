import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planning.domain.merge import Agreed, Choice, Conflict, Conflicts, Merged, merge, resolve, sentences

BASE = (
    "Win the sterile-pack pilot at two sites. Reduce stock by 12 %.\n\n"
    "The CFO wants a 4 % price cut. We answer with a joint savings case.\n\nExecutive dinner in December."
)
EDITS = 500


def merged(base: str, mine: str, theirs: str) -> str:
    found = merge(base, mine, theirs)
    assert isinstance(found, Merged), found
    return found.text


def conflicts(base: str, mine: str, theirs: str) -> Conflicts:
    found = merge(base, mine, theirs)
    assert isinstance(found, Conflicts), found
    return found


def test_edits_of_different_sentences_go_together() -> None:
    mine = BASE.replace("two sites", "three sites").replace("in December.", "on 4 December, hosted by K. Ito.")
    theirs = BASE.replace("4 % price cut", "4 % price cut by January").replace("12 %", "15 %")
    assert merged(BASE, mine, theirs) == (
        "Win the sterile-pack pilot at three sites. Reduce stock by 15 %.\n\n"
        "The CFO wants a 4 % price cut by January. We answer with a joint savings case.\n\n"
        "Executive dinner on 4 December, hosted by K. Ito."
    )


def test_same_sentence_changed_twice_is_shown_side_by_side() -> None:
    found = conflicts(BASE, BASE.replace("two sites", "three sites"), BASE.replace("two sites", "one site only"))
    assert found.pairs == (
        Conflict(
            "Win the sterile-pack pilot at two sites. ",
            "Win the sterile-pack pilot at three sites. ",
            "Win the sterile-pack pilot at one site only. ",
        ),
    )
    assert resolve(found, [Choice.MINE]) == BASE.replace("two sites", "three sites")
    assert resolve(found, [Choice.THEIRS]) == BASE.replace("two sites", "one site only")
    assert resolve(found, [Choice.BOTH]).startswith(
        "Win the sterile-pack pilot at three sites. Win the sterile-pack pilot at one site only. Reduce"
    )


def test_demo_conflict_about_the_stock_keeps_both_numbers() -> None:
    base = "Reduce stock before June."
    found = conflicts(base, "Reduce stock by 12 % before June.", "Reduce stock by 15 % before June.")
    assert resolve(found, [Choice.BOTH]) == "Reduce stock by 12 % before June. Reduce stock by 15 % before June."


def test_one_edit_across_several_of_the_other_side_loses_nothing() -> None:
    base = "One. Two. Three. Four. Five."
    found = conflicts(base, "Everything anew.", "One. Zwei. Three. Vier. Five. Six.")
    assert found.pairs == (Conflict(base, "Everything anew.", "One. Zwei. Three. Vier. Five. "),)
    assert resolve(found, [Choice.MINE]) == "Everything anew. Six."


def test_chain_of_overlaps_is_one_conflict() -> None:
    base = "A a. B b. C c. D d. E e."
    mine = "Z z. C c. Y y."  # replaces A B, keeps C, replaces D E
    theirs = "A a. X x. E e."  # replaces B C D
    assert conflicts(base, mine, theirs).pairs == (Conflict(base, mine, theirs),)


def test_deleting_what_the_other_changed_is_a_conflict_with_an_empty_side() -> None:
    found = conflicts("One. Two. Three.", "One. Three.", "One. Two and a half. Three.")
    assert found.pairs == (Conflict("Two. ", "", "Two and a half. "),)
    assert resolve(found, [Choice.MINE]) == "One. Three."
    assert resolve(found, [Choice.BOTH]) == "One. Two and a half. Three."


def test_deleting_what_nobody_else_touched_deletes_it() -> None:
    assert merged("One. Two. Three.", "One. Three.", "One. Two. Three. Four.") == "One. Three. Four."


def test_sentence_that_both_kept_once_is_not_deleted_twice() -> None:
    base, mine, theirs = "Same. Middle. Same.", "Middle. Same.", "Same. Middle."
    assert conflicts(base, mine, theirs).pairs == (Conflict(base, mine, theirs),)


def test_two_insertions_at_one_place_are_a_conflict_even_in_an_empty_text() -> None:
    assert conflicts("", "A one.", "B two.").pairs == (Conflict("", "A one.", "B two."),)
    found = conflicts("Start.", "Start. Mine.", "Start. Theirs.")
    assert resolve(found, [Choice.BOTH]) == "Start. Mine. Theirs."


def test_same_edit_on_both_sides_is_made_once() -> None:
    assert merged("One. Two. Three.", "One. 2 now. Three. Four.", "Zero. One. 2 now. Three.") == (
        "Zero. One. 2 now. Three. Four."
    )


def test_appending_does_not_disturb_a_change_of_the_last_sentence() -> None:
    assert merged("One. Two.", "One. Two. Three.", "One. Two!") == "One. Two! Three."
    assert merged("One. No end", "One. No end\nThree.", "Zero. One. No end") == "Zero. One. No end\nThree."


def test_changes_of_white_space_alone_are_kept() -> None:
    assert merged("One. Two. Three.", "One.\n\nTwo. Three.", "One. Two. Four.") == "One.\n\nTwo. Four."
    assert merged("One. Two.", "One.\nTwo.", "One.\n\nTwo.") == "One.\n\nTwo."


def test_line_ends_of_a_browser_are_no_edit() -> None:
    assert merged("One.\nTwo.", "One.\r\nTwo.", "One.\nThree.") == "One.\nThree."


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("  \n ", 0),
        ("Margin is 4.5 % today. Good.", 2),
        ("Dr. Holt and K. Ito meet on 12. December. They decide!", 2),
        ("He said “Done.” She left.", 2),
        ("- first point\n- second point", 2),
        ("Really?! Yes… maybe.", 2),
        ("Wait... Then go.", 2),
    ],
)
def test_sentences_end_where_people_end_them(text: str, count: int) -> None:
    assert len(sentences(text)) == count


def test_choices_must_answer_every_conflict() -> None:
    with pytest.raises(ValueError, match="1 conflicts and 2 choices"):
        resolve(conflicts("", "A one.", "B two."), [Choice.MINE, Choice.MINE])


@pytest.mark.parametrize("unit", ["a b ", "ab. ", "ab. cd. ", "ab.\n", "\n", "  "])
def test_hostile_text_is_merged_or_refused_within_seconds(unit: str) -> None:
    base = unit * 5_000
    mine, theirs = base[len(unit) :] + "ef. cd.", "gh. " + base.replace(unit * 2, "ij. ")
    began = time.process_time()
    check_laws(base, mine, theirs)
    merge(unit * 900, "cd. ab. " * 450, "ef. ab. " * 450)
    assert time.process_time() - began < 5


words = st.sampled_from(["alpha", "beta", "4.5", "Dr.", "gamma", "12.", "x"])
ends = st.sampled_from([". ", ".", "! ", "?\n", ".\n\n", "\n", " "])
texts = st.lists(st.tuples(words, words, ends).map(lambda parts: f"{parts[0]} {parts[1]}{parts[2]}"), max_size=7).map(
    "".join
)


@settings(max_examples=150)
@given(texts, texts)
def test_one_sided_and_equal_edits_are_taken_as_they_are(base: str, changed: str) -> None:
    assert merge(base, changed, base) == Merged(changed)
    assert merge(base, base, changed) == Merged(changed)
    assert merge(base, changed, changed) == Merged(changed)


@settings(max_examples=150)
@given(texts, texts, texts)
def test_sides_are_symmetric_and_every_word_survives(base: str, mine: str, theirs: str) -> None:
    check_laws(base, mine, theirs)


def test_random_edits_lose_nothing() -> None:
    source = random.Random(20261123)
    for _ in range(EDITS):
        base = random_text(source)
        check_laws(base, random_edit(source, base), random_edit(source, base))


def random_text(source: random.Random) -> str:
    return "".join(random_sentence(source) for _ in range(source.randrange(0, 12)))


def random_sentence(source: random.Random) -> str:
    end = source.choice([". ", ". ", "! ", "? ", ".\n", ".\n\n", "\n"])
    return (
        f"{source.choice('ABCDEFGH')}{source.randrange(60)} {source.choice(['goes', 'grows by 4.5', 'stays'])} on{end}"
    )


def random_edit(source: random.Random, text: str) -> str:
    parts = [part for part in text.splitlines(keepends=True) if part]
    pieces = [piece + " " for part in parts for piece in part.split(". ")] if source.random() < 0.3 else sentences(text)
    for _ in range(source.randrange(1, 6)):
        place = source.randrange(len(pieces) + 1)
        action = source.choice(["insert", "delete", "change", "move", "span"])
        if action == "insert" or not pieces:
            pieces.insert(place, random_sentence(source))
        elif action == "delete":
            pieces.pop(min(place, len(pieces) - 1))
        elif action == "change":
            pieces[min(place, len(pieces) - 1)] = random_sentence(source)
        elif action == "move":
            pieces.insert(place, pieces.pop(source.randrange(len(pieces))))
        else:
            pieces[place : place + source.randrange(1, 5)] = [random_sentence(source), random_sentence(source)]
    return source.choice([" ", "\n"]).join(pieces)


def check_laws(base: str, mine: str, theirs: str) -> None:
    found, mirrored = merge(base, mine, theirs), merge(base, theirs, mine)
    if isinstance(found, Merged):
        assert mirrored == found
        everything = found.text
    else:
        assert isinstance(mirrored, Conflicts)
        swapped = tuple(
            Conflict(piece.base, piece.theirs, piece.mine) if isinstance(piece, Conflict) else piece
            for piece in mirrored.pieces
        )
        assert found.pieces == swapped
        assert all(pair.mine != pair.theirs for pair in found.pairs)
        everything = resolve(found, [Choice.BOTH] * len(found.pairs))
        for choice, side in ((Choice.MINE, "mine"), (Choice.THEIRS, "theirs")):
            chosen = resolve(found, [choice] * len(found.pairs))
            for piece in found.pieces:
                kept = piece.text if isinstance(piece, Agreed) else getattr(piece, side)
                assert kept.strip() in chosen
    before, after_mine, after_theirs, kept = (set(sentences(text)) for text in (base, mine, theirs, everything))
    assert (after_mine | after_theirs) - before <= kept, "an inserted sentence is lost"
    assert kept <= before | after_mine | after_theirs, "a sentence came from nowhere"
    assert before & after_mine & after_theirs <= kept, "a sentence that nobody deleted is lost"


def test_a_percent_sign_before_the_point_ends_a_sentence():
    assert sentences("Reduce stock by 12 %. Fewer stops.") == ["Reduce stock by 12 %.", "Fewer stops."]
