"""Faults that somebody could make in `reconcile`, each put into a copy of the package -> which test finds it.

    python tests/model/seeded.py [WORDS ...] [--lives 25]

The copy lies in a folder of its own, before the package in the path of the process that tests it; nothing is changed
in place. First the state machine lives there; if it notices nothing, the tests of reconcile and of the crawl are run.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent.parent
PACKAGE: Final = ROOT / "src" / "coopscrape"
OTHERS: Final = ("tests/test_reconcile.py", "tests/run/test_laws.py", "tests/run/test_lies.py")
SEED: Final = "4"  # of lives in which the package as it is comes to no breach
PATIENCE: Final = 900  # seconds


@dataclass(frozen=True)
class Fault:
    """Text of one file, and what stands there by mistake."""

    right: str
    wrong: str
    file: str = "reconcile/delta.py"

    def put_into(self, package: Path) -> None:
        path = package / self.file
        text = path.read_text(encoding="utf-8")
        if text.count(self.right) != 1:
            raise SystemExit(f"seeded.py: {self.file} has {text.count(self.right)} times, not once: {self.right!r}")
        path.write_text(text.replace(self.right, self.wrong), encoding="utf-8")


SEEN: Final = (
    "        fields = [] if before.content == one.row.content else differences(before.content, one.row.content)\n"
)
FAULTS: Final[Mapping[str, Fault]] = {
    "gone after one walk too few": Fault(
        "known[key].missed + 1 >= confirm_gone", "known[key].missed + 2 >= confirm_gone"
    ),
    "gone after one walk too many": Fault("known[key].missed + 1 >= confirm_gone", "known[key].missed >= confirm_gone"),
    "a prefix covers what lies behind it": Fault("for one in unseen if one.place < passed)", "for one in unseen)"),
    "a walk that was cut covers all": Fault(
        "    if coverage is Coverage.COMPLETE:\n        return frozenset(one.key for one in unseen)",
        "    if coverage in (Coverage.COMPLETE, Coverage.CUT):\n        return frozenset(one.key for one in unseen)",
    ),
    "compared with any earlier state": Fault(
        SEEN,
        f"{SEEN}        past = _PAST.setdefault(before.id, [])\n"
        "        past[:] = past if before.versions > 1 else [before.content]\n"
        "        fields = [] if one.row.content in past else fields\n"
        "        past.append(one.row.content)\n",
    ),
    "back without having been gone": Fault(
        "        if before.gone_since is not None:\n            self._change(Kind.BACK",
        "        if before.missing_since is not None:\n            self._change(Kind.BACK",
    ),
    "gone for ever": Fault(
        "            slid_since=None,\n            gone_since=None,\n", "            slid_since=None,\n"
    ),
    "compared as printed": Fault(
        "if before != after and canon.text(before) != canon.text(after)", "if before != after"
    ),
    "two entries of one key are one": Fault(
        "if not any(same(rows[i][0].content, row.content) for i in alike[row.key]):", "if not alike[row.key]:"
    ),
    "the number is content": Fault(
        SEEN,
        f"{SEEN}        if before.number != one.number:\n"
        '            fields = [*fields, ("number", str(before.number), str(one.number))]\n',
    ),
    "missing for ever": Fault(
        "            missing_since=None,\n            missed=0,\n            slid_since=None,\n            gone_since=None,",
        "            slid_since=None,\n            gone_since=None,",
    ),
    "gone is dated from the walk that confirms it": Fault(
        "self._change(Kind.GONE, after, since)", "self._change(Kind.GONE, after, self.now)"
    ),
    "what slides off is lost": Fault(
        "_slid_off(known, shown, absent, length) if coverage is Coverage.COMPLETE else frozenset()", "frozenset[str]()"
    ),
    "what is lost at the end slid off": Fault("    if len(seen) < expected or not last:", "    if not last:"),
    "a rolling list is as long as all that came in": Fault("min(unmissed, length)", "unmissed"),
    "what was moved up proves that the end was lost": Fault(
        "    return max(_in_order(places), default=0)", "    return max(places, default=0)"
    ),
    "what was moved drags along what stood beside it": Fault(
        "        elif one.place in kept:\n            neighbour", "        else:\n            neighbour"
    ),
    "one change a visit": Fault("for name, old, new in fields:", "for name, old, new in fields[:1]:"),
    "dates do not count": Fault("    if not _same_date(old, new):", "    if not _same_date(old, new) and False:"),
    "no element is a blank one": Fault(
        "canon.text(before) != canon.text(after)\n    ]\n    if not",
        '(canon.text(before) or "") != (canon.text(after) or "")\n    ]\n    if not',
    ),
    "upheavals are believed": Fault(
        "    return tuple(words for rule in rules if (words := rule(case)))", "    return ()", "reconcile/upheaval.py"
    ),
    "doubt changes nothing": Fault("    if doubts and not accepted:\n", "    if doubts and accepted:\n", "run/fold.py"),
}
PAST: Final = "\n_PAST: dict[str, list[Content]] = {}\n"


def trial(fault: Fault, lives: int) -> str:
    """What finds it; "" if nothing does."""
    with tempfile.TemporaryDirectory(prefix="coopscrape-seeded-") as folder:
        package = Path(folder) / "coopscrape"
        shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
        fault.put_into(package)
        if "_PAST" in fault.wrong:
            with (package / fault.file).open("a", encoding="utf-8") as file:
                file.write(PAST)
        return _machine(folder, lives) or _others(folder)


def _machine(folder: str, lives: int) -> str:
    done = _run(folder, "tests/model/many.py", "--examples", str(lives), "--seed", SEED, "--no-shrink")
    breach = re.search(r"Breach: (.+)", done.stdout + done.stderr)
    if done.returncode and not breach:
        raise SystemExit(f"seeded.py: the machine broke down:\n{done.stderr[-2000:]}")
    return f"the machine: {breach[1]}" if breach else ""


def _others(folder: str) -> str:
    done = _run(folder, "-m", "pytest", "-q", "-x", "-n", "0", "-p", "no:cacheprovider", *OTHERS)
    failed = re.search(r"FAILED \S+::(\w+)", done.stdout)
    return failed[1] if failed else ""


def _run(folder: str, *words: str) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"PYTHONPATH": f"{folder}{os.pathsep}{ROOT / 'tests'}", "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=env, capture_output=True, text=True, timeout=PATIENCE, check=False
    )


def trials(chosen: Sequence[str], lives: int) -> int:
    """Prints a line a fault; returns how many nobody noticed."""
    unnoticed = 0
    for name in chosen:
        found = trial(FAULTS[name], lives)
        unnoticed += not found
        print(f"{name:50} {found[:120] or 'NOBODY NOTICED'}", flush=True)
    return unnoticed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("words", nargs="*", help="only the faults whose name has one of these")
    parser.add_argument("--lives", type=int, default=25, help="of the machine, at most")
    given = parser.parse_args()
    chosen = [name for name in FAULTS if not given.words or any(word in name for word in given.words)]
    if sound := _machine(str(PACKAGE.parent), given.lives):
        sys.exit(f"seeded.py: without any fault, {sound}; so nothing that is found proves anything. Fewer --lives?")
    unnoticed = trials(chosen, given.lives)
    print(f"{len(chosen)} faults, {unnoticed} unnoticed")
    sys.exit(unnoticed > 0)


if __name__ == "__main__":
    main()
