"""The judge of promise 5 by hand: what the program knew of a person's lists when they left."""

from __future__ import annotations

from typing import Any, cast

import pytest

from tests.promises.departing import LEFT, Departures

ANN = "ann@example.com"


class Asked:
    """A request, as far as this judge asks."""

    def __init__(self, number: int, *, is_write: bool = False) -> None:
        self.number, self.attempt, self.conversation, self.is_write = number, str(number), "1", is_write


class Hearing:
    """Every read shows Ann on the list News, and every write puts her on it."""

    def learn(self, people: Any) -> None: ...

    def note(self, asked: Asked) -> list[tuple[str, str]]:
        return [] if asked.is_write else [(ANN, "News")]

    def is_write(self, asked: Asked) -> bool:
        return asked.is_write

    def is_job(self, asked: Asked) -> bool:
        return False

    def touched_by(self, asked: Asked) -> set[str]:
        return {ANN}

    def lists_of(self, write: Asked) -> set[str]:
        return {"News"}

    def could_undo(self, write: Asked, what: str) -> bool:
        return True

    def could_show(self, asked: Asked, what: str, address: str, write: Asked) -> bool:
        return True

    def shows_lists_of(self, asked: Asked, address: str) -> bool:
        return True


class Town:
    """Ann is on the list; and it is the ledger too."""

    def __init__(self, *asked: Asked) -> None:
        self.entries = list(asked)

    def read_person(self, address: str) -> dict[str, Any]:
        return {"by_name": {"lists": ["News"]}}


@pytest.mark.parametrize(("seen_at", "visible", "unseen"), [(1, [True], 0), (4, [], 1)])
def test_who_was_seen_on_the_list_only_after_they_had_left_it_was_never_known_to_be_on_it(
    seen_at: int, visible: list[bool], unseen: int
) -> None:
    look, write = Asked(seen_at), Asked(5, is_write=True)
    town: Any = Town(*(Asked(number) for number in range(1, 5)), write)
    judge: Any = Departures(town, town, {str(number) for number in range(9)}, cast(Any, Hearing()))
    judge.standing[ANN][f"{LEFT}News"] = 2.5
    judge.note_asked(look)
    judge.note_asked(write)
    assert ([one.is_visible for one in judge.returns], judge.unseen) == (visible, unseen)
