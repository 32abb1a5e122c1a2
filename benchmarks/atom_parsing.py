"""How fast the documents of v1 are read: ours against the ways in which one would read them with lxml.

    python -m benchmarks.atom_parsing [N]           N contacts, 100,000 unless said otherwise

Full entries, in feeds of 50 and alone. Ours refuses what would be lost, keeps comments out of texts and gives values;
the others only read, from the same bytes to the same values: where these differ no time is printed. Documents are made
outside of the timed part. The ways take turns at each feed; the contacts fall into parts, and a figure is the median
of the parts, in CPU time. At the end a process of its own tells how much memory N contacts take beyond the first.
"""

from __future__ import annotations

import io
import resource
import statistics
import subprocess
import sys
import time
import xml.etree.ElementTree as Tree
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from lxml import etree, objectify

from ctct_etl.account.v1.atom import Entry, read_document

PAGE, PARTS = 50, 5
ROOT = "http://api.constantcontact.com/ws/customers/acme"
SPACES = {"a": "http://www.w3.org/2005/Atom", "c": "http://ws.constantcontact.com/ns/1.0/"}
ATOM, CTCT = (f"{{{uri}}}" for uri in SPACES.values())
BEFORE = (
    "Status", "EmailAddress", "EmailType", "Name", "FirstName", "MiddleName", "LastName", "JobTitle", "CompanyName",
    "HomePhone", "WorkPhone", "Addr1", "Addr2", "Addr3", "City", "StateCode", "StateName", "CountryCode", "CountryName",
    "PostalCode", "SubPostalCode", "Note", *(f"CustomField{number}" for number in range(1, 16)),
)  # fmt: skip
AFTER = ("Confirmed", "InsertTime", "LastUpdateTime")
Contact = tuple[str, str, dict[str, str], tuple[str, ...]]  # edit link, id, values, lists


# -- the documents -------------------------------------------------------------------------------------------------


def make_entry(number: int, space: str) -> str:
    """A contact as accounts have them: some two fields of five filled, in one list or two."""
    filled = {
        "Status": "Active", "EmailAddress": f"person{number}@example.com", "EmailType": "HTML",
        "Name": f"Zoë{number % 97} Müller &amp; Co", "FirstName": f"Zoë{number % 97}", "LastName": "Müller &amp; Co",
        "HomePhone": f"(508) 555-{number % 10_000:04d}", "Addr1": f"{number} Main Street", "City": "Waltham",
        "StateCode": "MA", "StateName": "Massachusetts", "CountryCode": "us", "CountryName": "United States",
        "PostalCode": "02451", "CustomField1": "Gold", "CustomField3": "2013-05-01",
    }  # fmt: skip
    leaves = "".join(f"<{name}>{filled.get(name, '')}</{name}>\n" for name in BEFORE)
    held = "".join(
        f'<ContactList id="{ROOT}/lists/{n}">'
        f'<link xmlns="{SPACES["a"]}" href="/ws/customers/acme/lists/{n}" rel="self" />'
        "<OptInSource>ACTION_BY_CUSTOMER</OptInSource><OptInTime>2013-04-02T08:00:00.000Z</OptInTime></ContactList>"
        for n in range(3, 4 + number % 3)
    )
    times = "<Confirmed>false</Confirmed>" + "".join(f"<{name}>2013-05-01T10:20:30.120Z</{name}>" for name in AFTER[1:])
    return f"""<entry{space}><link href="/ws/customers/acme/contacts/{number}" rel="edit" />
<id>{ROOT}/contacts/{number}</id><title type="text">Contact: person{number}@example.com</title>
<updated>2013-05-01T10:20:30.120Z</updated><author><name>Constant Contact</name></author>
<content type="application/vnd.ctct+xml"><Contact xmlns="{SPACES["c"]}" id="{ROOT}/contacts/{number}">
{leaves}<ContactLists>{held}</ContactLists>{times}</Contact></content></entry>
"""


def make_feed(numbers: Iterable[int]) -> bytes:
    entries = "".join(make_entry(number, "") for number in numbers)
    following = '<link href="/ws/customers/acme/contacts?next=a-1" rel="next" />'
    return f"<?xml version='1.0' encoding='UTF-8'?>\n<feed xmlns=\"{SPACES['a']}\">{following}{entries}</feed>".encode()


def make_feeds(numbers: range) -> Iterator[list[bytes]]:
    for first in numbers[::PAGE]:
        yield [make_feed(range(first, min(first + PAGE, numbers.stop)))]


def make_singles(numbers: range) -> Iterator[list[bytes]]:
    space = f' xmlns="{SPACES["a"]}"'
    for first in numbers[::PAGE]:
        yield [make_entry(number, space).encode() for number in range(first, min(first + PAGE, numbers.stop))]


# -- the ways ------------------------------------------------------------------------------------------------------


def read_ours(content: bytes) -> list[Contact]:
    read = read_document(content)
    entries = [read] if isinstance(read, Entry) else read.entries
    return [(entry.edit, entry.id, dict(entry.values), entry.lists or ()) for entry in entries]


def read_by_iterating(content: bytes) -> list[Contact]:
    """The tree, and loops over children."""
    root = etree.fromstring(content)
    return [_iterate(entry) for entry in root.iter(f"{ATOM}entry")]


def read_by_iterparse(content: bytes) -> list[Contact]:
    contacts = []
    for _, entry in etree.iterparse(io.BytesIO(content), tag=f"{ATOM}entry"):
        contacts.append(_iterate(entry))
        entry.clear()
    return contacts


def read_by_element_tree(content: bytes) -> list[Contact]:
    """The standard library's parser, which the house rule leaves out: a yardstick."""
    return [_iterate(entry) for entry in Tree.fromstring(content).iter(f"{ATOM}entry")]


def _iterate(entry: Any) -> Contact:
    edit = next(link.get("href") for link in entry.iterfind(f"{ATOM}link") if link.get("rel") == "edit")
    payload = entry.find(f"{ATOM}content")[0]
    values, lists, cut = {}, (), len(CTCT)
    for child in payload:
        name = child.tag[cut:]
        if name == "ContactLists":
            lists = tuple(held.get("id") for held in child)
        else:
            values[name] = child.text or ""
    return edit, payload.get("id"), values, lists


def read_by_finding(content: bytes) -> list[Contact]:
    """What one writes first: ask for each field by its name."""
    contacts = []
    for entry in etree.fromstring(content).iter(f"{ATOM}entry"):
        payload = entry.find(f"{ATOM}content/{CTCT}Contact")
        values = {name: payload.findtext(CTCT + name) or "" for name in (*BEFORE, *AFTER)}
        lists = tuple(held.get("id") for held in payload.findall(f"{CTCT}ContactLists/{CTCT}ContactList"))
        contacts.append((entry.find(f"{ATOM}link[@rel='edit']").get("href"), payload.get("id"), values, lists))
    return contacts


_ENTRIES = etree.XPath("descendant-or-self::a:entry", namespaces=SPACES)
_EDIT = etree.XPath("string(a:link[@rel='edit']/@href)", namespaces=SPACES, smart_strings=False)
_PAYLOAD_ID = etree.XPath("string(a:content/c:Contact/@id)", namespaces=SPACES, smart_strings=False)
_LEAVES = etree.XPath("a:content/c:Contact/c:*[not(self::c:ContactLists)]", namespaces=SPACES)
_LISTS = etree.XPath("a:content/c:Contact/c:ContactLists/c:ContactList/@id", namespaces=SPACES, smart_strings=False)


def read_by_xpath(content: bytes) -> list[Contact]:
    return [
        (
            _EDIT(entry),
            _PAYLOAD_ID(entry),
            {leaf.tag[len(CTCT) :]: leaf.text or "" for leaf in _LEAVES(entry)},
            tuple(_LISTS(entry)),
        )
        for entry in _ENTRIES(etree.fromstring(content))
    ]


def read_by_objectify(content: bytes) -> list[Contact]:
    contacts = []
    for entry in objectify.fromstring(content).iter(f"{ATOM}entry"):
        payload = entry.content[f"{CTCT}Contact"]
        values = {child.tag[len(CTCT) :]: child.text or "" for child in payload.iterchildren()}
        del values["ContactLists"]
        lists = tuple(held.get("id") for held in payload.ContactLists.iterchildren())
        contacts.append((entry.link.get("href"), payload.get("id"), values, lists))
    return contacts


WAYS: dict[str, Callable[[bytes], list[Contact]]] = {
    "ours": read_ours,
    "loops over children": read_by_iterating,
    "iterparse": read_by_iterparse,
    "XPath": read_by_xpath,
    "find by name": read_by_finding,
    "objectify": read_by_objectify,
    "ElementTree": read_by_element_tree,
}


# -- the measuring -------------------------------------------------------------------------------------------------


def main(count: int) -> None:
    print(f"{count:,} contacts; CPU microseconds each, medians of {PARTS} parts")
    for shape, make in (("feeds of 50", make_feeds), ("single entries", make_singles)):
        micros = time_ways(make, count)
        fastest = min(micros.values())
        for name, spent in micros.items():
            print(f"{shape:<16}{name:<22}{spent:8.1f}{spent / fastest:8.2f}")
    kept, first = measure_memory(count)
    print(
        f"memory of ours: {first / 1024:.1f} MB after the first 1,000 contacts, {kept / 1024:+.1f} MB after {count:,}"
    )


def time_ways(make: Callable[[range], Iterator[list[bytes]]], count: int) -> dict[str, float]:
    """Microseconds for one contact, by way; results are proven equal."""
    parts = [range(part * count // PARTS, (part + 1) * count // PARTS) for part in range(PARTS)]
    spent = [dict.fromkeys(WAYS, 0.0) for _ in parts]
    for numbers, sums in zip(parts, spent, strict=True):
        for turn, documents in enumerate(make(numbers)):
            time_one_turn(documents, turn, sums)
    return {
        name: statistics.median(sums[name] / len(numbers) for sums, numbers in zip(spent, parts, strict=True)) * 1e6
        for name in WAYS
    }


def time_one_turn(documents: list[bytes], turn: int, sums: dict[str, float]) -> None:
    """Each way once, a different one first at each turn."""
    names = list(WAYS)
    results = {}
    for name in names[turn % len(names) :] + names[: turn % len(names)]:
        read = WAYS[name]
        began = time.process_time()
        results[name] = [contact for content in documents for contact in read(content)]
        sums[name] += time.process_time() - began
    for name, result in results.items():
        assert result == results["ours"], f"{name} reads something else than ours"


def measure_memory(count: int) -> tuple[int, int]:
    """kB that the peak grew after the first 1,000 contacts, and the peak then; in a process of its own."""
    program = f"from benchmarks.atom_parsing import print_peaks; print_peaks({count})"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    first, last = map(int, answer.stdout.split())
    return last - first, first


def print_peaks(count: int) -> None:
    for numbers in (range(min(1_000, count)), range(count)):
        for documents in make_feeds(numbers):
            for content in documents:
                read_ours(content)
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


if __name__ == "__main__":
    main(int(sys.argv[1].replace(",", "")) if len(sys.argv) > 1 else 100_000)
