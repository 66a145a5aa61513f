"""Opens every address of the application that somebody could reach or guess, and keeps the answers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import unescape
from urllib.parse import urljoin, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

_LINK = re.compile(r"""(?:href|src|action)\s*=\s*["']([^"'#]+)""")
_TOKEN = re.compile(r'name="csrf_token" value="[^"]*"')

KNOWN = {"name": "inbox.css", "digest": "0", "unit": "part"}
"""What takes the place of a word in an address."""


def said(answer: TestResponse) -> str:
    """Everything an answer says, headers and all, as people and programs read it."""
    headers = "\n".join(f"{name}: {value}" for name, value in answer.headers if name != "Set-Cookie")
    return f"{headers}\n{unescape(answer.data.decode('utf-8', 'replace'))}"


def without_token(text: str) -> str:
    """A page without what is new in it each time."""
    return _TOKEN.sub("", text)


def crawl(app: Flask, client: FlaskClient, most: int, further: tuple[str, ...] = ()) -> Mapping[str, str]:
    """What every address says that is in the map, linked from a page, or ``further``; guessed ids go to ``most``."""
    waiting = [*further, *(address for rule in app.url_map.iter_rules() for address in addresses(rule, most))]
    found: dict[str, str] = {}
    while waiting:
        address = waiting.pop()
        if address in found:
            continue
        answer = client.get(address)
        found[address] = said(answer)
        if answer.location:
            waiting.append(_path(address, answer.location))
        if answer.mimetype == "text/html":
            waiting += [_path(address, unescape(link)) for link in _LINK.findall(answer.text)]
    return found


def addresses(rule: Rule, most: int) -> Iterator[str]:
    """A rule's addresses, with every id from 0 to ``most`` where it takes one, the same in each place of several."""
    if "GET" not in (rule.methods or ()):
        return
    template = re.sub(r"<(?!int:)(?:\w+:)?(\w+)>", lambda word: KNOWN.get(word[1], "none"), rule.rule)
    numbers = range(most + 1) if "<int:" in template else (0,)
    yield from (re.sub(r"<int:\w+>", str(number), template) for number in numbers)


def _path(base: str, link: str) -> str:
    parts = urlsplit(urljoin(base, link))
    return parts.path + (f"?{parts.query}" if parts.query else "")
