"""Erases at a resident's own wish, once the time is over in which it can be taken back; and at the provider too."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import requests

from channels.providers.registry import call_provider
from config.enums import Channel
from inbox.erasure import erasure_requests
from inbox.erasure.erase import erase_contribution, scrub_deleted_words
from inbox.jobs.steps import Done, Ending, Later, Lease, NeedsPerson
from inbox.models import Intake
from inbox.records import intake_lookup, message_lookup
from inbox.storage.unit_of_work import Session
from workers.runtime.worker_context import WorkerContext

UNRECOGNISED = "Somebody asks to have a contribution erased who could not be recognised: a person decides."
NO_LONGER_ALONE = "The contribution to be erased now holds other people's words too: a person decides."


def erase_on_request(here: WorkerContext, lease: Lease, _folder: Path) -> Callable[[Session], Ending]:
    """ERASE: the contribution a text message asked to erase, in the transaction that ends the step.

    Erasing is one run, having the database forget the deleted words the next: that cannot be
    done inside a transaction. Run again, it finds the contribution erased, and only the second is done.
    """
    with here.store.read() as session:
        order = erasure_requests.erasure_order(session, lease.intake_id)
        is_erased = order is None or erasure_requests.is_erased(session, order.contribution_id)
    if is_erased:
        scrub_deleted_words(here.store)
    return lambda session: Done() if order is None or is_erased else _carry_out(session, lease, order)


def _carry_out(session: Session, lease: Lease, order: erasure_requests.ErasureOrder) -> Ending:
    if order.for_a_person:
        return NeedsPerson(UNRECOGNISED)
    asked_by = intake_lookup.contributor_of(session, lease.intake_id)
    if not erasure_requests.is_sole_author(session, order.contribution_id, asked_by):
        return NeedsPerson(NO_LONGER_ALONE)
    erase_contribution(session, order.contribution_id, by=None, reason="asked_by_text")
    return Later("it is erased; the database has yet to forget the words", after=timedelta(0))


def delete_at_provider(here: WorkerContext, lease: Lease, _folder: Path) -> Callable[[Session], Ending]:
    """DELETE_AT_PROVIDER: what came in with an erased intake, and our answers to it; of one that lives on, its files.

    Run again, it is gone already.
    """
    provider = call_provider(here.settings)
    with here.store.read() as session:
        intake = session.get_one(Intake, lease.intake_id)
        of_a_call, account, external_id = intake.channel is Channel.VOICEMAIL, intake.account, intake.external_id
        lives_on = intake.erased_at is None
        answers = [one for one in message_lookup.identifiers_of_erased(session, intake.id) if provider.is_text_id(one)]
        if lives_on and intake_lookup.is_to_be_fetched(session, intake.id):
            return lambda _session: Later("Another file of this is still to be fetched.", after=timedelta(days=1))
    if provider.erases and provider.configured and account == provider.account_id:
        files = provider.files
        delete = files.delete_call if of_a_call else files.delete_text
        with requests.Session() as http:
            delete(http, external_id, files_only=lives_on)
            for sid in answers:
                files.delete_text(http, sid)
    return lambda _session: Done()
