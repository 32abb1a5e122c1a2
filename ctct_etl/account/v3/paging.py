"""Turn the pages of a collection: links are followed verbatim, and only to where they came from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from ctct_etl.account.dialect import Conversation, Request, Response
from ctct_etl.account.v3.words import expect_object
from ctct_etl.errors import AccountError


def turn_pages(
    path: str,
    key: str,
    query: Mapping[str, str],
    take: Callable[[list[dict[str, Any]]], None],
    wait_s: float = 0.0,
    enough: Callable[[Mapping[str, Any]], bool] = lambda page: False,
) -> Conversation[str]:
    """Hand each page's items to `take` as it arrives, until a page is `enough`. Items that are no objects are passed
    over. Return when the first page was read, by the service's clock, as its header Date says it."""
    request = Request("GET", path, query, wait_s=wait_s)
    turned: set[str] = set()
    read_at = None
    while True:
        response: Response = yield request
        read_at = response.date if read_at is None else read_at
        page = expect_object(response, path)
        take([item for item in page.get(key) or () if isinstance(item, dict)])
        link = _next_link(page, path)
        if enough(page) or link is None:
            return read_at
        if link in turned:
            raise AccountError(f"the pages of {path} go in a circle; try again later")
        turned.add(link)
        request = Request("GET", link, from_root=True)


def read_items(
    path: str, key: str, query: Mapping[str, str], wait_s: float = 0.0
) -> Conversation[list[dict[str, Any]]]:
    """All items of a small collection."""
    items: list[dict[str, Any]] = []
    yield from turn_pages(path, key, query, items.extend, wait_s)
    return items


def _next_link(page: Mapping[str, Any], path: str) -> str | None:
    """The path and query of the next page. Host and scheme are dropped, so a link can't lead the token elsewhere."""
    links = page.get("_links")
    following = links.get("next") if isinstance(links, dict) else None
    href = following.get("href") if isinstance(following, dict) else None
    if not href:
        return None
    parts = urlsplit(str(href))
    if not parts.path.endswith(path) or ".." in parts.path:
        raise AccountError(f"the service links the next page of {path} to another place; stopped")
    return f"{parts.path}?{parts.query}"
