"""How the extension becomes part of a server: its routes, its event, and when its watch begins."""

from __future__ import annotations

import re
from typing import Any

from ..errors import SettingsInvalid
from . import handlers
from .answers import NoSuch
from .extension import FIRST_LOOK_S, SCHEMA, Extension
from .files import File
from .media import Medium
from .place import find_place
from .webhook import Webhook

IN_PAGES = "seedanceWidgets"
"""What pages are told, so that those of a server without this extension ask it for nothing."""


def load(serverapp: Any) -> Extension | None:
    """Add the routes and begin to watch once the server serves."""
    try:
        place = find_place()
    except SettingsInvalid as error:
        serverapp.log.warning("seedance_widgets does not watch any history: %s", type(error).__name__)
        return None
    extension = Extension(serverapp, place)
    extension.attend()
    serverapp.web_app.settings["seedance"] = extension
    serverapp.web_app.settings.setdefault("page_config_data", {})[IN_PAGES] = "1"
    serverapp.event_logger.register_event_schema(SCHEMA)  # now: a page that listens hears what is registered by then
    serverapp.web_app.add_handlers(".*$", routes(extension, serverapp.web_app.settings["base_url"]))
    serverapp.io_loop.call_later(FIRST_LOOK_S, extension.begin)
    return extension


def routes(extension: Extension, base_url: str) -> list[tuple[str, type, dict[str, Any]]]:
    """Every route, and one for whatever else is asked for."""
    root = base_url.rstrip("/") + "/seedance/"
    patterns: list[tuple[str, type]] = [
        ("new", handlers.New),
        ("jobs", handlers.Jobs),
        ("jobs/seen", handlers.Seen),
        ("jobs/told", handlers.Told),
        (r"jobs/([^/]+)", handlers.Job),
        (r"jobs/([^/]+)/(clip|poster)", File),
        (r"jobs/([^/]+)/(cancel|download|mark)", handlers.Wish),
        ("costs", handlers.Costs),
        ("doctor", handlers.Doctor),
        ("webhook", Webhook),
        (r"media/([^/]+)/([^/]+)", Medium),
        ("(.*)", NoSuch),
    ]
    return [(re.escape(root) + route, handler, {"extension": extension}) for route, handler in patterns]
