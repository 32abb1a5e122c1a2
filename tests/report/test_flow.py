from __future__ import annotations

import itertools

import pytest

from ctct_etl.columns import ROW_OUTCOMES
from ctct_etl.report.flow import draw_flow
from ctct_etl.report.shapes import OutcomeCount


def flow_of(**counts: int):
    outcomes = [OutcomeCount(outcome, counts.get(outcome, 0), ()) for outcome in ROW_OUTCOMES]
    return draw_flow(outcomes, sum(counts.values()))


def test_a_source_without_rows_has_no_picture():
    assert flow_of() is None


def test_ribbons_are_as_thick_as_their_share():
    heights = {each.outcome: each.height for each in flow_of(create=25, unchanged=50, rejected=25).ribbons}
    assert heights["unchanged"] == pytest.approx(2 * heights["create"])
    assert heights["create"] == heights["rejected"]


def test_one_row_among_a_million_can_be_seen_and_read():
    ribbons = {each.outcome: each for each in flow_of(unchanged=1_000_000, rejected=1).ribbons}
    assert ribbons["rejected"].height >= 3
    assert ribbons["rejected"].words == "1 rejected"


def test_labels_never_overlap_and_stay_inside():
    flow = flow_of(create=1, update=1, unchanged=9_000, merged=1, skip=1, rejected=1)
    labels = [each.label_y for each in flow.ribbons]
    assert all(after - before >= 16 for before, after in itertools.pairwise(labels))
    assert labels[-1] < flow.height and flow.source_y + flow.source_height <= flow.height


def test_outcomes_without_rows_have_no_ribbon():
    assert [each.outcome for each in flow_of(update=3, skip=1).ribbons] == ["update", "skip"]
