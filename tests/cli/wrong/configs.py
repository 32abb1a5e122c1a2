"""Wrong pipelines, mappings and accounts files: all end with 2, before anything is sent."""

from __future__ import annotations

from tests.cli.club import ACCOUNTS, MAPPING, PIPELINE
from tests.cli.wrong.case import Case


def pipeline(name: str, told: str, text: str | bytes | None, words: str = "run F/pipeline.yaml", **more: bool) -> Case:
    return Case(name, words, 2, told, {"pipeline.yaml": text}, **more)


def mapping(name: str, told: str, text: str | None, words: str = "run F/pipeline.yaml") -> Case:
    return Case(name, words, 2, told, {"mapping.yaml": text})


def accounts(name: str, told: str, text: str | None) -> Case:
    return Case(name, "run F/pipeline.yaml", 2, told, {"accounts.yaml": text})


def field(line: str) -> str:
    """The mapping with one more field."""
    return MAPPING.replace("lists:", f"  {line}\nlists:")


CASES = (
    pipeline("no pipeline", "F/pipeline.yaml:1:1: the file can't be read — mend its path", None, started=True),
    Case("a folder for a pipeline", "run F", 2, "F:1:1: the file can't be read — mend its path"),
    pipeline(
        "an empty pipeline",
        "F/pipeline.yaml:1:1: the file is empty — write its keys, or take them from the example",
        "",
    ),
    pipeline(
        "a pipeline that is no text",
        "F/pipeline.yaml:1:1: the file is not UTF-8 here — save it as UTF-8",
        b"\xff\xfe\x00",
    ),
    pipeline(
        "a pipeline that is no YAML",
        "F/pipeline.yaml:2:1: this is not valid YAML — look at quotes, colons and indent; quote a value that holds "
        "`: ` or ` #`, or begins with one of * & ! % @ ` [ { | >",
        "name: [\n",
        started=True,
    ),
    pipeline(
        "a pipeline that is a list",
        "F/pipeline.yaml:1:1: the file does not hold keys and values — begin with `key: value`",
        "- name\n",
    ),
    pipeline(
        "a tag that would make an object",
        "F/pipeline.yaml:5:9: the tag !!python/object:os.system is not allowed — remove it: every value is plain text",
        PIPELINE + "guards: !!python/object:os.system {}\n",
    ),
    pipeline(
        "an unknown key",
        'F/pipeline.yaml:5:1: unknown key "suppres" — did you mean "suppress"?',
        PIPELINE + "suppres: [never.csv]\n",
    ),
    pipeline(
        "a key given twice",
        'F/pipeline.yaml:5:1: key "name" is given twice (first on line 1) — remove one of the two',
        PIPELINE + "name: again\n",
    ),
    pipeline(
        "a guard that is no limit",
        'F/pipeline.yaml:5:23: "max_updates" is not understood — expected a count or a share, such as 500 or 30%',
        PIPELINE + "guards: {max_updates: lots}\n",
    ),
    pipeline(
        "a guard that does not exist",
        'F/pipeline.yaml:5:10: unknown key "max_update" — did you mean "max_updates"?',
        PIPELINE + "guards: {max_update: 5}\n",
    ),
    pipeline(
        "a choice that does not exist",
        'F/pipeline.yaml:5:20: "sometimes" is no value of "update" — it can be: always, never, if_in_no_list, '
        "{if_in: [LIST]}, {if_not_in: [LIST]}",
        PIPELINE + "existing: {update: sometimes}\n",
    ),
    pipeline(
        "no source",
        'F/pipeline.yaml:1:1: the key "source" is missing — write `source: ...`',
        PIPELINE.replace("source: {path: members.csv}\n", ""),
    ),
    pipeline(
        "a source without TLS",
        'F/pipeline.yaml:3:16: "path" is not understood — expected https://: http:// sends people\'s data as '
        "everyone can read it",
        PIPELINE.replace("members.csv", '"http://example.com/members.csv"'),
    ),
    pipeline(
        "a source on a service not built yet",
        "F/pipeline.yaml:3:16: this kind of address is not built yet — give a file, a glob or an https:// address",
        PIPELINE.replace("members.csv", '"s3://club/members.csv"'),
    ),
    pipeline(
        "a part not built yet",
        "F/pipeline.yaml:3:16: this kind of address is not built yet — give a file, a glob or an https:// address",
        PIPELINE.replace("members.csv", "s3://club/members.csv"),
    ),
    pipeline(
        "a managed list that the account does not have",
        'F/pipeline.yaml:6:17: the account has no list "Newsleter" — did you mean "Newsletter"? make it in the '
        "account; it has: Newsletter",
        PIPELINE + "absent: {action: remove_from_lists}\nmanaged_lists: [Newsleter]\n",
    ),
    pipeline(
        "an account that is not there",
        'F/pipeline.yaml:2:10: F/accounts.yaml has no account "clbu" — did you mean "club"?',
        PIPELINE.replace("account: club", "account: clbu"),
    ),
    pipeline(
        "a mapping that is not there",
        "F/pipeline.yaml:4:10: the mapping maping.yaml can't be read — mend the path: it is relative to this file",
        PIPELINE.replace("mapping.yaml", "maping.yaml"),
    ),
    pipeline(
        "a suppress file that is not there",
        "F/pipeline.yaml:5:12: there is no file never.csv — mend the path: a missing suppress file is never taken "
        "for an empty one",
        PIPELINE + "suppress: [never.csv]\n",
    ),
    pipeline(
        "a missing suppress file, found by check",
        "F/pipeline.yaml:5:12: there is no file never.csv — mend the path: a missing suppress file is never taken "
        "for an empty one",
        PIPELINE + "suppress: [never.csv]\n",
        "check F/pipeline.yaml",
    ),
    pipeline(
        "evidence without its column",
        'F/pipeline.yaml:5:28: the source has no column "Signed up" — it has: E-mail, First Name, Last Name',
        PIPELINE + "consent: {evidence: {date: Signed up, source: Form}}\n",
    ),
    pipeline(
        "a rule on a list that the account lacks",
        'F/pipeline.yaml:5:29: the account has no list "Board" — make it in the account; it has: Newsletter',
        PIPELINE + "existing: {update: {if_in: [Board]}}\n",
    ),
    mapping(
        "a field that does not exist",
        'F/mapping.yaml:3:3: unknown contact field "frist_name" — did you mean "first_name"?',
        MAPPING.replace("first_name", "frist_name"),
    ),
    mapping(
        "a field of the other dialect",
        'F/mapping.yaml:5:3: the account\'s dialect has no field "middle_name" — remove it, or use a custom field '
        "(custom.<label>)",
        field("middle_name: First Name"),
    ),
    mapping(
        "a field that can only be read",
        'F/mapping.yaml:5:3: "status" is read-only — remove it: the service alone sets it',
        field("status: First Name"),
    ),
    mapping(
        "no address",
        'F/mapping.yaml:1:1: the field "email" is missing — write `email: COLUMN`: the address is what tells '
        "contacts apart",
        MAPPING.replace("  email: E-mail\n", ""),
    ),
    mapping(
        "a transform that does not exist",
        'F/mapping.yaml:5:46: "titel_case" is no value of "transform" — did you mean title_case?',
        field("job_title: {column: Last Name, transform: [titel_case]}"),
    ),
    mapping(
        "a date format that is none",
        'F/mapping.yaml:5:56: "format" is not understood — expected a date format such as %d/%m/%Y (directives as in '
        "strptime)",
        field("anniversary: {column: Last Name, type: date, format: DD/MM}"),
    ),
    mapping(
        "a country that has no phones",
        'F/mapping.yaml:5:56: "region" is not understood — expected a country as two capital letters (ISO 3166), '
        "such as US or GB",
        field("phone.home: {column: Last Name, type: phone, region: UK}"),
    ),
    mapping(
        "a pattern that can't be run",
        'F/mapping.yaml:6:54: "matches" is not understood — expected a regular expression in RE2 syntax (no '
        "look-ahead, no back-references)",
        MAPPING + 'tags: [{tag: vip, when: {column: Last Name, matches: "(?=x)"}}]\n',
    ),
    mapping(
        "a column that the source lacks",
        'F/mapping.yaml:3:15: the source has no column "Frist Name" — did you mean "First Name"? it has: E-mail, '
        "First Name, Last Name",
        MAPPING.replace("First Name", "Frist Name"),
    ),
    mapping(
        "a missing column, found by check",
        'F/mapping.yaml:3:15: the source has no column "Frist Name" — did you mean "First Name"? it has: E-mail, '
        "First Name, Last Name",
        MAPPING.replace("First Name", "Frist Name"),
        "check F/pipeline.yaml",
    ),
    mapping(
        "a missing column, found by preview",
        'F/mapping.yaml:3:15: the source has no column "Frist Name" — did you mean "First Name"? it has: E-mail, '
        "First Name, Last Name",
        MAPPING.replace("First Name", "Frist Name"),
        "preview F/pipeline.yaml",
    ),
    mapping(
        "a template's column that the source lacks",
        'F/mapping.yaml:5:28: the source has no column "Surname" — did you mean "Last Name"? it has: E-mail, First '
        "Name, Last Name",
        field('company_name: {template: "{First Name} {Surname}"}'),
    ),
    mapping(
        "a list that the account lacks",
        'F/mapping.yaml:5:9: the account has no list "News Letter" — did you mean "Newsletter"? make it in the '
        "account, or allow it by create_missing: [lists]; it has: Newsletter",
        MAPPING.replace("Newsletter", "News Letter"),
    ),
    mapping(
        "a missing list, found by check --online",
        'F/mapping.yaml:5:9: the account has no list "News Letter" — did you mean "Newsletter"? make it in the '
        "account, or allow it by create_missing: [lists]; it has: Newsletter",
        MAPPING.replace("Newsletter", "News Letter"),
        "check --online F/pipeline.yaml",
    ),
    mapping(
        "a list in a cell that the account lacks",
        'F/mapping.yaml:5:9: the account has no list "Lee" (named by column "Last Name", members.csv, row 2) — make '
        "it in the account, or allow it by create_missing: [lists]; it has: Newsletter",
        MAPPING.replace("[Newsletter]", "[{column: Last Name}]"),
    ),
    mapping(
        "a tag that the account lacks",
        'F/mapping.yaml:6:8: the account has no tag "vip" — make it in the account, or allow it by create_missing: '
        "[tags]; it has no tags",
        MAPPING + "tags: [vip]\n",
    ),
    mapping(
        "a custom field that the account lacks",
        'F/mapping.yaml:5:17: the account has no custom field "Levle" — did you mean "Level"? make it in the '
        "account, or allow it by create_missing: [custom_fields]; it has: Level",
        field("custom.Levle: Last Name"),
    ),
    accounts(
        "no accounts file",
        "F/pipeline.yaml:2:10: accounts.yaml can't be read — pass --accounts FILE, or write configs/accounts.yaml "
        "beside the pipeline's folder",
        None,
    ),
    accounts(
        "an accounts file without accounts",
        'F/accounts.yaml:1:1: unknown key "acounts" — did you mean "accounts"?',
        "acounts: {}\n",
    ),
    accounts(
        "an unknown key of an account",
        'F/accounts.yaml:2:47: unknown key "acces_token" — did you mean "access_token"?',
        ACCOUNTS.replace("access_token:", "acces_token:"),
    ),
    accounts(
        "a dialect that does not exist",
        'F/accounts.yaml:2:19: "v2" is no value of "dialect" — it can be: v3, v1',
        ACCOUNTS.replace("v3", "v2"),
    ),
    accounts(
        "a seed that is not there",
        "F/accounts.yaml:2:32: there is no file gone.jsonl — mend the path of the seed: it is relative to this file",
        "accounts:\n  club: {dialect: v3, sandbox: gone.jsonl}\n",
    ),
    accounts(
        "a secret where a number should be",
        'F/accounts.yaml:3:26: "requests_per_second" is not understood — expected a number greater than 0, such as 4 '
        "or 0.5",
        ACCOUNTS.replace("1000", "t0ps3cret"),
    ),
    Case(
        "a token that is not set",
        "run F/pipeline.yaml",
        2,
        "F/accounts.yaml:2:61: the environment variable CLUB_TOKN is not set — set it, or write ${CLUB_TOKN:-default}",
        {"accounts.yaml": ACCOUNTS.replace("CLUB_TOKEN", "CLUB_TOKN")},
        started=True,
    ),
    Case(
        "a token that is empty",
        "run F/pipeline.yaml",
        2,
        'F/accounts.yaml:2:78: the account "club" has a base_url of its own, and neither access_token nor auth_url — '
        "give auth_url, where tokens for it are made: those of the service must not go there",
        environment={"CLUB_TOKEN": ""},
    ),
    Case(
        "an account without TLS",
        "run F/pipeline.yaml",
        2,
        'F/accounts.yaml:2:88: "base_url" is not understood — expected an address that begins with https://, or '
        "http://127.0.0.1 for this machine",
        environment={"CLUB_URL": "http://example.com/v3"},
    ),
    Case(
        "--accounts that is not there",
        "run F/pipeline.yaml --accounts F/gone.yaml",
        2,
        "F/pipeline.yaml:2:10: F/gone.yaml can't be read — pass --accounts FILE, or write configs/accounts.yaml "
        "beside the pipeline's folder",
    ),
    Case(
        "account: a file that is not there",
        "account lists club --accounts F/gone.yaml",
        2,
        "F/gone.yaml can't be read — pass --accounts FILE, or go to the configs' folder",
    ),
    Case(
        "account: a folder",
        "account lists club --accounts F",
        2,
        "F can't be read — pass --accounts FILE, or go to the configs' folder",
    ),
    Case(
        "account: a name that is not there",
        "account lists clubb --accounts F/accounts.yaml",
        2,
        'F/accounts.yaml has no account "clubb" — did you mean "club"?',
    ),
)
