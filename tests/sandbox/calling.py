"""A sandbox as a test sees it: over real HTTP, by names and addresses."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import requests

from ctct_etl.sandbox import Sandbox
from tests.contract.checking import Checker

Json = dict[str, Any]
Start = Callable[..., "Caller"]


class Caller:
    """Calls one sandbox as the bearer of `sandbox-token`."""

    def __init__(self, sandbox: Sandbox, checker: Checker | None = None) -> None:
        self.sandbox, self.checker = sandbox, checker
        self.session = requests.Session()
        self.session.headers["Authorization"] = "Bearer sandbox-token"

    def call(self, method: str, path: str, **more: Any) -> requests.Response:
        return self.session.request(method, self.sandbox.url + path, timeout=30, **more)

    def get(self, path: str, **query: Any) -> Any:
        """The body of a GET that must succeed."""
        return self._body(self.call("GET", "/v3" + path, params=query), 200)

    def post(self, path: str, body: Any, status: int = 201) -> Any:
        return self._body(self.call("POST", "/v3" + path, json=body), status)

    def put(self, path: str, body: Any, status: int = 200) -> Any:
        return self._body(self.call("PUT", "/v3" + path, json=body), status)

    def delete(self, path: str, status: int = 204) -> Any:
        return self._body(self.call("DELETE", "/v3" + path), status)

    def pages(self, path: str, **query: Any) -> Iterator[Any]:
        """A collection page by page, by the links it gives."""
        page = self.get(path, **query)
        yield page
        while href := page.get("_links", {}).get("next", {}).get("href"):
            assert href.startswith("/v3/")
            page = self._body(self.call("GET", href), 200)
            yield page

    def search(self, **query: Any) -> list[Json]:
        """All contacts that the filters let through, over all pages."""
        return [contact for page in self.pages("/contacts", **query) for contact in page["contacts"]]

    def addresses(self, **query: Any) -> set[str]:
        return {contact["email_address"]["address"] for contact in self.search(**query)}

    def person(self, address: str) -> Json:
        """One contact whole, whatever its state, from the window."""
        return next(one for one in self.people() if one["email_address"]["address"] == address)

    def people(self) -> list[Json]:
        found: list[Json] = self.call("GET", "/_sandbox/contacts").json()
        return found

    def id_of(self, address: str) -> str:
        return str(self.person(address)["contact_id"])

    def list_id(self, name: str) -> str:
        return str(self.get("/contact_lists", name=name)["lists"][0]["list_id"])

    def tag_id(self, name: str) -> str:
        return next(str(tag["tag_id"]) for tag in self.get("/contact_tags")["tags"] if tag["name"] == name)

    def field(self, label: str) -> Json:
        fields = self.get("/contact_custom_fields")["custom_fields"]
        return next(field for field in fields if field["label"] == label)

    def finish(self, activity: Json) -> Json:
        """Let the time of a job pass; the job as it ended."""
        self.window("POST", "clock", {"advance_s": 60})
        ended: Json = self.get(f"/activities/{activity['activity_id']}")
        return ended

    def window(self, method: str, what: str, wish: Any = None) -> Any:
        answer = self.call(method, f"/_sandbox/{what}", json=wish)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def act(self, who: str, do: str, address: str, **more: Any) -> None:
        self.window("POST", "act", {"who": who, "do": do, "address": address, **more})

    def mails(self) -> list[tuple[str, str]]:
        return [(mail["kind"], mail["address"]) for mail in self.window("GET", "mails")]

    def _body(self, answer: requests.Response, status: int) -> Any:
        assert answer.status_code == status, f"{answer.status_code}: {answer.text[:500]}"
        return answer.json() if answer.content else None


def contact(address: str, **more: Any) -> Json:
    """A seed line."""
    email = {"address": address, **more.pop("email", {})}
    return {"email_address": email, **more}


def unsubscribed(address: str, source: str = "Contact", **more: Any) -> Json:
    return contact(address, email={"permission_to_send": "unsubscribed", "opt_out_source": source}, **more)


def write_seed(path: Path, lines: Iterable[Json]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path
