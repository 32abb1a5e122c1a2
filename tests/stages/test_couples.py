from __future__ import annotations

import pyarrow as pa
import pytest

from ctct_etl.stages.arrow import TEXT
from ctct_etl.stages.couples import suspect_couples


def told(name: str | None) -> str | None:
    (found,) = suspect_couples(pa.array([name], TEXT)).to_pylist()
    return found


@pytest.mark.parametrize(
    "name",
    ["Ann & Bob", "Ann&Bob", "A. & B.", "Ann ＆ Bob", "Ann and Bob", "ANN AND BOB", "Ann + Bob", "Mr. and Mrs.",
     "Anna und Bernd", "Zoë et Émile", "Ann, Bob and Cy"],
)  # fmt: skip
def test_a_first_name_of_two_people_is_told(name: str) -> None:
    assert told(name) == "names two people, and a contact is one — write the one whose address it is"


@pytest.mark.parametrize(
    "name",
    ["Ann", "Ann-Marie", "Ann Bob", "Andy", "Sandra Andrea", "Ander", "Etta", "Günther", "Sam (she/her)", "n/a",
     "c/o Ann", "Ann &", "José Luis y María", "Ann & Co", "Ann &amp; Bob", "O&#39;Neil", "and", "A+", "Ann +1", "",
     None],
)  # fmt: skip
def test_any_other_first_name_is_silent(name: str | None) -> None:
    assert told(name) is None
