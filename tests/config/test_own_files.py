"""Files that a child says it wrote, and did not."""

from __future__ import annotations

import os

import pytest

from config.child_answers.own_files import ForeignFile, own_output_file


@pytest.fixture
def folder(tmp_path):
    own = tmp_path / "own"
    (own / "below").mkdir(parents=True)
    (own / "page.png").write_text("x")
    (own / "below" / "page.png").write_text("x")
    (tmp_path / "key").write_text("secret")
    (own / "link").symlink_to(tmp_path / "key")
    (own / "way").symlink_to(tmp_path)
    os.link(tmp_path / "key", own / "twin")
    os.mkfifo(own / "pipe")
    return own


@pytest.mark.parametrize("name", ["page.png", "below/page.png"])
def test_its_own_files_count(name, folder):
    assert own_output_file(f"{folder}/{name}", folder) == folder / name


FOREIGN = ["../key", "link", "way/key", "twin", "pipe", "below", "", ".", "missing", "below/../page.png", "page.png\0"]


@pytest.mark.parametrize("name", FOREIGN)
def test_nothing_else_does(name, folder):
    with pytest.raises(ForeignFile):
        own_output_file(f"{folder}/{name}", folder)


@pytest.mark.parametrize("told", [None, 3, ["page.png"], "/etc/passwd", "page.png"])
def test_nor_what_is_no_path_of_it(told, folder):
    with pytest.raises(ForeignFile):
        own_output_file(told, folder)
