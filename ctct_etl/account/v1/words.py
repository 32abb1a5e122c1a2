"""The service's own words of a refusal, and the errors for answers that are not what it documents."""

from __future__ import annotations

from ctct_etl.account.dialect import Response
from ctct_etl.account.v1.atom import Entry, Feed
from ctct_etl.errors import AccountError, Rejected

_LONGEST = 500


def words_of(response: Response) -> str:
    """What the service says; its bodies are one line of text, or a page [F-ATOM400, F-403]. Never empty."""
    words = response.body if isinstance(response.body, str) else ""
    return (words or f"HTTP {response.status} without a word")[:_LONGEST]


def refusal_of(response: Response) -> Rejected:
    return Rejected(words_of(response), response.status)


def expect_feed(response: Response, what: str) -> Feed:
    """Return the feed of a good answer; `what` names it in the error."""
    if response.ok and isinstance(response.body, Feed):
        return response.body
    raise _strange(response, what)


def expect_entry(response: Response, what: str, kind: str) -> Entry:
    """Return the entry of a good answer, whose payload has to be of `kind`."""
    if response.ok and isinstance(response.body, Entry) and response.body.kind == kind:
        return response.body
    raise _strange(response, what)


def _strange(response: Response, what: str) -> AccountError:
    if not response.ok:
        return AccountError(f"the account does not give its {what}: {words_of(response)} (HTTP {response.status})")
    return AccountError(f"the account's answer for its {what} is not what the service documents; try again later")
