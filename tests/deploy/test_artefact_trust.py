"""The function speaks TLS with whom the certificates in its package vouch for, and with nobody else.

In the cloud every call to DynamoDB is HTTPS, and every engine on this machine speaks plain HTTP: a package without its
certificates would pass all other tests.
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
LIST = "botocore/cacert.pem"
UNKNOWN, TRUSTED = "TLSV1_ALERT_UNKNOWN_CA", "trusted"


class Impostor(socketserver.ThreadingTCPServer):
    """Somebody who claims to be DynamoDB, and keeps what callers say to a certificate that nobody vouches for."""

    daemon_threads = True

    def __init__(self, certificate: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handshake)
        self.certificate = certificate
        self.url = f"https://127.0.0.1:{self.server_address[1]}"
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(certificate)
        self.heard: SimpleQueue[str] = SimpleQueue()


class _Handshake(socketserver.BaseRequestHandler):
    server: Impostor

    def handle(self) -> None:
        try:
            with self.server.tls.wrap_socket(self.request, server_side=True) as caller:
                caller.recv(1)
                self.server.heard.put(TRUSTED)
        except (ssl.SSLError, OSError) as error:
            self.server.heard.put(str(getattr(error, "reason", error)))


@pytest.fixture
def impostor(tmp_path: Path) -> Iterator[Impostor]:
    """Somebody who listens on this machine."""
    pem = tmp_path / "impostor.pem"
    pem.write_bytes(self_signed("127.0.0.1"))
    with Impostor(pem) as listening:
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield listening
        listening.shutdown()
        thread.join()


def heard(package: Package, impostor: Impostor, folder: Path, change: Change) -> str:
    """Let the function read from the impostor, who is no store to it, and return what the impostor heard."""
    environment = ENVIRONMENT | {"TABLE_NAME": "clowder-test", "DYNAMODB_URL": impostor.url}
    with execution(unpack(package, folder / "task", change), folder / "log", environment) as started:
        assert Gateway(started.handler).get("/cats/luna").status == 503
    return impostor.heard.get(timeout=SECONDS)


def test_an_impostor_is_refused_for_its_certificate(artefact: Package, impostor: Impostor, tmp_path: Path) -> None:
    assert heard(artefact, impostor, tmp_path, lambda name, content: content) == UNKNOWN


def test_a_package_without_its_certificates_trusts_nobody(
    artefact: Package, impostor: Impostor, tmp_path: Path
) -> None:
    answer = heard(artefact, impostor, tmp_path, lambda name, content: None if name == LIST else content)
    assert answer not in (UNKNOWN, TRUSTED), "there is no handshake without a list of certificates"


def test_whom_the_list_in_the_package_names_is_trusted(artefact: Package, impostor: Impostor, tmp_path: Path) -> None:
    own = impostor.certificate.read_bytes()
    assert heard(artefact, impostor, tmp_path, lambda name, content: own if name == LIST else content) == TRUSTED
