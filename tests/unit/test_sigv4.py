"""What we sign is signed as AWS's own client signs it, and as AWS publishes it."""

from __future__ import annotations

from datetime import UTC, datetime

import botocore.auth
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from api.store.sigv4 import Key, Signer

HOST = "dynamodb.eu-west-1.amazonaws.com"
SECRETS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=60)
INSTANTS = st.integers(0, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


def as_botocore_does(key: Key, body: bytes, headers: dict[str, str], at: datetime) -> str:
    """Return the header Authorization that botocore makes."""
    request = AWSRequest("POST", f"https://{HOST}/", headers=headers, data=body)
    with pytest.MonkeyPatch.context() as clock:
        clock.setattr(botocore.auth, "get_current_datetime", lambda: at)
        SigV4Auth(Credentials(*key), "dynamodb", "eu-west-1").add_auth(request)
    return str(request.headers["Authorization"])


@given(
    key=st.builds(Key, SECRETS, SECRETS, st.none() | SECRETS),
    body=st.binary(max_size=300),
    operation=st.sampled_from(["GetItem", "TransactWriteItems"]),
    at=INSTANTS,
)
def test_a_signature_is_that_of_botocore(key: Key, body: bytes, operation: str, at: datetime) -> None:
    headers = {"content-type": "application/x-amz-json-1.0", "x-amz-target": f"DynamoDB_20120810.{operation}"}
    signed = Signer(HOST, "/", "eu-west-1", "dynamodb", lambda: key).sign(headers, body, at.timestamp())
    assert signed["authorization"] == as_botocore_does(key, body, headers, at)


def test_a_signature_is_the_one_that_aws_publishes() -> None:
    """The case post-vanilla of AWS's test suite for Signature Version 4."""
    key = Key("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
    signer = Signer("example.amazonaws.com", "/", "us-east-1", "service", lambda: key)
    signed = signer.sign({}, b"", datetime(2015, 8, 30, 12, 36, tzinfo=UTC).timestamp())
    assert signed == {
        "host": "example.amazonaws.com",
        "x-amz-date": "20150830T123600Z",
        "authorization": "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        "SignedHeaders=host;x-amz-date, Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
    }


@pytest.mark.parametrize("days", [0, 1])
def test_new_credentials_and_a_new_day_are_signed_with(days: int) -> None:
    first, second = Key("A", "one"), Key("B", "two", "token")
    keys = iter([first, second])
    signer = Signer(HOST, "/", "eu-west-1", "dynamodb", lambda: next(keys))
    noon = datetime(2026, 11, 26, 12, tzinfo=UTC)
    signer.sign({}, b"x", noon.timestamp())
    later = noon.replace(day=noon.day + days)
    assert signer.sign({}, b"x", later.timestamp())["authorization"] == as_botocore_does(second, b"x", {}, later)


def test_the_secret_is_not_sent() -> None:
    key = Key("A", "a secret that stays here", "token")
    signed = Signer(HOST, "/", "eu-west-1", "dynamodb", lambda: key).sign({}, b"", 0)
    assert key.secret_key not in str(signed)
    assert key.secret_key not in repr(key)
    assert "token" not in repr(key)
    assert signed["x-amz-security-token"] == "token"
