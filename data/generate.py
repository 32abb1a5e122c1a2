"""Make the sample data: `python data/generate.py [--out DIR]`. The same seed gives the same files, byte for byte.

Needs openpyxl, which is among the test dependencies. The files themselves are in the repository, so nobody has to
run this but the person who changes it.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from generator.account import AMBIGUOUS, describe_account, write_line
from generator.dice import Dice
from generator.exports import write_donors, write_events, write_never_mail
from generator.people import make_people
from generator.sheet import enrol, write_archive, write_members
from generator.workbook import write_workbook

SEED = "riverside-2026-11"
MEMBERS, OTHERS, LEFT = 4_720, 3_700, 300


def generate(out: Path) -> None:
    """Write every file of the sample data under `out`."""
    members = make_people(Dice(f"{SEED}/members"), MEMBERS, 1_001)
    members[777] = replace(members[777], address=AMBIGUOUS)
    others = make_people(Dice(f"{SEED}/others"), OTHERS, 20_001)
    left = make_people(Dice(f"{SEED}/left"), LEFT, 40_001)
    memberships = enrol(Dice(f"{SEED}/memberships"), members)
    for folder in ("inbox", "exports"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    sheets = {
        "Members": write_members(Dice(f"{SEED}/sheet"), members, memberships),
        "Archive": write_archive(Dice(f"{SEED}/archive"), left),
    }
    write_workbook(out / "inbox" / "members-2026-11.xlsx", sheets)
    guests = members[40:400:2] + others[:220]
    write_events(out / "exports" / "events-signup.csv", Dice(f"{SEED}/events"), guests)
    write_donors(out / "exports" / "donors.csv.gz", Dice(f"{SEED}/donors"), members[:200:3] + others[500:760])
    never = [person.address for person in members[100:1800:100] + others[50:450:50]]
    write_never_mail(out / "never_mail.csv", never)
    account = describe_account(Dice(f"{SEED}/account"), members, memberships, others)
    seed = "".join(map(write_line, account))
    (out / "sandbox_account.jsonl").write_text(seed, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    generate(parser.parse_args().out)
