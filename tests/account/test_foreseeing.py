"""A conversation held as far as it reads."""

from __future__ import annotations

from typing import Any

import pytest

from ctct_etl.account.dialect import Checkpoint, Conversation, Request, Response
from ctct_etl.account.foreseeing import until_write

READ, WRITE = Request("GET", "/contacts/1"), Request("PUT", "/contacts/1", body={"a": 1})


def drive(conversation: Conversation[Any]) -> tuple[list[Any], Any]:
    """What it asked for, and what it returned; every answer is a 200 that counts the questions."""
    asked: list[Any] = []
    try:
        step = next(conversation)
        while True:
            asked.append(step)
            step = conversation.send(Response(200, len(asked)))
    except StopIteration as end:
        return asked, end.value


def test_reads_are_held_and_the_first_write_is_returned_and_not_asked() -> None:
    ended = []

    def talk() -> Conversation[str]:
        try:
            first = yield READ
            yield Checkpoint({"read": first.body})
            yield Request("PUT", "/contacts/1", body=first.body)
            pytest.fail("nothing was sent, so that nothing can have been answered")
        finally:
            ended.append(True)

    assert drive(until_write(talk())) == ([READ], Request("PUT", "/contacts/1", body=1))
    assert ended == [True]


def test_a_conversation_that_writes_nothing_gives_its_own_word() -> None:
    def talk() -> Conversation[str]:
        yield READ
        return "left alone"

    assert drive(until_write(talk())) == ([READ], "left alone")


def test_a_write_that_comes_first_needs_no_answer() -> None:
    def talk() -> Conversation[None]:
        yield WRITE

    assert drive(until_write(talk())) == ([], WRITE)
