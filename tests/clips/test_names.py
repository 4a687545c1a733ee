"""A name that no file has yet: claimed once, never through a link, never over another file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from seedance_widgets.clips import names


def test_a_name_is_claimed_once_and_the_next_one_has_a_number(tmp_path: Path) -> None:
    found = [names.claim(tmp_path, "sheet", ".png").name for _ in range(3)]
    assert found == ["sheet.png", "sheet-2.png", "sheet-3.png"]


def test_a_name_that_a_dangling_link_has_is_taken(tmp_path: Path) -> None:
    (tmp_path / "sheet.png").symlink_to(tmp_path / "victim")
    assert names.claim(tmp_path, "sheet", ".png").name == "sheet-2.png"
    assert not (tmp_path / "victim").exists()


@pytest.mark.parametrize("links", [True, False])
def test_a_finished_file_never_takes_the_name_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    def refuse(*_: Any) -> None:
        raise PermissionError(1, "no hard links here")

    if not links:
        monkeypatch.setattr(os, "link", refuse)
    source, target = tmp_path / "part", tmp_path / "clip.mp4"
    source.write_bytes(b"new")
    target.write_bytes(b"old")
    with pytest.raises(FileExistsError):
        names.give_name(source, target)
    assert target.read_bytes() == b"old"
    names.give_name(source, tmp_path / "other.mp4")
    assert (tmp_path / "other.mp4").read_bytes() == b"new"


def test_names_come_to_an_end(tmp_path: Path) -> None:
    with pytest.raises(FileExistsError):
        list(names.numbered("clip"))
