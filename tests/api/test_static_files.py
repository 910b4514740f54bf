"""Static files: only the listed files are served, whatever the path is."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from flask import Flask

import api
from api.http import static_files
from tests.support.app import TestApp, problem

FOLDER = Path(api.__file__).parent / "web" / "static"
GZIP = {"Accept-Encoding": "gzip"}
UNKNOWN = (
    "a" * 300,
    "a" * 5000,
    "a/" * 4000 + "b",
    "../" * 2000 + "etc/passwd",
    "..",
    "../app.py",
    "%2e%2e/app.py",
    "vendor",
    "vendor/",
    "vendor/../style.css",
    "vendor//LICENSE",
    "/style.css",
    ".",
    ".stamp",
    "vendor/.stamp",
    "style.css/",
    "style.css.gz",
    "vendor/swagger-ui.css.gz",
    "style.css%00",
    "%00",
    "STYLE.CSS",
    "%FF%FE",
    "con",
)


@pytest.mark.parametrize("headers", [{}, GZIP], ids=["plain", "gzip"])
def test_unknown_path_is_404(cafe: TestApp, headers: dict[str, str]) -> None:
    for path in UNKNOWN:
        for method in ("GET", "HEAD"):
            response = cafe.public.send(method, f"/static/{path}", headers)
            assert response.status_code == 404, path[:80]
    problem(cafe.public.get(f"/static/{UNKNOWN[0]}", headers), 404)


def test_every_file_is_served_except_hidden_and_compressed_ones(cafe: TestApp) -> None:
    for path in FOLDER.rglob("*"):
        if path.is_file():
            public = not path.name.startswith(".") and path.suffix != ".gz"
            response = cafe.public.get(f"/static/{path.relative_to(FOLDER).as_posix()}", buffered=True)
            assert response.status_code == (200 if public else 404), path
            assert not public or response.data == path.read_bytes()


def test_no_request_looks_for_a_file(cafe: TestApp, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cafe.public.get("/static/style.css", buffered=True).status_code == 200
    monkeypatch.setattr("pathlib.Path.is_file", None)
    monkeypatch.setattr("pathlib.Path.rglob", None)
    monkeypatch.setattr("os.stat", None)
    assert cafe.public.get("/static/nothing.css", GZIP).status_code == 404


def test_range_is_ignored(cafe: TestApp) -> None:
    whole = cafe.public.get("/static/style.css", buffered=True)
    assert "Accept-Ranges" not in whole.headers
    for value in ("items=0-5", "bytes=0-1", "bytes=0-1,3-4", "bytes=99999999-", "x"):
        response = cafe.public.get("/static/style.css", {"Range": value}, buffered=True)
        assert (response.status_code, response.data) == (200, whole.data), value


def test_preconditions(cafe: TestApp) -> None:
    whole = cafe.public.get("/static/style.css", buffered=True)
    tag, modified = whole.headers["ETag"], whole.headers["Last-Modified"]
    for headers, status in (
        ({"If-Match": "*"}, 200),
        ({"If-Match": " * "}, 200),
        ({"If-Match": tag}, 200),
        ({"If-Match": '"old"'}, 412),
        ({"If-Match": "*", "If-None-Match": tag}, 304),
        ({"If-None-Match": tag}, 304),
        ({"If-None-Match": "*"}, 304),
        ({"If-None-Match": '"old"'}, 200),
        ({"If-Modified-Since": modified}, 304),
    ):
        assert cafe.public.get("/static/style.css", headers, buffered=True).status_code == status, headers


def test_original_of_a_file_that_the_package_has_compressed_only(tmp_path: Path) -> None:
    (tmp_path / "large.css.gz").write_bytes(gzip.compress(b"a { color: red }"))
    app = Flask(__name__, static_folder=None)
    static_files.init_app(app, tmp_path)
    client = app.test_client()
    original, compressed = (client.get("/static/large.css", headers=headers, buffered=True) for headers in ({}, GZIP))
    assert (original.data, original.headers.get("Content-Encoding")) == (b"a { color: red }", None)
    assert (gzip.decompress(compressed.data), compressed.headers["Content-Encoding"]) == (original.data, "gzip")
    assert original.mimetype == compressed.mimetype == "text/css"
    tag = original.headers["ETag"]
    assert tag != compressed.headers["ETag"]
    assert client.get("/static/large.css", headers={"If-None-Match": tag}).status_code == 304
    assert client.get("/static/large.css.gz").status_code == 404
