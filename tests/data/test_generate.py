"""The sample data is what its generator makes, holds no real person, and is as varied as its README says."""

from __future__ import annotations

import csv
import gzip
import html
import io
import json
import re
import subprocess
import sys
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import openpyxl
import phonenumbers
import pytest

DATA = Path(__file__).parents[2] / "data"
WORKBOOK = "inbox/members-2026-11.xlsx"
DONORS = "exports/donors.csv.gz"
ACCOUNT = "sandbox_account.jsonl"
PLAIN_FILES = ("exports/events-signup.csv", "never_mail.csv", ACCOUNT)
ADDRESS = re.compile(r"[\w.+-]+@+([\w.-]+)")
RESERVED = re.compile(r"(.+\.)?example\.(com|org|net)\.?", re.IGNORECASE)


@pytest.fixture(scope="module")
def made_anew(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("data")
    subprocess.run([sys.executable, "-B", DATA / "generate.py", "--out", out], check=True)
    return out


@pytest.fixture(scope="module")
def book() -> openpyxl.Workbook:
    return openpyxl.load_workbook(DATA / WORKBOOK)


@pytest.fixture(scope="module")
def members(book: openpyxl.Workbook) -> list[tuple[Any, ...]]:
    """The members as the sheet has them, without title, header and blank rows."""
    rows = book["Members"].iter_rows(min_row=4, values_only=True)
    return [row for row in rows if row[0] and row[0].strip()]


@pytest.fixture(scope="module")
def account() -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / ACCOUNT).read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("name", PLAIN_FILES)
def test_the_generator_makes_the_plain_files_of_the_repository_byte_for_byte(name: str, made_anew: Path) -> None:
    assert (made_anew / name).read_bytes() == (DATA / name).read_bytes()


# What is compressed is compared unpacked: builds of zlib differ in how they pack the very same bytes.
def test_the_generator_makes_the_workbook_of_the_repository(made_anew: Path) -> None:
    assert _unpack(made_anew / WORKBOOK) == _unpack(DATA / WORKBOOK)


def test_the_generator_makes_the_donors_of_the_repository(made_anew: Path) -> None:
    assert gzip.decompress((made_anew / DONORS).read_bytes()) == gzip.decompress((DATA / DONORS).read_bytes())


def test_every_address_lies_at_a_domain_reserved_for_examples() -> None:
    texts = [(DATA / name).read_bytes().decode("cp1252" if "events" in name else "utf-8") for name in PLAIN_FILES]
    texts.append(gzip.decompress((DATA / DONORS).read_bytes()).decode())
    texts += [html.unescape(content.decode()) for _, content in _unpack(DATA / WORKBOOK).values()]
    domains = {domain for text in texts for domain in ADDRESS.findall(text)}
    assert len(domains) > 10
    assert {domain for domain in domains if not RESERVED.fullmatch(domain)} == set()


def test_every_telephone_of_the_account_is_kept_for_fiction_and_could_be_dialled(account: list[dict[str, Any]]) -> None:
    numbers = {re.sub(r"\D", "", part["phone_number"]) for line in account for part in line.get("phone_numbers", ())}
    assert len(numbers) > 1000
    assert [number for number in numbers if not re.fullmatch(r"1\d{3}55501\d\d", number)] == []
    assert [number for number in numbers if not phonenumbers.is_valid_number(phonenumbers.parse(f"+{number}"))] == []


def test_the_members_are_about_five_thousand_and_some_come_twice(members: list[tuple[Any, ...]]) -> None:
    times = Counter(row[1].strip().lower() for row in members if row[1] and row[1].count("@") == 1)
    assert 4_900 <= len(members) <= 5_100
    assert 230 <= sum(count == 2 for count in times.values()) <= 350


def test_the_workbook_has_a_merged_title_a_header_on_row_3_and_scattered_blank_rows(book: openpyxl.Workbook) -> None:
    rows = list(book["Members"].iter_rows(values_only=True))
    assert book.sheetnames == ["Members", "Archive"]
    assert [str(area) for area in book["Members"].merged_cells.ranges] == ["A1:T1"]
    assert rows[2][:4] == ("Member No", "E-mail", "First Name", "Last Name")
    assert sum(not any(str(cell or "").strip() for cell in row) for row in rows[3:]) == 10


def test_most_active_members_are_in_the_account_and_some_of_those_left(
    members: list[tuple[Any, ...]], account: list[dict[str, Any]]
) -> None:
    active = {row[1].lower() for row in members if row[15] == "Active" and row[1]}
    contacts = {line["email_address"]["address"].lower(): line for line in account if "email_address" in line}
    known = [contacts[address] for address in active & contacts.keys()]
    permissions = Counter(contact["email_address"].get("permission_to_send") for contact in known)
    assert 7_900 <= len(contacts) <= 8_200
    assert 0.85 < len(known) / len(active) < 0.95
    assert permissions["unsubscribed"] > 80 and permissions["pending_confirmation"] > 20
    assert sum("deleted_at" in contact for contact in known) > 40


def test_the_sandbox_seed_keeps_departed_people_off_every_list(account: list[dict[str, Any]]) -> None:
    gone = [line for line in account if _has_left(line)]
    assert len(gone) > 200
    assert [line for line in gone if line.get("list_memberships")] == []


def test_the_events_export_is_cp1252_with_quoted_line_breaks() -> None:
    raw = (DATA / "exports/events-signup.csv").read_bytes()
    with pytest.raises(UnicodeDecodeError):
        raw.decode("utf-8")
    first, rest = raw.decode("cp1252").split("\r\n", 1)
    rows = list(csv.reader(io.StringIO(rest, newline=""), delimiter=";"))
    assert first == "sep=;"
    assert {len(row) for row in rows} == {8}
    assert sum("\n" in row[-1] for row in rows) > 20


def test_the_files_are_small_enough_to_live_in_the_repository() -> None:
    assert (DATA / WORKBOOK).stat().st_size < 1_000_000
    assert (DATA / ACCOUNT).stat().st_size < 8_000_000


def _unpack(path: Path) -> dict[str, tuple[tuple[int, ...], bytes]]:
    with zipfile.ZipFile(path) as archive:
        return {entry.filename: (entry.date_time, archive.read(entry)) for entry in archive.infolist()}


def _has_left(line: dict[str, Any]) -> bool:
    return "deleted_at" in line or line.get("email_address", {}).get("permission_to_send") == "unsubscribed"
