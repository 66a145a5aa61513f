"""Whether the mail server that received a mail called its sender forged (RFC 8601, RFC 7489).

Anybody can write an Authentication-Results line; only those that carry the name of the town's own server count, and
that server is bound to remove such lines of its name that came with the mail (RFC 8601 §5).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

_LINE = re.compile(r"Authentication-Results:\s*", re.IGNORECASE)
_COMMENT = re.compile(r"\([^()]{0,500}\)")
_QUOTED = re.compile(r'"[^"]{0,500}"')
_VERDICT = re.compile(r"\b(dmarc|spf|dkim)\s*=\s*([a-z]+)", re.IGNORECASE)


def is_called_forged(results: Iterable[str], servers: Collection[str]) -> bool:
    """Whether one of these ``servers`` found the sender's own domain to disown the mail, in the lines it wrote.

    DMARC failed; or, where the domain has none, the sending machine was refused (SPF) and no signature held (DKIM).
    """
    known = {server.casefold() for server in servers if server}
    verdicts: dict[str, set[str]] = {}
    for line in results:
        name, _semicolon, said = _bare(line).partition(";")
        if name.split()[:1] and name.split()[0].casefold() in known:
            for method, verdict in _VERDICT.findall(said):
                verdicts.setdefault(method.lower(), set()).add(verdict.lower())
    dmarc = verdicts.get("dmarc", set())
    if dmarc & {"fail", "pass"}:
        return "fail" in dmarc
    return "fail" in verdicts.get("spf", set()) and "pass" not in verdicts.get("dkim", set())


def _bare(line: str) -> str:
    """A line without its comments and quoted words, in which anything may stand."""
    if _LINE.match(line) is None:
        return ""
    bare = _QUOTED.sub(" ", _LINE.sub("", line, count=1))
    while (without := _COMMENT.sub(" ", bare)) != bare:
        bare = without
    return bare
