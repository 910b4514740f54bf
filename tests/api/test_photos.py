"""Photos of cats, pies and posts: uploads, order, access, deletion, and what happens when something is interrupted."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from msgspec.structs import replace

from api.domain.albums import ALBUM_RULES
from api.domain.errors import Unavailable
from api.domain.photos import MAX_FILE_BYTES, MAX_UPLOADS, PhotoDeletion, PhotoSizes
from api.services.albums import ALBUMS
from api.services.mappings import PHOTO_DELETION
from api.services.photo_files import ENTITIES
from api.services.photos import finish_deletions, process_upload
from api.store.bucket import Bucket
from api.store.keys import Item, Key
from api.store.table import Table
from tests.support.app import Client, TestApp, pointers, problem
from tests.support.inspection import items
from tests.support.photos import (
    BUCKET,
    DAMAGED,
    create_bucket,
    dependencies,
    fake_sizes,
    files_of,
    object_keys,
    s3,
    send_form,
)

NEW = {"alt": "Luna sleeps on the counter", "type": "image/jpeg"}
YEAR = "max-age=31536000, immutable"


class Photographer:
    """A client of the staff that uploads photos, and the photo function."""

    def __init__(self, cafe: TestApp) -> None:
        self.cafe = cafe
        self.dependencies = dependencies(cafe)

    @property
    def staff(self) -> Client:
        """A client of the staff, with a new token."""
        return self.cafe.staff

    def start(self, path: str = "/cats/luna", alt: str = NEW["alt"]) -> dict[str, Any]:
        """Create an upload."""
        response = self.staff.post(f"{path}/photos", NEW | {"alt": alt})
        assert response.status_code == 201, response.get_data(as_text=True)
        return dict(response.json)

    def upload(self, path: str = "/cats/luna", alt: str = NEW["alt"], data: bytes = b"3000") -> str:
        """Create an upload, upload its file and return its id. The photo function has not run yet."""
        photo = self.start(path, alt)
        assert send_form(photo["upload"], data) == 204
        return str(photo["id"])

    def process(self, photo_id: str, make_sizes: Callable[[bytes], PhotoSizes] = fake_sizes) -> None:
        """Run the photo function."""
        process_upload(self.dependencies, photo_id, make_sizes)

    def add(self, path: str = "/cats/luna", alt: str = NEW["alt"], data: bytes = b"3000") -> str:
        """Add a photo and return its id."""
        photo_id = self.upload(path, alt, data)
        self.process(photo_id)
        return photo_id

    def photos(self, path: str = "/cats/luna") -> list[str]:
        """Return the ids of the photos in an entity."""
        return [photo["id"] for photo in self.staff.get(path).json["photos"]]


@pytest.fixture
def photographer(cafe: TestApp) -> Photographer:
    """Return a photographer of a café with the public cat luna."""
    create_bucket()
    photographer = Photographer(cafe)
    photographer.staff.put("/cats/luna", {"status": "available"})
    return photographer


def leftovers(cafe: TestApp) -> list[str]:
    """Return the partition keys of the uploads and deletions in the table."""
    return [item["pk"]["S"] for item in items(cafe) if item["pk"]["S"].startswith(("uploads#", "photo_deletions#"))]


def test_life_of_a_photo(cafe: TestApp, photographer: Photographer) -> None:
    staff, public = photographer.staff, cafe.public
    created = staff.post("/cats/luna/photos", NEW)
    photo_id = created.json["id"]
    assert created.headers["Location"] == f"/cats/luna/photos/{photo_id}"
    assert (created.json["state"], created.json["files"]) == ("pending", [])
    assert staff.get("/cats/luna/photos").json["items"] == [
        {name: value for name, value in created.json.items() if name != "upload"}
    ]
    assert send_form(created.json["upload"], b"3000") == 204
    assert object_keys() == [f"uploads/{photo_id}"]

    photographer.process(photo_id)

    assert (files_of(photo_id), len(object_keys())) == ([320, 960, 1920], 3)
    (photo,) = public.get("/cats/luna").json["photos"]
    assert photo == {
        "id": photo_id,
        "alt": NEW["alt"],
        "width": 3000,
        "height": 1500,
        "files": [{"width": width, "href": f"/cats/luna/photos/{photo_id}/{width}.webp"} for width in (320, 960, 1920)],
    }
    assert public.get("/cats").json["items"][0]["photos"] == [photo]
    assert public.get("/cats/luna/photos").json == {"items": [photo]}
    assert staff.get(f"/cats/luna/photos/{photo_id}").json | photo == staff.get(f"/cats/luna/photos/{photo_id}").json
    file = public.get(photo["files"][1]["href"])
    assert (file.data, file.mimetype) == (b"RIFF960 of 3000", "image/webp")
    assert file.headers["Cache-Control"] == f"public, {YEAR}"
    assert public.get(photo["files"][1]["href"], {"If-None-Match": file.headers["ETag"]}).status_code == 304
    assert public.get(f"/cats/luna/photos/{photo_id}/500.webp").status_code == 404
    newest = staff.get("/cats/luna/history").json["items"][0]
    assert (newest["action"], newest["changed"], newest["by"]) == ("patched", ["photos"], "the staff")

    assert staff.delete(f"/cats/luna/photos/{photo_id}").status_code == 204

    assert public.get("/cats/luna").json["photos"] == []
    assert public.get(photo["files"][1]["href"]).status_code == 404
    assert staff.delete(f"/cats/luna/photos/{photo_id}").status_code == 404
    assert object_keys() == leftovers(cafe) == []


def test_an_edit_keeps_the_photos_and_refuses_others(photographer: Photographer) -> None:
    photo_id = photographer.add()
    staff = photographer.staff
    whole = staff.get("/cats/luna").json
    assert staff.put("/cats/luna", whole | {"sex": "female"}).json["photos"] == whole["photos"]
    assert pointers(staff.put("/cats/luna", {"photos": []})) == ["/photos"]
    assert photographer.photos() == [photo_id]


def test_order_and_alternative_text_change_with_if_match(photographer: Photographer) -> None:
    first, second, third = (photographer.add(alt=alt) for alt in ("One", "Two", "Three"))
    staff, path = photographer.staff, f"/cats/luna/photos/{third}"
    tag = staff.get(path).headers["ETag"]
    problem(staff.patch(path, {"position": 1}), 428)

    moved = staff.patch(path, {"position": 1, "alt": "New"}, if_match=tag)

    assert (moved.json["position"], moved.json["alt"]) == (1, "New")
    assert moved.headers["ETag"] == staff.get(path).headers["ETag"] != tag
    assert photographer.photos() == [third, first, second]
    problem(staff.patch(path, {"position": 3}, if_match=tag), 412)
    problem(staff.delete(path, if_match=tag), 412)
    assert pointers(staff.patch(path, {"position": 4, "alt": " "}, if_match="*")) == ["/alt", "/position"]
    assert pointers(staff.patch(path, {"position": 0, "width": 7}, if_match="*")) == ["/position", "/width"]
    assert staff.patch(path, moved.json, if_match="*").status_code == 200
    assert staff.get("/cats/luna").json["version"] == 5


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"type": "image/jpeg"}, ["/alt"]),
        ({"alt": "  ", "type": "image/jpeg"}, ["/alt"]),
        (NEW | {"type": "image/gif"}, ["/type"]),
        (NEW | {"size": 8 * 1024 * 1024 + 1}, ["/size"]),
        (NEW | {"size": 0, "state": "ready"}, ["/size", "/state"]),
    ],
)
def test_invalid_upload_is_refused_before_it_begins(
    photographer: Photographer, body: dict[str, Any], where: list[str]
) -> None:
    assert pointers(photographer.staff.post("/cats/luna/photos", body)) == where


def test_form_has_the_exact_key_type_and_size(photographer: Photographer) -> None:
    response = photographer.staff.post("/cats/luna/photos", NEW | {"size": 1000})
    conditions = policy_of(response.json["upload"]["fields"])
    assert ["content-length-range", 0, 1000] in conditions
    assert {"key": f"uploads/{response.json['id']}"} in conditions
    assert {"Content-Type": "image/jpeg"} in conditions
    assert {"x-amz-meta-entity": "cats/luna"} in conditions
    assert response.json["upload"]["expires"] == "2026-11-22T12:15:00Z"


def policy_of(fields: dict[str, str]) -> list[Any]:
    """Return the conditions of a form."""
    from base64 import b64decode
    from json import loads

    conditions: list[Any] = loads(b64decode(fields["policy"]))["conditions"]
    return conditions


def test_repeated_post_gets_the_same_upload_with_a_new_form(cafe: TestApp, photographer: Photographer) -> None:
    first = photographer.staff.post("/cats/luna/photos", NEW, idempotency_key="once")
    cafe.clock.advance(minutes=20)
    again = photographer.staff.post("/cats/luna/photos", NEW, idempotency_key="once")
    assert again.status_code == 201
    assert again.headers["Location"] == first.headers["Location"]
    assert again.json | {"upload": None} == first.json | {"upload": None}
    assert again.json["upload"]["expires"] == "2026-11-22T12:35:00Z"
    saved = next(item for item in items(cafe) if item["pk"]["S"].startswith("idempotency#"))
    assert saved["body"]["S"] == ""
    assert send_form(again.json["upload"], b"700") == 204
    photographer.process(again.json["id"])
    assert photographer.photos() == [first.json["id"]]


def test_only_the_staff_sees_uploads_and_photos_of_a_hidden_cat(cafe: TestApp, photographer: Photographer) -> None:
    photo_id, pending = photographer.add(), photographer.start()["id"]
    path = f"/cats/luna/photos/{photo_id}/960.webp"
    for caller in (cafe.public, cafe.client("member")):
        assert [photo["id"] for photo in caller.get("/cats/luna/photos").json["items"]] == [photo_id]
        assert caller.get(f"/cats/luna/photos/{pending}").status_code == 404
        assert caller.get(f"/cats/luna/photos/{photo_id}").json.keys() == {"id", "alt", "width", "height", "files"}
    photographer.staff.patch("/cats/luna", {"status": "hold"}, if_match="*")
    for caller in (cafe.public, cafe.client("member")):
        for hidden in ("/cats/luna/photos", f"/cats/luna/photos/{photo_id}", path):
            assert caller.get(hidden).status_code == 404
    assert photographer.staff.get(path).headers["Cache-Control"] == f"private, {YEAR}"


def test_refused_upload_has_its_reason_for_a_day(cafe: TestApp, photographer: Photographer) -> None:
    good = photographer.add()
    bad = photographer.upload(data=DAMAGED)
    photographer.process(bad)
    refused = photographer.staff.get(f"/cats/luna/photos/{bad}")
    assert refused.json["state"] == "refused"
    assert refused.json["refusal"] == {"code": "damaged", "detail": "The file is damaged."}
    problem(photographer.staff.patch(f"/cats/luna/photos/{bad}", {"alt": "New"}, if_match="*"), 409)
    assert photographer.photos() == [good]
    assert f"uploads/{bad}" not in object_keys()
    cafe.clock.advance(days=1)
    assert [photo["id"] for photo in photographer.staff.get("/cats/luna/photos").json["items"]] == [good]


def test_refused_upload_can_be_removed_and_the_list_of_them_is_bounded(
    cafe: TestApp, photographer: Photographer
) -> None:
    ids = [photographer.upload(data=DAMAGED) for _ in range(2)]
    for photo_id in ids:
        photographer.process(photo_id)
    for photo_id in ids:
        assert photographer.staff.delete(f"/cats/luna/photos/{photo_id}").status_code == 204
    assert leftovers(cafe) == []
    for _ in range(MAX_UPLOADS + 2):
        photographer.process(photographer.upload(data=DAMAGED))
    assert len(photographer.staff.get("/cats/luna/photos").json["items"]) == MAX_UPLOADS


def test_unfinished_uploads_are_bounded_and_expire(cafe: TestApp, photographer: Photographer) -> None:
    ids = [photographer.start()["id"] for _ in range(MAX_UPLOADS)]
    refused = problem(photographer.staff.post("/cats/luna/photos", NEW), 409)
    assert f"{MAX_UPLOADS} uploads are not finished" in refused["detail"]
    assert photographer.staff.delete(f"/cats/luna/photos/{ids[0]}").status_code == 204
    photographer.start()
    cafe.clock.advance(days=1)
    assert photographer.staff.get("/cats/luna/photos").json["items"] == []
    photographer.start()
    (item,) = (item for item in items(cafe) if item["pk"]["S"] == "uploads#cats/luna")
    assert int(item["expires"]["N"]) == int(cafe.clock.now.timestamp()) + 86400


def test_two_uploads_at_the_same_time_do_not_exceed_the_limit(cafe: TestApp, photographer: Photographer) -> None:
    for _ in range(MAX_UPLOADS - 1):
        photographer.start()
    others = iter([photographer.start])

    class BusyTable(Table):
        """A table on which another upload begins just before the first one is stored."""

        def transact(self, writes: Any, token: str) -> None:
            if begin := next(others, None):
                begin()
            super().transact(writes, token)

    staff = photographer.staff
    app = TestApp(BusyTable(cafe.table.client, cafe.table.name), cafe.clock).app
    problem(app.test_client().post("/cats/luna/photos", json=NEW, headers=staff.headers), 409)
    assert len(staff.get("/cats/luna/photos").json["items"]) == MAX_UPLOADS


def test_urls_of_files_begin_with_the_stage(cafe: TestApp, photographer: Photographer) -> None:
    photo_id = photographer.add(data=b"200")
    for path in ("/cats/luna", "/cats", "/cats/luna/photos"):
        body = cafe.public.get(path, environ_overrides={"SCRIPT_NAME": "/dev"}).json
        found = body["items"][0] if "items" in body else body
        (file,) = (found["photos"][0] if "photos" in found else found)["files"]
        assert file["href"] == f"/dev/cats/luna/photos/{photo_id}/200.webp"


def test_file_that_comes_after_its_upload_has_expired_or_was_removed_is_deleted(
    cafe: TestApp, photographer: Photographer
) -> None:
    late, removed = photographer.upload(), photographer.upload()
    photographer.staff.delete(f"/cats/luna/photos/{removed}")
    photographer.process(removed)
    cafe.clock.advance(days=1)
    photographer.process(late)
    assert photographer.photos() == object_keys() == []


def test_cat_has_at_most_its_limit_of_photos(photographer: Photographer) -> None:
    limit = ALBUMS["cats"].limit
    waiting = [photographer.upload(data=b"300") for _ in range(2)]
    for _ in range(limit - 1):
        photographer.add(data=b"300")
    first, second = waiting
    photographer.process(first)
    problem(photographer.staff.post("/cats/luna/photos", NEW), 409)
    photographer.process(second)
    assert photographer.staff.get(f"/cats/luna/photos/{second}").json["refusal"]["code"] == "too_many"
    assert len(photographer.photos()) == limit
    assert not [key for key in object_keys() if second in key]


@pytest.mark.parametrize("path", ["/pies/cherry", "/posts/1"])
def test_new_photo_of_a_pie_or_post_replaces_the_old_one(cafe: TestApp, photographer: Photographer, path: str) -> None:
    photographer.staff.post("/pies", {"name": "cherry"})
    photographer.staff.post("/posts", {"title": "News", "body": "They sleep."})
    photographer.add(path)
    second = photographer.add(path, data=b"700")
    (photo,) = cafe.public.get(path).json["photos"]
    assert (photo["id"], [file["width"] for file in photo["files"]]) == (second, [320, 700])
    assert cafe.public.get(photo["files"][0]["href"]).data == b"RIFF320 of 700"
    assert (files_of(second), len(object_keys())) == ([320, 700], 2)
    assert cafe.public.get(path.rpartition("/")[0]).json["items"][0]["photos"] == [photo]
    assert photographer.staff.delete(path).status_code == 204
    assert object_keys() == leftovers(cafe) == []


def test_photo_of_a_scheduled_post_is_hidden(cafe: TestApp, photographer: Photographer) -> None:
    body = {"title": "Soon", "body": "A secret.", "publishedAt": "2026-12-01T00:00:00Z"}
    photographer.staff.post("/posts", body)
    photo_id = photographer.add("/posts/1", data=b"200")
    assert cafe.public.get(f"/posts/1/photos/{photo_id}/200.webp").status_code == 404
    cafe.clock.advance(days=30)
    assert cafe.public.get(f"/posts/1/photos/{photo_id}/200.webp").headers["Cache-Control"] == f"public, {YEAR}"


def test_second_event_of_an_upload_changes_nothing(photographer: Photographer) -> None:
    photo_id = photographer.upload()
    photographer.process(photo_id)
    before = (photographer.staff.get("/cats/luna").json, object_keys())
    photographer.process(photo_id)
    s3().put_object(Bucket=BUCKET, Key=f"uploads/{photo_id}", Body=b"3000", Metadata={"entity": "cats/luna"})
    photographer.process(photo_id)
    assert (photographer.staff.get("/cats/luna").json, object_keys()) == before


def test_two_events_at_the_same_time_add_the_photo_once(cafe: TestApp, photographer: Photographer) -> None:
    photo_id = photographer.upload()

    def make_sizes(data: bytes) -> PhotoSizes:
        photographer.process(photo_id)
        return fake_sizes(data)

    photographer.process(photo_id, make_sizes)
    assert photographer.photos() == [photo_id]
    cafe.clock.advance(days=2)
    finish_deletions(photographer.dependencies)
    assert len(object_keys()) == 3
    assert leftovers(cafe) == []


@pytest.mark.parametrize("read", ["cats#luna", "uploads#cats/luna"])
def test_run_that_reads_while_another_adds_the_photo_does_not_delete_its_files(
    photographer: Photographer, read: str
) -> None:
    photo_id = photographer.upload()
    others = list[str]()

    class SlowTable(Table):
        """A table on which another run adds the photo after one of the two items is read."""

        def get(self, key: Key, *, consistent: bool) -> Item | None:
            item = super().get(key, consistent=consistent)
            if key["pk"] == read and others:
                photographer.process(others.pop())
            return item

    def make_sizes(data: bytes) -> PhotoSizes:
        others.append(photo_id)
        return fake_sizes(data)

    table = SlowTable(photographer.cafe.table.client, photographer.cafe.table.name)
    process_upload(replace(photographer.dependencies, table=table), photo_id, make_sizes)
    assert (photographer.photos(), len(object_keys())) == ([photo_id], 3)


@pytest.mark.parametrize("broken", [(), ("delete",)])
def test_second_file_of_a_form_does_not_change_the_photo(
    cafe: TestApp, photographer: Photographer, broken: tuple[str, ...]
) -> None:
    photo_id = photographer.upload(data=b"2000")

    def make_sizes(data: bytes) -> PhotoSizes:
        photographer.process(photo_id, lambda _data: fake_sizes(b"3000"))  # it has read the first file
        return fake_sizes(data)

    bucket = BrokenBucket(*broken, error=Unavailable("busy"))
    with suppress(Unavailable):
        process_upload(replace(photographer.dependencies, open_bucket=lambda: bucket), photo_id, make_sizes)
    cafe.clock.advance(days=2)
    finish_deletions(photographer.dependencies)
    (photo,) = photographer.staff.get("/cats/luna").json["photos"]
    assert (photo["id"], photo["width"]) == (photo_id, 3000)
    assert photographer.staff.get(photo["files"][0]["href"]).data == b"RIFF320 of 3000"
    assert (len(object_keys()), leftovers(cafe)) == (3, [])


def test_edit_while_the_sizes_are_made_is_not_lost(photographer: Photographer) -> None:
    photo_id = photographer.upload()
    edits = iter(["female", "male"])

    class EditedTable(Table):
        """A table on which the cat changes just before it gets its photo."""

        def transact(self, writes: Any, token: str) -> None:
            is_photo = any(write.item["pk"] == "cats#luna" for write in writes)
            if is_photo and (sex := next(edits, None)):
                photographer.staff.patch("/cats/luna", {"sex": sex}, if_match="*")
            super().transact(writes, token)

    table = EditedTable(photographer.cafe.table.client, photographer.cafe.table.name)
    process_upload(replace(photographer.dependencies, table=table), photo_id, fake_sizes)
    cat = photographer.staff.get("/cats/luna").json
    assert (cat["sex"], [photo["id"] for photo in cat["photos"]]) == ("male", [photo_id])


def test_photos_of_a_deleted_cat_are_gone(cafe: TestApp, photographer: Photographer) -> None:
    photographer.add()
    photographer.add(data=b"200")
    waiting = photographer.upload()
    assert photographer.staff.delete("/cats/luna").status_code == 204
    assert object_keys() == [f"uploads/{waiting}"]
    photographer.staff.put("/cats/luna", {"status": "available"})
    assert photographer.staff.get("/cats/luna/photos").json["items"] == []
    photographer.process(waiting)
    assert photographer.photos() == object_keys() == []
    photographer.start()
    assert leftovers(cafe) == ["uploads#cats/luna"]


def test_cat_deleted_while_the_sizes_are_made_leaves_no_file(cafe: TestApp, photographer: Photographer) -> None:
    photo_id = photographer.upload()

    def make_sizes(data: bytes) -> PhotoSizes:
        photographer.staff.delete("/cats/luna")
        return fake_sizes(data)

    photographer.process(photo_id, make_sizes)
    assert object_keys() == []
    assert [key for key in leftovers(cafe) if key.startswith("photo_deletions#")] == []


class Interrupted(Exception):
    """The process ends."""


class BrokenBucket(Bucket):
    """A bucket of which the calls of some operations fail."""

    def __init__(self, *broken: str, error: Exception) -> None:
        super().__init__(s3(), BUCKET)
        for name in broken:
            setattr(self, name, self._fail)
        self._error = error

    def _fail(self, *_: Any) -> Any:
        raise self._error


def test_interrupted_run_leaves_no_file_for_ever_and_can_be_repeated(cafe: TestApp, photographer: Photographer) -> None:
    repeated, abandoned = photographer.upload(), photographer.upload()
    broken = BrokenBucket("delete", error=Interrupted())
    with pytest.raises(Interrupted):
        process_upload(replace(photographer.dependencies, open_bucket=lambda: broken), repeated, fake_sizes)
    photographer.process(repeated)
    assert photographer.photos() == [repeated]

    class LostTable(Table):
        def transact(self, writes: Any, token: str) -> None:
            if any(write.item["pk"] == "cats#luna" for write in writes):
                raise Interrupted
            super().transact(writes, token)

    table = LostTable(cafe.table.client, cafe.table.name)
    with pytest.raises(Interrupted):
        process_upload(replace(photographer.dependencies, table=table), abandoned, fake_sizes)
    assert [key for key in object_keys() if abandoned in key and key.startswith("photos/")]
    cafe.clock.advance(hours=23)
    finish_deletions(photographer.dependencies)
    assert [key for key in object_keys() if abandoned in key and key.startswith("photos/")]
    cafe.clock.advance(hours=2)
    finish_deletions(photographer.dependencies)
    assert {key.split("/")[1] for key in object_keys() if key.startswith("photos/")} == {repeated}
    assert [key for key in leftovers(cafe) if key.startswith("photo_deletions#")] == []


def test_deletion_that_the_bucket_refuses_is_finished_by_the_next_upload(
    cafe: TestApp, photographer: Photographer, capfd: pytest.CaptureFixture[str]
) -> None:
    photo_id = photographer.add()
    broken = BrokenBucket("delete", error=Unavailable("busy"))
    other = TestApp(cafe.table, cafe.clock, open_bucket=lambda: broken, log_level="WARNING")
    assert other.staff.delete(f"/cats/luna/photos/{photo_id}").status_code == 204
    assert "photo files not deleted yet" in capfd.readouterr().err
    assert photographer.photos() == []
    assert len(object_keys()) == 3
    second = photographer.add(data=b"200")
    assert (files_of(second), len(object_keys())) == ([200], 1)
    assert leftovers(cafe) == []


def test_upload_finishes_ten_deletions_and_the_schedule_all_that_it_knows(
    cafe: TestApp, photographer: Photographer
) -> None:
    def store(id: str, entity: str) -> None:
        deletion = PhotoDeletion(id, entity, (f"photos/{id}/0a-320.webp",), cafe.clock.now)
        cafe.table.transact([PHOTO_DELETION.put(deletion, id, None)], id)

    for number in range(30):
        store(f"d{number:02}", "cats/luna")
    photographer.add(data=b"200")
    assert len(leftovers(cafe)) == 20
    store("a", "dogs/rex")
    photographer.add(data=b"200")
    assert len(leftovers(cafe)) == 12
    finish_deletions(photographer.dependencies)
    assert leftovers(cafe) == ["photo_deletions#a"]
    photographer.add(data=b"200")


def test_file_that_is_too_large_for_a_response_is_refused(photographer: Photographer) -> None:
    photo_id = photographer.upload()
    photographer.process(photo_id, lambda _data: PhotoSizes(320, 320, {320: b"x" * (MAX_FILE_BYTES + 1)}))
    assert photographer.staff.get(f"/cats/luna/photos/{photo_id}").json["refusal"]["code"] == "too_large"
    assert object_keys() == []


def test_file_is_not_compressed_again(cafe: TestApp, photographer: Photographer) -> None:
    photo_id = photographer.upload()
    photographer.process(photo_id, lambda _data: PhotoSizes(320, 320, {320: b"x" * 5000}))
    file = cafe.public.get(f"/cats/luna/photos/{photo_id}/320.webp", {"Accept-Encoding": "gzip"})
    assert (len(file.data), file.headers.get("Content-Encoding")) == (5000, None)


def test_each_collection_with_photos_has_a_service_and_a_repository() -> None:
    assert ALBUM_RULES.keys() == ALBUMS.keys() == ENTITIES.keys()


def test_upload_for_an_entity_that_has_no_photos_is_deleted(photographer: Photographer) -> None:
    s3().put_object(Bucket=BUCKET, Key="uploads/x", Body=b"3000", Metadata={"entity": "users/tom"})
    photographer.process("x")
    assert object_keys() == []


def test_without_a_bucket_the_problem_names_the_setting(mocked_table: Table) -> None:
    cafe = TestApp(mocked_table, open_bucket=None)
    staff: Client = cafe.staff
    staff.put("/cats/luna", {})
    assert "PHOTO_BUCKET" in problem(staff.post("/cats/luna/photos", NEW), 503)["detail"]
    assert leftovers(cafe) == []
    assert staff.get("/cats/luna/photos").json == {"items": []}


def test_bucket_that_does_not_respond_is_503(photographer: Photographer) -> None:
    photo_id = photographer.add(data=b"200")
    s3().delete_object(Bucket=BUCKET, Key=object_keys()[0])
    assert photographer.staff.get(f"/cats/luna/photos/{photo_id}/200.webp").status_code == 404
    s3().delete_bucket(Bucket=BUCKET)
    problem(photographer.staff.get(f"/cats/luna/photos/{photo_id}/200.webp"), 503)
