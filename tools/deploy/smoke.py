"""Send requests to a deployed stage and check the responses.

Usage: ``python -m tools.deploy.smoke URL [--version X] [--patience SECONDS] [--read-only]``

After some reads, the test registers a user with a random name and a random password, logs in, changes the profile,
reads it, and deletes the user. What is left expires by itself: a counter of the rate limit, and the saved response of
the registration. If the test is interrupted, its user expires too (``SMOKE_TEST_LIFETIME``). The password is only in
the memory of this process and in the bodies of its requests.
"""

from __future__ import annotations

import argparse
import json
import secrets
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3
from urllib3.exceptions import HTTPError

from api.domain.users import SMOKE_TEST_PREFIX
from tools.cli import CliError, echo, run_main

SECONDS = 60.0
"""Default time limit. A new function or address needs some time until it is available everywhere."""
PAUSE_SECONDS = 0.5
REQUEST_SECONDS = 30.0
"""The gateway waits as long for the function."""
JSON, HTML, PROBLEM = "application/json", "text/html", "application/problem+json"
NO_BODY = ""
"""The media type of a response without a body."""


class SmokeFailed(CliError):
    """A check failed until the time limit."""


@dataclass(frozen=True)
class Response:
    """An HTTP response."""

    status: int
    headers: Mapping[str, str]
    """The names are case-insensitive."""
    body: bytes

    @property
    def media(self) -> str:
        """The media type, without its parameters; NO_BODY if there is no body."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower() if self.body else NO_BODY

    @property
    def json(self) -> Any:
        """The parsed JSON body."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Check:
    """A request and its expected response. It is safe to repeat the request."""

    path: str
    status: int
    media: str
    expectation: str
    """The expected content, for the error message."""
    predicate: Callable[[Response], bool] = lambda response: True
    method: str = "GET"
    body: Mapping[str, str] | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    repeated_status: int | None = None
    """The status of a repetition, if an earlier attempt had its effect although its response was lost."""


class Client:
    """A client that keeps its connection, so that the API sees one client address.

    Args:
        url: the address of the API, without a trailing slash.
        patience: the time limit of all checks together, in seconds; each check runs at least once.
    """

    def __init__(self, url: str, patience: float) -> None:
        self._url, self._pool = url, connections(url)
        self._deadline = time.monotonic() + patience

    def run(self, check: Check) -> Response:
        """Send the request of a check until it passes, and return the response.

        Raises:
            SmokeFailed: the check failed until the time limit.
        """
        statuses = set[int]()
        while isinstance(result := self.attempt(check, statuses), str):
            if time.monotonic() + PAUSE_SECONDS > self._deadline:
                request = check.path if check.method == "GET" else f"{check.method} {check.path}"
                raise SmokeFailed(f"{request} did not return {check.expectation}: {result}.")
            time.sleep(PAUSE_SECONDS)
            statuses = {check.repeated_status} if check.repeated_status else set()
        return result

    def attempt(self, check: Check, statuses: Collection[int] = ()) -> Response | str:
        """Send the request once, and return the response, or why the check failed, without the content of the response.

        Args:
            check: the check.
            statuses: statuses of a repetition that pass too.
        """
        body = None if check.body is None else json.dumps(check.body).encode()
        headers = {"Accept": check.media or JSON, **({"Content-Type": JSON} if body else {}), **check.headers}
        try:
            response = fetch(self._url + check.path, check.method, body, headers, self._pool)
        except HTTPError as error:
            return f"there was no response ({error})"
        if response.status in statuses:
            return response
        if (response.status, response.media) != (check.status, check.media):
            return f"the response is {response.status} {response.media}, not {check.status} {check.media}".rstrip()
        try:
            passed = check.predicate(response)
        except (ValueError, LookupError, TypeError):
            passed = False
        return response if passed else f"the response is {response.status}, but its content is wrong"


def checks(version: str | None) -> tuple[Check, ...]:
    """Return the checks that write nothing; ``version`` is the version that must be live, or None for any."""

    def is_expected(response: Response) -> bool:
        return bool(response.json["version"] == (version or response.json["version"]))

    return (
        Check("/health", 200, JSON, f"version {version}" if version else "a version", is_expected),
        OPENAPI,
        Check("/cats?limit=1", 200, JSON, "a list of cats", lambda response: "items" in response.json),
        Check("/", 200, HTML, "an HTML page", lambda response: b"</html>" in response.body),
        Check("/nowhere", 404, PROBLEM, "the problem 404", lambda response: "requestId" in response.json),
        Check("/todos", 401, PROBLEM, "the problem 401", lambda response: "requestId" in response.json),
    )


OPENAPI = Check("/openapi.json", 200, JSON, "the OpenAPI document", lambda response: "/cats" in response.json["paths"])


def smoke(url: str, version: str | None = None, patience: float = SECONDS, read_only: bool = False) -> bool:
    """Run all checks, each until it passes, and return whether they wrote.

    Args:
        url: the address of the API, without a trailing slash.
        version: the version that must be live; None accepts any.
        patience: the time limit in seconds; each check runs at least once.
        read_only: whether to write nothing.

    Returns:
        False if ``read_only``, or if the API has no registration. Release 0.1.0 has none.

    Raises:
        SmokeFailed: a check failed until the time limit.
    """
    client = Client(url, patience)
    for check in checks(version):
        client.run(check)
    writes = not read_only and "post" in client.run(OPENAPI).json["paths"].get("/users", {})
    if writes:
        _write(client)
    return writes


def _write(client: Client) -> None:
    """Register a user, repeat the registration, log in, change the profile, and delete the user."""
    name = SMOKE_TEST_PREFIX + secrets.token_hex(8)
    credentials = {"username": name, "password": secrets.token_urlsafe(32)}

    def is_user(response: Response) -> bool:
        return bool(response.json["username"] == name)

    registration = Check(
        "/users", 201, JSON, "a new user", is_user, "POST", credentials, {"Idempotency-Key": secrets.token_urlsafe()}
    )
    client.run(registration)
    client.run(replace(registration, expectation="a replay", predicate=lambda r: "Idempotent-Replayed" in r.headers))
    login = client.run(Check("/sessions", 201, JSON, "a token", lambda r: bool(r.json["token"]), "POST", credentials))
    _change_and_delete(client, f"/users/{name}", {"Authorization": f"Bearer {login.json['token']}", "If-Match": "*"})


def _change_and_delete(client: Client, path: str, headers: Mapping[str, str]) -> None:
    """Change the profile of a user, read it, and delete the user, also after a failure."""
    about = secrets.token_hex(8)

    def is_changed(response: Response) -> bool:
        return bool(response.json["about"] == about)

    patch = {**headers, "Content-Type": "application/merge-patch+json"}
    read = Check(path, 200, JSON, "the changed profile", is_changed, headers=headers)
    # After the deletion, a repetition has no valid token.
    delete = Check(path, 204, NO_BODY, "a deletion", method="DELETE", headers=headers, repeated_status=401)
    try:
        client.run(replace(read, method="PATCH", body={"about": about}, headers=patch))
        client.run(read)
    except BaseException:
        client.attempt(delete)
        raise
    client.run(delete)
    client.run(Check(path, 401, PROBLEM, "the problem 401", headers=headers))


def connections(url: str) -> urllib3.PoolManager:
    """Return a pool of connections, through the proxy of the environment if there is one for this address."""
    address = urlsplit(url)
    proxy = getproxies().get(address.scheme)
    return urllib3.PoolManager() if not proxy or proxy_bypass(address.netloc) else urllib3.ProxyManager(proxy)


def fetch(
    url: str,
    method: str = "GET",
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    pool: urllib3.PoolManager | None = None,
) -> Response:
    """Send a request and return the response, whatever its status. Redirects are not followed.

    Raises:
        urllib3.exceptions.HTTPError: there was no response.
    """
    found = (pool or connections(url)).request(
        method, url, body=body, headers=headers, timeout=REQUEST_SECONDS, retries=False, redirect=False
    )
    return Response(found.status, found.headers, found.data)


def main() -> None:
    """Test the API at an address."""
    parser = argparse.ArgumentParser(prog="python -m tools.deploy.smoke", description="Test a deployed API.")
    parser.add_argument("url", help="the address of the API")
    parser.add_argument("--version", help="the version that must be live")
    parser.add_argument("--patience", type=float, default=SECONDS, help="time limit in seconds; default: %(default)g")
    parser.add_argument("--read-only", action="store_true", help="do not log in, and write nothing")
    arguments = parser.parse_args()
    url = arguments.url.rstrip("/")
    wrote = smoke(url, arguments.version, arguments.patience, arguments.read_only)
    echo(f"The API at {url} works." if wrote else f"The API at {url} can be read. Writes were not tested.")


if __name__ == "__main__":
    run_main(main)
