"""/contact_custom_fields over HTTP, and the values that each type takes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.calling import Caller, Json, Start, contact

UNKNOWN = "00000000-0000-0000-0000-000000000007"
TYPES = ["string", "date", "datetime", "number", "currency", "boolean", "text_area", "single_select", "multi_select"]


def set_value(service: Caller, status: int, **part: Any) -> Any:
    """PUT one custom field onto the contact a@example.com."""
    body = {"custom_fields": [part], "update_source": "Account"}
    return service.put(f"/contacts/{service.id_of('a@example.com')}", body, status)


@pytest.mark.parametrize("kind", TYPES)
def test_a_field_of_each_type_is_made_and_read(start: Start, kind: str) -> None:
    service = start()
    made = service.post("/contact_custom_fields", {"label": "Member Level", "type": kind})
    assert (made["type"], made["label"], made["name"]) == (kind, "Member Level", "member_level")
    assert service.get(f"/contact_custom_fields/{made['custom_field_id']}") == made
    assert service.get("/contact_custom_fields")["custom_fields"] == [made]


def test_the_letter_case_of_a_fields_name_is_a_switch(start: Start) -> None:
    made = start(custom_field_name="keep").post("/contact_custom_fields", {"label": "Member Level", "type": "string"})
    assert made["name"] == "Member_Level"


@pytest.mark.parametrize(
    "wrong",
    [
        {"label": ""},
        {"label": "x" * 51},
        {"type": "text"},
        {"type": None},
        {"type": "single_select", "choices": [{"choice_label": str(number)} for number in range(101)]},
        {"type": "single_select", "choices": [{"choice_label": ""}]},
        {"type": "number", "metadata": {"integer": False, "decimal_places": 5}},
    ],
)
def test_a_field_that_breaks_a_rule_is_refused(start: Start, wrong: Json) -> None:
    start().post("/contact_custom_fields", {"label": "Level", "type": "string"} | wrong, 400)


def test_radio_and_checkbox_take_twenty_choices(start: Start) -> None:
    choices = [{"choice_label": str(number)} for number in range(21)]
    body = {"label": "Level", "type": "single_select", "metadata": {"display_type": "radio"}, "choices": choices}
    start().post("/contact_custom_fields", body, 400)


@pytest.mark.parametrize("label", ["level", "Member Level", "member_level"])
def test_a_label_or_name_that_is_taken_is_a_conflict(start: Start, label: str) -> None:
    service = start({"custom_field": {"label": "Level"}}, {"custom_field": {"label": "Member Level"}})
    service.post("/contact_custom_fields", {"label": label, "type": "string"}, 409)


def test_choices_are_numbered_and_replaced_by_a_put(start: Start) -> None:
    service = start()
    choices = [{"choice_label": "A"}, {"choice_label": "B"}]
    made = service.post("/contact_custom_fields", {"label": "Level", "type": "single_select", "choices": choices})
    first, second = made["choices"]
    assert (first["choice_label"], first["display_order"]) == ("A", 1)
    path = f"/contact_custom_fields/{made['custom_field_id']}"
    kept = {"choice_id": second["choice_id"], "choice_label": "B+"}
    changed = service.put(path, {"label": "Level", "choices": [kept, {"choice_label": "C"}]})
    assert [choice["choice_label"] for choice in changed["choices"]] == ["B+", "C"]
    assert changed["choices"][0]["choice_id"] == second["choice_id"]
    assert changed["choices"][1]["choice_id"] not in (first["choice_id"], second["choice_id"])
    assert service.put(path, {"label": "Level"})["choices"] == [], "a PUT overwrites what it leaves out"
    service.put(path, {"choices": []}, 400)


def test_a_put_can_not_take_anothers_label(start: Start) -> None:
    service = start({"custom_field": {"label": "Level"}}, {"custom_field": {"label": "Other"}})
    service.put(f"/contact_custom_fields/{service.field('Other')['custom_field_id']}", {"label": "LEVEL"}, 400)


def test_deleting_a_field_removes_its_values(start: Start) -> None:
    service = start(contact("a@example.com", custom_fields={"Level": "Gold", "Note": "x"}))
    service.delete(f"/contact_custom_fields/{service.field('Level')['custom_field_id']}")
    assert service.person("a@example.com")["by_name"]["custom_fields"] == {"Note": "x"}
    job = service.post(
        "/activities/custom_fields_delete", {"custom_field_ids": [service.field("Note")["custom_field_id"]]}
    )
    service.finish(job)
    assert service.get("/contact_custom_fields")["custom_fields"] == []
    assert service.person("a@example.com")["custom_fields"] == []


def test_fields_come_in_pages_of_up_to_100(start: Start) -> None:
    service = start(*({"custom_field": {"label": f"F{number}"}} for number in range(100)))
    assert [len(page["custom_fields"]) for page in service.pages("/contact_custom_fields", limit=60)] == [60, 40]
    assert service.call("GET", "/v3/contact_custom_fields?limit=101").status_code == 400
    service.post("/contact_custom_fields", {"label": "one more", "type": "string"}, 400)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_an_unknown_field_is_404(start: Start, method: str) -> None:
    body = {"label": "x"} if method == "PUT" else None
    assert start().call(method, f"/v3/contact_custom_fields/{UNKNOWN}", json=body).status_code == 404


@pytest.mark.parametrize(
    ("definition", "good", "bad"),
    [
        ({"type": "string"}, "x" * 255, "x" * 256),
        ({"type": "date"}, "any text", "x" * 256),
        ({"type": "date", "version": 2}, "2025-02-28", "2025-02-30"),
        ({"type": "datetime"}, "2025-02-28T10:00:00Z", "soon"),
        ({"type": "boolean"}, "true", "yes"),
        ({"type": "number", "metadata": {"integer": True}}, "12", "12.5"),
        ({"type": "number", "metadata": {"decimal_places": 2}}, "12.50", "12.505"),
        ({"type": "number"}, "7", "-7"),
        ({"type": "number", "metadata": {"allow_negative": True}}, "-7", "seven"),
        ({"type": "currency"}, "9.99", "$9.99"),
    ],
)
def test_a_value_is_checked_by_its_type(start: Start, definition: Json, good: str, bad: str) -> None:
    for custom_values, status in (("checked", 400), ("free", 200 if len(bad) < 256 else 400)):
        field = {"custom_field": {"label": "F", **definition}}
        service = start(field, contact("a@example.com"), custom_values=custom_values)
        field_id = service.field("F")["custom_field_id"]
        set_value(service, 200, custom_field_id=field_id, value=good)
        assert service.person("a@example.com")["by_name"]["custom_fields"] == {"F": good}
        set_value(service, status, custom_field_id=field_id, value=bad)


def test_choices_are_set_by_their_ids(start: Start) -> None:
    field = {"custom_field": {"label": "F", "type": "single_select", "choices": ["A", "B"]}}
    service = start(field, contact("a@example.com", custom_fields={"F": "A"}))
    definition = service.field("F")
    ids = [str(choice["choice_id"]) for choice in definition["choices"]]
    field_id = definition["custom_field_id"]
    set_value(service, 200, custom_field_id=field_id, choice_ids=ids[1:])
    assert service.person("a@example.com")["by_name"]["custom_fields"] == {"F": ["B"]}
    set_value(service, 400, custom_field_id=field_id, choice_ids=ids)
    set_value(service, 400, custom_field_id=field_id, choice_ids=["999"])
    set_value(service, 400, custom_field_id=field_id, value="A")
    set_value(service, 200, custom_field_id=field_id, choice_ids=[])
    assert service.person("a@example.com")["custom_fields"] == []
