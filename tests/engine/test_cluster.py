"""A real cluster of this machine's processes; what it works on is told in other files."""

from __future__ import annotations

import logging
import os
import signal
import time
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from unittest import mock

import pytest

from ctct_etl.engine import cluster
from ctct_etl.engine.cluster import choose_engine, describe_worker
from ctct_etl.engine.pool import Engine, Pool, Sizes
from ctct_etl.errors import EngineFailed, SourceError, UsageError
from tests.config.given import PIPELINE
from tests.tables import snapshot
from tests.workflow.given import night_world
from tests.workflow.parts.dividing import assert_same, plan_both_ways

ACCOUNT = snapshot([{"email": f"p{n:03}@example.org", "first_name": "P"} for n in range(100)], lists=("News",))
MAPPING = "fields: {email: E-mail, first_name: First}\nlists: [News]\nchecks: off\n"

# What runs on the workers: they know this module by its path in the tests.


def square(item: int, place: Path) -> int:
    (place / f"ran-{item}-{os.getpid()}").touch()
    return item * item


def refuse(item: int) -> int:
    raise SourceError(f"{item}: can't be read — mend it")


def die_once(item: int, place: Path) -> int:
    """The first who comes to item 1 is killed, as by a machine that has no memory left."""
    if item == 1 and not (place / "died").exists():
        (place / "died").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.01)
    return item


def die(item: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return item


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory):
    pytest.importorskip("distributed", reason="Dask is an extra, and is not installed")
    with mock.patch("dask.system.CPU_COUNT", 2):
        engine = choose_engine("dask")
        assert engine is not None
        with engine.open(tmp_path_factory.mktemp("shared")) as opened:
            yield opened


def test_work_is_done_by_several_processes_and_its_results_come_in_order(pool: Pool, tmp_path: Path):
    assert pool.workers == 2
    assert pool.map(partial(square, place=tmp_path), range(20)) == [item * item for item in range(20)]
    by = {path.name.rsplit("-", 1)[1] for path in tmp_path.iterdir()}
    assert by and str(os.getpid()) not in by


def test_nothing_of_what_dask_logs_reaches_a_person(pool: Pool, caplog: pytest.LogCaptureFixture, tmp_path: Path):
    pool.map(partial(square, place=tmp_path), range(3))
    logging.getLogger("distributed.scheduler").info("a connection")
    logging.getLogger("distributed.client").error("a connection was lost")
    assert caplog.records == []


def test_what_a_task_raises_is_raised_here_and_the_first_of_several(pool: Pool):
    with pytest.raises(SourceError, match=r"^3: can't be read — mend it$"):
        pool.map(refuse, [3, 1, 2])


def test_a_worker_that_is_killed_costs_time_alone(pool: Pool, tmp_path: Path):
    assert pool.map(partial(die_once, place=tmp_path), range(6)) == [0, 1, 2, 3, 4, 5]
    assert (tmp_path / "died").exists()


def test_every_worker_can_tell_what_it_is(pool: Pool, tmp_path: Path):
    (tmp_path / "seen").write_text("token")
    assert pool.map(describe_worker, [tmp_path / "seen"]) == [describe_worker(tmp_path / "seen")]
    assert describe_worker(tmp_path / "other")[0] == ""


def test_one_process_is_no_engine():
    assert choose_engine("one") is None


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("dusk", 'did you mean "dask"?'),
        ("One", 'did you mean "one"?'),
        ("spark", "there are: one, dask, dask://HOST:PORT"),
        ("dask://", '"" is no HOST:PORT'),
        ("dask://host", "say dask://scheduler.local:8786"),
        ("dask://host:0", '"host:0" is no HOST:PORT'),
        ("dask://host:8786/x", "is no HOST:PORT"),
        ("tcp://host:8786", "there is no such engine"),
    ],
)
def test_what_is_no_engine_is_wrong_usage(name: str, words: str):
    with pytest.raises(UsageError) as caught:
        choose_engine(name)
    assert words in str(caught.value)


def test_where_dask_is_missing_it_is_said_how_to_install_it():
    with (
        mock.patch.object(cluster, "find_spec", return_value=None),
        pytest.raises(UsageError, match=r"pip install 'ctct-etl\[dask\]'"),
    ):
        choose_engine("dask://host:8786")


def test_a_scheduler_that_does_not_answer_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip("distributed", reason="Dask is an extra, and is not installed")
    monkeypatch.setattr(cluster, "_PATIENCE_S", 0.2)
    engine = choose_engine("dask://127.0.0.1:1")
    assert engine is not None
    with pytest.raises(EngineFailed, match="nobody answers"), engine.open(tmp_path):
        raise AssertionError("there is nobody")


def test_a_plan_is_the_same_though_a_worker_is_killed_while_it_is_made(pool: Pool, tmp_path: Path):
    victims = pool.map(own_process, range(8))
    context, config, account = night_world(tmp_path, members(300), ACCOUNT, mapping=MAPPING, pipeline=PIPELINE)

    def kill_one(step: str, done: int, total: int | None) -> None:
        if step == "reading the rows" and done == 1 and victims:
            os.kill(victims.pop(), signal.SIGKILL)
            victims.clear()

    watched = replace(context, progress=kill_one)
    using = Engine(lambda shared: nullcontext(pool), Sizes(block=4000, rows=40))
    assert_same(*plan_both_ways(watched, config, account, {}, using))
    assert not victims


def own_process(item: int) -> int:
    return os.getpid()


def members(count: int) -> str:
    return "E-mail,First\n" + "".join(f"p{n % 200:03}@example.org,Name {n}\n" for n in range(count))
