"""Wrong options, and accounts that say no."""

from __future__ import annotations

from ctct_etl.config.pipeline import YES_OR_NO, Guards
from tests.cli.wrong.case import Case

RUN = "run F/pipeline.yaml"

CASES = (
    Case(
        "accept: no such guard",
        RUN + " --accept max_update=5",
        2,
        'Error: Invalid value for --accept: there is no guard "max_update". Did you mean "max_updates"?',
        started=True,
    ),
    Case(
        "accept: nothing like a guard",
        RUN + " --accept everything",
        2,
        'Error: Invalid value for --accept: there is no guard "everything". The guards are: '
        f"{', '.join((*Guards.model_fields, *YES_OR_NO))}.",
    ),
    Case(
        "accept: without a limit",
        RUN + " --accept max_updates",
        2,
        "Error: Invalid value for --accept: max_updates: expected a count or a share, such as 500 or 30%",
    ),
    Case(
        "accept: no limit",
        RUN + " --accept max_updates=lots",
        2,
        "Error: Invalid value for --accept: max_updates: expected a count or a share, such as 500 or 30%",
    ),
    Case(
        "accept: less than nothing",
        RUN + " --accept max_updates=-1",
        2,
        "Error: Invalid value for --accept: max_updates: expected a count or a share, such as 500 or 30%",
    ),
    Case(
        "wait: no time",
        RUN + " --wait soon",
        2,
        "Error: Invalid value for --wait: expected a time such as 90s, 30m, 26h or 7d",
    ),
    Case(
        "route: no such way",
        RUN + " --route fastest",
        2,
        "Error: Invalid value for '--route': 'fastest' is not one of 'cheapest', 'single'.",
    ),
    Case(
        "engine: no such one",
        RUN + " --engine dusk",
        2,
        '--engine dusk: there is no such engine — did you mean "dask"? there are: one, dask, dask://HOST:PORT',
    ),
    Case(
        "engine: no address",
        RUN + " --engine dask://scheduler",
        2,
        '--engine dask://scheduler: "scheduler" is no HOST:PORT — say dask://scheduler.local:8786',
    ),
    Case(
        "format: no such form",
        RUN + " --format xml",
        2,
        "Error: Invalid value for '--format': 'xml' is not one of 'text', 'json', 'markdown'.",
    ),
    Case("force does not exist", RUN + " --force", 2, "Error: No such option '--force'. Did you mean '--format'?"),
    Case(
        "preview: no rows",
        "preview F/pipeline.yaml --rows 0",
        2,
        "Error: Invalid value for '--rows': 0 is not in the range x>=1.",
    ),
    Case(
        "schema: no such file",
        "schema pipelines",
        2,
        "Error: Invalid value for '[pipeline|mapping|suite|accounts]': 'pipelines' is not one of 'pipeline', "
        "'mapping', 'suite', 'accounts'.",
    ),
    Case(
        "schema: a file for a folder",
        "schema --out F/members.csv",
        2,
        "Error: Invalid value for '--out': Directory 'F/members.csv' is a file.",
    ),
    Case(
        "pull: no such kind of file",
        "account pull club --accounts F/accounts.yaml --out F/all.xlsx",
        2,
        "all.xlsx: the kind of file is not known — name it .parquet or .csv",
    ),
    Case(
        "pull: a folder that is not there",
        "account pull club --accounts F/accounts.yaml --out F/gone/all.csv",
        1,
        "ctct-etl: F/gone/all.csv: can't be used (No such file or directory) — it is gone or can't be made there: "
        "choose another directory",
    ),
    Case(
        "sandbox: no such port",
        "sandbox serve --port 65536 --state F/club.sqlite",
        2,
        "Error: Invalid value for '--port': 65536 is not in the range 0<=x<=65535.",
    ),
    Case(
        "sandbox: no such seed",
        "sandbox seed --state F/club.sqlite --seed F/gone.jsonl",
        2,
        "Error: Invalid value for '--seed': File 'F/gone.jsonl' does not exist.",
    ),
    Case(
        "sandbox: a seed that is no JSON",
        "sandbox seed --state F/club.sqlite --seed F/members.csv",
        1,
        "ctct-etl: F/members.csv:1: expected value at line 1 column 1 — mend the seed",
        started=True,
    ),
    Case(
        "sandbox: a seed that is no text",
        "sandbox reset --state F/club.sqlite --seed F/seed.jsonl",
        1,
        "ctct-etl: the seed is not UTF-8 (invalid start byte at byte 0) — save it as UTF-8",
        {"seed.jsonl": b"\xff\xfe"},
    ),
    Case(
        "sandbox: a folder for a state",
        "sandbox reset --state F",
        2,
        "Error: Invalid value for '--state': File 'F' is a directory.",
    ),
    Case(
        "an account's own sandbox with a seed that is no JSON",
        RUN,
        1,
        "ctct-etl: F/seed.jsonl:1: EOF while parsing an object at line 2 column 0 — mend the sandbox's seed",
        {"seed.jsonl": "{\n", "accounts.yaml": "accounts:\n  club: {dialect: v3, sandbox: seed.jsonl}\n"},
    ),
    Case(
        "a token that the account refuses",
        RUN,
        1,
        "ctct-etl: the account refuses the access token (HTTP 401) — renew access_token in accounts.yaml",
        environment={"CLUB_TOKEN": "t0ps3cret"},
        started=True,
    ),
    Case(
        "a refused token, found by check",
        "check --online F/pipeline.yaml",
        1,
        "ctct-etl: the account refuses the access token (HTTP 401) — renew access_token in accounts.yaml",
        environment={"CLUB_TOKEN": "t0ps3cret"},
    ),
    Case(
        "a refused token, found by a look",
        "account lists club --accounts F/accounts.yaml",
        1,
        "ctct-etl: the account refuses the access token (HTTP 401) — renew access_token in accounts.yaml",
        environment={"CLUB_TOKEN": "t0ps3cret"},
    ),
)
