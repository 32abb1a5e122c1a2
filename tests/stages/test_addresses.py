from __future__ import annotations

import random

import email_validator
import pandas as pd
import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given
from hypothesis import strategies as st

from ctct_etl.columns import EMAIL, PROBLEM
from ctct_etl.stages.addresses import Many, canonical_addresses


def read(text: str | None, many: Many = "reject") -> tuple[str | None, str | None]:
    found = canonical_addresses(pd.Series([text], dtype="str"), many)
    return tuple(None if pd.isna(value) else value for value in found.iloc[0])


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("ann@example.org", "ann@example.org"),
        ("  Ann.Lee+news@Example.ORG\u00a0", "ann.lee+news@example.org"),
        ("mailto:ann@example.org", "ann@example.org"),
        ("MAILTO:ann@example.org?subject=Hi", "ann@example.org"),
        ("Ann Lee <ann@example.org>", "ann@example.org"),
        ('"Lee, Ann" <ann@example.org>', "ann@example.org"),
        ("<ann@example.org>", "ann@example.org"),
        ("ann@example.org;", "ann@example.org"),
        ("\u200bann@exam\u00adple.org\ufeff", "ann@example.org"),
        ("ann@bücher.example.org", "ann@xn--bcher-kva.example.org"),
        ("ann@XN--BCHER-KVA.example.org", "ann@xn--bcher-kva.example.org"),
        ("ann@ｅxample.org", "ann@example.org"),
        ("o'brien@example.info", "o'brien@example.info"),
        ("ann@example.museum", "ann@example.museum"),
        # One address said twice is one: a hyperlink cell, a doubled paste.
        ("ann@example.org<mailto:Ann@example.org>", "ann@example.org"),
        ("ann@example.org; ann@example.org", "ann@example.org"),
    ],
)
def test_one_person_has_one_address_however_it_is_written(text: str, address: str) -> None:
    assert read(text) == (address, None)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("ann", "is not an e-mail address: it has no @-sign"),
        ("ann@@example.org", "is not an e-mail address: it has more than one @-sign"),
        ("@example.org", "is not an e-mail address: there is nothing before the @-sign"),
        ("ann@", "is not an e-mail address: there is nothing after the @-sign"),
        ("ann lee@example.org", "is not an e-mail address: it has a blank in it"),
        ("ann..lee@example.org", "is not an e-mail address: it has two dots in a row"),
        ("ann@example", "is not an e-mail address: the part after the @-sign has no dot"),
        ("ann@example.test", "is not an e-mail address: the part after the @-sign is a special-use or reserved name"),
        ("zoë@example.org", "is not an e-mail address: internationalized characters before the @-sign"),
        ("ann@example.org, bob@example.org", "holds 2 addresses — leave one in the cell"),
        ("ann@example.org/bob@example.org", "holds 2 addresses — leave one in the cell"),
        ("Ann <ann@example.org> and Bob <bob@example.org>", "holds 2 addresses — leave one in the cell"),
    ],
)
def test_what_is_no_address_is_told_why(text: str, why: str) -> None:
    address, problem = read(text)
    assert address is None
    assert problem is not None and problem.startswith(why) and "\n" not in problem


@pytest.mark.parametrize(
    "text",
    [
        "ann@example.org; bob@example.org",
        "Ann <ann@example.org>, Bob <bob@example.org>",
        "ann@example.org\nbob@example.org",
    ],
)
def test_the_first_of_several_is_taken_where_the_mapping_says_so(text: str) -> None:
    assert read(text, "first") == ("ann@example.org", None)


def test_a_blank_cell_is_no_address_and_no_problem() -> None:
    assert read(None) == (None, None)
    assert read("  \u00a0") == (None, None)


def test_the_answer_keeps_the_index_of_the_question() -> None:
    values = pd.Series(["ann@example.org", "x"], dtype="str", index=[5, 3])
    found = canonical_addresses(values, "reject")
    assert found.index.tolist() == [5, 3]
    assert found[EMAIL].dtype == "str" and found[PROBLEM].isna().tolist() == [True, False]


def by_the_library(text: str) -> str | None:
    try:
        found = validate_email(text, check_deliverability=False, strict=True, allow_smtputf8=False)
    except EmailNotValidError:
        return None
    return found.ascii_email.lower() if found.ascii_email else None


def agrees(texts: list[str]) -> bool:
    """For text with one @ at most and nothing that we mend, our verdict and form are the library's own."""
    plain = [text for text in texts if text.count("@") <= 1 and text.strip().strip(",;") == text and text]
    plain = [text for text in plain if "<" not in text and not text.lower().startswith("mailto:")]
    ours = canonical_addresses(pd.Series(plain, dtype="str"), "reject")[EMAIL]
    return [None if pd.isna(value) else value for value in ours] == [by_the_library(text) for text in plain]


PIECES = [
    "ann", "A", "1", ".", "..", "-", "--", "_", "+", "'", "@", "@", "@", "example", "org", "com", "c", "info", "test",
    "local", "arpa", "onion", "xn--", "bücher", "É", "ｅ", "\u212a", "ß", '"', "a" * 60, "b" * 64, "x" * 190, " ", "\t",
    "\x00", "(", ")", "[1.2.3.4]", "。", "\u0301", "%", "/", "=", "{", "|", "~", "#", "museum", ".org", ".example.com",
    "@example.org", "٣", "`", "\\", ":",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=7).map("".join))
def test_the_verdict_is_the_librarys_on_hostile_addresses(text: str) -> None:
    assert agrees([text])


def test_the_verdict_is_the_librarys_on_a_large_hostile_sample(proof: bool) -> None:
    dice = random.Random(7)

    def throw(most: int) -> str:
        return "".join(dice.choices(PIECES, k=dice.randint(1, most)))

    size = 20_000 if proof else 4_000
    texts = [throw(8) for _ in range(size)] + [f"{throw(2)}@{throw(3)}.org" for _ in range(size)]
    assert sum(by_the_library(text) is not None for text in texts) > size / 20  # both verdicts are put to the test
    assert agrees(texts)


@pytest.mark.parametrize("name", [1, 63, 64, 65])
@pytest.mark.parametrize("label", [1, 51, 52, 62, 63, 64])
def test_the_verdict_is_the_librarys_at_every_limit_of_length(name: int, label: int) -> None:
    domain = "d" * label + "."
    assert agrees(["n" * name + "@" + domain + "org", "n" * name + "@" + domain * 4 + "org"])


def test_no_reserved_name_can_pass_the_fast_way() -> None:
    """The fast pattern takes endings of two and three letters and `info`; a shorter reserved name would break it."""
    assert all(len(name) > 3 and name != "info" for name in email_validator.SPECIAL_USE_DOMAIN_NAMES)
