"""What is written from habit, in other languages and in RFCs, and what is meant by it here."""

from __future__ import annotations

import re
from collections.abc import Collection

# Types by the names that others give them.
TYPES = {
    "boolean": "bool", "byte": "u8", "uint": "u32", "unsigned": "u32", "ipaddr": "ip_address", "mac": "mac_address", "timestamp": "time",
    "usize": "size", "size_t": "size", "hashmap": "map", "dict": "map", "hashset": "set",
}  # fmt: skip

# Types that have no single word here.
NO_TYPES = {
    "int": "unsigned integers are `u1` to `u64`, signed ones `i8`, `i16`, `i32` and `i64`",
    "integer": "unsigned integers are `u1` to `u64`, signed ones `i8`, `i16`, `i32` and `i64`",
    "long": "unsigned integers are `u1` to `u64`, signed ones `i8`, `i16`, `i32` and `i64`",
    "string": "text that is kept has a bound: `bytes max 64`",
    "str": "text that is kept has a bound: `bytes max 64`",
    "char": "a byte is `u8`",
    "float": "there are no fractions: count in a smaller unit",
    "double": "there are no fractions: count in a smaller unit",
}

VALUES = {
    "drop": "a packet is dropped along a port: `emit PORT`, and `-> PORT = drop` or an edge from it to `Discard`",
    "null": "what may not be there has an `else`: `let x = ... else { }`",
    "nil": "what may not be there has an `else`: `let x = ... else { }`",
    "None": "what may not be there has an `else`: `let x = ... else { }`",
}

# Fields of headers, as C's structures and tools for captures have them.
FIELDS = {
    "src": "source", "dst": "destination", "saddr": "source", "daddr": "destination", "sport": "source", "dport": "destination",
    "src_port": "source", "dst_port": "destination", "source_port": "source", "destination_port": "destination", "proto": "protocol",
    "seq": "sequence", "tos": "dscp", "hop_limit": "ttl", "hlim": "ttl", "next_header": "protocol", "nh": "protocol", "len": "length",
    "tot_len": "total_length", "csum": "checksum", "vid": "id", "pcp": "priority", "ethertype": "type",
}  # fmt: skip


def type_meant(name: str) -> str | None:
    """`uint16_t` is `u16`."""
    number = re.fullmatch(r"(u?)int(8|16|32|64)(_t)?", name)
    return f"{number[1] or 'i'}{number[2]}" if number else TYPES.get(name.lower())


def field_meant(name: str, known: Collection[str]) -> str | None:
    meant = FIELDS.get(name)
    return meant if meant is not None and meant in known else None
