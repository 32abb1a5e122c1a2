from __future__ import annotations

from ctct_etl.config.attribute_docs import docs_of
from ctct_etl.config.values import Model


class Plain(Model):
    """A model, and no attribute's words."""

    one: str = ""
    """What one is,
    on two lines."""
    two: str = ""
    three: str = ""
    "Words of three."


class Further(Plain):
    two: str = ""
    """Two, said later."""


def test_an_attribute_is_described_by_the_text_below_it_and_by_none_otherwise() -> None:
    assert docs_of(Plain) == {"one": "What one is,\non two lines.", "three": "Words of three."}


def test_what_a_model_extends_is_described_too() -> None:
    assert docs_of(Further) == docs_of(Plain) | {"two": "Two, said later."}
