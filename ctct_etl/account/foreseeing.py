"""The write that a conversation is about to send: its reads are held, and it ends there."""

from __future__ import annotations

from typing import Any, TypeVar

from ctct_etl.account.dialect import Checkpoint, Conversation, Request

T = TypeVar("T")


def until_write(conversation: Conversation[T]) -> Conversation[Request | T]:
    """Hold `conversation` as far as it only reads; return the first request that is no GET, which is not sent.

    A conversation that ends without one, since it has nothing to write or may not, gives what it returns. Checkpoints
    are passed over: nothing happens that would have to survive.
    """
    answer: Any = None
    try:
        while True:
            step = conversation.send(answer)
            if isinstance(step, Request) and step.method != "GET":
                return step
            answer = None if isinstance(step, Checkpoint) else (yield step)
    except StopIteration as end:
        value: T = end.value
        return value
    finally:
        conversation.close()
