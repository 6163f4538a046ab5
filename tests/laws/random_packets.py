"""Sequences of packets for two devices, drawn at random: few ends, so that entries meet; some packets broken; time in jumps."""

from __future__ import annotations

from functools import lru_cache
from random import Random

from tests.fuzz.packets.seeds import seeds

Arrival = tuple[str, bytes, int]
START = 1_700_000_000 * 1_000_000_000
ADDRESSES4 = (bytes([10, 0, 0, 1]), bytes([10, 0, 0, 7]), bytes([1, 1, 1, 1]), bytes([192, 168, 1, 1]))


def random_packets(seed: int, count: int, devices: tuple[str, ...]) -> list[Arrival]:
    """`count` arrivals in the order of time."""
    random = Random(seed)
    pool = known_packets()
    now = START
    arrivals: list[Arrival] = []
    for _ in range(count):
        packet = bytearray(random.choice(pool[:9] + pool[16:20]) if random.random() < 0.8 else random.choice(pool))
        if random.random() < 0.5:
            vary(packet, random)
        if random.random() < 0.15:
            damage(packet, random)
        now += random.choice((0, 0, 0, 1, 1_000_000, 1_000_000, 60_000_000, 150_000_000, 300_000_000))
        if random.random() < 0.05:
            now += random.choice((700_000_000, 3_000_000_000, 40_000_000_000))
        arrivals.append((random.choice(devices), bytes(packet), now))
    return arrivals


@lru_cache(maxsize=1)
def known_packets() -> tuple[bytes, ...]:
    return tuple(seeds())


def vary(packet: bytearray, random: Random) -> None:
    """Other ends and flags; the IPv4 header's checksum stays right."""
    if packet[12:14] == b"\x08\x00" and packet[14] >> 4 == 4:
        end = 14 + (packet[14] & 15) * 4
        for at in (26, 30):
            if random.random() < 0.5:
                packet[at : at + 4] = random.choice(ADDRESSES4)
        packet[24:26] = b"\0\0"
        total = sum(int.from_bytes(packet[i : i + 2], "big") for i in range(14, end, 2))
        total = (total & 0xFFFF) + (total >> 16)
        packet[24:26] = (~((total & 0xFFFF) + (total >> 16)) & 0xFFFF).to_bytes(2, "big")
        start = end
    else:
        start = 54
    if random.random() < 0.5 and len(packet) > start + 3:
        packet[start + 1] = random.randrange(12)
        packet[start + 3] = random.randrange(12)
    if random.random() < 0.4 and len(packet) > start + 13 and packet[23] == 6:
        packet[start + 13] = random.choice((0x02, 0x10, 0x12, 0x11, 0x04))


def damage(packet: bytearray, random: Random) -> None:
    kind = random.randrange(3)
    if kind == 0:
        del packet[random.randrange(len(packet)) :]
    elif kind == 1:
        packet[random.randrange(len(packet))] ^= 1 << random.randrange(8)
    else:
        packet += bytes(random.randrange(20))
