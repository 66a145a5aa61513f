"""What a contribution says, from the first machine's guess to a person's wording."""

from datetime import timedelta

import pytest

from config.enums import MediumKind, Moderation, Reading, StepKind, StepState, TextOrigin
from inbox.contributions import linking, moderation, text_versions, transcripts
from inbox.contributions.optimistic_locking import NotThere, Stale
from inbox.jobs import steps
from inbox.models import Contribution, Medium, Part, Step
from inbox.records import history
from inbox.storage.database import Store
from inbox.storage.envelope_encryption import vault_of
from tests.inbox import makers


@pytest.fixture
def person(store: Store) -> int:
    return makers.moderator(store)


def wordings(store: Store, contribution_id: int) -> list[tuple[int, TextOrigin, str]]:
    with store.read() as session:
        found = text_versions.list_versions(session, session.get_one(Contribution, contribution_id))
        return [(wording.number, wording.origin, wording.body) for wording in found]


def correct(store: Store, contribution_id: int, body: str, person: int) -> None:
    revision = makers.state_of(store, contribution_id).revision
    with store.write() as session:
        text_versions.correct_text(session, contribution_id, body, person, revision)


def composed(store: Store, contribution_id: int) -> text_versions.ComposedText:
    with store.read() as session:
        return text_versions.compose_text(session, session.get_one(Contribution, contribution_id))


def test_typed_text_is_the_residents(store: Store):
    typed = makers.text_message(store, "  Un banc devant la mairie ")
    assert wordings(store, typed) == [(1, TextOrigin.RESIDENT, "Un banc devant la mairie")]
    assert (makers.state_of(store, typed).reading, makers.state_of(store, typed).confidence) == (Reading.READ, None)


def test_heard_text_is_the_machines(store: Store):
    spoken = makers.voicemail(store)
    assert (wordings(store, spoken), makers.state_of(store, spoken).reading) == ([], Reading.WAITING)
    makers.hear(store, spoken, "un banc devant la mairie")
    assert wordings(store, spoken) == [(1, TextOrigin.MACHINE, "Un banc devant la mairie")]
    assert makers.state_of(store, spoken).reading is Reading.READ
    assert makers.state_of(store, spoken).confidence == pytest.approx(0.9)


def test_typed_and_read_together_are_the_machines(store: Store):
    with store.write() as session:
        mail = makers.part(session, makers.intake(session), "Voyez la photo.", [MediumKind.PHOTO])
        made = makers.contribution_of(session, mail)
    assert wordings(store, made.id) == [(1, TextOrigin.RESIDENT, "Voyez la photo.")]
    makers.hear(store, made.id, "moins de voitures")
    assert wordings(store, made.id)[0] == (2, TextOrigin.MACHINE, "Voyez la photo.\n\nMoins de voitures")


def test_typed_by_staff_is_a_persons(store: Store, person: int):
    with store.write() as session:
        letter = makers.intake(session)
        letter.entered_by_id = person
        made = makers.contribution_of(session, makers.part(session, letter, "Plus de bus le soir"))
    assert wordings(store, made.id) == [(1, TextOrigin.PERSON, "Plus de bus le soir")]


@pytest.mark.parametrize(
    ("body", "media", "heard", "needs_person", "expected"),
    [
        pytest.param("", [], None, None, (Reading.NEEDS_PERSON, text_versions.NO_TEXT), id="an empty mail"),
        pytest.param(None, [MediumKind.RECORDING], "", None, (Reading.NEEDS_PERSON, text_versions.NO_TEXT),
                     id="silence"),
        pytest.param("Bonjour", [], None, "an attachment is locked", (Reading.NEEDS_PERSON, "an attachment is locked"),
                     id="the door knew"),
        pytest.param("Bonjour", [MediumKind.PHOTO], "un banc", "an attachment is locked",
                     (Reading.NEEDS_PERSON, "an attachment is locked"), id="the door knew, and something was read"),
        pytest.param("Bonjour", [], None, None, (Reading.READ, None), id="typed"),
        pytest.param(None, [MediumKind.PAGE], "un banc", None, (Reading.READ, None), id="read"),
    ],
)  # fmt: skip
def test_reading_of_a_part(store: Store, body, media, heard, needs_person, expected):
    with store.write() as session:
        made = makers.part(session, makers.intake(session), body, media, needs_person)
        contribution = makers.contribution_of(session, made)
    if heard is not None:
        makers.hear(store, contribution.id, heard)
    with store.read() as session:
        part = session.get_one(Part, made.id)
        assert (part.reading, part.reading_reason) == expected
    assert makers.state_of(store, contribution.id).reading is expected[0]


def test_settling_twice_changes_nothing(store: Store):
    spoken = makers.heard(store, "un banc")
    before = makers.state_of(store, spoken).revision
    with store.write() as session:
        for part_id in makers.parts_of(session, spoken):
            text_versions.settle_part(session, part_id)
    assert (makers.state_of(store, spoken).revision, len(wordings(store, spoken))) == (before, 1)


def test_worst_reading_of_the_parts_counts(store: Store):
    with store.write() as session:
        inside = makers.intake(session)
        parts = [
            makers.part(session, inside, "Un banc"),
            makers.part(session, inside, ""),
            makers.part(session, inside, media=[MediumKind.RECORDING]),
        ]
        made = makers.contribution_of(session, *parts)
    assert makers.state_of(store, made.id).reading is Reading.WAITING
    makers.hear(store, made.id, "et un arbre")
    assert makers.state_of(store, made.id).reading is Reading.NEEDS_PERSON
    assert makers.text_of(store, made.id).body == "Un banc\n\nEt un arbre"


def test_discarded_recording_is_not_said(store: Store):
    spoken = makers.heard(store, "euh non")
    with store.write() as session:
        medium = session.query(Medium).one()
        medium.discarded_at = medium.created_at
        text_versions.settle_part(session, medium.part_id)
    assert makers.text_of(store, spoken) is None
    assert makers.state_of(store, spoken).reading is Reading.NEEDS_PERSON


def test_engine_that_reads_nothing_takes_nothing_away(store: Store):
    spoken = makers.heard(store, "un banc")
    with store.write() as session:
        steps.replay_step(session, makers.reading_steps(store, spoken)[0])
    makers.hear(store, spoken, "")
    assert composed(store, spoken).text == "Un banc"
    with store.write() as session:
        steps.replay_step(session, makers.reading_steps(store, spoken)[0])
    makers.hear(store, spoken, "un grand banc")
    assert makers.text_of(store, spoken).body == "Un grand banc"


# --- a person's wording --------------------------------------------------------------------------


def test_correcting_keeps_every_version(store: Store, person: int):
    spoken = makers.heard(store, "un blanc")
    correct(store, spoken, "Un banc", person)
    assert wordings(store, spoken) == [(2, TextOrigin.PERSON, "Un banc"), (1, TextOrigin.MACHINE, "Un blanc")]
    with store.read() as session:
        newest = history.history_of(session, f"contribution:{spoken}")[0]
    assert (newest.action, newest.person_id, newest.details) == (
        "correct",
        person,
        {"version": 2, "before": 1, "steps": []},
    )


def test_correcting_to_the_same_is_confirming(store: Store, person: int):
    spoken = makers.heard(store, "un banc")
    correct(store, spoken, "Un banc", person)
    correct(store, spoken, "Un banc", person)
    assert [(number, origin) for number, origin, _ in wordings(store, spoken)] == [
        (2, TextOrigin.PERSON),
        (1, TextOrigin.MACHINE),
    ]
    with store.read() as session:
        assert [e.action for e in history.history_of(session, f"contribution:{spoken}")] == ["confirm", "arrived"]


@pytest.mark.parametrize(
    ("body", "revision", "error"),
    [("Un banc", 0, Stale), ("   ", None, text_versions.EmptyText)],
    ids=["of an older page", "empty"],
)
def test_refused_corrections(store: Store, person: int, body: str, revision: int | None, error: type[Exception]):
    typed = makers.text_message(store, "Un blanc")
    with pytest.raises(error), store.write() as session:
        text_versions.correct_text(session, typed, body, person, revision)
    assert len(wordings(store, typed)) == 1


def test_nothing_to_confirm(store: Store, person: int):
    waiting = makers.voicemail(store)
    with pytest.raises(text_versions.EmptyText), store.write() as session:
        text_versions.confirm_text(session, waiting, person, None)
    with pytest.raises(NotThere), store.write() as session:
        text_versions.confirm_text(session, 999_999, person, None)


def test_new_machine_text_makes_an_open_page_stale(store: Store, person: int):
    spoken = makers.voicemail(store)
    shown = makers.state_of(store, spoken).revision
    makers.hear(store, spoken, "un banc")
    with pytest.raises(Stale), store.write() as session:
        text_versions.correct_text(session, spoken, "Un arbre", person, shown)


def test_reading_again_does_not_touch_a_persons_wording(store: Store, person: int):
    spoken = makers.heard(store, "un blanc")
    correct(store, spoken, "Un banc", person)
    with store.write() as session:
        steps.replay_step(session, makers.reading_steps(store, spoken)[0])
    makers.hear(store, spoken, "un flanc")
    assert makers.text_of(store, spoken).body == "Un banc"
    assert makers.state_of(store, spoken).reading is Reading.READ


def test_what_comes_after_a_persons_wording_is_added_below(store: Store, person: int):
    typed = makers.text_message(store, "Un blanc")
    correct(store, typed, "Un banc", person)
    with store.write() as session:
        late = makers.part(session, makers.intake(session), media=[MediumKind.RECORDING])
        linking.join_part(session, typed, late.id)
        linking.join_part(session, typed, late.id)
    assert makers.text_of(store, typed).body == "Un banc"
    makers.hear(store, typed, "et un arbre")
    assert wordings(store, typed)[0] == (3, TextOrigin.MACHINE, "Un banc\n\nEt un arbre")


def test_wording_what_no_machine_could_read_settles_it(store: Store, person: int):
    spoken = makers.voicemail(store)
    makers.hear(store, spoken, "", steps.NeedsPerson("somebody whispers"))
    correct(store, spoken, "Un banc", person)
    assert makers.state_of(store, spoken).reading is Reading.READ
    (step_id,) = makers.reading_steps(store, spoken)
    with store.write() as session:
        assert session.get_one(Step, step_id).state is StepState.DONE
        line = moderation.undoable_decision(session, session.get_one(Contribution, spoken))
        assert line is not None
        moderation.undo_decision(session, spoken, line.id, person)
    with store.read() as session:
        assert session.get_one(Step, step_id).state is StepState.NEEDS_PERSON
    assert makers.state_of(store, spoken).reading is Reading.NEEDS_PERSON
    assert makers.text_of(store, spoken) is None


def test_published_text_that_changes_is_reviewed_again(store: Store, person: int):
    with store.write() as session:
        mail = makers.part(session, makers.intake(session), "Voyez la photo.", [MediumKind.PHOTO])
        made = makers.contribution_of(session, mail)
        moderation.decide_contribution(session, made.id, "publish", by=person, expect_revision=made.revision)
    makers.hear(store, made.id, "moins de voitures")
    assert makers.state_of(store, made.id).moderation is Moderation.IN_REVIEW
    with store.read() as session:
        newest = history.history_of(session, f"contribution:{made.id}")[0]
        assert (newest.action, newest.person_id, newest.details["because"]) == ("reopen", None, "new_text")
        assert moderation.undoable_decision(session, session.get_one(Contribution, made.id)) is None


def test_themes_are_asked_for_whenever_the_text_changes(store: Store, person: int):
    typed = makers.text_message(store, "Un blanc")
    with store.read() as session:
        (themes,) = session.query(Step.id).where(Step.kind == StepKind.SUGGEST_THEMES).one()
    lease = steps.claim_step(store, themes)
    assert lease is not None
    with store.write() as session:
        steps.end_step(session, lease, steps.Done())
    correct(store, typed, "Un banc", person)
    assert steps.claim_step(store, themes) is not None


def test_text_whose_key_is_destroyed_is_gone(store: Store):
    typed = makers.text_message(store, "Un banc")
    with store.write() as session:
        made = session.get_one(Contribution, typed)
        vault_of(session).destroy_key(session, made.key_id)
        for part_id in makers.parts_of(session, typed):
            vault_of(session).destroy_key(session, session.get_one(Part, part_id).key_id)
    assert makers.text_of(store, typed) is None
    assert wordings(store, typed) == []
    assert composed(store, typed).text == ""


# --- transcripts -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "text"),
    [
        pytest.param([], "", id="nothing"),
        pytest.param(makers.words("éclairage de la place"), "Éclairage de la place", id="speech"),
        pytest.param(
            [
                {"text": text, "confidence": 0.8, "box": [0, 0, 1, 1], "line": line, "page": page}
                for text, line, page in [("un", 1, 1), ("banc", 1, 1), ("ici", 2, 1), ("merci", 1, 2)]
            ],
            "un banc\nici\nmerci",
            id="print",
        ),
    ],
)
def test_words_as_text(words, text: str):
    assert transcripts.transcript_text(words) == text


def test_words_are_kept_as_they_were_read(store: Store):
    spoken = makers.heard(store, "un banc")
    with store.read() as session:
        (transcript,) = transcripts.latest_transcripts(session, [m for (m,) in session.query(Medium.id)]).values()
        assert transcripts.transcript_words(session, transcript) == makers.words("un banc")
        assert (transcript.engine, transcript.language) == ("stand-in", "fr")
        assert transcript.created_at - session.get_one(Contribution, spoken).created_at < timedelta(minutes=1)
    with pytest.raises(NotThere), store.write() as session:
        transcripts.add_transcript(session, 999_999, engine="", model="", language=None, words=[], took_seconds=0)
