"""Run the HTML recipes of the quick start in Chromium, on a website of another origin than the API."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page, expect
from werkzeug.wrappers import Request, Response

from tests.browser.conftest import served
from tests.support.dev_server import LocalCafe, local_cafe
from tests.support.documents import find_examples, read_section

pytestmark = pytest.mark.slow

QUICKSTART = Path(__file__).resolve().parents[2] / "docs" / "quickstart.md"
CATS, WEIGHTS = "### Cats on my website", "### Record a weight from a phone"
MARKUP = "<img src=x onerror=\"document.title = 'attacked'\">"

OpenRecipe = Callable[[str], Page]


def read_page(heading: str) -> str:
    (page,) = [
        example.code for example in find_examples(read_section(QUICKSTART, heading)) if example.language == "html"
    ]
    return page


@pytest.fixture(scope="module")
def website() -> Iterator[tuple[str, dict[str, str]]]:
    """Serve pages by path on an origin of their own."""
    pages: dict[str, str] = {}

    @Request.application
    def show(request: Request) -> Response:
        page = pages.get(request.path)
        return Response(page, mimetype="text/html") if page else Response(status=404)

    with served(show) as origin:
        yield origin, pages


@pytest.fixture(scope="module")
def cafe(website: tuple[str, dict[str, str]], tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCafe]:
    """Start a server with sample data that allows the origin of the website."""
    with local_cafe(tmp_path_factory.mktemp("recipes"), CORS_ORIGINS=website[0]) as server:
        yield server


@pytest.fixture(scope="module")
def owner(cafe: LocalCafe) -> str:
    """Return a session token of the owner."""
    login = {"username": "owner", "password": cafe.password}
    return str(requests.post(f"{cafe.url}/sessions", json=login, timeout=30).json()["token"])


@pytest.fixture
def open_recipe(browser: Browser, website: tuple[str, dict[str, str]], cafe: LocalCafe) -> Iterator[OpenRecipe]:
    """Return a function that opens the recipe under a heading as a page of the website."""
    origin, pages = website
    context = browser.new_context(base_url=origin)

    def open_page(heading: str) -> Page:
        pages["/recipe"] = read_page(heading).replace("http://127.0.0.1:5000", cafe.url)
        page = context.new_page()
        page.goto("/recipe")
        return page

    yield open_page
    context.close()


def call(method: str, url: str, token: str, **options: Any) -> Any:
    response = requests.request(method, url, headers={"Authorization": f"Bearer {token}"}, timeout=30, **options)
    response.raise_for_status()
    return response.json()


def test_the_page_of_cats_has_at_most_20_lines() -> None:
    assert len(read_page(CATS).splitlines()) <= 20


def test_the_page_of_cats_shows_every_available_cat_and_escapes_texts(
    cafe: LocalCafe, owner: str, open_recipe: OpenRecipe
) -> None:
    for number in range(21):  # more cats than a page has
        cat = {"status": "available", "description": MARKUP}
        call("PUT", f"{cafe.url}/cats/recipe-{number}", owner, json=cat)
    listed = call("GET", f"{cafe.url}/cats?status=available&limit=100", owner)
    page = open_recipe(CATS)
    expect(page.locator("#cats b")).to_have_text([cat["name"] for cat in listed["items"]])
    expect(page.locator("#cats li", has_text="recipe-20")).to_contain_text(MARKUP)
    assert page.locator("img").count() == 0
    assert page.title() == "Our cats"


def test_the_page_of_weights_records_a_weight_once(cafe: LocalCafe, owner: str, open_recipe: OpenRecipe) -> None:
    weights = f"{cafe.url}/cats/luna/weights?limit=100"
    before = call("GET", weights, owner)["items"]
    token = call("POST", f"{cafe.url}/tokens", owner, json={"name": "phone", "role": "staff", "expires": None})["token"]
    page = open_recipe(WEIGHTS)
    page.get_by_label("Cat").fill("luna")
    page.get_by_label("Grams").fill("4215")
    page.get_by_label("Token").fill(token)
    for _ in range(2):
        with page.expect_response("**/weights"):
            page.get_by_role("button", name="Record").click()
        expect(page.locator("output")).to_have_text("4215 g recorded.")
    after = call("GET", weights, owner)["items"]
    assert [weight["grams"] for weight in after[: len(after) - len(before)]] == [4215]


def test_the_page_of_weights_shows_the_problem(open_recipe: OpenRecipe) -> None:
    page = open_recipe(WEIGHTS)
    page.get_by_label("Cat").fill("luna")
    page.get_by_label("Grams").fill("4215")
    page.get_by_label("Token").fill("wrong")
    page.get_by_role("button", name="Record").click()
    expect(page.locator("output")).to_contain_text("token")
