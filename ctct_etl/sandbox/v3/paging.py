"""Pages: `limit`, opaque cursors, `_links.next.href` that already begins with /v3.

A cursor carries the position and all filters, as the one in the provider's guide does (base64 of a query
string), so a client sends it alone. What else is sent beside a cursor is ignored.
"""

import base64
import binascii
from collections.abc import Sequence
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode

from flask import request

from ..documents import Document, dump, load
from .errors import invalid

DEFAULT_LIMIT = 50

T = TypeVar("T")


def read_query(known: Sequence[str]) -> dict[str, str]:
    """The parameters of this page: from the cursor if there is one, else those of `known` that were sent."""
    cursor = request.args.get("cursor")
    if cursor is None:
        return {name: value for name, value in request.args.items() if name in known}
    try:
        text = base64.urlsafe_b64decode(cursor.encode()).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise invalid("cursor is not valid") from None
    query = dict(parse_qsl(text, keep_blank_values=True))
    if "next" not in query:
        raise invalid("cursor is not valid")
    return query


def read_position(query: dict[str, str]) -> list[int | str]:
    """Where the page begins, as `link_next` was told; empty on the first page. Raises a 400 for a forged cursor."""
    try:
        position: Any = load(query.get("next", "[]"))
    except ValueError:
        position = None
    if not isinstance(position, list) or not all(_is_position(part) for part in position):
        raise invalid("cursor is not valid")
    return position


def read_limit(query: dict[str, str], most: int) -> int:
    text = query.get("limit", str(DEFAULT_LIMIT))
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= most:
        raise invalid(f"limit must be between 1 and {most}")
    return int(text)


def read_flag(query: dict[str, str], name: str) -> bool:
    value = query.get(name, "false")
    if value not in ("true", "false"):
        raise invalid(f"{name} must be true or false")
    return value == "true"


def read_choices(query: dict[str, str], name: str, allowed: Sequence[str]) -> list[str]:
    """A comma-separated parameter whose every part is one of the allowed."""
    parts = [part.strip() for part in query.get(name, "").split(",") if part.strip()]
    for part in parts:
        if part not in allowed:
            raise invalid(f"{name} does not have a valid value")
    return parts


def _is_position(part: object) -> bool:
    """Whether it can be bound to a query: a text, or a whole number that SQLite can hold."""
    return isinstance(part, str) or (type(part) is int and 0 <= part < 2**63)


def link_next(query: dict[str, str], position: str) -> Document:
    """The link to what comes after `position`."""
    carried = {name: value for name, value in query.items() if name not in ("next", "include_count")}
    cursor = base64.urlsafe_b64encode(urlencode({**carried, "next": position}).encode()).decode()
    return {"next": {"href": f"{request.path}?cursor={cursor}"}}


def cut_page(items: Sequence[T], query: dict[str, str], most: int) -> tuple[list[T], Document]:
    """One page of a short collection, and its `_links` (empty on the last page)."""
    limit, position = read_limit(query, most), read_position(query)
    if [type(part) for part in position] not in ([], [int]):
        raise invalid("cursor is not valid")
    start = int(position[0]) if position else 0
    page = list(items[start : start + limit])
    more = start + limit < len(items)
    return page, link_next(query, dump([start + limit])) if more else {}
