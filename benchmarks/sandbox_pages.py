"""How fast the sandbox fills and serves: a seed of N contacts, then every page of 500 with all sub-resources.

    python benchmarks/sandbox_pages.py [N]          N is 1,000,000 unless said otherwise

The sandbox runs in a process of its own, as `sandbox serve` does; the client does no more than read.
It must load well within a minute and serve at least 40 pages a second.
"""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ctct_etl.sandbox import reset_state

SERVE = (
    "import sys; from pathlib import Path; from ctct_etl.sandbox import serve; "
    "serve(0, Path(sys.argv[1]), limits=False, ready=lambda url: print(url, flush=True))"
)
PARTS = "custom_fields,list_memberships,taggings,phone_numbers,street_addresses,notes"
LEVELS = ("Basic", "Silver", "Gold")


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        seed, state = Path(folder) / "seed.jsonl", Path(folder) / "account.sqlite"
        write_seed(seed, count)
        began = time.perf_counter()
        reset_state(state, seed)
        spent = time.perf_counter() - began
        print(f"{count:,} contacts seeded in {spent:.1f} s, {state.stat().st_size / 1e6:,.0f} MB")
        pages, size, spent = read_all(state)
        print(f"{pages:,} pages in {spent:.1f} s: {pages / spent:.0f} pages/s, {size / spent / 1e6:.0f} MB/s")


def write_seed(path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8") as lines:
        field = {"label": "Member Level", "type": "single_select", "choices": LEVELS}
        lines.write(json.dumps({"custom_field": field}) + "\n")
        for number in range(count):
            lines.write(json.dumps(make_contact(number)) + "\n")


def make_contact(number: int) -> dict[str, object]:
    first, last = f"First{number % 997}", f"Last{number % 9973}"
    street = {"kind": "home", "street": f"{number} Main St", "city": "Waltham", "state": "MA", "postal_code": "02451"}
    return {
        "email_address": {"address": f"person{number}@example.com"},
        "first_name": first,
        "last_name": last,
        "list_memberships": ["Newsletter", "Travel Club"][: 1 + number % 3 // 2],
        "taggings": ["spring"] if number % 5 == 0 else [],
        "custom_fields": {"Member Level": LEVELS[number % 3], "Full Name": f"{first} {last}"},
        "phone_numbers": [{"kind": "mobile", "phone_number": f"508555{number % 10_000:04d}"}],
        "street_addresses": [street],
    }


def read_all(state: Path) -> tuple[int, int, float]:
    """Pages, bytes and seconds of one walk through the whole account."""
    with subprocess.Popen([sys.executable, "-c", SERVE, str(state)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        connection = http.client.HTTPConnection(process.stdout.readline().strip().removeprefix("http://"))
        path, pages, size = f"/v3/contacts?status=all&limit=500&include={PARTS}", 0, 0
        began = time.perf_counter()
        while path:
            connection.request("GET", path, headers={"Authorization": "Bearer sandbox-token"})
            body = connection.getresponse().read()
            pages, size, path = pages + 1, size + len(body), find_next(body)
        spent = time.perf_counter() - began
        connection.close()
        process.terminate()
    return pages, size, spent


def find_next(body: bytes) -> str:
    """The next link, cut out of the page's end: parsing the page would measure the client."""
    _, mark, rest = body[-2_000:].partition(b'"href":"')
    return rest.partition(b'"')[0].decode() if mark else ""


if __name__ == "__main__":
    main(int(sys.argv[1].replace(",", "")) if len(sys.argv) > 1 else 1_000_000)
