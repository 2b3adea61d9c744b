"""The Unicode CLDR, through Babel -> src/coopscrape/extract/dates/names.json. `python tools/make_date_names.py`.

Run it after a new Babel, or after an edit of what is added by hand below; tests/extract/test_date_names.py holds the
file to it. Names of months and weekdays are those of the CLDR (wide, abbreviated and short, within a date and alone, in
all countries of a language), and of what CLDR has not, the spellings in MORE. A spelling that would mean two months in
its language is left out.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Final

from babel import Locale, localedata
from babel.core import get_cldr_version

from coopscrape.extract.dates.names import BETWEEN, FILE, fold

NAMES: Final = (  # where a date may be of several languages, `suggest` takes the first
    "en fr es de it pt ca nl af ar be bg bn bs cs cy da el et eu fa fi ga gl he hi hr hu hy id is ja ka kk ko lt lv mk"
    " mr ms nb nn no pl ro ru sk sl sq sr sv sw ta th tr uk ur vi zh"
)
LANGUAGES: Final = tuple(NAMES.split())
ALSO: Final = {"no": ("nb", "nn")}  # what is called Norwegian may be either

SCRIPTS: Final = {"bs": ("Latn", "Cyrl"), "sr": ("Latn", "Cyrl"), "zh": ("Hans", "Hant")}  # else the usual one only

MONTH, DAY = "months", "days"
CONTEXTS: Final = ("format", "stand-alone")
WIDTHS: Final = ("wide", "abbreviated", "short")  # never "narrow": J is three months

# Spellings seen in print that CLDR has not: language -> number -> spellings.
MORE: Final[dict[str, dict[str, dict[int, str]]]] = {
    "ca": {MONTH: {2: "febr|feb", 3: "mar", 12: "des"}},
    "de": {
        MONTH: {1: "jan", 2: "feber|feb", 3: "maerz|mrz|mär|maer", 6: "jun", 7: "jul", 9: "sept|sep"},
        DAY: {6: "sonnabend"},
    },
    "el": {MONTH: {5: "μαϊου|μαης", 11: "νοε", 7: "ιουλ", 6: "ιουν"}},
    "en": {MONTH: {3: "mar", 6: "jun", 7: "jul", 9: "sept|sep"}, DAY: {2: "tues", 3: "weds", 4: "thurs|thur"}},
    "es": {MONTH: {7: "jul", 9: "setiembre|set|sep|sept"}},
    "fr": {MONTH: {1: "jan|janv", 2: "fév|févr", 3: "mar", 4: "avr", 7: "juil", 9: "sep", 12: "dec"}},
    "hi": {
        MONTH: {2: "फ़रवरी|फरवरी", 7: "जुलाई|जुल", 8: "अगस्त|अग", 9: "सितंबर|सितम्बर", 11: "नवंबर|नवम्बर", 12: "दिसंबर|दिसम्बर"}
    },
    "it": {MONTH: {2: "febbr", 9: "sett|set"}},
    "nl": {MONTH: {3: "mrt", 9: "sept|sep"}},
    "pt": {DAY: {1: "segunda", 2: "terça", 3: "quarta", 4: "quinta", 5: "sexta"}},
    "ro": {MONTH: {9: "sep|sept", 11: "noi|nov", 1: "ian"}},
    "ru": {MONTH: {5: "май", 9: "сен|сент", 11: "ноя|нояб"}},
    "th": {DAY: {1: "จันทร์", 2: "อังคาร", 3: "พุธ", 4: "พฤหัสบดี", 5: "ศุกร์", 6: "เสาร์", 7: "อาทิตย์"}},
    "zh": {DAY: {1: "週一", 2: "週二", 3: "週三", 4: "週四", 5: "週五", 6: "週六", 7: "週日|星期天"}},
}

# What may follow the number of a day.
ORDINALS: Final = {
    "be": "-га",
    "ca": "r n t è",
    "cy": "af ail ydd fed eg ain",
    "el": "η",
    "en": "st nd rd th",
    "es": "º ° o",
    "fr": "er e ème",
    "ga": "ú",
    "gl": "º °",
    "hy": "-ին -ի",
    "it": "º °",
    "kk": "-ші -шы -нші -ншы",
    "nl": "e ste de",
    "pt": "º ° o",
    "ru": "-го -е",
    "sq": "-të",
    "sv": ":a :e",
    "uk": "-го -ше -е",
    **dict.fromkeys(
        ["bs", "cs", "da", "de", "et", "fi", "hr", "hu", "is", "lv", "nb", "nn", "no", "sk", "sl", "sr"], "."
    ),
}

# The words of a range: from 12 June to 14 June.
RANGES: Final = {
    "ca": ("del", "al"),
    "cs": ("od", "do"),
    "da": ("fra", "til"),
    "de": ("vom von", "bis"),
    "en": ("from", "to until till through"),
    "es": ("del", "al a"),
    "fr": ("du", "au"),
    "it": ("dal dall'", "al all'"),
    "nb": ("fra", "til"),
    "nl": ("van", "tot t/m"),
    "pl": ("od", "do"),
    "pt": ("de", "a até"),
    "ro": ("", "până"),
    "ru": ("с", "по до"),
    "sv": ("från", "till"),
    "uk": ("з", "до по"),
}


def text() -> str:
    """The file as it should be."""
    lines = [f"{json.dumps(one)}: {_written(_language(one))}" for one in LANGUAGES]
    made = f"Unicode CLDR {get_cldr_version()}, through Babel, by tools/make_date_names.py"
    head = {"made from": made, "licence": "Unicode-3.0, see LICENSE-UNICODE.txt"}
    return json.dumps(head)[:-1].replace(', "', ',\n"') + ',\n"languages": {\n' + ",\n".join(lines) + "\n}}\n"


def _written(language: dict[str, Any]) -> str:
    """A line a key, for whoever compares two versions."""
    rows = (f" {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in language.items() if value)
    return "{\n" + ",\n".join(rows) + "}"


def _language(language: str) -> dict[str, Any]:
    locales = [one for base in (language, *ALSO.get(language, ())) for one in _locales(base)]
    since, until = RANGES.get(language, ("", ""))
    return {
        MONTH: _names(locales, MONTH, list(range(1, 13)), MORE.get(language, {}).get(MONTH, {})),
        DAY: _names(locales, DAY, list(range(7)), MORE.get(language, {}).get(DAY, {})),
        "ordinals": ORDINALS.get(language, "").split(),
        "since": since.split(),
        "until": until.split(),
    }


def _locales(language: str) -> list[str]:
    """In the scripts that are in use: Deseret and Shavian English are not."""
    named = [one.split("_") for one in localedata.locale_identifiers()]
    used = sorted("_".join(one) for one in named if one[0] == language and _is_used(one))
    return [one for one in used if one == language or {MONTH, DAY} & localedata.load(one, merge_inherited=False).keys()]


def _is_used(locale: list[str]) -> bool:
    script = next((part for part in locale[1:] if len(part) == 4 and part.istitle()), None)
    return script is None or script in SCRIPTS.get(locale[0], ())


def _names(locales: list[str], kind: str, keys: list[int], more: dict[int, str]) -> list[str]:
    """For each key its spellings, the usual one first."""
    found: dict[int, dict[str, str]] = {key: {} for key in keys}  # folded -> as spelled
    for key, spelling in _all(locales, kind, keys, more):
        found[key].setdefault(fold(spelling), spelling)
    often = Counter(folded for spellings in found.values() for folded in spellings)
    for folded in (one for one, count in often.items() if count > 1):
        print(f"left out, for it means two {kind}: {folded} ({', '.join(locales[:1])})")
    return [BETWEEN.join(s for folded, s in found[key].items() if often[folded] == 1) for key in keys]


def _all(locales: list[str], kind: str, keys: list[int], more: dict[int, str]) -> Iterator[tuple[int, str]]:
    for name in locales:
        localedata._cache.clear()  # a locale must not see what another left in shared tables
        said = getattr(Locale.parse(name), kind)
        for context in CONTEXTS:
            for width in WIDTHS:
                names = said[context].get(width, {})
                yield from ((key, clean) for key in keys if key in names for clean in _clean(names[key]))
    for number, spellings in more.items():
        yield from ((keys[number - 1], one) for one in spellings.split(BETWEEN))


def _clean(name: str) -> Iterable[str]:
    """Without the dot of an abbreviation, which is read anyway. What is only a number is no name, nor is M01."""
    clean = name.strip().rstrip(".\u0970").strip().lower()
    return () if re.fullmatch(r"m?\d*", clean) else (clean,)


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8", newline="\n")
