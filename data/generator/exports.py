"""Exports of other programs: the shop's list of event guests and the bank's list of donors."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

from .dice import Dice
from .people import Person
from .pools import ROLES

EVENTS = ("Autumn fair", "Harvest walk", "Book evening", "Lake trip", "Members' supper")
REMARKS = (
    "",
    "",
    "",
    "vegetarian",
    "brings a guest;\nneeds a chair",
    "arrives late,\r\nkeep a seat",
    'calls it "our" walk',
)


def write_events(path: Path, dice: Dice, people: list[Person]) -> None:
    """As an older Excel writes it: cp1252, semicolons, a `sep=` line first, line breaks inside quotes."""
    text = io.StringIO(newline="")
    text.write("sep=;\r\n")
    rows = csv.writer(text, delimiter=";", lineterminator="\r\n")
    rows.writerow(["Teilnehmer-Nr.", "Vorname", "Nachname", "E-Mail", "Telefon", "Veranstaltung", "Datum", "Bemerkung"])
    for number, person in enumerate((p for p in people if _fits_cp1252(p)), start=1):
        day = dice.day("2026-09-01", "2026-11-15").strftime("%d.%m.%Y")
        area, prefix, line = person.phone[:3], person.phone[3:6], person.phone[6:]
        phone = "" if dice.chance(0.1) else f"{area}-{prefix}-{line}"
        event, remark = dice.pick(EVENTS), dice.pick(REMARKS)
        rows.writerow([f"{number:04d}", person.first, person.last, person.address, phone, event, day, remark])
    path.write_bytes(text.getvalue().encode("cp1252"))


def write_donors(path: Path, dice: Dice, people: list[Person]) -> None:
    """As the bank's web page gives it: UTF-8 with a byte order mark, commas, compressed."""
    text = io.StringIO(newline="")
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["email_address", "donor", "employer_role", "total_usd", "last_gift", "postcode", "country_code"])
    for person in people:
        total = f"{dice.number(5, 2500)}.{dice.pick(('00', '50', '25'))}"
        gift = dice.day("2024-01-01", "2026-11-01").isoformat()
        role = dice.pick(ROLES) if dice.chance(0.5) else "NA"
        donor, home = f"{person.last}, {person.first}", person.home
        rows.writerow([person.address, donor, role, total, gift, home.zip, home.country])
    path.write_bytes(gzip.compress(text.getvalue().encode("utf-8-sig"), mtime=0))


def write_never_mail(path: Path, addresses: list[str]) -> None:
    path.write_text("".join(f"{line}\n" for line in ["email", *addresses]), encoding="utf-8")


def _fits_cp1252(person: Person) -> bool:
    try:
        person.name.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True
