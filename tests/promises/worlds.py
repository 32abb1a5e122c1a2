"""Generated worlds: a source, a mapping, a pipeline and an account, small and nasty, over a pool of few addresses.

Few addresses and few values make collisions, echoes and coincidences likely; that is where promises break.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml
from hypothesis import strategies as st

PEOPLE = (
    "ann@example.com", "bob+news@example.org", "o'hara@example.com", "zoe@xn--bcher-kva.example.com", "li@example.net",
    "MiXed@Example.com", "a-very-long-local-part-of-an-address-0123456789@example.com",
    *(f"member{number}@example.com" for number in range(9)),
)  # fmt: skip
STRANGERS = ("stranger@example.com", "other@example.org")
SPELLINGS = ("{0}", " {0} ", "mailto:{0}", "Somebody <{0}>", "{0}\u200b")
BAD_ADDRESSES = ("", "n/a", "ann@@example.org", "ann example.com", "ann@example.com; bob@example.com", "@example.com")
NAMES = ("Ann", "ann", "Ann", "", "O'Hara", "Łukasz", "李", "None", "NA", "=1+1", "<b>x</b>", "  ", "", "x" * 51)
PHONES = ("(212) 555-2368", "212-555-2368", "+1 212 555 2368", "+44 20 7946 0958", "12", "", "call me")
DATES = ("31/12/2019", "2019-12-31", "1/1/20", "31.12.2019", "", "soon")
TIERS = ("G", "s", "", "?", "Basic")
INTERESTS = ("", "Trips", "Trips; Books", "books;;trips", "Books")
LISTS = ("Newsletter", "Travel Club", "Book Circle", "Volunteers", "Board")
TAGS = ("spring", "vip")
STATUSES = ("implicit", "implicit", "implicit", "explicit", "unsubscribed", "pending_confirmation", "temp_hold",
            "not_set", "deleted")  # fmt: skip
COLUMNS = ("E-mail", "First Name", "Last Name", "Cell", "Street", "City", "State", "ZIP", "Country", "Joined", "Tier",
           "Interests", "Volunteer", "Status", "No Mail", "Updated")  # fmt: skip


@dataclass(frozen=True)
class World:
    rows: list[dict[str, str]]
    account: list[dict[str, Any]]  # seed lines, contacts only
    mapping: dict[str, Any]
    pipeline: dict[str, Any]
    suppressed: list[str]
    service: dict[str, Any] = field(default_factory=dict)  # keys of the account in accounts.yaml


def cased(draw: st.DrawFn, text: str) -> str:
    return draw(st.sampled_from((text, text.upper(), text.title(), text.lower())))


@st.composite
def row(draw: st.DrawFn) -> dict[str, str]:
    spelled = st.builds(lambda form, who: form.format(who), st.sampled_from(SPELLINGS), st.sampled_from(PEOPLE))
    pick = st.sampled_from
    street, city, zip_code = draw(pick((("1 Main St", "Salem", "01970"), ("", "", "01970"), ("", "", ""))))
    return {
        "E-mail": draw(st.one_of(spelled, spelled, spelled, pick(BAD_ADDRESSES))),
        "First Name": draw(pick(NAMES)),
        "Last Name": draw(pick(NAMES)),
        "Cell": draw(pick(PHONES)),
        "Street": street,
        "City": city,
        "State": draw(pick(("MA", "massachusetts", ""))) if city else "",
        "ZIP": zip_code,
        "Country": draw(pick(("US", "United States", "DE", ""))),
        "Joined": draw(pick(DATES)),
        "Tier": draw(pick(TIERS)),
        "Interests": draw(pick(INTERESTS)),
        "Volunteer": draw(pick(("yes", "no", ""))),
        "Status": draw(pick(("Active", "Active", "Active", "Lapsed"))),
        "No Mail": draw(pick(("", "", "", "y"))),
        "Updated": draw(pick(("2026-01-01", "2026-02-01", "2026-02-01", ""))),
    }


@st.composite
def contact(draw: st.DrawFn, address: str) -> dict[str, Any]:
    pick = st.sampled_from
    status = draw(pick(STATUSES))
    email: dict[str, Any] = {"address": cased(draw, address), "permission_to_send": status, "opt_in_source": "Account"}
    found: dict[str, Any] = {"email_address": email}
    if status == "deleted":
        email["permission_to_send"] = "implicit"
        found["deleted_at"] = "2026-03-01T00:00:00Z"
    if status == "unsubscribed":
        email |= {"opt_out_source": "Contact", "opt_out_date": "2026-03-01T00:00:00Z"}
    for key in ("first_name", "last_name", "company_name"):
        value = draw(pick(("", "Ann", "Ann", "Łukasz", "O'Hara")))
        if value:
            found[key] = value
    if draw(st.booleans()):
        found["birthday_month"], found["birthday_day"] = 2, 29
    if draw(st.booleans()):
        found["anniversary"] = "2019-12-31"
    if status not in ("deleted", "unsubscribed"):
        found["list_memberships"] = draw(st.lists(pick(LISTS), unique=True, max_size=3))
    found["taggings"] = draw(st.lists(pick(TAGS), unique=True))
    found["custom_fields"] = draw(pick(({}, {"Level": "Gold"}, {"Level": "Basic", "Shoe": "42"})))
    phones = draw(pick(([], [("mobile", "212.555.2368")], [("mobile", "+1 646 555 2368"), ("work", "646 555 2369")])))
    found["phone_numbers"] = [{"kind": kind, "phone_number": number} for kind, number in phones]
    places = draw(pick(([], [{"kind": "home", "street": "9 Old Rd", "city": "Salem", "state": "MA", "country": "US"}],
                        [{"kind": "work", "city": "Lynn"}])))  # fmt: skip
    found["street_addresses"] = places
    return found


@st.composite
def mappings(draw: st.DrawFn) -> dict[str, Any]:
    pick = st.sampled_from
    policy = pick(("overwrite", "fill", "never"))

    def ruled(**rule: Any) -> dict[str, Any]:
        return {**rule, "on_update": draw(policy), "blank": draw(pick(("keep", "clear")))}

    fields: dict[str, Any] = {
        "email": {"column": "E-mail", "many": draw(pick(("reject", "first")))},
        "first_name": ruled(column="First Name", transform=["trim", "title_case"]),
        "last_name": ruled(column="Last Name", invalid=draw(pick(("ignore", "reject")))),
    }
    optional: dict[str, Any] = {
        "phone.mobile": ruled(column="Cell", type="phone", region="US", invalid=draw(pick(("ignore", "reject")))),
        "anniversary": ruled(column="Joined", type="date", format="%d/%m/%Y"),
        "custom.Level": {"column": "Tier", "values": {"G": "Gold", "S": "Silver"}, "default": "Basic"},
        "custom.Shoe": {"template": "{First Name} {Last Name}"},
        "address.home.street": ruled(column="Street"),
        "address.home.city": ruled(column="City"),
        "address.home.state": ruled(column="State"),
        "address.home.postal_code": ruled(column="ZIP"),
        "address.home.country": {"column": "Country", "default": "US", "on_update": draw(policy)},
    }
    plain = draw(st.booleans())  # names alone, so that bulk routes are open
    for name, rule in optional.items():
        if not plain and draw(st.booleans()):
            fields[name] = rule
    lists = [
        entry
        for entry in (
            "Newsletter",
            {"column": "Interests", "split": ";", "values": {"Trips": "Travel Club", "Books": "Book Circle"}},
            {"list": "Volunteers", "when": {"column": "Volunteer", "in": ["yes"]}},
        )
        if draw(st.booleans())
    ]
    mapping: dict[str, Any] = {
        "fields": fields,
        "lists": lists,
        "tags": draw(pick(([], ["spring"]))),
        "dedupe": {
            "prefer": draw(pick(("last", "first", "most_complete", {"newest": "Updated"}, {"oldest": "Updated"}))),
            "merge": draw(pick(("winner_only", "fill_blanks"))),
        },
    }
    if draw(st.booleans()):
        mapping["rows"] = {"where": {"column": "Status", "in": ["Active"]}}
    if draw(st.booleans()):
        mapping["opted_out"] = {"column": "No Mail", "in": ["y"]}
    return mapping


@st.composite
def worlds(draw: st.DrawFn) -> World:
    pick = st.sampled_from
    many = draw(pick((0, 2, 8, 16)))  # drawn first: left to itself, a list stays short, and short worlds are tame
    known = draw(st.lists(pick(PEOPLE), unique=True, min_size=many // 2, max_size=10))
    account = [draw(contact(address)) for address in (*known, *STRANGERS)]
    update = pick(("always", "always", "never", "if_in_no_list", {"if_in": ["Newsletter"]}, {"if_not_in": ["Board"]}))
    rule = draw(update)
    pipeline = {
        "existing": {"update": rule},
        "managed_lists": draw(pick(([], ["Newsletter", "Board"]))),
        "new": {"create": draw(pick(("true", "true", "true", "false")))},
        "guards": dict.fromkeys(
            ("max_updates", "max_creates", "max_removals", "max_rejected", "max_clears", "max_field_change",
             "unreadable_addresses"), "100000"
        ),
    }  # fmt: skip
    if pipeline["managed_lists"] and rule not in ("never", "if_in_no_list"):
        pipeline["absent"] = {"action": draw(pick(("keep", "remove_from_lists")))}
    return World(
        rows=draw(st.lists(row(), min_size=many, max_size=30)),
        account=account,
        mapping=draw(mappings()),
        pipeline={**pipeline, "guards": {**pipeline["guards"], "min_rows": "0"}},  # type: ignore[dict-item]
        suppressed=draw(st.lists(pick(PEOPLE), max_size=1)),
    )


DEFINITIONS = (
    *({"list": {"name": name}} for name in LISTS),
    *({"tag": {"name": name}} for name in TAGS),
    {"custom_field": {"label": "Level", "type": "single_select", "choices": ["Basic", "Silver", "Gold"]}},
    {"custom_field": {"label": "Shoe", "type": "string"}},
)


# How the account in accounts.yaml is reached, by its dialect; "{url}" is where the sandbox is served.
SPEAKING = {
    "v3": {"client_id": "sandbox-key", "access_token": "sandbox-token", "base_url": "{url}/v3"},
    "v1": {"username": "sandbox", "api_key": "sandbox-key", "password": "sandbox", "base_url": "{url}/ws"},
}


def write_world(world: World, folder: Path, url: str, dialect: str = "v3") -> Path:
    """Write the world's files and return the pipeline's path; the account is a sandbox served at `url`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "members.csv").write_text(as_csv(world.rows), "utf-8")
    (folder / "mapping.yaml").write_text(yaml.safe_dump(texts(world.mapping), sort_keys=False), "utf-8")
    dialect = world.service.get("dialect", dialect)
    reached = {key: value.format(url=url) for key, value in SPEAKING[dialect].items()}
    account = {"dialect": dialect, **reached, "requests_per_second": "1000000", "requests_per_day": "1000000",
               **world.service}  # fmt: skip
    (folder / "accounts.yaml").write_text(yaml.safe_dump({"accounts": {"club": account}}), "utf-8")
    (folder / "never.csv").write_text("\n".join(["email", *world.suppressed]) + "\n", "utf-8")
    document = {"name": "world", "account": "club", "source": {"path": "members.csv"}, "mapping": "mapping.yaml",
                "suppress": ["never.csv"], **world.pipeline}  # fmt: skip
    (folder / "pipeline.yaml").write_text(yaml.safe_dump(texts(document), sort_keys=False), "utf-8")
    return folder / "pipeline.yaml"


def write_seed(world: World, path: Path) -> Path:
    lines = [*DEFINITIONS, *world.account]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return path


def as_csv(rows: list[dict[str, str]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def texts(value: Any) -> Any:
    """Leave mappings and lists, and make every scalar the text that YAML would show."""
    if isinstance(value, Mapping):
        return {key: texts(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [texts(item) for item in value]
    return value


def _person(address: str, first: str, last: str, **more: str) -> dict[str, str]:
    return dict.fromkeys(COLUMNS, "") | {"E-mail": address, "First Name": first, "Last Name": last} | more


def _known(address: str, first: str, last: str, **more: Any) -> dict[str, Any]:
    email = {"address": address, "permission_to_send": "implicit", "opt_in_source": "Account"}
    return {"email_address": email, "first_name": first, "last_name": last, "list_memberships": ["Newsletter"], **more}


# One world that takes every route; the generated ones are free to be strange.
RICH = World(
    rows=[
        *(_person(f"new{number}@example.com", "Ann", "Lee") for number in range(12)),  # enough for an import
        *(_person(f"old{number}@example.com", "Ann", "Lee") for number in range(9)),  # a name that an import may carry
        _person("cleared@example.com", "Ann", ""),
        _person("joins@example.com", "Ann", "Lee", Interests="Trips"),
        _person("same@example.com", "Ann", "Lee"),
        _person("same@example.com", "Ann", "Lee"),
        _person("gone@example.com", "Ann", "Lee"),
        _person("x" * 45 + "@example.com", "Ann", "Lee"),  # too long for an import
        _person("nobody", "Ann", "Lee"),
    ],
    account=[
        *(_known(f"old{number}@example.com", "Anna", "Lee", taggings=["spring"]) for number in range(9)),
        _known("cleared@example.com", "Ann", "Lee", taggings=["spring", "vip"], company_name="Kept"),
        _known("joins@example.com", "Ann", "Lee"),
        _known("same@example.com", "Ann", "Lee", taggings=["spring"]),
        {
            "email_address": {
                "address": "gone@example.com",
                "permission_to_send": "unsubscribed",
                "opt_out_source": "Contact",
                "opt_out_date": "2026-03-01T00:00:00Z",
            },
            "first_name": "Anna",
        },
    ],
    mapping={
        "fields": {
            "email": "E-mail",
            "first_name": "First Name",
            "last_name": {"column": "Last Name", "blank": "clear"},
        },
        "lists": ["Newsletter", {"column": "Interests", "values": {"Trips": "Travel Club"}}],
        "tags": ["spring"],
    },
    pipeline={
        "guards": dict.fromkeys(("max_updates", "max_creates", "max_rejected", "max_clears", "max_field_change"), "99")
    },
    suppressed=[],
)

# People who are in the account and in the sheet no more, on lists that the sheet decides and on others.
LEAVING = replace(
    RICH,
    rows=RICH.rows[:14],
    account=[
        *RICH.account,
        _known("absent@example.com", "Abe", "Sent", list_memberships=["Newsletter", "Board", "Travel Club"]),
        _known("away@example.com", "Awe", "Sent", taggings=["vip"]),
        _known("elsewhere@example.com", "Else", "Where", list_memberships=["Travel Club"]),
        _known("never@example.com", "Never", "Touched"),
    ],
    pipeline={
        "absent": {"action": "remove_from_lists"},
        "managed_lists": ["Newsletter", "Board"],
        "guards": {**RICH.pipeline["guards"], "max_removals": "99"},
    },
    suppressed=["never@example.com"],
)
