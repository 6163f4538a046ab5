"""Internet checksums (RFC 1071), and how a written field reaches those that cover it (RFC 1624, equation 3).

What a checksum of a present header sums, as ranges of packet bytes:

* `pseudo`: the fields that `HeaderLayout.pseudo` names, of the nearest header on the way from its `parent` outwards that names any
  (addresses; the protocol and the length there are computed fields, which nobody writes);
* `header`: from its start up to its end; `payload`: from its end up to its limit, the rest of the packet behind the limit not.
  A checksum field lies at an even byte of its header.

A write to a field then goes like this, bit for bit:

1. Every present header that has a checksum (an optional one that is there) is looked at once, by falling start, among equal starts in the order of `Graph.places`;
   so inner ones before those around them. Two headers whose checksum fields lie at the same byte (`icmp` and `icmp_echo`) have one
   checksum: the first that the write reaches counts.
2. What has changed are the bytes that hold bits of the written field, and the two bytes of each checksum updated before in the same
   write. Those that lie in a range summed by this checksum change it: each 16-bit word that contains one, counted from the range's
   start, adds ~m + m', also where m = m'; a byte behind the range's end counts as zero.
3. If there was such a word, HC' = ~(~HC + the sum of these, folded). A checksum that says zero where zero means none is left alone
   and has not changed; one that would become zero there is written as 0xffff.
"""

from __future__ import annotations

from clickup_lang.ir.fields import Bytes, bytes_of
from clickup_lang.ir.graph import ChecksumOf, HeaderField, HeaderLayout
from clickup_lang.ir.packet_run import HeaderAt, PacketRun

Change = tuple[int, bytes]  # where bytes have changed, and what they were


def internet_sum(data: Bytes) -> int:
    """The sum of 16-bit words, not folded; an odd last byte is the high half of its word."""
    if len(data) % 2:
        data = bytes(data) + b"\0"
    return sum(int.from_bytes(data[i : i + 2], "big") for i in range(0, len(data), 2))


def fold(total: int) -> int:
    """One's complement addition of all 16-bit words of a number."""
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def checksum_fields(layout: HeaderLayout) -> tuple[tuple[HeaderField, ChecksumOf], ...]:
    return tuple((f, f.computed) for f in layout.fields if isinstance(f.computed, ChecksumOf))


def header_checksum_holds(data: Bytes, at: HeaderAt) -> bool:
    """Whether the bytes of the header, its variable part included, sum to 0xffff (so all zeros do not hold)."""
    return fold(internet_sum(data[at.start : at.end])) == 0xFFFF


def pseudo_ranges(at: HeaderAt) -> list[tuple[int, int]]:
    network = at.parent
    while network is not None and not network.layout.pseudo:
        network = network.parent
    if network is None:
        return []
    fields = [network.layout.field(name) for name in network.layout.pseudo]
    places = [(network.place_of(f), *bytes_of(f)) for f in fields if network.has(f)]
    return [(start + first, start + end) for start, first, end in places]


def summed_ranges(at: HeaderAt, rule: ChecksumOf) -> list[tuple[int, int]]:
    """The bytes that the checksum of a present header covers."""
    ranges = pseudo_ranges(at) if "pseudo" in rule.parts else []
    if "header" in rule.parts:
        ranges.append((at.start, at.limit if "payload" in rule.parts else at.end))
    elif "payload" in rule.parts:
        ranges.append((at.end, at.limit))
    return ranges


def changed_words(data: bytearray, low: int, high: int, change: Change) -> tuple[int, bool]:
    """The sum of ~m + m' over the words of the range `low` up to `high` that contain changed bytes, and whether there are any."""
    begin, before = change
    first, end = max(low, begin), min(high, begin + len(before))
    total = 0
    for word in range(low + (first - low & ~1), end, 2):
        old = new = 0
        for byte in (word, word + 1):
            now = data[byte] if byte < high else 0
            new = new << 8 | now
            old = old << 8 | (before[byte - begin] if begin <= byte < begin + len(before) and byte < high else now)
        total += (old ^ 0xFFFF) + new
    return total, first < end


def keep_right(run: PacketRun, places: tuple[int, ...], start: int, before: bytes) -> None:
    """Bytes from `start` on were `before`, and have been written: updates every checksum over them. `places` are those whose
    header has a checksum."""
    data = run.data
    changes: list[Change] = [(start, before)]
    updated: set[int] = set()
    present = [at for at in (run.places[place] for place in places) if at is not None]
    for at in sorted(present, key=lambda at: -at.start):
        for field, rule in checksum_fields(at.layout):
            position = at.place_of(field) + field.offset // 8
            if position in updated or not at.has(field):
                continue
            total, reached = 0, False
            for low, high in summed_ranges(at, rule):
                for change in changes:
                    added, touches = changed_words(data, low, high, change)
                    total += added
                    reached = reached or touches
            if not reached:
                continue
            updated.add(position)
            old = bytes(data[position : position + 2])
            checksum = int.from_bytes(old, "big")
            if checksum == 0 and rule.zero_is_none:
                continue
            checksum = fold((checksum ^ 0xFFFF) + total) ^ 0xFFFF
            if checksum == 0 and rule.zero_is_none:
                checksum = 0xFFFF
            data[position : position + 2] = checksum.to_bytes(2, "big")
            changes.append((position, old))
