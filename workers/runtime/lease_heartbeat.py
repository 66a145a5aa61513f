"""Keeps a step's lease while the step is worked on."""

import logging
import threading
from types import TracebackType
from typing import Self

from inbox.jobs import steps
from inbox.jobs.steps import Lease
from inbox.storage.database import Store

LEASE_SECONDS = 15.0
"""A killed worker's step is taken up again after this long at most."""
BEAT_SECONDS = 4.0
LONGEST_STEP_SECONDS = 3600.0
"""A runner that hangs beyond all its own limits loses its lease, so that the step is seen again."""

log = logging.getLogger(__name__)


class LeaseHeartbeat:
    """A thread that renews leases, for which data keys are opened meanwhile; ends with the block."""

    def __init__(self, store: Store, *leases: Lease) -> None:
        self._store = store
        self._leases = {lease.step_id: lease for lease in leases}
        self._keys = store.keyring.for_leases([(lease.step_id, lease.token) for lease in leases])
        self._stop = threading.Event()
        self._beat = threading.Lock()
        self._thread = threading.Thread(target=self._run, name=f"lease of step {leases[0].step_id}", daemon=True)

    def __enter__(self) -> Self:
        """Begin."""
        self._keys.__enter__()
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End."""
        self.end()
        self._keys.__exit__(kind, error, at)

    def end(self) -> None:
        """End, after a beat that is under way."""
        self._stop.set()
        # The beat and the end of the step write the same row: one after the other.
        self._thread.join()

    def let_go(self, lease: Lease) -> None:
        """Renew one of them no longer, likewise."""
        with self._beat:
            self._leases.pop(lease.step_id, None)

    def _run(self) -> None:
        for _ in range(int(LONGEST_STEP_SECONDS / BEAT_SECONDS)):
            if self._stop.wait(BEAT_SECONDS):
                return
            for lease in list(self._leases.values()):
                with self._beat:
                    if lease.step_id in self._leases and not self._renewed(lease):
                        del self._leases[lease.step_id]

    def _renewed(self, lease: Lease) -> bool:
        """Whether it is still ours, as far as is known."""
        try:
            if not steps.renew_lease(self._store, lease, LEASE_SECONDS):
                log.warning("step %d: its lease went to somebody else", lease.step_id)
                return False
        except Exception as error:  # noqa: BLE001 - whatever the database or its disk is troubled by
            # It may be busy or gone for a moment only; the lease may still outlive that.
            log.warning("step %d: no heartbeat (%s)", lease.step_id, type(error).__name__)
        return True
