"""Every request and every answer of a night, held to the provider's own document."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
from hypothesis import example, given

from tests.contract.checking import VARIABLE, WHY_SKIPPED, Checker
from tests.promises.nights import night_of, or_pass_by, slow
from tests.promises.worlds import RICH, World, worlds

# What a night sends; the check must have seen all of it, or it says nothing.
OPERATIONS = {
    "GET /account/summary", "GET /contact_lists", "GET /contact_custom_fields", "GET /contact_tags", "GET /contacts",
    "GET /contacts/{contact_id}", "POST /contacts", "PUT /contacts/{contact_id}",
    "POST /activities/contacts_json_import", "POST /activities/add_list_memberships",
    "POST /activities/contacts_taggings_add", "GET /activities/{activity_id}", "POST /contact_lists",
    "POST /contact_custom_fields", "POST /contact_tags",
}  # fmt: skip


def needs_the_document() -> Checker:
    if VARIABLE not in os.environ:
        pytest.skip(WHY_SKIPPED)
    checker = Checker.from_environment()
    assert checker is not None
    return checker


@slow
@example(world=RICH)
@given(world=worlds())
def test_every_request_and_answer_is_as_the_providers_document_says(world: World):
    checker = needs_the_document()
    with night_of(world, checker) as night:
        or_pass_by(night.run)
    checker.assert_clean()


def test_the_providers_document_was_asked_about_every_operation_that_the_program_uses():
    checker = needs_the_document()
    fields = RICH.mapping["fields"] | {"custom.Brand New": "Tier"}
    mapping = RICH.mapping | {"fields": fields, "lists": [*RICH.mapping["lists"], "New List"], "tags": ["new tag"]}
    allowed = RICH.pipeline | {"create_missing": ["lists", "custom_fields", "tags"]}
    with night_of(replace(RICH, mapping=mapping, pipeline=allowed), checker) as night:
        ended = night.run()
    assert ended.outcome is not None and ended.outcome["not_done"] == []
    checker.assert_clean()
    assert OPERATIONS - checker.exercised == set()
