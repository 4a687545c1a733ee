"""The only door to HTTP: the API with the key, files without any. Thin shells over `wire`.

    Client, AsyncClient   the API's origin only; the key goes nowhere else; no redirect is followed
    Files                 output files on any public host; no key is ever attached

`api` has the clients and `files` the files; `answers` is what they make of answers, and of none.
"""

from .api import AsyncClient, Client
from .files import Files, Stream
from .hosts import is_loopback

__all__ = ["AsyncClient", "Client", "Files", "Stream", "is_loopback"]
