"""GET /contacts: filters into SQL that walks an index and never sorts the whole account.

The order is undocumented. Here it is the order of creation, or of the date that is filtered by; a contact
that changes while its date is walked along is met again at the end, and a client must expect that.
"""

import sqlite3
from dataclasses import dataclass, field
from typing import Any

from ..catalog import find_entries
from ..clock import read_stamp
from ..documents import dump, load
from ..records import CORE_PROPERTIES, address_key
from ..switches import Switches
from .access import UUID_SHAPE
from .errors import invalid, not_found
from .paging import read_choices

STATUSES = ("all", "active", "deleted", "not_set", "pending_confirmation", "temp_hold", "unsubscribed")
SMS_STATUSES = ("all", "explicit", "unsubscribed", "pending_confirmation", "not_set")
INCLUDES = (
    "custom_fields",
    "list_memberships",
    "taggings",
    "notes",
    "phone_numbers",
    "street_addresses",
    "sms_channel",
)
DATES = {"updated": "updated_at", "created": "created_at", "optout": "opted_out_at"}
PARAMETERS = (
    *("status", "email", "lists", "tags", "segment_id", "sms_status", "include", "include_count", "limit"),
    *(f"{date}_{side}" for date in DATES for side in ("after", "before")),
)

# "active": may be mailed, or has no address at all; the other states are statuses of their own.
ACTIVE = ("explicit", "implicit", "no_address")

_COLUMNS = {
    "list_memberships": "(SELECT json_group_array(l.id) FROM membership m JOIN list l ON l.no = m.list "
    "WHERE m.contact = c.seq)",
    "taggings": "(SELECT json_group_array(t.id) FROM tagging g JOIN tag t ON t.no = g.tag WHERE g.contact = c.seq)",
}


@dataclass
class Search:
    """A query in the making: where it walks (`tables`, `order`) and what it lets through (`conditions`)."""

    tables: str = "contact c"
    order: str = "c.seq"
    conditions: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)

    def require(self, condition: str, *values: Any) -> None:
        self.conditions.append(condition)
        self.values.extend(values)

    def count(self, db: sqlite3.Connection) -> int:
        where = " AND ".join(self.conditions or ["true"])
        return int(db.execute(f"SELECT count(*) FROM {self.tables} WHERE {where}", self.values).fetchone()[0])

    def read_page(
        self, db: sqlite3.Connection, include: list[str], limit: int, after: list[int | str]
    ) -> tuple[list[str], str | None]:
        """Contacts as JSON texts from the position `after` on, and the position to go on from, None at the end."""
        conditions, values = list(self.conditions), list(self.values)
        by_date = self.order != "c.seq" and not self.order.startswith("m.")
        if after:
            if [type(part) for part in after] != ([str, int] if by_date else [int]):
                raise invalid("cursor is not valid")
            conditions.append(f"({self.order}, c.seq) > (?, ?)" if by_date else f"{self.order} > ?")
            values.extend(after)
        position = f"{self.order}, c.seq" if by_date else self.order
        where = " AND ".join(conditions or ["true"])
        sql = (
            f"SELECT {select_columns(include)}, {position} FROM {self.tables} WHERE {where} ORDER BY {position} LIMIT ?"
        )
        rows = db.execute(sql, (*values, limit + 1)).fetchall()
        texts = [write_contact(row, include) for row in rows[:limit]]
        rest = list(rows[limit - 1][1 + len(include) :]) if len(rows) > limit else None
        return texts, None if rest is None else dump(rest)


def read_include(query: dict[str, str]) -> list[str]:
    return list(dict.fromkeys(read_choices(query, "include", INCLUDES)))


def select_columns(include: list[str]) -> str:
    """The SQL for a contact with these sub-resources; `write_contact` puts its row together."""
    return ", ".join(["c.core", *(_COLUMNS.get(name, f"c.{name}") for name in include)])


def write_contact(row: tuple[Any, ...], include: list[str]) -> str:
    """Ready-made JSON joined to ready-made JSON: nothing is parsed."""
    parts = [row[0][:-1]]
    parts += [f'"{name}":{row[place]}' for place, name in enumerate(include, start=1) if row[place] is not None]
    return ",".join(parts) + "}"


def show_nulls(text: str) -> str:
    """The contact with its empty properties shown as null (switch `null_properties`)."""
    contact = load(text)
    return dump(dict.fromkeys(CORE_PROPERTIES) | contact)


def plan_search(db: sqlite3.Connection, query: dict[str, str], switches: Switches) -> Search:
    """Turn the parameters of GET /contacts into a search. Raises a 400 for what is no valid parameter."""
    search = Search()
    if "segment_id" in query:
        raise not_found("segment_id")
    _filter_status(search, query, switches)
    _filter_email(search, query, switches)
    _filter_dates(search, query)
    _filter_members(search, db, query, "lists", "list", "membership", 25)
    _filter_members(search, db, query, "tags", "tag", "tagging", 50)
    sms = read_choices(query, "sms_status", SMS_STATUSES)
    if sms and "all" not in sms:
        search.require(f"c.sms_state IN ({_marks(sms)})", *sms)
    return search


def _filter_status(search: Search, query: dict[str, str], switches: Switches) -> None:
    statuses = read_choices(query, "status", STATUSES)
    if not statuses:
        statuses = ["active"] if switches.status_default == "active" else list(STATUSES[1:2] + STATUSES[3:])
    if "all" in statuses:
        if "email" in query and not switches.email_filter_finds_deleted:
            search.require("+c.state <> 'deleted'")
        return
    states = [state for status in statuses for state in (ACTIVE if status == "active" else (status,))]
    # A single state is walked by its index; several would have to be sorted, so they are only looked at.
    search.require("c.state = ?" if len(states) == 1 else f"+c.state IN ({_marks(states)})", *states)


def _filter_email(search: Search, query: dict[str, str], switches: Switches) -> None:
    if "email" not in query:
        return
    search.require("c.address_key = ?", address_key(query["email"]))
    if switches.email_filter_case == "sensitive":
        search.require("c.address = ?", query["email"])


def _filter_dates(search: Search, query: dict[str, str]) -> None:
    for name, column in DATES.items():
        for side, sign in (("after", ">"), ("before", "<")):
            text = query.get(f"{name}_{side}")
            if text is None:
                continue
            try:
                # A blank where the offset stands is a plus sign that was not percent-encoded.
                stamp = read_stamp(text)
            except ValueError:
                raise invalid(f"{name}_{side} is not a valid ISO-8601 date") from None
            search.require(f"c.{column} {sign} ?", stamp)
            if search.order == "c.seq" and "email" not in query:
                search.order = f"c.{column}"


def _filter_members(
    search: Search, db: sqlite3.Connection, query: dict[str, str], name: str, column: str, table: str, most: int
) -> None:
    ids = [part.strip() for part in query.get(name, "").split(",") if part.strip()]
    if not ids:
        return
    if len(ids) > most or not all(UUID_SHAPE.fullmatch(part) for part in ids):
        raise invalid(f"{name} must be at most {most} ids")
    numbers = [entry.no for entry in find_entries(db, "list" if column == "list" else "tag", ids)]
    if len(numbers) == 1 and search.tables == "contact c" and search.order == "c.seq" and "email" not in query:
        search.tables = f"{table} m JOIN contact c ON c.seq = m.contact"
        search.order = "m.contact"
        search.conditions = [part.replace("c.state = ?", "+c.state = ?") for part in search.conditions]
        search.require(f"m.{column} = ?", numbers[0])
    else:
        member = f"SELECT 1 FROM {table} x WHERE x.contact = c.seq AND x.{column} IN ({_marks(numbers)})"
        search.require(f"EXISTS ({member})", *numbers)


def _marks(values: list[Any]) -> str:
    return ", ".join("?" for _ in values)
