"""Whatever the documentation points at is there."""

from __future__ import annotations

import re
import runpy
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from coopscrape.cli import COMMANDS
from docs.papers import DOCS, PAGES, README, ROOT, anchors, links, prose, read, said_in_code

NAMES = [page.name for page in PAGES]
# Written down as not built yet, in one honest list each.
NOT_YET = {"import", "schedule"}


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in links(page):
        if link.startswith(("https://", "http://")):
            continue
        path, _, heading = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page.name} links to {link}, which is not there"
        assert not heading or heading in anchors(target), (
            f"{page.name} links to {link}: {target.name} has no such heading"
        )


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_file_that_is_named_is_there(page: Path) -> None:
    for said in said_in_code(page):
        if re.fullmatch(r"(src|tests|docs|benchmarks)/[\w./-]+", said):
            assert (ROOT / said).exists(), f"{page.name} names {said}"
        if re.fullmatch(r"(archive|cli|extract|fetch|notify|plan|report|run)/(\w+\.py)?", said):
            assert (ROOT / "src/coopscrape" / said).exists(), f"{page.name} names {said}"


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_command_that_is_named_exists(page: Path) -> None:
    text = read(page)
    in_backticks = re.findall(r"`coopscrape ([a-z]+)", text)
    on_a_line = re.findall(r"^(?: {3,}|\$ )coopscrape ([a-z]+)", text, re.MULTILINE)
    for name in [*in_backticks, *on_a_line]:
        assert name in COMMANDS, f"{page.name} names `coopscrape {name}`"


def test_what_is_not_built_is_not_a_command() -> None:
    assert NOT_YET.isdisjoint(COMMANDS), "it is built now: take it out of the list in docs/make_cli.py"


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_module_that_is_named_can_be_imported(page: Path) -> None:
    for name in re.findall(r"`(coopscrape(?:\.\w+)+)`", prose(page)):
        owner, _, thing = name.rpartition(".")
        module = next(part for part in (owner, owner.rpartition(".")[0]) if part in _modules())
        here = __import__(module, fromlist=["_"])
        for part in [*owner.removeprefix(module).strip(".").split("."), thing]:
            if part:
                assert hasattr(here, part), f"{page.name} names {name}"
                here = getattr(here, part)


def _modules() -> set[str]:
    folder = ROOT / "src"
    files = folder.rglob("*.py")
    return {".".join(file.relative_to(folder).with_suffix("").parts).removesuffix(".__init__") for file in files}


def test_every_page_can_be_reached_from_the_readme() -> None:
    seen, new = set[Path](), {README}
    while new:
        seen |= new
        found = {(page.parent / link.partition("#")[0]).resolve() for page in new for link in links(page)}
        new = {page for page in found if page.suffix == ".md" and page in PAGES} - seen
    assert set(PAGES) <= seen


def test_every_room_of_the_house_is_in_its_description() -> None:
    house = read(DOCS / "architecture.md")
    rooms = {path.stem for path in (ROOT / "src/coopscrape").iterdir() if path.suffix in ("", ".py")}
    for room in rooms - {"__init__", "__main__", "__pycache__"}:
        assert re.search(rf"\b{room}\b", house), f"architecture.md does not know {room}"


def test_the_picture_is_there_and_asks_nobody_for_anything() -> None:
    picture = read(DOCS / "diff.svg")
    assert ET.fromstring(picture).tag == "{http://www.w3.org/2000/svg}svg"
    assert "@font-face" not in picture
    assert "@import" not in picture
    assert not re.search(r"""(?:url\(|href=)["']?\s*(?!#)\S""", picture.replace("url(#", ""))
    for words in ("1&#160;new,&#160;3&#160;changed", "fairer", "through"):
        assert words in picture


def test_the_picture_needs_no_blank_at_the_edge_of_a_text() -> None:
    """Not everything that draws pictures keeps those: indentation would be lost."""
    picture = read(DOCS / "diff.svg")
    assert not re.search(r"<text[^>]*>(&#160;|\s)|(&#160;|\s)</text>", picture)
    lefts = {float(x) for x in re.findall(r'<text class="diff-r\d+" x="([\d.]+)"', picture)}
    assert {0, 24.4, 109.8, 134.2} <= lefts, "the margins of a diff: cells 0, 2, 9 and 11"


def test_the_picture_shows_what_the_program_prints() -> None:
    picture = runpy.run_path(str(DOCS / "make_picture.py"))["picture"]
    assert _text(picture()) == _text(read(DOCS / "diff.svg")), "draw it again: make picture"


def _text(picture: str) -> str:
    """What can be read in it; when it was made does not count."""
    text = "".join(part for element in ET.fromstring(picture).iter() for part in (element.text, element.tail) if part)
    return re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d", "then", " ".join(text.replace("\xa0", " ").split()))
