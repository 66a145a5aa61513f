"""``portevoix reconcile``: one pass now, which says how far it is."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from inbox.models.column_types import utc_now
from tests.standins.telephone import Telephone
from tests.workers.unheard_town import NOBODY_LISTENS, NUMBER, RESIDENT
from workers.runtime import process_setup
from workers.watchers.reconciler import main

# --- by hand

BY_HAND = """
[twilio]
account_sid = "{account}"
auth_tokens = ["{token}"]
api_base = "{api}"
receives = "{number}"
"""


def test_by_hand_says_how_far_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Telephone(NOBODY_LISTENS) as provider:
        provider.text(RESIDENT, NUMBER, "Bonjour", at=utc_now() - timedelta(days=4))
        file, api = tmp_path / "portevoix.toml", provider.api
        file.write_text(BY_HAND.format(account=api.account_sid, token=api.auth_token, api=provider.base, number=NUMBER))
        monkeypatch.setenv("PORTEVOIX_SETTINGS_FILE", str(file))
        # These are a whole process's, and this one goes on to other tests.
        monkeypatch.setattr(os, "umask", lambda _mask: 0)
        monkeypatch.setattr(process_setup, "log_to_stderr", lambda _level: None)
        since = (utc_now() - timedelta(days=4)).date()
        assert main(["--since", since.isoformat()]) == 0
        said = capsys.readouterr().out.splitlines()
        assert said[0] == f"messages: {since}, 1 read, 1 missing here"
        assert said[-1] == "messages: 1 taken in, calls: 0 taken in, recordings: 0 taken in"
        api.list_refusals.append(401)
        assert main([]) == 1
        assert "what to do: Check the account and its token." in capsys.readouterr().err
