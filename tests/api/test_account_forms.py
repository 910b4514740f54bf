"""Forms and pages of posts and accounts: registration, profile, password, sessions, API tokens, users and roles."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from api.domain.posts import CreatePost
from api.domain.tokens import CreateToken
from api.domain.users import CreateUser, ReplaceUser
from api.store.table import Table
from api.web.forms import accounts, posts
from api.web.forms.fields import Section
from tests.support.app import TestApp
from tests.support.forms import browser_of, send, values
from tests.support.inspection import items, writes_nothing
from tests.support.users import (
    BROWSER,
    PASSWORD,
    BrowserClient,
    attempt_login,
    create_token,
    is_authenticated,
    log_in,
    register,
)

NEW_PASSWORD = " a warm window sill "
HOSTILE = "\"><script>alert(1)</script>{{ 7 * 7 }}' x='"


@pytest.fixture
def member(cafe: TestApp) -> BrowserClient:
    """A browser in which a member is logged in."""
    return browser_of(cafe, "mia", "member")


@pytest.fixture
def owner(cafe: TestApp) -> BrowserClient:
    """A browser in which an owner is logged in."""
    return browser_of(cafe, "olga", "owner")


def members(sections: tuple[Section, ...]) -> set[str]:
    """Return the members that the fields of a form have."""
    return {field.name for section in sections for field in section.fields}


def fill(browser: BrowserClient, path: str, **texts: str) -> Any:
    """Open a form, fill in some fields, and send it."""
    page = browser.open(path)
    assert page.status_code == 200, page.text
    return send(browser, path, values(page) | {name: [text] for name, text in texts.items()})


def test_the_forms_have_every_member_that_clients_may_write() -> None:
    assert members(posts.SECTIONS) == {*CreatePost.__struct_encode_fields__}
    assert members(accounts.NEW_USER) == {*CreateUser.__struct_encode_fields__}
    assert members(accounts.REGISTER) == {*CreateUser.__struct_encode_fields__} - {"role"}, "an owner gives roles"
    assert members(accounts.TOKEN) == {*CreateToken.__struct_encode_fields__}
    own = members(accounts.PROFILE) | members(accounts.CHANGE_PASSWORD)
    writable = {*ReplaceUser.__struct_encode_fields__} - {"username"}  # it does not change
    assert own | members(accounts.USER) == writable
    assert members(accounts.USER) == writable - {"currentPassword"}, "owners do not know the passwords of others"


def test_posts_are_written_changed_and_deleted(cafe: TestApp) -> None:
    staff = browser_of(cafe, "ada", "staff")
    assert 'href="/forms/posts"' in staff.open("/posts").text
    assert "/forms/" not in BrowserClient(cafe).open("/posts").text
    sent: dict[str, str] = {"title": HOSTILE, "body": "# Hello\n\nLuna *sleeps*.", "cats": "Luna, miso"}
    created = fill(staff, "/forms/posts", **sent, publishedAt="2026-12-24T18:00")
    assert (created.status_code, created.headers["Location"]) == (303, "/posts/1?notice=saved")
    stored = cafe.staff.get("/posts/1").json
    assert (stored["title"], stored["body"], stored["cats"]) == (HOSTILE, sent["body"], ["Luna", "miso"])
    assert stored["publishedAt"] == "2026-12-24T18:00:00Z"
    page = staff.open("/posts/1").text
    assert ('href="/forms/posts/1"' in page, "<script>alert" in page) == (True, False)
    invalid = fill(staff, "/forms/posts/1", title=" ", body=sent["body"] + HOSTILE, cats="no such%cat")
    assert (invalid.status_code, "<script>alert" in invalid.text) == (422, False)
    assert [name for name in ("title", "cats", "body") if f'id="{name}-error"' in invalid.text] == ["title", "cats"]
    assert values(invalid)["body"] == [sent["body"] + HOSTILE]
    assert fill(staff, "/forms/posts/1", title="Luna").status_code == 303
    assert cafe.staff.get("/posts/1").json | {"title": "", "updated": "", "version": 0} == stored | {
        "title": "",
        "updated": "",
        "version": 0,
    }
    deleted = fill(staff, "/forms/posts/1", _action="delete")
    assert (deleted.headers["Location"], cafe.staff.get("/posts/1").status_code) == ("/posts?notice=deleted", 404)


def test_registration_has_its_errors_beside_the_fields(cafe: TestApp) -> None:
    register(cafe, "ada")
    browser, path = BrowserClient(cafe), "/forms/register"
    assert f'href="{path}"' in browser.open("/login").text
    wrong = {"username": "ADA", "displayName": HOSTILE[:60], "email": "nobody", "about": HOSTILE}
    for password, name in (("short", "password"), ("password1", "password"), (PASSWORD, "email")):
        page = fill(browser, path, **wrong, password=password)
        assert (page.status_code, f'id="{name}-error"' in page.text, password in page.text) == (422, True, False)
        assert "Write an e-mail address, such as ada@example.org." in page.text
        assert values(page)["about"] == [HOSTILE]
        assert values(page)["password"] == [""]
    taken = fill(browser, path, **wrong | {"email": "ada@example.org"}, password=PASSWORD)
    assert (taken.status_code, 'id="username-error"' in taken.text) == (422, True)
    sent = values(taken) | {"username": ["Bea"], "password": [PASSWORD]}
    created = [send(browser, path, sent) for _ in range(2)]
    assert [(each.status_code, each.headers["Location"]) for each in created] == [(303, "/login?notice=registered")] * 2
    assert PASSWORD not in str(items(cafe))
    assert "You are registered. Log in now." in browser.open("/login?notice=registered").text
    stored = log_in(cafe, "bea").get("/users/me").json
    assert (stored["role"], stored["about"], stored["email"]) == ("member", HOSTILE, "ada@example.org")


def test_registrations_of_an_address_are_limited_and_lose_nothing(mocked_table: Table) -> None:
    cafe = TestApp(mocked_table, login_tries=1, login_window_seconds=10_000)
    browser = BrowserClient(cafe)
    statuses = []
    for _ in range(20):
        page = fill(browser, "/forms/register", username="ada", password="short", about="I bake.")
        statuses.append(page.status_code)
        if page.status_code == 429:
            break
    assert statuses[-1] == 429 != statuses[0]
    assert "Retry-After" in page.headers
    assert values(page)["about"] == ["I bake."]
    assert register(cafe, "ada").status_code == 429, "the API counts the same"


def test_the_profile_changes_and_an_e_mail_address_needs_the_password(cafe: TestApp, member: BrowserClient) -> None:
    changed = fill(member, "/forms/profile", displayName="Mia", about=HOSTILE)
    assert (changed.status_code, changed.headers["Location"]) == (303, "/users/me?notice=saved")
    page = member.open("/users/me").text
    assert (HOSTILE in unescape(page), "<script>" in page) == (True, False)
    for password, status in (("", 422), ("wrong", 422), (PASSWORD, 303)):
        sent = fill(member, "/forms/profile", email="mia@example.org", currentPassword=password)
        assert (sent.status_code, 'id="currentPassword-error"' in sent.text) == (status, status == 422)
        assert PASSWORD not in sent.text
    assert log_in(cafe, "mia").get("/users/me").json["email"] == "mia@example.org"
    assert fill(member, "/forms/profile", email="").status_code == 422, "to remove it needs the password too"


def test_a_new_password_ends_the_other_sessions_and_the_tokens(cafe: TestApp, member: BrowserClient) -> None:
    other = log_in(cafe, "mia")
    create_token(other)
    for current, new, name in (
        ("wrong", NEW_PASSWORD, "currentPassword"),
        (PASSWORD, "", "password"),
        ("", "x", "password"),
    ):
        page = fill(member, "/forms/password", currentPassword=current, password=new)
        assert (page.status_code, f'id="{name}-error"' in page.text) == (422, True)
        assert not [secret for secret in (PASSWORD, NEW_PASSWORD) if secret in page.text]
    assert "sessions and all your API tokens end" in page.text
    cafe.staff.patch("/users/mia", {"about": "x"}, if_match="*")
    changed = fill(member, "/forms/password", currentPassword=PASSWORD, password=NEW_PASSWORD)
    assert (changed.status_code, changed.headers["Location"]) == (303, "/users/me?notice=saved")
    assert (is_authenticated(other), member.open("/tokens").status_code) == (False, 200)
    assert "You have no tokens." in member.open("/tokens").text
    assert attempt_login(cafe, "mia").status_code == 401
    assert attempt_login(cafe, "mia", NEW_PASSWORD.strip()).status_code == 401, "spaces count"
    assert attempt_login(cafe, "mia", NEW_PASSWORD).status_code == 201


def test_a_conflict_shows_no_password(cafe: TestApp, member: BrowserClient) -> None:
    sent = values(member.open("/forms/profile")) | {"currentPassword": [PASSWORD], "about": ["mine"]}
    assert log_in(cafe, "mia").patch("/users/me", {"about": "theirs"}, if_match="*").status_code == 200
    conflict = send(member, "/forms/profile", sent)
    assert (conflict.status_code, PASSWORD in conflict.text, "theirs" in conflict.text) == (412, False, True)


def test_sessions_are_listed_and_ended(cafe: TestApp, member: BrowserClient) -> None:
    first, second, stranger = log_in(cafe, "mia"), log_in(cafe, "mia"), browser_of(cafe, "eve", "member")
    page = member.open("/sessions").text
    paths = re.findall(r'action="(/forms/sessions/[^"]*)"', page)
    assert (len(paths), page.count("this one")) == (2, 1)
    assert (
        stranger.submit(paths[0], _action="save").headers["Location"] == "/sessions?notice=ended"
    )  # as after two taps
    assert (is_authenticated(first), is_authenticated(second)) == (True, True)
    for _ in range(2):  # two taps
        assert member.submit(paths[0], _action="save").headers["Location"] == "/sessions?notice=ended"
        assert [is_authenticated(client) for client in (first, second)].count(True) == 1
    log_in(cafe, "mia")
    assert fill(member, "/forms/sessions").status_code == 303
    assert [is_authenticated(client) for client in (first, second)] == [False, False]
    page = member.open("/sessions").text
    assert ("this one" in page, "/forms/sessions" in page) == (True, False)
    assert stranger.open("/sessions").status_code == 200


def test_an_api_token_is_shown_once_and_revoked(cafe: TestApp, member: BrowserClient) -> None:
    too_much = fill(member, "/forms/tokens", name="till", role="owner")
    assert (too_much.status_code, "at most your own role" in too_much.text) == (403, True)
    past = fill(member, "/forms/tokens", name="till", expires="2020-01-01T10:00")
    assert (past.status_code, 'id="expires-error"' in past.text) == (422, True)
    sent = values(member.open("/forms/tokens")) | {"name": [HOSTILE[:40]]}
    created, second = send(member, "/forms/tokens", sent), send(member, "/forms/tokens", sent)
    (token,) = re.findall(r"<code>(clowder_[\w-]+)</code>", created.text)
    assert (created.status_code, created.headers["Cache-Control"]) == (200, "private, no-store")
    assert "<script>" not in created.text
    assert "Location" not in created.headers
    listed = member.open(second.headers["Location"]).text
    assert "You sent the form twice. There is one token." in listed
    assert token not in listed + second.text + str(items(cafe))
    assert send(member, "/forms/tokens", sent | {"name": ["other"]}).status_code == 422
    client = cafe.app.test_client()
    assert client.get("/users/me", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    (path,) = re.findall(r'href="(/forms/tokens/[^"]*)"', listed)
    stranger = browser_of(cafe, "eve", "member")
    assert (stranger.open(path).status_code, stranger.submit(path, _action="save").status_code) == (404, 303)
    assert client.get("/users/me", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    for sent in (values(member.open(path)),) * 2:
        assert send(member, path, sent).headers["Location"] == "/tokens?notice=revoked"
    assert client.get("/users/me", headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_users_delete_their_account(cafe: TestApp, member: BrowserClient, owner: BrowserClient) -> None:
    refused = fill(owner, "/forms/profile", _action="delete")
    assert (refused.status_code, "An owner cannot delete themselves." in refused.text) == (403, True)
    deleted = fill(member, "/forms/profile", _action="delete")
    assert (deleted.headers["Location"], member.cookie) == ("/?notice=deleted", "")
    assert attempt_login(cafe, "mia").status_code == 401


def test_an_owner_gives_roles(cafe: TestApp, member: BrowserClient, owner: BrowserClient) -> None:
    people = owner.open("/users").text
    assert re.findall(r'<h2><a href="([^"]*)"', people)[:2] == ["/users/mia", "/users/me"]
    for query, expected in (
        ("role=member", {"/users/mia"}),
        ("active=false", set()),
        ("limit=1&sort=username", {"/users/mia"}),
    ):
        assert {*re.findall(r'<h2><a href="(/users/mia)"', owner.open(f"/users?{query}").text)} == expected
    assert 'rel="next"' in owner.open("/users?limit=1").text
    assert 'href="/forms/users/mia"' in owner.open("/users/mia").text
    path = "/forms/users/mia"
    changed = fill(owner, path, role="staff", displayName=HOSTILE[:60])
    assert (changed.status_code, changed.headers["Location"]) == (303, "/users/mia?notice=saved")
    assert cafe.client("owner", "Ona").get("/users/mia").json["role"] == "staff"
    assert member.open("/forms/pies").status_code == 200, "the role applies to the session"
    inactive = values(owner.open(path)) | {"active": []}
    assert send(owner, path, inactive).status_code == 303
    assert member.open("/users/me").status_code == 401
    inactive_users = cafe.client("owner", "Ona").get("/users?active=false").json["items"]
    assert [user["username"] for user in inactive_users] == ["mia"]
    assert "may not log in" in owner.open("/users").text
    active = fill(owner, path, active="true", password=NEW_PASSWORD)
    assert (active.status_code, attempt_login(cafe, "mia", NEW_PASSWORD).status_code) == (303, 201)
    added = fill(owner, "/forms/users", username="nia", password=PASSWORD, role="staff")
    assert added.headers["Location"] == "/users/nia?notice=saved"
    assert log_in(cafe, "nia").get("/users/me").json["role"] == "staff"
    assert fill(owner, "/forms/users/nia", _action="delete").headers["Location"] == "/users?notice=deleted"


def test_owners_do_not_demote_themselves_and_others_do_not_see_people(
    cafe: TestApp, member: BrowserClient, owner: BrowserClient
) -> None:
    with writes_nothing(cafe):
        for change in ({"role": ["member"]}, {"active": []}):
            sent = values(owner.open("/forms/users/olga")) | {"about": ["I bake."]} | change
            refused = send(owner, "/forms/users/olga", sent)
            assert (refused.status_code, "You cannot change your own role" in refused.text) == (403, True)
            assert values(refused)["about"] == ["I bake."]
    assert re.findall(r'<h2><a href="([^"]*)"', member.open("/users").text) == ["/users/me"]
    assert [member.open(path).status_code for path in ("/users/olga", "/forms/users/mia", "/forms/users")] == [
        404,
        403,
        403,
    ]
    staff = browser_of(cafe, "ada", "staff")
    assert [staff.open(path).status_code for path in ("/users/mia", "/forms/users/mia")] == [404, 403]
    assert [staff.open(f"/forms/{form}/mia").status_code for form in ("profile", "password", "register")] == [404] * 3


def test_passwords_are_in_no_log_and_no_url(mocked_table: Table, capsys: pytest.CaptureFixture[str]) -> None:
    cafe = TestApp(mocked_table, log_level="INFO")
    browser = BrowserClient(cafe)
    capsys.readouterr()
    responses = [
        fill(browser, "/forms/register", username="ada", password=PASSWORD),
        browser.log_in("ada"),
        fill(browser, "/forms/password", currentPassword=PASSWORD, password=NEW_PASSWORD),
        fill(browser, "/forms/profile", email="ada@example.org", currentPassword="a wrong guess"),
        fill(browser, "/forms/tokens", name="till"),
    ]
    (token,) = re.findall(r"<code>(clowder_[\w-]+)</code>", responses[-1].text)
    lines = capsys.readouterr().err
    assert [
        event for event in ("user created", "user changed", "token created", "login succeeded") if event not in lines
    ] == []
    shown = lines + "".join(response.headers.get("Location", "") for response in responses)
    assert not [
        secret for secret in (PASSWORD, NEW_PASSWORD, "a wrong guess", token, browser.cookie) if str(secret) in shown
    ]


@pytest.mark.parametrize("path", ["/users", "/users/me", "/sessions", "/tokens"])
def test_pages_of_accounts_are_private_and_json_stays(cafe: TestApp, member: BrowserClient, path: str) -> None:
    page = member.open(path)
    assert (page.status_code, page.mimetype, page.headers["Cache-Control"]) == (200, "text/html", "private, no-store")
    assert "Log out" in page.text
    assert member.send("GET", path, {"Accept": "*/*"}).mimetype == "application/json"
    anonymous = cafe.public.get(path, BROWSER)
    assert (anonymous.status_code, f'href="/login?next={path}"' in anonymous.text) == (401, True)
