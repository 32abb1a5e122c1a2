"""Domains that look like a slip of the hand for another one. Suggested to a person, never mended by the program.

Two rules, both careful, since a wrong suggestion costs a person's trust in all the others:
1. One edit away from one of the great mailbox domains: a letter too many, too few, another, or two in a row swapped.
   The first letter stays in its place, which few people miss, and which tells ymail.com and email.com from gmail.com.
   Domains with short names (aol.com, msn.com, gmx.de) have too many honest neighbours, and are not compared with.
2. An ending that is no top-level domain, but a slip for one: .con, .cmo, .ogr [IANA root zone].
A domain that is known to be real is never suspected.
"""

from __future__ import annotations

import string
from collections.abc import Iterator
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from ctct_etl.stages.arrow import TEXT, by_distinct, join

_GREAT = (
    "gmail.com", "googlemail.com", "yahoo.com", "hotmail.com", "outlook.com", "icloud.com", "comcast.net",
    "verizon.net", "sbcglobal.net", "bellsouth.net", "earthlink.net", "optonline.net", "windstream.net",
    "rocketmail.com", "protonmail.com", "btinternet.com", "virginmedia.com", "bigpond.com", "sympatico.ca",
    "yahoo.ca", "yahoo.co.uk", "yahoo.com.au", "yahoo.fr", "yahoo.de", "hotmail.ca", "hotmail.co.uk", "hotmail.fr",
    "hotmail.de", "googlemail.de", "t-online.de", "wanadoo.fr", "yandex.ru",
)  # fmt: skip
# One edit away from a great one, and honest domains all the same.
_REAL = frozenset({"earthling.net", "gail.com", "grail.com", "hitmail.com", "hotmail.co", "yahoo.co"})
# What is typed for an ending and is none: no name of the root zone is among them.
_NO_ENDINGS = {
    "com": ("con", "cmo", "ocm", "comm", "coom", "ccom", "cpm", "clm", "ckm", "cok", "coj", "vom", "xom", "comn",
            "coml", "c0m"),
    "net": ("nte", "ent", "ner", "nrt", "nett", "neet", "nnet"),
    "org": ("ogr", "rog", "orgg", "orh", "otg", "ofg", "oorg", "prg"),
    "edu": ("eud", "due", "eduu", "edi"),
}  # fmt: skip
_OTHER_COUNTRIES = ("co", "cm", "om")  # endings of countries, where nobody of a mailbox at .com is
_LETTERS = string.ascii_lowercase + "01"  # gmai1.com, yah0o.com


def suspect_domains(addresses: pa.Array) -> pa.Array:
    """Return for each canonical address what looks wrong with its domain, null where nothing does or it is null.

    A fault goes on after the quoted address.
    """
    domains = pc.list_element(pc.split_pattern(addresses, "@", max_splits=1, reverse=True), 1)
    faults, at = by_distinct(domains, _say_meant)
    return faults.take(at)


def suggest_domains(domains: pa.Array) -> pa.Array:
    """Return the domain that was probably meant, null where the domain looks right."""
    ended = _mend_ending(domains)
    slips, meant = _slips()
    near = meant.take(pc.index_in(pc.coalesce(ended, domains), value_set=slips))
    return pc.coalesce(near, ended)


def _say_meant(domains: pa.Array) -> pa.Array:
    meant = suggest_domains(domains)
    return join('looks misspelt after the @-sign: did you mean "', meant, '"? — correct the cell')


def _mend_ending(domains: pa.Array) -> pa.Array:
    """Return the domain with the ending that was meant, null where the ending is none of ours."""
    mended = pa.nulls(len(domains), TEXT)
    for meant, slips in _NO_ENDINGS.items():
        pattern = rf"\.(?:{'|'.join(slips)})$"
        wrong = pc.match_substring_regex(domains, pattern)
        mended = pc.if_else(wrong, pc.replace_substring_regex(domains, pattern, f".{meant}"), mended)
    return mended


@cache
def _slips() -> tuple[pa.Array, pa.Array]:
    """Every slip for a great domain, and the domain that was meant; a slip for two of them is a slip for none."""
    found: dict[str, set[str]] = {}
    for domain in _GREAT:
        for slip in {*_edit(domain), *_move_abroad(domain)} - _REAL - set(_GREAT):
            found.setdefault(slip, set()).add(domain)
    sure = {slip: next(iter(meant)) for slip, meant in found.items() if len(meant) == 1}
    return pa.array(sure.keys(), TEXT), pa.array(sure.values(), TEXT)


def _edit(domain: str) -> Iterator[str]:
    """Every name one edit away, the ending as it is."""
    name, _, ending = domain.partition(".")
    for at in range(len(name)):
        before, here, after = name[:at], name[at], name[at + 1 :]
        if after:
            yield f"{before}{after[0]}{here}{after[1:]}.{ending}"
        for letter in _LETTERS:
            yield f"{before}{here}{letter}{after}.{ending}"
            if at:
                yield f"{before}{letter}{after}.{ending}"
        if at:
            yield f"{before}{after}.{ending}"


def _move_abroad(domain: str) -> Iterator[str]:
    name, _, ending = domain.partition(".")
    if ending == "com":
        yield from (f"{name}.{country}" for country in _OTHER_COUNTRIES)
