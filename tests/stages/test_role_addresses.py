from __future__ import annotations

import pyarrow as pa
import pytest

from ctct_etl.stages.arrow import TEXT
from ctct_etl.stages.role_addresses import suspect_roles


def told(address: str | None) -> str | None:
    (found,) = suspect_roles(pa.array([address], TEXT)).to_pylist()
    return found


@pytest.mark.parametrize("name", ["info", "sales", "support", "postmaster", "office", "kontakt", "info+club", "ventas"])
def test_an_address_of_a_role_is_told(name: str) -> None:
    assert told(f"{name}@example.org") == "is the address of a role, not of a person — ask for the person's own"


@pytest.mark.parametrize("name", ["noreply", "no-reply", "donotreply", "mailer-daemon", "no-reply+17"])
def test_an_address_that_nobody_reads_is_told_as_such(name: str) -> None:
    assert told(f"{name}@example.org") == "is an address that nobody reads — ask for the person's own"


@pytest.mark.parametrize(
    "name", ["ann", "sales.ann", "infoteam", "salesman", "a.noreply", "may", "page", "hope", "grace.office", "minfo"]
)
def test_a_name_that_only_has_a_role_in_it_is_not(name: str) -> None:
    assert told(f"{name}@example.org") is None


def test_a_domain_that_is_called_like_a_role_says_nothing() -> None:
    assert told("ann@info.example.org") is None and told(None) is None
