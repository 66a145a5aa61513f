"""What keeps ``portevoix up`` from starting is said before anything is started."""

import socket
from pathlib import Path

import pytest

from config.settings.schema import Settings
from config.settings.sections.web_section import Web
from workers.errors import AddressTaken
from workers.processes.supervisor import run_gateway


def test_somebody_else_at_our_address_is_told_of(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        settings = Settings(folder=tmp_path, web=Web(port=port))
        said: list[str] = []
        with pytest.raises(AddressTaken) as refused:
            run_gateway(settings, None, only=["web"], say=said.append)
    assert str(refused.value) == (
        f"Another program already answers at http://127.0.0.1:{port}. "
        "Stop it, or give web another port in the settings."
    )
    assert said == []
