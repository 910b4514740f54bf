"""The page to which a browser returns after the login: ``/login?next=/todos/next``.

The path comes from a URL that anybody can write. So it must be a path of this site: otherwise a link to the login
would lead to another site (an open redirect, CWE-601).
"""

from __future__ import annotations

from urllib.parse import quote, unquote, urlencode

from flask import Request

MAX_LENGTH = 1000
"""In characters. A longer path is left out."""
FORMS = "/forms/"


def login_path(request: Request) -> str:
    """Return the path of the login, from which a browser returns to the page of a request. It is without the stage.

    Only a GET can be repeated by a link. A form has the same URL when it is opened and when it is sent.
    """
    # A percent sign in the path is that of an encoded slash or percent sign (``routing.decode_path``).
    path = quote(request.path, safe="/%")
    if request.method in ("GET", "HEAD"):
        query = request.query_string.decode("ascii", "replace")
        path = f"{path}?{query}" if query else path
    elif not path.startswith(FORMS):
        path = ""
    path = local_path(path)
    return f"/login?{urlencode({'next': path}, safe='/')}" if path else "/login"


def local_path(text: str) -> str:
    """Return a path of this site with its query, or an empty text if it is none.

    It has one slash at its beginning, and printable ASCII characters without spaces and backslashes. Its decoded form
    must be a path of this site too, because a proxy may decode it.
    """
    path = text.partition("?")[0]
    is_local = len(text) <= MAX_LENGTH and all(map(_is_local, (path, unquote(path))))
    is_plain = text.isascii() and text.isprintable() and not any(character in text for character in ' \\"<>#')
    return text if is_local and is_plain else ""


def _is_local(path: str) -> bool:
    return path.startswith("/") and "//" not in path and "\\" not in path and path.isprintable()
