"""`coopscrape search`: entries by what they say, or said."""

from __future__ import annotations

import click

from coopscrape.cli.moments import AsOf
from coopscrape.cli.options import Globals, after_option, as_of_option, before_option, category_option, format_option


@click.command("search")
@click.argument("words", nargs=-1, required=True)
@click.option(
    "--source", "sources", multiple=True, metavar="NAME", help="Only entries of this source; may be repeated."
)
@category_option
@after_option
@before_option
@as_of_option
@format_option("text", "json")
@click.pass_obj
def command(
    given: Globals,
    words: tuple[str, ...],
    sources: tuple[str, ...],
    category: str | None,
    after: str | None,
    before: str | None,
    as_of: AsOf | None,
    form: str,
) -> int:
    """Find entries by what they say, or said.

    An entry must have all the WORDS: fair, "fair trade" (a phrase), coop* (how a word begins).
    """
    from coopscrape.archive.read import Reader
    from coopscrape.cli.known import named, tell_covered, titles
    from coopscrape.cli.terminal import emit, paint, tell, width
    from coopscrape.report import FOUND

    wanted = " ".join(map(_phrase, words))
    with Reader.open(given.archive) as reader:
        names = named(reader, sources)
        at = as_of.text if as_of else None
        try:
            found = reader.search(wanted, names, category=category, after=after, before=before, as_of=at)
        except ValueError as error:
            raise click.UsageError(str(error)) from None
        emit(FOUND[form](found, titles(given.config, reader), paint(), width()))
        tell_covered(reader, as_of, names)
    if not found:
        tell(f"coopscrape: no entry has {' '.join(words)}")
    return 0


def _phrase(word: str) -> str:
    """The shell has taken away the quotation marks around a phrase."""
    return f'"{word}"' if " " in word.strip() and '"' not in word else word
