"""The file server cuts short, lies about lengths and redirects as told."""

from __future__ import annotations

import pytest
import requests

from tests.standins.fileserver import FileServer, Served

CONTENT = bytes(range(256)) * 1024

WHOLE = [
    pytest.param(Served(CONTENT), id="plain"),
    pytest.param(Served(CONTENT, announces_length=False), id="without a length"),
    pytest.param(Served(CONTENT, seconds_per_chunk=0.01), id="slowly"),
]


@pytest.mark.parametrize("served", WHOLE)
def test_whole_files(served: Served) -> None:
    with FileServer({"model.zip": served}) as server:
        got = requests.get(server.url("model.zip"), timeout=5)
    assert got.content == CONTENT
    assert ("Content-Length" in got.headers) == served.announces_length


def test_cut_short() -> None:
    with (
        FileServer({"model.zip": Served(CONTENT, cut_after=70_000)}) as server,
        pytest.raises(requests.exceptions.ChunkedEncodingError),
    ):
        requests.get(server.url("model.zip"), timeout=5)


def test_elsewhere_and_nowhere() -> None:
    with FileServer({"new.zip": Served(b"x")}) as server:
        server.files["old.zip"] = Served(b"", redirect=server.url("new.zip"))
        assert requests.get(server.url("old.zip"), timeout=5).content == b"x"
        assert requests.get(server.url("gone.zip"), timeout=5).status_code == 404
        assert server.asked == ["/old.zip", "/new.zip", "/gone.zip"]
