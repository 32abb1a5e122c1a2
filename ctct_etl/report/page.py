"""The report as one page that needs nothing else: no network, no clock, no file beside it; same report, same bytes.

Values come from strangers' spreadsheets. Jinja escapes each of them, the data block escapes what could end it, the
script writes text only, and the page's own policy lets nothing run but that one script, known by its hash.

An apply writes what is read first anew as it goes: three marks, which no value can hold, say where that ends. They name
the templates that the page was made by, since its policy knows one script only.
"""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache, partial
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from ctct_etl.columns import DONE, REJECTED, RESULTS, SKIP
from ctct_etl.report import wording
from ctct_etl.report.cells import show_cell
from ctct_etl.report.flow import ORDER, draw_flow
from ctct_etl.report.headline import say_cost, say_mails
from ctct_etl.report.history import ENDINGS
from ctct_etl.report.sections import SECTIONS, lay_out_grids, lay_out_results
from ctct_etl.report.shapes import Report
from ctct_etl.report.tiles import lay_out_tiles
from ctct_etl.report.trends import draw_trends

_TEMPLATES = ("first.html", "results.html", "report.html", "parts.html", "report.css", "grid.js", "told.js")


def render_html(report: Report) -> str:
    """Render the report as one self-contained HTML page."""
    template = _environment().get_template("report.html")
    return template.render(
        **_tell_first(report),
        grids=lay_out_results(report) | lay_out_grids(report),
        flow=draw_flow(report.outcomes, report.rows),
        trends=draw_trends(report.as_a_run(), report.earlier),
        outcomes=sorted(report.outcomes, key=lambda each: ORDER.index(each.outcome)),
        most=max((each.add + each.remove for each in report.memberships), default=0),
        script=Markup(_read_script()),
    )


def render_first(report: Report) -> tuple[str, str]:
    """Render what the page says before the first mark, and between the second and the third. Needs no table."""
    told = _tell_first(report)
    first, results = (_environment().get_template(name) for name in ("first.html", "results.html"))
    return first.render(**told), results.render(**told, grids=lay_out_results(report))


def page_marks() -> tuple[str, str, str]:
    """The marks of a page that these templates made."""
    made_by = hashlib.sha256("".join(map(_read_asset, _TEMPLATES)).encode()).hexdigest()[:16]
    first, second, third = (f"<!-- {made_by} {number} -->" for number in (1, 2, 3))
    return first, second, third


def _tell_first(report: Report) -> dict[str, Any]:
    style = _read_asset("report.css")
    return {
        "report": report,
        "policy": _write_policy(style, _read_script()),
        "style": Markup(style),
        "marks": [Markup(mark) for mark in page_marks()],
        "tiles": lay_out_tiles(report),
    }


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
    environment.globals |= {"say_cost": say_cost, "say_mails": say_mails, "ENDINGS": ENDINGS, "SECTIONS": SECTIONS}
    environment.globals |= {"RESULTS": RESULTS, "REJECTED": REJECTED, "SKIP": SKIP, "DONE": DONE}
    return environment


@cache
def _read_asset(name: str) -> str:
    return (resources.files("ctct_etl.report") / "templates" / name).read_text("utf-8")


def _read_script() -> str:
    return _read_asset("grid.js") + _read_asset("told.js")


def _write_policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; style-src {_hash_source(style)}; script-src {_hash_source(script)}; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash_source(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _say_size(size: int) -> str:
    return f"{size:,} bytes" if size < 10_000 else f"{size / 1000:,.0f} kB"
