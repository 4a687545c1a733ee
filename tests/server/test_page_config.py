"""What JupyterLab's page is told of the server, before it asks for anything."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from seedance_widgets.server.extension import Extension
from seedance_widgets.server.loading import IN_PAGES

ROOT = Path(__file__).parents[2]


@pytest.fixture
def is_enabled() -> bool:
    """Whether the server has the extension."""
    return True


@pytest.fixture
def jp_server_config(home: Path, is_enabled: bool) -> dict[str, Any]:
    extensions = {"jupyterlab": True, "seedance_widgets.server": is_enabled, "jupyter_server_terminals": False}
    return {"ServerApp": {"jpserver_extensions": extensions}}


async def config_of(jp_fetch: Callable[..., Any]) -> dict[str, Any]:
    """The page config in JupyterLab's own page."""
    page = (await jp_fetch("lab")).body.decode()
    found = re.search(r'<script id="jupyter-config-data" type="application/json">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    config: dict[str, Any] = json.loads(found[1])
    return config


async def test_jupyterlabs_page_is_told_that_the_server_has_the_extension(jp_fetch: Any, extension: Extension) -> None:
    assert (await config_of(jp_fetch))[IN_PAGES] == "1"


@pytest.mark.parametrize("is_enabled", [False])
async def test_without_the_extension_jupyterlabs_page_is_told_nothing(jp_fetch: Any, jp_serverapp: Any) -> None:
    assert IN_PAGES not in await config_of(jp_fetch)


def test_the_page_looks_for_the_name_that_the_server_tells() -> None:
    source = (ROOT / "frontend" / "lab" / "src" / "index.ts").read_text(encoding="utf-8")
    assert f'SERVER_IS_HERE = "{IN_PAGES}"' in source
