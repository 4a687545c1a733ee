"""The history of jobs: a SQLite file of the person's own, its paper trail, and what is done when either is in trouble.

Read `history.Store` first. `transactions` is what it stands on, `rows` has the queries, `schema` is the table, `trail`
the append-only file beside it, `recovery` what happens to a damaged, deleted or unwritable database.
"""

from .history import Store
from .leases import LEASE_S
from .money import Sums
from .open_rows import OpenJobs
from .rates import Given, Wish
from .rows import Wanted
from .schema import SCHEMA_VERSION, jobs
from .trail import Trail

__all__ = ["LEASE_S", "SCHEMA_VERSION", "Given", "OpenJobs", "Store", "Sums", "Trail", "Wanted", "Wish", "jobs"]
