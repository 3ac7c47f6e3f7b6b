"""A site's template: one HTML file cut into named parts, each a `string.Template`.

Values are escaped unless their name ends in `_html`; a name that a part needs and nobody gives is a KeyError.
"""

from __future__ import annotations

import functools
import html
import re
from string import Template

from demo.articles import HOME

_PART = re.compile(r"^<!-- part: (\w+) -->\n", re.MULTILINE)


@functools.cache
def load_template(name: str) -> dict[str, Template]:
    """The parts of `templates/<name>.html` by their names."""
    pieces = _PART.split((HOME / "templates" / f"{name}.html").read_text("utf-8"))
    return {part: Template(text.rstrip("\n")) for part, text in zip(pieces[1::2], pieces[2::2], strict=True)}


def fill(parts: dict[str, Template], part: str, values: dict[str, str]) -> str:
    """One part with its values; a part that the template does not have is empty."""
    if part not in parts:
        return ""
    safe = {name: value if name.endswith("_html") else html.escape(value) for name, value in values.items()}
    return parts[part].substitute(safe)
