"""Ids of jobs, and how one is found in the name of a clip's file."""

from __future__ import annotations

import pytest

from seedance_widgets.life import new_job_id
from seedance_widgets.text.job_ids import is_job_id, job_id_in


def test_every_id_that_is_made_is_one_and_is_found_in_the_name_of_its_clip() -> None:
    for _ in range(500):
        made = new_job_id()
        assert is_job_id(made)
        assert [job_id_in(name) for name in (made, f"boat-{made}", f"a-boat-{made}-12")] == [made] * 3


@pytest.mark.parametrize(
    "text", ["", "ejembk8", "ejembk866", "Ejembk86", "ejembk8o", "ejembk81", "ejembk8\n", "../../ab"]
)
def test_what_looks_otherwise_is_none(text: str) -> None:
    assert not is_job_id(text)


@pytest.mark.parametrize("stem", ["boat", "boat-ejembk8", "boatejembk86", "ejembk86-boat", "boat-ejembk86-1234"])
def test_a_file_of_another_name_is_of_no_job(stem: str) -> None:
    assert job_id_in(stem) is None
