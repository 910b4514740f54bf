"""The fields of accounts: the profile, passwords, roles and API tokens."""

from __future__ import annotations

from msgspec.structs import replace

from api.domain.passwords import MAX_LENGTH, MIN_LENGTH
from api.web import words
from api.web.forms.fields import Field, Section

DISPLAY_NAME = Field(
    name="displayName",
    label="Name to show",
    help="Visitors see it beside what you write. Without it, they see “a member of the staff”.",
    attributes={"maxlength": 64, "autocomplete": "nickname"},
)
EMAIL = Field(
    name="email",
    label="E-mail address",
    kind="email",
    help="Only you and the owners see it.",
    attributes={"autocomplete": "email"},
)
ABOUT = Field(name="about", label="About", kind="textarea")
USERNAME = Field(
    name="username",
    label="Username",
    required=True,
    help="For the login. It cannot be changed later.",
    attributes={"maxlength": 64, "autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
)
PASSWORD = Field(
    name="password",
    label="Password",
    kind="password",
    required=True,
    help=(
        f"{MIN_LENGTH} to {MAX_LENGTH} characters of any kind. A few words are easy to remember and hard to guess."
        " Common passwords and your username are refused."
    ),
    attributes={"autocomplete": "new-password"},
)
CURRENT_PASSWORD = Field(
    name="currentPassword",
    label="Current password",
    kind="password",
    attributes={"autocomplete": "current-password"},
)
ROLE = Field(
    name="role",
    label="Role",
    kind="select",
    options=tuple(words.ROLES.items()),
    help="An owner may do everything, the staff all work in the café, a member only change their own profile.",
)

REGISTER = (Section("", (USERNAME, PASSWORD, DISPLAY_NAME, EMAIL, ABOUT)),)
NEW_USER = (Section("", (USERNAME, PASSWORD, ROLE, DISPLAY_NAME, EMAIL, ABOUT)),)
PROFILE = (
    Section(
        "",
        (
            DISPLAY_NAME,
            ABOUT,
            EMAIL,
            replace(CURRENT_PASSWORD, help="Only to change the e-mail address."),
        ),
    ),
)
CHANGE_PASSWORD = (Section("", (replace(CURRENT_PASSWORD, required=True), replace(PASSWORD, label="New password"))),)
USER = (
    Section("", (ROLE, Field(name="active", label="May log in", kind="checkbox"))),
    Section("Profile", (DISPLAY_NAME, EMAIL, ABOUT)),
    Section(
        "Password",
        (
            replace(
                PASSWORD,
                label="New password",
                required=False,
                help="Only if they forgot it. It ends all their sessions and API tokens.",
            ),
        ),
    ),
)
TOKEN = (
    Section(
        "",
        (
            Field(
                name="name",
                label="Name",
                required=True,
                help="What the token is for, such as “till”.",
                attributes={"maxlength": 64},
            ),
            replace(ROLE, help="The most that the token may do. It is at most your own role."),
            Field(name="expires", label="Valid until", kind="datetime", help="Empty means that it does not expire."),
        ),
    ),
)
