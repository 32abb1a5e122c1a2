from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ctct_etl import columns as c
from ctct_etl.plan import changed as changing
from ctct_etl.plan.changed import Changed, find_staying, find_superseded, merge_changes, order_twins, rename_memberships
from ctct_etl.plan.snapshot import CustomField, Snapshot
from tests.tables import snapshot

TIER = CustomField("f1", "Tier", "string")


def known(**more: object) -> Snapshot:
    contacts = [
        {"email": "a@x.org", "contact_id": "a", "custom.Tier": "Gold", "lists": ["News", "Club"], "tags": ["News"]},
        {"email": "b@x.org", "contact_id": "b", "custom.Tier": "", "lists": ["News"]},
        {"email": "c@x.org", "contact_id": "c", "custom.Tier": "", "lists": ["Club"]},
    ]
    return replace(snapshot(contacts, custom_fields=[TIER]), **more)


def changed(now: Snapshot, ended: list[int] = []) -> Changed:  # noqa: B006
    mask = np.zeros(len(known().memberships), dtype=np.bool_)
    mask[ended] = True
    return Changed(now, mask)


def nobody(custom: CustomField = TIER) -> Snapshot:
    """Today's names, and nobody who was read again."""
    return replace(
        snapshot([], ["News", "Club"], ["News"], [custom]), fetched_at="2026-11-24T22:00:00Z", excess={"list x": 1}
    )


def held(one: Snapshot) -> list[tuple[str, str, str]]:
    emails = one.contacts[c.EMAIL].tolist()
    rows = one.memberships[[c.CONTACT, c.KIND, c.NAME]].astype(object).to_numpy().tolist()
    return sorted((emails[at], str(kind), str(name)) for at, kind, name in rows)


def test_where_nothing_changed_only_the_moment_and_the_names_are_new():
    merged = merge_changes(known(), changed(nobody()))
    assert merged.contacts.equals(known().contacts)
    assert held(merged) == held(known())
    assert (merged.fetched_at, merged.excess) == ("2026-11-24T22:00:00Z", {"list x": 1})


def test_who_was_read_again_is_as_read_and_comes_after_the_others():
    again = [{"email": "a2@x.org", "contact_id": "a", "lists": ["Club"]}, {"email": "d@x.org", "contact_id": "d"}]
    merged = merge_changes(known(), changed(snapshot(again, ["News", "Club"], ["News"], [TIER])))
    assert merged.contacts[c.EMAIL].tolist() == ["b@x.org", "c@x.org", "a2@x.org", "d@x.org"]
    assert merged.contacts["custom.Tier"].tolist() == ["", "", "", ""]
    assert held(merged) == [("a2@x.org", "list", "Club"), ("b@x.org", "list", "News"), ("c@x.org", "list", "Club")]
    assert [str(merged.memberships[column].dtype) for column in merged.memberships] == ["int64", "category", "category"]


def test_a_membership_that_ended_goes_though_its_contact_was_not_read_again():
    merged = merge_changes(known(), changed(nobody(), ended=[0]))  # the first of Ann's: her being on News
    assert [one for one in held(known()) if one not in held(merged)] == [("a@x.org", "list", "News")]


def test_a_list_under_a_new_name_keeps_its_members_and_a_tag_of_the_same_name_its_own():
    now = replace(nobody(), lists={"Weekly": "list-News", "Club": "list-Club"})
    assert held(merge_changes(known(), changed(now))) == [
        ("a@x.org", "list", "Club"),
        ("a@x.org", "list", "Weekly"),
        ("a@x.org", "tag", "News"),
        ("b@x.org", "list", "Weekly"),
        ("c@x.org", "list", "Club"),
    ]


def test_two_lists_may_change_their_names_with_each_other():
    now = replace(nobody(), lists={"News": "list-Club", "Club": "list-News"})
    names = rename_memberships(known(), now)[c.NAME].astype("str").tolist()
    assert names == ["Club", "News", "News", "Club", "News"]


def test_a_list_that_had_no_name_gets_it_once_it_has_one():
    unnamed = replace(known(), lists={"Club": "list-Club"})
    unnamed = replace(unnamed, memberships=unnamed.memberships.assign(
        **{c.NAME: unnamed.memberships[c.NAME].cat.rename_categories({"News": "list-News"})}))  # fmt: skip
    merged = merge_changes(unnamed, changed(nobody()))
    assert ("b@x.org", "list", "News") in held(merged)


def test_a_custom_field_under_a_new_label_keeps_its_values_and_one_made_anew_has_none():
    renamed = merge_changes(known(), changed(nobody(replace(TIER, label="Level"))))
    assert renamed.contacts["custom.Level"].tolist() == ["Gold", "", ""]
    assert "custom.Tier" not in renamed.contacts
    anew = merge_changes(known(), changed(nobody(replace(TIER, id="f2"))))
    assert anew.contacts["custom.Tier"].tolist() == ["", "", ""]


def test_only_the_columns_that_are_known_come_out():
    some = replace(known(), contacts=known().contacts[[c.CONTACT_ID, c.EMAIL]])
    merged = merge_changes(some, changed(snapshot([{"email": "d@x.org", "contact_id": "d"}], custom_fields=[TIER])))
    assert merged.contacts.to_dict("list") == {
        c.CONTACT_ID: ["a", "b", "c", "d"],
        c.EMAIL: ["a@x.org", "b@x.org", "c@x.org", "d@x.org"],
    }


def test_superseded_are_the_lists_of_who_was_read_again_and_those_that_ended_under_todays_names():
    again = snapshot([{"email": "a@x.org", "contact_id": "a"}], ["News", "Club"], ["News"], [TIER])
    told = find_superseded(known(), changed(again, ended=[next(iter(_rows_of("c@x.org", "Club")))]))
    assert sorted(told.itertuples(index=False, name=None)) == [
        ("a@x.org", "Club"), ("a@x.org", "News"), ("c@x.org", "Club"),
    ]  # fmt: skip


@pytest.mark.parametrize(("address", "told"), [("a@x.org", ["Club"]), ("new@x.org", ["Club", "News"])])
def test_a_list_on_which_the_same_address_was_found_again_is_not_superseded(address, told):
    again = snapshot([{"email": address, "contact_id": "a", "lists": ["News"]}], ["News", "Club"], ["News"], [TIER])
    superseded = find_superseded(known(), changed(again))
    assert sorted(superseded.itertuples(index=False, name=None)) == [("a@x.org", name) for name in told]


def _rows_of(address: str, name: str) -> list[int]:
    one = known()
    emails = one.contacts[c.EMAIL].take(one.memberships[c.CONTACT].to_numpy()).tolist()
    return [at for at, (email, list_) in enumerate(zip(emails, one.memberships[c.NAME], strict=True))
            if (email, list_) == (address, name)]  # fmt: skip


def test_staying_are_those_whose_id_was_not_read_again():
    ids = known().contacts[c.CONTACT_ID]
    assert find_staying(ids, ids[:0]).tolist() == [True, True, True]
    assert find_staying(ids, ids[1:2]).tolist() == [True, False, True]


def test_contacts_of_one_address_stand_in_the_order_of_their_ids_and_keep_their_lists():
    twins = [
        {"email": "a@x.org", "contact_id": "z", "lists": ["News"]},
        {"email": "b@x.org", "contact_id": "m"},
        {"email": "a@x.org", "contact_id": "k", "lists": ["Club"]},
        {"email": "", "contact_id": "y"},
        {"email": "", "contact_id": "x"},
    ]
    ordered = order_twins(snapshot(twins))
    assert ordered.contacts[c.CONTACT_ID].tolist() == ["k", "m", "z", "y", "x"]
    assert sorted(zip(ordered.memberships[c.CONTACT], ordered.memberships[c.NAME].astype("str"), strict=True)) == [
        (0, "Club"),
        (2, "News"),
    ]


def test_ids_are_looked_for_in_pieces_and_the_first_place_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    known, again = (pd.Series(list(ids), dtype="str") for ids in ("abcdefg", "fagcca"))
    monkeypatch.setattr(changing, "_HASHED", 2)
    assert changing._locate(known, again).tolist() == [1, -1, 3, -1, -1, 0, 2]
    assert find_staying(known, again).tolist() == [False, True, False, True, True, False, False]
