"""The report as one page that needs nothing else: no network, no clock, no file beside it; same report, same bytes.

Values come from strangers' spreadsheets. Jinja escapes each of them, the data block escapes what could end it, the
script writes text only, and the page's own policy lets nothing run but that one script, known by its hash.
"""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache, partial
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from ctct_etl.columns import CREATE, DONE, FIELD, REJECTED, REMOVE, RESULTS, SKIP, UPDATE
from ctct_etl.plan.tables import ACTION
from ctct_etl.report import wording
from ctct_etl.report.cells import show_cell
from ctct_etl.report.flow import ORDER, draw_flow
from ctct_etl.report.grid import Column, Grid, lay_out_grid
from ctct_etl.report.headline import say_cost, say_mails
from ctct_etl.report.shapes import Report

_PLACE = Column("Where", "small")
_ADDRESS = Column("Address", "value address")


# What a tile says of an action: before it, after it, and about whom.
_TILES = {
    CREATE: ("to add", "added", "new to the account"),
    UPDATE: ("to change", "changed", "the account has them"),
    REMOVE: ("to take off lists", "taken off lists", "gone from the source"),
}


def render_html(report: Report) -> str:
    """Render the report as one self-contained HTML page."""
    style, script = _read_asset("report.css"), _read_asset("grid.js")
    return (
        _environment()
        .get_template("report.html")
        .render(
            report=report,
            policy=_write_policy(style, script),
            style=Markup(style),
            script=Markup(script),
            flow=draw_flow(report.outcomes, report.rows),
            grids={grid.id: grid for grid in _lay_out_grids(report)},
            outcomes=sorted(report.outcomes, key=lambda each: ORDER.index(each.outcome)),
            most=max((each.add + each.remove for each in report.memberships), default=0),
            RESULTS=RESULTS,
            TILES=_TILES,
            REMOVE=REMOVE,
            REJECTED=REJECTED,
            SKIP=SKIP,
            DONE=DONE,
        )
    )


def _lay_out_grids(report: Report) -> list[Grid]:
    fields = {each: wording.say_field(each) for each in report.changes[FIELD].unique()}
    changes = report.changes.assign(
        **{ACTION: report.changes[ACTION].map(wording.ACTION_WORDS), FIELD: report.changes[FIELD].map(fields)}
    ).astype("str")
    reason = Column("Why", "small", pick=True)
    cell = (Column("Column", pick=True), Column("Value", "value"))
    return [
        lay_out_grid(
            "changes",
            "Every changed field, list and tag, before and after",
            changes,
            [_ADDRESS, Column("What", pick=True), Column("Field", pick=True), Column("Before", "before"),
             Column("After", "after"), reason, _PLACE],
            report.change_count,
        ),
        lay_out_grid(
            "rejects",
            "Rows that were rejected, and why",
            report.rejects,
            [_PLACE, _ADDRESS, Column("Why"), *cell, Column("Everything that is wrong")],
        ),
        lay_out_grid("skips", "Rows that a rule leaves alone", report.skips, [_PLACE, _ADDRESS, reason]),
        lay_out_grid(
            "merges", "Rows merged into another row of the same address", report.merges, [_PLACE, _ADDRESS, reason]
        ),
        lay_out_grid(
            "cautions",
            "Cells that look odd",
            report.cautions,
            [_PLACE, _ADDRESS, *cell, Column("What is odd", pick=True)],
        ),
    ]  # fmt: skip


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("ctct_etl.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "number": "{:,}".format,
        "short": partial(show_cell, longest=1_000),
        "block": partial(htmlsafe_json_dumps, dumps=partial(json.dumps, ensure_ascii=False, separators=(",", ":"))),
        "size": _say_size,
    }
    environment.globals |= {name: getattr(wording, name) for name in dir(wording) if name.startswith("say_")}
    environment.globals |= {
        name: getattr(wording, name) for name in dir(wording) if name.endswith(("_WORDS", "_MEANINGS"))
    }
    environment.globals |= {"say_cost": say_cost, "say_mails": say_mails}
    return environment


def _read_asset(name: str) -> str:
    return (resources.files("ctct_etl.report") / "templates" / name).read_text("utf-8")


def _write_policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; style-src {_hash_source(style)}; script-src {_hash_source(script)}; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash_source(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _say_size(size: int) -> str:
    return f"{size:,} bytes" if size < 10_000 else f"{size / 1000:,.0f} kB"
