"""Pages of 50 [D-COLL], newest number first, and the links of a feed.

A token is opaque, of letters, digits and hyphens, and replaces the whole query: the rest of it lives in the token
[D-COLL, NET, CF7]. Where the next link stands and what form its address has varies [D-COLL, D-LISTCOLL, PHP].
"""

import base64
import binascii
import sqlite3
from dataclasses import dataclass
from typing import Any

from flask import request

from ..documents import dump, load
from ..switches import Switches
from .access import BASE, HOST
from .atom import Element, add_link
from .errors import invalid

PAGE = 50

Query = list[tuple[str, str]]


@dataclass(frozen=True)
class Asked:
    """What a collection is asked for: the query, from the token if there is one, and where to go on."""

    query: Query
    position: int | None = None

    def get_one(self, name: str) -> str | None:
        return next((value for key, value in self.query if key == name), None)

    def get_all(self, name: str) -> list[str]:
        return [value for key, value in self.query if key == name]


def read_asked() -> Asked:
    token = request.args.get("next")
    if token is None:
        query = [(name, value) for name, values in request.args.lists() for value in values if name != "access_token"]
        return Asked(query)
    try:
        text = base64.b32decode(token.upper() + "=" * (-len(token) % 8))
        state: Any = load(text)
    except (binascii.Error, ValueError):
        state = None
    if not _is_state(state):
        raise invalid("next is not a valid token")
    return Asked([(name, value) for name, value in state[1]], state[0])


def make_token(asked: Asked, position: int) -> str:
    text = dump([position, [list(pair) for pair in asked.query]])
    return base64.b32encode(text.encode()).decode().rstrip("=").lower()


def link_feed(feed: Element, switches: Switches, path: str, current: str, token: str | None, form: str) -> None:
    """The links after a feed's head: root-relative [REC]; `form` is that of this collection's documented next link."""
    place = switches.v1_next_place
    if token is not None and place == "before_first":
        add_link(feed, write_next(path, token, form, switches), "next")
    add_link(feed, f"{BASE}/{path}", "first")
    add_link(feed, current, "current")
    if token is not None and place == "last":
        add_link(feed, write_next(path, token, form, switches), "next")


def describe_current(path: str) -> str:
    """The page itself: the query as it was sent, with `@` as `%40` [REC], without a token of access."""
    parts = request.query_string.decode("ascii", "replace").replace("@", "%40").split("&")
    query = "&".join(part for part in parts if part and not part.startswith("access_token="))
    return f"{BASE}/{path}" + (f"?{query}" if query else "")


def read_seqs(
    db: sqlite3.Connection, asked: Asked, column: str, sql: str, values: list[Any]
) -> tuple[list[tuple[Any, ...]], str | None]:
    """The rows of this page and the token of the next. `sql` ends in conditions; a row begins with its number."""
    if asked.position is not None:
        sql += f" AND {column} < ?"
        values = [*values, asked.position]
    rows = db.execute(f"{sql} ORDER BY {column} DESC LIMIT {PAGE + 1}", values).fetchall()
    token = make_token(asked, rows[PAGE - 1][0]) if len(rows) > PAGE else None
    return rows[:PAGE], token


def write_next(path: str, token: str, form: str, switches: Switches) -> str:
    """The address of a next link."""
    chosen = form if switches.v1_next_href == "documented" else switches.v1_next_href
    if chosen == "relative":
        return f"{path.rpartition('/')[2]}?next={token}"
    return f"{HOST if chosen == 'absolute' else ''}{BASE}/{path}?next={token}"


def _is_state(state: object) -> bool:
    if not (isinstance(state, list) and len(state) == 2 and isinstance(state[1], list)):
        return False
    pairs = all(isinstance(pair, list) and [type(part) for part in pair] == [str, str] for pair in state[1])
    return pairs and type(state[0]) is int and 0 <= state[0] < 2**63
