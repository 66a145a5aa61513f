"""What object stores do that folders do not: versions, parts, unfinished uploads, silence, refusals."""

from __future__ import annotations

import errno
import os
from datetime import timedelta

import boto3
import pytest
from botocore.exceptions import ClientError

from config.settings.sections.media_section import Media
from inbox.errors import NotStored
from inbox.storage import object_media
from inbox.storage.disk_errors import cannot_be_written
from inbox.storage.object_media import ObjectMedia
from tests.inbox.object_stores import bucket_in, noise
from tests.standins.swift import Swift


def client_of(settings: Media):
    return boto3.client(
        "s3",
        endpoint_url=settings.endpoint,
        region_name=settings.region,
        aws_access_key_id=settings.access_key,
        aws_secret_access_key=settings.secret_key.get_secret_value(),
    )


@pytest.mark.parametrize("size", [0, 1, object_media.PART_BYTES + 1])
def test_a_file_of_any_size_comes_back(object_settings: Media, size: int):
    media = ObjectMedia(object_settings)
    whole = noise(size)
    locator = media.put(whole[at : at + 300_000] for at in range(0, size, 300_000))
    assert media.size(locator) == size
    with media.open(locator) as file:
        assert file.read() == whole
        for at in (size // 2, max(0, size - 3), 0):
            file.seek(at)
            assert file.read(5) == whole[at : at + 5]


def test_deleting_deletes_every_version(object_settings: Media):
    client = client_of(object_settings)
    client.put_bucket_versioning(Bucket=object_settings.bucket, VersioningConfiguration={"Status": "Enabled"})
    media = ObjectMedia(object_settings)
    locator = media.put([b"my name is Yvonne"])
    media.put([b"my name is Yvonne, once more"], locator)
    client.delete_object(Bucket=object_settings.bucket, Key=f"town/a/{locator[:2]}/{locator}")
    neighbour = media.put([b"another"])
    media.delete(locator)
    left = client.list_object_versions(Bucket=object_settings.bucket)
    assert [version["Key"].rpartition("/")[2] for version in left.get("Versions", [])] == [neighbour]
    assert not left.get("DeleteMarkers")
    media.delete(locator)


def test_what_breaks_off_leaves_nothing(object_settings: Media):
    media = ObjectMedia(object_settings)

    def breaks_off():
        yield noise(object_media.PART_BYTES)
        yield noise(object_media.PART_BYTES)
        raise ConnectionError

    with pytest.raises(ConnectionError):
        media.put(breaks_off())
    assert list(media.locators()) == []
    assert not client_of(object_settings).list_multipart_uploads(Bucket=object_settings.bucket).get("Uploads")


def test_an_upload_left_by_a_killed_process_is_called_off(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
):
    object_settings = bucket_in("swift", request)  # the emulator says that every upload began in 2010
    client = client_of(object_settings)
    for name in ("town/a/00/left", "another-town/left"):
        client.create_multipart_upload(Bucket=object_settings.bucket, Key=name)
    media = ObjectMedia(object_settings)
    list(media.locators(unchanged_for=timedelta(hours=1)))
    assert len(client.list_multipart_uploads(Bucket=object_settings.bucket)["Uploads"]) == 2
    monkeypatch.setattr(object_media, "_ABANDONED", timedelta(hours=-1))  # a store may round up
    list(media.locators(unchanged_for=timedelta(microseconds=1)))
    left = client.list_multipart_uploads(Bucket=object_settings.bucket)["Uploads"]
    assert [upload["Key"] for upload in left] == ["another-town/left"]


def test_a_shared_bucket_shows_only_what_is_ours(object_settings: Media):
    media = ObjectMedia(object_settings)
    locator = media.put([b"ours"])
    client = client_of(object_settings)
    for name in ("b" * 32, "town/a/notes.txt", f"town/a/cc/{'b' * 32}", f"town/b/bb/{'b' * 32}"):
        client.put_object(Bucket=object_settings.bucket, Key=name, Body=b"theirs")
    assert list(media.locators()) == [locator]


def test_damage_on_the_way_is_refused_by_the_store(swift_server: Swift, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(object_media, "_md5", lambda _part: "1B2M2Y8AsgTpgAmY7PhCfg==")  # of nothing
    media = ObjectMedia(swift_server.settings.model_copy(update={"prefix": "damaged"}))
    media.make_bucket()
    for chunks in ([b"something"], [noise(object_media.PART_BYTES + 1)]):
        with pytest.raises(OSError, match="refused to put"):
            media.put(chunks)
    assert list(media.locators()) == []


@pytest.mark.parametrize(
    "wrong", [{"bucket": "not-there"}, {"secret_key": "guessed"}, {"access_key": "town:nobody"}], ids=str
)
def test_settings_that_lead_nowhere_are_told(swift_server: Swift, wrong: dict[str, str]):
    settings = swift_server.settings.model_dump() | wrong
    with pytest.raises(OSError, match=r"check the bucket and the keys in \[media\]") as told:
        ObjectMedia(Media.model_validate(settings)).put([b"x"])
    assert cannot_be_written(told.value)


def test_a_store_that_is_silent_is_a_disk_that_fails(swift_server: Swift):
    settings = swift_server.settings.model_copy(update={"connect_seconds": 1, "answer_seconds": 1})
    media = ObjectMedia(settings)
    media.make_bucket()
    locator = media.put([b"before"])
    swift_server.pause()
    try:
        for attempt in (lambda: media.put([b"x"]), lambda: media.size(locator)):
            with pytest.raises(OSError, match="cannot be reached") as told:
                attempt()
            assert told.value.errno == errno.EIO
            assert cannot_be_written(told.value)
    finally:
        swift_server.go_on()
    assert media.open(locator).read() == b"before"


def test_a_fork_has_its_own_connection(object_settings: Media):
    media = ObjectMedia(object_settings)
    locator = media.put([noise(100_000)])
    child = os.fork()
    if child == 0:
        same = all(media.open(locator).read() == noise(100_000) for _ in range(20))
        os._exit(0 if same else 1)
    assert all(media.open(locator).read() == noise(100_000) for _ in range(20))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_what_is_gone_is_not_stored(object_settings: Media):
    media = ObjectMedia(object_settings)
    locator = media.put([b"x"])
    file = media.open(locator)
    media.delete(locator)
    with pytest.raises(NotStored):
        file.read()
    with pytest.raises(ClientError, match="404"):
        client_of(object_settings).head_object(Bucket=object_settings.bucket, Key=f"town/a/{locator[:2]}/{locator}")
