"""Make the lists that a plan needs and the account lacks. Custom fields and tags are none that v1 could make."""

from __future__ import annotations

from dataclasses import replace

from ctct_etl.account.dialect import Conversation, Prerequisites, Request, Response
from ctct_etl.account.v1.atom import new_list
from ctct_etl.account.v1.fetching import LIST_KIND, Side, fetch_names
from ctct_etl.account.v1.reading import number_of
from ctct_etl.account.v1.words import expect_entry
from ctct_etl.errors import Unsettled
from ctct_etl.plan.snapshot import Snapshot


def prepare_account(wanted: Prerequisites, snapshot: Snapshot, side: Side) -> Conversation[Snapshot]:
    """Make what is wanted and not there; return the snapshot with the new ids."""
    lists = dict(snapshot.lists)
    for name in wanted.lists:
        if name not in lists:
            lists[name] = yield from _make_list(name, side)
    return replace(snapshot, lists=lists)


def _make_list(name: str, side: Side) -> Conversation[str]:
    """POST it; a 409 [D-ERR] or a lost answer means that it may be there: look, and send again only what is not."""
    for attempt in range(2):
        response: Response | None = None
        try:
            response = yield Request("POST", "/lists", body=new_list(name))
        except Unsettled:
            if attempt:
                raise
        if response is not None and response.status != 409:
            made = expect_entry(response, f'new list "{name}"', LIST_KIND)
            side.memory.learn_lists({number_of(made.id): made.id})
            return number_of(made.id)
        names = yield from fetch_names(side)
        if name in names.lists:
            return names.lists[name]
        if response is not None:
            expect_entry(response, f'new list "{name}"', LIST_KIND)
    raise AssertionError("the second attempt returns or raises")
