"""The grammar of a line: what is option, what is prompt, and what is refused."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from seedance_widgets.errors import RequestInvalid
from seedance_widgets.magic.magics import SeedanceMagics
from seedance_widgets.magic.reading.flags import LineInvalid
from seedance_widgets.magic.reading.prompt import FLAGS, Prompt, parse, parse_cell
from seedance_widgets.request.options import OPTIONS

VERBATIM = [
    "a paper boat in heavy rain",
    "can a cat fly?",
    "really??",
    "stop;",
    "the dog's bone",
    "'twas brillig",
    "rock 'n roll",
    'say "unbalanced',
    '12" pizza',
    '"Run!" she said, "now!"',
    "'tis the dogs' day, isn't it",
    "“Halt” and “go”",
    "{a} and {{b}} and $HOME and $x and %d and #1",
    "two  spaces,\tone tab",
    "slow -- motion",
    "ends with --",
    "wait--what --- no",
    "-5 degrees --5 --- -x",
    "a - b — c – d",
    "show the sea",
    "cancel everything",
    "models on a catwalk",
    "🚣‍♀️ on a lake 🌧️",
    "قارب ورقي تحت المطر",
    "C:\\boats\\",
    "a \\ b",
    "--5 below",
    "# heading",
    "!ls",
    "a --",
]


@pytest.mark.parametrize("prompt", VERBATIM)
def test_a_prompt_arrives_byte_for_byte(prompt: str) -> None:
    assert parse(prompt) == Prompt(text=prompt)


@pytest.mark.parametrize("prompt", VERBATIM)
def test_options_around_a_prompt_leave_it_alone(prompt: str) -> None:
    asked = parse(f" --duration 9 {prompt}   --aspect-ratio=9:16 ")
    assert asked == Prompt(text=prompt, options={"duration": 9, "aspect_ratio": "9:16"})


@pytest.mark.parametrize(
    ("line", "prompt"),
    [
        ('"a boat"', "a boat"),
        ("'a boat'", "a boat"),
        ("“a boat”", "a boat"),
        ("'the dog's bone'", "the dog's bone"),
        ('" a boat "', " a boat "),
        ('"a --fast boat"', "a --fast boat"),
        ('"a boat --duration 5"', "a boat --duration 5"),
        ("'say \"hi\"'", 'say "hi"'),
        ("'a boat\"", "'a boat\""),
        ("‘a boat’", "‘a boat’"),
        ('""a boat""', '""a boat""'),
    ],
)
def test_one_outer_pair_of_quotes_is_dropped(line: str, prompt: str) -> None:
    assert parse(line).text == prompt
    assert parse(f"{line} --quiet") == Prompt(text=prompt, quiet=True)


@pytest.mark.parametrize(
    "prompt", ["--duration 5", '"quoted"', "--anything goes", "-- twice", "—duration 5", "a --out b", "--"]
)
def test_after_a_lone_double_dash_all_is_prompt(prompt: str) -> None:
    assert parse(f"-- {prompt}").text == prompt
    assert parse(f"--quiet --duration 5 --  {prompt}") == Prompt(text=prompt, options={"duration": 5}, quiet=True)


def test_every_option_is_read_into_its_python_value() -> None:
    asked = parse(
        "--model seedance-2.0-fast --duration 5 --aspect-ratio 1:1 --resolution=480p --media https://a.example/1.png "
        "--media=https://a.example/2.png a boat --webhook-url https://b.example/hook "
        '--metadata {"shot": "a b", "n": 1} --out hero --wait --dry-run --quiet'
    )
    assert asked.options == {
        "model": "seedance-2.0-fast",
        "duration": 5,
        "aspect_ratio": "1:1",
        "resolution": "480p",
        "media_urls": ("https://a.example/1.png", "https://a.example/2.png"),
        "webhook_url": "https://b.example/hook",
        "metadata": {"shot": "a b", "n": 1},
    }
    assert (asked.out, asked.wait, asked.dry_run, asked.quiet) == ("hero", True, True, True)
    assert {option.name for option in OPTIONS} == asked.options.keys()


@pytest.mark.parametrize(
    "value",
    ["""'{"a": "it's b"}'""", '{"a": "it\'s b"}', """='{"a": "it's b"}'""", '={"a": "it\'s b"}'],
)
def test_json_may_be_quoted_or_not(value: str) -> None:
    assert parse(f"a boat --metadata {value}".replace(" =", "=")).options == {"metadata": {"a": "it's b"}}


@pytest.mark.parametrize("value", ['"seedance-2.0"', "'seedance-2.0'", "“seedance-2.0”", "seedance-2.0"])
def test_a_value_may_be_quoted(value: str) -> None:
    assert parse(f"--model {value} a boat") == Prompt(text="a boat", options={"model": "seedance-2.0"})


REFUSED = [
    ("a boat --durration 5", "--durration", "--duration"),
    ("--aspect_ratio 9:16 a boat", "--aspect_ratio", "--aspect-ratio"),
    ("a --fast boat", "--fast", "options are"),
    ("a boat --and then rain", "--and", "--"),
    ("a boat --duration 5 in rain", "--duration", "before or after"),
    ('"a boat" --duration 5 in rain', "--duration", "before or after"),
    ("--duration 5 a boat --duration 9", "--duration", "twice"),
    ("--quiet a boat --quiet", "--quiet", "twice"),
    ("--wait a boat --no-wait", "--no-wait", "exclude"),
    ("a boat --duration", "--duration", "needs a value"),
    ("a boat --duration=", "--duration", "needs a value"),
    ("--out --wait a boat", "--out", "needs a value"),
    ("a boat --wait=yes", "--wait", "no value"),
    ("a boat --out 2x", "--out", "'2x'"),
    ("a boat --out class", "--out", "'class'"),
    ("a boat --out a.b", "--out", "'a.b'"),
    ("a boat --model 'seedance", "--model", "not closed"),
    ("a boat —duration 5", "—duration", "--duration"),
    ("–model seedance-2.0 a boat", "–model", "--model"),
    ("a boat -duration 5", "-duration", "--duration"),
    ("", "no prompt", "what the video shows"),
    ("--duration 5", "no prompt", "what the video shows"),
    ("--", "no prompt", "what the video shows"),
    ('""', "no prompt", "what the video shows"),
    ("a boat --пример 5", "--пример", "options are"),
]


@pytest.mark.parametrize(("line", "names", "helps"), REFUSED)
def test_a_line_that_cannot_be_meant_is_refused_in_one_helpful_line(line: str, names: str, helps: str) -> None:
    with pytest.raises(LineInvalid) as refused:
        parse(line)
    said = str(refused.value)
    assert names in said
    assert helps in said
    assert "\n" not in said


@pytest.mark.parametrize(
    ("line", "field"),
    [("a boat --duration five", "duration"), ("a boat --metadata [1]", "metadata"), ("--metadata {a} b", "metadata")],
)
def test_a_value_of_the_wrong_kind_is_refused(line: str, field: str) -> None:
    with pytest.raises(RequestInvalid) as refused:
        parse(line)
    assert refused.value.field == field


@pytest.mark.parametrize(
    "body",
    [
        "a boat",
        " indented\n\n  kept ",
        "--duration 5",
        "# Scene 1\nA boat.",
        "#sunset #boat",
        '"quoted"',
        "a\r\nb?",
        "\n\na",
    ],
)
def test_the_body_of_a_cell_is_never_parsed(body: str) -> None:
    assert parse_cell(" --duration 9 --out x ", body + "\n") == Prompt(text=body, options={"duration": 9}, out="x")


def test_only_one_line_end_is_dropped_from_a_body() -> None:
    assert parse_cell("", "a boat\n\n").text == "a boat\n"


@pytest.mark.parametrize("body", ["", "\n", "  \n\t\n", "# a boat\n", "# a boat\n\n  # in rain\n"])
def test_an_empty_or_commented_body_is_refused(body: str) -> None:
    with pytest.raises(LineInvalid, match=r"cell is empty|commented out"):
        parse_cell("", body)


def test_a_lone_double_dash_lets_a_commented_body_pass() -> None:
    assert parse_cell("--quiet --", "# a boat\n") == Prompt(text="# a boat", quiet=True)


@pytest.mark.parametrize("line", ["a boat", "--duration 5 a boat", '"a boat"', "-- a boat"])
def test_the_first_line_of_a_cell_takes_options_only(line: str) -> None:
    with pytest.raises(LineInvalid, match="'a boat'"):
        parse_cell(line, "in rain\n")


# Properties

SHELL_WORD = re.compile(r"(?<!\S)--[^\W\d_]")
LOOK_ALIKE = re.compile(r"(?<!\S)(?:[–—]|-)[-–—]?[a-z]")
lines = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n\r")).map(str.strip).filter(bool)
tricky = st.lists(st.sampled_from(["--", "'", '"', "“", "”", " ", "a", "é", "-", "=", "{", "}", "\\", "?", "\t", "—"]))
prompts = lines | tricky.map("".join).map(str.strip).filter(bool)


@given(prompts)
@example("-- --")
def test_any_text_survives_behind_a_lone_double_dash(prompt: str) -> None:
    assert parse(f"-- {prompt}").text == prompt


@given(prompts)
def test_any_text_without_options_or_outer_quotes_survives_as_it_is(prompt: str) -> None:
    assume(not SHELL_WORD.search(prompt) and not LOOK_ALIKE.search(prompt))
    assume(prompt[0] not in "\"'“" and not re.match(r"--(?!\S)", prompt))
    assert parse(prompt) == Prompt(text=prompt)
    assert parse(f"--quiet {prompt} --out x") == Prompt(text=prompt, quiet=True, out="x")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_body_survives_under_a_lone_double_dash(body: str) -> None:
    assume(body.strip())
    assert parse_cell("--", body + "\n").text == body


@given(st.text())
def test_no_line_at_all_makes_the_parser_fall(line: str) -> None:
    with suppress(LineInvalid, RequestInvalid):
        assert parse(line).text.strip()


words = st.text(st.characters(categories=["L", "N"]), min_size=1)
json_values = st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.text(), max_size=3)
options = st.fixed_dictionaries(
    {},
    optional={
        "model": words,
        "duration": st.integers(0, 100),
        "aspect_ratio": st.sampled_from(["16:9", "9:16"]),
        "resolution": words,
        "media_urls": st.lists(words, min_size=1, max_size=5).map(tuple),
        "webhook_url": words,
        "metadata": json_values,
    },
)
asked_for = st.builds(
    Prompt,
    text=prompts,
    options=options,
    out=st.none() | st.sampled_from(["hero", "_x1", "été"]),
    wait=st.none() | st.booleans(),
    dry_run=st.booleans(),
    quiet=st.booleans(),
)


def render(asked: Prompt, equals: bool) -> str:
    """A line that asks for this."""
    flag = {option.name: option.flag for option in OPTIONS} | {"out": "--out"}
    values = {**asked.options, **({"out": asked.out} if asked.out else {})}
    glue = "=" if equals else " "
    parts: list[str] = []
    for name, value in values.items():
        for each in value if isinstance(value, tuple) else (value,):
            parts.append(f"{flag[name]}{glue}{json.dumps(each) if name == 'metadata' else each}")
    parts += ["--dry-run"] * asked.dry_run + ["--quiet"] * asked.quiet
    parts += {None: [], True: ["--wait"], False: ["--no-wait"]}[asked.wait]
    return " ".join([*parts, "--", asked.text])


@given(asked_for, st.booleans())
def test_a_written_line_reads_as_what_it_was_written_for(asked: Prompt, equals: bool) -> None:
    assert parse(render(asked, equals)) == asked


def test_every_option_has_a_flag_and_a_help_text() -> None:
    assert set(FLAGS) >= {option.flag for option in OPTIONS}
    assert all(flag.help for flag in FLAGS.values())


def test_the_reference_names_every_option_and_setting() -> None:
    reference = (Path(__file__).parents[2] / "docs" / "magics.md").read_text("utf-8")
    assert all(f"`{flag}" in reference for flag in FLAGS)
    assert all(f"`{name}`" in reference for name in SeedanceMagics.class_own_traits(config=True))
    assert all(f"`%{name}" in reference for name in SeedanceMagics.magics["line"])
