"""/contact_tags over HTTP."""

from __future__ import annotations

import pytest

from tests.sandbox.calling import Start, contact

UNKNOWN = "00000000-0000-0000-0000-000000000007"


def test_a_tag_is_made_renamed_and_read(start: Start) -> None:
    service = start()
    made = service.post("/contact_tags", {"name": "vip"})
    path = f"/contact_tags/{made['tag_id']}"
    renamed = service.put(path, {"name": "VIP"})
    assert (renamed["name"], renamed["tag_id"]) == ("VIP", made["tag_id"])
    assert service.get(path) == renamed


def test_tagged_contacts_are_counted_when_asked_for(start: Start) -> None:
    service = start(contact("a@example.com", taggings=["vip"]), contact("b@example.com", taggings=["vip", "new"]))
    counts = {tag["name"]: tag["contacts_count"] for tag in service.get("/contact_tags", include_count="true")["tags"]}
    assert counts == {"vip": 2, "new": 1}
    assert service.get(f"/contact_tags/{service.tag_id('new')}", include_count="true")["contacts_count"] == 1
    assert "contacts_count" not in service.get("/contact_tags")["tags"][0]


def test_a_name_is_taken_in_any_letter_case(start: Start) -> None:
    service = start({"tag": {"name": "vip"}}, {"tag": {"name": "new"}})
    service.post("/contact_tags", {"name": "VIP"}, 409)
    service.put(f"/contact_tags/{service.tag_id('new')}", {"name": "Vip"}, 409)


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": "x" * 256}])
def test_a_tag_that_breaks_a_rule_is_refused(start: Start, body: dict[str, object]) -> None:
    start().post("/contact_tags", body, 400)


def test_a_tag_is_deleted_by_a_job(start: Start) -> None:
    service = start(contact("a@example.com", taggings=["vip", "new"]))
    job = service.delete(f"/contact_tags/{service.tag_id('vip')}", 202)
    ended = service.finish(job)
    assert (ended["state"], ended["status"]["items_completed_count"]) == ("completed", 1)
    assert service.person("a@example.com")["by_name"]["tags"] == ["new"]


def test_tags_come_in_pages_of_up_to_500(start: Start) -> None:
    service = start(*({"tag": {"name": f"T{number}"}} for number in range(500)))
    assert [len(page["tags"]) for page in service.pages("/contact_tags", limit=300)] == [300, 200]
    assert service.call("GET", "/v3/contact_tags?limit=501").status_code == 400
    service.post("/contact_tags", {"name": "one more"}, 400)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_an_unknown_tag_is_404(start: Start, method: str) -> None:
    body = {"name": "x"} if method == "PUT" else None
    assert start().call(method, f"/v3/contact_tags/{UNKNOWN}", json=body).status_code == 404
