"""What every test shares: no network but loopback, hypothesis profiles, the fixtures of the store, what is long,
and a watch over what happens inside writes."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests import write_watch
from tests.further_cases import is_for_soak

# Tests look for what the command line says in English, wherever they run; its French is tested by itself.
os.environ["PORTEVOIX_LANG"] = "en"

# Deadlines measure the machine, not the code: two cores are shared by servers, engines and tests.
# A third of the usual number of examples, each time others; make soak tries 2000.
settings.register_profile("dev", deadline=None, max_examples=30)
settings.register_profile(
    "ci",
    deadline=None,
    max_examples=30,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.register_profile("soak", settings.get_profile("ci"), max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "dev"))

pytest_plugins = ["pytester", "tests.fixtures_store", "tests.fixtures_speed", "tests.inbox.object_stores"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--soak", action="store_true", help="run the long cases that are marked soak, and no others")


SECONDS = {"processes": 20.0, "browser": 2.0, "postgres": 0.2}
"""About what a test with this marker takes; others a twentieth of a second."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """``make test`` runs one of each kind; the further cases of a kind run with ``make soak ONLY=cases``.

    Files that take long come first: processes that share the work by files would else wait for the last of them.
    """
    wanted = bool(config.getoption("--soak"))
    left = [item for item in items if is_for_soak(item) is not wanted]
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if is_for_soak(item) is wanted]
    per_file: dict[Path, float] = defaultdict(float)
    for item in items:
        marked = (SECONDS[name] for name in SECONDS if item.get_closest_marker(name))
        per_file[item.path] += max(marked, default=0.05)
    items.sort(key=lambda item: -per_file[item.path])


write_watch.install()


@pytest.fixture(autouse=True)
def nothing_but_sql_in_a_write() -> Iterator[None]:
    """No file, child or socket is touched inside a write of ours, whatever a test makes our rooms do."""
    with write_watch.watched() as touches:
        yield
    assert not touches, "\n".join(dict.fromkeys(map(str, touches)))
