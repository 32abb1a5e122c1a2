"""What people are told when a run has ended: short, and without any address or value of a contact."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ctct_etl.columns import REJECTED
from ctct_etl.errors import ConfigError, CtctError, QuotaUsedUp, RunLocked, SourceError, StateError
from ctct_etl.report.shapes import Report
from ctct_etl.report.wording import say_count

_ENDINGS = {
    0: "done",
    1: "failed",
    2: "the configs are wrong",
    3: "stopped by a guard, nothing was sent",
    4: "done in part",
    5: "out of requests for today",
    6: "another run holds the account",
}
# An error's own words may repeat a cell: of what went wrong its kind is told, and where to read more.
_KINDS: tuple[tuple[type[CtctError], str], ...] = (
    (SourceError, "The source can't be read, or is not what the pipeline expects."),
    (StateError, "The state directory can't be read or written."),
    (QuotaUsedUp, "The day's requests are used up."),
    (RunLocked, "Another run holds the account."),
    (CtctError, "The service, the login or the plan stopped it."),
)
_SHOWN = 5  # places of a config


@dataclass(frozen=True)
class Notice:
    """kind: success | warning | failure, as the services colour it."""

    title: str
    body: str
    kind: str


def write_notice(report: Report, code: int, page: str, *, recovered: bool) -> Notice:
    """Say how a run ended that has a report, which lies at `page`."""
    title = _title(report.pipeline, code, recovered=recovered)
    return Notice(title, "\n".join([*_say_report(report), f"Exit code {code}. Report: {page}"]), _kind(code))


def write_fault_notice(pipeline: str, fault: BaseException, code: int) -> Notice:
    """Say that a run ended without a report."""
    body = [_say_fault(fault), f"Exit code {code}. There is no report: read what the run said on stderr."]
    return Notice(_title(pipeline, code, recovered=False), "\n".join(body), _kind(code))


def _title(pipeline: str, code: int, *, recovered: bool) -> str:
    words = "good again" if recovered else _ENDINGS.get(code, f"ended by a signal ({code})" if code > 128 else "done")
    return f"{pipeline or 'a pipeline'}: {words}"


def _kind(code: int) -> str:
    return "success" if code in (0, 10) else "warning" if code in (3, 4) else "failure"


def _say_report(report: Report) -> Iterator[str]:
    yield report.headline
    yield f"Account: {report.account}. {say_count(report.rows, 'row')}, {report.count_rows(REJECTED):,} rejected."
    for guard in report.guards:
        if guard.tripped:
            yield f"Guard {guard.guard}: {guard.figure}, limit {guard.limit}."
    if report.not_done_count:
        yield f"{say_count(report.not_done_count, 'action')} not done."
    if report.verification is not None:
        told = report.verification
        yield f"Read back: {told.as_promised:,} of {told.checked:,} as promised."


def _say_fault(fault: BaseException) -> str:
    if isinstance(fault, ConfigError):
        places = [f"{each.file}:{each.line}:{each.column}" for each in fault.problems]
        more = f" and {len(places) - _SHOWN:,} more" if len(places) > _SHOWN else ""
        return f"{say_count(len(places), 'mistake')} in the configs: {', '.join(places[:_SHOWN])}{more}."
    told = next((words for kind, words in _KINDS if isinstance(fault, kind)), "")
    return told or f"The program itself failed ({type(fault).__name__})."
