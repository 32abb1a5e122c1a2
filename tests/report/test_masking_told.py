"""The mask over what is told as plain data: what is not known to be harmless is masked."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from ctct_etl import columns as c
from ctct_etl.report.explaining import render_explained
from ctct_etl.report.masking import Mask
from ctct_etl.report.masking_told import mask_explained, mask_run, mask_tables

SIGN = "zqv"


def mask() -> Mask:
    return Mask(b"k" * 32)


def explained(**more: Any) -> dict[str, Any]:
    row = {"file": "a.xlsx", "sheet": "S", "row": 2, "outcome": "update", "reason": f'Status is "{SIGN}"', "won": True}
    cells = {"name": SIGN, "status": SIGN, "E-mail": f"{SIGN}@x.org"}  # columns that are called as keys of ours are
    field = {"field": "first_name", "cells": cells, "mapped": SIGN, "cleaned": None}
    problem = {"field": "email", "column": "E-mail", "value": SIGN, "problem": f'"{SIGN}" is odd', "severity": "warn"}
    lists = [{"kind": "list", "name": "Newsletter"}]
    other = {"opted_out": False, "order": SIGN, "evidence_source": SIGN}
    return {
        "address": f"{SIGN}@x.org",
        "pipeline": "members",
        "account": {"name": "club", "dialect": "v3", "organization_name": "Riverside Club"},
        "rows": [{**row, "fields": [field], "lists_and_tags": lists, "other": other, "problems": [problem]}],
        "mentioned": [row],
        "desired": [{"field": "x", "value": SIGN, "of": {"file": "a", "sheet": "", "row": 2}, "filled": 0}],
        "contacts": [{"contact_id": "id-1", "status": "implicit", "facts": {}, "values": {"note": SIGN}}],
        "fields": [{"field": "name", "account": SIGN, "desired": SIGN, "changes": 1, "why": f'"{SIGN}" stays'}],
        "memberships": [{"kind": "list", "name": "Newsletter", "change": "", "why": "wanted, and there", "wanted": True,
                         "has": True, "left": False, "readd": False}],
        "decision": {"action": "update", "reason": "existing.update: always", "route": "put_contact",
                     "route_reason": "too few", "consent": {"permission": "implicit", "evidence_source": SIGN}},
        "first_made": ["the list Choir"],
        "guards": [],
        "requests": [
            {"route": "put_contact", "carries": 1, "method": "PUT", "path": "/contacts/id-1", "why_not": "",
             "format": "json", "body": {"email_address": {"address": f"{SIGN}@x.org", "permission_to_send": "implicit"},
                                        "name": SIGN, "custom_fields": [{"custom_field_id": "f1", "value": SIGN}]}},
            {"route": "put_whole", "carries": 1, "method": "PUT", "path": f"/ws?email={SIGN}%40x.org", "why_not": "",
             "format": "xml", "body": f"<Contact><FirstName>{SIGN} &amp; co</FirstName></Contact>"},
            {"route": "add_contacts", "carries": 1, "method": "POST", "path": "/ws", "why_not": f'"{SIGN}" moved',
             "format": "form", "body": [["activityType", "ADD"], ["data", f"E-mail\n{SIGN}@x.org"]]},
        ],
        "past": {"looked_at": 1, "older": False, "runs": [
            {"run": "r1", "pipeline": "members", "command": "run", "when": "2026-11-26T00:00:00Z", "ended": "part",
             "reverted_by": "", "action": "update", "reason": "always", "result": "failed", "words": f"{SIGN} is taken",
             "before": {"status": SIGN}, "after": {"status": SIGN}, "lists": {"add": ["Choir"], "remove": []},
             "tags": {"add": []}, "rows": [row]},
        ]},
        **more,
    }  # fmt: skip


def test_no_value_of_an_explained_address_is_told_in_any_form() -> None:
    masked = mask_explained(explained(), mask())
    texts = [render_explained(masked, format_) for format_ in ("text", "markdown", "json")]
    assert not [text for text in texts if SIGN in text]


def test_names_rules_and_places_are_told() -> None:
    text = render_explained(mask_explained(explained(), mask()), "text")
    for told in (
        "a.xlsx",
        "Newsletter",
        "the list Choir",
        "existing.update: always",
        "PUT /contacts/id-1",
        "Riverside Club",
    ):
        assert told in text


def test_a_key_that_nobody_knows_is_masked() -> None:
    assert SIGN not in str(mask_explained(explained(novelty={"inner": [SIGN]}), mask()))


def test_of_a_past_run_why_it_stopped_is_masked() -> None:
    assert mask_run({"run": "r1", "stopped": ""}, mask()) == {"run": "r1", "stopped": ""}
    assert SIGN not in str(mask_run({"run": "r1", "stopped": f'the last with "{SIGN}"'}, mask()))


def test_of_a_preview_addresses_values_and_what_sentences_quote_are_masked() -> None:
    contacts = pd.DataFrame({c.EMAIL: [f"{SIGN}@x.org"], "first_name": [SIGN]}, dtype="str")
    rejects = pd.DataFrame({c.ORIGIN_FILE: ["a.csv"], c.EMAIL: [SIGN], c.REASON: [f'"{SIGN}" is wrong']}, dtype="str")
    problems = pd.DataFrame({c.FIELD: ["first_name"], c.VALUE: [SIGN], c.PROBLEM: [f'"{SIGN}" is odd']}, dtype="str")
    tables = mask_tables(contacts, rejects, problems, mask())
    assert SIGN not in json.dumps({name: table.to_dict("records") for name, table in tables.items()})
    assert tables["rejects"][c.ORIGIN_FILE].tolist() == ["a.csv"]
