"""Programs of the library's atoms: their tests hold in both machines, which agree on random packets; what they send has right checksums."""

from __future__ import annotations

from pathlib import Path

import pytest

from clickup_lang.ir.hash import TABLE_SEED
from clickup_lang.ir.interpret import Interpreter
from clickup_lang.ir.run_script import run_script
from clickup_lang.operate.compiled import CompiledMachine
from clickup_lang.session import Session
from clickup_lang.source import MemoryFileSystem
from tests.laws.agreement import build_text, disagreement
from tests.laws.library_packets import internet_checksum, packets
from tests.laws.random_packets import START
from tests.literate import CASES

PROGRAMS = sorted((CASES / "library").glob("*.cup"))


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.stem)
def test_a_program_of_the_library_does_what_its_tests_say_in_both_machines(program: Path, tmp_path: Path) -> None:
    graph, built = build_text(program.read_text(), tmp_path)
    lowered = Session(MemoryFileSystem({"page.cup": program.read_text()})).lower("page.cup")
    assert lowered.problems == () and lowered.scripts
    for script in lowered.scripts:
        with CompiledMachine(graph, built) as compiled:
            for machine in (Interpreter(graph, TABLE_SEED), compiled):
                assert [f.message for f in run_script(script, machine)] == [], (script.name, machine)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.stem)
def test_on_random_packets_both_machines_send_the_same_and_all_checksums_are_right(program: Path, tmp_path: Path) -> None:
    graph, built = build_text(program.read_text(), tmp_path)
    device = graph.inputs[0].device
    arrivals = [(device, data, START + number * 1_000_000) for number, data in enumerate(packets(5, 3000))]
    assert disagreement(graph, built, arrivals, every=500) is None
    interpreter, sent_right = Interpreter(graph), 0
    for arrival in arrivals:
        for _, sent in interpreter.arrive(*arrival):
            wrong = wrong_checksums(sent)
            assert wrong == [] or wrong == wrong_checksums(arrival[1]), (arrival[1].hex(), sent.hex())
            sent_right += wrong == []
    assert sent_right > 300


def wrong_checksums(data: bytes) -> list[str]:
    """Which checksums of an IP packet are not what RFC 791, 792 and 4443 say; lengths are taken from the headers."""
    wrong: list[str] = []
    if data[12:14] == b"\x08\x00":
        head, end = 14 + (data[14] & 15) * 4, 14 + int.from_bytes(data[16:18], "big")
        if internet_checksum(data[14:head]) != 0:
            wrong.append("ipv4")
        if data[23] == 1 and internet_checksum(data[head:end]) != 0:
            wrong.append("icmp")
    elif data[12:14] == b"\x86\xdd" and data[20] == 58:
        length = int.from_bytes(data[18:20], "big")
        pseudo = data[22:54] + length.to_bytes(4, "big") + (58).to_bytes(4, "big")
        if internet_checksum(pseudo + data[54 : 54 + length]) != 0:
            wrong.append("icmp6")
    return wrong
