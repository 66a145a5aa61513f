"""Reading a folder: which UIDs are new, and how messages are fetched without a trace."""

from collections.abc import Sequence

from channels.email.mailbox import fetch_raw, fetch_several, new_uids


class Folder:
    """A mailbox server's folder, as ``IMAPClient`` shows it, with some messages expunged between search and fetch."""

    def __init__(self, messages: dict[int, bytes], expunged: Sequence[int] = ()) -> None:
        self.messages = messages
        self.expunged = set(expunged)
        self.fetches: list[tuple[list[int], list[str]]] = []

    def search(self, criteria: Sequence[str | int]) -> list[int]:
        assert criteria[0] == "UID"
        first = int(str(criteria[1]).removesuffix(":*"))
        found = [uid for uid in self.messages if uid >= first]
        return found or ([max(self.messages)] if self.messages else [])

    def fetch(self, messages: Sequence[int], data: Sequence[str]) -> dict[int, dict[bytes, object]]:
        self.fetches.append((list(messages), list(data)))
        return {uid: {b"BODY[]": self.messages[uid], b"SEQ": 1} for uid in messages if uid not in self.expunged}


MESSAGES = {9: b"nine", 4: b"four", 7: b"seven"}


def test_new_ones_come_oldest_first() -> None:
    assert new_uids(Folder(MESSAGES), 0) == [4, 7, 9]
    assert new_uids(Folder(MESSAGES), 4) == [7, 9]


def test_the_newest_is_not_new_again() -> None:
    """A server answers "10:*" with the newest message, though its UID is 9."""
    assert new_uids(Folder(MESSAGES), 9) == []
    assert new_uids(Folder({}), 9) == []


def test_fetching_leaves_no_trace() -> None:
    folder = Folder(MESSAGES)
    assert fetch_raw(folder, 7) == b"seven"
    assert folder.fetches == [([7], ["BODY.PEEK[]"])]


def test_an_expunged_message_is_left_out() -> None:
    folder = Folder(MESSAGES, expunged=[7])
    assert fetch_raw(folder, 7) is None
    assert list(fetch_several(folder, [4, 7, 9])) == [(4, b"four"), (9, b"nine")]


def test_many_are_fetched_some_at_a_time() -> None:
    folder = Folder(dict.fromkeys(range(1, 8), b"x"))
    assert len(list(fetch_several(folder, range(1, 8), at_once=3))) == 7
    assert [uids for uids, _ in folder.fetches] == [[1, 2, 3], [4, 5, 6], [7]]
