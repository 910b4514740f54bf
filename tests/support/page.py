"""Page object of the browser tests. It records the requests and the console errors of a page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import ConsoleMessage, Page, expect

TIMEOUT_MS = 60_000
AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
INSPECT = Path(__file__).with_name("inspect.js").read_text(encoding="utf-8")
REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", event =>
  console.error(`CSP violation: ${event.effectiveDirective} ${event.blockedURI}`));
"""


class VisitedPage:
    """A page of the app that is open in a browser.

    Args:
        page: a new page of a browser context.
        origin: the origin of the app.
        path: the path to open.
    """

    def __init__(self, page: Page, origin: str, path: str) -> None:
        self.page = page
        self.origin = origin
        self.errors: list[str] = []
        """Errors and warnings of the console, exceptions of scripts, violations of the Content-Security-Policy."""
        self.requested_urls: list[str] = []
        """The URLs that the page requested."""
        page.set_default_timeout(TIMEOUT_MS)
        expect.set_options(timeout=TIMEOUT_MS)  # assertions have a timeout of their own, by default 5 seconds
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self.requested_urls.append(request.url))
        page.add_init_script(REPORT_VIOLATIONS)
        page.add_init_script(INSPECT)
        response = page.goto(path)
        assert response is not None
        self.status = response.status

    @property
    def foreign_requests(self) -> list[str]:
        """The requested URLs of other origins."""
        return [url for url in self.requested_urls if not url.startswith((f"{self.origin}/", "data:", "blob:"))]

    def inspect(self, function: str) -> Any:
        """Return the result of a function of ``inspect.js``."""
        return self.page.evaluate(f"inspect.{function}()")

    def run_forbidden_script(self, script: str) -> None:
        """Run a script that violates the Content-Security-Policy, and wait for the report of the violation."""
        violation = (
            "new Promise(resolve => document.addEventListener('securitypolicyviolation', resolve, {once: true}))"
        )
        self.page.evaluate(f"async () => {{ const violation = {violation}; {script}; await violation; }}")

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning", "assert"):
            self.errors.append(f"{message.type}: {message.text}")
