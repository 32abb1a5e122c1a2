"""The account as last night left it: most members are in it as they are, and it holds others beside them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from .cells import write_name
from .dice import Dice
from .people import Person, make_home, move_home
from .pools import COMPANIES, ROLES
from .sheet import Membership

Line = dict[str, Any]

TIERS = {"G": "Gold", "S": "Silver"}
INTEREST_LISTS = {"Trips": "Travel Club", "Books": "Book Circle", "Walks": "Walks"}
OTHER_LISTS = ("Board", "Archive 2019", "Donors", "Press")
AMBIGUOUS = "twice@xn--bcher-kva.example.com"  # the account has it under both of its spellings
SKILLS = ("First aid", "Driving", "Photography", "Map reading")
DEFINITIONS: tuple[Line, ...] = (
    {
        "account": {
            "organization_name": "Riverside Walking Club",
            "contact_email": "office@club.example.org",
            "first_name": "Olivia",
            "last_name": "Owens",
            "time_zone_id": "US/Eastern",
            "country_code": "US",
            "state_code": "MA",
        }
    },
    *({"list": {"name": name}} for name in ("Newsletter", "Volunteers", *INTEREST_LISTS.values(), *OTHER_LISTS)),
    *({"tag": {"name": name}} for name in ("spring-2026", "spring-2025", "vip")),
    {"custom_field": {"label": "Member Level", "type": "single_select", "choices": ["Basic", "Silver", "Gold"]}},
    {"custom_field": {"label": "Full Name", "type": "string"}},
    {"custom_field": {"label": "Member No", "type": "string"}},
    {"custom_field": {"label": "Last Gift", "type": "date"}},
    {"custom_field": {"label": "Gifts", "type": "number"}},
    {"custom_field": {"label": "Birthday Card", "type": "boolean"}},
    {"custom_field": {"label": "Skills", "type": "multi_select", "choices": list(SKILLS)}},
    {"custom_field": {"label": "Remarks", "type": "text_area"}},
)


def describe_account(
    dice: Dice, members: Iterable[Person], memberships: dict[str, Membership], others: Iterable[Person]
) -> Iterator[Line]:
    """The seed of the sandbox, line by line: definitions, members, others, and some oddities."""
    yield from DEFINITIONS
    for person in members:
        if dice.chance(0.92) and person.address != AMBIGUOUS:
            yield _describe_member(dice, person, memberships[person.number])
    for person in others:
        yield _describe_other(dice, person)
    yield from _describe_oddities()


def write_line(line: Line) -> str:
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n"


def _describe_member(dice: Dice, person: Person, membership: Membership) -> Line:
    known = _outdate(dice, person) if dice.chance(0.09) else person
    line = _describe_person(dice, known)
    if known.joined is not None:
        line["anniversary"] = known.joined.isoformat()
    line["custom_fields"] = {
        "Member Level": TIERS.get(known.tier, "Basic"),
        "Full Name": " ".join(write_name(known)),
        "Member No": known.number,
        **_describe_extras(dice, 0.1),
    }
    line["phone_numbers"] = [{"kind": "mobile", "phone_number": _write_phone(dice, known.phone)}]
    home = known.home
    line["street_addresses"] = [
        {"kind": "home", "street": home.street, "city": home.city, "state": home.state, "postal_code": home.zip,
         "country": home.country}
    ]  # fmt: skip
    if dice.chance(0.05):
        line["phone_numbers"].append({"kind": "home", "phone_number": f"+1{known.phone[:8]}00"})
    lists = ["Newsletter", *(INTEREST_LISTS[name] for name in known.interests)]
    line["list_memberships"] = lists + ["Volunteers"] * known.volunteers + ["Board"] * dice.chance(0.004)
    line["taggings"] = ["spring-2026"] + ["spring-2025"] * dice.chance(0.3) + ["vip"] * dice.chance(0.02)
    if membership.no_mail:
        line["list_memberships"] = []
    return _set_permission(dice, line)


def _describe_other(dice: Dice, person: Person) -> Line:
    line = _describe_person(dice, person)
    if dice.chance(0.2):
        line["company_name"] = dice.pick(COMPANIES)
    if dice.chance(0.15):
        line["birthday_month"], line["birthday_day"] = dice.number(1, 12), dice.number(1, 28)
    if extras := _describe_extras(dice, 0.3):
        line["custom_fields"] = extras
    if dice.chance(0.4):
        line["phone_numbers"] = [{"kind": dice.pick(("home", "work", "mobile")), "phone_number": f"+1{person.phone}"}]
    if dice.chance(0.01):
        line["notes"] = [{"content": "Called in March; likes the lake trips."}]
    line["list_memberships"] = dice.some(("Newsletter", *OTHER_LISTS), dice.pick((0, 1, 1, 1, 2)))
    line["taggings"] = dice.some(("spring-2025", "vip"), dice.pick((0, 0, 1)))
    return _set_permission(dice, line)


def _describe_person(dice: Dice, person: Person) -> Line:
    created = dice.moment("2018-01-03", "2026-08-30")
    line: Line = {
        "email_address": {
            "address": person.address.title() if dice.chance(0.005) else person.address,
            "permission_to_send": "explicit" if dice.chance(0.3) else "implicit",
            "opt_in_source": "Account",
            "opt_in_date": _stamp(created),
        },
        "first_name": person.first,
        "last_name": person.last,
        "create_source": "Account",
        "created_at": _stamp(created),
        "updated_at": _stamp(dice.moment("2026-09-01", "2026-11-10")),
    }
    if person.role:
        line["job_title"] = person.role
    return line


def _describe_extras(dice: Dice, share: float) -> Line:
    """Custom fields that no mapping names: a load has to leave them as they are."""
    extras: Line = {}
    if dice.chance(share):
        extras["Last Gift"] = dice.day("2023-01-01", "2026-10-01").isoformat()
        extras["Gifts"] = str(dice.number(1, 40))
    if dice.chance(share / 2):
        extras["Skills"] = dice.some(SKILLS, dice.number(1, 3))
    if dice.chance(share / 3):
        extras["Birthday Card"] = dice.pick(("true", "false"))
    return extras


def _set_permission(dice: Dice, line: Line) -> Line:
    """Some left, some were deleted, some have not answered yet."""
    email, fate = line["email_address"], dice.number(1, 1000)
    if fate <= 30:
        email["permission_to_send"] = "unsubscribed"
        email["opt_out_source"] = dice.pick(("Contact", "Contact", "Account"))
        email["opt_out_date"] = _stamp(dice.moment("2026-09-02", "2026-11-10"))
        if dice.chance(0.3):
            email["opt_out_reason"] = "too many mails"
        line["list_memberships"] = []
    elif fate <= 50:
        line["deleted_at"] = dice.day("2026-09-02", "2026-11-10").isoformat()
        line["list_memberships"] = []
    elif fate <= 60:
        email["permission_to_send"] = "pending_confirmation"
        line["list_memberships"] = line["list_memberships"][: dice.number(0, 1)]
    elif fate <= 62:
        email["permission_to_send"] = "temp_hold"
    return line


def _outdate(dice: Dice, person: Person) -> Person:
    """The person as the account still has them: one or two things behind the sheet."""
    for _ in range(dice.pick((1, 1, 2))):
        person = dice.pick(CHANGES)(dice, person)
    return person


CHANGES: tuple[Callable[[Dice, Person], Person], ...] = (
    lambda dice, person: replace(person, phone=f"{person.phone[:8]}{(int(person.phone[8:]) + 1) % 100:02d}"),
    lambda dice, person: replace(person, home=move_home(dice, person.home)),
    lambda dice, person: replace(person, home=make_home(dice)[0]),
    lambda dice, person: replace(person, joined=None),
    lambda dice, person: replace(person, first=person.first[:1] + "."),
    lambda dice, person: replace(person, role=next(role for role in ROLES if role != person.role)),
    lambda dice, person: replace(person, tier="S" if TIERS.get(person.tier) != "Silver" else "B"),
    lambda dice, person: replace(person, last="Lind" if person.last != "Lind" else "Berg"),
    lambda dice, person: replace(person, interests=person.interests[1:]),
    lambda dice, person: replace(person, volunteers=False),
)


def _write_phone(dice: Dice, phone: str) -> str:
    """Mostly as a load writes it; a person at the keyboard puts signs between the digits."""
    if dice.chance(0.1):
        return f"+1 ({phone[:3]}) {phone[3:6]}-{phone[6:]}"
    return f"+1{phone}"


def _describe_oddities() -> Iterator[Line]:
    """What every old account has: contacts without an address, one person twice, values that are too long."""
    oddities: tuple[Line, ...] = (
        {
            "first_name": "Nils",
            "last_name": "Holm",
            "phone_numbers": [{"kind": "mobile", "phone_number": "+14135550107"}],
        },
        {"first_name": "Rosa", "phone_numbers": [{"kind": "mobile", "phone_number": "+16175550108"}]},
        {"email_address": {"address": "twice@bücher.example.com"}, "list_memberships": ["Board"]},
        {"email_address": {"address": AMBIGUOUS}, "list_memberships": ["Board"]},
        {
            "email_address": {"address": "old.import@example.net"},
            "first_name": "Ferdinand Maximilian Alexander Theodor Constantin Emanuel",
            "job_title": "Keeper of the\tboats\nand the keys",
            "list_memberships": ["Archive 2019"],
        },
    )
    for line in oddities:
        yield {**line, "created_at": "2019-05-04T10:00:00Z", "updated_at": "2026-09-04T10:00:00Z"}


def _stamp(moment: dt.datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
