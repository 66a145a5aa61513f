"""Prometheus itself, of Debian's package: it reads one server's numbers and tells which of our alerts are told."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Self

import requests

from tests.standins.web import free_port

_STARTS_WITHIN = 120.0
_UNITS = {"s": 1, "m": 60, "h": 3600}

_SETTINGS = """\
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: ["{folder}/alerts.yml"]
scrape_configs:
  - job_name: portevoix
    authorization: {{credentials: "{token}"}}
    static_configs: [{{targets: ["127.0.0.1:{port}"]}}]
"""


def hasten(rules: str, times: float) -> str:
    """The same alerts, each of whose durations is so many times shorter: minutes as seconds."""

    def shorter(found: re.Match[str]) -> str:
        seconds = int(found[2]) * _UNITS[found[3]] / times
        return f"{found[1]}{max(1, round(seconds))}s{found[4]}"

    return re.sub(r"(\[|for: )(\d+)([smh])(\]|\b)", shorter, rules)


class Prometheus:
    """A server of its own in a temporary folder."""

    def __init__(self, port: int, token: str, rules: str) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="pv-prometheus-"))
        (self._folder / "alerts.yml").write_text(rules)
        (self._folder / "prometheus.yml").write_text(_SETTINGS.format(folder=self._folder, port=port, token=token))
        self._base = f"127.0.0.1:{free_port()}"

    @staticmethod
    def is_installed() -> bool:
        """Whether there is one to run."""
        return shutil.which("prometheus") is not None

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            ["prometheus", f"--config.file={self._folder}/prometheus.yml", f"--storage.tsdb.path={self._folder}/data",
             f"--web.listen-address={self._base}", "--log.level=error"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        deadline = time.monotonic() + _STARTS_WITHIN
        while not self._is_ready():
            assert self._process.poll() is None, "Prometheus ended"
            assert time.monotonic() < deadline, "Prometheus did not start"
            time.sleep(0.2)
        return self

    def __exit__(self, *_error: object) -> None:
        self._process.terminate()
        self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def firing(self) -> set[str]:
        """The alerts that are told now."""
        told = requests.get(f"http://{self._base}/api/v1/alerts", timeout=30).json()
        return {one["labels"]["alertname"] for one in told["data"]["alerts"] if one["state"] == "firing"}

    def _is_ready(self) -> bool:
        try:
            return requests.get(f"http://{self._base}/-/ready", timeout=5).ok
        except requests.RequestException:
            return False
