"""The results as a picture: `draw(results)`, or `python -m benchmarks.picture RESULTS.json PICTURE.svg` once more.

Bars on a logarithmic scale, as multiples of ours: wall time and memory from files to a plan at the largest size, and
the requests of the largest night in which everybody took part. Ours is the line at 1; right of it costs more.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from html import escape
from math import ceil, floor, log10
from pathlib import Path
from typing import Any, NamedTuple

WIDTH, MARGIN, NAMES = 960, 32, 250
BAR, GAP, HEAD = 20, 12, 74
LEFT, RIGHT = MARGIN + NAMES, WIDTH - MARGIN - 150
INK, MUTED, GRID, PAPER, OURS, OTHER = "#1f2933", "#66727f", "#e3e8ee", "#ffffff", "#0b6e99", "#c3ccd6"
FONT = "font-family=\"-apple-system, 'Segoe UI', 'Helvetica Neue', 'DejaVu Sans', Arial, sans-serif\""


class Panel(NamedTuple):
    """Bars below one title: name → (multiple of ours, what it is in its own unit)."""

    title: str
    subtitle: str
    bars: dict[str, tuple[float, str]]

    @property
    def height(self) -> int:
        return HEAD + len(self.bars) * (BAR + GAP) + 22


def draw(results: Mapping[str, Any]) -> str:
    """An SVG that stands alone: no script, no font, no colour of the page it is on."""
    panels = [panel for panel in make_panels(results) if len(panel.bars) > 1]
    parts, top = [], MARGIN
    for panel in panels:
        parts += _draw_panel(panel, top)
        top += panel.height + 18
    parts.append(_text(MARGIN, top + 6, _describe(results["machine"]), 11.5, MUTED))
    height = top + 28
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
    title = "<title>ctct-etl beside other programs: time, memory and requests as multiples of ours</title>"
    paper = f'<rect width="{WIDTH}" height="{height}" rx="6" fill="{PAPER}"/>'
    return "\n".join([f'{head} role="img" {FONT}>', title, paper, *parts, "</svg>"]) + "\n"


def make_panels(results: Mapping[str, Any]) -> list[Panel]:
    panels = []
    if results["plans"]:
        largest = results["plans"][-1]
        work = f"{largest['rows']:,} rows of 20 columns against {largest['rows']:,} contacts, from files to a plan"
        seconds = _bars(largest, "wall", lambda value: f"{value:,.1f} s")
        memory = _bars(largest, "peak", lambda value: f"{value / 1e9:,.2f} GB")
        panels += [Panel("Wall time", work, seconds), Panel("Peak memory", work, memory)]
    if results["nights"]:
        night = max(results["nights"], key=lambda each: (len(each["programs"]), each["contacts"]))
        work = (
            f"an account of {night['contacts']:,}, {night['rows']:,} rows: "
            f"{night['new']:,} new, {night['changed']:,} changed; minutes at the service's 4 requests a second"
        )
        requests = _bars(night, "requests", lambda value: f"{value:,.0f} · {value / 240:,.1f} min")
        panels.append(Panel("Requests of a night", work, requests))
    return panels


def _bars(race: Mapping[str, Any], key: str, tell: Callable[[float], str]) -> dict[str, tuple[float, str]]:
    right = {name: figures[key] for name, figures in race["programs"].items() if figures["right"]}
    return {name: (value / right["ours"], tell(value)) for name, value in right.items()} if "ours" in right else {}


def _draw_panel(panel: Panel, top: int) -> list[str]:
    parts = [_text(MARGIN, top + 14, panel.title, 17, INK, 'font-weight="600"')]
    parts.append(_text(MARGIN, top + 34, panel.subtitle, 12.5, MUTED))
    ratios = [ratio for ratio, _ in panel.bars.values()]
    low = floor(log10(min(ratios)) * 4 - 0.5) / 4
    high = max(ceil(log10(max(ratios)) * 4) / 4, low + 1)

    def place(ratio: float) -> float:
        return LEFT + (log10(ratio) - low) / (high - low) * (RIGHT - LEFT)

    bottom = top + HEAD + len(panel.bars) * (BAR + GAP) - GAP + 6
    for tick in _ticks(low, high):
        at = place(tick)
        colour, width = (OURS, 1.5) if tick == 1 else (GRID, 1)
        parts.append(f'<path d="M{at:.1f} {top + HEAD - 8}V{bottom}" stroke="{colour}" stroke-width="{width}"/>')
        parts.append(_text(at, top + HEAD - 14, f"{tick:g}×", 11, MUTED, 'text-anchor="middle"'))
    for at, (name, (ratio, told)) in enumerate(panel.bars.items()):
        parts += _draw_bar(top + HEAD + at * (BAR + GAP), name, ratio, told, place)
    return parts


def _draw_bar(top: float, name: str, ratio: float, told: str, place: Callable[[float], float]) -> list[str]:
    ours = name.startswith("ours")
    weight = 'font-weight="600"' if ours else ""
    end = max(place(ratio), LEFT + 3)
    label = f"{ratio:,.2f}×" if ratio < 10 else f"{ratio:,.0f}×"
    return [
        _text(LEFT - 12, top + BAR - 5.5, name, 13, INK, f'text-anchor="end" {weight}'),
        f'<rect x="{LEFT}" y="{top}" width="{end - LEFT:.1f}" height="{BAR}" rx="2" fill="{OURS if ours else OTHER}"/>',
        _text(end + 8, top + BAR - 5.5, f"{label}  ·  {told}", 12.5, INK, f'xml:space="preserve" {weight}'),
    ]


def _ticks(low: float, high: float) -> list[float]:
    """Powers of ten; 2 and 5 of each where there are few."""
    powers = range(floor(low), ceil(high) + 1)
    steps = (1, 2, 5) if high - low < 2.5 else (1,)
    return [tick for power in powers for step in steps if low <= log10(tick := step * 10.0**power) <= high]


def _text(x: float, y: float, words: str, size: float, colour: str, more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}" {more}>{escape(words)}</text>'


def _describe(machine: Mapping[str, Any]) -> str:
    libraries = ", ".join(f"{name} {number}" for name, number in machine["libraries"].items() if number[0].isdigit())
    return f"{machine['date']} · {machine['processors']} processors, load {machine['load']} · {libraries}"


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(draw(json.loads(Path(sys.argv[1]).read_text("utf-8"))), "utf-8")
