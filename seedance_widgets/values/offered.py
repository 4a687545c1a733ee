"""Keywords that editors offer: those of a TypedDict, where a method takes them as `**options: Unpack[...]`.

Type checkers read `Unpack`; jedi, which completes in a kernel, does not, and offers nothing behind `session.submit(`.
It reads `__signature__`.
"""

from __future__ import annotations

import inspect
import re
import sys
from types import FunctionType
from typing import TypeVar

C = TypeVar("C", bound=type)

_UNPACKED = re.compile(r"Unpack\[(\w+)\]")


def by_editors(cls: C) -> C:
    """Give each method of a class that unpacks a TypedDict its keywords one by one. What it takes does not change."""
    for method in vars(cls).values():
        if isinstance(method, FunctionType) and (found := _UNPACKED.fullmatch(_last_annotation(method))):
            keywords = getattr(sys.modules[method.__module__], found[1]).__annotations__
            method.__signature__ = _spelled_out(inspect.signature(method), keywords)  # type: ignore[attr-defined]
    return cls


def _last_annotation(method: FunctionType) -> str:
    parameters = [*inspect.signature(method).parameters.values()]
    is_open = bool(parameters) and parameters[-1].kind is inspect.Parameter.VAR_KEYWORD
    return str(parameters[-1].annotation) if is_open else ""


def _spelled_out(signature: inspect.Signature, keywords: dict[str, object]) -> inspect.Signature:
    named = [each for each in signature.parameters.values() if each.kind is not inspect.Parameter.VAR_KEYWORD]
    known = {each.name for each in named}
    added = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)
        for name, annotation in keywords.items()
        if name not in known
    ]
    return signature.replace(parameters=[*named, *added])
