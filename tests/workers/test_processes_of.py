"""What `up` starts: every name can be run, in an order that opens the doors last and closes them first."""

import importlib.util
from pathlib import Path

import pytest

from config.enums import Queue
from config.settings.schema import Settings
from config.settings.sections.mail_section import Mailbox
from config.settings.sections.scan_folder_section import ScanFolder
from gateway.base.step_jobs import PERFORM
from workers.errors import UnknownProcess
from workers.pools import step_runner
from workers.processes.process_list import POOLS, processes_to_run
from workers.watchers.watcher_threads import watcher_function


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    mailbox = Mailbox(name="avis@brest.example", host="imap.brest.example", user="avis", password="secret")
    return Settings(
        folder=tmp_path,
        mailboxes=(mailbox,),
        scan_folders=(ScanFolder(path=tmp_path / "scans", centre="maison"),),
    )


def test_every_name_can_be_run(settings: Settings) -> None:
    for process in processes_to_run(settings, None):
        if process.name != "redis":
            assert importlib.util.find_spec(process.module), process.module
    module, _, function = PERFORM.rpartition(".")
    assert (module, callable(getattr(step_runner, function))) == (step_runner.__name__, True)


def test_order_and_names(settings: Settings) -> None:
    names = [process.name for process in processes_to_run(settings, None)]
    assert names[:4] == ["redis", "front", "doors", "web"], "whoever calls is answered before the rest is up"
    assert {queues[0].value for queues in POOLS} < set(names)
    assert {queue for queues in POOLS for queue in queues} == set(Queue)
    watchers = processes_to_run(settings, None)[-1]
    assert watchers.argv == tuple(watchers.beats) == ("sweeper", "mailbox-1", "folders"), "they share one process"
    assert all(callable(watcher_function(name)) for name in watchers.argv)
    ranks = {process.name: process.stop_rank for process in processes_to_run(settings, None)}
    assert ranks["front"] == ranks["doors"] == ranks["web"] < ranks["speech"] < ranks["redis"] == ranks["keys"]


def test_a_shared_redis_is_not_started(settings: Settings) -> None:
    shared = settings.model_copy(update={"redis_url": "redis://db.example/0"})
    assert "redis" not in [process.name for process in processes_to_run(shared, None)]


def test_only_some(settings: Settings) -> None:
    for one in ("web", "doors", "front"):
        named = [p.name for p in processes_to_run(settings, None, [one, "speech"])]
        assert named == ["front", "doors", "web", "keys", "speech"], "who shares an address comes along"
    (watchers,) = processes_to_run(settings, None, ["folders"])
    assert watchers.argv == ("folders",)
    with pytest.raises(UnknownProcess) as refused:
        processes_to_run(settings, None, ["fax"])
    assert "speech" in refused.value.remedy


def test_doors_at_a_port_of_their_own_are_a_service_of_their_own(settings: Settings) -> None:
    web = settings.web.model_copy(update={"doors_port": 8081})
    apart = settings.model_copy(update={"web": web, "keys_socket": Path("keys.sock")})
    for name, port in (("doors", 8081), ("web", settings.web.port)):
        (alone,) = processes_to_run(apart, None, [name])
        assert alone.listens_at == (settings.web.host, port)
    assert "front" not in {process.name for process in processes_to_run(apart, None)}


def test_command_lines_name_no_mailbox_and_no_secret(settings: Settings) -> None:
    for process in processes_to_run(settings, Path("portevoix.toml")):
        shown = " ".join((process.name, process.module, *process.argv))
        assert "avis" not in shown
        assert "secret" not in " ".join((shown, *process.env.values()))
