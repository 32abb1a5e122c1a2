"""Close a run that was killed or stopped: settle what it had sent, send nothing more."""

from __future__ import annotations

import threading

from ctct_etl.account.dialect import Dialect
from ctct_etl.errors import Interrupted
from ctct_etl.run.journal import SENT, Journal
from ctct_etl.run.sending import Sender, Session


def close_run(journal: Journal, dialect: Dialect, session: Session, stop: threading.Event) -> None:
    """Find out by reading what became of every operation that was sent, and record that nothing follows.

    What was only intended stays so, and what is found to have had no effect becomes so again: neither is ever sent.
    Raises what the session raises; then the run is not closed, and can be closed or resumed later.
    """
    sender = Sender(dialect, session, journal, stop)
    try:
        for entry in journal.entries():
            if stop.is_set():
                raise Interrupted("stopped while an interrupted run was settled: run again")
            if entry.state == SENT:
                sender.carry_out(entry)  # which settles what was sent before
        journal.close()
    finally:
        journal.count_requests(sender.take_count())
