"""What people can call: every public name with its parameters and the first line of its docstring, as lines of text.

    python tests/public_names.py > tests/golden/public-names.txt

A line that changes here changes somebody's notebook: change the golden file only together with CHANGELOG.md.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import seedance_widgets as sw


def lines() -> Iterator[str]:
    """A line for each name that `seedance_widgets` exports, and for each public member of its classes."""
    for name in sorted(dir(sw)):
        value = getattr(sw, name)
        yield _line(name, value)
        if inspect.isclass(value) and not issubclass(value, tuple):
            for member, what in sorted(_members(value).items()):
                yield _line(f"{name}.{member}", what)


def _members(cls: type) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        if base.__module__.startswith("seedance_widgets"):
            members |= {
                name: what
                for name, what in vars(base).items()
                if not name.startswith("_") and (callable(what) or isinstance(what, property | classmethod))
            }
    return members


def _line(name: str, value: Any) -> str:
    if isinstance(value, property):
        kind = "property"
        value = value.fget
    else:
        kind = _parameters(value) if callable(value) or isinstance(value, classmethod) else type(value).__name__
    first = (inspect.getdoc(value) or "").partition("\n")[0] if callable(value) or kind == "property" else ""
    return f"{name} {kind} | {first}".rstrip(" |")


def _parameters(value: Any) -> str:
    try:
        signature = inspect.signature(value.__func__ if isinstance(value, classmethod) else value)
    except (TypeError, ValueError):
        return "()"
    bare = [each.replace(annotation=inspect.Parameter.empty) for each in signature.parameters.values()]
    return str(signature.replace(parameters=bare, return_annotation=inspect.Signature.empty))


if __name__ == "__main__":
    print("\n".join(lines()))
