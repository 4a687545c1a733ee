"""`python -m benchmarks [NAME …] [--markdown FILE]`: measure, and print one table."""

from __future__ import annotations

import argparse
import sys
import time
from importlib import import_module
from pathlib import Path

from .figures import Figure, machine, markdown, table

NAMES = (
    "load",
    "first_card",
    "first_create",
    "newcomer",
    "studio",
    "studio_page",
    "grid_page",
    "knowing",
    "hundred_jobs",
    "sweep",
    "search",
    "export",
    "saving",
    "media",
    "orphans",
    "server",
    "panel",
    "notice",
    "rate",
    "bomb",
    "schedule",
    "budget",
)


def main() -> int:
    """Run the benchmarks asked for, in order."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure seedance_widgets.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which ones: {', '.join(NAMES)}; by default all")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table into this file too")
    asked = parser.parse_args()
    if unknown := [name for name in asked.names if name not in NAMES]:
        parser.error(f"there is no {unknown[0]!r}; there are {', '.join(NAMES)}")
    figures: list[Figure] = []
    for name in asked.names or NAMES:
        began = time.monotonic()
        found = import_module(f".{name}", __package__).measure()
        print(f"{name}, {time.monotonic() - began:.0f} s", file=sys.stderr)
        figures += found
    where = machine()
    print(f"{table(figures)}\n\n{where}")
    if asked.markdown:
        asked.markdown.write_text(f"{markdown(figures)}\n\n{where}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
