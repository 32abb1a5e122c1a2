"""What a night costs in requests, counted by the sandbox: ours, a live diff by hand, and a search before every write.

    python -m benchmarks.night_requests [N]         an account of N contacts, 100,000 unless said otherwise

The source has half as many rows as the account has contacts: of them 2 % are new and 3 % have another last name. Each
program starts from the same account, and a count is told only where all of them leave the account the same. The lower
bound is what any client must send that keeps the promises within the limits that the service documents; it is printed
as a sum, each part with its reason.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from math import ceil
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from ctct_etl.sandbox import reset_state

PAGE = 500
SERVE = (
    "import sys; from pathlib import Path; from ctct_etl.sandbox import serve; "
    "serve(0, Path(sys.argv[1]), limits=False, ready=lambda url: print(url, flush=True))"
)
PROGRAM = Path(sys.executable).with_name("ctct-etl")
LISTS = ("Newsletter", "Loads")
FILES = {
    "pipeline.yaml": "name: members\naccount: club\nsource: {path: members.csv}\nmapping: mapping.yaml\n",
    "mapping.yaml": "fields: {email: E-mail, first_name: First, last_name: Last}\nlists: [Newsletter]\n",
    "accounts.yaml": "accounts:\n  club: {dialect: v3, client_id: sandbox-key, access_token: sandbox-token,\n"
    '    base_url: "%s/v3", requests_per_second: 100000, requests_per_day: 1000000, import_list: Loads}\n',
}
HEADERS = {"Authorization": "Bearer sandbox-token", "Accept": "application/json"}
Row = tuple[str, str, str]


def main(contacts: int) -> None:
    rows = contacts // 2
    new, changed = rows // 50, rows * 3 // 100
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        reset_state(place / "seeded.sqlite", write_seed(place / "seed.jsonl", contacts))
        known = [row(number) for number in range(rows - new)]
        source = [row(n, "Married" if n < changed else "") for n in range(rows - new)]
        source += [row(contacts + number) for number in range(new)]
        print(f"account {contacts:,}, source {rows:,}: {new:,} new, {changed:,} changed")
        tell_results(
            {
                "ours": night(place, "ours", lambda url, forget: run_ours(place, url, known, source, forget)),
                "live diff by hand": night(place, "diff", lambda url, forget: diff_live(url, source)),
                "search, then write": night(place, "loop", lambda url, forget: search_then_write(url, source)),
            },
            derive_bound(new, changed),
        )


def derive_bound(new: int, changed: int) -> dict[str, int]:
    """The least requests by what they are for."""
    return {
        "what the account is: summary, lists, custom fields, tags": 4,
        "who changed or opted out since, and the numbers that bear it out": 4,
        "who left or came since the snapshot, before each of two imports": 3 + 4,
        "an import of who is new, one of who changed": 2,
        "one look at each job's end": 2,
        "each job's contacts read back, since it answers no row by row": ceil(new / PAGE) + ceil(changed / PAGE),
        "the account held against the plan: as the first two, with all that was written": 7
        + ceil((new + changed) / PAGE),
    }


def tell_results(counted: dict[str, tuple[dict[str, int], str]], bound: dict[str, int]) -> None:
    least = sum(bound.values())
    for what, count in bound.items():
        print(f"{count:8,}   {what}")
    print(f"{least:8,}   the lower bound\n")
    states = {state for _, state in counted.values()}
    print(f"{'':20} {'reads':>8} {'writes':>8} {'all':>8} {'of the bound':>13}   end state")
    for name, (methods, state) in counted.items():
        reads, total = methods.get("GET", 0), sum(methods.values())
        figures = f"{reads:8,} {total - reads:8,} {total:8,} {total / least:12.2f}x"
        print(f"{name:20} {figures if len(states) == 1 else 'the account ends otherwise: no count':>40}   {state[:12]}")


def night(place: Path, name: str, work: Callable[[str, Callable[[], None]], None]) -> tuple[dict[str, int], str]:
    """Let a program do its work on the seeded account: requests by method, and a hash of what the account then is."""
    state = place / f"{name}.sqlite"
    shutil.copy(place / "seeded.sqlite", state)
    with served(state) as url:
        work(url, lambda: forget(url))
        methods: dict[str, int] = {}
        for one in ask(url, "GET", "/_sandbox/requests"):
            methods[one["method"]] = methods.get(one["method"], 0) + 1
        return methods, hash_account(ask(url, "GET", "/_sandbox/contacts"))


def forget(url: str) -> None:
    ask(url, "DELETE", "/_sandbox/requests")


@contextmanager
def served(state: Path) -> Iterator[str]:
    with subprocess.Popen([sys.executable, "-c", SERVE, str(state)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.terminate()


def hash_account(contacts: list[dict[str, Any]]) -> str:
    """Who is there, called what, on which lists that people are mailed by, and may be mailed."""
    lines = sorted(
        json.dumps([
            each["email_address"]["address"], each.get("first_name"), each.get("last_name"),
            sorted(set(each["by_name"]["lists"]) - {"Loads"}), each["email_address"]["permission_to_send"],
        ])
        for each in contacts
    )  # fmt: skip
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def row(number: int, last: str = "") -> Row:
    return f"person{number}@example.com", f"First{number % 997}", last or f"Last{number % 9973}"


def write_seed(path: Path, contacts: int) -> Path:
    with path.open("w", encoding="utf-8") as lines:
        for name in LISTS:
            lines.write(json.dumps({"list": {"name": name}}) + "\n")
        for address, first, last in map(row, range(contacts)):
            mail = {"address": address, "permission_to_send": "implicit"}
            line = {"email_address": mail, "first_name": first, "last_name": last, "list_memberships": ["Newsletter"]}
            lines.write(json.dumps(line) + "\n")
    return path


# -- ours ------------------------------------------------------------------------------------------------


def run_ours(place: Path, url: str, known: list[Row], source: list[Row], forget: Callable[[], None]) -> None:
    """The night before reads the account and finds nothing to do; the night itself is counted."""
    for name, text in FILES.items():
        (place / name).write_text(text % url if "%s" in text else text, "utf-8")
    for rows in (known, source):
        forget()
        lines = "".join(f"{','.join(each)}\n" for each in rows)
        (place / "members.csv").write_text(f"E-mail,First,Last\n{lines}", "utf-8")
        command = [str(PROGRAM), "run", str(place / "pipeline.yaml"), "--state-dir", str(place / "state")]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


# -- by hand ---------------------------------------------------------------------------------------------


def diff_live(url: str, source: list[Row]) -> None:
    """Read the whole account, then write what differs, one by one."""
    newsletter = ask(url, "GET", "/v3/contact_lists?limit=500")["lists"]
    (list_id,) = [each["list_id"] for each in newsletter if each["name"] == "Newsletter"]
    known: dict[str, dict[str, Any]] = {}
    path: str | None = f"/v3/contacts?status=all&limit={PAGE}&include=list_memberships"
    while path:
        page = ask(url, "GET", path)
        known.update({each["email_address"]["address"]: each for each in page["contacts"]})
        path = (page.get("_links") or {}).get("next", {}).get("href")
    in_parallel(lambda each: write_one(url, list_id, each, known.get(each[0])), source)


def search_then_write(url: str, source: list[Row]) -> None:
    lists = ask(url, "GET", "/v3/contact_lists?limit=500")["lists"]
    (list_id,) = [each["list_id"] for each in lists if each["name"] == "Newsletter"]

    def one(each: Row) -> None:
        found = ask(url, "GET", f"/v3/contacts?status=all&email={quote(each[0], safe='')}")["contacts"]
        write_one(url, list_id, each, found[0] if found else None)

    in_parallel(one, source)


def write_one(url: str, list_id: str, each: Row, known: dict[str, Any] | None) -> None:
    address, first, last = each
    if known is None:
        mail = {"address": address, "permission_to_send": "implicit"}
        new = {"email_address": mail, "first_name": first, "last_name": last, "create_source": "Account"}
        ask(url, "POST", "/v3/contacts", new | {"list_memberships": [list_id]})
    elif (known.get("first_name"), known.get("last_name")) != (first, last):
        mail = {key: known["email_address"][key] for key in ("address", "permission_to_send")}
        body = {"email_address": mail, "first_name": first, "last_name": last, "update_source": "Account"}
        ask(url, "PUT", f"/v3/contacts/{known['contact_id']}", body)


def in_parallel(work: Callable[[Row], None], rows: list[Row]) -> None:
    with ThreadPoolExecutor(4) as pool:
        for _ in pool.map(work, rows):
            pass


def ask(url: str, method: str, path: str, body: object = None) -> Any:
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    content = None if body is None else json.dumps(body)
    connection.request(method, path, content, HEADERS | ({"Content-Type": "application/json"} if body else {}))
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    if answer.status >= 400:
        raise SystemExit(f"{method} {path}: {answer.status} {text[:200]!r}")
    return json.loads(text) if text.strip() else None


if __name__ == "__main__":
    main(int(sys.argv[1].replace(",", "")) if len(sys.argv) > 1 else 100_000)
