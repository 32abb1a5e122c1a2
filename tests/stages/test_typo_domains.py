from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import provisional

from ctct_etl.stages import typo_domains
from ctct_etl.stages.arrow import TEXT
from ctct_etl.stages.typo_domains import suggest_domains, suspect_domains


def suggest(domain: str) -> str | None:
    (found,) = suggest_domains(pa.array([domain], TEXT)).to_pylist()
    return found


@pytest.mark.parametrize(
    ("domain", "meant"),
    [
        ("gmial.com", "gmail.com"),
        ("gmai.com", "gmail.com"),
        ("gmaill.com", "gmail.com"),
        ("ggmail.com", "gmail.com"),
        ("gnail.com", "gmail.com"),
        ("mgail.com", "gmail.com"),
        ("gmai1.com", "gmail.com"),
        ("gmail.co", "gmail.com"),
        ("gmail.cm", "gmail.com"),
        ("gmail.con", "gmail.com"),
        ("gmial.con", "gmail.com"),  # both at once
        ("yahooo.com", "yahoo.com"),
        ("yaho.co.uk", "yahoo.co.uk"),
        ("hotmial.com", "hotmail.com"),
        ("hotnail.fr", "hotmail.fr"),
        ("outlok.com", "outlook.com"),
        ("iclould.com", "icloud.com"),
        ("comcst.net", "comcast.net"),
        ("sbcglobal.nte", "sbcglobal.net"),
        ("example.con", "example.com"),  # whatever the name: there is no such ending
        ("mail.example.ogr", "mail.example.org"),
        ("state.example.eud", "state.example.edu"),
    ],
)
def test_a_slip_of_the_hand_is_told_with_what_was_meant(domain: str, meant: str) -> None:
    assert suggest(domain) == meant


@pytest.mark.parametrize(
    "domain",
    [
        "gmail.com", "googlemail.com", "yahoo.co.uk", "yahoo.de", "hotmail.fr", "hotmail.cl", "outlook.cz", "web.de",
        "ymail.com", "mail.com", "email.com", "gail.com", "grail.com", "gmx.net", "gmx.de", "aol.com", "aim.com",
        "msn.com", "me.com", "mac.com", "live.com", "cox.net", "cloud.com", "comcast.com", "verizon.com", "example.com",
        "earthling.net", "hitmail.com", "hotmail.co", "yahoo.co", "proton.me", "mail.ru", "rotmail.com", "g.mail.com",
        "example.co", "example.cm", "example.om", "example.bet", "example.community", "con.example.com",
        "gmail.example.org",
    ],
)  # fmt: skip
def test_a_domain_that_may_be_meant_as_it_is_is_not_suspected(domain: str) -> None:
    assert suggest(domain) is None


def test_no_ending_that_is_taken_for_a_slip_is_a_top_level_domain() -> None:
    known = {ending.lower() for ending in provisional.get_top_level_domains()}  # as IANA lists them
    assert {"com", "co", "museum"} <= known
    slips = {slip for several in typo_domains._NO_ENDINGS.values() for slip in several}
    assert not slips & known


def test_no_great_domain_is_a_slip_for_another_one() -> None:
    assert [suggest(domain) for domain in typo_domains._GREAT] == [None] * len(typo_domains._GREAT)


def test_a_fault_stands_beside_each_address_that_has_one() -> None:
    given = ["ann@gmial.com", None, "bob@gmail.com", "cy@gmial.com", '"a@gmail.con"@example.org']
    said = 'looks misspelt after the @-sign: did you mean "gmail.com"? — correct the cell'
    assert suspect_domains(pa.array(given, TEXT)).to_pylist() == [said, None, None, said, None]
