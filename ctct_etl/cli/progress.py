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
    last = {"at": 0.0, "step": ""}

    def draw(step: str, done: int, total: int | None) -> None:
        now = time.monotonic()
        finished = total is not None and done >= total
        if step == last["step"] and not finished and now - float(last["at"]) < REDRAW_S:
            return
        if last["step"] and step != last["step"]:
            stream.write("\n")
        last.update(at=now, step=step)
        amount = f"{done:,} of {total:,}" if total else f"{done:,}" if done else ""
        stream.write(f"\r\x1b[K{step} {amount}")
        if finished:
            stream.write("\n")
            last["step"] = ""
        stream.flush()

    return draw
