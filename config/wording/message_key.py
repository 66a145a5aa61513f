"""How a text is described."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TextKey:
    """One text: ``facts`` are those its user gives; ``one_segment`` texts may never cost more than that."""

    key: str
    when: str
    facts: tuple[str, ...] = ()
    one_segment: bool = False
