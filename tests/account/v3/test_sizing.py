import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctct_etl.account.encoding import encode_body
from ctct_etl.account.entries import Entry
from ctct_etl.account.v3 import routing, sizing
from ctct_etl.account.v3.bodies import import_body, import_row
from ctct_etl.account.v3.sizing import cut_import, import_sizes
from ctct_etl.plan.snapshot import CustomField
from tests.account.plans import Act, plan_tables

CUSTOMS = {"Nöte": CustomField("c1", "Nöte", "string", "nöte")}
values = st.text(alphabet='aé李\U0001f600"\\\n\x01\x1f\x7f/', max_size=50)


@given(st.lists(st.tuples(values, values), max_size=30))
def test_a_row_is_as_large_as_the_encoder_writes_it_and_its_comma(pairs):
    acts = [Act(f"n{n:02}@x.org", changes={"first_name": a, "custom.Nöte": b}) for n, (a, b) in enumerate(pairs)]
    rows = [import_row(Entry(act.email, after=act.changes), CUSTOMS) for act in acts]
    assert import_sizes(plan_tables(acts), CUSTOMS).tolist() == [len(encode_body(row)) + 1 for row in rows]


@given(st.lists(values, min_size=1, max_size=30), st.integers(1, 10))
def test_every_chunk_fits_measured_in_bytes_as_sent(texts, most):
    acts = [Act(f"n{n:02}@x.org", changes={"first_name": value}) for n, value in enumerate(texts)]
    entries = [Entry(act.email, after=act.changes) for act in acts]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sizing, "IMPORT_MOST_CONTACTS", most)
        patch.setattr(sizing, "IMPORT_MOST_BYTES", 4_096 + 500)
        chunks = [entries[part] for part in cut_import(import_sizes(plan_tables(acts), {}))]
    assert [entry for chunk in chunks for entry in chunk] == entries
    for chunk in chunks:
        assert len(chunk) <= most
        assert len(encode_body(import_body(chunk, ["l" * 36] * 50, {}))) <= 4_096 + 500


def test_a_row_that_is_too_large_stands_alone_and_nothing_is_cut_of_nothing():
    huge = sizing.IMPORT_MOST_BYTES + 1
    assert list(cut_import(np.array([1, huge, 1]))) == [slice(0, 1), slice(1, 2), slice(2, 3)]
    assert list(cut_import(np.zeros(0, np.int64))) == []


def test_imports_stay_under_the_limits_of_the_service():
    assert sizing.IMPORT_MOST_CONTACTS < 39_999
    assert sizing.IMPORT_MOST_BYTES < 4_000_000
    assert routing.IMPORT_LONGEST_ADDRESS == 50
