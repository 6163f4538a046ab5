"""Pages about programs and modules: every declaration is told of, with what is known of it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from clickup_lang.cli.main import main
from clickup_lang.describe.html_page import html_page
from clickup_lang.describe.page import Entry, Page
from clickup_lang.session import Session
from clickup_lang.session.load import library_modules
from clickup_lang.syntax import tree
from tests.literate import CASES

SERVICES = sorted((CASES / "services").glob("*.cup"))
FIREWALL = str(SERVICES[0])


def entry(page: Page, section: str, name: str) -> Entry:
    return next(e for s in page.sections if s.title == section for e in s.entries if e.name == name)


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_a_page_has_every_declaration_of_a_program(path: Path) -> None:
    session = Session()
    page = session.describe(str(path)).page
    module = session.meaning(str(path))[0].modules[0]
    declared = [d.name.text for d in module.declarations if not isinstance(d, (tree.Service, tree.Import, tree.Upgrade, tree.Test)) and d.name is not None]
    assert sorted(e.name for s in page.sections for e in s.entries if e.name) == sorted(declared)
    HTMLParser().feed(html_page(page))


@pytest.mark.parametrize("name", library_modules())
def test_a_page_has_every_declaration_of_a_library_module(name: str) -> None:
    described = Session().describe_library(name)
    module = next(source for file, source in described.sources.items() if file.endswith(f"/{name}.cup"))
    declared = re.findall(r"^(?:extern )?(?:atom|fn|record|enum|header|event|state|tag|pipeline|const) (\w+)", module.text, re.M)
    assert sorted(e.name for s in described.page.sections for e in s.entries) == sorted(declared)
    assert described.page.title == f"module {name}" and described.page.doc and described.problems == ()


def test_a_header_has_the_places_of_its_fields() -> None:
    ipv4 = entry(Session().describe_library("net").page, "Headers", "ipv4")
    assert ipv4.doc == "RFC 791." and ipv4.facts == ("20 bytes and a part of its own length",) and ipv4.table is not None
    rows = {row[0]: row[1:] for row in ipv4.table.rows}
    assert rows["fragment_offset"] == ("u13", "6.3", "13", "") and rows["checksum"] == ("u16", "10", "16", "= checksum(header)")
    assert rows["options"] == ("list<ip_option>", "", "", "size (header_length - 5) * 4")


def test_the_comment_of_a_module_is_not_that_of_its_first_declaration() -> None:
    page = Session().describe_library("net").page
    assert page.doc.startswith("Ethernet, VLANs, ARP") and entry(page, "Functions", "ethertype").doc == "What a frame carries (IEEE 802 numbers)."


def test_a_program_has_its_states_costs_and_who_touches_what() -> None:
    page = Session().describe(FIREWALL).page
    assert entry(page, "States", "sessions").facts == ("flow: every key holds the addresses and ports of both ends",)
    assert entry(page, "Atoms", "Track").code == "atom Track(way: Way) -> pass, deny"
    assert entry(page, "Atoms", "Track").facts == ("reads and writes `sessions`",)
    assert entry(page, "Atoms", "Related").facts == ("reads `sessions`",)
    costs = entry(page, "Costs", "").table
    assert costs is not None and [row[0] for row in costs.rows][:2] == ["inside -> outside", "inside -> dropped"]


def test_nothing_in_a_program_becomes_a_mark_of_the_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program, out = tmp_path / "p.cup", tmp_path / "p.html"
    program.write_text('/// A <b>bold</b> & `set<u8>` one.\nservice p version 1\nimport io\nparam d : device = "<i>"\npipeline {\n    FromDevice(d) -> Discard\n}\n')
    assert main(["doc", str(program), "-o", str(out)]) == 0 and capsys.readouterr().out == f"{out}\n"
    text = out.read_text()
    assert "<p>A &lt;b&gt;bold&lt;/b&gt; &amp; <code>set&lt;u8&gt;</code> one.</p>" in text and "<i>" not in text


def test_on_a_terminal_it_is_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doc", "icmp6"]) == 0
    assert "not other errors, nor\n    redirects. Of ICMPv6 that has not been parsed" in capsys.readouterr().out, "a paragraph is broken by the width alone"
    assert main(["doc", "flow"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("module flow\nConversations between two end points, as keys.\n") and "\x1b" not in out
    assert "\nfn flow_key(ip: ip, l4: tcp | udp | ports) -> Flow\n    The direction in which this packet goes.\n" in out
    assert main(["--color", "doc", "flow"]) == 0 and "\x1b[1mmodule flow\x1b[0m" in capsys.readouterr().out


def test_what_is_neither_is_one_problem_and_another_ending_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doc", "--format", "short", "nett"]) == 1 and "E001 cannot read `nett`" in capsys.readouterr().err
    assert main(["doc", "net", "-o", str(tmp_path / "x.pdf")]) == 2
    assert main(["doc", "--format", "short", "net", "-o", str(tmp_path / "gone/x.html")]) == 1 and "E010" in capsys.readouterr().err
