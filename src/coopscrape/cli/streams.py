"""The standard streams as they were inherited -> streams that take every character, and fail in words.

| what is wrong | what it means |
|---|---|
| whoever read stdout has gone, as `head` does | the end, and no error |
| stdout is closed, or its disk is full | one line, exit code 1 |
| stderr is closed, or its disk is full | nothing: nobody has to hear it |
| the terminal lacks a character | its number is printed |
"""

from __future__ import annotations

import codecs
import io
import os
import sys
from typing import Any, Final

from coopscrape.errors import CoopscrapeError

LACKING: Final = "coopscrape.lacking"


class Unheard(Exception):
    """Whoever read our output has gone. Nobody need be told."""


def prepare() -> None:
    """Before anything is opened: a file must not get the number of a stream that is closed."""
    closed = [_held(number, flags) for number, flags in enumerate((os.O_RDONLY, os.O_RDONLY, os.O_WRONLY))]
    if closed[0]:
        sys.stdin = open(0, closefd=False)  # noqa: SIM115 - the process is its block
    if closed[2]:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    codecs.register_error(LACKING, _lacking)
    sys.stdout = _speaking(sys.stdout) if sys.stdout is None or _is_file(sys.stdout) else sys.stdout
    if isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr.reconfigure(errors=LACKING)


def flush() -> None:
    """What cannot be written goes nowhere, so that Python does not complain at its end."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, CoopscrapeError, Unheard):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _held(number: int, flags: int) -> bool:
    """Whether it was closed; nothing else gets its number. What is open for reading only cannot be written to."""
    try:
        os.fstat(number)
    except OSError:
        nowhere = os.open(os.devnull, flags)
        if nowhere == number:
            os.set_inheritable(number, True)
        else:
            os.dup2(nowhere, number)
            os.close(nowhere)
        return True
    return False


def _is_file(stream: Any) -> bool:
    return isinstance(stream, io.TextIOWrapper) and isinstance(stream.buffer, io.BufferedWriter | io.FileIO)


def _speaking(stream: io.TextIOWrapper | Any) -> io.TextIOWrapper:
    number, encoding = (1, "utf-8") if stream is None else (stream.fileno(), stream.encoding)
    raw = _Out(number, "w", closefd=False)
    return io.TextIOWrapper(io.BufferedWriter(raw), encoding, LACKING, line_buffering=raw.isatty())


class _Out(io.FileIO):
    """Bytes that arrive, or an error that says why not."""

    def write(self, data: Any, /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            raise Unheard from None
        except OSError as error:
            raise CoopscrapeError(f"the output cannot be written: {error.strerror}") from error


def _lacking(error: UnicodeError) -> tuple[str | bytes, int]:
    r"""`\u5408`, which JSON understands too. A byte of a file's name that is no character stays that byte (PEP 383)."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    number = ord(error.object[error.start])
    if 0xDC80 <= number <= 0xDCFF:
        return bytes([number - 0xDC00]), error.start + 1
    high, low = divmod(number - 0x10000, 0x400)
    pair = (0xD800 + high, 0xDC00 + low) if number > 0xFFFF else (number,)
    return "".join(f"\\u{one:04x}" for one in pair), error.start + 1
