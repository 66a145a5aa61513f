"""Long numbers as people read them out: three digits at a time."""


def group_by_three(digits: str) -> str:
    """``482915307`` as ``482 915 307``; the last group has what is left."""
    return " ".join(digits[start : start + 3] for start in range(0, len(digits), 3))
