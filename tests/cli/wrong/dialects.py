"""Configs that ask an account of dialect v1 for what it does not have: all end with 2, before anything is sent."""

from __future__ import annotations

from tests.cli.club import MAPPING, PIPELINE
from tests.cli.wrong.case import Case

ACCOUNTS = """\
accounts:
  club: {dialect: v1, username: sandbox, api_key: sandbox-key, password: sandbox, base_url: "http://127.0.0.1:1/ws",
    custom_fields: {Level: 1}}
"""


def v1(name: str, told: str, words: str = "check F/pipeline.yaml", **files: str) -> Case:
    written = {f"{file}.yaml": text for file, text in {"accounts": ACCOUNTS, **files}.items()}
    return Case(name, words, 2, told, written)


def field(line: str) -> str:
    """The mapping with one more field."""
    return MAPPING.replace("lists:", f"  {line}\nlists:")


CASES = (
    v1(
        "v1 without a password",
        'F/accounts.yaml:2:3: the account "club" has neither password nor access_token — write '
        "`password: ${NAME}`, of the user, or `access_token: ${NAME}`",
        accounts="accounts:\n  club: {dialect: v1, username: club, api_key: k}\n",
    ),
    v1(
        "a phone that v1 does not have",
        'F/mapping.yaml:5:3: the account\'s dialect has no field "phone.mobile" — remove it, or use a custom field '
        "(custom.<label>)",
        mapping=field("phone.mobile: Last Name"),
    ),
    v1(
        "an address that v1 does not have",
        'F/mapping.yaml:5:3: the account\'s dialect has no field "address.work.city" — remove it, or use a custom '
        "field (custom.<label>)",
        mapping=field("address.work.city: Last Name"),
    ),
    v1(
        "a date in v1",
        'F/mapping.yaml:5:3: the account\'s dialect has no field "birthday" — remove it, or use a custom field '
        "(custom.<label>)",
        mapping=field("birthday: {column: Last Name, format: '%m-%d'}"),
    ),
    v1(
        "a custom field without a number",
        'F/mapping.yaml:5:3: the account "club" has no number for the custom field "Levle" — did you mean "Level"? '
        "write `custom_fields: {Levle: NUMBER}` at the account, 1 to 15, as the service numbers it",
        mapping=field("custom.Levle: Last Name"),
    ),
    v1(
        "tags in v1",
        "F/mapping.yaml:6:1: dialect v1 has no tags — remove it, or use a list or a custom field",
        mapping=MAPPING + "tags: [spring]\n",
    ),
    v1(
        "a custom field to be made in v1",
        "F/pipeline.yaml:5:25: dialect v1 makes no custom fields: it has fifteen, by number — remove it, and give the "
        "field its number under custom_fields of the account",
        pipeline=PIPELINE + "create_missing: [lists, custom_fields]\n",
    ),
    v1(
        "a permission that v1 does not know",
        "F/pipeline.yaml:5:23: dialect v1 knows no explicit permission — remove it, or write `opt_in_source: contact`: "
        "who asked for it is all that v1 is told",
        pipeline=PIPELINE + "consent: {permission: explicit, evidence: {date: E-mail, source: E-mail}}\n",
    ),
    v1(
        "a revival in v1",
        "F/pipeline.yaml:5:21: dialect v1 brings nobody back — remove it: in v1 nobody is deleted, and who opted out "
        "comes back by their own act alone",
        pipeline=PIPELINE
        + "existing: {deleted: revive_with_evidence}\nconsent: {evidence: {date: E-mail, source: E-mail}}\n",
    ),
    v1(
        "a login to v1",
        'the account "club" is of dialect v1, and needs no login — accounts.yaml has its password',
        words="account login club --accounts F/accounts.yaml",
    ),
)
