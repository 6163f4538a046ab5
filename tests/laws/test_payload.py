"""Interpreter and compiled program agree about programs that read payloads, whatever the payloads are."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from clickup_lang.ir.hash import TABLE_SEED
from clickup_lang.ir.interpret import Interpreter
from clickup_lang.ir.run_script import run_script
from clickup_lang.ir.script import Script
from clickup_lang.operate.compiled import CompiledMachine
from clickup_lang.session import Session
from clickup_lang.source import DiskFileSystem
from tests.fuzz.packets.seeds import seeds
from tests.laws.agreement import build_text, disagreement
from tests.laws.random_packets import START, Arrival

PROGRAMS = Path(__file__).with_name("payload")
WORDS = (b"GET ", b"PUT ", b"www", b"\x03www", b"\x02ab\x00", b"\x3f", b"\x00", b"\xff\xff", b"HTTP/1.1\r\n", b"Host: Example.COM\r\n", b"\x01A\x07example\x03net\x00")


def payload(random: Random) -> bytes:
    made = b""
    while random.random() < 0.85:
        made += random.choice(WORDS) if random.random() < 0.8 else random.randbytes(random.randrange(9))
    return made


def question(random: Random) -> bytes:
    """A name as in DNS, now and then a wrong one, behind a header that mostly asks one question."""
    header = random.randbytes(2) + b"\1\0\0\1" + bytes(6) if random.random() < 0.7 else random.randbytes(12)
    labels = [random.choice((b"a", b"Ab", b"www", b"example", b"x" * 63, b"y" * 70)) for _ in range(random.randrange(7))]
    return header + b"".join(bytes([len(label) & 0x7F]) + label for label in labels) + random.choice((b"\0", b"\0\0\1\0\1", b"\0\0\1\0\xff", b""))


def arrivals(seed: int, count: int) -> list[Arrival]:
    """UDP datagrams over both families, and some TCP, also with options: lengths right, cut short or followed by padding; checksums of UDP are not asked."""
    random = Random(seed)
    frames = [frame for frame in seeds() if frame[12:14] in (b"\x08\x00", b"\x86\xdd")]
    made: list[Arrival] = []
    now = START
    for _ in range(count):
        frame = bytearray(random.choice(frames[:7] + frames[12:13] * 2 + frames[16:19]))
        start = 14 + ((frame[14] & 15) * 4 if frame[14] >> 4 == 4 else 40)
        kind = frame[23] if frame[14] >> 4 == 4 else frame[20]
        del frame[start + (8 if kind == 17 else (frame[start + 12] >> 4) * 4) :]
        frame += question(random) if random.random() < 0.5 else payload(random)
        set_lengths(frame, start, kind)
        if random.random() < 0.15:
            del frame[random.randrange(len(frame)) :]
        elif random.random() < 0.2:
            frame += random.randbytes(random.randrange(20))
        now += random.choice((0, 1_000_000, 1_000_000, 30_000_000, 700_000_000))
        made.append((random.choice(("inside", "inside", "outside")), bytes(frame), now))
    return made


def set_lengths(frame: bytearray, start: int, kind: int) -> None:
    if frame[14] >> 4 == 4:
        frame[16:18] = (len(frame) - 14).to_bytes(2, "big")
        frame[24:26] = b"\0\0"
        total = sum(int.from_bytes(frame[i : i + 2], "big") for i in range(14, start, 2))
        total = (total & 0xFFFF) + (total >> 16)
        frame[24:26] = (~((total & 0xFFFF) + (total >> 16)) & 0xFFFF).to_bytes(2, "big")
    else:
        frame[18:20] = (len(frame) - start).to_bytes(2, "big")
    if kind == 17:
        frame[start + 4 : start + 6] = (len(frame) - start).to_bytes(2, "big")


def scripts_of(program: Path) -> tuple[Script, ...]:
    return Session(DiskFileSystem()).lower(str(program)).scripts


@pytest.mark.parametrize("program", sorted(PROGRAMS.glob("*.cup")), ids=lambda path: path.stem)
def test_payloads_are_read_as_the_interpreter_reads_them(program: Path, tmp_path: Path) -> None:
    graph, binary = build_text(program.read_text(), tmp_path)
    for script in scripts_of(program):
        assert run_script(script, Interpreter(graph, TABLE_SEED)) == ()
        with CompiledMachine(graph, binary) as machine:
            assert run_script(script, machine) == ()
    for seed in range(8):
        assert disagreement(graph, binary, arrivals(seed, 150)) is None
