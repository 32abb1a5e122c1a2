"""Progress of long work on a terminal, and silence anywhere else."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TextIO

REDRAW_S = 0.1


def show_progress(stream: TextIO) -> Callable[[str, int, int | None], None]:
    """Return a function that redraws one line of `stream`; on anything but a terminal it prints nothing."""
    if not stream.isatty():
        return lambda step, done, total: None
    drawn_at, drawn_step = 0.0, ""

    def draw(step: str, done: int, total: int | None) -> None:
        nonlocal drawn_at, drawn_step
        now = time.monotonic()
        finished = total is not None and done >= total
        if step == drawn_step and not finished and now - drawn_at < REDRAW_S:
            return
        if drawn_step and step != drawn_step:
            stream.write("\n")
        drawn_at, drawn_step = now, step
        amount = f"{done:,} of {total:,}" if total else f"{done:,}" if done else ""
        stream.write(f"\r\x1b[K{step} {amount}")
        if finished:
            stream.write("\n")
            drawn_step = ""
        stream.flush()

    return draw
