from __future__ import annotations

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctct_etl.report.changed_text import find_pieces


def marked(before: str, after: str) -> str | None:
    marks = {"same": "{}", "old": "[-{}-]", "new": "{{+{}+}}"}
    pieces = find_pieces(before, after)
    return None if pieces is None else "".join(marks[kind].format(text) for kind, text in pieces)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("+1 555 0100", "+1 555 0199", "+1 555 01[-00-]{+99+}"),
        ("Boston", "Boston ", "Boston{+ +}"),
        ("ann", "Ann", "[-a-]{+A+}nn"),
        ("12 Oak Road, Salem", "12 Elm Road, Salem", "12 [-Oak-]{+Elm+} Road, Salem"),
        ("22 Oak Road, Salem", "9 Elm Road, Salem", "[-22 Oak-]{+9 Elm+} Road, Salem"),
    ],
)
def test_what_differs_is_found_by_words_and_then_by_their_ends(before: str, after: str, told: str) -> None:
    assert marked(before, after) == told


@pytest.mark.parametrize(("before", "after"), [("Gold", "Silver"), ("", "a"), ("a", ""), ("A.", "Adam")])
def test_values_that_share_little_are_two_values(before: str, after: str) -> None:
    assert marked(before, after) is None


def test_an_accent_stays_with_its_letter() -> None:
    assert marked("Jose Lopez", "Jose\u0301 Lopez") == "Jos[-e-]{+e\u0301+} Lopez"
    assert marked("family \U0001f469\u200d\U0001f467", "family \U0001f469\u200d\U0001f466") == (
        "family [-\U0001f469\u200d\U0001f467-]{+\U0001f469\u200d\U0001f466+}"
    )


def test_long_values_take_no_time() -> None:
    before, after = ("".join(f"{word} {at} " for at in range(5000)) for word in ("old", "new"))
    assert find_pieces(before, after) is None or len(find_pieces(before, after) or ()) < 10


@given(*[st.text("ab  é\u0301-\u200d\U0001f469", max_size=12)] * 2)
def test_the_pieces_make_both_values_and_old_stands_before_new(before: str, after: str) -> None:
    pieces = find_pieces(before, after)
    if pieces is None:
        return
    assert "".join(text for kind, text in pieces if kind != "new") == before
    assert "".join(text for kind, text in pieces if kind != "old") == after
    met = {(one.kind, other.kind) for one, other in pairwise(pieces)}
    assert met <= {("same", "old"), ("same", "new"), ("old", "new"), ("old", "same"), ("new", "same")}
    assert all(text for _, text in pieces)
    begins = [text[0] for _, text in pieces[1:]]
    assert not any(unicodedata.combining(each) for each in begins if before[:1] != each and after[:1] != each)
