"""The one thread: it creates, looks, cancels and downloads for every job of a session, and tells who wants to know.

Read `worker.Worker` first: it is the thread with its rounds. What it does has a module for each subject: `submitting`,
`cancelling`, `polling`, `downloading` and `leasing` do something about rows, which `rows` has in its care; `connection`
and `database` are the ways to the server and to the store.

Everything that is done next is read from rows (`life.next_action`, `schedule.next_look_at`), so a kernel that died
needs no special recovery: the next one leases the rows that nobody looks after and goes on.
"""

from .needs import Needs, Subscriber, Terms
from .worker import Worker

__all__ = ["Needs", "Subscriber", "Terms", "Worker"]
