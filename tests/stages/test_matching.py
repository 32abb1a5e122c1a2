from __future__ import annotations

from ctct_etl.stages.matching import match_contacts
from tests.tables import desired, snapshot


def test_an_address_finds_its_contact_and_an_unknown_one_finds_none():
    account = snapshot([{"email": "b@example.com"}, {"email": "a@example.com"}])
    match = match_contacts(desired([{"email": "a@example.com"}, {"email": "c@example.com"}]), account.contacts)
    assert match.at.tolist() == [1, -1]
    assert not match.ambiguous.any()


def test_two_contacts_with_one_address_make_it_ambiguous_and_nobody_else():
    account = snapshot([{"email": "a@example.com"}, {"email": "a@example.com"}, {"email": "b@example.com"}])
    match = match_contacts(desired([{"email": "a@example.com"}, {"email": "b@example.com"}]), account.contacts)
    assert match.ambiguous.tolist() == [True, False]


def test_contacts_without_an_address_are_counted_and_never_ambiguous():
    account = snapshot([{"email": ""}, {"email": ""}, {"email": "a@example.com"}])
    match = match_contacts(desired([{"email": "a@example.com"}]), account.contacts)
    assert (match.without_address, match.ambiguous.tolist(), match.at.tolist()) == (2, [False], [2])


def test_an_empty_account_and_an_empty_source_match_nothing():
    assert match_contacts(desired([{"email": "a@example.com"}]), snapshot([]).contacts).at.tolist() == [-1]
    nobody = desired([{"email": "a@example.com"}]).iloc[:0]
    assert match_contacts(nobody, snapshot([{"email": "a@example.com"}]).contacts).at.tolist() == []
