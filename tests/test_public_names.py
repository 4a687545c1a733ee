"""What people type stays what it is, whatever moves behind it."""

from __future__ import annotations

from pathlib import Path

from public_names import lines

GOLDEN = Path(__file__).parent / "golden" / "public-names.txt"


def test_public_names_their_parameters_and_first_lines_are_those_of_the_golden_file() -> None:
    assert list(lines()) == GOLDEN.read_text(encoding="utf-8").splitlines()
