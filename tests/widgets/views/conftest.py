"""Jobs with real clips of one simulator, and rows of any kind, for the grid and Compare outside a kernel."""

from __future__ import annotations

import pytest
from widget_fixtures import clips, job_of, place, quick, simulated

from seedance_widgets.session.session import Session

__all__ = ["clips", "job_of", "place", "quick", "simulated"]


@pytest.fixture(scope="session")
def session(simulated: Session) -> Session:
    """The session of all jobs here."""
    return simulated
