"""Whatever is sent, the service answers in its own shapes and lives on: no call ever ends in a 500."""

from __future__ import annotations

import base64
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from tests.sandbox.calling import Caller, Json, Start, contact, unsubscribed

WRONG: tuple[Any, ...] = (None, "", -1, 10**40, True, "\x00", [], {}, [None], [{}], ["x"], {"a": [1]})

PARTS: dict[str, tuple[Any, ...]] = {
    "email_address": ({"address": [1]}, {"address": "n@example.com", "permission_to_send": [1], "opt_out_reason": {}}),
    "phone_numbers": ([{"kind": [1]}], [{"kind": "home", "phone_number": 5}]),
    "street_addresses": ([{"kind": [1]}], [{"kind": "home", "street": 5}]),
    "street_address": ({"kind": [1]}, {"kind": "home", "street": 5}),
    "custom_fields": ([{"custom_field_id": [1], "value": "x"}],),
    "notes": ([{"content": 5}], [{"content": "x", "note_id": [1], "created_at": "junk"}]),
    "sms_channel": (
        {"full_sms_address": 5, "sms_channel_consents": [{}]},
        {"full_sms_address": "15085550100", "sms_channel_consents": [1]},
        {"full_sms_address": "15085550100", "sms_channel_consents": [{"sms_consent_permission": [1]}]},
    ),
    "metadata": ({"display_type": [1]}, {"decimal_places": "2"}, {"integer": False, "decimal_places": [1]}),
    "choices": ([{"choice_label": "x", "choice_id": [1]}], [{"choice_label": "x", "display_order": "x"}]),
    "source": ({"contact_ids": 5}, {"list_ids": {}}, {"segment_id": 5}, {"all_active_contacts": [1]}),
    "exclude": ({"contact_ids": 5}, {"contact_ids": [[1]]}),
}
"""What a property of that name may hold wrongly further down."""


@pytest.fixture
def service(start: Start) -> Caller:
    choices = {"custom_field": {"label": "Level", "type": "single_select", "choices": ["A"]}}
    ann = contact("ann@example.com", list_memberships=["News"], taggings=["vip"], custom_fields={"Level": "A"})
    gone = contact("gone@example.com", deleted_at="2025-02-02")
    return start(choices, ann, gone, unsubscribed("uma@example.com"), checked=False, activity_seconds=0)


def _list_calls(service: Caller) -> list[tuple[str, str, Json]]:
    news, vip, level = service.list_id("News"), service.tag_id("vip"), service.field("Level")["custom_field_id"]
    ann, gone, uma = (service.id_of(f"{name}@example.com") for name in ("ann", "gone", "uma"))
    arrays: Json = {"custom_fields": [{"custom_field_id": level, "choice_ids": ["1"]}], "notes": [], "taggings": [vip]}
    arrays |= {"phone_numbers": [], "street_addresses": [], "list_memberships": [news], "sms_channel": None}
    core = {"first_name": "A", "birthday_month": 1, "birthday_day": 1, "anniversary": "2020-01-01"}
    person = {"email_address": {"address": "ann@example.com"}, **core, **arrays, "update_source": "Account"}
    new = {**person, "email_address": {"address": "new@example.com"}, "create_source": "Account"}
    form = {**core, "email_address": "f@example.com", "list_memberships": [news], "phone_number": "1"}
    source = {"source": {"contact_ids": [ann]}, "exclude": None}
    field = {"label": "Size", "type": "number", "version": 1, "metadata": {"integer": False, "decimal_places": 2}}
    return [
        ("POST", "/contacts", new),
        ("PUT", f"/contacts/{ann}", person),
        ("PUT", f"/contacts/{gone}", {**person, "email_address": {"address": "gone@example.com"}}),
        ("POST", "/contacts/sign_up_form", {**form, "custom_fields": [], "street_address": {"kind": "home"}}),
        ("PUT", f"/contacts/resubscribe/{uma}", {"list_ids": [news]}),
        ("POST", "/contact_lists", {"name": "n", "description": "d", "favorite": True}),
        ("PUT", f"/contact_lists/{news}", {"name": "News", "description": "d", "favorite": True}),
        ("POST", "/contact_tags", {"name": "n", "tag_source": "Contact"}),
        ("PUT", f"/contact_tags/{vip}", {"name": "vip"}),
        ("POST", "/contact_custom_fields", field),
        ("POST", "/contact_custom_fields", {"label": "Colour", "type": "single_select", "choices": []}),
        ("PUT", f"/contact_custom_fields/{level}", {"label": "Level", "choices": []}),
        ("POST", "/activities/contacts_json_import", {"import_data": [{"email": "i@example.com"}], "list_ids": [news]}),
        ("POST", "/activities/add_list_memberships", {**source, "list_ids": [news]}),
        ("POST", "/activities/remove_list_memberships", {**source, "list_ids": [news]}),
        ("POST", "/activities/contacts_taggings_add", {**source, "tag_ids": [vip]}),
        ("POST", "/activities/contacts_taggings_remove", {**source, "tag_ids": [vip]}),
        ("POST", "/activities/contact_delete", {"contact_ids": [gone]}),
        ("POST", "/activities/list_delete", {"list_ids": [gone]}),
        ("POST", "/activities/contacts_tags_delete", {"tag_ids": [gone]}),
        ("POST", "/activities/custom_fields_delete", {"custom_field_ids": [gone]}),
    ]


def _assert_sound(service: Caller) -> None:
    """All contacts can be read whole, by the service and by the window."""
    includes = "custom_fields,list_memberships,taggings,notes,phone_numbers,street_addresses,sms_channel"
    shown = service.search(status="all", include=includes, limit=500)
    assert len(shown) == len(service.people()) >= 3


def test_no_property_of_a_wrong_type_breaks_the_service(service: Caller) -> None:
    for method, path, body in _list_calls(service):
        for name in body:
            for wrong in (*WRONG, *PARTS.get(name, ())):
                answer = service.call(method, "/v3" + path, json={**body, name: wrong})
                assert answer.status_code < 500, (method, path, name, wrong)
                assert isinstance(answer.json(), dict | list)
        _assert_sound(service)


def test_no_import_row_of_a_wrong_type_breaks_the_service(service: Caller) -> None:
    news = service.list_id("News")
    keys = ("email", "first_name", "birthday_month", "anniversary", "phone", "street2", "country", "cf:level", "cf:x")
    rows = [{"email": "i@example.com", "street": "S", "birthday_day": 2, key: wrong} for key in keys for wrong in WRONG]
    job = service.post("/activities/contacts_json_import", {"import_data": rows, "list_ids": [news]})
    status = service.finish(job)["status"]
    assert status["items_total_count"] == len(rows)
    assert status["error_count"] + status["correctable_count"] > len(rows) * 0.8
    _assert_sound(service)


@pytest.mark.parametrize(
    "sent",
    [b"", b"{", b"\xff\xfe", b'{"a":' + b"[" * 100_000, b'{"first_name":"\\ud800"}', b'{"first_name":NaN}', b"{}x"],
    ids=["empty", "torn", "no text", "deep", "half a character", "no number", "something after it"],
)
def test_a_body_that_is_no_json_is_400_on_every_call(service: Caller, sent: bytes) -> None:
    for method, path, _ in _list_calls(service):
        answer = service.call(method, "/v3" + path, data=sent, headers={"Content-Type": "application/json"})
        assert answer.status_code == 400
    assert service.window("GET", "requests")


@pytest.mark.parametrize(
    "path", ["/contacts", "/contact_lists", "/contact_tags", "/contact_custom_fields", "/activities"]
)
@pytest.mark.parametrize("position", ["x", "{}", "[[]]", "[-1]", '["x",1,2]', f"[{10**30}]", "[1.5]", '["2025","x"]'])
def test_a_forged_cursor_is_400(service: Caller, path: str, position: str) -> None:
    cursor = base64.urlsafe_b64encode(urlencode({"next": position}).encode()).decode()
    assert service.call("GET", f"/v3{path}?cursor={quote(cursor)}").status_code == 400


@pytest.mark.parametrize(
    "content",
    [b"", b"email\n\x00\n", b'email\n"x', b"\xff\xfee\x00", b'email,x\n"' + b"y" * 200_000 + b'"\n', b"email;x\na;b\n"],
    ids=["empty", "zero byte", "open quote", "other encoding", "endless cell", "semicolons"],
)
def test_a_file_that_can_not_be_read_is_400_or_counted(service: Caller, content: bytes) -> None:
    files = {"file": ("x.csv", content, "text/csv")}
    form = {"list_ids": service.list_id("News")}
    answer = service.call("POST", "/v3/activities/contacts_file_import", files=files, data=form)
    assert answer.status_code in (201, 400)
    if answer.status_code == 201:
        assert service.finish(answer.json())["status"]["person_count"] == 0
    _assert_sound(service)


@pytest.mark.parametrize(
    "head", [b"Content-Length: abc\r\n\r\n", b"Content-Length: -5\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"]
)
def test_a_request_without_an_end_closes_its_connection_only(service: Caller, head: bytes) -> None:
    port = int(service.sandbox.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(b"POST /v3/contacts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer sandbox-token\r\n" + head)
        assert connection.recv(100) == b""
    _assert_sound(service)


@pytest.mark.parametrize("path", ["/", "/x", "/v3", "/v3/", "/v3/contacts/", "/v3/contacts/%00", "/v3/contacts/é"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_a_path_that_is_none_is_404_in_the_services_shape(service: Caller, method: str, path: str) -> None:
    answer = service.call(method, path, json={})
    assert answer.status_code in (404, 405)
    assert answer.json()[0]["error_key"] == "contacts.api.not_found"


def test_two_who_post_one_address_in_different_case_make_one_contact(service: Caller) -> None:
    def post(number: int) -> int:
        name = "Twin" if number % 2 else "twin"
        body = {"email_address": {"address": f"{name}{number // 2}@example.com"}, "create_source": "Account"}
        with Caller(service.sandbox).session as session:
            session.headers["Authorization"] = "Bearer sandbox-token"
            return session.post(service.sandbox.url + "/v3/contacts", json=body, timeout=30).status_code

    with ThreadPoolExecutor(8) as threads:
        statuses = list(threads.map(post, range(40)))
    assert (statuses.count(201), statuses.count(409)) == (20, 20)


@pytest.mark.parametrize(
    ("what", "wish"),
    [
        ("clock", {}),
        ("clock", {"advance_s": "nan"}),
        ("clock", {"advance_s": -1}),
        ("clock", {"advance_s": 1e300}),
        ("faults", {"kind": "500", "match": 5}),
        ("faults", {"kind": "500", "after": [1]}),
        ("faults", {"kind": "500", "seed": [1]}),
        ("act", {"who": "person", "do": "edit", "address": "ann@example.com", "fields": 5}),
    ],
)
def test_a_wish_of_wrong_types_is_refused_and_changes_nothing(service: Caller, what: str, wish: Json) -> None:
    answer = service.call("POST", f"/_sandbox/{what}", json=wish)
    assert answer.status_code == 400
    assert answer.json()["error"]
    _assert_sound(service)
