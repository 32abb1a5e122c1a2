"""Plans written by hand, routed and built as the program does it, and conversations driven by hand."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from ctct_etl.account.dialect import Checkpoint, Dialect, Request, Response, Together
from ctct_etl.columns import (
    ADD,
    AFTER,
    BEFORE,
    CHANGE,
    CONTACT,
    CONTACT_ID,
    CREATE,
    EMAIL,
    EVIDENCE_DATE,
    EVIDENCE_SOURCE,
    FIELD,
    KIND,
    LIST,
    NAME,
    OPT_IN_SOURCE,
    ORIGIN_COLUMNS,
    REASON,
    REMOVE_FROM,
    STATUS,
    TAG,
    UPDATED_AT,
)
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.plan.tables import ACTION, PERMISSION, ROUTE, ROUTE_REASON, PlanTables


@dataclass
class Act:
    """One action of a plan, as a test writes it."""

    email: str
    action: str = CREATE
    changes: Mapping[str, str | tuple[str, str]] = field(default_factory=dict)  # field → after, or (before, after)
    add: Sequence[str] = ()
    remove: Sequence[str] = ()
    tags: Sequence[str] = ()
    wanted: Sequence[str] | None = None  # lists; default: what is added
    status: str = "implicit"
    contact_id: str = ""
    permission: str = "implicit"
    opt_in_source: str = "account"


def plan_tables(acts: Sequence[Act], snapshot: Snapshot | None = None) -> PlanTables:
    acts = sorted(acts, key=lambda act: act.email)
    known: dict[str, tuple[str, str, str]] = {}
    if snapshot is not None:
        columns = (snapshot.contacts[name].tolist() for name in (EMAIL, CONTACT_ID, UPDATED_AT, STATUS))
        known = {email: (id_, updated, status) for email, id_, updated, status in zip(*columns, strict=True)}
    ids = [("", "", "") if a.action == CREATE else known.get(a.email, (a.contact_id, "", a.status)) for a in acts]
    new = [act.action == CREATE for act in acts]
    actions = pd.DataFrame(
        {
            EMAIL: [act.email for act in acts],
            ACTION: [act.action for act in acts],
            REASON: "test",
            CONTACT_ID: [one[0] for one in ids],
            UPDATED_AT: [one[1] for one in ids],
            STATUS: [one[2] for one in ids],
            ROUTE: "",
            ROUTE_REASON: "",
            OPT_IN_SOURCE: [act.opt_in_source if n else "" for act, n in zip(acts, new, strict=True)],
            PERMISSION: [act.permission if n else "" for act, n in zip(acts, new, strict=True)],
            EVIDENCE_DATE: "",
            EVIDENCE_SOURCE: "",
        },
        dtype="str",
    ).astype({ACTION: "category"})
    changes, memberships, wanted = [], [], []
    for at, act in enumerate(acts):
        for name, value in sorted(act.changes.items()):
            before, after = ("", value) if isinstance(value, str) else value
            changes.append((at, name, before, after))
        memberships += [(at, LIST, name, ADD) for name in sorted(act.add)]
        memberships += [(at, LIST, name, REMOVE_FROM) for name in sorted(act.remove)]
        memberships += [(at, TAG, name, ADD) for name in sorted(act.tags)]
        wanted += [(at, LIST, name) for name in sorted(act.add if act.wanted is None else act.wanted)]
        wanted += [(at, TAG, name) for name in sorted(act.tags)]
    return PlanTables(
        actions=actions,
        changes=_table(changes, {CONTACT: "int64", FIELD: "category", BEFORE: "str", AFTER: "str"}),
        memberships=_table(memberships, {CONTACT: "int64", KIND: "category", NAME: "category", CHANGE: "category"}),
        origins=pd.DataFrame(columns=[CONTACT, *ORIGIN_COLUMNS]).astype({CONTACT: "int64"}),
        wanted=_table(wanted, {CONTACT: "int64", KIND: "category", NAME: "category"}),
    )


def _table(rows: Sequence[tuple[Any, ...]], types: Mapping[str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(types)).astype(types)


def routed(tables: PlanTables, dialect: Dialect, snapshot: Snapshot) -> PlanTables:
    """`tables` with the routes that the dialect chooses."""
    routes = dialect.route(tables, snapshot)
    return replace(tables, actions=tables.actions.assign(**{name: routes[name] for name in (ROUTE, ROUTE_REASON)}))


@dataclass
class Talk:
    """What a conversation said: its requests, its checkpoints, and what it returned."""

    requests: list[Request]
    checkpoints: list[Checkpoint]
    value: Any

    @property
    def lines(self) -> list[str]:
        return [f"{request.method} {request.path}" for request in self.requests]


Script = Callable[[Request], Response | Exception]


def talk(conversation: Generator[Any, Any, Any], answer: Script) -> Talk:
    """Drive a conversation by a function from request to response; an exception is thrown into it."""
    said = Talk([], [], None)
    reply: Any = None
    try:
        while True:
            step = conversation.throw(reply) if isinstance(reply, Exception) else conversation.send(reply)
            reply = None
            if isinstance(step, Checkpoint):
                said.checkpoints.append(step)
            elif isinstance(step, Together):
                said.requests += step.requests
                reply = tuple(map(answer, step.requests))
            else:
                said.requests.append(step)
                reply = answer(step)
    except StopIteration as end:
        said.value = end.value
        return said
