"""Places on a sheet of paper, in millimetres from the upper left corner; y grows downwards."""

from __future__ import annotations

from dataclasses import dataclass

A4 = (210.0, 297.0)
"""Width and height of an upright A4 sheet in millimetres (ISO 216)."""
A5 = (148.0, 210.0)
"""Width and height of an upright A5 sheet in millimetres (ISO 216)."""


@dataclass(frozen=True, slots=True)
class Rectangle:
    """An upright rectangle: its upper left corner, width and height, all in millimetres."""

    x: float
    y: float
    width: float
    height: float

    def __post_init__(self) -> None:
        """Round to a thousandth of a millimetre, so that what is stored is what was laid out."""
        for name in ("x", "y", "width", "height"):
            object.__setattr__(self, name, round(float(getattr(self, name)), 3))
        if self.width < 0 or self.height < 0:
            raise ValueError(f"a rectangle cannot be {self.width} mm by {self.height} mm")

    @property
    def right(self) -> float:
        """The x of its right edge."""
        return round(self.x + self.width, 3)

    @property
    def bottom(self) -> float:
        """The y of its lower edge."""
        return round(self.y + self.height, 3)

    @property
    def centre(self) -> tuple[float, float]:
        """The point in its middle."""
        return self.x + self.width / 2, self.y + self.height / 2

    def grown(self, by: float) -> Rectangle:
        """The same, larger by so many millimetres on every side; smaller where ``by`` is negative."""
        return Rectangle(self.x - by, self.y - by, self.width + 2 * by, self.height + 2 * by)

    def moved(self, x: float = 0.0, y: float = 0.0) -> Rectangle:
        """The same, elsewhere."""
        return Rectangle(self.x + x, self.y + y, self.width, self.height)

    def overlaps(self, other: Rectangle) -> bool:
        """Whether they share more than an edge."""
        return self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom

    def holds(self, other: Rectangle) -> bool:
        """Whether the other one lies within this one, edges included."""
        return self.x <= other.x and self.y <= other.y and other.right <= self.right and other.bottom <= self.bottom
