"""Both halves of a widget name the same things: TypedDicts and TypeScript's interfaces, messages and traits."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from seedance_widgets.request import models
from seedance_widgets.widgets.card import view
from seedance_widgets.widgets.choose import view as choose_view
from seedance_widgets.widgets.compare import view as compare_view
from seedance_widgets.widgets.grid import view as grid_view
from seedance_widgets.widgets.studio import incoming as studio_incoming
from seedance_widgets.widgets.studio import media as studio_media
from seedance_widgets.widgets.studio import view as studio_view

SOURCES = Path(__file__).parents[2] / "frontend" / "src"
PAIRS = [
    ("shared/job-view.ts", "CardView", view.CardView),
    ("shared/job-view.ts", "Estimate", view.EstimateView),
    ("shared/job-view.ts", "Download", view.DownloadView),
    ("shared/job-view.ts", "Clip", view.ClipView),
    ("shared/job-view.ts", "Problem", view.ProblemView),
    *(
        ("studio/view.ts", name, getattr(studio_view, name))
        for name in (
            "OptionView",
            "ModelView",
            "FieldProblem",
            "MediaRole",
            "CheckView",
            "MoneyView",
            "CapsView",
            "OutcomeView",
            "MissingView",
            "StudioView",
        )
    ),
    ("studio/view.ts", "MediaEntry", studio_media.MediaEntry),
    ("studio/host.ts", "MediumAnswer", studio_incoming.MediumAnswer),
    *(
        ("views/view.ts", name, getattr(grid_view, name))
        for name in (
            "CellView",
            "RowView",
            "GroupView",
            "ExportView",
            "QuestionView",
            "SweepView",
            "ValueView",
            "AxisView",
            "GridView",
        )
    ),
    *(("views/view.ts", name, getattr(choose_view, name)) for name in ("ChoiceView", "ChooseView")),
    *(
        ("views/view.ts", name, getattr(compare_view, name))
        for name in ("SpanView", "SideView", "DifferenceView", "CompareView")
    ),
]


def typescript_fields(file: str, interface: str) -> list[str]:
    source = (SOURCES / file).read_text()
    found = re.search(rf"export interface {interface}\b[^{{]*\{{\n(.*?)\n\}}", source, re.S)
    assert found, f"{file} has no interface {interface}"
    return re.findall(r"^  (\w+): ", found[1], re.M)


@pytest.mark.parametrize(("file", "interface", "typed_dict"), PAIRS, ids=[name for _, name, _ in PAIRS])
def test_the_page_and_the_kernel_agree_on_the_fields_of(file: str, interface: str, typed_dict: Any) -> None:
    assert typescript_fields(file, interface) == list(typed_dict.__annotations__)


def test_the_page_has_no_control_for_an_option_that_the_form_does_not_have() -> None:
    in_form = {"prompt", *(option.name for option in studio_view.IN_FORM)}
    assert set(typescript_fields("studio/view.ts", "RequestView")) <= in_form


def test_a_job_in_the_studio_is_a_card_and_what_the_studio_adds() -> None:
    ours = set(get_type_hints(studio_view.JobView)) - set(get_type_hints(view.CardView))
    assert set(typescript_fields("studio/view.ts", "JobView")) == ours


def test_the_page_and_the_kernel_agree_on_the_page_of_jobs() -> None:
    assert set(typescript_fields("studio/view.ts", "JobsView")) == set(studio_view.JobsView.__annotations__)


@pytest.mark.parametrize(
    ("folder", "modules"), [("card", ("card/card.py",)), ("studio", ("studio/desk.py", "shared/live.py"))]
)
def test_every_message_that_a_page_sends_has_a_handler(folder: str, modules: tuple[str, ...]) -> None:
    has_answers = ("files.ts", "later.ts")
    shared = (path for path in (SOURCES / "shared").glob("*.ts*") if path.name not in has_answers)
    written = "".join(path.read_text() for path in [*(SOURCES / folder).glob("*.ts*"), *shared])
    sent = set(re.findall(r'type: "(\w+)"', written)) & {
        "hello",
        "later",
        "cancel",
        "download",
        "clip",
        "poster",
        "check",
        "submit",
        "search",
        "star",
        "rate",
        "tag",
        "note",
        "reuse",
        "open",
        "compare",
        "caps",
    }
    source = "".join((Path(view.__file__).parents[1] / module).read_text() for module in modules)
    handled = set(re.findall(r'^            "(\w+)": ', source, re.M))
    assert sent, "the page sends something"
    assert sent <= handled


def test_every_message_of_the_grid_and_compare_has_a_handler() -> None:
    sent = set(re.findall(r'type: "(\w+)"', (SOURCES / "views" / "host.ts").read_text()))
    files = ("shared/live.py", "grid/grid.py", "choose/choose.py", "compare/compare.py")
    source = "".join((Path(view.__file__).parents[1] / file).read_text() for file in files)
    assert {"hello", "export", "send", "hold", "cancel_all", "cancel", "star", "pick", "clip", "poster"} <= sent
    assert all(re.search(rf'"{name}": (self|lambda)', source) for name in sent)


def test_the_studio_has_the_traits_that_its_page_reads() -> None:
    from seedance_widgets.widgets.studio.studio import Studio

    traits = {name for name in Studio.class_trait_names(sync=True) if not name.startswith("_")}
    assert set(typescript_fields("studio/view.ts", "StudioTraits")) <= traits
    assert set(typescript_fields("studio/view.ts", "RequestView")) <= traits


def test_the_page_and_the_package_count_media_alike() -> None:
    said = re.search(r"MEDIUM_SHARE = ([0-9.]+)", (SOURCES / "studio" / "cost.ts").read_text("utf-8"))
    assert said is not None
    assert float(said[1]) == models.MEDIUM_SHARE


def test_the_page_knows_a_link_whose_signature_was_removed_by_the_same_mark() -> None:
    from seedance_widgets.text import links

    assert f'SIGNATURE_REMOVED = "{links.MARK}"' in (SOURCES / "studio" / "media-list.ts").read_text()
