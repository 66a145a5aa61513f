"""An Android telephone as gateway: takes texts to send as the app does, and forgets none under the same name.

After the app's documentation (android-sms-gateway/docs-web, features/sending-messages and status-tracking).
"""

from __future__ import annotations

import base64
import hmac
import json
import re
from dataclasses import dataclass, field

from tests.standins.web import Answer, Asked


@dataclass
class AndroidPhone:
    """What the app has been asked to send, and how it answers."""

    user: str = "ABCDEF"
    password: str = "secret-of-the-app"
    sent: dict[str, tuple[str, str]] = field(default_factory=dict)
    """By the sender's own name for it: number and text."""
    refusals: list[int] = field(default_factory=list)
    """HTTP statuses for the next texts."""
    loses_answers: int = 0
    """How many texts are taken and then answered with an error of the way there."""

    def answer(self, asked: Asked) -> Answer:
        """Answer one request of the app's interface."""
        if (asked.method, asked.path) == ("GET", "/health"):
            return Answer.of_json({"status": "pass", "version": "1.42.0", "releaseId": 2042})
        expected = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        if not hmac.compare_digest(asked.headers.get("authorization", ""), f"Basic {expected}"):
            return Answer.of_json({"message": "Unauthorized"}, 401)
        if asked.method == "GET" and (known := re.fullmatch(r"/messages/([\w-]+)", asked.path)):
            state = {"id": known[1], "state": "Sent"}
            return Answer.of_json(state) if known[1] in self.sent else Answer.of_json({"message": "Not found"}, 404)
        if (asked.method, asked.path) == ("GET", "/messages"):
            return Answer.of_json([{"id": known, "state": "Sent"} for known in self.sent])
        if asked.method != "POST" or asked.path != "/messages":
            return Answer.of_json({"message": "Not found"}, 404)
        if self.refusals:
            return Answer.of_json({"message": "Refused"}, self.refusals.pop(0))
        wanted = json.loads(asked.body)
        [number] = wanted["phoneNumbers"]
        assert wanted["id"] not in self.sent, "asked to send the same text twice"
        self.sent[wanted["id"]] = (number, wanted["textMessage"]["text"])
        if self.loses_answers:
            self.loses_answers -= 1
            return Answer.of_json({}, 502)
        return Answer.of_json({"id": wanted["id"], "state": "Pending"}, 202)
