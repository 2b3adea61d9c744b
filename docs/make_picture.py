"""A real run of `coopscrape demo` in, docs/diff.svg out: what its diff looks like on a terminal.

    python docs/make_picture.py

The program runs on a terminal of its own, so the colours are those that it chooses itself. The picture asks nobody for
anything: the web font that rich's template names is taken out.
"""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.terminal_theme import SVG_EXPORT_THEME
from rich.text import Text

FILE: Final = Path(__file__).with_name("diff.svg")
WIDTH: Final = 100  # cells a line
CELL: Final = 12.2  # how wide one is in rich's template
FONTS: Final = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"


def picture() -> str:
    return drawn(the_diff(on_a_terminal([sys.executable, "-m", "coopscrape", "demo"])))


def on_a_terminal(command: list[str]) -> str:
    """What the command prints on a terminal, escape sequences included."""
    ours, its = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(WIDTH), "TERM": "xterm-256color"}
    environment.pop("NO_COLOR", None)
    with tempfile.TemporaryDirectory(prefix="coopscrape-picture-") as folder:
        process = subprocess.Popen(  # noqa: S603 - our own program
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=its, stderr=subprocess.PIPE
        )
        os.close(its)
        said = _all_of(ours)
        _, trouble = process.communicate()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}: exit code {process.returncode}\n{trouble.decode()}")
    return said.decode("utf-8").replace("\r\n", "\n")


def _all_of(terminal: int) -> bytes:
    said = b""
    try:
        while piece := os.read(terminal, 65536):
            said += piece
    except OSError:  # on Linux the end of a terminal is an error: EIO
        pass
    finally:
        os.close(terminal)
    return said


def the_diff(said: str) -> str:
    """The part under `== coopscrape diff`. The port is any that was free, so it is given as one."""
    found = re.search(r"^.*== coopscrape diff.*\n(?P<diff>(?:.*\n)*?).*== What to type next", said, re.MULTILINE)
    if found is None:
        raise SystemExit(f"the demo printed no diff:\n{said}")
    return re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:8000", found["diff"]).strip("\n")


def drawn(diff: str) -> str:
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text("$ coopscrape diff\n", style="bold"))
    console.print(Text.from_ansi(diff), soft_wrap=True)
    svg = console.export_svg(title="coopscrape", theme=SVG_EXPORT_THEME, unique_id="diff")
    svg = re.sub(r"\s*@font-face\s*\{[^}]*\}", "", svg)
    svg = svg.replace("font-family: Fira Code, monospace", f"font-family: {FONTS}")
    svg = svg.replace("font-family: arial", "font-family: Arial, sans-serif")
    svg = re.sub(r"<!--.*?-->\s*", "", svg, flags=re.DOTALL)
    svg = _TEXT.sub(_placed, svg)
    return "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"


_TEXT: Final = re.compile(
    r'(<text class="diff-r\d+") x="([\d.]+)" (y="[\d.]+") textLength="([\d.]+)" ([^>]*>)([^<]*)</text>'
)


def _placed(text: re.Match[str]) -> str:
    """Blanks at the edges of a text are counted into its place: librsvg leaves them out, browsers show them."""
    blank = "&#160;"
    head, x, y, length, clip, words = text.groups()
    core = words.strip().removeprefix(blank)
    while core.startswith(blank):
        core = core.removeprefix(blank)
    left = (len(words.strip()) - len(core)) // len(blank)
    right = 0
    while core.endswith(blank):
        core, right = core.removesuffix(blank), right + 1
    if not core:
        return "\n" if words.isspace() else ""
    place, room = float(x) + left * CELL, float(length) - (left + right) * CELL
    return f'{head} x="{place:g}" {y} textLength="{room:g}" {clip}{core}</text>'


def main() -> int:
    FILE.write_text(picture(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
