"""Who departs while a run goes on, and who is back: the judge of promise 5.

    departure   someone unsubscribes, is deleted, or leaves a list that the program knew them to be on: a snapshot
                showed them there, or the program put them there itself and was told that its request arrived. It
                stands until the person joins again. Who was on a list only between two looks at the account, or by a
                request whose answer was lost, was there without the program's knowledge: put there again, they are
                counted apart
    return      a departure that a write of the program undid: subscribed again, not deleted any more, on the list
                again
    visible     a departure that came before the last read that could have shown it, of those before the write that
                undid it. A visible departure that is undone breaks the promise; one that came after the last read
                no client can see

Which read could have shown it, for each route, by the requests that the service got:

    PUT             the GET of that contact in the same conversation
    import, list    unsubscribed: in the same conversation the GET of those who opted out (`optout_after`), of all
                    unsubscribed, or of the members of the list · deleted: of the deleted, or of the members
    a list again    the GET of the members in the same conversation; else the last GET of all that showed the contact
                    with its lists, be it for the plan, for the refresh before an apply, or to read a job back

A write without such a read in its conversation counts as one whose last read was a moment before: had the program read,
it would have known. So a route that forgets to read breaks the promise here, and gains nothing.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ctct_etl.sandbox import Sandbox
from tests.promises.conversing import Told
from tests.promises.ledger import ACTIVITIES, CONTACTS, IMPORT, Asked, Ledger

UNSUBSCRIBED, DELETED, LEFT = "unsubscribed", "deleted", "left "  # LEFT is followed by the name of the list
_ONE = re.compile(rf"^{CONTACTS}/([0-9a-f-]{{36}})$")


@dataclass(frozen=True)
class Return:
    """A departure that was undone. `since`, `write`, `read`: places in the order of requests, a deed between two."""

    address: str
    what: str
    since: float
    write: Asked
    read: float

    @property
    def is_visible(self) -> bool:
        return self.since < self.read


@dataclass
class Departures:
    """Follows an account through its nights. Is told of deeds before and after, and of every request."""

    sandbox: Sandbox
    ledger: Ledger
    told: Told
    standing: dict[str, dict[str, float]] = field(default_factory=lambda: defaultdict(dict))
    returns: list[Return] = field(default_factory=list)
    unseen: int = 0  # put again on a list that the program never knew them to be on
    _ids: dict[str, str] = field(default_factory=dict)
    _lists: dict[str, str] = field(default_factory=dict)
    _seen: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _writes: dict[str, list[Asked]] = field(default_factory=lambda: defaultdict(list))
    _snapshots: set[str] = field(default_factory=set)

    def learn(self) -> None:
        """Take in the ids of contacts; to be called before a run, since a run makes contacts."""
        for contact in self.sandbox.read_people():
            self._ids[contact["contact_id"]] = contact["email_address"]["address"].lower()

    def touched_by(self, asked: Asked) -> set[str]:
        """Addresses that a request is about: who is written, or read alone."""
        if one := _ONE.match(asked.path):
            return {self._ids.get(one[1], "")}
        if not asked.is_write or not asked.path.startswith((ACTIVITIES, CONTACTS)):
            return set()
        if asked.path == IMPORT:
            return {row["email"].lower() for row in asked.body["import_data"]}
        if asked.path == CONTACTS:
            return {asked.body["email_address"]["address"].lower()}
        return {self._ids.get(id_, "") for id_ in asked.body["source"]["contact_ids"]}

    # -- what happens --------------------------------------------------------------------------------------------

    def note_deed(self, deed: dict[str, str], person: dict[str, Any], at: float) -> None:
        """Someone did something. `person`: the contact as it was just before."""
        address, standing = deed["address"], self.standing[deed["address"]]
        self._ids[person["contact_id"]] = address
        if deed["do"] == "unsubscribe" and not is_undone(UNSUBSCRIBED, person):
            return  # had left before; the first departure stands
        if deed["do"] == "unsubscribe":
            standing[UNSUBSCRIBED] = at
        elif deed["do"] == "delete":
            standing.setdefault(DELETED, at)
        elif deed["do"] == "join_list":
            standing.pop(LEFT + deed["list"], None)
        elif deed["do"] == "leave_list" and deed["list"] in person["by_name"]["lists"]:
            standing[LEFT + deed["list"]] = at

    def note_asked(self, asked: Asked) -> None:
        """A request was answered: take in what it showed, and what it wrote."""
        if asked.is_write:
            touched = self.touched_by(asked)
            for address in touched:
                self._writes[address].append(asked)
            self.look_at(touched)
        elif asked.path == "/v3/account/summary":
            self._snapshots.add(asked.conversation)
        elif asked.path == "/v3/contact_lists":
            self._lists |= {each["list_id"]: each["name"] for each in json.loads(asked.answer)["lists"]}
        elif asked.path == CONTACTS and asked.conversation in self._snapshots:
            for contact in _shown(asked):
                address = (contact.get("email_address") or {}).get("address", "").lower()
                self._seen[address].update(self._lists[id_] for id_ in contact.get("list_memberships", ()))
        elif asked.path.startswith(ACTIVITIES):  # a job may have had its effect meanwhile
            self.look_at(self.standing)

    def look_at(self, addresses: Iterable[str]) -> None:
        """Whose departure was undone since it was looked at last?"""
        for address in set(addresses) & self.standing.keys():
            if not (standing := self.standing[address]):
                continue
            person = self.sandbox.read_person(address)
            for what in [each for each in standing if is_undone(each, person or {})]:
                since = standing.pop(what)
                write = [asked for asked in self._writes[address] if self._could_undo(asked, what)][-1]
                if what.startswith(LEFT) and not self._knew(address, what.removeprefix(LEFT), since):
                    self.unseen += 1
                    continue
                read = self._last_read(write, what, str((person or {})["contact_id"]))
                self.returns.append(Return(address, what, since, write, read))

    def _knew(self, address: str, name: str, since: float) -> bool:
        """Did the program know, before that moment, that the contact was on the list?"""
        return name in self._seen[address] or any(
            asked.number < since
            and (asked.conversation, asked.method, asked.path) in self.told
            and name in {self._lists.get(id_) for id_ in _lists_of(asked)}
            for asked in self._writes[address]
        )

    # -- what could be seen ----------------------------------------------------------------------------------------

    def _last_read(self, write: Asked, what: str, contact_id: str) -> float:
        """The place of the last read before `write` that could have shown the departure."""
        before = self.ledger.entries[: write.number - 1]
        ours = [asked for asked in before if asked.conversation == write.conversation]
        since_write = ours[max((i + 1 for i, asked in enumerate(ours) if asked.is_write), default=0) :]
        found = [asked.number for asked in since_write if self._could_show(asked, what, contact_id)]
        if not found and what.startswith(LEFT):
            found = [asked.number for asked in before if _shows_lists_of(asked, contact_id)]
        return found[-1] if found else write.number

    def _could_undo(self, write: Asked, what: str) -> bool:
        """Each write's effects as the sandbox has them: see docs/sandbox.md and its switches."""
        if write.path.startswith(f"{CONTACTS}/"):
            return True
        lists = {self._lists.get(id_) for id_ in _lists_of(write)}
        return what != UNSUBSCRIBED and bool(lists) and (what == DELETED or what.removeprefix(LEFT) in lists)

    def _could_show(self, asked: Asked, what: str, contact_id: str) -> bool:
        if asked.path == f"{CONTACTS}/{contact_id}":
            return True
        if what.startswith(LEFT) and asked.path.startswith("/v3/contact_lists/"):
            return self._lists.get(asked.path.rpartition("/")[2]) == what.removeprefix(LEFT)
        if asked.path != CONTACTS:
            return False
        statuses, lists = asked.wish.get("status", "").split(","), asked.wish.get("lists", "").split(",")
        if what.startswith(LEFT):
            return what.removeprefix(LEFT) in {self._lists.get(id_) for id_ in lists}
        if lists != [""]:
            return True
        timed = any(key in asked.wish for key in ("updated_after", "created_after"))
        return not timed and (what in statuses or "all" in statuses)


def is_undone(what: str, person: dict[str, Any]) -> bool:
    """Is a person who departed so not gone (any more)?"""
    if what == DELETED:
        return not person.get("deleted_at")
    if what == UNSUBSCRIBED:
        return (person.get("email_address") or {}).get("permission_to_send") != UNSUBSCRIBED
    return what.removeprefix(LEFT) in person["by_name"]["lists"]


def _lists_of(write: Asked) -> list[str]:
    """The lists that a write puts its contacts on."""
    if write.path.endswith("/remove_list_memberships"):
        return []
    ids: list[str] = write.body.get("list_ids") or write.body.get("list_memberships") or []
    return ids


def _shown(asked: Asked) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(asked.answer).get("contacts") or [] if asked.status == 200 else []
    return found


def _shows_lists_of(asked: Asked, contact_id: str) -> bool:
    has_lists = asked.method == "GET" and asked.path.startswith(CONTACTS) and "list_memberships" in asked.query
    return has_lists and contact_id.encode() in asked.answer
