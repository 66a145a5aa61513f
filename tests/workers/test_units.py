"""The units that are shipped for systemd: they name what there is, and systemd finds little that they may do.

Nothing here runs them: that needs a machine which systemd has started.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from config.settings.loader import load_settings
from gateway.cli import COMMANDS
from workers.processes.process_list import processes_to_run
from workers.processes.roster import _from_systemd
from workers.watchers.watcher_threads import opens_what_came

FOLDER = Path(__file__).parents[2] / "docs" / "systemd"
SERVICES = sorted(FOLDER.glob("*.service"))
SOCKETS = sorted(FOLDER.glob("*.socket"))
DROP_IN = FOLDER / "bubblewrap.conf"
MOST, MOST_WITH_NAMESPACES = 2.0, 3.0
INSTANCES = {
    "portevoix-pool@": ("urgent", "fetch", "mail", "speech", "pages", "send"),
    "portevoix-watcher@": ("reconciler", "poller", "mailbox-1", "folders"),
}
"""Of the templates, as README.md names them."""

needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")


def value_of(unit: Path, name: str) -> list[str]:
    return [line.partition("=")[2] for line in unit.read_text().splitlines() if line.startswith(f"{name}=")]


def exposure(unit: Path, folder: Path, *more: str) -> float:
    file = folder / unit.name
    file.write_text("\n".join([unit.read_text(), *more]))
    said = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", file],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "ignoring" not in said.stderr, said.stderr
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", said.stdout)
    assert found is not None, said.stdout
    return float(found[1])


@needs_systemd
@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_it_may_do_little(unit: Path, tmp_path: Path) -> None:
    assert exposure(unit, tmp_path) <= MOST


@needs_systemd
def test_with_room_for_bubblewrap_it_may_do_what_the_readme_says(tmp_path: Path) -> None:
    found = exposure(FOLDER / "portevoix-pool@.service", tmp_path, DROP_IN.read_text())
    assert MOST < found <= MOST_WITH_NAMESPACES
    assert f"says {MOST_WITH_NAMESPACES} at most" in (FOLDER / "README.md").read_text()


def test_a_loose_unit_is_found(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    loose = tmp_path / "loose.service"
    loose.write_text("[Service]\nUser=portevoix\nExecStart=/usr/bin/true\n")
    (tmp_path / "measured").mkdir()
    assert exposure(loose, tmp_path / "measured") > MOST


@pytest.fixture
def everything(tmp_path: Path) -> set[str]:
    """The names of all that can run, with settings that have one of each."""
    (tmp_path / "scans").mkdir()
    file = tmp_path / "portevoix.toml"
    file.write_text(
        f"""
data_dir = "{tmp_path}/data"
keys_dir = "{tmp_path}/keys"
[fallback]
public_url = "https://secours.ville.example"
[twilio]
account_sid = "AC{"0" * 32}"
auth_tokens = ["{"0" * 32}"]
receives = "+33980980980"
[gammu]
number = "+33639980000"
spool = "{tmp_path}/modem"
[[mailboxes]]
name = "avis@ville.example"
host = "imap.ville.example"
user = "avis"
password = "x"
[[scan_folders]]
centre = "centre"
path = "{tmp_path}/scans"
"""
    )
    found = processes_to_run(load_settings(file, env={}), None)
    return {name for process in found for name in (process.name, *process.beats)}


def test_each_names_a_command_and_processes_that_exist(everything: set[str]) -> None:
    named = set()
    for unit in SERVICES:
        (line,) = value_of(unit, "ExecStart")
        program, *rest = line.split()
        assert program.endswith("/portevoix")
        words = [word for word in rest if word in COMMANDS or word in ("--only",)]
        assert words, f"{unit.name} runs no command: {line}"
        for instance in INSTANCES.get(unit.stem, ("",)):
            if "--only" in rest:
                named.add(rest[rest.index("--only") + 1].replace("%i", instance))
    assert named <= everything, named - everything
    # And nothing is left to nobody: there Redis is a server of its own, and so is what tells doors and pages apart.
    assert everything - named <= {"redis", "watchers", "fallback", "front"}


def test_users_are_separate_but_for_who_takes_in_what_the_other_keeps() -> None:
    users: dict[str, set[str]] = {}
    for unit in SERVICES:
        (user,) = value_of(unit, "User")
        for instance in INSTANCES.get(unit.stem, ("",)):
            users.setdefault(user.replace("%i", instance), set()).add(unit.stem + instance)
    assert "root" not in users
    shared = {user: units for user, units in users.items() if len(units) > 1}
    assert shared == {"portevoix-reconciler": {"portevoix-watcher@reconciler", "portevoix-fallback"}}
    readme = (FOLDER / "README.md").read_text()
    made = readme.partition("for part in ")[2].partition(";")[0].split()
    assert {f"portevoix-{part}" for part in made} | {"portevoix"} == set(users)


def test_who_only_takes_in_is_not_of_those_who_read_master_keys() -> None:
    readme = (FOLDER / "README.md").read_text()
    readers = set(
        readme.partition("do usermod -aG portevoix-masters")[0].rpartition("for part in ")[2].split("; ")[0].split()
    )
    watchers = INSTANCES["portevoix-watcher@"]
    assert {one for one in watchers if opens_what_came(one)} == readers & set(watchers)
    for unit in SERVICES:
        groups = " ".join(value_of(unit, "SupplementaryGroups")).split()
        instances = [one for one in INSTANCES.get(unit.stem, (unit.stem.removeprefix("portevoix-"),)) if one in readers]
        assert "portevoix-masters" not in groups or instances, unit.name
        assert not {"doors", "fallback", *INSTANCES["portevoix-pool@"]} & set(instances)


@pytest.mark.parametrize("unit", SOCKETS, ids=lambda unit: unit.name)
def test_sockets_are_handed_over_under_the_name_that_is_looked_for(unit: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (name,) = value_of(unit, "FileDescriptorName")
    monkeypatch.setattr("workers.processes.roster.os.getpid", lambda: 4242)
    for key, value in {"LISTEN_PID": "4242", "LISTEN_FDS": "1", "LISTEN_FDNAMES": name}.items():
        monkeypatch.setenv(key, value)
    assert _from_systemd() == {name: 3}
    service = unit.with_suffix(".service")
    assert unit.name in value_of(service, "Requires")


def test_every_unit_stands_in_the_readme() -> None:
    readme = (FOLDER / "README.md").read_text()
    assert [unit.name for unit in [*SERVICES, *SOCKETS, DROP_IN] if unit.stem not in readme] == []
