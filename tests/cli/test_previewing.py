"""`check`, `preview` and `schema`: what is said before any account is asked, or with a look at it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.cli.club import MAPPING, PIPELINE, Club
from tests.cli.program import Said, run, run_here


def checked(club: Club, *words: object) -> Said:
    return run_here("check", club.pipeline, *words, "--state-dir", club.state, environment=club.environment)


# -- check ---------------------------------------------------------------------------------------------------


def test_sound_files_end_with_0_and_ask_nobody(club: Club) -> None:
    said = run("check", club.pipeline, "--state-dir", club.state, environment=club.environment)
    assert (said.code, said.out, said.err) == (0, "1 pipeline checked, no problem found\n", "")
    assert club.ask("requests") == []


def test_a_check_loads_neither_tables_nor_what_talks_to_an_account(club: Club) -> None:
    program = """
import sys
from ctct_etl.cli import main
main(sys.argv[1:], standalone_mode=False)
print([name for name in ("pandas", "numpy", "pyarrow", "requests", "flask", "sqlite3") if name in sys.modules])
"""
    words = [sys.executable, "-c", program, "check", str(club.pipeline), "--state-dir", str(club.state)]
    environment = {**os.environ, **club.environment}
    said = subprocess.run(words, capture_output=True, text=True, check=True, env=environment)
    assert said.stdout.splitlines() == ["1 pipeline checked, no problem found", "[]"]


def test_what_the_account_lacks_is_found_online_alone(club: Club) -> None:
    club.write(mapping=MAPPING.replace("[Newsletter]", "[Newsletter, Choir]"))
    assert checked(club).code == 0
    online = checked(club, "--online")
    assert (online.code, online.err) == (2, "")
    assert online.out == (
        f'{club.folder}/mapping.yaml:5:21: the account has no list "Choir" — make it in the account, or allow it by '
        "create_missing: [lists]; it has: Newsletter\n"
    )
    assert club.writes() == []


def test_all_problems_of_configs_source_and_account_are_told_at_once_in_the_order_of_their_places(club: Club) -> None:
    club.write(mapping=MAPPING.replace("First Name", "Fist Name").replace("Newsletter", "Newsleter"))
    lines = checked(club, "--online").out.splitlines()
    assert [line.replace(f"{club.folder}/", "").partition(" — ")[0] for line in lines] == [
        'mapping.yaml:3:15: the source has no column "Fist Name"',
        'mapping.yaml:5:9: the account has no list "Newsleter"',
    ]
    assert all("did you mean" in line for line in lines)


def test_problems_for_machines_have_their_parts_apart(club: Club) -> None:
    club.write(mapping=MAPPING.replace("First Name", "Fist Name"))
    said = checked(club, "--format", "json")
    assert said.code == 2
    assert json.loads(said.out) == [{
        "file": f"{club.folder}/mapping.yaml", "line": 3, "column": 15, "what": 'the source has no column "Fist Name"',
        "cure": 'did you mean "First Name"? it has: E-mail, First Name, Last Name',
    }]  # fmt: skip
    club.write(mapping=MAPPING)
    assert json.loads(checked(club, "--format", "json").out) == []


def test_several_pipelines_are_checked_together_and_what_they_share_is_told_once(club: Club) -> None:
    (club.folder / "second.yaml").write_text(PIPELINE.replace("name: members", "name: second"), "utf-8")
    assert checked(club, club.folder / "second.yaml").out == "2 pipelines checked, no problem found\n"
    club.write(mapping=MAPPING.replace("First Name", "Fist Name"))
    assert len(checked(club, club.folder / "second.yaml").out.splitlines()) == 1


# -- preview -------------------------------------------------------------------------------------------------


def test_a_preview_shows_contacts_and_rejects_and_needs_no_account(club: Club) -> None:
    said = run("preview", club.pipeline, "--state-dir", club.state, environment=club.environment)
    assert (said.code, said.err) == (0, "")
    assert "4 rows, 1 rejected" in said.out
    for shown in ("ann@example.com", "Stone", "Park", '"nobody" is not an e-mail address'):
        assert shown in said.out
    assert club.ask("requests") == [] and not club.state.exists()


def test_a_preview_shows_as_many_contacts_as_are_asked_for(club: Club) -> None:
    said = run_here("preview", club.pipeline, "--rows", 1, environment=club.environment)
    assert "ann@example.com" in said.out and "bob@example.com" not in said.out


def test_a_preview_for_machines_is_one_json_document(club: Club) -> None:
    said = run_here("preview", club.pipeline, "--format", "json", environment=club.environment)
    preview = json.loads(said.out)
    assert (preview["counts"]["rows"], preview["counts"]["rejected"], preview["counts"]["contacts"]) == (4, 1, 3)
    assert not said.out.endswith("\n\n")


# -- schema --------------------------------------------------------------------------------------------------


def test_the_schemas_are_printed_all_or_one(club: Club) -> None:
    said = run("schema")
    assert (said.code, said.err) == (0, "")
    schemas = json.loads(said.out)
    assert schemas.keys() == {"pipeline", "mapping", "suite", "accounts"}
    assert json.loads(run_here("schema", "mapping").out) == schemas["mapping"]


def test_the_schemas_are_written_into_a_folder_that_is_made(tmp_path: Path) -> None:
    said = run_here("schema", "--out", tmp_path / "new" / "schemas")
    assert said.out.splitlines() == [
        str(tmp_path / "new" / "schemas" / f"{name}.json") for name in ("pipeline", "mapping", "suite", "accounts")
    ]
    for line in said.out.splitlines():
        assert json.loads(Path(line).read_text("utf-8"))["type"] == "object"
