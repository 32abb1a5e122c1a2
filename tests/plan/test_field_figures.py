from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict

from ctct_etl.plan.field_figures import FieldFigures


def test_they_come_back_from_the_json_in_which_the_state_keeps_them():
    figures = FieldFigures(contacts=3, matched=2, blank={"first_name": 1}, changed={"first_name": 2})
    assert FieldFigures(**json.loads(json.dumps(asdict(figures)))) == figures


def test_they_are_read_without_any_library_of_tables():
    program = "import sys, ctct_etl.plan.field_figures; print([m for m in ('pandas', 'numpy') if m in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
