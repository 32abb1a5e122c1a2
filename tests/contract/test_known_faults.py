"""The patches still fit the document they patch."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.contract.checking import VARIABLE, WHY_SKIPPED, find_places, read_document, read_place
from tests.contract.known_faults import ABSENT, KNOWN_FAULTS, Fault

pytestmark = pytest.mark.skipif(VARIABLE not in os.environ, reason=WHY_SKIPPED)


@pytest.fixture(scope="module")
def document() -> dict[str, object]:
    return read_document(Path(os.environ[VARIABLE]))


@pytest.mark.parametrize("fault", KNOWN_FAULTS, ids=lambda fault: "/".join(fault.place))
def test_the_document_still_has_each_known_fault(document: dict[str, object], fault: Fault) -> None:
    said = [read_place(*place) for place in find_places(document, fault.place)]
    assert said, "the place is gone"
    if "*" in fault.place:
        assert fault.says in said, "mended everywhere: take the line out"
    else:
        assert said == [fault.says], "mended or changed: take the line out or correct it"


def test_what_is_appended_is_not_there_already(document: dict[str, object]) -> None:
    for fault in KNOWN_FAULTS:
        if fault.place[-1] == "+":
            assert fault.says is ABSENT
            (holder, _), *others = find_places(document, fault.place)
            names = [part["name"] if isinstance(part, dict) else part for part in holder]
            truth = fault.truth["name"] if isinstance(fault.truth, dict) else fault.truth
            assert truth not in names and not others, fault.reason
