"""The requests that would be sent for one address: those of the plan itself, up to the write and without it.

What builds a request is what sends it: its operation is built of the plan's own window, and held as far as it reads. So
the body is the one that would be sent at this moment, laid over the contact as it is read now.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ctct_etl.account.dialect import Answer, Operation, Prerequisites, Request
from ctct_etl.account.foreseeing import until_write
from ctct_etl.account.opening import OpenAccount
from ctct_etl.columns import EMAIL
from ctct_etl.plan.snapshot import CustomField, Snapshot
from ctct_etl.plan.tables import ADD_LISTS, ADD_TAGS, WINDOW, RestsOn, cut_windows
from ctct_etl.workflow.working_out import WorkedOut

_AFTER_CREATES = frozenset({ADD_LISTS, ADD_TAGS})  # routes that name contacts by ids, those of new ones too
_NEW_CONTACT = "(id-of-the-new-contact)"


def foresee_requests(
    worked: WorkedOut, account: OpenAccount, rests_on: RestsOn, address: str
) -> Iterator[dict[str, Any]]:
    """Yield what would be sent for `address`, in that order; only GETs are sent.

    Raises what the session raises.
    """
    snapshot = _with_missing(worked.snapshot, worked.prerequisites)
    for number, window in enumerate(cut_windows(worked.tables, WINDOW)):
        if not (window.actions[EMAIL] == address).any():
            continue
        for operation in account.dialect.build(window, snapshot, rests_on, window=number):
            if address in operation.addresses:
                yield _foresee(operation, account, address)


def _foresee(operation: Operation, account: OpenAccount, address: str) -> dict[str, Any]:
    alone = account.dialect.without(operation, set(operation.addresses) - {address})
    assert alone is not None
    alone = _with_ids(alone)
    met: Request | Answer | None = account.dialect.outline(alone)
    if met is None:
        met = account.session.converse(until_write(account.dialect.send(alone)))
    told = {"route": operation.route, "carries": len(operation.addresses), "method": "", "path": "", "why_not": ""}
    if isinstance(met, Request):
        return told | {"method": met.method, "path": met.path, **_show_body(met.body)}
    assert isinstance(met, Answer)
    words = "; ".join(dict.fromkeys(f"{one.result}: {one.words}" if one.words else one.result for one in met.results))
    return told | {"body": None, "format": "", "why_not": words or "nothing would be sent"}


def _with_ids(operation: Operation) -> Operation:
    """A contact that an earlier write would make has no id yet, and by ids alone it can be put on lists."""
    contacts = operation.payload["contacts"]
    if operation.route in _AFTER_CREATES:
        contacts = [one if one["contact_id"] else {**one, "contact_id": _NEW_CONTACT} for one in contacts]
    return replace(operation, payload={**operation.payload, "contacts": contacts})


def _show_body(body: Any) -> dict[str, Any]:
    if isinstance(body, bytes):
        return {"format": "xml", "body": body.decode("utf-8")}
    if isinstance(body, list | tuple):
        return {"format": "form", "body": [list(pair) for pair in body]}
    return {"format": "json" if body is not None else "", "body": body}


def _with_missing(snapshot: Snapshot, wanted: Prerequisites) -> Snapshot:
    """The snapshot as if it had what the plan has to make in the account first; its ids are for the service to give."""
    fields = {label: CustomField(_id_of(label), label, "string", _id_of(label)) for label in wanted.custom_fields}
    return replace(
        snapshot,
        lists={**snapshot.lists, **{name: _id_of(name) for name in wanted.lists}},
        tags={**snapshot.tags, **{name: _id_of(name) for name in wanted.tags}},
        custom_fields={**snapshot.custom_fields, **fields},
    )


def _id_of(name: str) -> str:
    return f"(id-of-the-new-{name})"
