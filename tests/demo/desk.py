"""A person at the desk: signs in to the inbox over HTTP, uploads, and reads the pages as a browser gets them."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from typing import Self
from urllib.parse import urljoin, urlsplit

import requests

_SECONDS = 30


class DeskError(RuntimeError):
    """A page did not do what a person expects; the message says which and how."""


class _Page(HTMLParser):
    """The hidden fields, buttons, links and visible text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden: dict[str, str] = {}
        self.buttons: set[str] = set()
        self.links: dict[str, str] = {}
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attrs}
        if tag == "input" and facts.get("type") == "hidden":
            self.hidden[facts.get("name", "")] = facts.get("value", "")
        self.buttons |= {facts[name] for name in ("action", "formaction") if name in facts}
        if tag == "a" and "href" in facts:
            for relation in facts.get("rel", "").split():
                self.links[relation] = facts["href"]

    def handle_data(self, data: str) -> None:
        self.text.append(data)


class Desk:
    """A browser without a window."""

    def __init__(self, base: str) -> None:
        self.base = base
        self._session = requests.Session()
        # The person reads French, whatever this machine speaks.
        self._session.headers["Accept-Language"] = "fr"

    def sign_in(self, login: str, password: str) -> Self:
        """Sign in as anybody does, through the form."""
        hidden = self._get("/sign-in").hidden
        answer = self._session.post(
            f"{self.base}/sign-in", data={**hidden, "login": login, "password": password}, timeout=_SECONDS
        )
        if answer.status_code != 200 or "/sign-in" in answer.url:
            raise DeskError(f"signing in was refused: {answer.status_code} at {answer.url}")
        return self

    def upload(self, name: str, content: bytes, consultation: str) -> str:
        """Upload a scanned file; the address of the batch's page."""
        hidden = self._get("/upload").hidden
        answer = self._session.post(
            f"{self.base}/upload",
            data={**hidden, "consultation": consultation, "pages_per_form": "1"},
            files={"files": (name, content)},
            timeout=_SECONDS,
        )
        if answer.status_code != 200 or answer.url.endswith("/upload"):
            raise DeskError(f"uploading was refused: {answer.status_code} at {answer.url}")
        return answer.url

    def print_form(self, consultation: str, language: str) -> bytes:
        """One copy of the form, as the page « Formulaires » makes it; the PDF."""
        hidden = self._get("/forms").hidden
        fields = {"consultation": consultation, "language": language, "kind": "standard-a4", "copies": "1"}
        answer = self._session.post(f"{self.base}/forms", data={**hidden, **fields}, timeout=_SECONDS)
        if answer.status_code != 200 or not answer.content.startswith(b"%PDF-"):
            raise DeskError(f"printing was refused: {answer.status_code} at {answer.url}")
        return answer.content

    def press(self, page: str, action: str) -> str:
        """Press the button of a page that leads to ``action``; the address of the page it leads to."""
        found = self._get(page)
        if action not in found.buttons:
            raise DeskError(f"{page} has no button for {action}")
        answer = self._session.post(urljoin(self.base, action), data=found.hidden, timeout=_SECONDS)
        if answer.status_code != 200:
            raise DeskError(f"{action} answered {answer.status_code}")
        return answer.url

    def fill(self, page: str, action: str, values: dict[str, str]) -> str:
        """Fill in the form of a page that leads to ``action`` and send it; the path of the page it leads to."""
        found = self._get(page)
        if action not in found.buttons:
            raise DeskError(f"{page} has no form for {action}")
        answer = self._session.post(urljoin(self.base, action), data={**found.hidden, **values}, timeout=_SECONDS)
        if answer.status_code != 200:
            raise DeskError(f"{action} answered {answer.status_code}")
        return urlsplit(answer.url).path

    def has_button(self, page: str, action: str) -> bool:
        """Whether a page has a button that leads to ``action``."""
        return action in self._get(page).buttons

    def download(self, page: str, action: str) -> bytes:
        """Press a button of a page that hands out a file; the file."""
        found = self._get(page)
        answer = self._session.post(urljoin(self.base, action), data=found.hidden, timeout=_SECONDS)
        if answer.status_code != 200:
            raise DeskError(f"{action} answered {answer.status_code}")
        return answer.content

    def text_of(self, path: str) -> str:
        """What is to be read on a page, spaces folded."""
        return " ".join(" ".join(self._get(path).text).split())

    def listed(self, path: str) -> str:
        """What is to be read on a page and on all that follow it."""
        seen: list[str] = []
        following: str | None = path
        while following is not None and len(seen) < 100:
            page = self._get(following)
            seen += page.text
            following = page.links.get("next")
        return " ".join(" ".join(seen).split())

    def _get(self, path: str) -> _Page:
        answer = self._session.get(urljoin(self.base, path), timeout=_SECONDS)
        if answer.status_code != 200:
            raise DeskError(f"{path} answered {answer.status_code}")
        page = _Page()
        page.feed(answer.text)
        return page


def shows_number(text: str, number: str) -> bool:
    """Whether a text has these digits in this order, in groups or not, spelt for the eye or for the ear."""
    between = r"[\s.,…-]{0,3}"
    return re.search(rf"(?<!\d){between.join(number)}(?!\d)", html.unescape(text)) is not None
