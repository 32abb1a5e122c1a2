"""What the source says of the people of each part, and what follows from all parts before anything is compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from ctct_etl.account.dialect import Wish
from ctct_etl.columns import EMAIL, FIELD, POSITION, ROW, VALUE, WON_BY
from ctct_etl.config.expectations import Expected
from ctct_etl.config.pipeline import Evidence
from ctct_etl.engine.pool import Pool
from ctct_etl.plan.snapshot import Capabilities, CustomField
from ctct_etl.run.spilling import load, spill
from ctct_etl.sources.pieces import Part
from ctct_etl.stages.arrow import TEXT, Positions, arrow, series
from ctct_etl.stages.colliding import Collisions
from ctct_etl.stages.partitioning import part_addresses
from ctct_etl.stages.presence import Presence
from ctct_etl.workflow.account_checks import NamedByCell, join_names, name_cells
from ctct_etl.workflow.allocating import choose_allocator
from ctct_etl.workflow.context import Progress
from ctct_etl.workflow.deriving import Desire, desire_contacts
from ctct_etl.workflow.expecting import Gates
from ctct_etl.workflow.parts.expecting import join_gates
from ctct_etl.workflow.parts.reading import Sharing, load_rows
from ctct_etl.workflow.parts.scratch import Scratch
from ctct_etl.workflow.stopping import Stops, find_stops, join_stops
from ctct_etl.workflow.wishing import wishes_of

_TABLES = ("rows", "contacts", "wanted", "problems")


@dataclass(frozen=True)
class Desiring:
    """What every part is asked by: as `desire_contacts` has it. with_wishes: what is wanted of each is told as well."""

    sharing: Sharing
    source: tuple[Part, ...]
    evidence: Evidence | None
    capabilities: Capabilities
    custom_fields: Mapping[str, CustomField] | None
    with_presence: bool
    expectations: tuple[Expected, ...]
    with_wishes: bool


@dataclass(frozen=True)
class PartDesired:
    """strays: addresses that are present by this part's rows, and whose contacts are in other parts: cells that name
    several people. unreadable: rows that may hide another one.
    """

    gates: Gates
    stops: Stops
    names: tuple[NamedByCell, ...]
    strays: tuple[str, ...]
    unreadable: int
    wishes: Mapping[str, Wish]


@dataclass(frozen=True)
class AllDesired:
    """What all parts say together. presence: of each part, whom it has to know of beside its own; None: not asked."""

    gates: Gates
    stops: Stops
    names: Sequence[NamedByCell]
    strays: Sequence[tuple[str, ...]]
    wishes: Mapping[str, Wish]


def desire_in_parts(desiring: Desiring, pool: Pool, progress: Progress) -> AllDesired:
    """Work out what the source says, part by part, into the scratch directory."""
    count = desiring.sharing.parts
    told = pool.map(
        partial(_desire, desiring=desiring), range(count), lambda done: progress("reading the rows", done, count)
    )
    return AllDesired(
        gates=join_gates(each.gates for each in told),
        stops=join_stops(each.stops for each in told),
        names=join_names(each.names for each in told),
        strays=_send_strays([each.strays for each in told], count),
        wishes=dict(chain.from_iterable(each.wishes.items() for each in told)),
    )


def _send_strays(strays: Sequence[Sequence[str]], count: int) -> list[tuple[str, ...]]:
    every = sorted({address for each in strays for address in each})
    sent: list[list[str]] = [[] for _ in range(count)]
    for address, part in zip(every, part_addresses(pa.array(every, TEXT), count).tolist(), strict=True):
        sent[part].append(address)
    return [tuple(each) for each in sent]


def _desire(number: int, desiring: Desiring) -> PartDesired:
    choose_allocator()
    sharing = desiring.sharing
    source, positions = load_rows(sharing, desiring.source, number)
    desire = desire_contacts(
        source, sharing.mapping, desiring.evidence, desiring.capabilities, desiring.custom_fields,
        with_presence=desiring.with_presence, expectations=desiring.expectations,
    )  # fmt: skip
    place = sharing.scratch.part(number)
    for name in _TABLES:
        spill(place / name, getattr(desire, name))
    spill(place / "positions", pd.DataFrame({POSITION: positions}))
    _keep_collisions(place, desire.collisions, positions.to_numpy())
    return PartDesired(
        gates=desire.gates,
        stops=find_stops(desire, positions),
        names=tuple(name_cells(desire, sharing.mapping, positions)),
        strays=_keep_present(desire.presence, sharing, number),
        unreadable=desire.presence.unreadable if desire.presence else 0,
        wishes=wishes_of(desire) if desiring.with_wishes else {},
    )


def _keep_present(presence: Presence | None, sharing: Sharing, number: int) -> tuple[str, ...]:
    """Write down whose contacts are in this part; return the others."""
    if presence is None:
        return ()
    at: Positions = part_addresses(presence.addresses, sharing.parts)
    own = presence.addresses.filter(pa.array(at == number))
    table = pd.DataFrame({EMAIL: series(own)})
    spill(sharing.scratch.part(number) / "present", table)
    spill(sharing.scratch.part(number) / "unreadable", pd.DataFrame({"rows": [presence.unreadable]}))
    return tuple(presence.addresses.filter(pa.array(at != number)).to_pylist())


def _keep_collisions(place: Path, collisions: Collisions, positions: Positions) -> None:
    """By the places that rows have in the whole source."""
    whole = {name: positions[collisions.table[name].to_numpy()] for name in (ROW, WON_BY)}
    spill(place / "collisions", collisions.table.assign(**whole))
    spill(place / "colliding", pd.DataFrame(collisions.by_field.items(), columns=[FIELD, VALUE]))


def _load_collisions(place: Path) -> Collisions:
    counted = load(place / "colliding")
    by_field = {str(field): int(count) for field, count in zip(counted[FIELD], counted[VALUE], strict=True)}
    return Collisions(load(place / "collisions"), by_field)


def load_desire(scratch: Scratch, number: int, strays: Sequence[str], *, with_presence: bool) -> Desire:
    """Read what `_desire` wrote of one part. strays: who else of this part's people is present."""
    place = scratch.part(number)
    tables: dict[str, Any] = {name: load(place / name) for name in _TABLES}
    presence = None
    if with_presence:
        present = arrow(load(place / "present")[EMAIL])
        hidden = int(load(place / "unreadable")["rows"].iloc[0])
        presence = Presence(pa.concat_arrays([present, pa.array(strays, TEXT)]), hidden)
    return Desire(**tables, presence=presence, collisions=_load_collisions(place))


def load_positions(scratch: Scratch, number: int) -> Positions:
    """Where the rows of one part stand in the whole source."""
    positions: Positions = load(scratch.part(number) / "positions")[POSITION].to_numpy()
    return positions
