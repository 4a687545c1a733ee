"""Which tests `pytest` leaves out unless it is asked for them, file by file."""

from __future__ import annotations

SLOW = (
    *("worker/test_kill.py", "worker/test_two_kernels.py", "worker/test_owner_lock.py", "faults/test_interleaving.py"),
    *("faults/test_money_rule.py", "store/test_store_isolation.py", "store/test_secrets_database.py"),
    *("session/test_only_looks.py", "test_odd_places.py", "test_golden_history.py", "test_quickstart.py"),
    *("cli/test_worker.py", "worker/test_rate_processes.py"),
    *("test_notebook_iterate.py", "test_secrets_notebook.py", "values/test_odd_values.py"),
    "server/test_real_server.py",
)
"""What kills processes, races them, walks far, or starts many: marked `slow`, file by file."""
