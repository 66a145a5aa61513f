"""Senders of texts over real HTTP: so many at once, each on a connection it keeps, signing as the provider does."""

from __future__ import annotations

import itertools
import multiprocessing
import secrets
import socket
import threading
import time
from dataclasses import dataclass, field
from typing import BinaryIO
from urllib.parse import urlencode

from tests.standins.telephone import Fields, sign

ACCOUNT = "AC" + "0" * 32
TOKEN = "bench-token"
PUBLIC_URL = "https://avis.ville.example"
NUMBER = "+33298000000"
PATH = "/hooks/sms"


@dataclass
class Sent:
    """What senders saw: seconds each answer took, and how many were not 200."""

    took: list[float] = field(default_factory=list)
    refused: int = 0
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.took) / self.seconds

    def percentile(self, share: float) -> float:
        """Seconds below which this share of the answers came."""
        return sorted(self.took)[min(len(self.took) - 1, int(share * len(self.took)))]


# One after the other: of ten thousand drawn by lot two are the same half of the time, and their texts are joined.
_NUMBERS = itertools.count(secrets.randbelow(10**8))


def text_fields(body: str = "Il faudrait plus de bancs à l'ombre rue de Siam") -> Fields:
    """A text of somebody who has never written before."""
    return [
        ("ToCountry", "FR"),
        ("MessageSid", "SM" + secrets.token_hex(16)),
        ("AccountSid", ACCOUNT),
        ("From", f"+336{next(_NUMBERS) % 10**8:08}"),
        ("To", NUMBER),
        ("Body", body),
        ("NumMedia", "0"),
        ("NumSegments", "1"),
        ("ApiVersion", "2010-04-01"),
    ]


def as_request(fields: Fields) -> bytes:
    """The webhook as it goes over the wire."""
    body = urlencode(fields)
    return (
        f"POST {PATH} HTTP/1.1\r\nHost: avis.ville.example\r\n"
        f"X-Twilio-Signature: {sign(PUBLIC_URL + PATH, fields, TOKEN)}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def send(port: int, texts: int, at_once: int, every: float = 0.0) -> Sent:
    """Send so many texts by so many senders; with ``every``, one each so many seconds, whoever is free."""
    # In a process of their own: what they cost is the same for every door, and holds no door's interpreter lock.
    context = multiprocessing.get_context("fork")
    there, here = context.Pipe()
    process = context.Process(target=_send, args=(there, port, texts, at_once, every))
    process.start()
    sent: Sent = here.recv()
    process.join()
    return sent


def _send(pipe, port: int, texts: int, at_once: int, every: float) -> None:  # type: ignore[no-untyped-def]
    requests = [as_request(text_fields()) for _ in range(texts)]
    due = [number * every for number in range(texts)]
    sent, lock = Sent(), threading.Lock()
    began = time.perf_counter()

    def sender() -> None:
        with socket.create_connection(("127.0.0.1", port)) as line:
            file = line.makefile("rb")
            while True:
                with lock:
                    if not requests:
                        return
                    request, at = requests.pop(), due[len(due) - len(requests) - 1]
                if every:
                    time.sleep(max(0.0, began + at - time.perf_counter()))
                since = time.perf_counter()
                line.sendall(request)
                status = answer(file)
                took = time.perf_counter() - since
                with lock:
                    sent.took.append(took)
                    sent.refused += status != 200

    threads = [threading.Thread(target=sender) for _ in range(at_once)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sent.seconds = time.perf_counter() - began
    pipe.send(sent)


def answer(file: BinaryIO) -> int:
    """Read one answer from a connection that is kept; its status."""
    status = int(file.readline().split()[1])
    length = 0
    while (line := file.readline().strip()) != b"":
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    file.read(length)
    return status
