"""Generated histories: what an account's owner, other programs and the people themselves do to it meanwhile."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from ctct_etl import columns as c
from ctct_etl.account.dialect import Conversation, Response
from ctct_etl.account.opening import open_account
from ctct_etl.account.v3.adapter import V3
from ctct_etl.config.accounts import SandboxAccount
from ctct_etl.plan.changed import Stale, merge_changes
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.sandbox import start_sandbox
from tests.account.conftest import NO_WAITS
from tests.sandbox.calling import Caller, contact, unsubscribed, write_seed

PEOPLE = tuple(f"p{number}@example.com" for number in range(7))
NEW = tuple(f"n{number}@example.com" for number in range(3))
LISTS, TAGS, FIELDS = ("News", "Club", "Board"), ("vip", "old"), ("Level", "Note")
SEED: tuple[dict[str, Any], ...] = (
    *({"list": {"name": name}} for name in LISTS),
    *({"tag": {"name": name}} for name in TAGS),
    {"custom_field": {"label": "Level", "type": "single_select", "choices": ["Basic", "Gold"]}},
    {"custom_field": {"label": "Note", "type": "string"}},
    contact(PEOPLE[0], first_name="Ann", list_memberships=["News", "Club"], taggings=["vip"]),
    contact(PEOPLE[1], list_memberships=["News"], custom_fields={"Level": "Gold"}),
    contact(
        PEOPLE[2],
        email_address={"address": PEOPLE[2], "permission_to_send": "explicit"},
        list_memberships=["Club"],
        custom_fields={"Note": "old"},
        taggings=["vip", "old"],
    ),
    unsubscribed(PEOPLE[3], list_memberships=[]),
    contact(PEOPLE[4], deleted_at="2025-03-01"),
    contact(PEOPLE[5], email_address={"address": PEOPLE[5], "permission_to_send": "pending_confirmation"}),
    contact(PEOPLE[6]),
    {"sms_channel": {"full_sms_address": "15085550100"}, "first_name": "Sms"},
)
MOVES = ("list_change_moves_updated_at", "tag_change_moves_updated_at", "delete_moves_updated_at")
SETTINGS = tuple(dict(zip(MOVES, each, strict=True)) for each in itertools.product((False, True), repeat=len(MOVES)))

Deed = tuple[Any, ...]
Doctor = Callable[[Any, Response], Response]


def deeds() -> st.SearchStrategy[list[Deed]]:
    pick, who = st.sampled_from, st.sampled_from(PEOPLE + NEW)
    some_lists = st.lists(pick(LISTS), unique=True, max_size=2)
    moved = pick(("", "moved@example.com"))
    one = st.one_of(
        st.tuples(st.just("act"), pick(("unsubscribe", "delete", "confirm")), who, st.none()),
        st.tuples(st.just("act"), pick(("leave_list", "join_list")), who, pick(LISTS)),
        st.tuples(st.just("put"), who, pick(("Ann", "Bob", "")), some_lists | st.none(), moved),
        st.tuples(st.just("post"), who, some_lists),
        st.tuples(st.just("import"), st.lists(who, unique=True, min_size=1, max_size=3), pick(LISTS)),
        st.tuples(st.just("sign_up"), who, pick(LISTS)),
        st.tuples(st.just("lists"), pick(("add", "remove")), st.lists(who, min_size=1, max_size=3), pick(LISTS)),
        st.tuples(st.just("tags"), pick(("add", "remove")), st.lists(who, min_size=1, max_size=3), pick(TAGS)),
        st.tuples(st.just("erase"), st.lists(who, min_size=1, max_size=2)),
        st.tuples(st.just("wait"), pick((30, 3600))),
    )
    rare = st.one_of(
        st.tuples(st.just("rename"), pick((("list", LISTS[2]), ("tag", TAGS[1]), ("custom_field", "Note")))),
        st.tuples(st.just("make"), pick(("list", "tag", "custom_field")), who),
        st.tuples(st.just("remove"), pick((("list", "Board"), ("tag", "old"), ("custom_field", "Note")))),
        st.tuples(st.just("choices"), pick((("Basic",), ("Gold", "Basic"), ("Basic", "Gold", "New")))),
    )
    return st.lists(st.one_of(one, one, one, one, one, rare), max_size=8)


class World:
    """A sandbox and an account opened on it, both by the sandbox's clock."""

    def __init__(self, caller: Caller, folder: Path, seed: Path) -> None:
        self.caller, self._made = caller, itertools.count()
        model = SandboxAccount(dialect="v3", sandbox=seed, limits="off")
        opened = open_account(model, "sandbox", folder, caller.sandbox.url, patience=NO_WAITS, now=self.now)
        self.account, self.dialect = opened, V3(now=self.now)
        self._ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def wait(self, seconds: int) -> None:
        self.caller.window("POST", "clock", {"advance_s": seconds})
        self._ahead += timedelta(seconds=seconds)

    def fetch(self) -> Snapshot:
        return self.account.session.converse(self.dialect.fetch())

    def read_whole(self) -> Snapshot:
        """Fetch everything, and compare it with the account's counts, so that it can be refreshed."""
        refreshed = self.refresh(self.fetch())
        assert isinstance(refreshed, Snapshot), refreshed
        return refreshed

    def refresh(self, known: Snapshot, doctor: Doctor | None = None) -> Any:
        """A Snapshot, or Stale. `doctor` may change every answer. `known` is left as it is."""
        refresh = self.dialect.refresh(known, sparing=False)
        found = self.account.session.converse(refresh if doctor is None else _doctored(refresh, doctor))
        known = replace(known, contacts=known.contacts.copy())
        return found if isinstance(found, Stale) else merge_changes(known, found)

    def ahead_by(self, seconds: int) -> None:
        """From now on our clock is so far ahead of the account's."""
        self._ahead += timedelta(seconds=seconds)

    def happen(self, history: Sequence[Deed]) -> None:
        """What can't be done, such as a leaving by nobody, is passed over: the account refuses it."""
        for name, *words in history:
            getattr(self, f"_do_{name}")(*words)

    def _do_wait(self, seconds: int) -> None:
        self.wait(seconds)

    def _do_act(self, do: str, address: str, list_: str | None) -> None:
        wish = {"who": "person", "do": do, "address": address} | ({"list": list_} if list_ else {})
        self.caller.call("POST", "/_sandbox/act", json=wish)

    def _do_put(self, address: str, name: str, lists: list[str] | None, moved: str) -> None:
        found = self._find(address)
        if found is None or "email_address" not in found:
            return
        body = {"email_address": {"address": moved or address}, "first_name": name, "update_source": "Account"}
        body["email_address"]["permission_to_send"] = found["email_address"]["permission_to_send"]
        if lists is not None:
            body["list_memberships"] = self._ids("list", lists)
        self.caller.call("PUT", f"/v3/contacts/{found['contact_id']}", json=body)

    def _do_post(self, address: str, lists: list[str]) -> None:
        body = {"email_address": {"address": address}, "create_source": "Account"}
        self.caller.call("POST", "/v3/contacts", json=body | {"list_memberships": self._ids("list", lists)})

    def _do_import(self, addresses: list[str], list_: str) -> None:
        rows = [{"email": address, "first_name": "Imported"} for address in addresses]
        self._job("contacts_json_import", {"import_data": rows, "list_ids": self._ids("list", [list_])})

    def _do_sign_up(self, address: str, list_: str) -> None:
        body = {"email_address": address, "list_memberships": self._ids("list", [list_])}
        self.caller.call("POST", "/v3/contacts/sign_up_form", json=body)

    def _do_lists(self, do: str, addresses: list[str], list_: str) -> None:
        body = {"source": {"contact_ids": self._contacts(addresses)}, "list_ids": self._ids("list", [list_])}
        self._job(f"{do}_list_memberships", body)

    def _do_tags(self, do: str, addresses: list[str], tag: str) -> None:
        body = {"source": {"contact_ids": self._contacts(addresses)}, "tag_ids": self._ids("tag", [tag])}
        self._job(f"contacts_taggings_{do}", body)

    def _do_erase(self, addresses: list[str]) -> None:
        self._job("contact_delete", {"contact_ids": self._contacts(addresses)})

    def _do_rename(self, what: tuple[str, str]) -> None:
        kind, name = what
        for id_ in self._ids(kind, [name]):
            body = {("label" if kind == "custom_field" else "name"): f"{name} {next(self._made)}"}
            self.caller.call("PUT", f"/v3/{_PATHS[kind]}/{id_}", json=body)

    def _do_make(self, kind: str, address: str) -> None:
        name = f"made {next(self._made)}"
        body = {"label": name, "type": "string"} if kind == "custom_field" else {"name": name}
        made = self.caller.call("POST", f"/v3/{_PATHS[kind]}", json=body).json()
        if kind == "list" and isinstance(made, dict):
            ids = self._contacts([address])
            self._job("add_list_memberships", {"source": {"contact_ids": ids}, "list_ids": [made["list_id"]]})

    def _do_remove(self, what: tuple[str, str]) -> None:
        kind, name = what
        for id_ in self._ids(kind, [name]):
            self.caller.call("DELETE", f"/v3/{_PATHS[kind]}/{id_}")
        self.caller.get("/account/summary")  # the job is done before the next request is answered

    def _do_choices(self, labels: tuple[str, ...]) -> None:
        field = next(
            one for one in self.caller.get("/contact_custom_fields")["custom_fields"] if one["label"] == "Level"
        )
        known = {choice["choice_label"]: choice for choice in field["choices"]}
        choices = [known.get(label, {"choice_label": label}) for label in labels]
        body = {"label": "Level", "choices": [{**one, "display_order": at} for at, one in enumerate(choices)]}
        self.caller.call("PUT", f"/v3/contact_custom_fields/{field['custom_field_id']}", json=body)

    def _job(self, name: str, body: Mapping[str, Any]) -> None:
        self.caller.call("POST", f"/v3/activities/{name}", json=body)
        self.caller.get("/account/summary")

    def _find(self, address: str) -> dict[str, Any] | None:
        found = self.caller.get("/contacts", email=address, status="all")["contacts"]
        return found[0] if found else None

    def _contacts(self, addresses: Sequence[str]) -> list[str]:
        return [one["contact_id"] for address in addresses if (one := self._find(address))]

    def _ids(self, kind: str, names: Sequence[str]) -> list[str]:
        key, label = f"{kind}_id", "label" if kind == "custom_field" else "name"
        items = self.caller.get(f"/{_PATHS[kind]}")[_KEYS[kind]]
        return [item[key] for item in items if item[label] in names]


def _doctored(conversation: Conversation[Any], doctor: Doctor) -> Conversation[Any]:
    answer = None
    while True:
        try:
            request = conversation.send(answer)
        except StopIteration as end:
            return end.value
        answer = doctor(request, (yield request))


_PATHS = {"list": "contact_lists", "tag": "contact_tags", "custom_field": "contact_custom_fields"}
_KEYS = {"list": "lists", "tag": "tags", "custom_field": "custom_fields"}


@contextmanager
def world_of(lines: Sequence[Mapping[str, Any]] = SEED, **switches: Any) -> Iterator[World]:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        seed = write_seed(folder / "seed.jsonl", lines)
        with start_sandbox(seed=seed, limits=False, switches={"activity_seconds": 0.0, **switches}) as sandbox:
            world = World(Caller(sandbox), folder, seed)
            try:
                yield world
            finally:
                world.account.close()
                world.caller.session.close()


def held(snapshot: Snapshot) -> set[tuple[str, str, str]]:
    """(contact id, kind, name) of every membership."""
    ids = snapshot.contacts[c.CONTACT_ID].to_numpy(dtype=object)[snapshot.memberships[c.CONTACT].to_numpy()]
    names = snapshot.memberships[[c.KIND, c.NAME]].astype(object).itertuples(index=False)
    return {(str(id_), str(kind), str(name)) for id_, (kind, name) in zip(ids, names, strict=True)}
