"""`docs/worker.md` as a person copies it: the unit of systemd, the image, the composition, and the options."""

from __future__ import annotations

import configparser
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from fences import fences

from seedance_widgets.cli.worker import history_of

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "worker.md"
TEXT = PAGE.read_text(encoding="utf-8")
CLI = (sys.executable, "-m", "seedance_widgets.cli")


def fence(language: str) -> str:
    """The only one in that language."""
    (found,) = (each.text for each in fences(PAGE) if each.language == language)
    return found


def unit() -> configparser.ConfigParser:
    parsed = configparser.ConfigParser(interpolation=None, delimiters=("=",))
    parsed.optionxform = str  # type: ignore[method-assign,assignment]
    parsed.read_string(fence("ini"))
    return parsed


def instructions(name: str) -> list[str]:
    """What follows that word in the image's file."""
    return re.findall(rf"^{name} (.+)$", fence("dockerfile"), re.M)


def composition() -> Any:
    return yaml.safe_load(fence("yaml"))


def commands() -> set[tuple[str, ...]]:
    """What is given to `seedance` in each fence."""
    shell = [each.text for each in fences(PAGE) if each.language == "bash"]
    lines = [line for text in shell for line in text.splitlines() if line.startswith("seedance ")]
    started = shlex.split(unit()["Service"]["ExecStart"])
    (image,) = (json.loads(each) for each in instructions("CMD"))
    assert Path(started[0]).name == image[0] == "seedance"
    return {tuple(shlex.split(line, comments=True)[1:]) for line in lines} | {tuple(started[1:]), tuple(image[1:])}


@pytest.mark.parametrize("command", sorted(commands()), ids=" ".join)
def test_every_command_of_the_page_is_one_that_seedance_takes(command: tuple[str, ...], tmp_path: Path) -> None:
    until_idle = dict.fromkeys((*command, "--until-idle"))  # there is no history, so it ends at once
    done = subprocess.run(
        [*CLI, *until_idle], env={**os.environ, "SEEDANCE_HOME": str(tmp_path)}, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_table_of_the_page_has_the_options_that_there_are() -> None:
    said = subprocess.run([*CLI, "worker", "--help"], capture_output=True, text=True, check=True).stdout
    there = set(re.findall(r"^  (?:-\w, )?(--[\w-]+)", said, re.M)) - {"--help"}
    assert set(re.findall(r"^\| `(--[\w-]+)", TEXT, re.M)) == there


def test_systemd_takes_the_unit_and_its_name_is_the_one_that_the_commands_name(tmp_path: Path) -> None:
    place = Path(re.findall(r"^# (~/\S+)$", fence("ini"), re.M)[0].replace("~", str(tmp_path)))
    assert place.parent == tmp_path / ".config/systemd/user"
    assert f"systemctl --user enable --now {place.stem}\n" in TEXT
    assert f"journalctl --user -u {place.stem} " in TEXT
    assert unit()["Service"]["EnvironmentFile"] == "%h/.config/seedance.env"
    assert "2" in unit()["Service"]["RestartPreventExitStatus"].split(), "what was asked wrongly stays wrong"
    if shutil.which("systemd-analyze") is None:
        return  # what stands above is all that can be looked at here
    place.parent.mkdir(parents=True)
    place.write_text(fence("ini"), encoding="utf-8")
    program = tmp_path / "venv/bin/seedance"
    program.parent.mkdir(parents=True)
    program.symlink_to(sys.executable)
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--user", "--man=no", place],
        env={**os.environ, "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert [line for line in checked.stderr.splitlines() if place.name in line] == []
    assert checked.returncode == 0, checked.stderr


def test_the_image_installs_an_extra_that_there_is_and_runs_as_a_user_who_was_made() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = re.findall(rf'"{project["name"]}\[([\w,]+)\]"', fence("dockerfile"))
    assert [each for each in asked if each not in project["optional-dependencies"]] == []
    assert len(asked) == 1
    (user,) = instructions("USER")
    assert any(each.split() == ["useradd", "--create-home", user] for each in instructions("RUN"))
    assert re.fullmatch(r"python:3\.\d+-slim", instructions("FROM")[0])


def test_the_composition_defines_all_that_it_names() -> None:
    composed = composition()
    services = composed["services"]
    for service in services.values():
        assert set(service.get("secrets", ())) <= set(composed["secrets"])
        assert set(service.get("depends_on", ())) <= set(services)
        named = {volume.partition(":")[0] for volume in service["volumes"]}
        assert {name for name in named if not name.startswith((".", "/"))} <= set(composed["volumes"])
        read = re.findall(r"/run/secrets/(\w+)", json.dumps(service["environment"]))
        assert set(read) == set(service["secrets"])
    (home,) = re.findall(r"SEEDANCE_HOME=(\S+)", "\n".join(instructions("ENV")))
    assert home in {volume.partition(":")[2] for volume in services["worker"]["volumes"]}


def test_the_composed_worker_takes_the_address_of_the_database_that_is_composed(tmp_path: Path) -> None:
    services = composition()["services"]
    address = services["worker"]["environment"]["SEEDANCE_DATABASE_URL"]
    database = services["database"]["environment"]
    assert address == f"postgresql://{database['POSTGRES_USER']}@database/{database['POSTGRES_DB']}"
    assert f"# database:5432:{database['POSTGRES_DB']}:{database['POSTGRES_USER']}:PASSWORD" in fence("yaml")
    assert history_of(tmp_path, address, 60.0).database is not None  # which refuses one with a password
