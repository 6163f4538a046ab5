"""The element and its configuration as text: what Click's own tools read from it, and what is the same every time."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from clickup_lang.artifacts import Artifact
from clickup_lang.backends.click import click_service
from clickup_lang.backends.click_configuration import Capture, Interface, Nothing, Settings, quoted, write_configuration
from clickup_lang.session import Session
from clickup_lang.source import MemoryFileSystem

FIREWALL = (Path(__file__).resolve().parents[3] / "examples/firewall/firewall.cup").read_text()


def emitted(text: str = FIREWALL, targets: tuple[str, ...] = ("click",)) -> dict[str, Artifact]:
    bundle = Session(MemoryFileSystem({"firewall.cup": text})).bundle("firewall.cup", targets).bundle
    assert bundle is not None
    return {a.path: a for a in bundle.artifacts}


def test_only_what_was_asked_for_is_emitted_and_always_the_same() -> None:
    click = emitted()
    assert {"click/firewall.hh", "click/firewall.cc", "click/firewall.click", "kernel/firewall.hh"} <= click.keys() and "native/firewall.cc" not in click
    assert emitted() == click == emitted(targets=("fastclick",))
    assert "click/firewall.cc" not in emitted(targets=("native",)) and "native/firewall.cc" in emitted(targets=("click", "native"))


def test_the_tool_that_maps_elements_finds_each_class_with_its_ports() -> None:
    """As click-mkelemmap reads a header: cut at `class`, and by these expressions, each on one line."""
    header = emitted()["click/firewall.hh"].content
    found: dict[str, tuple[str, ...]] = {}
    for part in re.split(r"^class(?=.*[\n\s]*\{)", header, flags=re.MULTILINE):
        name = re.search(r'class_name.*return\s*"([^"]+)"', part)
        cxx = re.match(r"\s*(\w+)(\s|:\s).*[\n\s]*\{", part)
        if name is None:
            continue
        facts = [re.search(rf'{what}.*return\s*"([^"]*)";', part) for what in ("port_count", "processing", "flow_code")]
        assert cxx is not None and cxx[1] == name[1] and all(facts)
        found[name[1]] = tuple(fact[1] for fact in facts if fact is not None)
    assert found == {"Firewall_v1": ("2/2", "h/h", "x/x"), "Firewall_v1_Merge": ("1-/=", "l/h", "#/#")}
    source = emitted()["click/firewall.cc"].content
    assert re.findall(r"^EXPORT_ELEMENT\s*\((.*)\)", source, re.MULTILINE) == list(found)
    assert re.findall(r"^ELEMENT_REQUIRES\s*\((.*)\)", source, re.MULTILINE) == ["userlevel"]


def test_each_element_has_a_block_of_documentation_with_title_summary_and_handlers() -> None:
    header = emitted()["click/firewall.hh"].content
    blocks = re.findall(r"/\*\n(=c\n.*?)\*/", header, re.DOTALL)
    assert [re.search(r"^(\w+)\(", block, re.MULTILINE)[1] for block in blocks] == ["Firewall_v1", "Firewall_v1_Merge"]  # type: ignore[index]
    assert all(re.search(rf"^={part}\b", block, re.MULTILINE) for block in blocks for part in ("c", "s", "d"))
    assert re.findall(r"^=h (\w+)", blocks[0], re.MULTILINE) == ["service", "state", "edges", "config", "report", "schema", "outstanding", "flush"]
    assert "allowed (set<ip_prefix>, by default [10.0.0.0/8" in blocks[0]
    assert blocks[0].count("=over") == blocks[0].count("=back") == 1


def test_another_body_is_another_build_and_the_same_class() -> None:
    one, other = (emitted(text)["click/firewall.cc"].content for text in (FIREWALL, FIREWALL.replace("tcp.rst or tcp.fin", "tcp.rst")))
    packages = [re.search(r'"(firewall-v1-[0-9a-f]{12})"', text) for text in (one, other)]
    assert packages[0] is not None and packages[1] is not None and packages[0][1] != packages[1][1]
    assert all("EXPORT_ELEMENT(Firewall_v1)" in text for text in (one, other))
    assert "Firewall_v2" in emitted(FIREWALL.replace("version 1", "version 2"))["click/firewall.hh"].content


def bound(**bindings: Interface | Capture | Nothing) -> str:
    graph = Session(MemoryFileSystem({"firewall.cup": FIREWALL})).lower("firewall.cup").graph
    assert graph is not None
    return write_configuration(click_service(graph, emitted()["kernel/firewall.hh"]), dict(bindings), "firewall.cup", Settings(configs=(("allowed", "[10.0.0.0/8]"),)))


def test_every_element_of_a_configuration_has_a_name() -> None:
    for text in (emitted()["click/firewall.click"].content, bound(inside=Capture("a.pcap", "b.pcap"), outside=Nothing()), bound(inside=Interface("eth7"), outside=Capture(None, "c"))):
        code = "\n".join(line for line in text.splitlines() if not line.startswith(("//", "require", "define")))
        made = re.findall(r"(\w+ :: )?\b([A-Z]\w*)(?:\(|;| )", re.sub(r'"[^"]*"', '""', re.sub(r"\b[A-Z_]+ (?=[\"\w$])", "", code)))
        assert made and all(name for name, _ in made), made


def test_the_written_configuration_takes_devices_as_variables() -> None:
    text = emitted()["click/firewall.click"].content
    assert 'define($inside "eth0", $outside "eth1", $state "", $burst 32);' in text
    assert re.search(r'^require\(package "firewall-v1-[0-9a-f]{12}"\);$', text, re.MULTILINE)


def test_captures_are_merged_and_the_clock_is_theirs() -> None:
    text = bound(inside=Capture("a.pcap", "b.pcap"), outside=Capture("c.pcap", None))
    assert "CLOCK packets" in text and 'CONFIG "allowed = [10.0.0.0/8]"' in text
    assert 'FromDump("a.pcap") -> [0]merge_captures;' in text and "merge_captures[1] -> [1]firewall;" in text
    assert "to_outside :: Discard" in text and "TimeSortedSched" not in text
    assert "CLOCK" not in bound(inside=Interface("eth7"), outside=Nothing())


@pytest.mark.parametrize(("text", "wanted"), [('a"b', '"a\\"b"'), ("$x", '"\\$x"'), ("a\\b", '"a\\\\b"'), ("a\nb", '"a\\nb"'), ("", '""')])
def test_a_string_is_quoted_as_the_language_of_click_takes_it(text: str, wanted: str) -> None:
    assert quoted(text) == wanted
