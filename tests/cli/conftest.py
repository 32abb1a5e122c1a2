"""A club of its own for each test, and past runs for the tests that look at these."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.club import Club, opened_club
from tests.cli.story import Story, lived_story


@pytest.fixture
def club(tmp_path: Path) -> Iterator[Club]:
    with opened_club(tmp_path) as club:
        yield club


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """Past runs of every kind, to look at."""
    with lived_story(tmp_path_factory.mktemp("story")) as story:
        yield story


@pytest.fixture
def story(told: Story, tmp_path: Path) -> Story:
    """The same in a copy, for a test to spoil."""
    shutil.copytree(told.state, tmp_path / "state")
    return Story(tmp_path / "state", told.runs)
