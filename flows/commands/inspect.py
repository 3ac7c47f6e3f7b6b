"""`broadsheet inspect`: one page beside what was made of it, as an HTML document in the browser."""

from __future__ import annotations

import re
import tempfile
import webbrowser
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from flows.commands.options import DataDirOption, SourcesOption, open_existing
from flows.pool import Pool, PoolLimits
from flows.runs import extract_options
from flows.settings import Settings, make_settings
from transforms.inspect_page import Inspection, show_page
from transforms.page import Page, Rejected
from transforms.url import is_web
from warehouse.captures import Captured
from warehouse.errors import UserError
from warehouse.find import capture_in_file, find_capture

_CAPTURE_ID = re.compile(r"[0-9a-f]{32}")


def inspect(
    url_or_file: Annotated[str, Parameter(help="address or id of a capture, or a file")],
    /,
    *,
    page: Annotated[str | None, Parameter(name="--page", help="address of the page within an archive")] = None,
    output: Annotated[
        Path | None, Parameter(name=("--output", "-o"), help="where to write the document [a temporary file]")
    ] = None,
    open_browser: Annotated[bool, Parameter(name="--open", help="open it in the browser")] = True,
    sources: SourcesOption = None,
    data_dir: DataDirOption = None,
) -> int:
    """Show a page beside its record: what was kept and stripped, and where each field came from.

    A URL is looked up in the warehouse, the newest capture of it; a file is an HTML or text file, or an archive, of
    which the first page is shown. The extractor of today reads it; nothing is stored.
    """
    settings = make_settings(data_dir=data_dir, sources_file=sources)
    inspection = _inspection(_find(url_or_file, page, data_dir), settings)
    path = _write(inspection.html, output)
    print(f"{inspection.summary}\n{path}")
    if open_browser:
        webbrowser.open(path.as_uri())
    return 0


def _find(what: str, page: str | None, data_dir: Path | None) -> Captured:
    path = Path(what)
    if path.is_file():
        return capture_in_file(path, url=page)
    if page:
        raise UserError(f"--page names a page within a file, and there is no file {what}")
    if is_web(what) or what.startswith("file:") or _CAPTURE_ID.fullmatch(what):
        return find_capture(open_existing(data_dir), what)
    raise UserError(f"{what} is no file, and neither an http or https URL nor a capture_id")


def _inspection(capture: Captured, settings: Settings) -> Inspection:
    """The document, made in a child that may be killed: what hangs the extraction must not hang the command."""
    if capture.reject is not None:
        return show_page(capture.page, capture.reject)
    limits = PoolLimits(cpu_s=settings.page_cpu_s, memory_bytes=settings.page_memory_bytes)
    work = "transforms.inspect_page:inspect_page"
    pool: Pool[Page, Inspection] = Pool(workers=1, work=work, options=extract_options(settings), limits=limits)
    with pool:
        [(_, result)] = pool.map([capture.page])
    return show_page(capture.page, result) if isinstance(result, Rejected) else result


def _write(html: str, output: Path | None) -> Path:
    try:
        if output is not None:
            output.write_text(html, encoding="utf-8")
            return output.absolute()
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", prefix="broadsheet-inspect-", suffix=".html", delete=False
        ) as file:
            file.write(html)
        return Path(file.name)
    except OSError as error:
        raise UserError(f"cannot write {output or tempfile.gettempdir()}: {error.strerror or error}") from error
