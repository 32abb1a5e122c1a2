"""The work of `task.py` as SQL of DuckDB, in its best form: `python -m benchmarks.rival_duckdb DATA OUT`.

Reads the CSV as text on all cores and normalises it in the same pass; a row's number is its place in that table. Lists
are coded once for each distinct cell, and are bits from then on; only rows whose address is there twice are ordered and
grouped. The account streams past and is looked at closer only where something differs to the letter; actions stream
out of one query as JSON lines.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import duckdb

from benchmarks import task

FIELDS = tuple(task.COLUMNS)
US_AND_CANADA = ("US", "CA")

MACROS = r"""
CREATE MACRO cell(x) AS nullif(trim(x, E' \t\r\n'), '');
CREATE MACRO word(x) AS upper(x[1]) || lower(x[2:]);
CREATE MACRO title(x) AS CASE WHEN regexp_matches(x, '^[A-Za-z]*$') THEN word(x)
    ELSE array_to_string(list_transform(regexp_extract_all(x, '\pL+|\PL+'), lambda w: word(w)), '') END;
CREATE MACRO digits(x) AS regexp_replace(x, '\D', '', 'g');
CREATE MACRO phone(x) AS CASE WHEN regexp_matches(digits(x), '^1?[2-9][0-9]{9}$') THEN '+1' || right(digits(x), 10) END;
CREATE MACRO phone_key(x) AS regexp_replace(digits(x), '^1(.{10})$', '\1');
"""

READ = """
CREATE TABLE raw AS SELECT
    lower(cell("{email}")) AS email, coalesce(regexp_matches(lower(cell("{email}")), '{address}'), false) AS good,
    coalesce(cell("{updated}"), '') AS updated, "{interests}" AS interests, {fields}
FROM read_csv('{source}', all_varchar = true, header = true, delim = ',', quote = '"', escape = '"');
SET preserve_insertion_order = false;
"""

LISTS = """
CREATE TABLE cells AS SELECT interests, list_transform(string_split(interests, ';'), lambda n: trim(n)) AS names
    FROM (SELECT DISTINCT interests FROM raw WHERE interests IS NOT NULL);
CREATE TABLE lists AS SELECT name, 1::BIGINT << (row_number() OVER (ORDER BY name) - 1)::INT AS bit FROM (
    SELECT unnest(names) AS name FROM cells UNION SELECT name::VARCHAR FROM '{memberships}' UNION SELECT '{newsletter}'
) WHERE name <> '';
CREATE TABLE wanted AS SELECT interests, bit_or(bit) AS bits
    FROM (SELECT interests, unnest(names) AS name FROM cells) JOIN lists USING (name) GROUP BY interests;
SET VARIABLE newsletter = (SELECT bit FROM lists WHERE name = '{newsletter}');
"""

MERGE = """
CREATE VIEW good AS SELECT raw.rowid + 2 AS number, raw.email, updated, {fields},
        coalesce(bits, 0) | getvariable('newsletter') AS lists
    FROM raw LEFT JOIN wanted USING (interests)
    LEFT JOIN states ON place = coalesce("{country}", '') AND writing = lower("{state}") WHERE good;
CREATE TABLE twice AS SELECT email FROM raw WHERE good GROUP BY email HAVING count(*) > 1;
CREATE TABLE many AS SELECT *, row_number() OVER (PARTITION BY email ORDER BY updated, number) AS rank
    FROM good SEMI JOIN twice USING (email);
CREATE TABLE merged AS SELECT email, arg_max(number, rank) AS number, bit_or(lists) AS lists, {last}
    FROM many GROUP BY email;
CREATE VIEW contacts AS SELECT email, number, lists, {names} FROM merged
    UNION ALL SELECT email, number, lists, {names} FROM good ANTI JOIN twice USING (email);
"""

DIFF = """
CREATE VIEW account AS SELECT a.*, bits FROM read_parquet('{contacts}', file_row_number = true) a LEFT JOIN (
    SELECT contact, bit_or(bit) AS bits FROM '{memberships}' JOIN lists USING (name) GROUP BY contact
) ON contact = file_row_number;
CREATE TABLE known AS SELECT n.*, n.lists & ~coalesce(bits, 0) AS missing, contact_id, updated_at,
        coalesce(status = '{unsubscribed}', false) AS skipped, {old}
    FROM contacts n LEFT JOIN account a ON a.email = n.email
    WHERE contact_id IS NULL OR missing <> 0 OR skipped OR {differs};
CREATE TABLE actions AS SELECT number, email AS address, coalesce(contact_id, '') AS contact_id,
        coalesce(updated_at, '') AS updated_at, if(skipped, 0, missing) AS missing, {changes},
        CASE WHEN skipped THEN 'skip' WHEN contact_id IS NULL THEN 'create' ELSE 'update' END AS action
    FROM known WHERE contact_id IS NULL OR skipped OR missing <> 0 OR {really_differs};
"""

WRITE = """
COPY (
    SELECT action, address, after, before, contact_id, updated_at, coalesce(numbers, [number]) AS origins,
        {{add: coalesce(names, [])}} AS lists
    FROM actions
    LEFT JOIN (SELECT email, list(number ORDER BY number) AS numbers FROM many GROUP BY email) ON email = address
    LEFT JOIN (
        SELECT missing, list(name) AS names FROM (SELECT DISTINCT missing FROM actions) JOIN lists ON missing & bit <> 0
        GROUP BY missing
    ) USING (missing) ORDER BY address
) TO '{actions}' (FORMAT json);
COPY (
    SELECT r.rowid + 2 AS "row", r.email, CASE WHEN NOT good THEN 'rejected' WHEN lost.number IS NOT NULL THEN 'merged'
        ELSE coalesce(action, 'unchanged') END AS outcome
    FROM raw r LEFT JOIN (SELECT number FROM many ANTI JOIN merged USING (number)) lost ON lost.number = r.rowid + 2
    LEFT JOIN actions ON actions.number = r.rowid + 2
) TO '{rows}' (FORMAT parquet);
"""


def main(place: Path, out: Path) -> None:
    names = {
        "email": task.EMAIL, "updated": task.UPDATED, "interests": task.INTERESTS, "address": task.ADDRESS,
        "newsletter": task.NEWSLETTER, "unsubscribed": task.UNSUBSCRIBED, "state": task.STATE, "country": task.COUNTRY,
        "source": place / task.SOURCE, "contacts": place / task.CONTACTS, "memberships": place / task.MEMBERSHIPS,
        "actions": out / task.ACTIONS, "rows": out / task.ROWS,
    }  # fmt: skip
    with duckdb.connect(config={"temp_directory": str(out / "spill")}) as db:
        db.execute(MACROS + write_country_macro())
        db.execute(READ.format(**names, fields=commas(normalise(field) + f' AS "{field}"' for field in FIELDS)))
        db.execute(write_state_tables())
        db.execute(LISTS.format(**names))
        last = commas(f'arg_max("{field}", rank) AS "{field}"' for field in FIELDS)  # passes blanks by
        fields = commas(CODED_STATE if field == task.STATE else f'"{field}"' for field in FIELDS)
        db.execute(MERGE.format(**names, fields=fields, last=last, names=commas(f'"{field}"' for field in FIELDS)))
        db.execute(write_diff(names))
        db.execute(WRITE.format(**names))


CODED_STATE = f"""CASE WHEN "{task.COUNTRY}" IN {US_AND_CANADA} THEN code
        ELSE coalesce(code, "{task.STATE}") END AS "{task.STATE}\""""


def write_diff(names: dict[str, object]) -> str:
    differs = {field: f"""coalesce("{field}" <> "old {field}", false)""" for field in FIELDS}
    really = differs | {
        task.PHONE: f"""coalesce(phone_key("{task.PHONE}") <> phone_key("old {task.PHONE}"), false)""",
        task.STATE: f"""coalesce(state_key("{task.STATE}") <> state_key("old {task.STATE}"), false)""",
    }
    changed = {field: f"NOT skipped AND {mask}" for field, mask in really.items()}
    after = commas(f'"{field}" := if({mask}, "{field}", NULL)' for field, mask in changed.items())
    before = commas(f'"{field}" := if({mask}, "old {field}", NULL)' for field, mask in changed.items())
    return DIFF.format(
        **names,
        old=commas(f"""coalesce(a."{field}", '') AS "old {field}\"""" for field in FIELDS),
        differs=" OR ".join(f"""coalesce(n."{field}" <> coalesce(a."{field}", ''), false)""" for field in FIELDS),
        really_differs=" OR ".join(really.values()),
        changes=f"struct_pack({after}) AS after, struct_pack({before}) AS before",
    )


def normalise(field: str) -> str:
    """The cell of one field as SQL; states are coded later, when their country is known."""
    cell = f'cell("{task.COLUMNS[field]}")'
    if field == task.JOINED:
        return f"strftime(try_strptime({cell}, '{task.DAY_FORMAT}'), '%Y-%m-%d')"
    if field in (task.FIRST_NAME, task.PHONE, task.COUNTRY):
        return f"{ {task.FIRST_NAME: 'title', task.PHONE: 'phone', task.COUNTRY: 'country'}[field] }({cell})"
    return cell


def write_country_macro() -> str:
    cases = " ".join(f"WHEN '{name}' THEN '{code}'" for name, code in task.COUNTRIES.items())
    return f"CREATE MACRO country(x) AS CASE lower(x) {cases} END;"


def write_state_tables() -> str:
    """`states`: what a writing means in a country; `state_key`: code and name of a state are one, as compared."""
    codes = {
        (place or "", writing.lower()): task.code_state(place, writing)
        for place in (*US_AND_CANADA, None)
        for home in US_AND_CANADA
        for pair in task.STATES[home].items()
        for writing in pair
    }
    values = commas(f"('{place}', '{writing}', '{code}')" for (place, writing), code in codes.items() if code)
    keys = {name.lower(): code.lower() for home in US_AND_CANADA for code, name in task.STATES[home].items()}
    mapped = commas(f"'{name}': '{code}'" for name, code in keys.items())
    return f"""
        CREATE TABLE states AS SELECT * FROM (VALUES {values}) AS codes(place, writing, code);
        CREATE MACRO state_key(x) AS coalesce((MAP {{{mapped}}})[lower(x)], lower(x));
    """


def commas(parts: Iterable[str]) -> str:
    return ", ".join(parts)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
