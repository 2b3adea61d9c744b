"""`coopscrape check`: is the archive sound?"""

from __future__ import annotations

import click

from coopscrape.cli.options import Globals
from coopscrape.errors import ArchiveError


@click.command("check")
@click.pass_obj
def command(given: Globals) -> int:
    """Prove that the archive is sound; exit code 4 if it is not. Only reads."""
    from coopscrape.archive.check import check
    from coopscrape.cli.terminal import emit
    from coopscrape.reconcile import differences
    from coopscrape.report import harmless

    breaches = check(given.archive, differences)
    if not breaches:
        emit(f"{given.archive}: sound\n")
        return 0
    emit("".join(f"{harmless(line)}\n" for line in breaches))
    return ArchiveError.exit_code
