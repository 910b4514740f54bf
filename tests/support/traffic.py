"""What happens in a café: cats, scales, people and doors, each in all the ways that only it has."""

from __future__ import annotations

from typing import Any

from api.http.authentication import COOKIE
from api.http.csrf import HEADER, csrf_token
from tests.support.app import PATCH, Client, TestApp

MINIMAL = {"Prefer": "return=minimal"}
FIELDS = {"Content-Type": "application/x-www-form-urlencoded"}
FULL: dict[str, Any] = {
    "sex": "female", "birthDate": "2020-05-01", "microchips": [{"number": "276098106234567"}],
    "vaccinations": [{"type": "rabies", "dueOn": "2026-01-01"}], "adoptionFee": {"amount": 1, "currency": "EUR"},
    "bondedWith": ["tom"], "staffNotes": "x", "specialNeeds": {"has": True, "note": "x"}, "status": "available",
}  # fmt: skip
WORD = "a fairly good horse"


class Browser(Client):
    """Somebody with a browser, who has logged in with the form."""

    def __init__(self, cafe: TestApp, username: str = "visitor") -> None:
        self._client, self.headers, self._key = cafe.app.test_client(), {}, cafe.settings.cursor_key
        cafe.client("owner").post("/users", {"username": username, "password": WORD})
        self.get("/login")
        assert self.submit("/login", username=username, password=WORD).status_code == 303

    def proof(self) -> str:
        """Return what shows that a form is one of ours."""
        cookie = self._client.get_cookie(COOKIE)
        return csrf_token(self._key, cookie.value if cookie else "")

    def submit(self, path: str, **fields: str) -> Any:
        """Send a page's form."""
        return self.send("POST", path, {"Accept": "text/html"}, data=fields | {"csrf_token": self.proof()})


def generate_traffic(cafe: TestApp) -> None:
    """Let it all happen."""
    _cats(cafe)
    _weights_and_history(cafe)
    _todos(cafe)
    for news in ("/posts", "/post"):
        _pies_and_posts(cafe, news)
    for people in ("/users", "/user"):
        _users(cafe, people)
    _many_cats(cafe)
    _sessions(cafe)
    _logins(cafe)


def _cats(cafe: TestApp) -> None:
    staff, public = cafe.staff, cafe.public
    staff.put("/cats/tom", FULL | {"bondedWith": []}), staff.put("/cats/ada", FULL), staff.put("/cats/ada", FULL)
    staff.send("PUT", "/cats/ada", MINIMAL, json=FULL), staff.send("PUT", "/cats/ada", {"If-Match": "*"}, json={})
    staff.send("PATCH", "/cats/kit", PATCH | {"If-None-Match": "*"}, json=FULL)
    staff.patch("/cats/kit", FULL, if_match="*")
    staff.send("POST", "/cats", FIELDS | MINIMAL, data="name=dot"), staff.post("/cats", {"name": "eve"} | FULL)
    for who in (staff, public):
        for query in ("", "?limit=1", "?sort=age&fields=name,breed", "?status=hold", "?ageGroup=adult", "?cursor=x"):
            who.get(f"/cats{query}")
        for path in ("/cats/ada", "/cats/ada?fields=name", "/cats/nobody"):
            who.get(path), who.get(path, {"If-None-Match": "*"}), who.get(path, {"If-Match": '"old"'})


def _weights_and_history(cafe: TestApp) -> None:
    for who in (cafe.public, cafe.client("member"), cafe.staff):
        for name in ("kit", "nobody"):
            at = f"/cats/{name}/weights"
            who.post(at, {"grams": 4000}), who.post(at, {"grams": 3000, "weighedAt": "2026-11-01T00:00:00Z"})
            who.send("POST", at, FIELDS | MINIMAL, data="grams=3&note=x"), who.post(at, {})
            weighing = who.get(at).json.get("items", [{"id": "x"}])[0]["id"]
            for path in (at, f"{at}?limit=1", f"{at}?limit=0", f"{at}/{weighing}", f"/cats/{name}/history"):
                who.get(path), who.get(path, {"If-None-Match": "*"}), who.get(path, {"If-Match": '"old"'})
            for query in ("limit=1", "limit=0", "at=2026-11-22T12:00:00Z", "at=x", "cursor=x"):
                who.get(f"/cats/{name}/history?{query}")


def _todos(cafe: TestApp) -> None:
    """To-dos of every sort, some of them nobody's but a cat's."""
    staff = cafe.staff
    full = {"kind": "medicine", "cat": "kit", "due": "2026-11-21", "assignee": "the staff", "priority": "high",
            "notes": "x", "recurrence": {"every": 1, "unit": "days"}}  # fmt: skip
    one = staff.post("/todos", {"title": "Pill"} | full).json["id"]
    staff.post("/todos", {"title": "Shop", "blockedBy": [one], "waitUntil": "2026-11-22T13:00:00Z"})
    staff.send("POST", "/todos", FIELDS | MINIMAL, data="title=Sweep")
    staff.post("/todos", {"title": " ", "cat": "nobody", "blockedBy": ["x"]})
    for query in ("", "?explain=true", "?assignee=me&limit=1"):
        ranked = staff.get(f"/todos/next{query}").json["items"]
    derived = next(todo["id"] for todo in staff.get("/todos/next").json["items"] if todo["id"].startswith("derived-"))
    assert ranked
    staff.get(f"/todos/{derived}"), staff.post(f"/todos/{derived}/done", {})
    staff.send("POST", f"/todos/{one}/done"), staff.send("POST", f"/todos/{one}/done", MINIMAL)
    for query in ("", "?done=true&fields=title,doneBy", "?kind=medicine&cat=kit", "?limit=1", "?cursor=x"):
        staff.get(f"/todos{query}")


def _pies_and_posts(cafe: TestApp, news: str) -> None:
    staff = cafe.staff
    pie = {"rate": 395, "allergens": ["gluten"], "diets": ["vegan"], "soldOutUntil": "2026-12-01T00:00:00Z"}
    for name in ("cherry", "cherry"):
        staff.put(f"/pies/{name}", pie), staff.post("/pies", {"name": "steak & kidney"} | pie)
    staff.send("PATCH", "/pies/leek", PATCH | {"If-None-Match": "*"}, json={"rate": {"amount": 1, "currency": "GBP"}})
    staff.send("PUT", "/pies/leek", MINIMAL, json={}), staff.send("POST", "/pies", MINIMAL, json={"name": "ham"})
    post = {"title": "News", "body": "**Luna** has a home.", "cats": ["luna"]}
    late = staff.post("/posts", post | {"publishedAt": "2027-01-01T00:00:00Z"}).json["id"]
    for who in (cafe.public, staff):
        for path in ("/pies", "/pies/cherry", "/posts", "/posts.atom", f"{news}/1", f"{news}/{late}"):
            who.get(path), who.get(path, {"Accept": "text/plain, */*;q=0.1"}), who.get(f"{path}?limit=1")
        who.get("/pies?vegan=true&sort=name&fields=name,rate"), who.get("/posts?cat=luna&fields=title")
    staff.put(f"{news}/{late}", post), staff.patch(f"{news}/{late}", {"cats": ["!"]}, if_match="*")


def _users(cafe: TestApp, people: str) -> None:
    """Owners, members, and what neither may."""
    owner, at = cafe.client("owner"), f"{people}/ann"
    owner.put(at, {"displayName": "Ann", "email": "ann@example.org", "password": WORD})
    ann = cafe.client("member", "ann")
    owner.put(f"{people}/ben", {"role": "staff"}), owner.delete(f"{people}/ben")
    owner.send("PATCH", f"{people}/ben", PATCH | {"If-None-Match": "*"}, json={"active": False})
    owner.delete(f"{people}/ben"), owner.delete(f"{people}/the owner")
    owner.post("/users", {"username": "Cem", "password": WORD, "role": "staff"}), owner.get("/users?role=staff&limit=1")
    for who in (ann, cafe.public):
        who.get("/users"), who.get(at), who.get(f"{people}/the owner"), who.put(f"{people}/the owner", {})
        who.put(at, {"about": "x"}), who.put(at, {"role": "owner"}), who.patch(at, {"role": "owner"}, if_match="*")
        who.post("/users", {"username": "Dan", "password": WORD, "role": "staff"})
        who.post("/users", {"username": "Cem", "password": WORD})
        who.send("POST", "/users", FIELDS | MINIMAL, data=f"username=eve{people[1:]}&password={WORD}")
    cafe.clock.advance(minutes=16)
    for _ in range(cafe.settings.login_tries + 1):
        for send in (ann.put, lambda path, body: ann.patch(path, body, if_match="*")):
            send(at, {"password": "another good horse", "currentPassword": "wrong"})
    ann.delete(at)


def _many_cats(cafe: TestApp) -> None:
    """So many register from one address that somebody has to wait."""
    while cafe.public.post("/users", {}).status_code != 429:
        pass


def _sessions(cafe: TestApp) -> None:
    right = {"username": "owner", "password": cafe.create_owner()}
    token = cafe.public.post("/sessions", right).json["token"]
    mine = {"Authorization": f"Bearer {token}"}
    public = cafe.public
    for headers, body in ((MINIMAL, right), ({}, {}), ({"Accept": "image/png"}, right), ({}, "x" * 300_000)):
        public.send("POST", "/sessions", headers, json=body)
    public.send("POST", "/sessions", FIELDS, data="a"), public.send("POST", "/sessions", data="a")
    for number in range(cafe.settings.login_tries + 1):
        public.post("/sessions", {"username": "nobody", "password": str(number)})
    ids = [session["id"] for session in public.get("/sessions", mine).json["items"]]
    for headers in (mine, {}, mine | {"If-None-Match": "*"}, mine | {"If-Match": '"old"'}):
        public.get("/sessions", headers), public.get(f"/sessions/{ids[0]}", headers)
        public.get("/sessions?limit=1", headers), public.get("/sessions?limit=0", headers)
    for headers in ({}, mine | {"If-Match": '"old"'}, mine, mine, {"Authorization": "x"}):
        public.send("DELETE", f"/sessions/{ids[0]}", headers)


def _logins(cafe: TestApp) -> None:
    """In and out, as a person and as a program."""
    right, ann = {"username": "visitor", "password": WORD}, Browser(cafe)
    ann.get("/login"), ann.get("/logout"), ann.send("POST", "/logout"), ann.send("POST", "/login", data=right)
    ann.send("DELETE", "/users/visitor", {HEADER: "x"}), ann.submit("/logout"), ann.submit("/logout")
    ann.get("/logout"), ann.submit("/login"), ann.submit("/login", username="visitor", password="wrong")
    for body in (right, {}, {"username": "visitor", "password": "wrong"}):
        cafe.public.post("/login", body), cafe.public.send("POST", "/login", FIELDS | MINIMAL, data=body)
    for number in range(cafe.settings.login_tries + 1):
        cafe.public.post("/login", {"username": "nobody else", "password": str(number)})
    for headers in ({}, {"Accept": "image/png"}, {"If-Match": '"old"'}, {"Accept": "text/html"}, MINIMAL):
        cafe.client("member").send("POST", "/logout", headers)
    cafe.client("member").send("POST", "/logout?wings=2")
