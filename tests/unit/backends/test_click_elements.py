"""Native elements in a configuration: what they are given, and how they are joined where packets are pushed or pulled."""

from __future__ import annotations

import pytest

from clickup_lang.backends.click_elements import NativeElement, join, native_elements
from clickup_lang.backends.click_words import click_word
from clickup_lang.backends.element_facts import ElementFacts, KnownElements, check_elements
from clickup_lang.ir.graph import Graph
from clickup_lang.semantics.types import (
    BITRATE, BOOLEAN, DURATION, IP_ADDRESS, IPV4_PREFIX, MAC_ADDRESS, PACKETRATE, SIZE, TEXT, EnumType, Integer, Type,
)  # fmt: skip
from clickup_lang.session import Session
from clickup_lang.source import MemoryFileSystem

FACTS = {
    "Counter": ElementFacts("1/1", "a/a"),
    "Queue": ElementFacts("1/1-2", "h/lh", ("NotifierQueue",)),
    "Unqueue": ElementFacts("1/1", "l/h"),
    "Shaper": ElementFacts("1/1-2", "l/l"),
    "Tee": ElementFacts("1/1-", "h/h"),
    "Source": ElementFacts("0/1", "a/a"),
    "Kernel": ElementFacts("1/1", "a/a", missing=("linuxmodule",)),
    "Same": ElementFacts("1-/=", "a/a"),
}
KNOWN = KnownElements("Click", FACTS)
DECLARED = """\
service s version 1
import io
param inside  : device = "eth0"
param outside : device = "eth1"
param rate : u32 = 7
extern atom Counter -> out element "Counter"
extern atom Queue -> out element "Queue"
extern atom Unqueue -> out element "Unqueue"
extern atom Shaper(rate: u32, LOUD: bool) -> out, over = drop element "Shaper"
extern atom Tee -> one, other element "Tee(2)"
extern atom Source -> out element "Source"
extern atom Kernel -> out element "Kernel"
extern atom Odd -> out element "Cuonter"
extern atom Same -> out element "Same"
"""


def graph_of(edges: str) -> Graph:
    lowered = Session(MemoryFileSystem({"s.cup": f"{DECLARED}pipeline {{\n{edges}\n}}\n"})).lower("s.cup")
    assert lowered.graph is not None, lowered.problems
    return lowered.graph


def joined(edges: str, known: KnownElements | None = KNOWN) -> list[str]:
    """The connections, without the declarations."""
    graph = graph_of(edges)
    return [line.rstrip(";") for line in join("s", elements_of(graph, known)).lines if " -> " in line]


def elements_of(graph: Graph, known: KnownElements | None = KNOWN) -> tuple[NativeElement, ...]:
    return native_elements(graph, 2, 2, known, None)


@pytest.mark.parametrize(
    ("edges", "wanted"),
    [
        ("FromDevice(inside) -> Counter -> ToDevice(outside)", ["s[2] -> counter", "counter[0] -> [2]s"]),
        ("FromDevice(inside) -> Queue -> Unqueue -> ToDevice(outside)", ["s[2] -> queue", "queue[0] -> unqueue", "unqueue[0] -> [2]s"]),
        (
            "FromDevice(inside) -> Queue -> Counter -> ToDevice(outside)",
            ["s[2] -> queue", "queue[0] -> counter", "counter[0] -> counter_pulled -> [2]s"],
        ),
        (
            "FromDevice(inside) -> Counter -> Shaper(rate, true) -> ToDevice(outside)",
            ["s[2] -> counter", "shaper_queue -> shaper", "counter[0] -> shaper_queue", "shaper[0] -> shaper_pulled -> [2]s", "shaper[1] -> shaper_dropped :: Discard"],
        ),
        (
            "FromDevice(inside) -> Queue as q -> Counter as c -> ToDevice(outside)\nFromDevice(outside) -> c",
            ["s[2] -> q", "s[3] -> c", "q[0] -> c_pulled -> c", "c[0] -> [2]s"],
        ),
        ("Source -> Tee as tee -> ToDevice(outside)\ntee[other] -> Counter -> Discard\nFromDevice(inside) -> Discard", None),
    ],
)
def test_elements_are_joined_as_they_push_and_pull(edges: str, wanted: list[str] | None) -> None:
    found = joined(edges)
    if wanted is None:
        assert found == ["source[0] -> tee", "tee[0] -> [2]s", "tee[1] -> counter", "counter[0] -> [3]s"]
    else:
        assert sorted(found) == sorted(wanted)


def test_of_an_unknown_engine_every_element_is_taken_to_be_content_with_either() -> None:
    assert joined("FromDevice(inside) -> Queue -> Shaper(1, true) -> ToDevice(outside)", None)[:3] == ["s[2] -> queue", "queue[0] -> shaper", "shaper[0] -> [2]s"]


def test_what_may_hold_packets_back_is_known_by_name() -> None:
    assert join("s", elements_of(graph_of("FromDevice(inside) -> Shaper(1, true) as a -> ToDevice(outside)"))).holding == ("a", "a_queue")


def test_arguments_stand_in_order_or_behind_their_keyword_and_follow_params() -> None:
    graph = graph_of("FromDevice(inside) -> Shaper(rate * 2, false) as a -> Tee as t -> ToDevice(outside)\nt[other] -> Discard")
    assert [e.words for e in elements_of(graph)] == [("14", "LOUD false"), ("2",)]
    assert native_elements(graph, 2, 2, None, {"rate": 50})[0].words == ("100", "LOUD false")


@pytest.mark.parametrize(
    ("of", "value", "wanted"),
    [
        (BITRATE, 10_000_000, "10Mbps"), (BITRATE, 1_500, "1500bps"), (BITRATE, 0, "0bps"), (PACKETRATE, 5_000, "5000"), (SIZE, 65536, "65536"),
        (DURATION, 250_000_000, "250ms"), (DURATION, 90_000_000_000, "90s"), (DURATION, 2 * 86_400_000_000_000, "48h"), (BOOLEAN, True, "true"),
        (Integer(16, False), 7, "7"), (TEXT, 'a "b" $c\n\t', '"a \\"b\\" \\$c\\n\\<09>"'), (IP_ADDRESS, (4, 0x0A000001), "10.0.0.1"),
        (IPV4_PREFIX, (4, 0x0A000000, 8), "10.0.0.0/8"), (MAC_ADDRESS, 0x020000000001, "02:00:00:00:00:01"),
        (EnumType("Kind", 8, (("a", 1), ("b", 4))), 4, "4"),
    ],
)  # fmt: skip
def test_a_value_is_written_as_click_writes_it(of: Type, value: object, wanted: str) -> None:
    assert click_word(of, value) == wanted


@pytest.mark.parametrize(
    ("edges", "wanted"),
    [
        ("FromDevice(inside) -> Counter -> Same -> Queue -> Shaper(1, true) -> ToDevice(outside)", None),
        ("FromDevice(inside) -> Odd -> ToDevice(outside)", "E702 `Odd` stands for Click's element `Cuonter`, which the installed Click does not have"),
        ("FromDevice(inside) -> Kernel -> ToDevice(outside)", "E702 `Kernel` stands for Click's element `Kernel`, and the installed Click was built without it"),
        ("FromDevice(inside) -> Source -> ToDevice(outside)", "E622 `Source` takes packets in by no ports, and one leads into `Source`"),
        ("FromDevice(inside) -> Discard\nCounter as c -> ToDevice(outside)", "E622 `Counter` takes packets in by 1 port, and none leads into `c`"),
        ("FromDevice(inside) -> Discard\nSame as c -> ToDevice(outside)", "E622 `Same` takes packets in by 1 port or more, and none leads into `c`"),
    ],
)
def test_a_graph_is_checked_against_what_the_engine_says(edges: str, wanted: str | None) -> None:
    found = [f"{p.code} {p.message}" for p in check_elements(graph_of(edges), KNOWN, {})]
    assert found[:1] == ([wanted] if wanted is not None else [])
