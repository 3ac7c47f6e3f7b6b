"""YAML whose tables know the line of each key, so that a complaint about a file can point at the place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from warehouse.errors import UserError


class Table(dict[Any, Any]):
    """A mapping read from YAML; `lines` has the line of each of its keys, from 1."""

    def __init__(self) -> None:
        super().__init__()
        self.line = 0
        self.lines: dict[Any, int] = {}


class _Loader(yaml.SafeLoader):
    """SafeLoader that makes Tables. YAML lets a key come twice, and the last one wins in silence: that is refused."""


def _table(loader: _Loader, node: yaml.MappingNode) -> Table:
    seen: set[str] = set()
    for key, _ in node.value:
        if key.value in seen:
            raise yaml.constructor.ConstructorError(None, None, f"the key {key.value!r} comes twice", key.start_mark)
        if isinstance(key, yaml.ScalarNode) and key.value != "<<":
            seen.add(key.value)
    loader.flatten_mapping(node)
    table = Table()
    table.line = node.start_mark.line + 1
    for key, value in node.value:
        name = loader.construct_object(key, deep=True)
        table[name] = loader.construct_object(value, deep=True)
        table.lines[name] = key.start_mark.line + 1
    return table


_Loader.add_constructor("tag:yaml.org,2002:map", _table)


def read_yaml(path: Path) -> Any:
    """The content of a YAML file. Raises UserError, one line with the place, where it is none; OSError as `open`."""
    text = path.read_text(encoding="utf-8")
    try:
        return yaml.load(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise UserError(f"{path}: {line}not YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        raise UserError(f"{path}: not YAML: {' '.join(str(error).split())}") from error
