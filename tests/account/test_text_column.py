from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ctct_etl.account.text_column import TextColumn
from ctct_etl.plan.blanks import TEXT, blank_texts

PAGES = st.lists(st.one_of(st.lists(st.sampled_from(["", "a", "häß", "\U0001f600"]), max_size=4), st.just(["", ""])))


def column(*pages: list[str]) -> TextColumn:
    made = TextColumn()
    for page in pages:
        made.extend(page)
    return made


@given(PAGES)
def test_texts_come_in_the_order_in_which_they_were_given(pages: list[list[str]]) -> None:
    texts = column(*pages).texts()
    texts.validate(full=True)
    assert texts.to_pylist() == [text for page in pages for text in page] and texts.type == TEXT


@given(PAGES, PAGES)
def test_more_may_come_after_it_was_asked_for_and_what_was_handed_out_stays(
    first: list[list[str]], more: list[list[str]]
) -> None:
    made = column(*first)
    before = made.texts()
    for page in more:
        made.extend(page)
    assert before.to_pylist() == [text for page in first for text in page]
    assert made.texts().to_pylist() == [text for page in first + more for text in page]


def test_what_is_asked_for_again_is_not_made_again() -> None:
    made = column(["a"], ["b"])
    assert made.texts() is made.texts()


def test_a_column_without_any_text_is_the_one_that_all_such_share() -> None:
    assert column(["", ""], [""]).texts() is blank_texts(3)


def test_half_a_surrogate_pair_becomes_a_question_mark() -> None:
    assert column(["a\ud800", "b"]).texts().to_pylist() == ["a?", "b"]
