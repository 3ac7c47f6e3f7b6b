"""`broadsheet diff`: what changed between two versions of an article."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter
from rich.text import Text

from flows.commands import show
from flows.commands.options import DataDirOption, open_existing
from flows.commands.output import OutputOption
from flows.diff_page import Skipped, diff_html, facts, plain_line, shown_paragraphs
from transforms.diff import Mark
from warehouse.errors import UserError
from warehouse.history import Difference, History, Version, read_difference, read_history

_STYLES = {Mark.SAME: "", Mark.REMOVED: "red strike", Mark.ADDED: "green"}


def diff(
    article: Annotated[str, Parameter(help="address, article_id, or a capture_id")],
    /,
    *,
    old: Annotated[
        int | None, Parameter(name="--from", help="number of the version before [the one before --to]")
    ] = None,
    new: Annotated[int | None, Parameter(name="--to", help="number of the version after [the newest]")] = None,
    list_versions: Annotated[bool, Parameter(name="--list", help="list the versions instead", negative="")] = False,
    whole: Annotated[bool, Parameter(name="--whole", help="show unchanged paragraphs too", negative="")] = False,
    format: Annotated[Literal["text", "html"], Parameter(help="lines, or a page for the browser")] = "text",
    output: OutputOption = None,
    data_dir: DataDirOption = None,
) -> int:
    """Show what changed between two versions of an article, by default the last two."""
    datadir = open_existing(data_dir)
    if list_versions or (old is None and new is None):
        history = read_history(datadir, article)
        if list_versions or len(history.versions) == 1:
            if format != "text" or output:
                raise UserError(f"a list of versions goes to the terminal; there is {_count(history)} of this article")
            _show_versions(history)
            return 0
    difference = read_difference(datadir, article, old_number=old, new_number=new)
    if format == "html":
        _write(diff_html(difference, is_whole=whole), output)
    elif output:
        _write("\n".join(_plain(difference, is_whole=whole)) + "\n", output)
    else:
        _show(difference, is_whole=whole)
    return 0


def _show(difference: Difference, *, is_whole: bool) -> None:
    if not sys.stdout.isatty():
        print("\n".join(_plain(difference, is_whole=is_whole)))
        return
    console = show.console()
    console.print(Text(difference.new.url, style="bold"))
    console.print(Text(facts(difference), style="dim"))
    for field in difference.fields:
        console.print(
            Text.assemble(f"{field.name}: ", (field.old or "–", "red strike"), " → ", (field.new or "–", "green"))
        )
    for paragraph in shown_paragraphs(difference, is_whole=is_whole):
        console.print()
        if isinstance(paragraph, Skipped):
            console.print(Text(paragraph.words(), style="dim"))
        else:
            console.print(Text.assemble(*((piece.text, _STYLES[piece.mark]) for piece in paragraph)))


def _plain(difference: Difference, *, is_whole: bool) -> list[str]:
    lines = [difference.new.url, facts(difference)]
    lines += [f"{f.name}: [-{f.old or '–'}-] {{+{f.new or '–'}+}}" for f in difference.fields]
    for paragraph in shown_paragraphs(difference, is_whole=is_whole):
        lines += ["", paragraph.words() if isinstance(paragraph, Skipped) else plain_line(paragraph)]
    return lines


def _show_versions(history: History) -> None:
    show.table(
        ("version", "seen from", "to", "changed", "words", "added", "removed", "without notice", "title"),
        [_row(version) for version in history.versions],
        title=f"{_count(history)} of {history.versions[-1].url} ({history.article_id})",
        numbers=("version", "words", "added", "removed"),
    )


def _row(version: Version) -> tuple[object, ...]:
    until = f"{version.valid_to:%Y-%m-%d %H:%M:%S}" if version.valid_to else "now"
    return (
        version.version_number,
        f"{version.valid_from:%Y-%m-%d %H:%M:%S}",
        until,
        ", ".join(version.changed_fields),
        version.word_count,
        version.words_added_count,
        version.words_removed_count,
        "" if version.is_silent is None else "yes" if version.is_silent else "no",
        version.title,
    )


def _count(history: History) -> str:
    count = len(history.versions)
    return "1 version" if count == 1 else f"{count} versions"


def _write(text: str, output: Path | None) -> None:
    if output is None:
        print(text, end="" if text.endswith("\n") else "\n")
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserError(f"cannot write {output}: {error.strerror or error}") from error
