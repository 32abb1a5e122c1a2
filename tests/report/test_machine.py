from __future__ import annotations

import json

from ctct_etl.report.machine import render_json
from ctct_etl.report.model import build_report
from tests.report.plans import applied, small_plan


def test_numbers_are_those_of_the_model():
    data = json.loads(render_json(build_report(small_plan(), applied())))
    assert data["rows"] == 11
    assert {each["outcome"]: each["count"] for each in data["outcomes"]} == {
        "rejected": 2, "merged": 1, "unchanged": 2, "skip": 1, "create": 3, "update": 2,
    }  # fmt: skip
    assert data["actions"][0] == {
        "action": "create",
        "planned": 3,
        "results": {"done": 3, "conflict": 0, "failed": 0, "pending": 0},
    }
    assert (data["changes"], data["skips"], data["cost"]["used"], data["state"]) == (12, 1, 7, "done")


def test_rejected_rows_are_listed_with_place_and_reason():
    data = json.loads(render_json(build_report(small_plan(), None)))
    assert [(each["where"], each["value"]) for each in data["rejects"]] == [
        ("members.xlsx, sheet Members, row 11", "zed@@example.org"),
        ("members.xlsx, sheet Members, row 12", ""),
    ]


def test_keys_are_sorted_and_the_same_report_is_the_same_text():
    text = render_json(build_report(small_plan(), applied()))
    assert text == json.dumps(json.loads(text), sort_keys=True, ensure_ascii=False, indent=2) + "\n"
    assert text == render_json(build_report(small_plan(), applied()))
