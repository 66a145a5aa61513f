"""What can go wrong in this room, as values: every error says what to do about it."""

from collections.abc import Sequence


class WorkersError(Exception):
    """Root of this room's errors; ``retryable`` says whether the same may succeed later."""

    retryable = False
    remedy = ""

    def __init__(self, problem: str, remedy: str = "") -> None:
        self.remedy = remedy or self.remedy
        super().__init__(f"{problem} {self.remedy}".strip())


class AlreadyRunning(WorkersError):
    """Another gateway holds this data directory."""

    def __init__(self, name: str, holder: str) -> None:
        super().__init__(
            f"{name} is already running in this data directory.",
            f"Stop it first (process {holder}), or give this one a data_dir of its own.",
        )


class AddressTaken(WorkersError):
    """Another program answers where one of our doors is to be."""

    def __init__(self, name: str, where: str) -> None:
        super().__init__(
            f"Another program already answers at {where}.", f"Stop it, or give {name} another port in the settings."
        )


class UnknownProcess(WorkersError):
    """``--only`` named something that these settings do not start."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(f"There is no process {name} to start.", f"Choose from: {', '.join(known)}.")


class NotSetUp(WorkersError):
    """A setting is missing without which nothing can be sent or fetched this way."""


class SubjectGone(WorkersError):
    """What a step is about is not there any more."""

    remedy = "It has been erased: nothing is left to do."


class MailNotReady(WorkersError):
    """The outgoing mail server cannot be reached, or asks to wait; nothing was sent."""

    retryable = True
    remedy = "It is tried again by itself; if it lasts, check smtp in the settings with “portevoix doctor”."


class MailRefused(WorkersError):
    """The outgoing mail server will never take this mail."""

    remedy = "Answer this person another way."
