"""Which mails the service may send because of a plan: to people who asked to be put on lists. Of every dialect; pure.

An update sends none.
"""

from __future__ import annotations

from collections import Counter

from ctct_etl.columns import ADD, CHANGE, CONTACT, CREATE, KIND, LIST, NAME, OPT_IN_SOURCE
from ctct_etl.plan.tables import ACTION, PlanTables


class Mails:
    """Counts them, window by window of a plan. counts, by_list: `mails` and `welcome_by_list` of a forecast
    (account/dialect.py). by_account_too: whom the account itself adds may be welcomed as well.
    """

    def __init__(self, *, by_account_too: bool = False) -> None:
        self._by_account_too = by_account_too
        self.counts = {"confirmation": 0, "welcome": 0}
        self._by_list: Counter[str] = Counter()

    @property
    def by_list(self) -> dict[str, int]:
        return dict(sorted(self._by_list.items()))

    def add(self, window: PlanTables) -> None:
        actions, rows = window.actions, window.memberships
        creates = (actions[ACTION] == CREATE).to_numpy()
        asked = creates & (actions[OPT_IN_SOURCE] == "contact").to_numpy()
        welcomed = creates if self._by_account_too else asked
        adds = ((rows[KIND] == LIST) & (rows[CHANGE] == ADD)).to_numpy()
        lists = rows[adds & welcomed[rows[CONTACT].to_numpy()]]
        self.counts["confirmation"] += int(asked.sum())
        self.counts["welcome"] += int(lists[CONTACT].nunique())
        self._by_list.update({str(name): int(n) for name, n in lists[NAME].value_counts().items() if n})
