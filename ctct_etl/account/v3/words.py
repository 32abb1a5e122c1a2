"""The service's own words, out of every shape in which it is known to answer (fact sheet 7)."""

from __future__ import annotations

from typing import Any

from ctct_etl.account.dialect import Response
from ctct_etl.errors import AccountError, Rejected

_LONGEST = 500


def words_of(response: Response) -> str:
    """What the service says in an answer: its messages, joined; never empty, cut when it is a whole page."""
    messages = [text for text in map(_message, _listed(response.body)) if text]
    return ("; ".join(messages) or f"HTTP {response.status} without a word")[:_LONGEST]


def refusal_of(response: Response) -> Rejected:
    return Rejected(words_of(response), response.status)


def expect_object(response: Response, what: str) -> dict[str, Any]:
    """Return the body of a good answer that has to be an object; `what` names it in the error."""
    if not response.ok:
        raise AccountError(f"the account does not give its {what}: {words_of(response)} (HTTP {response.status})")
    if not isinstance(response.body, dict):
        raise AccountError(f"the account's answer for its {what} is not what the service documents; try again later")
    return response.body


def _listed(body: Any) -> list[Any]:
    return body if isinstance(body, list) else [body]


def _message(item: Any) -> str:
    if isinstance(item, dict):
        keys = ("error_message", "message", "error_description", "error_key", "error")
        return next((str(item[key]) for key in keys if item.get(key)), "")
    return item if isinstance(item, str) else ""
