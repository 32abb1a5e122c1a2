"""Plans applied over real HTTP: what a second apply leaves as it is, and what a bad night's faults must not change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ctct_etl.config.values import Limit
from ctct_etl.errors import PlanRefused
from ctct_etl.workflow.context import Context
from ctct_etl.workflow.outcomes import read_outcome
from ctct_etl.workflow.running import apply_directory, plan_pipeline
from tests.cli.club import Club, opened_club

ANY = {guard: Limit(count=100) for guard in ("max_updates", "max_creates", "max_field_change")}


@pytest.fixture
def club(tmp_path: Path) -> Iterator[Club]:
    with opened_club(tmp_path) as opened:
        yield opened


def context_of(club: Club) -> Context:
    """As the command line makes it, but that no wait takes any time."""
    return Context(environment=club.environment, state=club.state, sleep=lambda seconds: None)


def planned(club: Club) -> Path:
    return plan_pipeline(context_of(club), club.pipeline, out=None, accepted=ANY).directory


def test_an_apply_that_is_refused_leaves_the_record_of_the_one_before_as_it_was(club: Club) -> None:
    directory = planned(club)
    apply_directory(context_of(club), directory, resume=False, accepted={})
    told = read_outcome(directory)
    assert told is not None and told["ended"] == "done"
    with pytest.raises(PlanRefused, match="--resume"):
        apply_directory(context_of(club), directory, resume=False, accepted={})
    assert read_outcome(directory) == told
