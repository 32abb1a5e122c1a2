"""What the requests of dialect v1 are about, for `departing.py`. Which read could have shown who departed:

PUT             the GET of that contact; a PUT holds all lists, so that it undoes whatever it holds
a job that adds the search for that address: who is there is never added by a job
a list again    the GET of the members
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs
from xml.etree import ElementTree

from tests.promises.departing import LEFT, UNSUBSCRIBED
from tests.promises.ledger import Asked

ROOT = "/ws/customers/sandbox"
_CONTACTS, _LISTS, _ACTIVITIES = f"{ROOT}/contacts", f"{ROOT}/lists", f"{ROOT}/activities"
_ONE = re.compile(rf"^{_CONTACTS}/(\d+)$")
_MEMBERS = re.compile(rf"^{_LISTS}/(\d+)/members$")
_ATOM, _CTCT = "{http://www.w3.org/2005/Atom}", "{http://ws.constantcontact.com/ns/1.0/}"


@dataclass
class HearingV1:
    """See `departing.Hearing`."""

    _numbers: dict[str, str] = field(default_factory=dict)  # of contacts → address
    _lists: dict[str, str] = field(default_factory=dict)
    _begun: set[str] = field(default_factory=set)
    _snapshots: set[str] = field(default_factory=set)

    def learn(self, people: Iterable[dict[str, Any]]) -> None:
        """Numbers are told by answers alone."""

    def note(self, asked: Asked) -> Iterator[tuple[str, str]]:
        """A reading of the account begins with its lists, and writes nothing."""
        if asked.path == _LISTS and asked.conversation not in self._begun:
            self._snapshots.add(asked.conversation)
        self._begun.add(asked.conversation)
        if self.is_write(asked):
            self._snapshots.discard(asked.conversation)
        for payload in _payloads(asked.answer):
            number = _number(payload.get("id", ""))
            if payload.tag == f"{_CTCT}ContactList":
                self._lists[number] = payload.findtext(f"{_CTCT}Name", "")
            elif address := payload.findtext(f"{_CTCT}EmailAddress", "").lower():
                self._numbers[number] = address
                if asked.method == "GET" and asked.conversation in self._snapshots:
                    yield from ((address, name) for name in self._held(payload))

    def is_write(self, asked: Asked) -> bool:
        return asked.method not in ("GET", "HEAD") and b"EXPORT_CONTACTS" not in asked.content

    def is_job(self, asked: Asked) -> bool:
        return asked.path.startswith(_ACTIVITIES)

    def touched_by(self, asked: Asked) -> set[str]:
        if one := _ONE.match(asked.path):
            return {self._numbers.get(one[1], "")}
        if not self.is_write(asked):
            return set()
        if asked.path == _ACTIVITIES:
            rows = _form(asked).get("data", [""])[0].splitlines()[1:]
            return {row.partition(",")[0].lower() for row in rows}
        return {payload.findtext(f"{_CTCT}EmailAddress", "").lower() for payload in _payloads(asked.content)} - {""}

    def lists_of(self, write: Asked) -> set[str]:
        if write.path == _ACTIVITIES:
            form = _form(write)
            adds = form.get("activityType") == ["ADD_CONTACTS"]
            return {self._lists.get(_number(id_), "") for id_ in form["lists"]} if adds else set()
        return {name for payload in _payloads(write.content) for name in self._held(payload)}

    def could_undo(self, write: Asked, what: str) -> bool:
        if what == UNSUBSCRIBED:
            return _ONE.match(write.path) is not None
        return what.removeprefix(LEFT) in self.lists_of(write)

    def could_show(self, asked: Asked, what: str, address: str, write: Asked) -> bool:
        if one := _ONE.match(asked.path):
            return self._numbers.get(one[1]) == address
        if what.startswith(LEFT) and (members := _MEMBERS.match(asked.path)):
            return self._lists.get(members[1]) == what.removeprefix(LEFT)
        searched = asked.path == _CONTACTS and address in parse_qs(asked.query).get("email", ())
        return searched and write.path == _ACTIVITIES

    def shows_lists_of(self, asked: Asked, address: str) -> bool:
        """No write may rest on an earlier conversation: each holds all lists, or is for people who are not there."""
        return False

    def _held(self, payload: ElementTree.Element) -> Iterator[str]:
        for held in payload.iterfind(f"{_CTCT}ContactLists/{_CTCT}ContactList"):
            yield self._lists.get(_number(held.get("id", "")), "")


def _payloads(document: bytes) -> list[ElementTree.Element]:
    """What the entries of an Atom document hold; nothing for any other text, or for half a document."""
    try:
        root = ElementTree.fromstring(document)
    except ElementTree.ParseError:
        return []
    return [payload for content in root.iter(f"{_ATOM}content") for payload in content]


def _form(asked: Asked) -> dict[str, list[str]]:
    return parse_qs(asked.content.decode("ascii"), keep_blank_values=True)


def _number(identifier: str) -> str:
    return identifier.rstrip("/").rpartition("/")[2]
