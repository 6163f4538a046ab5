"""What elements an installed Click has: its own map of them, `share/click/elementmap.xml`, read with nothing being run."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from xml.etree import ElementTree

from clickup_lang.backends.element_facts import ElementFacts, KnownElements
from clickup_lang.diagnostics import Problem
from clickup_lang.toolchain.click import ENGINE_NAME, Click, find_click

MAP = "share/click/elementmap.xml"
NAMESPACE = "{http://www.lcdf.org/click/xml/}"


def known_elements(engines: Collection[str], prefix: str | None, environment: Mapping[str, str]) -> tuple[KnownElements, ...]:
    """Of those engines that are installed, and whose map can be read."""
    clicks = [find_click(engine, prefix if engine == "click" or len(engines) == 1 else None, environment) for engine in engines]
    read = [read_elements(click) for click in clicks if not isinstance(click, Problem)]
    return tuple(known for known in read if known is not None)


def read_elements(click: Click) -> KnownElements | None:
    return parse_elements(ENGINE_NAME[click.engine], click.prefix / MAP)


def parse_elements(engine: str, place: Path) -> KnownElements | None:
    try:
        root = ElementTree.parse(place).getroot()
    except (OSError, ElementTree.ParseError):
        return None
    listed = list(root.iter(f"{NAMESPACE}entry"))  # some have no name, and stand for what elements share
    entries = {entry.get("name", ""): entry for entry in listed if entry.get("name")}
    there = {*root.get("provides", "").split(), *root.get("drivers", "").split()}
    offered = {word for entry in listed for word in entry.get("provides", "").split()}
    facts: dict[str, ElementFacts] = {}
    for name, entry in entries.items():
        requires = entry.get("requires", "").split()
        missing = [word for word in requires if not is_met(word, {*there, *offered}, entries)]
        others = tuple(word for word in requires if word in entries)
        facts[name] = ElementFacts(entry.get("portcount", "-/-"), entry.get("processing", "a/a"), others, tuple(missing))
    return KnownElements(engine, facts)


def is_met(word: str, there: Collection[str], entries: Mapping[str, object]) -> bool:
    """`a|b` is either, `!a` that it is not there."""
    if word.startswith("!"):
        return word[1:] not in there
    return any(choice in there or choice in entries for choice in word.split("|"))
