"""Where webhooks reach this place: the Jupyter server's public address, and the secret they are signed with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from ..errors import RequestInvalid
from ..request.urls import check_public_url, is_loopback_host
from ..secret import Secret, why_no_webhook_secret
from .keys import Environment

PUBLIC_URL, SECRET = "SEEDANCE_PUBLIC_URL", "SEEDANCE_WEBHOOK_SECRET"
PATH = "/seedance/webhook"


class Webhooks(NamedTuple):
    """What the environment says of them."""

    address: str | None = None
    """What a create names; `None` where none is taken."""
    why_not: str = ""
    """Why there is no address, in words; empty where nobody asked for one."""


def read(base_url: str, environment: Environment | Mapping[str, str] | None = None) -> Webhooks:
    """Where the API at `base_url` would reach this place. Never raises: without webhooks jobs are looked at instead."""
    env = environment if isinstance(environment, Environment) else Environment(environment)
    public, secret = (env.get(PUBLIC_URL) or "").strip().rstrip("/"), Secret(env.get(SECRET) or "")
    if not public:
        return Webhooks()
    if not secret.reveal().strip():
        return Webhooks(why_not=f"{PUBLIC_URL} is set and {SECRET} is not, so no webhook could be trusted")
    if (why := why_no_webhook_secret(secret.reveal())) is not None:
        return Webhooks(why_not=f"{why} ({SECRET})")
    address = public + PATH
    if _is_local(public) and _is_local(base_url):
        return Webhooks(address)  # a simulator on this machine, which reaches it
    try:
        if urlsplit(public).query or urlsplit(public).fragment:
            return Webhooks(why_not=f"{PUBLIC_URL} is an address and a path, without `?` or `#`")
        return Webhooks(check_public_url(address, field=PUBLIC_URL, what=PUBLIC_URL))
    except (RequestInvalid, ValueError) as error:
        return Webhooks(why_not=error.what if isinstance(error, RequestInvalid) else f"{PUBLIC_URL} is not a URL")


def public_address(environment: Environment | Mapping[str, str] | None = None) -> str | None:
    """The address by which the internet reaches this Jupyter server; `None` where none is set, or it can be none."""
    return _public(environment)[0]


def why_no_public_address(environment: Environment | Mapping[str, str] | None = None) -> str:
    """Why the address that is set can be none, in words; empty where none is set, or it can be one."""
    return _public(environment)[1]


def _public(environment: Environment | Mapping[str, str] | None) -> tuple[str | None, str]:
    env = environment if isinstance(environment, Environment) else Environment(environment)
    public = (env.get(PUBLIC_URL) or "").strip().rstrip("/")
    if not public:
        return None, ""
    try:
        parts = urlsplit(public)
        if parts.query or parts.fragment:
            return None, f"{PUBLIC_URL} is an address and a path, without `?` or `#`"
        return check_public_url(public, field=PUBLIC_URL, what=PUBLIC_URL), ""
    except RequestInvalid as error:
        return None, error.what.rstrip(".")
    except ValueError:
        return None, f"{PUBLIC_URL} is not a URL"


def address(base_url: str) -> str | None:
    """What a create to the API at `base_url` names, by the environment of this process."""
    return read(base_url).address


def _is_local(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and is_loopback_host(parts.hostname or "")
    except ValueError:
        return False
