"""One visit to a page, with all that a visitor would not see: what it asks for, and what it complains about."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import ConsoleMessage, Page, Request, expect

SECONDS = 60
INSPECT = Path(__file__).with_name("inspect.js").read_text(encoding="utf-8")
REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", event =>
  console.error(`against the policy: ${event.effectiveDirective} ${event.blockedURI}`));
"""


class VisitedPage:
    """A page that was opened.

    Args:
        page: a fresh page of a browser.
        origin: where the café is.
        path: what to open.
    """

    def __init__(self, page: Page, origin: str, path: str) -> None:
        self.page = page
        self.origin = origin
        self.complaints: list[str] = []
        """Errors and warnings in the console, errors of scripts, violations of the Content-Security-Policy."""
        self.asked: list[str] = []
        """The URLs that were asked for."""
        page.set_default_timeout(SECONDS * 1000)
        expect.set_options(timeout=SECONDS * 1000)  # what is expected has a time-out of its own, of five seconds
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._on_request)
        page.add_init_script(REPORT_VIOLATIONS)
        page.add_init_script(INSPECT)
        answer = page.goto(path)
        assert answer is not None
        self.status = answer.status

    @property
    def foreign_requests(self) -> list[str]:
        """The URLs that lie outside of the café."""
        return [url for url in self.asked if not url.startswith((f"{self.origin}/", "data:", "blob:"))]

    def inspect(self, what: str) -> Any:
        """Return what a function of ``inspect.js`` finds."""
        return self.page.evaluate(f"inspect.{what}()")

    def run_script(self, script: str) -> None:
        """Run a script that is against the policy of the page, and return when the page has said so."""
        told = "new Promise(told => document.addEventListener('securitypolicyviolation', told, {once: true}))"
        self.page.evaluate(f"async () => {{ const told = {told}; {script}; await told; }}")

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning", "assert"):
            self.complaints.append(f"{message.type}: {message.text}")

    def _on_request(self, request: Request) -> None:
        self.asked.append(request.url)
