"""A real browser for the page: Chromium of this machine, driven by Playwright; without either its tests are skipped."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)
MISSING = [name for name in ("playwright", "axe_playwright_python") if find_spec(name) is None]
WHY_NOT = (
    f"no {' and no '.join(MISSING)} here: install the test group" if MISSING
    else "no Chromium on this machine, so the page can't be opened in one" if CHROMIUM is None
    else ""
)  # fmt: skip
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}


@contextmanager
def opened_browser() -> Iterator[Any]:
    """Chromium without its sandbox, which needs rights that a container lacks; it opens nothing but our own files."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


class Visit:
    """One page, opened and ready. faults: what the browser complained of. asked: every address that it asked for."""

    def __init__(self, browser: Any, html: str, folder: Path, **how: Any) -> None:
        path = folder / "report.html"
        path.write_text(html, "utf-8")
        self.faults: list[str] = []
        self.asked: list[str] = []
        self._context = browser.new_context(**{"viewport": WIDE, **how})
        self.page = self._context.new_page()
        self.page.on("console", lambda message: self.faults.append(message.text))
        self.page.on("pageerror", lambda fault: self.faults.append(str(fault)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(path.as_uri())
        self.page.wait_for_selector("html[data-ready]", state="attached")

    def close(self) -> None:
        self._context.close()

    def cells(self, grid: str, column: int) -> list[str]:
        """A column of a long table, as it is shown now."""
        cells = self.page.locator(f"#{grid} tbody tr td:nth-child({column + 1})").all_text_contents()
        return [str(cell) for cell in cells]

    def count(self, grid: str) -> str:
        return str(self.page.locator(f"#{grid} [role=status]").text_content())

    def search(self, grid: str, words: str) -> None:
        """Type into the search of a table, and wait until it was done."""
        before = self.count(grid)
        self.page.locator(f"#{grid}-search").fill(words)
        self.page.wait_for_function(
            "([id, told]) => document.querySelector(`#${id} [role=status]`).textContent !== told", arg=[grid, before]
        )

    def overflow(self) -> int:
        """By how many pixels the page is wider than its window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))

    def violations(self, *rules: str) -> list[str]:
        """What an audit by axe finds against accessibility, by these rules or by all: rule, and the first element."""
        from axe_playwright_python.sync_playwright import Axe

        only = {"runOnly": {"type": "rule", "values": list(rules)}} if rules else None
        found = Axe().run(self.page, options=only).response["violations"]
        return [f"{each['id']}: {each['nodes'][0]['html'][:120]}" for each in found]
