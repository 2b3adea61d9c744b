"""A folder with a selectors.toml, and what somebody types there: real processes, nothing is patched."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PATIENCE = 60  # seconds for one command


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class Desk:
    """Where the commands are typed."""

    place: Path

    def settings(self, text: str) -> None:
        (self.place / "selectors.toml").write_text(text)

    @property
    def archive(self) -> Path:
        return self.place / "archive.db"

    def type(self, *words: str | Path, env: Mapping[str, str] | None = None) -> Said:
        """One command, from its start to its end, with no terminal; a warning would be an error."""
        done = subprocess.run(
            _line(words), cwd=self.place, env=environment(env), capture_output=True, text=True, timeout=PATIENCE
        )
        return Said(done.returncode, done.stdout, done.stderr)

    def bytes(self, *words: str | Path, env: Mapping[str, str] | None = None) -> bytes:
        """A command's result, as bytes; it must succeed."""
        return subprocess.run(
            _line(words), cwd=self.place, env=environment(env), capture_output=True, timeout=PATIENCE, check=True
        ).stdout

    @contextmanager
    def started(self, *words: str | Path, new_session: bool = False) -> Iterator[subprocess.Popen[str]]:
        """A command that goes on while the block lasts. `new_session`: its children and it can be sent one signal."""
        with subprocess.Popen(
            _line(words),
            cwd=self.place,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=new_session,
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def on_a_terminal(
        self, *words: str | Path, columns: int = 80, env: Mapping[str, str] | None = None, keys: str = ""
    ) -> Said:
        """One command on a terminal of its own, stdout and stderr together."""
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        with subprocess.Popen(
            _line(words),
            cwd=self.place,
            env=environment({"TERM": "xterm-256color", **(env or {})}),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        ) as process:
            os.close(theirs)
            os.write(ours, keys.encode())
            heard = _all(ours)
            code = process.wait(PATIENCE)
        os.close(ours)
        return Said(code, heard.decode().replace("\r\n", "\n"), "")


def _line(words: tuple[str | Path, ...]) -> list[str | Path]:
    return [sys.executable, "-W", "error", "-m", "coopscrape", *words]


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Nothing of the machine that the tests run on but its path."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return {**kept, "LANG": "C.UTF-8", **(more or {})}


def _all(terminal: int) -> bytes:
    heard = b""
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # Linux says so at the end of a terminal
            return heard
        if not piece:
            return heard
        heard += piece
