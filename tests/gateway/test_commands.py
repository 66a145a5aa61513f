"""The command line as somebody types it: what it prints, how it ends, and that a mistake names its remedy."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select, text, update

from channels.base.values import Address
from config.enums import AddressKind, ArrivalKind, Channel, StepKind, StepState
from config.settings.loader import load_settings
from gateway.base.store_factory import open_store
from gateway.cli import main, portevoix
from gateway.intake.contribute import NewPart, create_contributions
from gateway.intake.intake_store import IncomingMessage, store_message
from inbox.accounts.passwords import TooCommon
from inbox.backup.bound_values import AlreadyBound
from inbox.errors import WrongSchema
from inbox.jobs import retry_limits, steps
from inbox.jobs.steps import Failed
from inbox.migrations import head, migrate, revision_of
from inbox.models import Heartbeat, Part, Step
from inbox.models.column_types import utc_now
from inbox.records import references
from inbox.storage.database import Store

Run = Callable[..., Result]
SECRET = "a-token-nobody-may-see"


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """A settings file of a town."""
    file = tmp_path / "portevoix.toml"
    file.write_text(
        f'town = "brest"\n[twilio]\naccount_sid = "AC{"0" * 32}"\n'
        f'auth_tokens = ["{SECRET}"]\nreceives = "+33298000000"\n'
    )
    return file


@pytest.fixture
def run(town: Path) -> Run:
    def typed(*words: str, answers: str | None = None) -> Result:
        return CliRunner().invoke(portevoix, ["--settings", str(town), *words], input=answers, catch_exceptions=False)

    return typed


def arrive(town: Path, body: str = "Plus de bancs rue de Siam") -> str:
    """A text in the store; its reference."""
    store = open_store(load_settings(town, env={}))
    arrived = IncomingMessage(
        channel=Channel.SMS,
        account="AC",
        external_id="SM1",
        kind=ArrivalKind.WEBHOOK,
        raw=body.encode(),
        sender=Address(AddressKind.PHONE, "+33639980001"),
    )
    with store.write() as session:
        intake_id = store_message(session, arrived).intake_id
        (contribution_id,) = create_contributions(session, intake_id, [NewPart("text", Channel.SMS, body=body)])
        assert contribution_id is not None
        return references.reference_of(session, contribution_id)


def test_settings_are_printed_with_their_sentence_and_without_secrets(run: Run):
    said = run("config").output
    assert "twilio.receives = +33298000000" in said
    assert "The number residents text and phone." in said
    assert SECRET not in said
    assert json.loads(run("config", "--json").output)["town"] == "brest"


def test_the_doctor_names_a_remedy_for_everything_that_is_wrong(run: Run):
    ended = run("doctor", "--json")
    found = json.loads(ended.output)
    assert ended.exit_code == 1
    wrong = [result for result in found if not result["ok"]]
    assert {"database", "redis"} <= {result["name"] for result in wrong}
    assert all(result["remedy"] and result["problem"] for result in wrong)


def test_on_a_new_machine_the_ledger_is_empty_and_balances(run: Run):
    ended = run("ledger", "--json")
    assert (ended.exit_code, json.loads(ended.output)["units"]) == (0, 0)


def test_the_ledger_counts_what_arrived(run: Run, town: Path):
    run("ledger")
    arrive(town)
    said = run("ledger").output
    assert "in review                  1" in said
    assert said.endswith("balanced\n")


def test_staff_come_and_go(run: Run):
    invited = run("person", "add", "marie", "--role", "moderator").output
    assert re.search(r"marie chooses a password here, .*: http://127\.0\.0\.1:8080/set-up/[\w-]{43}\n", invited)
    assert "moderator" in run("person", "list").output
    assert run("person", "roles", "marie", "official", "centre").exit_code == 0
    assert run("person", "list").output.split() == ["marie", "centre,", "official"]
    assert run("person", "roles", "marie", "mayor").exit_code == 2
    assert run("person", "password", "marie", answers="encore plus long qu'avant\n" * 2).exit_code == 0
    with pytest.raises(TooCommon):
        run("person", "password", "marie", answers="motdepasse1234\n" * 2)
    assert run("person", "invite", "marie").output != invited
    run("person", "remove", "marie")
    assert "(closed)" in run("person", "list").output
    run("person", "reopen", "marie")
    assert "(closed)" not in run("person", "list").output
    assert (
        run("person", "add", "yann", "--role", "centre", "--ask", answers="assez long pour aller\n" * 2).exit_code == 0
    )


def test_no_password_is_taken_on_a_command_line(run: Run):
    for words in (("add", "marie", "--role", "moderator"), ("password", "marie")):
        ended = run("person", *words, "--password", "assez long pour aller")
        assert (ended.exit_code, "No such option" in ended.output) == (2, True)


def test_a_consultation_is_imported_once_for_each_content(run: Run, tmp_path: Path):
    example = load_settings(None, env={}).consultation_files[0]
    assert run("consultation", "check", str(example)).output.startswith("rues-et-places:")
    changed = tmp_path / "changed.toml"
    changed.write_text(example.read_text().replace("400 000 euros", "500 000 euros"))
    versions = [run("consultation", "import", str(file)).output for file in (example, example, changed)]
    assert versions == [f"rues-et-places: version {number}\n" for number in (1, 1, 2)]


def test_what_is_quarantined_can_be_seen_and_tried_again(run: Run, town: Path):
    run("ledger")
    arrive(town)
    store = open_store(load_settings(town, env={}))
    with store.write() as session:
        step_id = steps.add_step(session, StepKind.READ_PAGES, part=1, again=True).id
    for _ in range(retry_limits.MAX_ATTEMPTS):
        with store.write() as session:
            session.get_one(Step, step_id).not_before = utc_now()
        lease = steps.claim_step(store, step_id)
        assert lease is not None
        with store.write() as session:
            steps.end_step(session, lease, Failed("the engine ended in the middle"))
    assert "the engine ended in the middle" in run("quarantine", "list").output
    assert "3 failed attempts" in run("quarantine", "show", str(step_id)).output
    assert run("quarantine", "replay", "--all").output == "1 to be tried again\n"
    assert run("quarantine", "list").output == "nothing is in quarantine\n"


def test_a_backup_is_restored_elsewhere_and_what_was_erased_stays_so(run: Run, town: Path, tmp_path: Path):
    run("ledger")
    reference = arrive(town)
    target = tmp_path / "today.backup"
    assert "keep apart" in run("backup", str(target)).output
    assert run("erase", reference, answers="y\n").exit_code == 0
    shutil.rmtree(tmp_path / "data")
    assert "erased again" in run("restore", str(target)).output
    counts = json.loads(run("ledger", "--json").output)["counts"]
    assert (counts["erased"], counts["in_review"]) == (1, 0)


NO_REFERENCES = {"a slip of the pen": "482915308", "none at all": "bonjour"}


@pytest.mark.parametrize("typed", NO_REFERENCES.values(), ids=NO_REFERENCES)
def test_what_is_no_reference_erases_nothing(run: Run, town: Path, typed: str):
    run("ledger")
    arrive(town)
    assert run("erase", typed, "--yes").exit_code == 1
    assert json.loads(run("ledger", "--json").output)["counts"]["in_review"] == 1


def test_the_demo_model_is_announced_as_one(run: Run):
    assert "understands synthetic voices, not people" in run("models", "list").output


MISTAKES = {
    "a misspelt setting": ("twilo = 1\n", "did you mean twilio?", 2),
    "no settings file": (None, "does not exist", 2),
    "a consultation file that is none": ("", "mend the lines named", 1),
}


@pytest.mark.parametrize(("content", "said", "code"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_one_line_with_its_remedy(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    content: str | None,
    said: str,
    code: int,
):
    file = tmp_path / "portevoix.toml"
    if content is not None:
        file.write_text(content)
    typed = ["portevoix", "--settings", str(file), "config"]
    if content == "":
        broken = tmp_path / "broken.toml"
        broken.write_text("slug = 3\n")
        typed = ["portevoix", "--settings", str(file), "consultation", "check", str(broken)]
    monkeypatch.setattr("sys.argv", typed)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == code
    message = capsys.readouterr().err
    assert said in message
    assert "Traceback" not in message


def as_before(store: Store, revision: str) -> None:
    """As a version of then left it: neither its database nor its keys know of values bound to their places."""
    migrate(store.engine, revision)
    (store.keyring.folder / "values-bound").unlink(missing_ok=True)


def test_migrate_takes_an_older_database_beside_newer_keys_only_when_told(run: Run, town: Path) -> None:
    run("migrate")
    migrate(open_store(load_settings(town, env={})).engine, "0004")
    with pytest.raises(AlreadyBound):
        run("migrate")
    assert run("migrate", "--bind").exit_code == 0
    assert run("migrate").exit_code == 0


def test_migrate_brings_the_tables_up_to_date_and_says_so(run: Run, town: Path) -> None:
    assert run("migrate").output == f"from no tables to revision {head()}\n"
    assert "nothing to do" in run("migrate").output
    store = open_store(load_settings(town, env={}))
    as_before(store, "0004")
    assert run("migrate").output == f"from revision 0004 to revision {head()}\n"
    assert revision_of(store.engine) == head()


def test_migrate_refuses_while_the_gateway_runs(run: Run, town: Path) -> None:
    run("migrate")
    store = open_store(load_settings(town, env={}))
    with store.write() as session:
        session.add(Heartbeat(process="web"))
    assert run("migrate").exit_code == 0, "there is nothing to do"
    as_before(store, "0004")
    refused = run("migrate")
    assert refused.exit_code == 1
    assert "the gateway is running (web)" in refused.output
    with store.write() as session:
        session.execute(update(Heartbeat).values(seen_at=utc_now() - timedelta(minutes=5)))
    assert run("migrate").exit_code == 0


def test_a_database_of_a_newer_version_is_left_alone(run: Run, town: Path) -> None:
    run("migrate")
    store = open_store(load_settings(town, env={}))
    with store.engine.execution_options(portevoix_begin="writing").begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(WrongSchema, match="9999"):
        run("migrate")
    with pytest.raises(WrongSchema, match="9999"):
        run("ledger")


def test_quarantine_is_listed_oldest_first(run: Run, town: Path) -> None:
    run("migrate")
    arrive(town)
    store = open_store(load_settings(town, env={}))
    with store.write() as session:
        part_id = session.scalars(select(Part.id)).one()
        for days, kind in ((2, StepKind.READ_PAGES), (9, StepKind.READ_SPEECH), (5, StepKind.FETCH_MEDIA)):
            ended = utc_now() - timedelta(days=days)
            session.add(
                Step(
                    kind=kind,
                    queue=kind.queue,
                    part_id=part_id,
                    state=StepState.QUARANTINED,
                    ended_at=ended,
                    reason="x",
                )
            )
    listed = [line.split()[1] for line in run("quarantine", "list").output.splitlines()]
    assert listed == ["read_speech", "fetch_media", "read_pages"]
