"""Builders of small tables for tests: what a reader sees is what the program gets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from ctct_etl import columns as c
from ctct_etl.plan.snapshot import CustomField, Snapshot

READ_ONLY = ("status", "updated_at", "created_at", "deleted_at", "deleted_status", "opt_in.source", "opt_in.date",
             "opt_out.source", "opt_out.date")  # fmt: skip


def snapshot(
    contacts: Sequence[Mapping[str, object]],
    lists: Sequence[str] = (),
    tags: Sequence[str] = (),
    custom_fields: Sequence[CustomField] = (),
) -> Snapshot:
    """A snapshot from dicts: contact fields, plus `lists` and `tags` by name; status is implicit if not given."""
    defaults = dict.fromkeys((c.CONTACT_ID, *READ_ONLY), "") | {c.STATUS: c.IMPLICIT}
    records = [
        {**defaults, c.CONTACT_ID: f"id-{n}", **{k: v for k, v in contact.items() if k not in ("lists", "tags")}}
        for n, contact in enumerate(contacts)
    ]
    fields = [f for f in c.CONTACT_FIELDS if f not in c.ONLY_V1] + [f"custom.{f.label}" for f in custom_fields]
    frame = pd.DataFrame(records, columns=[*dict.fromkeys([*defaults, *fields])])
    frame = frame.astype("str").fillna("") if len(frame) else frame.astype("str")
    held = [
        (n, kind, str(name))
        for n, contact in enumerate(contacts)
        for kind, key in ((c.LIST, "lists"), (c.TAG, "tags"))
        for name in contact.get(key, ())  # type: ignore[attr-defined]
    ]
    names = {c.LIST: sorted({*lists, *(n for _, k, n in held if k == c.LIST)}),
             c.TAG: sorted({*tags, *(n for _, k, n in held if k == c.TAG)})}  # fmt: skip
    return Snapshot(
        contacts=frame,
        memberships=memberships(held),
        lists={name: f"list-{name}" for name in names[c.LIST]},
        tags={name: f"tag-{name}" for name in names[c.TAG]},
        custom_fields={field.label: field for field in custom_fields},
        account={"encoded_account_id": "a1", "organization_name": "Club"},
        fetched_at="2026-11-23T22:00:00Z",
    )


def memberships(held: Sequence[tuple[int, str, str]]) -> pd.DataFrame:
    """Long memberships from (contact position, kind, name)."""
    return pd.DataFrame(
        {
            c.CONTACT: np.array([h[0] for h in held], dtype=np.int64),
            c.KIND: pd.Categorical([h[1] for h in held], categories=[c.LIST, c.TAG]),
            c.NAME: pd.Categorical([h[2] for h in held], categories=sorted({h[2] for h in held})),
        }
    )


def desired(contacts: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    """A desired table from dicts, ordered by address; a field left out is no opinion."""
    ordered = sorted(contacts, key=lambda contact: str(contact[c.EMAIL]))
    frame = pd.DataFrame(ordered)
    opted = frame.pop(c.OPTED_OUT).fillna(False).astype(bool) if c.OPTED_OUT in frame else False
    return frame.astype("str").assign(**{c.OPTED_OUT: opted})
