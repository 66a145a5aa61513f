"""A draft of a report, written by the language model on the town's own machine (OpenAI's chat completions).

What it writes is kept sealed and proves nothing: the page checks it sentence by sentence before anybody can use it.
"""

from __future__ import annotations

import json
from typing import Any

import requests

from config.bounded_answers import AnswerTooLong, read_bounded
from inbox.administration import errands
from inbox.administration.errands import RunningErrand
from workers.errors import NotSetUp, WorkersError
from workers.runtime.watcher_context import WatcherContext

LONGEST_ANSWER = 2_000_000
"""Bytes; a longer one is no draft."""
LONGEST_DRAFT = 50_000


class NoDraft(WorkersError):
    """The model's server answered something else than a draft."""


def write(here: WatcherContext, taken: RunningErrand) -> dict[str, Any]:
    """Have the model write; the words it is given came sealed with the errand."""
    model = here.settings.draft_model
    if not model.url:
        raise NotSetUp("No language model is set.", "Set draft_model.url to a model on your own machine.")
    words = asked(model.url, model.name, taken.to, model.seconds)
    with here.store.write() as session:
        errands.end_with_words(session, taken, words, "draft_written")
    return {"said": "draft_written"}


def asked(url: str, name: str, prompt: str, seconds: float) -> str:
    """What the model makes of a prompt; raises ``NoDraft``, requests.RequestException."""
    body = {"model": name, "messages": [{"role": "user", "content": prompt}], "temperature": 0, "stream": False}
    with requests.Session() as http:
        # No proxy of the environment's: the machine is the town's own.
        http.trust_env = False
        with http.post(
            f"{url}/chat/completions", json=body, timeout=(10, seconds), stream=True, allow_redirects=False
        ) as answer:
            if answer.status_code != requests.codes.ok:
                raise NoDraft(f"the model's server answered {answer.status_code}", "Look at its log.")
            try:
                raw = read_bounded(answer, LONGEST_ANSWER, seconds)
            except AnswerTooLong as error:
                raise NoDraft("the model's server answered without end", "Look at its log.") from error
    return _content(raw)


def _content(raw: bytes) -> str:
    try:
        said = json.loads(raw)["choices"][0]["message"]["content"]
    except (ValueError, KeyError, IndexError, TypeError):
        said = None
    if not isinstance(said, str) or not said.strip():
        raise NoDraft("the model's server answered no text", "Is it OpenAI-compatible?")
    return said.replace("\0", "")[:LONGEST_DRAFT]
