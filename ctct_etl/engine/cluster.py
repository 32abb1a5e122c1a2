"""Workers of Dask: processes of this machine, started for the run, or those of a cluster that is there.

The only file that knows Dask, which is an extra and is imported when it is asked for. Only tasks and small results go
over its wire; rows go by files. A worker that dies takes nothing along: what it was at is done again by another.
"""

from __future__ import annotations

import logging
import platform
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from ctct_etl.engine.pool import Engine, Pool, Told, _tell_nobody
from ctct_etl.errors import EngineFailed, UsageError

T = TypeVar("T")
R = TypeVar("R")

ONE, LOCAL, REMOTE = "one", "dask", "dask://"
_HERE = "127.0.0.1"
_PATIENCE_S = 10
_START_S = 300  # a worker takes seconds to start, and on a machine that has other things to do, minutes
_LOOK_S, _MOURNING_S = 5, 330
_DEATHS = 3  # of workers at one and the same task, after which it is the task that kills them
_WATCHED = ("ctct-etl", "pandas", "pyarrow", "numpy")  # what has to be the same everywhere, for the bytes to be


def choose_engine(name: str) -> Engine | None:
    """The engine of that name: None for one process. Raises UsageError for another name, or where Dask is missing."""
    if name == ONE:
        return None
    if name != LOCAL and not _is_address(name):
        raise UsageError(_say_unknown(name))
    if find_spec("distributed") is None:
        raise UsageError(f"--engine {name}: Dask is not installed — pip install 'ctct-etl[dask]'")
    return Engine(_open_local if name == LOCAL else partial(_open_remote, name.removeprefix(REMOTE)))


def _is_address(name: str) -> bool:
    host, _, port = name.removeprefix(REMOTE).rpartition(":")
    return name.startswith(REMOTE) and bool(host) and "/" not in host and port.isdecimal() and 0 < int(port) < 65_536


def _say_unknown(name: str) -> str:
    if name.startswith(REMOTE):
        return f'--engine {name}: "{name.removeprefix(REMOTE)}" is no HOST:PORT — say dask://scheduler.local:8786'
    near = LOCAL if name.casefold().startswith("d") else ONE if name.casefold().startswith("o") else ""
    hint = f'did you mean "{near}"? ' if near else ""
    return f"--engine {name}: there is no such engine — {hint}there are: {ONE}, {LOCAL}, {REMOTE}HOST:PORT"


@contextmanager
def _open_local(shared: Path) -> Iterator[Pool]:
    import dask
    from dask.system import CPU_COUNT
    from distributed import Client, LocalCluster

    _hush()
    with (
        dask.config.set(_settings()),
        TemporaryDirectory(prefix="ctct-etl-") as own,
        LocalCluster(
            n_workers=CPU_COUNT, threads_per_worker=1, processes=True, host=_HERE, dashboard_address=f"{_HERE}:0",
            local_directory=own, silence_logs=logging.CRITICAL, death_timeout=_START_S,
        ) as cluster,
        Client(cluster, timeout=_START_S, set_as_default=False) as client,
    ):  # fmt: skip
        yield Workers(client, lambda: cluster.scale(CPU_COUNT))


@contextmanager
def _open_remote(address: str, shared: Path) -> Iterator[Pool]:
    import dask
    from distributed import Client

    _hush()
    with dask.config.set(_settings()):
        try:
            client = Client(f"tcp://{address}", timeout=_PATIENCE_S, set_as_default=False)
        except (OSError, ValueError) as fault:
            raise EngineFailed(
                f"--engine dask://{address}: nobody answers — is the scheduler running there?"
            ) from fault
        with client:
            _look_at_workers(client, address, shared)
            yield Workers(client)


def _hush() -> None:
    """Dask tells every connection, by loggers that set their levels while they are imported: what matters is raised."""
    for name in ("distributed", "distributed.client", "tornado"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def _settings() -> dict[str, Any]:
    return {"distributed.scheduler.allowed-failures": _DEATHS, "distributed.worker.daemon": True}


def _look_at_workers(client: Any, address: str, shared: Path) -> None:
    """Every worker must run the same program, and see the directory through which rows go."""
    try:
        client.wait_for_workers(1, timeout=_PATIENCE_S)
    except TimeoutError as fault:
        raise EngineFailed(f"--engine dask://{address}: the scheduler has no workers — start some") from fault
    token = shared / "seen"
    token.write_text(secrets.token_hex(8), encoding="utf-8")
    ours = describe_worker(token)
    try:
        told = client.run(describe_worker, token)
    except Exception as fault:  # whatever a program of another kind answers
        raise EngineFailed(
            f"--engine dask://{address}: its workers can't run ctct-etl ({type(fault).__name__}) — install the same "
            "ctct-etl there"
        ) from fault
    for worker, theirs in told.items():
        if theirs[0] != ours[0]:
            raise EngineFailed(
                f"--engine dask://{address}: the worker {worker} does not see {shared} — put the plan (--out, "
                "--state-dir) on a disk that all workers share under one name"
            )
        if theirs != ours:
            raise EngineFailed(
                f"--engine dask://{address}: the worker {worker} has {', '.join(theirs[1:])}, this machine has "
                f"{', '.join(ours[1:])} — they have to be the same"
            )


def describe_worker(token: Path) -> tuple[str, ...]:
    """What stands in the file of that name, and which versions run here."""
    try:
        seen = token.read_text(encoding="utf-8")
    except OSError:
        seen = ""
    return seen, f"python {platform.python_version()}", *(f"{name} {version(name)}" for name in _WATCHED)


class Workers:
    """The pool of a Dask client. mend: asks for new workers in place of those that are gone for good."""

    def __init__(self, client: Any, mend: Callable[[], object] = lambda: None) -> None:
        self._client, self._mend = client, mend

    @property
    def workers(self) -> int:
        count = len(self._client.nthreads())
        return max(1, count)

    def map(self, task: Callable[[T], R], items: Sequence[T], told: Told = _tell_nobody) -> list[R]:
        name = f"{getattr(task, 'func', task).__name__.strip('_')}-{secrets.token_hex(4)}"
        futures = self._client.map(task, list(items), key=[f"{name}-{at}" for at in range(len(items))], pure=False)
        results: list[R] = []
        try:
            for done, future in enumerate(futures, start=1):
                results.append(self._result(future))
                told(done)
        finally:
            self._client.cancel([future for future in futures if not future.done()])
        return results

    def _result(self, future: Any) -> Any:
        """Wait for it. A worker that dies takes its results along, and they are made anew by those that are left."""
        alone = 0
        while True:
            try:
                return future.result(timeout=_LOOK_S)
            except Exception as fault:
                words = _why_undone(future, fault)
                if words:
                    raise EngineFailed(words) from fault
                if future.status == "error" or (future.status != "pending" and not isinstance(fault, TimeoutError)):
                    raise
            alone = 0 if self._client.scheduler_info()["workers"] else alone + _LOOK_S
            if alone >= _MOURNING_S:
                raise EngineFailed(f"no worker was left for {_MOURNING_S} s — look at the cluster, then run again")
            if alone:
                self._mend()


def _why_undone(future: Any, fault: Exception) -> str:
    """What became of those who were to run a task; "" where it ran, or still may."""
    from distributed import KilledWorker

    if isinstance(fault, KilledWorker):
        return (
            f"{_DEATHS + 1} workers died at the same work, most likely for want of memory — give each worker more "
            "memory, or run fewer on a machine"
        )
    return "the scheduler was lost — look at it, then run again" if future.status in ("cancelled", "lost") else ""
