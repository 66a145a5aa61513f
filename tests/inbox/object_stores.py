"""Object stores to test against: OpenStack Swift's own servers, and an emulator beside them."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator

import pytest
from moto.moto_server.threaded_moto_server import ThreadedMotoServer

from config.settings.sections.media_section import Media
from inbox.storage.object_media import ObjectMedia
from tests.standins import swift

_buckets = itertools.count()
OBJECT_STORES = ("swift", "emulator")


@pytest.fixture(scope="session")
def swift_server() -> Iterator[swift.Swift]:
    """Swift, started once; skipped where its packages are missing."""
    if missing := swift.missing():
        pytest.skip(f"not installed: {', '.join(missing)}")
    server = swift.Swift()
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def emulated() -> Iterator[Media]:
    """Moto's server."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield Media.model_validate(
        {
            "store": "s3", "endpoint": f"http://{host}:{port}", "bucket": "media", "region": "eu-west-3",
            "access_key": "town", "secret_key": "not-secret",
        }
    )  # fmt: skip
    server.stop()


@pytest.fixture(params=OBJECT_STORES)
def object_settings(request: pytest.FixtureRequest) -> Media:
    """The settings of a bucket of its own in each store."""
    return bucket_in(request.param, request)


def bucket_in(store: str, request: pytest.FixtureRequest) -> Media:
    """The settings of a new bucket in one of the stores, which is started when first asked for."""
    if store == "swift":
        made: Media = request.getfixturevalue("swift_server").settings
    else:
        made = request.getfixturevalue("emulated")
    made = made.model_copy(update={"bucket": f"media{next(_buckets)}", "prefix": "town/a"})
    ObjectMedia(made).make_bucket()
    return made


@functools.cache
def noise(size: int) -> bytes:
    """Bytes in which a shift would be seen."""
    return bytes(number * 7 % 251 for number in range(size))
