"""For programs that watch the machines: whether we answer, whether we can work, and Prometheus' numbers."""

from __future__ import annotations

import hmac
import shutil
from collections.abc import Iterable, Iterator

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from config.settings.loader import Settings
from inbox.errors import InboxError
from inbox.listings.metrics import HealthMetric, read_metrics
from inbox.migrations import head, revision_of
from inbox.models.column_types import utc_now
from inbox.storage.unit_of_work import SQLAlchemyError
from inbox.web.base.app_context import settings_of, store_of
from inbox.web.base.guard import open_to_all, proven

blueprint = Blueprint("monitoring", __name__)

_PREFIX = "portevoix_"
_AGAIN_SECONDS = "10"


@blueprint.get("/health/live")
@open_to_all
def live() -> ResponseReturnValue:
    """This process answers; nothing else is looked at, so that no load balancer kills it for a database's pause."""
    return _plain("alive\n")


@blueprint.get("/health/ready")
@open_to_all
def ready() -> ResponseReturnValue:
    """The database answers and has the tables of this version: texts can be taken in here."""
    try:
        found = revision_of(store_of().engine)
    except (SQLAlchemyError, InboxError):
        return _not_ready("the database does not answer")
    if found is None:
        return _not_ready("the database has no tables")
    # During an update the database may be ahead of us: we go on until we are replaced.
    return _plain("ready\n" if found == head() else "ready, beside another version\n")


@blueprint.get("/metrics")
@proven("the bearer token of the settings")
def metrics() -> ResponseReturnValue:
    """Everything of ``inbox.listings.metrics``, and the room on this host's disk."""
    settings = settings_of()
    token = settings.monitoring.token.get_secret_value()
    if not token:
        abort(404)
    sent = request.headers.get("Authorization", "")
    if not hmac.compare_digest(sent.encode("utf-8", "replace"), f"Bearer {token}".encode()):
        return Response("the token of [monitoring] is wanted\n", 401, {"WWW-Authenticate": "Bearer"})
    with store_of().read() as rows:
        found = [*read_metrics(rows, utc_now()), _free(settings)]
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Read([_numbered_mailboxes(settings, signal) for signal in found]))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


class _Read(Collector):
    """Signals in the form of Prometheus' own library."""

    def __init__(self, found: Iterable[HealthMetric]) -> None:
        self._found = found

    def collect(self) -> Iterator[Metric]:
        for signal in self._found:
            family = CounterMetricFamily if signal.rises else GaugeMetricFamily
            made = family(_PREFIX + signal.name, signal.meaning, labels=signal.labels)
            for labels, value in signal.values.items():
                made.add_metric(labels, value)
            yield made


def _free(settings: Settings) -> HealthMetric:
    free = float(shutil.disk_usage(settings.data_dir).free)
    return HealthMetric("disk_free_bytes", "Room on the disk of data_dir, of the host that answers", {(): free})


def _numbered_mailboxes(settings: Settings, signal: HealthMetric) -> HealthMetric:
    """By number, as in the names of processes: an address would stand in whatever keeps these numbers."""
    if signal.labels != ("mailbox",):
        return signal
    numbers = {mailbox.name: f"mailbox-{number + 1}" for number, mailbox in enumerate(settings.mailboxes)}
    values: dict[tuple[str, ...], float] = {
        (numbers[name],): value for (name,), value in signal.values.items() if name in numbers
    }
    return HealthMetric(signal.name, signal.meaning, values, signal.labels)


def _plain(text: str) -> Response:
    return Response(text, mimetype="text/plain", headers={"Cache-Control": "no-store"})


def _not_ready(why: str) -> Response:
    answer = _plain(f"{why}\n")
    answer.status_code = 503
    answer.headers["Retry-After"] = _AGAIN_SECONDS
    return answer
