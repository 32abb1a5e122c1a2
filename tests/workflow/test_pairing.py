from __future__ import annotations

from dataclasses import replace

import pandas as pd

from ctct_etl.columns import EMAIL, LIST, NAME
from ctct_etl.workflow.pairing import join_pairs, make_pairs, no_pairs, pairs_by_id, pairs_by_name, seen_pairs
from tests.tables import snapshot

ACCOUNT = replace(snapshot([]), lists={"News": "n-1", "Wine": "w-1"})


def pairs(*held: tuple[str, str]) -> pd.DataFrame:
    addresses, names = ([pair[at] for pair in held] for at in (0, 1))
    return make_pairs(pd.Series(addresses, dtype="str"), pd.Series(names, dtype="str"))


def told(table: pd.DataFrame, column: str) -> list[tuple[str, str]]:
    return list(zip(table[EMAIL], table[column], strict=True))


def test_names_become_ids_and_ids_names_and_what_the_account_does_not_know_stays() -> None:
    by_id = pairs_by_id(pairs(("a@x.org", "Wine"), ("b@x.org", "made tonight"), ("a@x.org", "News")), ACCOUNT)
    assert told(by_id, LIST) == [("a@x.org", "w-1"), ("b@x.org", "made tonight"), ("a@x.org", "n-1")]
    assert told(pairs_by_name(by_id, ACCOUNT), NAME) == [
        ("a@x.org", "Wine"), ("b@x.org", "made tonight"), ("a@x.org", "News"),
    ]  # fmt: skip


def test_a_list_known_by_its_name_and_by_its_id_is_one() -> None:
    by_id = pairs_by_id(pairs(("a@x.org", "News"), ("b@x.org", "n-1")), ACCOUNT)
    assert list(by_id[LIST].cat.categories) == ["n-1"]


def test_pairs_of_several_looks_are_joined_in_their_order() -> None:
    joined = join_pairs([pairs(("a@x.org", "Wine")), no_pairs(), pairs(("b@x.org", "News"))])
    assert told(joined, NAME) == [("a@x.org", "Wine"), ("b@x.org", "News")]
    assert len(join_pairs([])) == 0


def test_who_has_no_address_is_in_no_pair() -> None:
    account = snapshot([{"email": "", "lists": ["News"]}, {"email": "a@x.org", "lists": ["News"]}])
    assert told(seen_pairs(account), NAME) == [("a@x.org", "News")]


def test_a_part_without_any_pair_is_joined_whatever_its_names_are_made_of() -> None:
    nothing = make_pairs(
        pd.Series([], dtype="str"), pd.Series(pd.Categorical([], categories=pd.Index([], dtype=object)))
    )
    assert told(join_pairs([nothing, pairs(("a@x.org", "News"))]), NAME) == [("a@x.org", "News")]
