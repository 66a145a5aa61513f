"""Suggests themes by the consultation's words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from config.wording.consultation import Consultation
from gateway.reading.readers import languages_of
from inbox.contributions import tags, text_versions
from inbox.jobs.steps import Lease
from inbox.models import Part
from inbox.records import intake_lookup
from inbox.storage.unit_of_work import Session
from inbox.text_rows.plain_text import TextThemes
from transcription.text.theme_suggestions import Suggestion
from workers.runtime.worker_context import WorkerContext
from workers.tasks import text_language
from workers.tasks.media_copies import consultation_of
from workers.tasks.prepared_steps import PreparedStep


def prepare_theme_suggestions(here: WorkerContext, leases: Sequence[Lease]) -> list[PreparedStep]:
    """SUGGEST_THEMES: how to save the themes of every contribution each part belongs to, after its current text.

    Run again, or before everything is read, it suggests what the text says by then; what a person removed stays so.
    """
    return [PreparedStep(_how_to_save(here, lease)) for lease in leases]


def _how_to_save(here: WorkerContext, lease: Lease) -> Callable[[Session], None]:
    try:
        found = _found(here, lease)
    except Exception as error:  # noqa: BLE001 - it becomes the ending of this step alone
        why = error

        def fail(_session: Session) -> None:
            raise why

        return fail

    def save(session: Session) -> None:
        for one in found:
            text_language.save_language(session, here.settings, one.contribution_id, one.language)
            tags.suggest_tags(session, one.contribution_id, [(theme.theme_key, theme.words) for theme in one.themes])

    return save


@dataclass(frozen=True, slots=True)
class _Found:
    """What was found of one contribution: in which language it was written, and its themes."""

    contribution_id: int
    language: str | None
    themes: tuple[Suggestion, ...]


def _found(here: WorkerContext, lease: Lease) -> list[_Found]:
    found = []
    with here.store.read() as session:
        for contribution in intake_lookup.contributions_of_part(session, lease.part_id):
            wording = text_versions.current_text(session, contribution)
            if wording is None:
                continue
            part = session.get_one(Part, lease.part_id)
            consultation = consultation_of(part)
            written_in = text_language.detect_text_language(session, here.settings, contribution)
            themes = _themes(here, consultation, wording.body, written_in or part.language)
            found.append(_Found(contribution.id, written_in, tuple(themes)))
    return found


def prepare_text_themes(
    here: WorkerContext, consultation: Consultation | None, said: str, written_in: str | None
) -> TextThemes:
    """The language and the themes of a text whose rows are written together with others'."""
    found = _themes(here, consultation, said, written_in)
    return TextThemes(written_in, [(theme.theme_key, tags.suggestion_reason(theme.words)) for theme in found])


def _themes(
    here: WorkerContext, consultation: Consultation | None, said: str, written_in: str | None
) -> Sequence[Suggestion]:
    language = languages_of(consultation, written_in, here.settings.language)[0]
    return here.readers.themes(said, consultation, language)
