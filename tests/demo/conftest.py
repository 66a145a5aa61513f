"""What the tests of the demonstration need on the machine."""

import shutil

import pytest

from tests.standins.dovecot import DovecotMissing, dovecot_program


@pytest.fixture(scope="session")
def programs() -> None:
    """Skip, and say which program of the demonstration is missing."""
    try:
        dovecot_program()
    except DovecotMissing as missing:
        pytest.skip(str(missing))
    for program in ("espeak-ng", "ffmpeg", "tesseract", "redis-server"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed: make setup")
