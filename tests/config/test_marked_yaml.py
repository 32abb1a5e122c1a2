"""YAML as texts with places; every way in which a file can be no YAML of ours."""

from __future__ import annotations

from typing import Any

import pytest

from ctct_etl.config.marked_yaml import MAX_BYTES, Document, parse_yaml


def parse(text: str | bytes, **environment: str) -> Document:
    return parse_yaml(text if isinstance(text, bytes) else text.encode(), "x.yaml", environment)


def data(text: str, **environment: str) -> Any:
    document = parse(text, **environment)
    assert not document.problems
    return document.data


def told(text: str | bytes) -> str:
    (problem,) = parse(text).problems
    return f"{problem.line}:{problem.column}: {problem.what}"


@pytest.mark.parametrize(
    "text", ["NO", "on", "01", "0x1F", "1:30", "2020-01-01", "null", "~", "1e3", ".5", "+15551234567", "True", "12_000"]
)
def test_every_scalar_is_the_text_that_stands_there(text: str) -> None:
    assert data(f"a: {text}\nb: [{text}]\n{text}: c\n") == {"a": text, "b": [text], text: "c"}


def test_a_key_without_a_value_is_none_and_an_empty_text_is_empty() -> None:
    assert data('a:\nb: ""\n') == {"a": None, "b": ""}


def test_keys_and_values_have_their_places_from_one() -> None:
    document = parse("a: b\nc:\n  - d\n  - {e: f}\n")
    places = {path: (entry.key, entry.value) for path, entry in document.entries.items()}
    assert places == {
        (): ((1, 1), (1, 1)),
        ("a",): ((1, 1), (1, 4)),
        ("c",): ((2, 1), (3, 3)),
        ("c", 0): ((3, 5), (3, 5)),
        ("c", 1): ((4, 5), (4, 5)),
        ("c", 1, "e"): ((4, 6), (4, 9)),
    }


def test_a_byte_order_mark_and_windows_line_ends_move_nothing() -> None:
    document = parse(b"\xef\xbb\xbfa: b\r\nc: \xc3\xa9d\r\n")
    assert document.data == {"a": "b", "c": "éd"}
    assert document.entries["c",].value == (2, 4)


def test_a_place_below_what_is_written_is_the_nearest_above() -> None:
    assert parse("a:\n  b: c\n").problem(("a", "b", "x", "y"), "what", "cure").line == 2


class TestVariables:
    def test_are_filled_in_within_any_text(self) -> None:
        assert data("a: x${A}y${B:-z}\nb: ['${A}']\n", A="1") == {"a": "x1yz", "b": ["1"]}

    def test_the_default_stands_for_an_empty_variable_too(self) -> None:
        assert data("a: ${A:-z}\nb: '${A}'\n", A="") == {"a": "z", "b": ""}

    def test_two_dollars_make_it_literal(self) -> None:
        assert data("a: $${A}\nb: $A\nc: $$\n$${d}: e\n") == {"a": "${A}", "b": "$A", "c": "$$", "${d}": "e"}

    def test_a_value_is_never_looked_into_again(self) -> None:
        assert data("a: ${A}\n", A="${B}: # *x", B="b") == {"a": "${B}: # *x"}

    def test_an_unset_one_is_kept_with_its_place(self) -> None:
        document = parse("a: {b: '${A} ${B:-} ${C}'}\n", B="1")
        assert document.unset == {("a", "b"): ("A", "C")}
        assert not document.problems


class TestAliases:
    def test_stand_for_what_they_name(self) -> None:
        assert data("a: &x {b: [1, &y 2]}\nc: *x\nd: [*y, *x]\n") == {
            "a": {"b": ["1", "2"]},
            "c": {"b": ["1", "2"]},
            "d": ["2", {"b": ["1", "2"]}],
        }

    def test_an_anchor_may_be_given_again(self) -> None:
        assert data("a: &x 1\nb: *x\nc: &x 2\nd: *x\n") == {"a": "1", "b": "1", "c": "2", "d": "2"}

    def test_a_bomb_is_refused_before_it_goes_off(self) -> None:
        lines = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
        assert told("\n".join(lines)).endswith("more than 100,000 values once aliases are followed")

    def test_one_inside_its_own_anchor_is_refused(self) -> None:
        assert told("a: &x\n  - *x\n") == "2:5: an alias (*name) stands inside its own anchor"

    def test_one_for_a_key_is_refused(self) -> None:
        assert told("a: &x b\n*x : c\n") == "2:1: an alias (*name) stands for a key"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "1:1: the file is empty"),
        ("# only a comment\n", "1:1: the file is empty"),
        ("---\n", "2:1: the file does not hold keys and values"),
        ("a: 1\na: 2\n", '2:1: key "a" is given twice (first on line 1)'),
        ("a: {b: 1, c: 2, b: [3]}\n", '1:17: key "b" is given twice (first on line 1)'),
        ("a: !!int 3\n", "1:4: the tag !!int is not allowed"),
        ("!!map {a: b}\n", "1:1: the tag !!map is not allowed"),
        ("a: !!python/name:os.system\n", "1:4: the tag !!python/name:os.system is not allowed"),
        ("? [a]\n: b\n", "1:3: a key is itself a list or a mapping"),
        ("a: {b: c\n", "2:1: a mapping that begins with { is not closed, or lacks a comma"),
        ("a: [b, c\n", "2:1: a list that begins with [ is not closed, or lacks a comma"),
        ("a: @b\n", "1:4: a value begins with @"),
        ('a: "\\q"\n', "1:6: an unknown escape (\\) in double quotes"),
        ("a: - b\n", "1:4: a list item (-) where none may stand"),
        ("a\nb: c\n", "1:1: the file does not hold keys and values"),
        ("a: b\x07c\n", "1:5: a control character (U+0007) that YAML does not allow"),
        ("é: b\nü: \x00\n", "2:4: a control character (U+0000) that YAML does not allow"),
        (b"a: b\nc: caf\xe9\n", "2:7: the file is not UTF-8 here"),
        ("a: b\n".encode("utf-16"), "1:1: the file is not UTF-8 here"),
        (b"a: " + b"x" * MAX_BYTES, "1:1: the file is larger than 1,024 KiB"),
        ("[" * 100_000, "1:1: the file does not hold keys and values"),
        ("a: " + "{b: " * 100_000, "1:164: nested more than 40 deep"),
    ],
)  # fmt: skip
def test_what_is_no_yaml_of_ours_is_told_at_its_place(text: str | bytes, expected: str) -> None:
    assert told(text) == expected


def test_after_a_key_given_twice_the_first_stands_at_its_place() -> None:
    document = parse("a: 1\nb: 2\na: 3\n")
    assert document.data == {"a": "1", "b": "2"}
    assert document.entries["a",].value == (1, 4)
