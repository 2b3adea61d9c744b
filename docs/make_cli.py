"""The `--help` of every command in, docs/cli.md out.

    python docs/make_cli.py            writes it
    python docs/make_cli.py --check    exit code 1 if it is not what would be written

Edit the words around the help here, not there.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from coopscrape.cli import COMMANDS

FILE: Final = Path(__file__).with_name("cli.md")
WIDTH: Final = 100

HEAD: Final = """# The command line

This page is made by `docs/make_cli.py` from the `--help` of every command.

Results go to stdout, everything else to stderr: so a result can be sent through a pipe, and progress does not get into
it. Colours are for terminals only, and not even there if `NO_COLOR` is set. No page can steer your terminal: control
characters in its text, and those that turn the direction of writing, are shown by their number.

All times are UTC.

## Exit codes

The same for every command.

| code | means |
|---|---|
| 0 | all is well; changes or no changes |
| 1 | a source could not be visited; or there is no such thing; or `diff --exit-code` has changes, `--strict` a standstill |
| 2 | a mistake on the command line or in selectors.toml; nothing was begun |
| 3 | a listing showed something that it would be rash to believe; its pages are kept, its entries are as they were |
| 4 | the archive cannot be used: it is not there, damaged, no archive at all, or its disk is full; or `check` found a breach |
| 70 | a bug in coopscrape: please report it with what `--debug` shows |
| 75 | another crawl holds the archive: try again later, or add `--wait` |
| 130 | stopped by Ctrl-C (SIGINT); what had come is kept |
| 143 | stopped by SIGTERM; what had come is kept |

Every error says on one line where it is and how to mend it.
"""

NOTES: Final = {
    "": "The options that stand before the command:",
    "demo": "Begin here: it needs no settings and no network.",
    "init": "See [from nothing to a working source](settings.md#from-nothing-to-a-working-source).",
    "suggest": "The first thing to type for a listing of your own: see [suggest and repair](suggest.md). What it prints is TOML, "
    "comments and all, so `coopscrape suggest ... >> selectors.toml` does what `--write` does, without its checks. The exit "
    "code is 1 if no listing was found, or no page came. A page that is asked for is a request like any other: it takes the "
    "lock, keeps the pause of its host, and has its row in the ledger. A file asks nobody.",
    "try": "For each field: which way caught what, and why another caught nothing. The exit code is 1 without a page, 3 if "
    "what it shows would not be believed. A page that is asked for is a request like any other: it takes the lock, keeps "
    "the pause of its host, and has its row in the ledger. A file asks nobody.",
    "crawl": "Without names, what is due; with names, those, due or not. The table at the end has a line a source: its "
    "[coverage](archive.md#coverage-and-absence), how many pages (and how many of them had not changed, in brackets), how "
    "many entries, what happened to them, and when the source is due again. A source at a [standstill]"
    "(archive.md#standstill) is named, visited now or not; with `--strict` the exit code is 1 then, if it was 0.",
    "diff": 'Without a date: what the last run brought. A moment is written `"3 days ago"`, `2w`, `yesterday`, `2018`, '
    "`2018-06-01`, `2018-06-01T12:30`; `run:12` is that run and those after it. A cursor remembers under a name how far "
    "it was told, and moves when all is printed; that is written down, so with `--cursor` the command needs the lock. "
    "With SOURCEs or `--kind` it is another cursor, which goes on by itself: nothing is passed over untold. What a walk "
    "says that was in doubt is told when it is believed after all; of walks after it something may be told again then. "
    "Without colours, what went is marked `[-so-]` and what came `{+so+}`.",
    "list": "`--after` and `--before` mean the dates that are printed on the page, not when it was visited. They may be a "
    "year or a month. `--as-of` prints the listing [as it stood](archive.md#the-past); what had been looked at by then is "
    "said on stderr.",
    "search": 'A word, `"a phrase"`, or the beginning of words (`coop*`); an entry must have them all, in its title, summary '
    "or category. Case and accents do not matter. What is gone or slid off is found too, and says so. `--as-of` searches "
    "[what the entries said then](archive.md#the-past): also words that were edited away since. Where a script has no "
    "blanks between its words, write `*` after the beginning.",
    "show": "With the page that first said so. `--page` writes its very bytes, as they were received: into a file or a pipe "
    "only, since a page may steer a terminal; which page of which walk it is, whence, when, and its SHA-256 is said on stderr.",
    "history": "The first version in full, of the others what differs; each with the page that first said so, its time, and "
    "the SHA-256 of its bytes.",
    "status": "Also says in words what is wrong with a source, and what to do; what has come to a "
    "[standstill](archive.md#standstill), too; and what its pages and its robots.txt say of their use. As text, it ends "
    "with the size of the archive and of the pages in it. `--ledger` is the record of "
    "[politeness](politeness.md).",
    "rebuild": "See [rebuild, and its law](archive.md#rebuild-and-its-law).",
    "repair": "When a site was made over: see [after a redesign](suggest.md#after-a-redesign). The exit code is 1 if nothing "
    "can be proposed, and if the last visit is not in doubt.",
    "accept": "See [doubt, and accept](archive.md#doubt-and-accept).",
    "check": "See [what `check` proves](archive.md#what-check-proves).",
}

TAIL: Final = """## Not yet

`import`, `export` and `schedule` are no commands yet. Formats are `text` and `json`.
"""


def page() -> str:
    sections = [HEAD, _section("coopscrape", "")]
    sections += [_section(f"coopscrape {name}", name) for name in COMMANDS]
    return "\n".join([*sections, TAIL])


def _section(title: str, name: str) -> str:
    return f"## `{title}`\n\n{NOTES[name]}\n\n```text\n{_help(name)}```\n"


def _help(name: str) -> str:
    environment = {**os.environ, "COLUMNS": str(WIDTH + 2), "NO_COLOR": "1"}
    for variable in ("COOPSCRAPE_CONFIG", "COOPSCRAPE_ARCHIVE"):
        environment.pop(variable, None)
    command = [sys.executable, "-m", "coopscrape", *filter(None, [name]), "--help"]
    done = subprocess.run(command, env=environment, capture_output=True, check=True)  # noqa: S603 - our own program
    return done.stdout.decode("utf-8")


def main(words: list[str]) -> int:
    now = page()
    if words == ["--check"]:
        if FILE.read_text("utf-8") == now:
            return 0
        print(f"{FILE} is not what the commands say; run: python docs/make_cli.py", file=sys.stderr)
        return 1
    FILE.write_text(now, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
