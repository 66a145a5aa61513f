"""A provider that answers from a list, in place of the network: one ``requests`` adapter, no socket."""

from __future__ import annotations

from dataclasses import dataclass, field
from io import BytesIO

import requests
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse


@dataclass
class Answer:
    """What comes back: a status, a body, headers; or an exception on the way."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    fails: Exception | None = None


class Provider(BaseAdapter):
    """Answers each request with the next answer, and remembers what it was asked."""

    def __init__(self, *answers: Answer) -> None:
        super().__init__()
        self.answers = list(answers)
        self.asked: list[requests.PreparedRequest] = []

    def send(self, request: requests.PreparedRequest, *args: object, **kwargs: object) -> requests.Response:
        self.asked.append(request)
        answer = self.answers.pop(0)
        if answer.fails:
            raise answer.fails
        response = requests.Response()
        response.status_code = answer.status
        response.headers.update(answer.headers)
        response.raw = HTTPResponse(BytesIO(answer.body), preload_content=False, status=answer.status)
        response.url = request.url or ""
        response.request = request
        return response

    def close(self) -> None:
        """Nothing to close."""


def session_with(provider: Provider) -> requests.Session:
    session = requests.Session()
    session.mount("https://", provider)
    session.mount("http://", provider)
    return session
