from __future__ import annotations

import pyarrow as pa
import pytest

from ctct_etl.stages.arrow import TEXT
from ctct_etl.stages.garbled_text import suspect_spoilt_text

WRONG = "was read in a wrong encoding"
CURE = " — correct it where the file is made"


def told(text: str | None) -> str | None:
    (found,) = suspect_spoilt_text(pa.array([text], TEXT)).to_pylist()
    return found


def read_as_cp1252(text: str) -> str:
    """As programs do it that let the five bytes pass which cp1252 does not have."""
    return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in text.encode())


NAMES = (
    "José", "Zoë", "Łukasz", "Müller", "ÖZGÜR", "Ångström", "Gęś", "Žižek", "Иван", "Σωκράτης", "Straße", "España",
    "ő", "it’s", "“Ann”", "naïve – a dash…", "Île", "5 °C", "© Ann",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_utf8_that_was_read_as_cp1252_is_told_with_what_it_was(name: str) -> None:
    assert told(read_as_cp1252(name)) == f'{WRONG}: did you mean "{name}"?{CURE}'


@pytest.mark.parametrize("name", [*NAMES, "北京", "Şahin", "Çelik", "Čapek"])
def test_utf8_that_was_read_as_latin_1_is_told_with_what_it_was(name: str) -> None:
    assert told(name.encode().decode("latin-1")) == f'{WRONG}: did you mean "{name}"?{CURE}'


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("Jos\ufffd", WRONG),  # what stood there is gone
        ("O\x92Neil", WRONG),
        ("JosÃ© Ł", WRONG),  # half of it in order: no one reading
        ("JosÃ© " + "x" * 40, WRONG),  # too long to be shown whole
        ("ï»¿Ann", f'{WRONG}: did you mean "Ann"?'),
        ("Jos&eacute;", 'has codes of HTML in it: did you mean "José"?'),
        ("O&#39;Neil &amp; Sons", 'has codes of HTML in it: did you mean "O\'Neil & Sons"?'),
    ],
)
def test_other_ways_to_spoil_a_text(text: str, what: str) -> None:
    assert told(text) == what + CURE


@pytest.mark.parametrize(
    "text",
    [
        *NAMES, "北京", "Şahin", "Ann & Bob", "AT&T", "AT&T; R&D; Q&As;",
        "CAFÉ’S", "CAFÉ–BAR", "NESTLÉ®", "NESTLÉ™", "ANDRÉ…",
        "“À”", "«À»", "SÃO PAULO", "IRMÃ DULCE", "IRMÃ\u00a0DULCE", "ÂU CƠ", "ÑANDÚ", "RENÉ´S", "Nº 5", "ÄÖÜ", "ß",
        "2×½", "Straße 5¾", "L·L", "",
    ],
)  # fmt: skip
def test_what_people_write_is_silent(text: str) -> None:
    assert told(text) is None


def test_faults_stand_beside_the_texts_that_have_them() -> None:
    found = suspect_spoilt_text(pa.array(["é", None, "JosÃ©", "a&amp;b", "x", "\ufffd"], TEXT)).to_pylist()
    assert [fault and fault[:12] for fault in found] == [
        None,
        None,
        "was read in ",
        "has codes of",
        None,
        "was read in ",
    ]
