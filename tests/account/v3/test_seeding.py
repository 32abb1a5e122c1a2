"""A seed that is written from a snapshot, loaded into a sandbox and read again is that snapshot."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from ctct_etl.account.opening import open_account
from ctct_etl.account.v3.seeding import write_seed_lines
from ctct_etl.columns import EMAIL
from ctct_etl.config.accounts import SandboxAccount
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.sandbox import start_sandbox
from tests.promises.worlds import DEFINITIONS, RICH, World, write_seed
from tests.tables import snapshot

ODD = World(
    rows=[], mapping={}, pipeline={}, suppressed=[],
    account=[
        {"contact_id": "11111111-1111-4111-8111-111111111111", "first_name": "Nobody", "phone_numbers": [
            {"kind": "home", "phone_number": "212"}]},
        {"email_address": {"address": "Long@x.org", "permission_to_send": "explicit", "opt_in_source": "Contact",
                           "opt_in_date": "2024-05-06T07:08:09Z"},
         "last_name": "x" * 300, "birthday_month": 2, "birthday_day": 9, "anniversary": "2019-12-31",
         "street_addresses": [{"kind": "work", "city": "Lynn", "country": "US"}],
         "custom_fields": {"Level": "Gold", "Shoe": "a;b"}, "list_memberships": ["Board"], "taggings": ["vip"]},
        {"email_address": {"address": "left@x.org", "permission_to_send": "unsubscribed",
                           "opt_out_date": "2026-03-01T00:00:00Z"}, "created_at": "2020-01-02T03:04:05Z"},
        {"email_address": {"address": "gone@x.org", "permission_to_send": "unsubscribed"}, "deleted_at": "2026-03-01"},
    ],
)  # fmt: skip


def read(seed: Path, folder: Path) -> Snapshot:
    with start_sandbox(seed=seed, limits=False) as sandbox:
        account = SandboxAccount(dialect="v3", sandbox=seed, limits="off")
        opened = open_account(account, "club", folder, sandbox.url)
        try:
            return opened.session.converse(opened.dialect.fetch())
        finally:
            opened.close()


@pytest.mark.parametrize("world", [RICH, ODD], ids=["rich", "odd"])
def test_what_is_read_again_is_the_same(tmp_path: Path, world: World) -> None:
    first = read(write_seed(world, tmp_path / "first.jsonl"), tmp_path)
    (tmp_path / "second.jsonl").write_text("".join(write_seed_lines(first)), "utf-8")
    second = read(tmp_path / "second.jsonl", tmp_path)
    pd.testing.assert_frame_equal(first.contacts, second.contacts)
    held = [each.memberships.astype("str").sort_values(["@contact", "kind", "name"], ignore_index=True)
            for each in (first, second)]  # fmt: skip
    pd.testing.assert_frame_equal(*held)
    assert (first.account, set(first.lists), set(first.tags)) == (second.account, set(second.lists), set(second.tags))
    types = [{label: (one.type, one.name, tuple(one.choices)) for label, one in each.custom_fields.items()}
             for each in (first, second)]  # fmt: skip
    assert types[0] == types[1] and len(types[0]) == sum("custom_field" in line for line in DEFINITIONS)


def test_an_address_that_is_there_twice_is_seeded_once() -> None:
    lines = list(write_seed_lines(snapshot([{EMAIL: "ann@x.org"}, {EMAIL: "ann@x.org"}, {EMAIL: ""}, {EMAIL: ""}])))
    assert sum("contact_id" in line for line in lines) == 3
