"""A sweep of five hundred jobs in one kernel: time, requests, memory, and how long the main thread is held."""

from __future__ import annotations

from .figures import Figure, figure
from .hundred_jobs import ELSEWHERE, TICKER, server_elsewhere, with_control

SHOTS, TAKES = 5, 100
"""Different clips, which the simulator films once each, and how often each is asked for."""
JOBS = SHOTS * TAKES
AT_ONCE = 50

_SWEEP = (
    TICKER
    + f"""
import logging, re
import seedance_widgets as sw

class Count(logging.Handler):
    requests = 0
    creates = 0
    def emit(self, record):
        Count.requests += 1
        Count.creates += "POST" in record.getMessage()

logger = logging.getLogger("httpx")
logger.setLevel(logging.INFO)
logger.propagate = False
logger.addHandler(Count())

def peak():  # of resident memory, in bytes; since the last reset
    return 1024 * int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])

OPEN

session.submit("a fox in fresh snow, warming up", duration=4, resolution="480p").wait()
with open("/proc/self/clear_refs", "w") as file:
    file.write("5")
memory, requests, creates = peak(), Count.requests, Count.creates

began = time.perf_counter()
plan = session.plan_sweep(
    "a fox in fresh snow, shot {{shot}}", shot=range({SHOTS}), take=range({TAKES}), duration=4, resolution="480p"
)
plan_s = time.perf_counter() - began
began = time.perf_counter()
shown = len(repr(plan)) + len(plan._repr_html_())
show_s = time.perf_counter() - began
began = time.perf_counter()
sweep = session.sweep(plan, at_once={AT_ONCE})
start_s = time.perf_counter() - began
ticker, told = Ticker(), [began]

def ended():  # and a word now and then, or the kernel is taken for dead
    if time.perf_counter() - told[0] > 20:
        told[0] = time.perf_counter()
        print(sweep.status, flush=True)
    return sweep.settled

ticker.run(ended)
total_s = time.perf_counter() - began
result = dict(
    holds=ticker.holds,
    plan_s=plan_s,
    show_s=show_s,
    start_s=start_s,
    total_s=total_s,
    requests=Count.requests - requests,
    creates=Count.creates - creates,
    bytes=peak() - memory,
    clips=sum(job.clip is not None for job in sweep.jobs),
)
"""
)


def measure() -> list[Figure]:
    """With the server in another process, as the API is; a person's thread does nothing but watch."""
    with server_elsewhere() as url:
        found, idle = with_control(_SWEEP.replace("OPEN", ELSEWHERE.format(url=url), 1))
    holds = [1000 * hold for hold, _ in found["holds"]] or [0.0]
    own = [1000 * used for _, used in found["holds"]] or [0.0]
    alone = [1000 * hold for hold, _ in idle] or [0.0]
    name = f"sweep of {JOBS} jobs, {AT_ONCE} at once"
    return [
        figure(f"{name}: to plan and price it", [1000 * found["plan_s"]], "ms", digits=0),
        figure(f"{name}: to show its plan as text and HTML", [1000 * found["show_s"]], "ms", digits=0),
        figure(f"{name}: until the call returned, its plan on the disk", [1000 * found["start_s"]], "ms", digits=0),
        figure(f"{name}: until all were settled", [found["total_s"]], "s", digits=1),
        figure(f"{name}: creates", [found["creates"]], digits=0, at_most=JOBS),
        figure(f"{name}: requests", [found["requests"]], digits=0),
        figure(f"{name}: peak of memory beyond the first job", [found["bytes"] / 1e6], "MB", digits=0),
        figure(f"{name}: longest hold of the main thread", [max(holds)], "ms", digits=0, at_most=50),
        figure(f"{name}: the same, in CPU time of the kernel", [max(own)], "ms", digits=0, at_most=50),
        figure(f"{name}: longest hold of an idle process meanwhile", [max(alone)], "ms", digits=0),
        figure(f"{name}: jobs without a clip", [JOBS - found["clips"]], digits=0, at_most=0),
    ]
