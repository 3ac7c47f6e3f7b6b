"""Copies of a library's functions that see other names than the library's own, which stays as it is for all others.

So a dear helper of a library is exchanged for a cheap one of the same result, and nothing of the library's own rules is
written down a second time.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any, cast


def twins_of(module: ModuleType, **exchanged: object) -> dict[str, Any]:
    """The names of a module, its functions as copies that see `exchanged` in place of what the module has."""
    space = {**vars(module), **exchanged}
    for name, value in vars(module).items():
        if name not in exchanged and isinstance(value, FunctionType) and value.__module__ == module.__name__:
            space[name] = _copied(value, space)
    return space


def twin_of(function: Callable[..., Any], **exchanged: object) -> Callable[..., Any]:
    """One function, of a library or a copy, as a copy that sees `exchanged` too: for what is made for each call."""
    original = cast("FunctionType", function)
    return _copied(original, {**original.__globals__, **exchanged})


def _copied(function: FunctionType, space: dict[str, Any]) -> FunctionType:
    twin = FunctionType(function.__code__, space, function.__name__, function.__defaults__, function.__closure__)
    twin.__kwdefaults__ = function.__kwdefaults__
    return twin
