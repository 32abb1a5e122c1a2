"""A plan worked out in parts, by workers that each hold one of them: the same stages, and the same plan to the byte.

    files ─▶ pieces ─▶ shares ─▶ parts by address ─▶ desired ─▶ decided ─▶ windows by address ─▶ plan
                                       ▲
    account, memory, suppressed ───────┘

All rows of one address, its contact in the account and all that is remembered of it are in one part, in their order.
So whatever is decided by address is decided in a part as it is decided in the whole. What is counted is added up. What
is about all rows at once is asked before it is too late: see expecting.py.
"""
