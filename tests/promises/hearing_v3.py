"""What the requests of dialect v3 are about, for `departing.py`. Which read could have shown who departed:

PUT             the GET of that contact
import, list    unsubscribed: the GET of those who opted out (`optout_after`), of all unsubscribed, or of the members
                of the list · deleted: of the deleted, or of the members
a list again    the GET of the members
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.promises.departing import DELETED, LEFT, UNSUBSCRIBED
from tests.promises.ledger import ACTIVITIES, CONTACTS, IMPORT, Asked

_ONE = re.compile(rf"^{CONTACTS}/([0-9a-f-]{{36}})$")


@dataclass
class HearingV3:
    """See `departing.Hearing`."""

    _ids: dict[str, str] = field(default_factory=dict)  # of contacts → address
    _id_of: dict[str, str] = field(default_factory=dict)  # address → id
    _lists: dict[str, str] = field(default_factory=dict)
    _snapshots: set[str] = field(default_factory=set)

    def learn(self, people: Iterable[dict[str, Any]]) -> None:
        for contact in people:
            address = contact["email_address"]["address"].lower()
            self._ids[contact["contact_id"]], self._id_of[address] = address, contact["contact_id"]

    def note(self, asked: Asked) -> Iterator[tuple[str, str]]:
        if asked.is_write:
            return
        if asked.path == "/v3/account/summary":
            self._snapshots.add(asked.conversation)
        elif asked.path == "/v3/contact_lists":
            self._lists |= {each["list_id"]: each["name"] for each in json.loads(asked.answer)["lists"]}
        elif asked.path == CONTACTS and asked.conversation in self._snapshots:
            for contact in _shown(asked):
                address = (contact.get("email_address") or {}).get("address", "").lower()
                yield from ((address, self._lists[id_]) for id_ in contact.get("list_memberships", ()))

    def is_write(self, asked: Asked) -> bool:
        return asked.is_write

    def is_job(self, asked: Asked) -> bool:
        return asked.path.startswith(ACTIVITIES)

    def touched_by(self, asked: Asked) -> set[str]:
        if one := _ONE.match(asked.path):
            return {self._ids.get(one[1], "")}
        if not asked.is_write or not asked.path.startswith((ACTIVITIES, CONTACTS)):
            return set()
        if asked.path == IMPORT:
            return {row["email"].lower() for row in asked.body["import_data"]}
        if asked.path == CONTACTS:
            return {asked.body["email_address"]["address"].lower()}
        return {self._ids.get(id_, "") for id_ in asked.body["source"]["contact_ids"]}

    def lists_of(self, write: Asked) -> set[str]:
        if write.path.endswith("/remove_list_memberships"):
            return set()
        ids: list[str] = write.body.get("list_ids") or write.body.get("list_memberships") or []
        return {self._lists.get(id_, "") for id_ in ids}

    def could_undo(self, write: Asked, what: str) -> bool:
        if write.path.startswith(f"{CONTACTS}/"):
            return True
        lists = self.lists_of(write)
        return what != UNSUBSCRIBED and bool(lists) and (what == DELETED or what.removeprefix(LEFT) in lists)

    def could_show(self, asked: Asked, what: str, address: str, write: Asked) -> bool:
        if asked.path == f"{CONTACTS}/{self._id_of[address]}":
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

    def shows_lists_of(self, asked: Asked, address: str) -> bool:
        has_lists = asked.method == "GET" and asked.path.startswith(CONTACTS) and "list_memberships" in asked.query
        return has_lists and self._id_of[address].encode() in asked.answer


def _shown(asked: Asked) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(asked.answer).get("contacts") or [] if asked.status == 200 else []
    return found
