"""Where access tokens are given out and looked up (RFC 6749, RFC 7662), as Microsoft's and Google's servers do."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from tests.standins.web import Answer, Asked, LoopbackServer


@dataclass
class TokenServer:
    """Gives tokens for one mailbox; use ``http`` as a context manager."""

    mailbox: str
    client_secret: str = "app-secret"
    refresh_token: str = "refresh-0"
    rotates: bool = False
    """Whether each exchange brings a new refresh token and ends the old one's life."""
    lasts: int = 3600
    good: set[str] = field(default_factory=set)
    """The access tokens a mail server is told are good."""
    asked: list[dict[str, str]] = field(default_factory=list)
    """What was posted for a token, oldest first."""
    answers: list[Answer] = field(default_factory=list)
    """Said to the next requests instead of a token."""

    def __post_init__(self) -> None:
        self._numbers = itertools.count(1)
        self.http = LoopbackServer(self._answer)

    @property
    def token_url(self) -> str:
        return f"{self.http.base}/token"

    @property
    def introspection_url(self) -> str:
        return f"{self.http.base}/introspect"

    def _answer(self, asked: Asked) -> Answer:
        posted = {name: values[-1] for name, values in parse_qs(asked.body.decode()).items()}
        if asked.path == "/token":
            return self._give(posted)
        token = posted.get("token", "") or asked.headers.get("authorization", "").removeprefix("Bearer ")
        active = token in self.good
        return Answer.of_json({"active": active, **({"email": self.mailbox} if active else {})})

    def _give(self, posted: dict[str, str]) -> Answer:
        self.asked.append(posted)
        if self.answers:
            return self.answers.pop(0)
        if posted.get("client_secret") != self.client_secret:
            return Answer.of_json({"error": "invalid_client", "error_description": "for avis@brest.example"}, 401)
        if posted.get("grant_type") == "refresh_token" and posted.get("refresh_token") != self.refresh_token:
            return Answer.of_json({"error": "invalid_grant"}, 400)
        number = next(self._numbers)
        token = f"token-{number}"
        self.good.add(token)
        given: dict[str, object] = {"access_token": token, "token_type": "Bearer", "expires_in": self.lasts}
        if self.rotates:
            self.refresh_token = f"refresh-{number}"
            given["refresh_token"] = self.refresh_token
        return Answer.of_json(given)
