"""Pages: `limit`, opaque cursors, `_links.next.href` that already begins with /v3.

A cursor carries the position and all filters, as the one in the provider's guide does (base64 of a query
string), so a client sends it alone. What else is sent beside a cursor is ignored.
"""

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar
from urllib.parse import parse_qsl, urlencode

from flask import request

from ..documents import Document
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


def link_next(query: dict[str, str], position: str) -> Document:
    """The link to what comes after `position`."""
    carried = {name: value for name, value in query.items() if name not in ("next", "include_count")}
    cursor = base64.urlsafe_b64encode(urlencode({**carried, "next": position}).encode()).decode()
    return {"next": {"href": f"{request.path}?cursor={cursor}"}}


def cut_page(items: Sequence[T], query: dict[str, str], most: int) -> tuple[list[T], Document]:
    """One page of a short collection, and its `_links` (empty on the last page)."""
    limit, start = read_limit(query, most), int(query.get("next", "0"))
    page = list(items[start : start + limit])
    more = start + limit < len(items)
    return page, link_next(query, str(start + limit)) if more else {}
