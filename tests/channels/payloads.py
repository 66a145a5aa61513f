"""The payloads as Python values."""

from pathlib import Path
from urllib.parse import parse_qsl

from channels.base.values import Fields

FOLDER = Path(__file__).parent.parent / "payloads"
ACCOUNT = "AC" + "0123456789abcdef" * 2


def body(name: str) -> bytes:
    return (FOLDER / f"{name}.form").read_bytes().strip()


def fields(name: str) -> Fields:
    return Fields(parse_qsl(body(name).decode(), keep_blank_values=True))
