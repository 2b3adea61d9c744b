"""`coopscrape init`: a selectors.toml to begin with."""

from __future__ import annotations

import json
import sys
from importlib.resources import files
from pathlib import Path

import click

from coopscrape.cli.options import Globals
from coopscrape.errors import SettingsError


@click.command("init")
@click.argument("path", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--contact", help="Your mail address, or a page about your work: whoever is asked must be able to reach you."
)
@click.option("--force", is_flag=True, help="Overwrite a file that exists.")
@click.pass_obj
def command(given: Globals, path: Path | None, contact: str | None, force: bool) -> int:
    """Write a commented selectors.toml. Asks only for the contact, and only on a terminal."""
    from coopscrape.cli.terminal import emit
    from coopscrape.config import is_contact

    path = path or given.config
    if path.exists() and not force:
        raise SettingsError([f"{path}: exists already and is left as it is; --force overwrites it"])
    contact = _asked() if contact is None else contact.strip()
    if contact and not is_contact(contact):
        raise SettingsError([f"--contact: expected a web or mail address of yours, in ASCII, not {contact!r}"])
    template = (files("coopscrape.cli") / "init_selectors.toml").read_text("utf-8")
    try:
        path.write_text(template.replace("@CONTACT@", json.dumps(contact, ensure_ascii=False)), "utf-8")
    except OSError as error:
        raise SettingsError([f"{path}: cannot be written: {error.strerror}"]) from error
    emit(_next_steps(path, bool(contact)))
    return 0


def _asked() -> str:
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return ""
    words = "Your mail address, or a page about your work, so that whoever is visited can reach you (may be left empty)"
    answer = click.prompt(words, default="", show_default=False, err=True)
    return str(answer).strip()


def _next_steps(path: Path, has_contact: bool) -> str:
    steps = [
        *([] if has_contact else ["fill in `contact`: without it nobody is asked"]),
        "describe a listing: [sources.NAME], as the comments in the file say",
        "coopscrape try NAME       fetches one page, shows what each selector catches, stores nothing",
        "coopscrape crawl          visits it; again and again, by hand or from a timer",
        "coopscrape diff           says what is new",
    ]
    return f"Wrote {path}. Next:\n" + "".join(f"  {n}. {step}\n" for n, step in enumerate(steps, 1))
