"""A history that was built anew, with two kernels on it."""

from __future__ import annotations

from pathlib import Path

from seedance_widgets import life
from seedance_widgets.store import Store
from seedance_widgets.types import GenerationRequest

SERVICE = "https://x"


def test_what_waits_in_a_living_kernel_is_still_its_own_after_the_history_was_built_anew(tmp_path: Path) -> None:
    """history.db is deleted under two kernels: the paper trail knows no leases, so everything looks abandoned."""
    path = tmp_path / "history.db"
    a, b = Store(path), Store(path)
    row = life.Row(
        id="abcdefgh", service=SERVICE, request=GenerationRequest(prompt="a", model="seedance-2.0"), created_at=1.0
    )
    a.add(row, owner="a")
    b.rows()
    path.unlink()
    a.renew([row.id], "a")  # the living kernel says that it looks after it
    taken = b.take_over(SERVICE, "b")
    assert taken == [], taken[0].problem
    assert a.begin_sending(row, 2.0, owner="a") is not None


def test_a_row_that_is_gone_from_the_history_has_not_ended(tmp_path: Path) -> None:
    """`begin_sending` writes it anew; who looks meanwhile must not give it up."""
    store = Store(tmp_path / "history.db")
    store.rows()
    assert store.ended({"abcdefgh"}) == set()
