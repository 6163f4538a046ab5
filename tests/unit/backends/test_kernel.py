"""The generated kernel: compiles without warnings in every dialect, is the same each time, and does what the firewall says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from clickup_lang.backends.kernel import emit_kernel
from clickup_lang.frozen import replace
from clickup_lang.ir.graph import Emit, Graph, Param
from clickup_lang.ir.packets import build_packet
from clickup_lang.schema import extract_schema
from clickup_lang.semantics.types import DEVICE
from clickup_lang.session import Session
from clickup_lang.source import DiskFileSystem, MemoryFileSystem, SourceText
from tests.unit.backends.compiled import check_compiles, compile_graph, write_program
from tests.unit.backends.random_code import expressions_graph, statements_graph
from tests.unit.ir.layouts import ARP, ETH, HERE, ICMP, IPV4, IPV6, TCP, UDP, code, graph, output, parse, straight, write

PROJECT = Path(__file__).resolve().parents[3]
FIREWALL = PROJECT / "examples/firewall/firewall.cup"
DIALECTS = [(compiler, standard) for compiler in ("g++", "clang++") for standard in ("c++11", "c++14", "c++17", "c++20")]


def firewall(capacity: str = "1_000_000") -> tuple[Graph, dict[str, SourceText]]:
    text = FIREWALL.read_text().replace("1_000_000", capacity)
    lowered = Session(MemoryFileSystem({"firewall.cup": text}, DiskFileSystem())).lower("firewall.cup")
    assert lowered.graph is not None
    return lowered.graph, lowered.sources


def kernel_text(made: Graph, sources: dict[str, SourceText] | None = None) -> str:
    return emit_kernel(made, extract_schema(made), sources or {}).content


# -- text ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("compiler", "standard"), DIALECTS)
def test_the_firewall_compiles_without_warnings(compiler: str, standard: str, tmp_path: Path) -> None:
    made, sources = firewall()
    assert check_compiles(write_program(made, tmp_path, sources), compiler, standard) == ""


@pytest.mark.parametrize(("compiler", "standard"), [("clang++", "c++11"), ("clang++", "c++20"), ("g++", "c++20")])
@pytest.mark.parametrize("made", [expressions_graph(3), statements_graph(3)], ids=["expressions", "statements"])
def test_random_programs_compile_without_warnings(made: Graph, compiler: str, standard: str, tmp_path: Path) -> None:
    assert check_compiles(write_program(made, tmp_path), compiler, standard) == ""


def test_the_least_programs_compile(tmp_path: Path) -> None:
    """No state, no headers, no outputs, no nodes with code."""
    nothing = graph(replace(output("inside"), kind="drop", device=None))
    for number, made in enumerate((nothing, graph(output("outside")), straight(), replace(straight(), inputs=()))):
        assert check_compiles(write_program(made, tmp_path / str(number)), "g++", "c++11") == ""


def test_names_of_the_source_may_mean_something_in_cpp(tmp_path: Path) -> None:
    """Keywords, macros of the compiler, names of the kernel's own."""
    nodes = [code(name, (parse("eth"), write("eth.source", 5), Emit(0, HERE)), i + 1, None) for i, name in enumerate(
        ["class", "linux", "kernel", "context", "burst", "Kernel", "cup_table", "uint8_t", "main", "later", "a.b", "a_b", "NULL"]
    )]  # fmt: skip
    made = graph(*nodes, output("default"), devices=(Param("inside", DEVICE, "a"), Param("default", DEVICE, "b")), inputs=())
    assert check_compiles(write_program(made, tmp_path), "g++", "gnu++17") == ""


def test_the_same_graph_gives_the_same_text_whatever_the_seed_of_python() -> None:
    script = (
        "from hashlib import sha256\n"
        "from clickup_lang.backends.native import emit_native\n"
        "from tests.unit.backends.test_kernel import extract_schema, firewall, kernel_text, statements_graph\n"
        "texts = [kernel_text(*firewall()), kernel_text(statements_graph(5)), emit_native(firewall()[0], extract_schema(firewall()[0])).content]\n"
        "print(sha256(''.join(texts).encode()).hexdigest())\n"
    )
    said = {
        subprocess.run([sys.executable, "-c", script], env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(PROJECT)}, cwd=PROJECT, check=True, capture_output=True, text=True).stdout
        for seed in ("0", "1", "77")
    }  # fmt: skip
    assert len(said) == 1


def test_each_block_says_where_it_comes_from() -> None:
    made, sources = firewall()
    text = kernel_text(made, sources)
    line = FIREWALL.read_text().splitlines().index("    if let s = sessions[key] {") + 1
    assert re.search(rf"sessions_find\(.*\);  // firewall\.cup:{line}\n", text)
    assert str(PROJECT) not in text


def test_the_kernel_includes_the_runtime_and_nothing_else() -> None:
    included = re.findall(r"#include (.*)", kernel_text(*firewall()))
    assert all(i in ("<stdint.h>", "<string.h>") or i.startswith('"cup/') for i in included)


def test_only_ports_that_do_not_follow_from_others_are_counted() -> None:
    text = kernel_text(*firewall())
    counted = re.findall(r"uint64_t (leaving_network_\w+);", text)
    assert "leaving_network_tcp" not in counted and "leaving_network_udp" in counted


def test_where_nodes_have_the_same_code_they_share_it() -> None:
    text = kernel_text(*firewall())
    assert text.count("CUP_INLINE IP ip(") == 1
    assert "/* leaving.network, entering.network: net.cup" in text


def test_what_a_look_up_needs_is_made_before_the_packets_ahead_are_done() -> None:
    """The key is hashed in the first half, and its bucket asked for behind it; the second half does not make it again."""
    text = kernel_text(*firewall())
    begin = text[text.index("Track leaving_track_begin(") : text.index("Track leaving_track_rest(")]
    rest = text[text.index("Track leaving_track_rest(") : text.index("Related leaving_related_begin(")]
    assert "sessions_key(" in begin and "waiting.asks = &kernel.sessions;" in begin and "sessions_find(" not in begin
    assert "sessions_find(" in rest and "sessions_key(" not in rest
    burst = text[text.index("static void burst(") :]
    assert burst.index("begin(kernel,") < burst.index("ask_for_bucket(waiting[i])") < burst.index("ask_for_entry(waiting[i])") < burst.index("finish(kernel,")


# -- behaviour ----------------------------------------------------------------------------------------------------------------

INNER, OUTER = 0x0A000007, 0x01010101
SECOND = 1_000_000_000


def tcp(back: bool = False, **flags: bool) -> bytes:
    ends = (OUTER, INNER, 443, 1234) if back else (INNER, OUTER, 1234, 443)
    network = {"source": ends[0], "destination": ends[1], "ttl": 64}
    return build_packet([(ETH, {}), (IPV4, network), (TCP, {"source": ends[2], "destination": ends[3], **flags})])


def test_the_firewall_lets_answers_in_and_forgets() -> None:
    made, sources = firewall()
    with compile_graph(made, sources).run() as running:
        assert running.packet("outside", tcp(back=True, syn=True), SECOND) == []
        assert running.packet("inside", tcp(syn=True), SECOND) == [("outside", tcp(syn=True))]
        assert running.packet("outside", tcp(back=True, syn=True, ack=True), SECOND) == [("inside", tcp(back=True, syn=True, ack=True))]
        assert running.packet("inside", tcp(ack=True), SECOND) == [("outside", tcp(ack=True))]
        assert running.states() == {"refused": 1, "sessions": 1}
        running.ask(f"at {40 * SECOND}")
        running.ask("expire")
        assert running.states()["sessions"] == 1  # established sessions stay an hour
        assert running.packet("inside", tcp(rst=True), 41 * SECOND) == [("outside", tcp(rst=True))]
        assert running.packet("outside", tcp(back=True, ack=True), 52 * SECOND) == []
        assert running.states() == {"refused": 2, "sessions": 0}


def test_other_packets_of_the_firewall() -> None:
    """ARP passes; an ICMP error passes when it quotes a packet of a session; a list of the operator's is asked."""
    made, sources = firewall()
    arp = build_packet([(ETH, {}), (ARP, {})])
    v6 = {"source": 0x20010DB8 << 96 | 7, "destination": 0x26064700 << 96 | 1}
    dns = build_packet([(ETH, {}), (IPV6, v6), (UDP, {"source": 5000, "destination": 53})])
    quoted = [(ETH, {}), (IPV4, {"source": 9, "destination": INNER}), (ICMP, {"type": 3, "code": 1})]
    error = build_packet([*quoted, (IPV4, {"source": INNER, "destination": OUTER}), (TCP, {"source": 1234, "destination": 443})])
    with compile_graph(made, sources).run() as running:
        assert running.packet("inside", arp, 1) == [("outside", arp)]
        assert running.packet("inside", dns, 1) == [("outside", dns)]
        assert running.packet("outside", error, 1) == []
        assert running.packet("inside", tcp(syn=True), 1) == [("outside", tcp(syn=True))]
        assert running.packet("outside", error, 1) == [("inside", error)]
        running.ask("set allowed [172.16.0.0/12]")
        again = build_packet([(ETH, {}), (IPV4, {"source": INNER, "destination": OUTER}), (TCP, {"source": 9, "destination": 443, "syn": True})])
        assert running.packet("inside", again, 1) == []
        assert running.edges()[0] == 4 and running.edges()[1] == 2


def test_a_packet_of_a_burst_sees_what_those_before_it_have_changed() -> None:
    """Also where both look up the same session: the first makes it, the second is its answer."""
    made, sources = firewall()
    burst = [(1, "inside", tcp(syn=True)), (2, "outside", tcp(back=True, syn=True, ack=True)), (2, "inside", tcp(ack=True))]
    with compile_graph(made, sources).run() as running:
        assert [device for device, _ in running.packets(burst)] == ["outside", "inside", "outside"]


def test_a_device_that_no_input_takes_is_not_seen() -> None:
    made = replace(straight(), inputs=straight().inputs[:1])
    text = kernel_text(made)
    assert "case DEVICE_OUTSIDE" not in text and "Resume::unseen" in text
