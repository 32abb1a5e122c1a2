"""Damaged documents: each is read whole, or refused in words that quote nothing of it, and soon."""

import random
import re
import time

import pytest

from ctct_etl.account.v1.atom import (
    Entry,
    Malformed,
    changed_contact,
    is_html,
    read_document,
    resolve,
)
from tests.account.v1.damaging import WAYS, damage
from tests.account.v1.documents import (
    ACTIVITY,
    DOWNTIME,
    LIMITED,
    LIMITED_2008,
    MADE_LIST,
    MEMBERS,
    SERVICE,
    full_entry,
)
from tests.account.v1.plain_reading import held_lists, picture, rest

SOUND = [
    text.encode()
    for text in (
        LIMITED, LIMITED_2008, MEMBERS, MADE_LIST, ACTIVITY, SERVICE, DOWNTIME,
        full_entry({"FirstName": "Zoë 😀", "City": "A &amp; B", "Note": "<![CDATA[<x>]]>"}),
        full_entry(lists=(), more='<!-- kept --><New a="1">x</New><o:Far xmlns:o="urn:o"><o:City>z</o:City></o:Far>'),
    )
]  # fmt: skip
# What a message may hold: words of ours, the kind of a fault, and a place. None of SOUND's values looks like that.
WORDS = re.compile(r"[a-zA-Z0-9 ,'.:-]+")
VALUES = re.compile(r"ada|bob|example\.org|Zo|acme|712|a07e1|Newsletter|Byron|h3k9", re.IGNORECASE)
PATIENCE_S = 5.0


def attempt(action, *arguments):
    """What `action` gives, or None where it refuses; never another fault, and never late."""
    began = time.perf_counter()
    try:
        return action(*arguments)
    except Malformed as refused:
        assert WORDS.fullmatch(str(refused)) and not VALUES.search(str(refused)), refused
        return None
    finally:
        assert time.perf_counter() - began < PATIENCE_S


def check(content):
    """Read `content`, hold it against what a plain parser sees, and change it; return the entries read, or None."""
    assert is_html(content) in (True, False)
    read = attempt(read_document, content)
    if read is None:
        return None
    entries = [read] if isinstance(read, Entry) else read.entries
    plain = picture(content)
    if plain is not None:
        seen = [(entry.kind, list(entry.values.items()), list(entry.lists or ())) for entry in entries if entry.kind]
        assert seen == plain
    for link in [entry.edit for entry in entries] + ([] if isinstance(read, Entry) else [read.next]):
        found = attempt(resolve, link, "/ws/customers/acme/contacts")
        assert found is None or re.match(r"/(?!/)", found)
    if isinstance(read, Entry) and plain is not None:
        check_change(content, read)
    return entries


def check_change(content, read):
    changes = {"City": "Wells", "New2": ""}
    written = attempt(changed_contact, content, changes, read.lists or (), "ACTION_BY_CUSTOMER")
    if written is None:
        return
    after = read_document(written)
    assert after.values == {**read.values, **changes, "OptInSource": "ACTION_BY_CUSTOMER"}
    assert after.lists == (read.lists or ())
    assert (after.id, after.edit, after.kind) == (read.id, read.edit, read.kind)
    assert rest(written, changes) == rest(content, changes)
    assert held_lists(written) == held_lists(content)


def test_damaged_documents_are_read_whole_or_refused(proof, figures):
    for seed in range(10_000 if proof else 1_000):
        chance = random.Random(seed)
        content = damage(chance.choice(SOUND), chance)
        try:
            entries = check(content)
        except BaseException as fault:
            raise AssertionError(f"seed {seed}: {type(fault).__name__}: {fault}\n{content[:3000]!r}") from fault
        figures["damaged Atom documents"] += 1
        figures["  of them read whole"] += entries is not None


@pytest.mark.parametrize("way", WAYS)
def test_each_way_of_damage_alone_is_survived(way):
    for number, content in enumerate(SOUND):
        check(way(content, random.Random(number)))


def test_sound_documents_pass_the_same_checks():
    assert [check(content) is None for content in SOUND] == [False] * 5 + [True] * 2 + [False] * 2


@pytest.mark.parametrize(
    "content",
    [
        b'<feed xmlns="http://www.w3.org/2005/Atom">' + b"<a>" * 2_000_000,
        b'<feed xmlns="http://www.w3.org/2005/Atom">' + b"<entry/>" * 50_000 + b"</feed>",
        b"<feed " + b" ".join(b'a%d=""' % number for number in range(200_000)) + b"/>",
        b"<feed " + b" ".join(b'xmlns:a%d="urn:x"' % number for number in range(200_000)) + b"/>",
        b"<!-- " * 3_000_000,
        b"<!---->" * 2_000_000 + b"<html",
        b'<entry xmlns="http://www.w3.org/2005/Atom"><id>' + b"x" * 12_000_000 + b"</id></entry>",
        full_entry({"Note": "x" * 9_000_000}).encode(),
    ],
    ids=["open tags", "entries", "attributes", "namespaces", "open comments", "comments", "long text", "long note"],
)
def test_large_documents_take_no_longer_than_their_size(content):
    check(content)
