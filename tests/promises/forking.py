"""A process that has imported the program and forks a child for every run: a process to kill without the seconds that
starting one takes.

Read from stdin, a line each: {"do": "run" | "apply" | "resume", "state", "accounts", "pipeline", "plan", "log"}, with
"seconds" if the child is to be killed so long after. Written to stdout: {"pid": …} when the child is there, {"exit":
code} when it has ended, negative for a signal. Its argument is a plan, to warm up with: templates are compiled once,
and not in every child.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import Any, NoReturn

from ctct_etl.errors import CtctError
from ctct_etl.report.page import render_html
from ctct_etl.workflow.applying import Wish, apply_directory
from ctct_etl.workflow.context import Context
from ctct_etl.workflow.running import run_pipeline, show_plan

BROKEN = 70  # the program raised what it never should


def main() -> None:
    render_html(show_plan(Path(sys.argv[1])).report)
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if not child:
            _work(order)
        _say(pid=child)
        if order["seconds"]:
            _kill_after(child, order["seconds"])
        _say(exit=os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


def _kill_after(child: int, seconds: float) -> None:
    """Only who has not waited for a child yet may kill it: afterwards its number may be another's."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            return
        time.sleep(0.002)
    os.kill(child, signal.SIGKILL)


def _say(**what: int) -> None:
    print(json.dumps(what), flush=True)


def _work(order: dict[str, Any]) -> NoReturn:
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(log, stream)
    code = BROKEN
    try:
        code = _carry_out(order)
    except CtctError as fault:
        code = fault.exit_code
        print(f"{type(fault).__name__}: {fault}", flush=True)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(code)


def _carry_out(order: dict[str, Any]) -> int:
    context = Context(
        environment={}, state=Path(order["state"]), accounts=Path(order["accounts"]), sleep=lambda seconds: None
    )
    ended: Any
    if order["do"] == "run":
        ended = run_pipeline(context, Path(order["pipeline"]), dry_run=False, accepted={})
    else:
        wish = Wish(resume=order["do"] == "resume")
        ended = apply_directory(context, Path(order["plan"]), wish=wish, accepted={})
    print(f"ended: {(ended.outcome or {}).get('ended')}", *ended.advice, sep="\n", flush=True)
    return int(ended.exit_code())


if __name__ == "__main__":
    main()
