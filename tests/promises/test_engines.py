"""Promise 7 once more: whoever makes the plan, and in however many parts."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from ctct_etl.config.loading import load_pipeline
from ctct_etl.errors import ConfigError
from ctct_etl.run.state import StateDirectory
from ctct_etl.workflow.opening import opened_account
from tests.promises.nights import night_of, slow
from tests.promises.worlds import LEAVING, World, worlds
from tests.workflow.parts.dividing import assert_same, engine, plan_both_ways

# Both plans of a world cost as much as a night.
few = settings(slow, max_examples=2 if settings.get_current_profile_name() == "sampled" else 200)


@few
@example(LEAVING, 400, 9)
@given(worlds(), st.sampled_from((400, 1_000_000)), st.sampled_from((6, 12)))
def test_the_same_inputs_make_the_same_plan_in_however_many_parts(world: World, block: int, rows: int):
    # What looks at whole columns warns in one process alone, and parts say so.
    checks = {"ambiguous_dates": "off", "swapped_columns": "off"}
    with night_of(replace(world, mapping={**world.mapping, "checks": checks})) as night:
        night.full = True
        context = night.context()
        config = load_pipeline(night.pipeline, None, {})
        state = StateDirectory(context.state)
        with opened_account(context, config.account_name, config.account, state, config.accounts_path) as account:
            try:
                assert_same(*plan_both_ways(context, config, account, {}, engine(block, rows)))
            except ConfigError as error:
                assume("the account has no" not in str(error))
                raise
