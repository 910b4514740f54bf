"""A scripted sequence of requests that covers what single operations cannot: state, roles, logins and limits."""

from __future__ import annotations

from typing import Any

from tests.support.app import PATCH, Client, TestApp

MINIMAL = {"Prefer": "return=minimal"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
FULL: dict[str, Any] = {
    "sex": "female", "birthDate": "2020-05-01",
    "vaccinations": [{"type": "rabies", "dueOn": "2026-01-01"}], "adoptionFee": {"amount": 1, "currency": "EUR"},
    "bondedWith": ["tom"], "staffNotes": "x", "specialNeeds": {"has": True, "note": "x"}, "status": "available",
}  # fmt: skip
ADA = FULL | {"microchips": [{"number": "276098106234567"}]}
PASSWORD = "a fairly good horse"


class Browser(Client):
    """A client with a session cookie, logged in with the login form."""

    def __init__(self, cafe: TestApp, username: str = "vera") -> None:
        self._client, self.headers = cafe.app.test_client(), {"Sec-Fetch-Site": "same-origin"}
        cafe.client("owner").post("/users", {"username": username, "password": PASSWORD})
        self.get("/login")
        assert self.submit("/login", username=username, password=PASSWORD).status_code == 303

    def submit(self, path: str, **fields: str) -> Any:
        """Send a form of the site."""
        return self.send("POST", path, {"Accept": "text/html"}, data=fields)


def generate_traffic(cafe: TestApp) -> None:
    """Send the whole sequence of requests."""
    _cats(cafe)
    _weights_and_history(cafe)
    _todos(cafe)
    for posts in ("/posts", "/post"):
        _pies_and_posts(cafe, posts)
    for users in ("/users", "/user"):
        _users(cafe, users)
    _register_until_limited(cafe)
    _sessions(cafe)
    _tokens(cafe)
    _logins(cafe)


def _cats(cafe: TestApp) -> None:
    staff, public = cafe.staff, cafe.public
    staff.put("/cats/tom", FULL | {"bondedWith": []}), staff.put("/cats/ada", ADA), staff.put("/cats/ada", ADA)
    staff.send("PUT", "/cats/ada", MINIMAL, json=ADA), staff.send("PUT", "/cats/ada", {"If-Match": "*"}, json={})
    staff.send("PATCH", "/cats/kit", PATCH | {"If-None-Match": "*"}, json=FULL)
    staff.patch("/cats/kit", FULL, if_match="*")
    staff.send("POST", "/cats", FORM | MINIMAL, data="name=dot"), staff.post("/cats", {"name": "eve"} | FULL)
    for client in (staff, public):
        for query in ("", "?limit=1", "?sort=age&fields=name,breed", "?status=hold", "?ageGroup=adult", "?cursor=x"):
            client.get(f"/cats{query}")
        for path in ("/cats/ada", "/cats/ada?fields=name", "/cats/missing"):
            client.get(path), client.get(path, {"If-None-Match": "*"}), client.get(path, {"If-Match": '"old"'})


def _weights_and_history(cafe: TestApp) -> None:
    for client in (cafe.public, cafe.client("member"), cafe.staff):
        for name in ("kit", "missing"):
            weights = f"/cats/{name}/weights"
            (
                client.post(weights, {"grams": 4000}),
                client.post(weights, {"grams": 3000, "weighedAt": "2026-11-01T00:00:00Z"}),
            )
            client.send("POST", weights, FORM | MINIMAL, data="grams=3&note=x"), client.post(weights, {})
            weighing = client.get(weights).json.get("items", [{"id": "x"}])[0]["id"]
            for path in (
                weights,
                f"{weights}?limit=1",
                f"{weights}?limit=0",
                f"{weights}/{weighing}",
                f"/cats/{name}/history",
            ):
                client.get(path), client.get(path, {"If-None-Match": "*"}), client.get(path, {"If-Match": '"old"'})
            redactions = f"/cats/{name}/history/redactions"
            client.post(redactions, {"member": "description", "reason": "x"}), client.post(redactions, {})
            for query in ("limit=1", "limit=0", "at=2026-11-22T12:00:00Z", "at=x", "cursor=x"):
                client.get(f"/cats/{name}/history?{query}")


def _todos(cafe: TestApp) -> None:
    """Create to-dos of every kind and read derived to-dos."""
    staff = cafe.staff
    fields = {"kind": "medicine", "cat": "kit", "due": "2026-11-21", "assignee": "the staff", "priority": "high",
            "notes": "x", "recurrence": {"every": 1, "unit": "days"}}  # fmt: skip
    pill = staff.post("/todos", {"title": "Pill"} | fields).json["id"]
    staff.post("/todos", {"title": "Shop", "blockedBy": [pill], "waitUntil": "2026-11-22T13:00:00Z"})
    staff.send("POST", "/todos", FORM | MINIMAL, data="title=Sweep")
    staff.post("/todos", {"title": " ", "cat": "missing", "blockedBy": ["x"]})
    for query in ("", "?explain=true", "?assignee=me&limit=1"):
        ranked = staff.get(f"/todos/next{query}").json["items"]
    derived = next(todo["id"] for todo in staff.get("/todos/next").json["items"] if todo["id"].startswith("derived-"))
    assert ranked
    staff.get(f"/todos/{derived}"), staff.post(f"/todos/{derived}/done", {})
    staff.send("POST", f"/todos/{pill}/done"), staff.send("POST", f"/todos/{pill}/done", MINIMAL)
    for query in ("", "?done=true&fields=title,doneBy", "?kind=medicine&cat=kit", "?limit=1", "?cursor=x"):
        staff.get(f"/todos{query}")


def _pies_and_posts(cafe: TestApp, posts: str) -> None:
    staff = cafe.staff
    pie = {"rate": 395, "allergens": ["gluten"], "diets": ["vegan"], "soldOutUntil": "2026-12-01T00:00:00Z"}
    for name in ("cherry", "cherry"):
        staff.put(f"/pies/{name}", pie), staff.post("/pies", {"name": "steak & kidney"} | pie)
    staff.send("PATCH", "/pies/leek", PATCH | {"If-None-Match": "*"}, json={"rate": {"amount": 1, "currency": "GBP"}})
    staff.send("PUT", "/pies/leek", MINIMAL, json={}), staff.send("POST", "/pies", MINIMAL, json={"name": "ham"})
    post = {"title": "News", "body": "**Luna** has a home.", "cats": ["luna"]}
    scheduled = staff.post("/posts", post | {"publishedAt": "2027-01-01T00:00:00Z"}).json["id"]
    for client in (cafe.public, staff):
        for path in ("/pies", "/pies/cherry", "/posts", "/posts.atom", f"{posts}/1", f"{posts}/{scheduled}"):
            client.get(path), client.get(path, {"Accept": "text/plain, */*;q=0.1"}), client.get(f"{path}?limit=1")
        client.get("/pies?vegan=true&sort=name&fields=name,rate"), client.get("/posts?cat=luna&fields=title")
    staff.put(f"{posts}/{scheduled}", post), staff.patch(f"{posts}/{scheduled}", {"cats": ["!"]}, if_match="*")


def _users(cafe: TestApp, users: str) -> None:
    """Create, change and delete users, with and without the permission."""
    owner, path = cafe.client("owner"), f"{users}/ann"
    owner.put(path, {"displayName": "Ann", "email": "ann@example.org", "password": PASSWORD})
    ann = cafe.client("member", "ann")
    owner.put(f"{users}/ben", {"role": "staff"}), owner.delete(f"{users}/ben")
    owner.send("PATCH", f"{users}/ben", PATCH | {"If-None-Match": "*"}, json={"active": False})
    owner.delete(f"{users}/ben"), owner.delete(f"{users}/the owner")
    (
        owner.post("/users", {"username": "Cem", "password": PASSWORD, "role": "staff"}),
        owner.get("/users?role=staff&limit=1"),
    )
    for client in (ann, cafe.public):
        client.get("/users"), client.get(path), client.get(f"{users}/the owner"), client.put(f"{users}/the owner", {})
        (
            client.put(path, {"about": "x"}),
            client.put(path, {"role": "owner"}),
            client.patch(path, {"role": "owner"}, if_match="*"),
        )
        client.post("/users", {"username": "Dan", "password": PASSWORD, "role": "staff"})
        client.post("/users", {"username": "Cem", "password": PASSWORD})
        client.send("POST", "/users", FORM | MINIMAL, data=f"username=eve{users[1:]}&password={PASSWORD}")
    cafe.clock.advance(minutes=16)
    for _ in range(cafe.settings.login_tries + 1):
        for send in (ann.put, lambda path, body: ann.patch(path, body, if_match="*")):
            send(path, {"password": "another good horse", "currentPassword": "wrong"})
    ann.delete(path)


def _register_until_limited(cafe: TestApp) -> None:
    """Register from one address until the rate limit."""
    while cafe.public.post("/users", {}).status_code != 429:
        pass


def _sessions(cafe: TestApp) -> None:
    credentials = {"username": "owner", "password": cafe.create_owner()}
    token = cafe.public.post("/sessions", credentials).json["token"]
    bearer = {"Authorization": f"Bearer {token}"}
    public = cafe.public
    for headers, body in (
        (MINIMAL, credentials),
        ({}, {}),
        ({"Accept": "image/png"}, credentials),
        ({}, "x" * 300_000),
    ):
        public.send("POST", "/sessions", headers, json=body)
    public.send("POST", "/sessions", FORM, data="a"), public.send("POST", "/sessions", data="a")
    for number in range(cafe.settings.login_tries + 1):
        public.post("/sessions", {"username": "missing", "password": str(number)})
    ids = [session["id"] for session in public.get("/sessions", bearer).json["items"]]
    for headers in (bearer, {}, bearer | {"If-None-Match": "*"}, bearer | {"If-Match": '"old"'}):
        public.get("/sessions", headers), public.get(f"/sessions/{ids[0]}", headers)
        public.get("/sessions?limit=1", headers), public.get("/sessions?limit=0", headers)
    for headers in ({}, bearer | {"If-Match": '"old"'}, bearer, bearer, {"Authorization": "x"}):
        public.send("DELETE", f"/sessions/{ids[0]}", headers)


def _tokens(cafe: TestApp) -> None:
    """Create, use and revoke API tokens, up to the maximum number."""
    member = cafe.client("member", "taylor")
    token = Client(cafe.app.test_client(), member.post("/tokens", {"name": "till"}).json["token"])
    for headers in ({}, FORM, {"If-Match": '"old"'}, {"Accept": "image/png"}, {"Content-Type": "text/csv"}):
        member.send("POST", "/tokens", headers, data="name=form")
    member.post("/tokens", {"name": ""}), member.post("/tokens", {"name": "x", "role": "owner"})
    member.post("/tokens", {"name": "x" * 300_000}), member.post("/tokens?wings=2", {}), token.post("/tokens", {})
    while member.post("/tokens", {"name": "another"}).status_code == 201:
        pass
    listed = member.get("/tokens?limit=100").json["items"]
    first, second, *_ = (f"/tokens/{each['id']}" for each in listed if each["name"] == "another")
    for client in (cafe.public, member, token):
        for headers in ({}, {"If-None-Match": "*"}, {"If-Match": '"old"'}, {"Accept": "image/png"}):
            client.get("/tokens?limit=1", headers), client.get(first, headers), client.get("/tokens?limit=0", headers)
        for path in (first, first, "/tokens/missing"):
            client.delete(path, if_match='"old"'), client.delete(path)
    token.delete(second), token.send("POST", "/logout"), token.post("/sessions", {}), token.post("/login", {})


def _logins(cafe: TestApp) -> None:
    """Log in and out with forms and with tokens."""
    credentials, browser = {"username": "vera", "password": PASSWORD}, Browser(cafe)
    for method, path in (("POST", "/logout"), ("POST", "/login"), ("POST", "/sessions"), ("DELETE", "/sessions/x")):
        browser.send(method, path, {"Sec-Fetch-Site": "cross-site"}, data=credentials)
    browser.send("DELETE", "/users/vera", {"Sec-Fetch-Site": "cross-site"})
    browser.get("/login"), browser.get("/logout"), browser.send("POST", "/login", data=credentials)
    browser.submit("/logout"), browser.submit("/logout")
    browser.get("/logout"), browser.submit("/login"), browser.submit("/login", username="vera", password="wrong")
    for body in (credentials, {}, {"username": "vera", "password": "wrong"}):
        cafe.public.post("/login", body), cafe.public.send("POST", "/login", FORM | MINIMAL, data=body)
    for number in range(cafe.settings.login_tries + 1):
        cafe.public.post("/login", {"username": "unknown", "password": str(number)})
    for headers in ({}, {"Accept": "image/png"}, {"If-Match": '"old"'}, {"Accept": "text/html"}, MINIMAL):
        cafe.client("member").send("POST", "/logout", headers)
    cafe.client("member").send("POST", "/logout?wings=2")
