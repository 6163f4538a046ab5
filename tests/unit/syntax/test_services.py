"""What the language's own texts hold: the services, the library, the examples and the blocks of the documentation are sound."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from clickup_lang.source import SourceText
from clickup_lang.syntax import parse, tree
from tests.literate import short_lines

PROJECT = Path(__file__).resolve().parents[3]
SERVICES = sorted((PROJECT / "tests" / "cases" / "services").glob("*.cup"))
OTHERS = sorted((PROJECT / "stdlib").glob("*.cup")) + sorted((PROJECT / "examples").glob("*/*.cup"))
LANGUAGE = PROJECT / "docs" / "language.md"


def language_blocks() -> list[str]:
    return re.findall(r"```cup\n(.*?)```", LANGUAGE.read_text(encoding="utf-8"), re.S) if LANGUAGE.exists() else []


@pytest.mark.parametrize("path", SERVICES + OTHERS, ids=lambda path: "/".join(path.parts[-2:]))
def test_a_written_program_has_no_problems(path: Path) -> None:
    source = SourceText(path.name, path.read_text(encoding="utf-8"))
    parsed = parse(source)
    assert short_lines(source, parsed.problems) == []
    assert parsed.unread == ()
    keywords = re.findall(r"^(?:service|import|param|const|config|state|derived|tag|event|enum|record|header|fn|atom|extern|"
                          r"pipeline|upgrade|test)\b", source.text, re.M)  # fmt: skip
    assert len(parsed.module.declarations) == len(keywords)


def test_all_fifteen_services_are_there() -> None:
    assert len(SERVICES) == 15


@pytest.mark.skipif(not LANGUAGE.exists(), reason="the page is not written yet")
def test_the_blocks_of_the_language_page_have_no_problems() -> None:
    blocks = language_blocks()
    assert blocks
    for block in blocks:
        source = SourceText("language.md", block)
        parsed = parse(source)
        assert short_lines(source, parsed.problems) == []
        assert parsed.module.declarations


def test_the_firewall_is_read_as_it_is_written() -> None:
    text = SERVICES[0].read_text(encoding="utf-8")
    parsed = parse(SourceText("firewall.cup", text))
    kinds = [type(d).__name__ for d in parsed.module.declarations]
    assert kinds == (
        ["Service", *["Import"] * 3, *["Param"] * 2, "Config", "Enum", "Enum", "Record", "State", "State", "Atom", "Atom"]
        + ["Function", "Pipeline", "Pipeline", "Test", "Test"]
    )
    service, sessions = parsed.module.declarations[0], parsed.module.declarations[10]
    assert isinstance(service, tree.Service) and isinstance(sessions, tree.State)
    assert (service.name.text, service.version) == ("firewall", 1)
    assert service.doc is not None and service.doc.startswith("A transparent bridge")
    assert sessions.doc == "One entry for each conversation, keyed as its opener sees it."
    assert [item.kind for item in sessions.policy] == ["capacity", "idle", "when full", "sync"]
    assert text[sessions.span.start : sessions.span.end].startswith("state sessions")
    assert text[sessions.span.start : sessions.span.end].endswith("}")
