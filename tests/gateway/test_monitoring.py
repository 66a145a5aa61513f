"""Health, Prometheus' numbers, and the example alerts: each fault is seen by its own, none is told without one."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from config.settings.loader import Settings
from gateway.web.app import create_app
from inbox.jobs import steps
from inbox.listings.metrics import read_metrics
from inbox.models.column_types import utc_now
from inbox.storage.database import Store
from tests.gateway.alert_faults import (
    ADDRESS,
    AUTHORISED,
    FAULTS,
    TOKEN,
    fill_quiet_town,
    monitored,
    quarantine_all,
    refuse_senders,
    unbalance,
)
from tests.inbox import makers

ALERTS = Path(__file__).parents[2] / "docs" / "monitoring" / "alerts.yml"
DASHBOARD = ALERTS.with_name("dashboard.json")


def client_on(store: Store, settings: Settings, token: str = TOKEN) -> FlaskClient:
    app = create_app(monitored(settings, token), store)
    app.testing = True
    return app.test_client()


@pytest.fixture
def watched(gateway_settings: Settings, gateway_store: Store) -> FlaskClient:
    """A town with a text that is read, where all is well."""
    fill_quiet_town(gateway_store)
    return client_on(gateway_store, gateway_settings)


def scraped(client: FlaskClient) -> dict[str, float]:
    """Every series as Prometheus would keep it, by name and labels."""
    answer = client.get("/metrics", headers=AUTHORISED)
    assert answer.status_code == 200
    found = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            labels = ",".join(f'{name}="{value}"' for name, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}"] = sample.value
    return found


def test_it_answers_while_its_database_does_not(gateway_settings: Settings, gateway_store: Store):
    client = client_on(gateway_store, gateway_settings)
    assert client.get("/health/live").text == "alive\n"
    assert client.get("/health/ready").text == "ready\n"
    with gateway_store.engine.begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    assert client.get("/health/live").status_code == 200
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": TOKEN}, {"Authorization": "Bearer "}, {"Authorization": f"Bearer {TOKEN}x"},
     {"Authorization": "Bearer r\N{LATIN SMALL LETTER E WITH ACUTE}ad"}],
)  # fmt: skip
def test_numbers_want_the_token(watched: FlaskClient, headers: dict[str, str]):
    assert watched.get("/metrics", headers=headers).status_code == 401


def test_without_a_token_in_the_settings_there_are_none(gateway_settings: Settings, gateway_store: Store):
    client = client_on(gateway_store, gateway_settings, token="")
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_numbers_hold_no_words_and_no_addresses(watched: FlaskClient):
    told = watched.get("/metrics", headers=AUTHORISED).text
    for secret in ("bancs", "Boissière", ADDRESS, "+336"):
        assert secret not in told
    assert scraped(watched)['portevoix_ledger_units{bucket="in_review",channel="sms"}'] == 1


def test_signals_are_read_on_both_servers(store: Store):
    makers.text_message(store, "Un banc")
    makers.voicemail(store)
    with store.read() as session:
        read = {signal.name: signal for signal in read_metrics(session, utc_now() + timedelta(seconds=90))}
    assert read["oldest_unread_seconds"].values["voicemail",] >= 90
    assert sum(read["steps_open"].values.values()) > 0
    assert all(len(labels) == len(signal.labels) for signal in read.values() for labels in signal.values)


# --- alerts: a fault is put into the rows, numbers are read over HTTP, Prometheus' own tool says what it would tell


def promtool(tmp_path: Path, series: dict[str, list[float]], expected: str | None) -> None:
    """Have Prometheus' own tool say that of all alerts exactly the expected one is told, within twenty minutes."""
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed (apt install prometheus)")
    names = re.findall(r"alert: (\w+)", ALERTS.read_text(encoding="utf-8"))
    shown = [{"series": name, "values": " ".join(f"{value:f}" for value in values)} for name, values in series.items()]
    # Several of its kind, as two queues that wait, are one fault.
    cases = [
        {
            "expr": f'clamp_max(count(ALERTS{{alertname="{name}",alertstate="firing"}}), 1) or vector(0)',
            "eval_time": "20m",
            "exp_samples": [{"value": 1 if name == expected else 0}],
        }
        for name in names
    ]
    test = {
        "rule_files": [str(ALERTS)],
        "evaluation_interval": "1m",
        "tests": [{"interval": "1m", "input_series": shown, "promql_expr_test": cases}],
    }
    file = tmp_path / "alerts-test.yml"
    file.write_text(json.dumps(test))  # YAML 1.2 holds JSON
    ran = subprocess.run(["promtool", "test", "rules", str(file)], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def _series(before: dict[str, float], after: dict[str, float]) -> dict[str, list[float]]:
    """Five minutes as before, half an hour as after; a refusal counted for the first time has been none before."""
    return {
        name: [before.get(name, 0.0 if "_total" in name else value)] * 5 + [value] * 25 for name, value in after.items()
    }


@pytest.mark.parametrize("alert", [*FAULTS, None])
def test_each_fault_is_told_by_its_alert_and_no_other(
    watched: FlaskClient, gateway_store: Store, tmp_path: Path, alert: str | None
):
    before = scraped(watched)
    if alert is not None:
        FAULTS[alert](gateway_store)
    promtool(tmp_path, _series(before, scraped(watched)), alert)


@pytest.mark.parametrize("alert", ["DiskFillsUp", "NobodyAnswers"])
def test_a_full_disk_and_silence_are_told(watched: FlaskClient, tmp_path: Path, alert: str):
    found = scraped(watched)
    found = found | {"portevoix_disk_free_bytes{}": 1e9} if alert == "DiskFillsUp" else {}
    promtool(tmp_path, _series(found, found), alert)


def test_alerts_and_dashboard_name_numbers_that_there_are(watched: FlaskClient, gateway_store: Store):
    unbalance(gateway_store)
    refuse_senders(gateway_store)
    quarantine_all(gateway_store)
    there = {name.partition("{")[0] for name in scraped(watched)}
    asked = ALERTS.read_text(encoding="utf-8") + json.dumps(json.loads(DASHBOARD.read_text(encoding="utf-8")))
    assert {*re.findall(r"portevoix_\w+", asked)} <= there


def test_quarantine_is_counted_once_a_step(gateway_store: Store):
    makers.voicemail(gateway_store)
    with gateway_store.write() as session:
        one = steps.quarantined_steps(session, 5)
    assert list(one) == []
    quarantine_all(gateway_store)
    with gateway_store.read() as session:
        held = next(
            signal
            for signal in read_metrics(session, datetime.now(utc_now().tzinfo))
            if signal.name == "steps_quarantined"
        )
        assert sum(held.values.values()) == len(steps.quarantined_steps(session, 50))
