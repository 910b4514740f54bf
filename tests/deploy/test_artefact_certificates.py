"""Test that the function only trusts TLS certificates of the authorities in its package.

On AWS, DynamoDB is called with HTTPS. The local emulators use HTTP, so that other tests would not notice missing
certificates.
"""

from __future__ import annotations

import socketserver
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue

import pytest

from tests.support.api_gateway import Gateway
from tests.support.deploy_fixtures import ENVIRONMENT
from tests.support.tls import self_signed
from tools.package.build import Package
from tools.runtime.sandbox import Change, execution, unpack

SECONDS = 30.0
CA_BUNDLE = "botocore/cacert.pem"
UNKNOWN, TRUSTED = "TLSV1_ALERT_UNKNOWN_CA", "trusted"


class UntrustedServer(socketserver.ThreadingTCPServer):
    """A TLS server with a self-signed certificate. It records the result of each handshake."""

    daemon_threads = True

    def __init__(self, certificate: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handshake)
        self.certificate = certificate
        self.url = f"https://127.0.0.1:{self.server_address[1]}"
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(certificate)
        self.handshakes: SimpleQueue[str] = SimpleQueue()


class _Handshake(socketserver.BaseRequestHandler):
    server: UntrustedServer

    def handle(self) -> None:
        try:
            with self.server.tls.wrap_socket(self.request, server_side=True) as connection:
                connection.recv(1)
                self.server.handshakes.put(TRUSTED)
        except (ssl.SSLError, OSError) as error:
            self.server.handshakes.put(str(getattr(error, "reason", error)))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[UntrustedServer]:
    """Start a server on this machine."""
    pem = tmp_path / "server.pem"
    pem.write_bytes(self_signed("127.0.0.1"))
    with UntrustedServer(pem) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def handshake(package: Package, server: UntrustedServer, folder: Path, change: Change) -> str:
    """Let the function send a request to the server, and return the result of the TLS handshake."""
    environment = ENVIRONMENT | {"TABLE_NAME": "clowder-test", "DYNAMODB_URL": server.url}
    with execution(unpack(package, folder / "task", change), folder / "log", environment) as function:
        assert Gateway(function.handler).get("/cats/luna").status == 503
    return server.handshakes.get(timeout=SECONDS)


def test_an_unknown_certificate_is_rejected(artefact: Package, server: UntrustedServer, tmp_path: Path) -> None:
    assert handshake(artefact, server, tmp_path, lambda name, content: content) == UNKNOWN


def test_without_the_ca_bundle_no_handshake_starts(artefact: Package, server: UntrustedServer, tmp_path: Path) -> None:
    result = handshake(artefact, server, tmp_path, lambda name, content: None if name == CA_BUNDLE else content)
    assert result not in (UNKNOWN, TRUSTED), "the handshake must not start without a CA bundle"


def test_a_certificate_in_the_ca_bundle_is_trusted(artefact: Package, server: UntrustedServer, tmp_path: Path) -> None:
    certificate = server.certificate.read_bytes()
    assert (
        handshake(artefact, server, tmp_path, lambda name, content: certificate if name == CA_BUNDLE else content)
        == TRUSTED
    )
