"""Plans applied over real HTTP: what a second apply leaves as it is, and what a bad night's faults must not change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from ctct_etl.config.values import Limit
from ctct_etl.errors import PlanRefused
from ctct_etl.workflow.applying import Wish, apply_directory
from ctct_etl.workflow.context import Context
from ctct_etl.workflow.outcomes import read_outcome
from ctct_etl.workflow.running import plan_pipeline
from tests.cli.club import MAPPING, PIPELINE, Club, opened_club

# Every contact goes by a POST, a PUT or a job of its own, and a list and a tag have to be made first.
PEOPLE = """\
E-mail,First Name,Last Name,Level
ann@example.com,Ann,Lee,Gold
bob@example.com,Bob,Stone,Gold
cy@example.com,Cy,Park,Basic
dee@example.com,Dee,Poe,Gold
"""
FIELDS = MAPPING.replace("lists: [Newsletter]", "  custom.Level: Level\nlists: [Newsletter, Choir]\ntags: [spring]\n")
ALLOWED = PIPELINE + "create_missing: [lists, tags]\n"
Fault = tuple[str, tuple[str, str], int]  # its kind, the method and path that it strikes, how often
CREATE, UPDATE, ALL = ("POST", "/v3/contacts"), ("PUT", "*"), ("*", "*")
FAULTS = {
    "the answer to a create is lost": [("drop_after", CREATE, 1)],
    "a create never arrives": [("drop_before", CREATE, 1)],
    "the answer to a new list is lost": [("drop_after", ("POST", "/v3/contact_lists"), 1)],
    "the service is down for an update": [("503", UPDATE, 1)],
    "the answer to an update is lost": [("drop_after", UPDATE, 1)],
    "it throttles": [("throttled", ALL, 5)],
    "all of it": [("drop_after", CREATE, 2), ("503", UPDATE, 2), ("throttled", ALL, 3), ("500", ("GET", "*"), 3)],
}
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
    apply_directory(context_of(club), directory, wish=Wish(), accepted={})
    told = read_outcome(directory)
    assert told is not None and told["ended"] == "done"
    with pytest.raises(PlanRefused, match="--resume"):
        apply_directory(context_of(club), directory, wish=Wish(), accepted={})
    assert read_outcome(directory) == told


def state_of(club: Club) -> dict[str, Any]:
    """What people would see of the account: each contact by its address, without ids and times."""
    kept = ("first_name", "last_name", "deleted_at", "by_name")
    return {
        address: {**{key: contact.get(key) for key in kept}, "may": contact["email_address"]["permission_to_send"]}
        for address, contact in club.contacts().items()
    }


def apply_under(folder: Path, faults: Sequence[Fault]) -> dict[str, Any]:
    """Plan a night, let it be struck while it is applied, and return what the account then is."""
    folder.mkdir()
    with opened_club(folder) as club:
        club.write(members=PEOPLE, mapping=FIELDS, pipeline=ALLOWED)
        directory = planned(club)
        for kind, (method, path), times in faults:
            club.strike(kind, method, path, times=times)
        ended = apply_directory(context_of(club), directory, wish=Wish(), accepted={})
        assert ended.outcome is not None and (ended.outcome["ended"], ended.outcome["not_done"]) == ("done", [])
        assert club.struck() == sum(times for _, _, times in faults)
        return state_of(club)


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Where a night without faults ends."""
    return apply_under(tmp_path_factory.mktemp("night") / "quiet", [])


@pytest.mark.parametrize("faults", FAULTS.values(), ids=FAULTS.keys())
def test_a_night_full_of_faults_ends_where_a_quiet_one_does(
    tmp_path: Path, quiet: dict[str, Any], faults: Sequence[Fault]
) -> None:
    assert apply_under(tmp_path / "faulty", faults) == quiet


def test_the_quiet_night_changes_what_the_faults_could_spoil(quiet: dict[str, Any]) -> None:
    assert set(quiet) == {"ann@example.com", "bob@example.com", "cy@example.com", "dee@example.com"}
    assert {each["last_name"] for each in quiet.values()} == {"Lee", "Stone", "Park", "Poe"}
    for each in quiet.values():
        assert (each["by_name"]["lists"], each["by_name"]["tags"]) == (["Choir", "Newsletter"], ["spring"])
        assert each["by_name"]["custom_fields"]["Level"] in (["Gold"], ["Basic"])
