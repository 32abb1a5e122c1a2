"""The names that every table of ctct_etl shares: columns, contact fields, statuses, outcomes and actions.

Each name stands here once. Columns of our own begin with "@", so that they can't meet a column of a
spreadsheet (a source with such a header is refused); contact fields are spelled as the analyst's YAML
spells them. What a field is called on the wire belongs to each dialect.
"""

from __future__ import annotations

from typing import Final

# -- where a row comes from ------------------------------------------------------------------------
ORIGIN_FILE: Final = "@file"  # category: path as the report shows it
ORIGIN_SHEET: Final = "@sheet"  # category: sheet name; "" for a file without sheets
ORIGIN_ROW: Final = "@row"  # int64: the row number that a spreadsheet program shows there, for CSV too
POSITION: Final = "@position"  # int64: position of the row in the whole source, where a part of it is at hand
ORIGIN_COLUMNS: Final = (ORIGIN_FILE, ORIGIN_SHEET, ORIGIN_ROW)

# -- what became of a row --------------------------------------------------------------------------
OUTCOME: Final = "@outcome"  # str, NaN while undecided
REASON: Final = "@reason"  # str, NaN while undecided: a sentence that the analyst understands
CONTACT: Final = "@contact"  # int64: position of the row's contact in the desired table, -1 for none
ORDER: Final = "@order"  # str, ISO 8601: what `dedupe.prefer: newest | oldest` compares; NaN sorts last
OPTED_OUT: Final = "@opted_out"  # bool: the row itself says that this person wants no mail
EVIDENCE_DATE: Final = "@evidence_date"  # str, YYYY-MM-DD, of the consent
EVIDENCE_SOURCE: Final = "@evidence_source"  # str: where the consent was given
RESERVED_COLUMNS: Final = frozenset(
    {*ORIGIN_COLUMNS, POSITION, OUTCOME, REASON, CONTACT, ORDER, OPTED_OUT, EVIDENCE_DATE, EVIDENCE_SOURCE}
)

# -- long tables -----------------------------------------------------------------------------------
ROW: Final = "row"  # int64: position of the row in the rows table
FIELD: Final = "field"  # category: a contact field
BEFORE: Final = "before"  # str: the account's value, "" when it has none
AFTER: Final = "after"  # str: the value that will be sent, "" clears
COLUMN: Final = "column"  # str: the source's column
VALUE: Final = "value"  # str: the source's value
AGREED: Final = "agreed"  # str: what source and account last agreed on, "" where nothing is known
WON_BY: Final = "won_by"  # int64: position in the rows table of the row that won
WON: Final = "won"  # str: what the row that won says
PROBLEM: Final = "problem"  # str: what is wrong, and how to mend it
SEVERITY: Final = "severity"  # category: WARN | REJECT | STOP
WARN: Final = "warn"
REJECT: Final = "reject"
STOP: Final = "stop"
EXPECTATION: Final = "expectation"  # int64: position of the expectation in its suite
KIND: Final = "kind"  # category: LIST | TAG
LIST: Final = "list"
TAG: Final = "tag"
NAME: Final = "name"  # category: name of the list or tag
READD: Final = "readd"  # bool: put on that list again, though the contact left it
CHANGE: Final = "change"  # category: ADD | REMOVE
ADD: Final = "add"
REMOVE_FROM: Final = "remove"

# -- contact fields: canonical, the same whatever the dialect ----------------------------------------
EMAIL: Final = "email"  # str, canonical: trimmed, lower case, IDN domain in its ASCII form
FIRST_NAME: Final = "first_name"
MIDDLE_NAME: Final = "middle_name"
LAST_NAME: Final = "last_name"
JOB_TITLE: Final = "job_title"
COMPANY_NAME: Final = "company_name"
BIRTHDAY: Final = "birthday"  # MM-DD
ANNIVERSARY: Final = "anniversary"  # YYYY-MM-DD
NOTE: Final = "note"

PHONE_KINDS: Final = ("home", "work", "mobile", "other")
ADDRESS_KINDS: Final = ("home", "work", "other")
ADDRESS_PARTS: Final = ("street", "street2", "street3", "city", "state", "postal_code", "country")
PHONE_PREFIX: Final = "phone."
ADDRESS_PREFIX: Final = "address."
CUSTOM_PREFIX: Final = "custom."

PHONE_FIELDS: Final = tuple(f"{PHONE_PREFIX}{kind}" for kind in PHONE_KINDS)
ADDRESS_FIELDS: Final = tuple(f"{ADDRESS_PREFIX}{kind}.{part}" for kind in ADDRESS_KINDS for part in ADDRESS_PARTS)
NAME_FIELDS: Final = (FIRST_NAME, MIDDLE_NAME, LAST_NAME, JOB_TITLE, COMPANY_NAME)
DATE_FIELDS: Final = (BIRTHDAY, ANNIVERSARY)
# Every writable field apart from the open family `custom.<label>`.
CONTACT_FIELDS: Final = (EMAIL, *NAME_FIELDS, *DATE_FIELDS, *PHONE_FIELDS, *ADDRESS_FIELDS, NOTE)
ONLY_V1: Final = frozenset({MIDDLE_NAME, NOTE, *(f for f in ADDRESS_FIELDS if f.endswith((".street2", ".street3")))})
ONLY_V3: Final = frozenset(
    {
        *DATE_FIELDS,
        f"{PHONE_PREFIX}mobile",
        f"{PHONE_PREFIX}other",
        *(f for f in ADDRESS_FIELDS if not f.startswith(f"{ADDRESS_PREFIX}home.")),
    }
)
V1_FIELDS: Final = frozenset(CONTACT_FIELDS) - ONLY_V3
V3_FIELDS: Final = frozenset(CONTACT_FIELDS) - ONLY_V1

# -- what the account knows of a contact and no mapping may write ------------------------------------
CONTACT_ID: Final = "contact_id"
STATUS: Final = "status"
CREATED_AT: Final = "created_at"
UPDATED_AT: Final = "updated_at"
DELETED_AT: Final = "deleted_at"
DELETED_STATUS: Final = "deleted_status"  # str: what STATUS would be, were the contact not deleted; "" where it is not
OPT_IN_SOURCE: Final = "opt_in.source"
OPT_IN_DATE: Final = "opt_in.date"
OPT_OUT_SOURCE: Final = "opt_out.source"
OPT_OUT_DATE: Final = "opt_out.date"
READ_ONLY_FIELDS: Final = (
    CONTACT_ID, STATUS, CREATED_AT, UPDATED_AT, DELETED_AT, DELETED_STATUS, OPT_IN_SOURCE, OPT_IN_DATE, OPT_OUT_SOURCE,
    OPT_OUT_DATE,
)  # fmt: skip

# Values of STATUS, canonical: v3's permission_to_send, or DELETED (v3 has no status of its own: fact sheet 3.2).
IMPLICIT: Final = "implicit"
EXPLICIT: Final = "explicit"
PENDING: Final = "pending_confirmation"
UNSUBSCRIBED: Final = "unsubscribed"
NOT_SET: Final = "not_set"
TEMP_HOLD: Final = "temp_hold"
DELETED: Final = "deleted"
UNREADABLE: Final = "unreadable"  # ours: the account has it, and tells of it in a document that nobody understands
# May have fields changed, but is put on no list and keeps its permission as it is (design 5).
FIELDS_ONLY_STATUSES: Final = (PENDING, TEMP_HOLD, NOT_SET)

# -- outcomes of rows, actions of contacts -----------------------------------------------------------
REJECTED: Final = "rejected"
MERGED: Final = "merged"
CREATE: Final = "create"
UPDATE: Final = "update"
REMOVE: Final = "remove"
UNCHANGED: Final = "unchanged"
SKIP: Final = "skip"
ACTIONS: Final = (CREATE, UPDATE, REMOVE, UNCHANGED, SKIP)
WRITING_ACTIONS: Final = (CREATE, UPDATE, REMOVE)
ROW_OUTCOMES: Final = (REJECTED, MERGED, UNCHANGED, SKIP, CREATE, UPDATE)

# -- what an update rests on, besides what it changes: where the contact is -----------------------------
IF_IN_NO_LIST: Final = "if_in_no_list"
IF_IN: Final = "if_in"
IF_NOT_IN: Final = "if_not_in"

# -- results of actions after an apply ---------------------------------------------------------------
DONE: Final = "done"
CONFLICT: Final = "conflict"
FAILED: Final = "failed"
PENDING_RESULT: Final = "pending"
RESULTS: Final = (DONE, CONFLICT, FAILED, PENDING_RESULT)
RESULT: Final = "result"  # str: one of RESULTS
WORDS: Final = "words"  # str: the service's own words, or what moved; "" for done

# -- keys of plan.json that are read without the rest of it --------------------------------------------
REVERTS: Final = "reverts"  # the run that the plan takes back, "" for none
COMMAND: Final = "command"  # what the plan was made by, one of these
RUN_COMMAND: Final = "run"
DRY_RUN_COMMAND: Final = "dry_run"
PLAN_COMMAND: Final = "plan"
REVERT_COMMAND: Final = "revert"

# -- refusals that the state remembers ---------------------------------------------------------------
CONTENT: Final = "content"  # uint64: a key of what was to be sent
AT: Final = "at"  # str, ISO 8601, UTC: when
UNTIL: Final = "until"  # str, ISO 8601, UTC: how long it holds


def is_custom(field: str) -> bool:
    return field.startswith(CUSTOM_PREFIX)


def custom_label(field: str) -> str:
    """The account's label of a field `custom.<label>`."""
    return field.removeprefix(CUSTOM_PREFIX)


def is_contact_field(field: str) -> bool:
    return field in CONTACT_FIELDS or (is_custom(field) and len(field) > len(CUSTOM_PREFIX))
