from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

from benchmarks.picture import draw, make_panels

MACHINE = {"date": "2026-11-26", "processors": 2, "load": 0.4, "libraries": {"polars": "2.1.0", "dlt": "not installed"}}


def race(ours: float, rival: float, right: bool = True) -> dict[str, Any]:
    def figures(value: float, right: bool) -> dict[str, Any]:
        return {"wall": value, "peak": value * 1e9, "requests": value, "right": right}

    programs = {"ours": figures(ours, True), "<rival>": figures(rival, right)}
    return {"rows": 1000, "contacts": 2000, "new": 20, "changed": 30, "programs": programs}


def results(**words: Any) -> dict[str, Any]:
    return {"machine": MACHINE, "plans": [race(2, 50, **words)], "nights": [race(40, 9000, **words)]}


def find_widths(svg: str) -> list[float]:
    bars = ElementTree.fromstring(svg).findall(".//{*}rect")[1:]
    return [float(bar.get("width", "0")) for bar in bars]


def test_every_program_has_a_bar_and_its_figure_in_every_panel() -> None:
    svg = draw(results())
    words = "\n".join(text.text or "" for text in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text"))
    assert len(find_widths(svg)) == 3 * 2
    assert words.count("<rival>") == 3 and "25×  ·  50.0 s" in words and "225×  ·  9,000 · 37.5 min" in words


def test_what_costs_more_than_ours_has_the_longer_bar() -> None:
    for ours, rival in zip(*[iter(find_widths(draw(results())))] * 2, strict=True):
        assert rival > ours > 0


def test_a_program_with_another_result_has_no_bar() -> None:
    assert all("<rival>" not in panel.bars for panel in make_panels(results(right=False)))


def test_a_library_that_took_no_part_is_not_named() -> None:
    assert "polars 2.1.0" in draw(results()) and "dlt" not in draw(results()).replace("ctct", "")
