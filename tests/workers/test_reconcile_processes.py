"""The real processes, webhooks that are lost and a gateway that is down: two cycles later everything is here."""

import shutil
import sys

import pytest

from tests.soak.reconcile import outage

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc"),
    pytest.mark.skipif(not shutil.which("redis-server"), reason="Redis is not installed"),
]


def test_an_outage_with_lost_webhooks_is_caught_up_within_two_cycles() -> None:
    outage(40, every=2)
