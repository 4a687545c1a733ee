"""Break one line at a time in a copy of the tree, and show that the test which should see it goes red.

    python -m tests.mutants                # all of them
    python -m tests.mutants --money        # those of the money rule, as .ci/run does
    python -m tests.mutants until_end      # some, by name

Each mutant is a small TOML file beside this one:

    what = "one sentence: what is wrong in it, and what it would cost"
    test = "the test that must see it: a file of pytest, or a node"
    money = true                           # only of the money rule
    [[change]]
    file = "seedance_widgets/…"
    old = "text that stands in the file exactly once"      # or `pattern`, a regular expression
    new = "what stands there instead"      # with a pattern, \\1 is its first group

An anchor that is not there exactly once is an error: the code has moved, and the mutant must follow it. The exit
status is 0 when every mutant was seen.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
COPIED = ("seedance_widgets", "tests", "docs", "notebooks", "pyproject.toml", "README.md", "CHANGELOG.md")
AT_ONCE = 3
"""Mutants that are tried side by side, each in a copy of its own."""
RED = 1
"""What pytest answers when a test has failed; anything else is no verdict: no such test, or a broken import."""


class Misplaced(Exception):
    """A mutant that does not fit the code any more."""


def changed(text: str, change: Mapping[str, Any]) -> str:
    """The text with one change made. Raises Misplaced."""
    pattern = change.get("pattern") or re.escape(change["old"])
    new = change["new"] if "pattern" in change else change["new"].replace("\\", "\\\\")
    after, times = re.subn(pattern, new, text)
    if times != 1:
        raise Misplaced(f"its place is there {times} times in {change['file']}: {change.get('old') or pattern}")
    if after == text:
        raise Misplaced(f"it changes nothing in {change['file']}")
    return after


def is_seen(mutant: Mapping[str, Any], copy: Path) -> tuple[bool, str]:
    """Whether the test of a mutant goes red, and how pytest ended. Leaves the copy as it was. Raises Misplaced."""
    before = {copy / change["file"]: (copy / change["file"]).read_text() for change in mutant["change"]}
    try:
        for change in mutant["change"]:
            path = copy / change["file"]
            path.write_text(changed(path.read_text(), change))
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-m", "", mutant["test"]]
        env = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
        ended = subprocess.run(command, cwd=copy, env=env, capture_output=True, text=True, check=False)
    finally:
        for path, text in before.items():
            path.write_text(text)
    lines = ended.stdout.strip().splitlines() or ended.stderr.strip().splitlines() or [""]
    return ended.returncode == RED, lines[-1]


def _copied(folder: Path) -> Path:
    leave_out = shutil.ignore_patterns("__pycache__", "node_modules", ".hypothesis")
    folder.mkdir()
    for name in COPIED:
        place = ROOT / name
        (shutil.copytree(place, folder / name, ignore=leave_out) if place.is_dir() else shutil.copy(place, folder))
    return folder


def _tried(name: str, mutant: Mapping[str, Any], copies: SimpleQueue[Path]) -> tuple[str, bool, str, float]:
    """The name of a mutant, whether it was seen, how its test ended, and the seconds that it took."""
    began, copy = time.monotonic(), copies.get()
    try:
        seen, said = is_seen(mutant, copy)
    except Misplaced as error:
        seen, said = False, str(error)
    finally:
        copies.put(copy)
    return name, seen, said, time.monotonic() - began


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="which, by name; all unless given")
    parser.add_argument("--money", action="store_true", help="only those of the money rule")
    asked = parser.parse_args()
    mutants = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(HERE.glob("*.toml"))}
    if unknown := set(asked.names) - set(mutants):
        parser.error(f"no such mutant: {', '.join(sorted(unknown))}; there are {', '.join(mutants)}")
    chosen = {
        name: mutant
        for name, mutant in mutants.items()
        if (not asked.names or name in asked.names) and (not asked.money or mutant.get("money"))
    }
    missed = 0
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(AT_ONCE) as pool:
        copies: SimpleQueue[Path] = SimpleQueue()
        for number in range(AT_ONCE):
            copies.put(_copied(Path(folder, str(number))))
        for name, seen, said, took_s in pool.map(lambda each: _tried(*each, copies), chosen.items()):
            missed += not seen
            print(f"{'seen' if seen else 'SURVIVES'}  {name} ({took_s:.0f} s): {mutants[name]['what']}", flush=True)
            if not seen:
                print(f"          {mutants[name]['test']}: {said}", flush=True)
    print(f"{len(chosen) - missed} of {len(chosen)} mutants seen")
    return 1 if missed or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
