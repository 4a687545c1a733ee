"""The site is built without a warning, every link in it is there, and its reference has every public name."""

from __future__ import annotations

import re
import zlib
from html import unescape
from inspect import get_annotations
from pathlib import Path
from urllib.parse import unquote

import pytest
from public_names import lines
from site_build import CAN_BUILD
from where_it_works import BY_HAND, BY_READING, ROWS, page, unshown

import seedance_widgets as sw

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


def test_every_public_name_is_in_the_reference() -> None:
    text = (DOCS / "reference.md").read_text(encoding="utf-8")
    named = re.findall(r"^\.\. auto\w+:: (\w+)$", text, re.M)
    assert sorted(named) == sorted(set(dir(sw)) - {"__version__"})


def test_every_page_is_on_the_site() -> None:
    listed = re.findall(r"^[a-z][\w*/-]+$", (DOCS / "index.md").read_text(encoding="utf-8"), re.M)
    assert {path.stem for path in DOCS.glob("*.md")} - {"index"} <= set(listed)


def test_where_it_works_is_what_the_tests_write() -> None:
    assert (DOCS / "where-it-works.md").read_text(encoding="utf-8") == page()


def test_what_no_test_tries_says_that_somebody_did_or_why_nobody_did() -> None:
    """The bug was what had been tried by hand, and was said to be known by reading, which is: not tried."""
    untested = {row.name: row for row in ROWS if not row.tests}
    assert {name for name, row in untested.items() if row.untested == BY_HAND} >= {"Panel"}
    by_reading = [row for row in untested.values() if row.untested == BY_READING]
    assert [row.name for row in by_reading if "not tried, since" not in row.tried] == []
    for row in ROWS:
        how = f"*{row.untested}* |"
        (line,) = (line for line in page().splitlines() if line.startswith(f"| {row.name} |"))
        assert line.endswith(how) is not bool(row.tests), row.name


@pytest.mark.parametrize("name", sorted({each for row in ROWS for each in row.tests}))
def test_a_row_of_where_it_works_names_a_test_that_is_there(name: str) -> None:
    file, _, test = name.partition("::")
    text = (ROOT / "tests" / file).read_text(encoding="utf-8")
    assert "def test_" in text if test == "*" else f"def {test}(" in text


def test_a_run_must_show_what_where_it_works_says() -> None:
    named = sorted({name for row in ROWS if not row.part for name in row.tests})
    passed = [f"passed {name.replace('*', 'test_it')}[light]" for name in named]
    assert unshown(passed) == []
    assert unshown(passed[1:]) == [f"{named[0]} did not run"]
    assert unshown([*passed, passed[0].replace("passed", "skipped")]) == [f"{named[0]} did not pass"]


def test_every_link_of_the_docs_is_there() -> None:
    missing = []
    for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *DOCS.rglob("*.md")):
        for link in re.findall(r"\]\(([^)\s]+)\)", path.read_text(encoding="utf-8")):
            bare = unquote(link.partition("#")[0])
            if bare and not re.match(r"[a-z]+:", bare) and not (path.parent / bare).exists():
                missing.append(f"{path.name}: {link}")
    assert missing == []


def described(site: Path) -> set[str]:
    """The names that the built reference describes, those of members as `Class.member`."""
    packed = (site / "objects.inv").read_bytes().split(b"\n", 4)[4]  # behind four lines of text
    names = {line.split()[0] for line in zlib.decompress(packed).decode().splitlines() if " py:" in line}
    return {name.removeprefix("seedance_widgets.") for name in names}


def is_only_theirs(cls: type, member: str) -> bool:
    """Whether a base class of another package has written the member, and no class of this one."""
    written = [base for base in cls.__mro__ if member in vars(base) or member in get_annotations(base)]
    return bool(written) and not any(base.__module__.startswith("seedance_widgets") for base in written)


if CAN_BUILD:

    @pytest.mark.timeout(900)
    def test_the_site_is_built_without_a_warning_and_its_links_lead_somewhere(site: Path) -> None:
        missing = []
        for path in site.rglob("*.html"):
            text = path.read_text(encoding="utf-8")
            for link in re.findall(r'(?:href|src|poster)="([^"#?]+)', text):
                if not re.match(r"[a-z]+:|//", link) and not (path.parent / unquote(unescape(link))).exists():
                    missing.append(f"{path.relative_to(site)}: {link[:100]}")
        assert missing == []
        assert (site / "gallery" / "01_quickstart.html").read_text(encoding="utf-8").count("<video") == 3

    @pytest.mark.timeout(900)
    def test_the_built_reference_has_every_public_name_with_what_it_inherits_from_us(site: Path) -> None:
        """The bug was `Session.close`, and 40 others that a base class of ours has: they were in no reference."""
        known = {line.partition(" ")[0] for line in lines()} - {"__version__"}
        assert known - described(site) == set()

    @pytest.mark.timeout(900)
    def test_the_built_reference_does_not_repeat_what_others_have_written(site: Path) -> None:
        members = [name.split(".") for name in described(site) if re.fullmatch(r"[A-Z]\w*\.\w+", name)]
        assert len(members) > 300
        assert [f"{cls}.{member}" for cls, member in members if is_only_theirs(getattr(sw, cls), member)] == []
