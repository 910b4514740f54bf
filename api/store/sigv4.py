"""Signs what is sent to AWS: Signature Version 4.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from hashlib import sha256
from time import gmtime, strftime
from typing import NamedTuple

ALGORITHM = "AWS4-HMAC-SHA256"


class Key(NamedTuple):
    """Credentials of AWS."""

    access_key: str
    """Their name, which may be known."""
    secret_key: str
    """What is never sent."""
    token: str | None = None
    """Goes with credentials that are good for a while only."""

    def __repr__(self) -> str:
        """Return what may be seen."""
        return f"Key({self.access_key!r})"


class Signer:
    """Signs requests to one address of one service: ``POST`` without a query.

    Args:
        host: as the header ``Host`` has it.
        path: the path of the address.
        region: where the service is.
        service: its name in signatures.
        key: returns the credentials that are good now.
    """

    def __init__(self, host: str, path: str, region: str, service: str, key: Callable[[], Key]) -> None:
        self._host, self._path, self._place = host, path, f"{region}/{service}/aws4_request"
        self._key = key
        self._derived: tuple[str, str, bytes] | None = None
        """The secret key and the day of the last signature, and what was derived of them."""

    def sign(self, headers: Mapping[str, str], body: bytes, at: float) -> dict[str, str]:
        """Return the headers with which a request is sent.

        Args:
            headers: those that it has besides; their names in small letters, their values without superfluous spaces.
            body: of the request.
            at: the instant of sending, in seconds since the epoch; AWS accepts it for five minutes.
        """
        key, now = self._key(), strftime("%Y%m%dT%H%M%SZ", gmtime(at))
        signed = {**headers, "host": self._host, "x-amz-date": now}
        if key.token:
            signed["x-amz-security-token"] = key.token
        names = sorted(signed)
        listed = ";".join(names)
        told = "".join([f"{name}:{signed[name]}\n" for name in names])
        request = f"POST\n{self._path}\n\n{told}\n{listed}\n{sha256(body).hexdigest()}"
        scope = f"{now[:8]}/{self._place}"
        text = f"{ALGORITHM}\n{now}\n{scope}\n{sha256(request.encode()).hexdigest()}"
        signature = hmac.digest(self._of_day(key.secret_key, now[:8]), text.encode(), "sha256").hex()
        signed["authorization"] = (
            f"{ALGORITHM} Credential={key.access_key}/{scope}, SignedHeaders={listed}, Signature={signature}"
        )
        return signed

    def _of_day(self, secret: str, day: str) -> bytes:
        """Return the key that signs on a day."""
        kept = self._derived
        if kept and kept[0] == secret and kept[1] == day:
            return kept[2]
        derived = f"AWS4{secret}".encode()
        for part in (day, *self._place.split("/")):
            derived = hmac.digest(derived, part.encode(), "sha256")
        self._derived = (secret, day, derived)
        return derived
