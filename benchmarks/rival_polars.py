"""The work of `task.py` as a polars program, in its best form: `python -m benchmarks.rival_polars DATA OUT`.

Reads and normalises lazily on the streaming engine; sorts and groups only rows whose address is there twice; encodes a
contact's lists as bits; compares all fields at once, and looks closer only where something differs to the letter.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from benchmarks import task

FIELDS = tuple(task.COLUMNS)
US_AND_CANADA = ("US", "CA")


def trim(column: str) -> pl.Expr:
    text = pl.col(column).str.strip_chars()
    return pl.when(text != "").then(text)


def read_rows(place: Path) -> pl.DataFrame:
    raw = pl.scan_csv(place / task.SOURCE, infer_schema=False, row_index_name="row", row_index_offset=2)
    country = trim("Country").str.to_lowercase().replace_strict(task.COUNTRIES, default=None, return_dtype=pl.String)
    email = trim(task.EMAIL).str.to_lowercase()
    plain = [trim(column).alias(field) for field, column in task.COLUMNS.items() if field not in SPECIAL]
    day = trim(task.COLUMNS[task.JOINED]).str.to_date(task.DAY_FORMAT, strict=False)
    rows = raw.select(
        pl.col("row").cast(pl.Int64),
        email.alias("email"),
        email.str.contains(task.ADDRESS).fill_null(False).alias("good"),
        trim(task.UPDATED).alias("updated"),
        pl.col(task.INTERESTS),
        trim(task.COLUMNS[task.FIRST_NAME]).str.to_titlecase().alias(task.FIRST_NAME),
        read_phone(trim(task.COLUMNS[task.PHONE])).alias(task.PHONE),
        day.dt.to_string("%Y-%m-%d").alias(task.JOINED),
        country.alias(task.COUNTRY),
        trim(task.COLUMNS[task.STATE]).alias(task.STATE),
        *plain,
    )
    return rows.with_columns(read_state(pl.col(task.STATE), pl.col(task.COUNTRY)).alias(task.STATE)).collect(
        engine="streaming"
    )


SPECIAL = (task.FIRST_NAME, task.PHONE, task.JOINED, task.STATE, task.COUNTRY)


def read_phone(text: pl.Expr) -> pl.Expr:
    digits = text.str.replace_all(r"\D", "")
    ten = digits.str.slice(-10)
    good = digits.str.contains("^1?[2-9][0-9]{9}$")
    return pl.when(good).then("+1" + ten)


def read_state(state: pl.Expr, country: pl.Expr) -> pl.Expr:
    codes = {
        f"{place or ''}\n{writing.lower()}": task.code_state(place, writing)
        for place in (*US_AND_CANADA, None)
        for home in US_AND_CANADA
        for pair in task.STATES[home].items()
        for writing in pair
    }
    key = pl.concat_str(country.fill_null(""), pl.lit("\n"), state.str.to_lowercase())
    code = key.replace_strict(codes, default=None, return_dtype=pl.String)
    return pl.when(country.is_in(US_AND_CANADA)).then(code).otherwise(pl.coalesce(code, state))


def key_state(state: pl.Expr) -> pl.Expr:
    codes = {name.lower(): code.lower() for home in US_AND_CANADA for code, name in task.STATES[home].items()}
    return state.str.to_lowercase().replace(codes)


def encode_interests(cells: pl.Series, bits: Mapping[str, int]) -> pl.Series:
    """Each cell's lists as bits, worked out once for each distinct cell."""
    distinct = cells.unique().drop_nulls()
    sums = [sum({bits[name.strip()] for name in cell.split(";") if name.strip()}) for cell in distinct]
    return cells.replace_strict(distinct, sums, default=0, return_dtype=pl.Int64) | bits[task.NEWSLETTER]


def number_lists(cells: pl.Series, memberships: pl.DataFrame) -> dict[str, int]:
    named = {name.strip() for cell in cells.unique().drop_nulls() for name in cell.split(";")}
    names = sorted({*named, *memberships["name"].unique().cast(pl.String), task.NEWSLETTER} - {""})
    return {name: 1 << at for at, name in enumerate(names)}


def merge_doubles(good: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """One row an address, the newest with its blanks filled; and the rows that are not alone."""
    double = good["email"].is_duplicated()
    many = good.filter(double).sort("updated", "row")
    merged = many.group_by("email", maintain_order=True).agg(
        pl.col("row").last(), pl.col("lists").bitwise_or(), *(pl.col(field).drop_nulls().last() for field in FIELDS)
    )
    single = good.filter(~double).select(merged.columns)
    return pl.concat([single, merged]), many.select("email", "row")


def read_account(place: Path, bits: Mapping[str, int], memberships: pl.DataFrame) -> pl.LazyFrame:
    code = pl.col("name").cast(pl.String).replace_strict(bits, return_dtype=pl.Int64)
    lists = memberships.lazy().with_columns(code).group_by("contact").agg(pl.col("name").bitwise_or().alias("on"))
    columns = ["email", "contact_id", "status", "updated_at", *FIELDS]
    contacts = pl.scan_parquet(place / task.CONTACTS, row_index_name="contact").select("contact", *columns)
    contacts = contacts.with_columns(pl.col("contact").cast(pl.Int64))
    return contacts.join(lists, on="contact", how="left").with_columns(pl.col("on").fill_null(0))


def differs(field: str) -> pl.Expr:
    return (pl.col(field) != pl.col(f"{field}_right").fill_null("")).fill_null(False)


def diff(contacts: pl.DataFrame, account: pl.LazyFrame) -> pl.DataFrame:
    """Contacts that get an action, with before and after."""
    joined = contacts.lazy().join(account, on="email", how="left")
    new = pl.col("contact").is_null()
    missing = pl.col("lists") & ~pl.col("on").fill_null(0)
    known = joined.with_columns(new.alias("new"), missing.alias("missing"))
    some = known.filter(
        pl.any_horizontal("new", pl.col("missing") != 0, pl.col("status") == task.UNSUBSCRIBED, *map(differs, FIELDS))
    ).collect(engine="streaming")
    same = pl.col(f"{task.PHONE}_right").fill_null("").str.replace_all(r"\D", "").str.replace("^1(.{10})$", "$1")
    skipped = (pl.col("status") == task.UNSUBSCRIBED).fill_null(False)
    changed = {field: differs(field) & ~skipped for field in FIELDS}
    changed[task.PHONE] &= pl.col(task.PHONE).str.slice(2) != same
    changed[task.STATE] &= key_state(pl.col(task.STATE)) != key_state(pl.col(f"{task.STATE}_right").fill_null(""))
    after = pl.struct(pl.when(mask).then(pl.col(field)).alias(field) for field, mask in changed.items())
    old = (pl.when(mask).then(pl.col(f"{field}_right").fill_null("")).alias(field) for field, mask in changed.items())
    action = (
        pl.when(skipped).then(pl.lit("skip"))
        .when("new").then(pl.lit("create"))
        .when(pl.any_horizontal(pl.col("missing") != 0, *changed.values())).then(pl.lit("update"))
    )  # fmt: skip
    return some.select(
        "row", pl.col("email").alias("address"), action.alias("action"), after.alias("after"),
        pl.struct(old).alias("before"), pl.col("contact_id").fill_null(""), pl.col("updated_at").fill_null(""),
        pl.when(skipped).then(0).otherwise("missing").alias("missing"),
    ).filter(pl.col("action").is_not_null())  # fmt: skip


def write_actions(actions: pl.DataFrame, many: pl.DataFrame, bits: Mapping[str, int], path: Path) -> None:
    found = actions["missing"].unique()
    names = [[name for name, bit in bits.items() if some & bit] for some in found]
    lists = pl.DataFrame({"missing": found, "add": pl.Series(names, dtype=pl.List(pl.String))})
    more = many.join(actions.select("address"), left_on="email", right_on="address", how="semi")
    more = more.group_by("email").agg(pl.col("row").sort().alias("all"))
    full = actions.join(lists, on="missing").join(more, left_on="address", right_on="email", how="left")
    origins = pl.coalesce("all", pl.concat_list("row")).alias("origins")
    full.select(
        "action", "address", "after", "before", "contact_id", "updated_at", origins, pl.struct("add").alias("lists")
    ).sort("address").write_ndjson(path)


def write_rows(rows: pl.DataFrame, contacts: pl.DataFrame, actions: pl.DataFrame, path: Path) -> None:
    """Rows stand in order and without a gap: outcomes go to their place by position, without a join."""
    outcome = rows.select(pl.when("good").then(pl.lit("merged")).otherwise(pl.lit("rejected")).alias("outcome"))[
        "outcome"
    ]
    first = rows["row"][0]
    outcome = outcome.scatter(contacts["row"] - first, "unchanged")
    outcome = outcome.scatter(actions["row"] - first, actions["action"])
    rows.select("row", "email", outcome.alias("outcome")).write_parquet(path)


def main(place: Path, out: Path) -> None:
    memberships = pl.read_parquet(place / task.MEMBERSHIPS)
    rows = read_rows(place)
    bits = number_lists(rows[task.INTERESTS], memberships)
    rows = rows.with_columns(encode_interests(rows[task.INTERESTS], bits).alias("lists")).drop(task.INTERESTS)
    contacts, many = merge_doubles(rows.filter("good"))
    rows = rows.select("row", "email", "good")
    actions = diff(contacts, read_account(place, bits, memberships))
    contacts = contacts.select("row")
    write_actions(actions, many, bits, out / task.ACTIONS)
    write_rows(rows, contacts, actions, out / task.ROWS)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
