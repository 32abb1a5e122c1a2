"""The first mapped and cleaned contacts, and the rejects: what an analyst looks at while she edits her mapping."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from ctct_etl.account.opening import describe_dialect
from ctct_etl.columns import (
    COLUMN,
    EMAIL,
    FIELD,
    MERGED,
    ORIGIN_COLUMNS,
    OUTCOME,
    PROBLEM,
    REASON,
    REJECTED,
    ROW,
    SEVERITY,
    SKIP,
    VALUE,
)
from ctct_etl.config.loading import load_pipeline
from ctct_etl.errors import ConfigError
from ctct_etl.report.masking import Mask
from ctct_etl.report.masking_told import mask_tables
from ctct_etl.sources.reading import read_source
from ctct_etl.stages.suspecting_columns import suspect_columns
from ctct_etl.workflow.allocating import choose_allocator
from ctct_etl.workflow.column_checks import find_missing_columns
from ctct_etl.workflow.context import Context
from ctct_etl.workflow.deriving import desire_contacts
from ctct_etl.workflow.expecting import refuse_broken, say_stops, say_warnings


@dataclass(frozen=True)
class Previewed:
    """contacts: the fields of the first contacts. rejects: ORIGIN_*, EMAIL, REASON. problems: cells that were wrong.

    counts: rows, rejected, merged, skip, contacts, problems. notes: what reading the source found, and what
    expectations say of all rows together.
    """

    contacts: pd.DataFrame
    rejects: pd.DataFrame
    problems: pd.DataFrame
    counts: dict[str, int]
    notes: tuple[str, ...]


def preview_pipeline(context: Context, path: Path, *, most: int) -> Previewed:
    """Read, map, clean and dedupe; the account is not asked, so custom fields are taken as text.

    Through the context's mask no address and no value is told.
    """
    config = load_pipeline(path, context.accounts, context.environment)
    choose_allocator()
    source = read_source(config.pipeline.source, context.now())
    problems = find_missing_columns(config, source.columns)
    if problems:
        raise ConfigError(problems)
    capabilities = describe_dialect(config.account)
    evidence, expectations = config.pipeline.consent.evidence, config.expectations
    odd_columns = suspect_columns(source.rows, config.mapping, evidence)
    desire = desire_contacts(source.rows, config.mapping, evidence, capabilities, None, expectations=expectations)
    refuse_broken(config, desire.gates)
    outcomes = desire.rows[OUTCOME]
    rejected = desire.rows[outcomes == REJECTED]
    fields = [field for field in config.mapping.fields if field in desire.contacts and field != EMAIL]
    found = desire.problems.head(most)
    place = desire.rows[list(ORIGIN_COLUMNS)].iloc[found[ROW].to_numpy()].reset_index(drop=True)
    previewed = Previewed(
        contacts=desire.contacts[[EMAIL, *fields]].head(most),
        rejects=rejected[[*ORIGIN_COLUMNS, EMAIL, REASON]].head(most),
        problems=pd.concat([place, found[[FIELD, COLUMN, VALUE, PROBLEM, SEVERITY]].reset_index(drop=True)], axis=1),
        counts={
            "rows": len(desire.rows),
            "rejected": len(rejected),
            "merged": int((outcomes == MERGED).sum()),
            "skip": int((outcomes == SKIP).sum()),
            "contacts": len(desire.contacts),
            "problems": len(desire.problems),
        },
        notes=(*source.notes, *odd_columns, *say_stops(config, desire.gates), *say_warnings(desire.gates)),
    )
    return previewed if context.mask is None else _masked(previewed, context.mask)


def _masked(previewed: Previewed, mask: Mask) -> Previewed:
    tables = mask_tables(previewed.contacts, previewed.rejects, previewed.problems, mask)
    return replace(previewed, notes=tuple(map(mask.note, previewed.notes)), **tables)
