"""The `seedance` command: try it, open it, rehearse against it, look after its jobs, and ask what is wrong."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import SeedanceError
from ..text.printable import for_stdout, print_visible, visible
from .stopping import Stopping

if TYPE_CHECKING:
    from rich.console import Console


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code: 0 done, 1 it failed, 2 it was asked wrongly."""
    options = parser().parse_args(arguments)
    try:
        code: int = options.run(options)
    except SeedanceError as error:
        print(f"seedance: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return code


def parser() -> argparse.ArgumentParser:
    """What the command takes: its commands, each with its options. Runs nothing."""
    made = argparse.ArgumentParser(prog="seedance", description=(__doc__ or "\n").splitlines()[0])
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND")

    demo = commands.add_parser("demo", help="run the quickstart against the simulator: no key, nothing charged")
    demo.add_argument("--folder", type=Path, default=Path("seedance_demo"), help="where the results go (%(default)s)")
    demo.set_defaults(run=_demo)

    lab = commands.add_parser("lab", help="open JupyterLab on a copy of the quickstart")
    lab.add_argument("--folder", type=Path, default=Path("seedance_demo"), help="where the copy goes (%(default)s)")
    lab.add_argument("rest", nargs=argparse.REMAINDER, help="handed on to jupyter lab")
    lab.set_defaults(run=_lab)

    simulator = commands.add_parser("simulator", help="serve the simulated API on this machine until Ctrl-C")
    simulator.add_argument("--port", type=int, default=8787, help="of the API on 127.0.0.1 (%(default)s); 0 picks one")
    simulator.add_argument("--speed", type=float, default=30.0, help="how much faster than life (%(default)s)")
    simulator.add_argument("--credits", type=int, default=10_000, help="what the account holds (%(default)s)")
    simulator.add_argument("--key", help="the only key let in, instead of a new one at each start")
    simulator.add_argument("--home", type=Path, help="keep its state here instead of a temporary folder")
    simulator.add_argument("--requests-per-minute", type=int, help="answer 429 beyond that (unlimited)")
    simulator.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="FAULT",
        dest="faults",
        help="what goes wrong, such as create:lost or get:503@3x20; docs/simulator.md lists them; may be repeated",
    )
    simulator.set_defaults(run=_simulator)

    worker = commands.add_parser(
        "worker",
        help="look after the open jobs of a history: no notebook needed, nothing is ever sent",
        description="Polls, downloads and cancels what kernels left open; never sends a request. Ends with 0 when it "
        "was stopped or nothing is open, 1 when the history cannot be used, 3 (with --until-idle) when what is open "
        "needs another key.",
    )
    worker.add_argument("--home", type=Path, help="the data folder, instead of SEEDANCE_HOME")
    worker.add_argument("--database", metavar="URL", help="a team's history, instead of SEEDANCE_DATABASE_URL")
    worker.add_argument("--until-idle", action="store_true", help="end when no job is open, whoever looks after it")
    worker.add_argument("--with-parent", action="store_true", help="end when standard input is closed")
    worker.add_argument("--requests-per-minute", type=float, default=60.0, help="to the API (%(default)g)")
    worker.set_defaults(run=_worker)

    doctor = commands.add_parser("doctor", help="what works here and what does not")
    doctor.add_argument("--network", action="store_true", help="ask the server too; costs nothing")
    doctor.set_defaults(run=_doctor)

    tidy = commands.add_parser("tidy", help="remove parts of downloads and films of the simulator, never a clip")
    tidy.add_argument("--dry-run", action="store_true", help="only tell what would be removed")
    tidy.set_defaults(run=_tidy)
    return made


def _demo(options: argparse.Namespace) -> int:
    from .demo import run_demo

    console = _console()
    result = run_demo(options.folder, say=lambda text: console.print(for_stdout(f"· {visible(text)}"), markup=False))
    console.print()
    for label, path in result.files:
        said = for_stdout(f"  {label:<18} {visible(str(path))}")
        console.print(said, soft_wrap=True, highlight=False, markup=False)
    console.print(
        f"\n[bold green]Done[/bold green] in {result.seconds:.0f} s: simulator, no key used, nothing charged."
    )
    console.print("Next: [bold]seedance lab[/bold] opens the same notebook in JupyterLab, with the live card.")
    return 0


def _lab(options: argparse.Namespace) -> int:
    from .demo import copy_quickstart

    path = copy_quickstart(options.folder)
    print_visible(f"Opening {path} in JupyterLab.")
    os.execv(sys.executable, [sys.executable, "-m", "jupyterlab", str(path), *options.rest])


def _simulator(options: argparse.Namespace) -> int:
    from ..simulator import Simulator, SimulatorSettings

    try:
        settings = SimulatorSettings(
            speed=options.speed,
            credits=options.credits,
            home=options.home,
            requests_per_minute=options.requests_per_minute,
            **({} if options.key is None else {"api_key": options.key}),
            webhook_secret=os.environ.get("SEEDANCE_WEBHOOK_SECRET") or None,
            faults=tuple(options.faults),
        )
    except ValueError as error:
        raise SeedanceError(f"{error}", charged="") from None
    stop = Stopping(signal.SIGTERM).stop
    with Simulator(settings, port=options.port) as simulator:
        print(
            "Simulator of the Seedance Open API: real clips, nothing charged. In another shell or cell:\n", flush=True
        )
        print(f"  export SEEDANCE_BASE_URL={simulator.base_url}")
        print(f"  export SEEDANCE_API_KEY={settings.api_key}\n\nCtrl-C ends it.", flush=True)
        while not stop.wait(0.2):
            pass
    return 0


def _worker(options: argparse.Namespace) -> int:
    stopping = Stopping(signal.SIGTERM, signal.SIGINT)
    stop = stopping.stop
    from .worker import follow_parent, history_of, run_worker
    from .worker_lines import lines_of_stdout

    if options.with_parent:
        follow_parent(stop)
    history = history_of(options.home, options.database, options.requests_per_minute)
    lines = lines_of_stdout()
    try:
        code = run_worker(history, lines, stop, until_idle=options.until_idle)
    finally:
        lines.close()
    if stopping.has_come:  # everything is closed, and to take the interpreter apart takes longer than all that did
        sys.stdout.flush()
        os._exit(code)
    return code


def _doctor(options: argparse.Namespace) -> int:
    from ..session.connect import own_session

    session = own_session(takes_over=False)
    try:
        report = session.doctor(network=options.network)
    finally:
        session.close()
    print(report)
    return 0 if report.ok else 1


def _tidy(options: argparse.Namespace) -> int:
    from ..session.connect import own_session

    session = own_session(takes_over=False)
    try:
        tidied = session.tidy(dry_run=options.dry_run)
    finally:
        session.close()
    for path in tidied.files:
        print_visible(str(path))
    print_visible(str(tidied))
    return 1 if tidied.kept else 0


def _console() -> Console:
    from rich.console import Console

    return Console(emoji=False)


if __name__ == "__main__":
    raise SystemExit(main())
