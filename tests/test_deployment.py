"""The compose file and the Helm chart: every name in them is one of ours, and Helm's own engine renders the chart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.settings.loader import ENV_FILE, load_settings
from workers.processes.process_list import processes_to_run

DEPLOY = Path(__file__).parents[1] / "docs" / "deploy"
CHART = DEPLOY / "chart"
NEEDED = {
    "publicUrl": "https://avis.example",
    "existingSecret": "portevoix",
    "keysClaim": "portevoix-keys",
    "media": {"bucket": "portevoix", "endpoint": "https://s3.example"},
}
EVERYTHING = NEEDED | {
    "autoscaling": {"enabled": True},
    "ingress": {"enabled": True, "host": "avis.example", "tlsSecret": "avis-tls", "className": "nginx"},
    "extraEnv": [{"name": "PORTEVOIX_MONITORING__TOKEN", "value": "t"}],
}
SECRETS = {
    "database-url": "postgresql+psycopg://p:x@db.example/p",
    "redis-url": "rediss://:x@redis.example:6379/0",
    "s3-access-key": "a",
    "s3-secret-key": "s",
}
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
OURS = {name: of for name, of in COMPOSE["services"].items() if "portevoix" in of["image"]}
VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)(?::[-?]([^}]*))?\}")


def starts_as_told(arguments: list[str], env: dict[str, str], monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """The command, and the settings of the environment, are understood by the program itself."""
    file = folder / "portevoix.toml"
    file.write_text("", encoding="utf-8")
    assert env.pop(ENV_FILE).startswith("/etc/portevoix/")
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    settings = load_settings(file)
    assert settings.media.store == "s3"
    assert settings.media.bucket
    assert not settings.redis_is_private
    assert arguments[0] == "up"
    assert set(arguments[1::2]) == {"--only"}
    assert processes_to_run(settings, file, arguments[2::2])


@pytest.mark.parametrize("name", OURS)
def test_compose_starts_parts_that_there_are(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    filled = {"S3_ENDPOINT": "https://s3.example", "PUBLIC_URL": "https://avis.example"}
    env = {
        key: VARIABLE.sub(lambda found: filled.get(found[1], found[2] or "xyz"), value)
        for key, value in OURS[name]["environment"].items()
    }
    starts_as_told(OURS[name]["command"], env, monkeypatch, tmp_path)


def test_compose_keeps_what_cannot_be_made_again():
    kept = {volume.split(":")[0] for of in COMPOSE["services"].values() for volume in of.get("volumes", ())}
    assert kept - {"./portevoix.toml"} == COMPOSE["volumes"].keys()
    assert all(of["read_only"] and of["cap_drop"] == ["ALL"] for of in OURS.values())
    done = {part for of in OURS.values() for part in of["command"][2::2]}
    assert done >= {"web", "urgent", "mail", "fetch", "send", "pages", "speech", "sweeper", "caretaker", "sense"}


def test_the_chart_says_the_same_parts():
    roles = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))["roles"]
    # In a pod the key service stands beside who asks it: see the template.
    apart = {name: of["command"][2::2] for name, of in OURS.items() if name != "keyservice"}
    assert {name: of["parts"] for name, of in roles.items()} == apart
    masters = {name for name, of in OURS.items() if any(one.startswith("masters:") for one in of["volumes"])}
    assert masters == {"keyservice", *(name for name, of in roles.items() if of.get("masters"))}
    assert masters == {"keyservice", "web", "watchers"}


def rendered(values: dict[str, Any]) -> Iterator[dict[str, Any]]:
    helm = pytest.importorskip("helm_python", reason="Helm is not installed (pip install portevoix[chart])")
    with helm.Chart.load(CHART) as chart:
        for manifest in chart.render(values, name="brest", namespace="town").values():
            yield from (found for found in yaml.safe_load_all(manifest) if found)


@pytest.mark.parametrize("values", [NEEDED, EVERYTHING], ids=["least", "everything"])
def test_helm_finds_nothing_to_say(values: dict[str, Any]):
    helm = pytest.importorskip("helm_python", reason="Helm is not installed (pip install portevoix[chart])")
    found = helm.lint(CHART, values, strict=True)
    assert (found["messages"], found["errors"]) == ([], [])


@pytest.mark.parametrize("values", [NEEDED, EVERYTHING], ids=["least", "everything"])
def test_what_is_rendered_starts_as_told(values: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    made = [one for one in rendered(values) if one["kind"] == "Deployment"]
    assert len(made) == 6
    for deployment in made:
        pod = deployment["spec"]["template"]["spec"]
        for container in pod["containers"]:
            env = {
                one["name"]: one["value"] if "value" in one else SECRETS[one["valueFrom"]["secretKeyRef"]["key"]]
                for one in container["env"]
            }
            with monkeypatch.context() as environment:
                starts_as_told(container["args"], env, environment, tmp_path)
        mounted = {one["name"] for container in pod["containers"] for one in container["volumeMounts"]}
        assert mounted == {one["name"] for one in pod["volumes"]}
        first, *beside = pod["containers"]
        hidden = {one["mountPath"]: one["name"] for one in first["volumeMounts"]}.get("/var/lib/portevoix-keys/masters")
        assert (hidden == "nothing") == bool(beside), "who sees no master keys has somebody to ask"
        labels = deployment["spec"]["template"]["metadata"]["labels"]
        assert deployment["spec"]["selector"]["matchLabels"].items() <= labels.items()


def test_scaling_follows_the_age_of_a_queue():
    scaled = [one for one in rendered(EVERYTHING) if one["kind"] == "HorizontalPodAutoscaler"]
    followed = {one["spec"]["metrics"][0]["external"]["metric"]["selector"]["matchLabels"]["queue"] for one in scaled}
    assert followed == {"pages", "speech"}
    deployments = {one["metadata"]["name"]: one for one in rendered(EVERYTHING) if one["kind"] == "Deployment"}
    assert all("replicas" not in deployments[one["spec"]["scaleTargetRef"]["name"]]["spec"] for one in scaled)


@pytest.mark.parametrize("missing", ["publicUrl", "existingSecret", "keysClaim"])
def test_what_is_missing_is_named(missing: str):
    helm = pytest.importorskip("helm_python", reason="Helm is not installed (pip install portevoix[chart])")
    with pytest.raises(helm.HelmError, match=missing):
        list(rendered(NEEDED | {missing: ""}))
