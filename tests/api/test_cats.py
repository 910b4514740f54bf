"""A cat through every room."""

from tests.cafe import Cafe


def test_a_cat_put_with_nothing_is_a_cat(cafe: Cafe) -> None:
    answer = cafe.staff.put("/cats/luna", {})
    assert answer.status_code == 201
    assert answer.headers["Location"] == "/cats/luna"
    assert cafe.staff.get("/cats/luna").get_json() == answer.get_json()
