"""Each example alert on a real Prometheus, which reads a served town over HTTP: told in its time, and no other.

Minutes of the alerts are seconds here. Before each fault the town is well for a while, and nothing may be told; then
the fault is there, and goes on, until its alert is told.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import yaml
from werkzeug.serving import WSGIRequestHandler, make_server

from config.settings.loader import Settings
from gateway.web.app import create_app
from inbox.migrations import migrate
from inbox.storage.database import Store
from tests.gateway.alert_faults import FAULTS, TOKEN, fill_quiet_town, monitored, refuse_senders
from tests.standins.prometheus import Prometheus, hasten
from tests.workers.installation import until

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

ALERTS = Path(__file__).parents[2] / "docs" / "monitoring" / "alerts.yml"
FASTER = 60.0
QUIET_SECONDS = float(os.environ.get("PORTEVOIX_SOAK_QUIET", "10"))
"""For how long the town is well before each fault, and nothing is told."""
GRACE_SECONDS = 30.0
"""Beyond an alert's own time, on a machine that does other things."""


class _Silent(WSGIRequestHandler):
    """Writes no line for each of hundreds of requests."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - the library's name
        pass


class Served:
    """A port at which one town after the other answers, or nobody does."""

    def __init__(self) -> None:
        self.app: Any = None
        self._server = make_server("127.0.0.1", 0, self, threaded=True, request_handler=_Silent)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if self.app is None:
            start_response("503 Service Unavailable", [])
            return [b""]
        answer: Iterable[bytes] = self.app(environ, start_response)
        return answer

    def close(self) -> None:
        """Answer no more."""
        self._server.shutdown()


@contextmanager
def quiet_town(served: Served) -> Iterator[Store]:
    """A town where all is well, served until another one is."""
    with tempfile.TemporaryDirectory(prefix="pv-watched-") as folder:
        settings = monitored(Settings(folder=Path(folder)))
        store = Store.open(settings)
        migrate(store.engine)
        fill_quiet_town(store)
        served.app = create_app(settings, store)
        try:
            yield store
        finally:
            store.close()


def alerts() -> None:
    """The trial."""
    if not Prometheus.is_installed():
        print("Prometheus is not installed (apt install prometheus): nothing was tried", flush=True)
        return
    rules = ALERTS.read_text(encoding="utf-8")
    asked = {one["alert"]: one.get("for", "0m") for one in yaml.safe_load(rules)["groups"][0]["rules"]}
    served = Served()
    with Prometheus(served.port, TOKEN, hasten(rules, FASTER)) as prometheus, ExitStack() as towns:
        for name, own_time in asked.items():
            store = towns.enter_context(quiet_town(served))
            _stays_quiet(prometheus)
            took = _told(prometheus, served, store, name)
            own = int(own_time.rstrip("m")) * 60 / FASTER
            print(f"{name}: told after {took:.0f} s of {own:.0f} s (a {FASTER:.0f}th of its time)", flush=True)
            assert took <= own + GRACE_SECONDS, name
    served.close()


def _stays_quiet(prometheus: Prometheus) -> None:
    """The fault before is forgotten, and then nothing is told for a while."""
    assert until(lambda: not prometheus.firing(), 120), prometheus.firing()
    over = time.monotonic() + QUIET_SECONDS
    while time.monotonic() < over:
        assert prometheus.firing() == set(), "told without a fault"
        time.sleep(0.5)


def _told(prometheus: Prometheus, served: Served, store: Store, name: str) -> float:
    began, going_on = time.monotonic(), _fault(served, store, name)
    with going_on as again:
        told: set[str] = set()
        while name not in told:
            assert time.monotonic() - began < 180, f"{name} was never told"
            time.sleep(0.5)
            again()
            told = prometheus.firing()
            assert told <= {name}, f"{told} were told of the fault of {name}"
        return time.monotonic() - began


@contextmanager
def _fault(served: Served, store: Store, name: str) -> Iterator[Callable[[], None]]:
    """Put a fault there; gives what has it go on."""
    if name == "NobodyAnswers":
        served.app = None
        yield lambda: None
    elif name == "DiskFillsUp":
        full = shutil.disk_usage("/")._replace(free=10**9)
        with patch("gateway.web.monitoring.shutil.disk_usage", lambda _path: full):
            yield lambda: None
    else:
        FAULTS[name](store)
        # Who is refused comes again: a number that is there for the first time has not risen yet.
        more = (lambda: refuse_senders(store)) if name == "SendersRefused" else (lambda: None)
        yield more
