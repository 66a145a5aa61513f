"""Media stores: the same contract for a folder, for memory and for object stores."""

from datetime import timedelta
from pathlib import Path

import pytest

from inbox.errors import NotStored
from inbox.storage.media_store import FolderMedia, MediaStore, MemoryMedia
from inbox.storage.object_media import ObjectMedia
from tests.inbox.object_stores import OBJECT_STORES, bucket_in


@pytest.fixture(params=["folder", "memory", *OBJECT_STORES])
def media(request: pytest.FixtureRequest, tmp_path: Path) -> MediaStore:
    if request.param == "folder":
        return FolderMedia(tmp_path / "media")
    return MemoryMedia() if request.param == "memory" else ObjectMedia(bucket_in(request.param, request))


def test_put_open_size_delete(media: MediaStore):
    locator = media.put([b"one", b"two"])
    with media.open(locator) as file:
        assert file.read() == b"onetwo"
        file.seek(3)
        assert file.read() == b"two"
    assert media.size(locator) == 6
    assert list(media.locators()) == [locator]
    assert list(media.locators(unchanged_for=timedelta(hours=1))) == []
    media.delete(locator)
    media.delete(locator)
    assert list(media.locators()) == []
    with pytest.raises(NotStored):
        media.open(locator)
    with pytest.raises(NotStored):
        media.size(locator)


def test_equal_files_are_two(media: MediaStore):
    assert media.put([b"same"]) != media.put([b"same"])


def test_given_locator_is_for_restoring(media: MediaStore):
    locator = media.put([b"x"])
    media.delete(locator)
    assert media.put([b"y"], locator) == locator
    assert media.open(locator).read() == b"y"


@pytest.mark.parametrize("locator", ["", "../../etc/passwd", "a" * 31, "A" * 32, "a" * 31 + "/", "a" * 32 + "\n"])
def test_locator_that_no_store_made(media: MediaStore, locator: str):
    with pytest.raises(NotStored):
        media.open(locator)


def breaks_off():
    yield b"half"
    raise ConnectionError


def test_half_a_file_is_no_file(media: MediaStore, tmp_path: Path):
    with pytest.raises(ConnectionError):
        media.put(breaks_off())
    assert list(media.locators()) == []
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_old_remains_of_a_killed_process_are_removed(tmp_path: Path):
    media = FolderMedia(tmp_path)
    locator = media.put([b"x"])
    left = tmp_path / locator[:2] / f"{locator}.part"
    left.write_bytes(b"half")
    assert list(media.locators()) == [locator]
    assert left.exists()
    assert list(media.locators(unchanged_for=timedelta(microseconds=1))) == [locator]
    assert not left.exists()
