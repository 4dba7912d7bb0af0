import pytest

from sam.values.texts import TextError, clean_text, fold


@pytest.mark.parametrize(
    ("text", "code"),
    [("a\x00b", "nul"), ("a\ud83d", "surrogate"), ("\x1b[31m", "control"), ("\x7f", "control"), ("abcd", "too_long")],
)
def test_text_that_cannot_be_stored_is_refused_with_its_reason(text: str, code: str) -> None:
    with pytest.raises(TextError) as caught:
        clean_text(text, max_length=3)
    assert caught.value.code == code


def test_clean_text_keeps_tabs_lines_and_emoji() -> None:
    assert clean_text(" a\tb\r\nc\rd 😀\n") == "a\tb\nc\nd 😀"
    assert clean_text("e\u0301") == "\u00e9"
    assert clean_text("") == ""


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("  Łódź  Straße", "lodz strasse"),
        ("Doležal", "dolezal"),
        ("Ærø Öl", "aero ol"),
        ("İstanbul", "istanbul"),
        ("ﬁrma", "firma"),
    ],
)
def test_folding_drops_case_and_accents(text: str, folded: str) -> None:
    assert fold(text) == folded
    assert fold(folded) == folded
