"""/activities: bulk jobs are queued here as forms, watched as entries, and their files fetched."""

import uuid
from collections.abc import Callable

from flask import Blueprint, Response, request

from ..catalog import Entry
from ..consent import Change
from ..documents import Document, derive_id
from ..fates import ROW_ERRORS, take_fate
from ..jobs import Job, QueueFull
from ..service import this_service
from .access import BASE, HOST, USER
from .atom import (
    CTCT,
    Element,
    add,
    add_all,
    add_link,
    answer,
    make,
    make_entry,
    make_head,
    show_reply_time,
    show_stamp,
)
from .errors import Refusal, invalid, not_found
from .exporting import SEPARATORS, SORTS, read_file
from .lists import SYSTEM
from .numbered import find_list
from .paging import PAGE, Asked, make_token, read_asked, write_next
from .reading import read_number
from .tables import name_column, read_table

routes = Blueprint("v1_activities", __name__)

MOST_FORM_BYTES = 50_000_000
"""Ours: far more than 20,000 contacts of the longest values have."""

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
PREFIX = "a07e1"
STATES = {"initialized": "PENDING", "processing": "RUNNING", "completed": "COMPLETE"}
"""Others are ERROR. Only COMPLETE is known of v1, the rest are those of the next version [V2-ACT]."""


@routes.get("/activities")
def read_all() -> Response:
    service, asked = this_service(), read_asked()
    start = asked.position or 0
    with service.store.reading() as db:
        jobs = service.jobs.look_at_all(db)
    token = make_token(Asked([]), start + PAGE) if start + PAGE < len(jobs) else None
    feed = make_head("feed", "activities", f"Activities for Customer: {USER}", "activities")
    if token:  # and no first and current, unlike the other collections [D-OLDACT]
        add_link(feed, write_next("activities", token, "root_relative", service.switches), "next")
    feed.extend(_show(job, show_reply_time()) for job in jobs[start : start + PAGE])
    return answer(feed)


@routes.get("/activities/<name>")
def read_one(name: str) -> Response:
    service = this_service()
    with service.store.reading() as db:
        if "." in name:
            content = read_file(db, name)
            if content is None:
                raise not_found("the file")
            kind = "text/csv" if name.endswith(".csv") else "text/plain"
            return Response(content.encode(), content_type=f"{kind}; charset=utf-8")
        own_id = _read_id(name)
        job = service.jobs.look_at(db, own_id) if own_id else None
    if job is None:
        raise not_found("the activity")
    return answer(_show(job, show_stamp(job.ended_at or job.created_at)))


@routes.post("/activities")
def create() -> Response:
    """201 with the entry of the activity [D-ADDACT, RB]; what can't be done is 400."""
    if request.mimetype not in FORMS:
        raise Refusal(415, f"the Content-Type must be one of {', '.join(FORMS)}")
    kind = request.form.get("activityType", "")
    if kind not in _PLANS:
        raise invalid("activityType is not known")
    with this_service().change() as change:
        work, shown, payload = _PLANS[kind](change)
        jobs = this_service().jobs
        try:
            document = jobs.queue(
                change.db, work, payload, take_fate(request.environ), type=shown, **_name_file(payload)
            )
        except QueueFull:
            raise Refusal(503, "too many activities are waiting") from None
        job = jobs.look_at(change.db, document["activity_id"])
    assert job is not None, "an activity just queued is there"
    place = f"{request.host_url.rstrip('/')}{BASE}/activities/{_write_id(job)}"
    return answer(_show(job, show_reply_time()), 201, {"Location": place})


Plan = tuple[str, str, Document]
"""The kind of the job, the Type that is shown, the payload."""


def _plan_add(change: Change) -> Plan:
    """With details present the service files the job under a name of its own [F-BULK]."""
    rows = _read_rows()
    has_details = any(row["values"] for row in rows)
    shown = "ADD_CONTACT_DETAIL" if has_details else request.form["activityType"]
    return "v1_add", shown, {"rows": rows, "list_ids": _read_lists(change)}


def _plan_remove(change: Change) -> Plan:
    return "v1_remove", "REMOVE_CONTACTS_FROM_LISTS", {"rows": _read_rows(), "list_ids": _read_lists(change)}


def _plan_clear(change: Change) -> Plan:
    return "v1_clear", "CLEAR_CONTACTS_FROM_LISTS", {"list_ids": _read_lists(change)}


def _plan_export(change: Change) -> Plan:
    form = request.form
    number = read_number(form.get("listId", ""), "lists") or ""
    if number not in SYSTEM and find_list(change.db, number) is None:
        raise invalid("listId is no list")
    kind, sort = form.get("fileType", "CSV"), form.get("sortBy", "EMAIL_ADDRESS")
    if kind not in SEPARATORS or sort not in SORTS:
        raise invalid("fileType must be CSV or TXT, sortBy EMAIL_ADDRESS or DATE_DESC")
    heads = form.getlist("columns") or ["EMAIL ADDRESS"]
    names = [name_column(head) for head in heads]
    for flag, head, name in _EXTRAS:
        if _read_flag(flag):
            heads, names = [*heads, head], [*names, name]
    no = change.db.execute("SELECT count(*) FROM job").fetchone()[0]
    file = f"{PREFIX}{derive_id('file', no, change.stamp).replace('-', '')}.{kind.lower()}"
    payload = {"lists": [number], "heads": "\n".join(heads), "names": "\n".join(names)}
    return "v1_export", "EXPORT_CONTACTS", payload | {"file": file, "type": kind, "sort": sort}


_EXTRAS = (
    ("exportOptDate", "OPT IN TIME", "OptInTime"),
    ("exportOptSource", "OPT IN SOURCE", "OptInSource"),
    ("exportListName", "LIST NAME", "ListName"),
)
"""Parameter, name of the column (ours, none is known), what stands in it."""

_PLANS: dict[str, Callable[[Change], Plan]] = {
    "SV_ADD": _plan_add,
    "ADD_CONTACTS": _plan_add,
    "ADD_CONTACT_DETAIL": _plan_add,  # of no document, but the vendor's own libraries know it [CFM, LABS]
    "REMOVE_CONTACTS_FROM_LISTS": _plan_remove,
    "CLEAR_CONTACTS_FROM_LISTS": _plan_clear,
    "EXPORT_CONTACTS": _plan_export,
}


def _read_rows() -> list[Document]:
    """`data`, as a field of the form or as a file in it."""
    upload = request.files.get("data")
    text = upload.read().decode("utf-8", "replace") if upload else request.form.get("data", "")
    rows = read_table(text)
    if not rows:
        raise invalid("data has no contacts")
    return rows


def _read_lists(change: Change) -> list[str]:
    """The ids of the lists that are named by their http ids, at least one."""
    numbers = [read_number(text, "lists") for text in request.form.getlist("lists")]
    entries = [find_list(change.db, number) if number else None for number in numbers]
    known: list[Entry] = [entry for entry in entries if entry]
    if not known or len(known) < len(entries):
        raise invalid("lists must be the ids of at least one list, and all of them valid")
    return [entry.id for entry in known]


def _read_flag(name: str) -> bool:
    value = request.form.get(name, "false").lower()
    if value not in ("true", "false"):
        raise invalid(f"{name} must be true or false")
    return value == "true"


def _name_file(payload: Document) -> dict[str, str]:
    return {"file": payload["file"]} if "file" in payload else {}


def _show(job: Job, updated: str) -> Element:
    own_id = _write_id(job)
    url = f"{HOST}{BASE}/activities/{own_id}"
    payload = make("Activity", CTCT, id=url)
    add_all(payload, (("Type", job.told["type"]), ("Status", STATES.get(job.state, "ERROR"))))
    errors = add(payload, "Errors", "")
    for row in job.told.get(ROW_ERRORS, ()):
        error = add(errors, "Error")
        add_all(
            error, (("LineNumber", str(row["line"])), ("EmailAddress", row["address"]), ("Message", row["message"]))
        )
    is_written = job.state == "completed" and "file" in job.told
    add(payload, "FileName", f"{BASE}/activities/{job.told['file']}" if is_written else "")
    add(payload, "TransactionCount", str(job.told.get("status", {}).get("person_count", 0)))
    if job.state != "initialized":
        add(payload, "RunStartTime", show_stamp(job.created_at))
    if job.ended_at:
        add(payload, "RunFinishTime", show_stamp(job.ended_at))
    add(payload, "InsertTime", show_stamp(job.created_at))
    return make_entry(url, f"{BASE}/activities/{own_id}", f"Activity: {own_id}", updated, payload)


def _write_id(job: Job) -> str:
    return PREFIX + job.activity_id.replace("-", "")


def _read_id(name: str) -> str | None:
    try:
        return str(uuid.UUID(name.removeprefix(PREFIX))) if name.startswith(PREFIX) else None
    except ValueError:
        return None
