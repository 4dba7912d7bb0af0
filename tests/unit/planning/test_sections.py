"""Several people write one text: every sentence stays, every version can be found again."""

import threading

import pytest
from django.db import connection

from planning.actions.plans import open_plan
from planning.actions.sections import Overlap, Saved, resolve_section, restore_version, save_section
from planning.domain.merge import Choice
from planning.models import PlanSection
from planning.queries.history import history, text_at
from sam.core.errors import ActionRefused, FieldErrors, Stale
from sam.core.models import User

TEXT = "Reduce stock before June. Fewer stops at Elster. One list of actions."


def test_the_first_save_makes_the_second_revision(goals):
    assert (goals.revision, goals.text, str(goals.edited_by)) == (2, TEXT, "Alice Lead")
    assert goals.edited_at is not None


def test_saving_the_same_text_again_makes_no_revision(account, goals, alice):
    saved = save_section(account=account, section=goals, text=TEXT + " \r\n", base_revision=2, by=alice)
    assert saved.section.revision == 2


def test_edits_of_different_sentences_are_both_kept_and_told(account, goals, alice, bob):
    mine = TEXT.replace("before June", "by 12 % before June")
    theirs = TEXT.replace("One list", "One joint list")
    save_section(account=account, section=goals, text=theirs, base_revision=2, by=bob)
    saved = save_section(account=account, section=goals, text=mine, base_revision=2, by=alice)
    assert isinstance(saved, Saved)
    assert saved.section.text == "Reduce stock by 12 % before June. Fewer stops at Elster. One joint list of actions."
    assert saved.note == "Bob Member changed other sentences; both are kept"


def test_edits_of_the_same_sentence_come_back_with_both_texts_and_store_nothing(account, goals, alice, bob):
    twelve, fifteen = (TEXT.replace("before June", f"by {share} % before June") for share in (12, 15))
    save_section(account=account, section=goals, text=fifteen, base_revision=2, by=bob)
    overlap = save_section(account=account, section=goals, text=twelve, base_revision=2, by=alice)
    assert isinstance(overlap, Overlap)
    pair = overlap.conflicts.pairs[0]
    assert (pair.mine.strip(), pair.theirs.strip()) == (
        "Reduce stock by 12 % before June.",
        "Reduce stock by 15 % before June.",
    )
    assert overlap.others == (bob,)
    goals.refresh_from_db()
    assert (goals.text, goals.revision) == (fifteen, 3)


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (Choice.MINE, "Reduce stock by 12 %. Fewer stops."),
        (Choice.THEIRS, "Reduce stock by 15 %. Fewer stops."),
        (Choice.BOTH, "Reduce stock by 12 %. Reduce stock by 15 %. Fewer stops."),
    ],
)
def test_each_choice_of_a_conflict_is_kept_as_chosen(account, plan, alice, bob, choice, expected):
    section = plan.sections.get(key="goals")
    save_section(account=account, section=section, text="Reduce stock. Fewer stops.", base_revision=1, by=alice)
    mine, theirs = "Reduce stock by 12 %. Fewer stops.", "Reduce stock by 15 %. Fewer stops."
    save_section(account=account, section=section, text=theirs, base_revision=2, by=bob)
    settled = resolve_section(
        account=account, section=section, mine=mine, base_revision=2, seen_revision=3, choices=[choice], by=alice
    )
    assert settled.section.text == expected


def test_a_choice_is_missing_and_says_so(account, goals, alice, bob):
    save_section(account=account, section=goals, text="Other words.", base_revision=2, by=bob)
    with pytest.raises(FieldErrors, match="which one stays"):
        resolve_section(
            account=account, section=goals, mine="Mine.", base_revision=2, seen_revision=3, choices=[], by=alice
        )


def test_a_save_whose_answer_got_lost_is_no_conflict_with_oneself(account, goals, alice):
    """The first try arrived, the browser never heard of it and sends again, written on."""
    begun = TEXT + " Two more sites follow"
    save_section(account=account, section=goals, text=begun, base_revision=2, by=alice)
    saved = save_section(account=account, section=goals, text=begun + " in autumn.", base_revision=2, by=alice)
    assert isinstance(saved, Saved)
    assert saved.section.text == begun + " in autumn."


def test_a_base_that_nobody_knows_never_overwrites(account, goals, bob):
    overlap = save_section(account=account, section=goals, text="All new.", base_revision=99, by=bob)
    assert isinstance(overlap, Overlap)
    goals.refresh_from_db()
    assert goals.text == TEXT


def test_a_long_text_is_kept_whole(account, goals, alice):
    text = "word " * 500 + "end."
    assert save_section(account=account, section=goals, text=text, base_revision=2, by=alice).section.text == text


def test_a_text_that_cannot_be_stored_is_refused_with_words(account, goals, alice):
    for bad in ("a\x00b", "x" * 20_001):
        with pytest.raises(FieldErrors, match="text"):
            save_section(account=account, section=goals, text=bad, base_revision=2, by=alice)


def test_history_shows_who_wrote_what_and_puts_autosaves_of_a_sitting_together(account, goals, alice, bob):
    for number in range(3):
        text = f"{TEXT} Sentence {number}."
        save_section(account=account, section=goals, text=text, base_revision=goals.revision, by=bob)
    first, second = history(goals)
    assert (first.last.person, first.saves, first.before) == ("Bob Member", 3, TEXT)
    assert first.last.text == f"{TEXT} Sentence 2."
    assert (second.last.person, second.before, second.last.text) == ("Alice Lead", "", TEXT)


def test_an_earlier_version_comes_back_as_a_new_one(account, goals, alice, bob):
    save_section(account=account, section=goals, text="Rewritten.", base_revision=2, by=bob)
    goals.refresh_from_db()
    restored = restore_version(account=account, section=goals, revision=2, seen_revision=3, by=alice)
    assert (restored.text, restored.revision) == (TEXT, 4)
    assert text_at(goals, 3) == "Rewritten."
    assert history(goals)[0].last.verb == "brought an earlier text back"


def test_restoring_over_words_one_has_not_seen_is_refused(account, goals, alice, bob):
    save_section(account=account, section=goals, text="Rewritten.", base_revision=2, by=bob)
    with pytest.raises(Stale) as problem:
        restore_version(account=account, section=goals, revision=1, seen_revision=2, by=alice)
    assert problem.value.current.text == "Rewritten."
    with pytest.raises(ActionRefused, match="does not exist"):
        restore_version(account=account, section=goals, revision=77, seen_revision=3, by=alice)


@pytest.mark.django_db(transaction=True, databases=["default", "progress"])
def test_sixty_interleaved_writes_of_two_people_keep_every_acknowledged_sentence(account, alice, make_person):
    """Each writer adds a paragraph of their own and only knows the revision that the server last told them."""
    plan = open_plan(account=account, year=2026, by=alice)
    petra = make_person("team_member", on=account, display_name="Petra")
    section = plan.sections.get(key="situation")
    heads = {alice.pk: "Purchasing.", petra.pk: "Operations."}
    text = "\n".join(heads.values())
    save_section(account=account, section=section, text=text, base_revision=1, by=alice)
    acknowledged: list[str] = []
    problems: list[Exception] = []

    def write(person: User) -> None:
        try:
            mine = PlanSection.objects.get(pk=section.pk)
            text, revision = mine.text, mine.revision
            for number in range(30):
                sentence = f"{person.display_name} fact {number}."
                head = heads[person.pk]
                text = text.replace(head, f"{head} {sentence}", 1)
                answer = save_section(account=account, section=mine, text=text, base_revision=revision, by=person)
                assert isinstance(answer, Saved)
                acknowledged.append(sentence)
                text, revision = answer.section.text, answer.section.revision
        except Exception as problem:  # noqa: BLE001 - whatever it is, the main thread reports it
            problems.append(problem)
        finally:
            connection.close()

    writers = [threading.Thread(target=write, args=[person]) for person in (alice, petra)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(timeout=60)
    assert problems == []
    section.refresh_from_db()
    assert len(acknowledged) == 60
    assert [sentence for sentence in acknowledged if sentence not in section.text] == []
    assert section.revision == 62
