from __future__ import annotations

import ast
from pathlib import Path

import pandas as pd
import pytest

import ctct_etl.run.sending
import ctct_etl.run.totalling
from ctct_etl.columns import AT, CONTENT, EMAIL, UNTIL, WORDS
from ctct_etl.errors import StateError
from ctct_etl.run.refusals import is_refusal, read_refusals, remember_refusals
from ctct_etl.run.state import StateDirectory

CLUB = {"encoded_account_id": "a1"}
MONDAY = "2026-11-23T23:00:00Z"


@pytest.fixture
def state(tmp_path: Path) -> StateDirectory:
    return StateDirectory(tmp_path)


def remember(
    state: StateDirectory, *refused: tuple[str, int, str], done: tuple[str, ...] = (), now: str = MONDAY
) -> None:
    told = pd.DataFrame(refused, columns=[EMAIL, CONTENT, WORDS]).astype(
        {EMAIL: "str", CONTENT: "uint64", WORDS: "str"}
    )
    remember_refusals(state, "club", CLUB, told, [pd.Series([each], dtype="str") for each in done], now)


def known(state: StateDirectory, now: str = MONDAY) -> dict[str, tuple[int, str, str]]:
    held = read_refusals(state, "club", CLUB, now)
    rows = held[[EMAIL, CONTENT, WORDS, AT]].itertuples(index=False, name=None)
    return {address: (content, words, at) for address, content, words, at in rows}


def test_a_refusal_holds_for_seven_days(state: StateDirectory) -> None:
    remember(state, ("ann@x.org", 2**64 - 1, "no"))
    assert known(state) == {"ann@x.org": (2**64 - 1, "no", MONDAY)}
    assert read_refusals(state, "club", CLUB, MONDAY)[UNTIL].tolist() == ["2026-11-30T23:00:00Z"]
    assert known(state, "2026-11-30T22:59:59Z")
    assert not known(state, "2026-11-30T23:00:00Z")


def test_a_refusal_from_a_clock_that_was_set_back_since_holds_nobody_up(state: StateDirectory) -> None:
    remember(state, ("ann@x.org", 1, "no"), now="2031-01-01T00:00:00Z")
    assert not known(state)
    remember(state, ("ann@x.org", 1, "no"))
    assert known(state)


def test_the_last_refusal_counts_and_who_is_done_is_forgotten(state: StateDirectory) -> None:
    remember(state, ("ann@x.org", 1, "no"), ("bob@x.org", 2, "no"))
    remember(state, ("ann@x.org", 3, "never"), done=("bob@x.org",), now="2026-11-24T23:00:00Z")
    assert known(state, "2026-11-24T23:00:00Z") == {"ann@x.org": (3, "never", "2026-11-24T23:00:00Z")}


def test_a_night_without_refusals_writes_nothing(state: StateDirectory) -> None:
    remember(state, done=("ann@x.org",))
    assert not list(state.path.rglob("refusals-*"))
    remember(state, ("ann@x.org", 1, "no"))
    (file,) = state.path.rglob("refusals-*")
    assert file.stat().st_mode & 0o777 == 0o600


def test_what_we_failed_at_ourselves_is_no_refusal() -> None:
    words = [words for module in (ctct_etl.run.sending, ctct_etl.run.totalling) for words in _said_of_failures(module)]
    assert len(words) >= 4
    assert not is_refusal(pd.Series(words, dtype="str")).any()
    assert is_refusal(pd.Series(["The street is not valid", "HTTP 400 without a word"], dtype="str")).all()


def _said_of_failures(module: object) -> list[str]:
    """The beginnings of the words that the program itself gives to failed actions."""
    source = Path(str(getattr(module, "__file__"))).read_text("utf-8")  # noqa: B009
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    texts = [arg for call in calls if getattr(call.func, "id", "") in ("_fail", "_give_up") for arg in call.args]
    parts = [text.values[0] if isinstance(text, ast.JoinedStr) else text for text in texts]
    said = [str(part.value) for part in parts if isinstance(part, ast.Constant)]
    return [*said, *(["no operation carries it"] if "no operation carries it" in source else [])]


def test_a_file_that_can_not_be_read_is_an_error_with_a_cure(state: StateDirectory) -> None:
    (state.account("club") / "refusals-a1.parquet").write_bytes(b"torn")
    with pytest.raises(StateError, match="remove it"):
        known(state)
