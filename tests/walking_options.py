"""Every surface of a made-up option `seed`, walked by a process that imports a package which has it.

Prints a JSON object: what each surface made of it. `test_adding_an_option.py` makes the package and runs this.
"""

from __future__ import annotations

import json
import math
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import seedance_widgets as sw

GIVEN: dict[str, Any] = {"duration": 4, "resolution": "480p", "seed": 42}
PROMPT = "a boat"


def walked(session: Any, shell: Any) -> dict[str, Any]:
    """What each surface makes of the option, or how it fails."""
    job = session.submit(PROMPT, **GIVEN)
    job.wait(timeout=60)
    other = session.submit(PROMPT, **{**GIVEN, "seed": 7})
    other.wait(timeout=60)
    surfaces: dict[str, Callable[[], Any]] = {
        "validator": lambda: _refusal(session),
        "wire": lambda: session.plan(PROMPT, **GIVEN).body["seed"],
        "back from the wire": lambda: (
            _module("request.body").request_from_body(session.plan(PROMPT, **GIVEN).body).seed
        ),
        "simulator": _refusal_of_the_simulator,
        "OpenAPI": _described,
        "card": lambda: dict(_module("widgets.shared.words").options_of(job))["Seed"],
        "diff": lambda: job.diff(other).option_lines(),
        "tree": lambda: repr(session.tree(job)),
        "history": lambda: session.job(job.id).request.seed,
        "history of another kernel": lambda: (
            _module("store.schema").request_of({"prompt": "a", "model": "m", "seed": 3}).seed
        ),
        "jobs frame": lambda: session.jobs().to_frame()["seed"].tolist(),
        "jobs frame kind": lambda: str(session.jobs().to_frame()["seed"].dtype),
        "sidecar": lambda: json.loads(job.clip.path.with_suffix(".json").read_text())["request"]["seed"],
        "open": lambda: sw.open(job.clip.path).request.seed,
        "what open shows": lambda: repr(sw.open(job.clip.path)),
        "load": lambda: _loaded(shell, str(job.clip.path)),
        "magic snippet": lambda: _module("request.code").as_magic(job.request),
        "Python snippet": lambda: _module("request.code").as_python(job.request),
        "saved prompt": lambda: _saved(session, job),
        "export": lambda: _exported(session),
        "sweep axis": lambda: _swept(session),
        "sweep axis in a line": lambda: _module("magic.reading.prompt").parse("a boat --sweep seed=1,2").axes,
        "table of a sweep": lambda: session.plan_sweep([{"prompt": "a", "seed": 3}]).places[0].request.seed,
        "notes of a plan": lambda: repr(session.plan_sweep("a {x}", x=["b", "c"], seed=3)),
        "digests": lambda: _digests(session),
        "flag": lambda: _module("magic.reading.prompt").parse("a boat --seed 42").options,
        "completion": lambda: "--seed" in shell.complete("%seedance a boat --se")[1],
        "help": lambda: shell.find_line_magic("seedance").__doc__,
        "config": lambda: _configured(shell),
        "Studio from a line": lambda: "seed" in _module("magic.commands").FORM,
        **_studio(session, job),
    }
    return {name: _told(walk) for name, walk in surfaces.items()}


def _told(walk: Callable[[], Any]) -> Any:
    try:
        return walk()
    except BaseException as error:  # noqa: BLE001  whatever a surface raises is what it makes of the option
        return f"{type(error).__name__}: {error}"


def _module(name: str) -> Any:
    from importlib import import_module

    return import_module(f"seedance_widgets.{name}")


def _refusal(session: Any) -> str:
    (problem,) = session.problems(PROMPT, seed="many")
    return f"{problem.field}: {problem.what}"


def _refusal_of_the_simulator() -> str:
    create_body = _module("simulator.create_body")
    body = {"prompt": PROMPT, "model": "seedance-2.0", "seed": "many"}
    try:
        create_body.read_request(json.dumps(body).encode())
    except _module("simulator.answers").Refusal as refusal:
        return str(vars(refusal).get("message", refusal))
    return "taken"


def _described() -> list[str]:
    body = _module("simulator.openapi").DESCRIPTION["paths"]["/api/open/v1/video/generations"]["post"]["requestBody"]
    return [each["properties"]["seed"]["type"] for each in body["content"]["application/json"]["schema"]["oneOf"]]


def _loaded(shell: Any, path: str) -> str:
    shell.run_line_magic("seedance_load", f'"{path}"')
    return str(shell.rl_next_input)


def _saved(session: Any, job: Any) -> Any:
    fields = _module("session.saved_prompts").FIELDS
    session.templates.save("boat", PROMPT, {name: getattr(job.request, name) for name in fields})
    return [session.templates["boat"].options["seed"], session.templates.path.read_text()]


def _exported(session: Any) -> list[str]:
    bundle = session.export(Path("bundle"))
    page = next(Path(bundle.path).rglob("*.html")).read_text()
    stories = [json.loads(path.read_text()) for path in Path(bundle.path).rglob("*.json")]
    return [page, json.dumps([story["request"]["seed"] for story in stories if "request" in story])]


def _swept(session: Any) -> Any:
    sweep = session.sweep("a {x} boat", x=["red"], seed=[1, 2], duration=4, resolution="480p")
    sweep.wait(timeout=120)
    frame = sweep.to_frame()
    return [[job.request.seed for job in sweep.jobs], frame["seed"].tolist(), str(frame["seed"].dtype)]


def _digests(session: Any) -> dict[str, bool]:
    plans = [session.plan_sweep("a {x}", x=["b", "c"], **said) for said in ({}, {"seed": 3})]
    return {
        "unsaid": [plans[0].digest, plans[0].digest_0_1],
        "said is another": all(a != b for a, b in zip(*([p.digest, p.digest_0_1] for p in plans), strict=True)),
    }


def _configured(shell: Any) -> Any:
    shell.run_line_magic("config", "SeedanceMagics.seed = 9")
    magics = shell.magics_manager.registry["SeedanceMagics"]
    return [magics.options()["seed"], "seed" in magics.class_get_help()]


def _studio(session: Any, job: Any) -> dict[str, Callable[[], Any]]:
    def studio() -> Any:
        return sw.Studio(session, prompt=PROMPT, seed=5)

    view = _module("widgets.studio.view")
    source = _module("widgets.studio.source")
    return {
        "form in code": lambda: studio().request.seed,
        "form without it": lambda: sw.Studio(session, prompt=PROMPT).request.seed,
        "view of the form": lambda: view.request_view(job.request)["seed"],
        "options of the form": lambda: [each["label"] for each in _drawn(studio())["options"]],
        "request of a page": lambda: _module("widgets.studio.content").request_of({"request": {"seed": 8}})["seed"],
        "check of a page": lambda: view.check_view(session, "c", view.request_view(job.request) | {"seed": "many"})[
            "problems"
        ][0]["field"],
        "a clip on the form": lambda: source.Source(session).open(
            job.clip.path.name, [job.clip.path.with_suffix(".json").read_bytes()]
        )["request"]["seed"],
    }


def _drawn(studio: Any) -> Any:
    for _ in range(1000):
        if "options" in studio.view:
            break
        time.sleep(0.01)
    return studio.view


def main() -> None:
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    shell.run_line_magic("load_ext", "seedance_widgets")
    session = sw.simulate(speed=math.inf, home=Path("home"))
    told = walked(session, shell)
    session.close()
    Path(sys.argv[1]).write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)  # the thread of a shell's instance may hang on
