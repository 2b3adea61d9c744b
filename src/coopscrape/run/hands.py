"""Who fetches: "threads:16", "processes:2", "dask://HOST:PORT" -> an executor. The only place that may see dask."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable, Mapping
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from threading import Thread
from typing import Any, Final, ParamSpec, TypeVar

from coopscrape.errors import SettingsError

DEFAULT: Final = "threads:16"
P = ParamSpec("P")
R = TypeVar("R")


class Hands:
    """An executor that is made anew when it breaks: a worker that dies takes only its own request with it."""

    def __init__(self, spec: str | Executor) -> None:
        """Raises SettingsError for a spec that names no kind of hands."""
        self._make = _maker(spec) if isinstance(spec, str) else lambda: spec
        self._executor = self._make()

    def submit(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        try:
            return self._executor.submit(work, *args, **kwargs)
        except BrokenExecutor:
            self._executor.shutdown(wait=False, cancel_futures=True)
            self._executor = self._make()
            return self._executor.submit(work, *args, **kwargs)

    def close(self, *, wait: bool) -> None:
        self._executor.shutdown(wait=wait, cancel_futures=True)


def _maker(spec: str) -> Callable[[], Executor]:
    kind, _, rest = spec.partition(":")
    if kind == "dask" and rest.startswith("//"):
        return lambda: _dask(rest.removeprefix("//"))
    if kind not in KINDS or not re.fullmatch(r"[1-9]\d{0,3}", rest):
        raise SettingsError([f'--hands: expected "threads:16", "processes:2" or "dask://HOST:PORT", not "{spec}"'])
    return lambda: KINDS[kind](int(rest))


def _threads(count: int) -> Executor:
    return ThreadPoolExecutor(count, thread_name_prefix="hand")


def _processes(count: int) -> Executor:
    from multiprocessing import get_context

    # Forked children would share the archive's connection and the lock.
    return ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=_follow_the_brain)


def _follow_the_brain() -> None:
    """Ctrl-C is the brain's to heed; when it is gone, even by kill -9, its hands go too, whatever they wait for."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_the_brain, daemon=True).start()


def _end_with_the_brain() -> None:
    from multiprocessing import connection, parent_process

    brain = parent_process()
    assert brain is not None  # noqa: S101 (we are a child)
    connection.wait([brain.sentinel])
    os._exit(1)


KINDS: Final[Mapping[str, Callable[[int], Executor]]] = {"threads": _threads, "processes": _processes}


def _dask(address: str) -> Executor:
    try:
        from distributed import Client
    except ImportError as error:
        raise SettingsError(['--hands dask://: needs the extra: pip install "coopscrape[dask]"']) from error
    try:
        executor: Any = Client(address, timeout="10s").get_executor()
    except OSError as error:
        raise SettingsError([f"--hands dask://{address}: no scheduler answers there: {error}"]) from error
    assert isinstance(executor, Executor)  # noqa: S101 (a promise of distributed's, for the type)
    return executor
