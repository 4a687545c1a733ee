"""What IPython makes of a cell: prompts reach the magic whole, and nothing else changes."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from IPython.core.inputtransformer2 import TransformerManager
from IPython.core.interactiveshell import InteractiveShell

from seedance_widgets.magic.reading.transform import PromptLine, prompt_cell

PLAIN = TransformerManager()


def called(name: str, *parts: str) -> str:
    return f"get_ipython().{name}({', '.join(map(repr, parts))})\n"


def line(text: str) -> str:
    return called("run_line_magic", "seedance", text)


@pytest.mark.parametrize(
    ("cell", "python"),
    [
        ("%seedance can a cat fly?", line("can a cat fly?")),
        ("%seedance why??", line("why??")),
        ("%seedance a boat? ", line("a boat?")),
        ("%seedance\ta boat", line("a boat")),
        ("%seedance   it's a {dog's} day?", line("it's a {dog's} day?")),
        ('%seedance a """ b?\nx = 1', line('a """ b?') + "x = 1\n"),
        ("%seedance a\u2028b\x0cc?", line("a\u2028b\x0cc?")),
        ("%seedance a boat \\\n  in rain?", line("a boat    in rain?")),
        ("%seedance ends in \\", line("ends in \\")),
        ("job = %seedance can a cat fly?", "job = " + line("can a cat fly?")),
        ("jobs['a=b'].x = %seedance a = b?", "jobs['a=b'].x = " + line("a = b?")),
        ("if True:\n    %seedance a?\nb = 2", "if True:\n    " + line("a?") + "b = 2\n"),
        (
            "for i in range(2):\n    j = %seedance a?\n    %seedance b??\n",
            f"for i in range(2):\n    j = {line('a?')}    {line('b??')}",
        ),
        ("x = 1\n%seedance a?\n%seedance b?\ny = 2", f"x = 1\n{line('a?')}{line('b?')}y = 2\n"),
        ("%time 1\n%seedance a?", called("run_line_magic", "time", "1") + line("a?")),
        (">>> %seedance a?", line("a?")),
    ],
)
def test_a_prompt_line_becomes_a_call_with_the_prompt_whole(shell: InteractiveShell, cell: str, python: str) -> None:
    assert shell.input_transformer_manager.transform_cell(cell) == python


@pytest.mark.parametrize("cell", ["%seedance?", "%seedance ?", "%seedance??", "  %seedance?", "x = %seedance ?"])
def test_a_question_mark_alone_opens_the_help(shell: InteractiveShell, cell: str) -> None:
    assert "run_line_magic('pinfo" in shell.input_transformer_manager.transform_cell(cell)


@pytest.mark.parametrize(
    "cell",
    [
        "%seedance",
        "%seedance?",
        "%seedance??",
        "%seedance_jobs what?",
        "%seedance-2 what?",
        "?%seedance",
        "%time what?",
        "len?",
        "x = '''\n%seedance a?\n'''",
        "# %seedance a?",
        "f(1,\n%seedance)",
        "x = 5 %seedance",
        "%%time\nx = 1",
        "%%seedance?",
        "%%seedance_x\na",
        "!ls %seedance a?",
        "x = 1\n%%seedance\ny",
        "",
        "\n\n  ",
    ],
)
def test_anything_else_is_left_to_ipython(shell: InteractiveShell, cell: str) -> None:
    assert shell.input_transformer_manager.transform_cell(cell) == PLAIN.transform_cell(cell)


@pytest.mark.parametrize(
    ("cell", "options", "body"),
    [
        ("%%seedance\na boat?", "", "a boat?\n"),
        ("%%seedance --out x \na\n", "--out x", "a\n"),
        ("\n \n%%seedance\t--out x\na", "--out x", "a\n"),
        ("%%seedance\n... and then\n   \n>>> go\nIn [1]: x", "", "... and then\n   \n>>> go\nIn [1]: x\n"),
        ("  %%seedance\n  a\n    b", "", "a\n  b\n"),
        ("%%seedance\n%seedance a?\na\u2028b", "", "%seedance a?\na\u2028b\n"),
        ("%%seedance", "", "\n"),
    ],
)
def test_a_prompt_cell_becomes_a_call_with_its_body_whole(
    shell: InteractiveShell, cell: str, options: str, body: str
) -> None:
    made = shell.input_transformer_manager.transform_cell(cell)
    assert made == called("run_cell_magic", "seedance", options, body)


def test_a_terminal_still_waits_for_the_body_of_a_cell(shell: InteractiveShell) -> None:
    complete = shell.input_transformer_manager.check_complete
    assert complete("%%seedance\n")[0] == "incomplete"
    assert complete("%%seedance\na boat")[0] == "incomplete"
    assert complete("%%seedance\na boat\n\n")[0] == "complete"
    assert complete("%seedance a boat?")[0] == "complete"
    assert prompt_cell.has_side_effects


anything = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
ipython = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@ipython
@given(anything, st.sampled_from(["%seedance ", "j = %seedance ", "if 1:\n  %seedance "]))
def test_any_line_reaches_the_magic_byte_for_byte(shell: InteractiveShell, text: str, start: str) -> None:
    text = text.strip()
    assume(text not in ("", "?", "??") and "\n" not in text and "\r" not in text)
    assume(not text.endswith("\\"))  # which continues the line
    made = shell.input_transformer_manager.transform_cell(start + text + "\nx = 1")
    assert made == start.replace("%seedance ", line(text)) + "x = 1\n"


@ipython
@given(anything)
def test_any_body_reaches_the_magic_byte_for_byte(shell: InteractiveShell, text: str) -> None:
    made = shell.input_transformer_manager.transform_cell("%%seedance\n" + text)
    assert made == called("run_cell_magic", "seedance", "", text if text.endswith("\n") else text + "\n")


@ipython
@given(anything)
def test_any_cell_without_our_name_is_as_it_was(shell: InteractiveShell, text: str) -> None:
    outcomes = []
    for manager in (shell.input_transformer_manager, PLAIN):
        try:
            outcomes.append(manager.transform_cell(text))
        except Exception as error:  # noqa: BLE001 - whatever IPython does with it, it must do the same with us
            outcomes.append(repr(error))
    assert outcomes[0] == outcomes[1]


def test_the_prompt_line_comes_before_help() -> None:
    assert PromptLine.priority < 5
