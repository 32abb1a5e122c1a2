"""Have the account write its contacts into a file, and read that [D-EXPORT].

Parameters and the names of the columns are documented, the file is not: nothing in it is taken for granted. Its first
line has to name the columns that were asked for; a row of another length or without an address, and an address that
comes twice, are left out, and without that first line the whole file is.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Mapping
from typing import Final

from ctct_etl.account.addresses import canonical_address
from ctct_etl.account.dialect import Conversation, Request, Response
from ctct_etl.account.v1.activities import is_complete, start_activity
from ctct_etl.account.v1.atom import Malformed, resolve
from ctct_etl.account.v1.reading import Customs
from ctct_etl.account.v1.wire import (
    BULK_COLUMNS,
    COUNTRY,
    CUSTOM_ELEMENT,
    EMAIL_ELEMENT,
    POSTAL_CODE,
    POSTAL_FIELD,
    STATE,
    SUB_POSTAL_CODE,
    WIRE_NAMES,
)
from ctct_etl.errors import Busy, Rejected, Unsettled

EXPORT_COSTS: Final = 8  # requests: the job, looks at it for a quarter of a minute, the file
# Where state and country are codes or names is documented nowhere: what is not as wished is read by id anyway.
_COLUMNS: Final = {
    **{WIRE_NAMES[field]: column for field, column in BULK_COLUMNS.items() if field != POSTAL_FIELD},
    POSTAL_CODE: "POSTAL CODE",
    SUB_POSTAL_CODE: "SUB POSTAL CODE",
    STATE: "STATE",
    COUNTRY: "COUNTRY",
}

Row = Mapping[str, str]


def export_contacts(list_id: str, customs: Customs) -> Conversation[dict[str, Row] | None]:
    """Address → element → value, of all contacts of a list or status group; None where no file came of it."""
    columns = _COLUMNS | {f"{CUSTOM_ELEMENT}{one.id}": one.name for one in customs.values()}
    return (yield from _export(list_id, columns))


def export_addresses(list_id: str) -> Conversation[Collection[str] | None]:
    """The addresses on a list; None where no file came of it."""
    rows = yield from _export(list_id, {EMAIL_ELEMENT: _COLUMNS[EMAIL_ELEMENT]})
    return None if rows is None else rows.keys()


def _export(list_id: str, columns: Mapping[str, str]) -> Conversation[dict[str, Row] | None]:
    """columns: element → name of its column. Whatever goes wrong with a job is no more than a file that never came."""
    form = [("activityType", "EXPORT_CONTACTS"), ("fileType", "CSV"), ("sortBy", "EMAIL_ADDRESS"), ("listId", list_id)]
    form += [(flag, "false") for flag in ("exportOptDate", "exportOptSource", "exportListName")]
    form += [("columns", column) for column in columns.values()]
    try:
        activity = yield from start_activity(form, {}, rests_on_read=False)
        link = activity.values.get("FileName", "")
        if not is_complete(activity) or not link.strip():
            return None
        path = resolve(link, f"{activity.edit}")
    except (Rejected, Unsettled, Busy, Malformed):
        return None
    response: Response = yield Request("GET", path, from_root=True, is_file=True)
    return read_file(response.body, columns) if response.ok and isinstance(response.body, str) else None


def read_file(text: str, columns: Mapping[str, str]) -> dict[str, Row] | None:
    """Address → element → value. columns: element → name of its column, in the order in which they were asked for."""
    elements = {column: element for element, column in columns.items()}
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        return None
    heads = [elements.get(" ".join(head.upper().split()), "") for head in lines[0]] if lines else []
    if sorted(heads) != sorted(columns):
        return None
    rows: dict[str, Row] = {}
    twice = set[str]()
    for line in lines[1:]:
        row = dict(zip(heads, line, strict=False))
        address = canonical_address(row.get(EMAIL_ELEMENT, ""))
        if len(line) == len(heads) and address:
            twice |= {address} & rows.keys()
            rows[address] = row
    return {address: row for address, row in rows.items() if address not in twice}
