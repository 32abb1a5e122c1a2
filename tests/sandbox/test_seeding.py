"""Seeds: what a line may say, what it makes, what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ctct_etl.sandbox import reset_state, seed_state, start_sandbox
from tests.sandbox.calling import Caller, Json, Start, contact, write_seed


def test_names_without_a_definition_are_made(start: Start) -> None:
    service = start(
        contact("a@example.com", list_memberships=["News"], taggings=["vip"], custom_fields={"Level": "Gold"})
    )
    assert service.field("Level")["type"] == "string"
    assert service.list_id("News") and service.tag_id("vip")


def test_a_line_may_say_everything_about_a_contact(start: Start) -> None:
    line = {
        "email_address": {
            "address": "a@example.com",
            "permission_to_send": "unsubscribed",
            "opt_out_date": "2025-03-04T05:06:07+01:00",
            "opt_out_source": "Account",
            "opt_out_reason": "moved",
        },
        **{"first_name": "Ann", "birthday_month": 2, "birthday_day": 3, "create_source": "Contact"},
        **{"created_at": "2024-01-02", "updated_at": "2024-05-06T07:08:09Z", "deleted_at": "2025-06-07"},
        "phone_numbers": [{"kind": "mobile", "phone_number": "5085550100"}],
        "street_addresses": [{"kind": "home", "city": "Waltham"}],
        "notes": [{"content": "met at the fair"}],
    }
    person = start(line).person("a@example.com")
    assert (person["created_at"], person["updated_at"]) == ("2024-01-02T00:00:00Z", "2024-05-06T07:08:09Z")
    assert (person["deleted_at"], person["create_source"]) == ("2025-06-07", "Contact")
    assert person["email_address"]["opt_out_date"] == "2025-03-04T04:06:07Z"
    assert person["notes"][0]["content"] == "met at the fair"


def test_a_seed_may_hold_what_the_api_refuses(start: Start) -> None:
    service = start(contact("a@example.com", first_name="x" * 80), checked=False)
    assert service.search()[0]["first_name"] == "x" * 80


def test_the_same_seed_gives_the_same_ids(start: Start) -> None:
    line = contact("a@example.com", list_memberships=["News"], taggings=["vip"], custom_fields={"Level": "Gold"})
    line |= {"phone_numbers": [{"kind": "home", "phone_number": "1"}]}
    assert start(line).people() == start(line).people()


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (["{"], ":1: "),
        (["", '{"email_address": {}}'], ":2: 'address'"),
        ([json.dumps(contact("a@example.com", frist_name="Ann"))], ":1: unknown keys ['frist_name']"),
        ([json.dumps(contact("a@example.com", created_at="soon"))], ":1: "),
        ([json.dumps(contact("a@example.com")), json.dumps(contact("A@example.com"))], "the address a@example.com is"),
        (
            [
                json.dumps({"custom_field": {"label": "F", "type": "single_select", "choices": ["A"]}}),
                json.dumps(contact("a@example.com", custom_fields={"F": "B"})),
            ],
            ":2: custom field 'F' has no choice 'B'",
        ),
        (
            [json.dumps(contact("a@example.com", custom_fields={"F": "B"})), '{"custom_field": {"label": "F"}}'],
            ":2: custom field 'F' is defined after its first use",
        ),
    ],
)
def test_a_bad_seed_is_refused_by_file_and_line_and_leaves_nothing(
    tmp_path: Path, lines: list[str], problem: str
) -> None:
    seed, state = tmp_path / "seed.jsonl", tmp_path / "account.sqlite"
    seed.write_text("\n".join(lines))
    with pytest.raises(ValueError) as refusal:
        reset_state(state, seed)
    assert str(seed) in str(refusal.value) and problem in str(refusal.value)
    with start_sandbox(state) as sandbox:
        assert Caller(sandbox).people() == []


def test_a_state_is_kept_seeded_once_and_reset_on_wish(tmp_path: Path) -> None:
    state = tmp_path / "account.sqlite"
    first, second = (write_seed(tmp_path / name, [contact(f"{name}@example.com")]) for name in ("one", "two"))

    def addresses(seed: Path | None) -> list[Json]:
        with start_sandbox(state, seed) as sandbox:
            return [one["email_address"]["address"] for one in Caller(sandbox).people()]

    assert addresses(first) == ["one@example.com"]
    assert addresses(second) == ["one@example.com"], "a seed fills only an empty account"
    assert seed_state(state, second) == 1
    assert addresses(None) == ["one@example.com", "two@example.com"]
    assert reset_state(state, second) == 1
    assert addresses(None) == ["two@example.com"]
    assert reset_state(state) == 0
    assert addresses(None) == []
    with pytest.raises(ValueError, match="more than once"):
        seed_state(state, write_seed(tmp_path / "twins", [contact("a@example.com"), contact("a@example.com")]))
