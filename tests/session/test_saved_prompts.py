"""Prompts under a name, in a file that people read and put into git: nothing in it is lost, whoever writes."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seedance_widgets.errors import TemplateInvalid, TemplateNotFound, TemplateWarning
from seedance_widgets.session.saved_prompts import FILE, Templates

WRITTEN = """\
# Our prompts. Keep them short.

[title]                      # the opening
prompt = "A paper boat"      # by Ann
duration = 5
mood = "calm"                # our own field

# Not for the trailer:
["ปิดเรื่อง 雨"]
prompt = '''
A lighthouse,
at dawn'''
"""


@pytest.fixture
def templates(tmp_path: Path) -> Templates:
    return Templates(tmp_path / FILE, locks=tmp_path / "home")


@pytest.fixture
def written(templates: Templates) -> Templates:
    templates.path.write_text(WRITTEN, encoding="utf-8")
    return templates


def test_a_saved_prompt_comes_back_as_it_was(templates: Templates) -> None:
    options = {"model": "seedance-2.0", "duration": 5, "media_urls": ("https://a.example/1.png",), "metadata": {"a": 1}}
    saved = templates.save("paper boat", 'A boat\nin "rain"', {**options, "resolution": None})
    found = templates["paper boat"]
    assert found == saved
    assert (found.prompt, found.options["duration"]) == ('A boat\nin "rain"', 5)
    assert found.options["media_urls"] == ["https://a.example/1.png"]
    assert "resolution" not in found.options
    assert list(templates) == ["paper boat"]


words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60).filter(str.strip)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    prompt=words
    | st.sampled_from(["'''", '"""', "a\r\nb", "\\\n x", "\n\nlead", "tail\n", "\"\"\"\n'''", "a\x00b\x7f"])
)
def test_every_prompt_comes_back_byte_for_byte(templates: Templates, prompt: str) -> None:
    templates.save("any", prompt, {}, replace=True)
    assert templates["any"].prompt == prompt
    assert tomllib.loads(templates.path.read_bytes().decode())["any"]["prompt"] == prompt


def test_what_a_person_wrote_is_read_with_its_own_names(written: Templates) -> None:
    assert list(written) == ["title", "ปิดเรื่อง 雨"]
    assert written["title"].options == {"duration": 5}
    assert written["ปิดเรื่อง 雨"].prompt == "A lighthouse,\nat dawn"


def test_saving_keeps_comments_order_and_fields_that_are_not_ours(written: Templates) -> None:
    written.save("title", "A paper boat, closer", {"duration": 9, "resolution": "720p"}, replace=True)
    written.save("new one", "A fox", {})
    text = written.path.read_text(encoding="utf-8")
    for kept in ("# Our prompts. Keep them short.", "# the opening", 'mood = "calm"                # our own field'):
        assert kept in text
    assert "# Not for the trailer:" in text
    assert list(written) == ["title", "ปิดเรื่อง 雨", "new one"]
    assert written["title"].options == {"duration": 9, "resolution": "720p"}
    assert text.count("[title]") == 1


def test_line_ends_of_another_system_stay(templates: Templates) -> None:
    templates.path.write_bytes(WRITTEN.replace("\n", "\r\n").encode())
    templates.save("title", "A fox", {}, replace=True)
    assert b"# Our prompts. Keep them short.\r\n" in templates.path.read_bytes()
    assert templates["title"].prompt == "A fox"


def test_a_name_that_is_taken_is_not_written_over_by_itself(written: Templates) -> None:
    before = written.path.read_bytes()
    with pytest.raises(TemplateInvalid, match=r"already.*--replace"):
        written.save("title", "Another", {})
    assert written.path.read_bytes() == before
    written.save("title", "A paper boat", {"duration": 5})  # the same again is no harm


def test_a_name_is_the_same_however_it_is_composed(templates: Templates) -> None:
    templates.save("cafe\u0301", "A café", {})
    assert templates["caf\u00e9"].prompt == "A café"


@pytest.mark.parametrize("name", ["", "  ", "-x", "a" * 101, "a\x00b", 7])
def test_a_name_that_is_none_is_refused(templates: Templates, name: Any) -> None:
    with pytest.raises(TemplateInvalid, match="A template's name"):
        templates.save(name, "A boat", {})
    assert not templates.path.exists()


@pytest.mark.parametrize("name", ["ชื่อไทย", "雨 天", "a.b", 'say "hi"', "[x]", "a = 1", "🚣", "#x"])
def test_any_other_name_will_do(templates: Templates, name: str) -> None:
    templates.save(name, "A boat", {"duration": 5})
    templates.save("after", "A fox", {})
    assert templates[name].prompt == "A boat"
    assert list(templates) == [name, "after"]


@pytest.mark.parametrize("prompt", ["", " \n", None])
def test_there_is_no_template_without_a_prompt(templates: Templates, prompt: Any) -> None:
    with pytest.raises(TemplateInvalid, match="no prompt"):
        templates.save("x", prompt, {})


def test_an_option_that_there_is_not_is_refused(templates: Templates) -> None:
    with pytest.raises(TemplateInvalid, match="'colour'"):
        templates.save("x", "A boat", {"colour": "red"})


def test_a_name_that_is_not_there_says_which_are(written: Templates, templates: Templates) -> None:
    with pytest.raises(TemplateNotFound, match=r"no template 'titel'.*'title'") as caught:
        written["titel"]
    assert isinstance(caught.value, KeyError)
    assert "titel" not in written
    assert "title" in written
    assert written.get("titel") is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b'[a]\nprompt = "x"\n[b]\nprompt = "open\n', r"line 4: "),
        (b'[a]\nprompt = "x"\n[a]\nprompt = "y"\n', r"line 3: "),
        (b"[a]\nprompt =", r"at its end|line 2"),
        (b'[a]\nprompt = "\xff\xfe"\n', r"line 2: this is not UTF-8"),
        (b"[a\n", r"line 1|at its end"),
    ],
)
def test_a_broken_file_is_one_sentence_with_its_line_and_is_left_alone(
    templates: Templates, text: bytes, said: str
) -> None:
    templates.path.write_bytes(text)
    for use in (lambda: templates["a"], lambda: list(templates), lambda: templates.save("c", "A fox", {})):
        with pytest.raises(TemplateInvalid, match=said) as caught:
            use()
        assert str(templates.path) in str(caught.value)
        assert "\n" not in str(caught.value)
    assert templates.path.read_bytes() == text


def test_a_template_without_a_prompt_in_the_file_is_named(templates: Templates) -> None:
    templates.path.write_text("loose = 1\n[half]\nduration = 5\n")
    assert list(templates) == ["half"]
    with pytest.raises(TemplateInvalid, match=r"'half' in .* has no prompt"):
        templates["half"]


def test_a_file_that_cannot_be_written_is_a_sentence_and_leaves_nothing_behind(
    written: Templates, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = written.path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(TemplateInvalid, match=r"No space left on device.*not saved"):
        written.save("new", "A fox", {})
    assert written.path.read_bytes() == before
    assert [path.name for path in written.path.parent.iterdir() if path.name != "home"] == [FILE]


@pytest.mark.skipif(os.name != "posix", reason="links and rights as POSIX has them")
def test_a_link_stays_a_link_and_rights_stay_as_they_are(templates: Templates, tmp_path: Path) -> None:
    shared = tmp_path / "shared.toml"
    shared.write_text('[a]\nprompt = "x"\n')
    shared.chmod(0o664)
    templates.path.symlink_to(shared)
    templates.save("b", "A fox", {})
    assert templates.path.is_symlink()
    assert '[a]\nprompt = "x"' in shared.read_text()
    assert shared.stat().st_mode & 0o777 == 0o664


SAVER = """
import sys
from pathlib import Path
from seedance_widgets.session.saved_prompts import Templates

path, locks, who = sys.argv[1:]
print("ready", flush=True)
sys.stdin.readline()
for n in range(10):
    Templates(Path(path), locks=Path(locks)).save(f"{who} {n}", f"A fox, {n}", {"duration": 5})
"""


def test_four_notebooks_that_save_at_once_lose_nothing(written: Templates, tmp_path: Path) -> None:
    savers = [
        subprocess.Popen(
            [sys.executable, "-c", SAVER, str(written.path), str(tmp_path / "home"), f"nb{number}"],
            stdin=-1,
            stdout=-1,
            stderr=-1,
            text=True,
        )
        for number in range(4)
    ]
    for saver in savers:
        assert saver.stdout is not None
        assert saver.stdout.readline() == "ready\n"
    for saver in savers:
        assert saver.stdin is not None
        saver.stdin.write("go\n")
        saver.stdin.flush()
    assert [saver.communicate(timeout=50)[1] for saver in savers] == [""] * 4
    assert len(written) == 42
    assert "# Not for the trailer:" in written.path.read_text(encoding="utf-8")


def test_the_list_is_a_table_and_hostile_words_in_it_are_text(templates: Templates) -> None:
    assert "%seedance_save NAME" in repr(templates)
    templates.save("<b>x</b>", "<script>alert(1)</script> \x1b[31m", {"webhook_url": "https://h.example/secret"})
    html, text = templates._repr_html_(), repr(templates)
    assert "<script" not in html
    assert "<b>" not in html
    assert "\x1b" not in html + text
    assert "secret" not in html + text


def test_the_webhook_of_a_file_is_not_used_and_that_is_said(templates: Templates) -> None:
    """Whoever wrote the file would have been sent every prompt."""
    templates.path.write_text('[boat]\nprompt = "A boat"\nduration = 5\nwebhook_url = "https://evil.example/h?sig=s"\n')
    with pytest.warns(TemplateWarning, match=r"webhook_url of the template 'boat' in .*evil.example/h\) is not used"):
        found = templates["boat"]
    assert found.options == {"duration": 5}
    assert templates.find("boat") == found


def test_saving_leaves_the_webhook_out_and_one_that_stands_there_alone(templates: Templates) -> None:
    templates.path.write_text('[boat]\nprompt = "A boat"\nwebhook_url = "https://h.example"\n')
    templates.save("boat", "A boat", {"webhook_url": "https://mine.example/secret", "duration": 5}, replace=True)
    text = templates.path.read_text()
    assert "secret" not in text
    assert "https://h.example" in text


def test_a_deleted_prompt_leaves_everything_else_of_the_file(tmp_path: Path) -> None:
    templates = Templates(tmp_path / FILE, locks=tmp_path / "locks")
    kept = '# mine\n[boat]\nprompt = "A boat"  # short\n\n[extra]\nprompt = "x"\nmood = "calm"\n'
    templates.path.write_text(kept + '\n["caf\u00e9"]\nprompt = "Tea"\n')
    templates.delete("cafe\u0301")
    assert templates.path.read_text().rstrip() == kept.rstrip()


def test_what_cannot_be_deleted_leaves_the_file_alone(tmp_path: Path) -> None:
    templates = Templates(tmp_path / FILE, locks=tmp_path / "locks")
    with pytest.raises(TemplateNotFound):
        templates.delete("boat")
    templates.path.write_text("[boat\n")
    with pytest.raises(TemplateInvalid, match="line 1"):
        templates.delete("boat")
    assert templates.path.read_text() == "[boat\n"
