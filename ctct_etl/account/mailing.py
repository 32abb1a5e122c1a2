"""Which mails the service may send because of a plan: to people who asked to be put on lists. Of every dialect; pure.

An update sends none.
"""

from __future__ import annotations

from ctct_etl.columns import ADD, CHANGE, CONTACT, CREATE, KIND, LIST, NAME, OPT_IN_SOURCE
from ctct_etl.plan.tables import ACTION, PlanTables


def count_mails(tables: PlanTables, *, by_account_too: bool = False) -> tuple[dict[str, int], dict[str, int]]:
    """Return `mails` and `welcome_by_list` of a forecast (account/dialect.py).

    by_account_too: whom the account itself adds may be welcomed as well.
    """
    actions, rows = tables.actions, tables.memberships
    creates = (actions[ACTION] == CREATE).to_numpy()
    asked = creates & (actions[OPT_IN_SOURCE] == "contact").to_numpy()
    welcomed = creates if by_account_too else asked
    adds = ((rows[KIND] == LIST) & (rows[CHANGE] == ADD)).to_numpy()
    lists = rows[adds & welcomed[rows[CONTACT].to_numpy()]]
    by_list = {str(name): int(count) for name, count in sorted(lists[NAME].value_counts().items()) if count}
    return {"confirmation": int(asked.sum()), "welcome": int(lists[CONTACT].nunique())}, by_list
