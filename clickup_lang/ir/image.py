"""Values as bytes: the image of a key in a table, of a register in its cell, of what `hash(...)` takes.

A value is flattened into leaves (records nested), and its image is their bytes, little-endian, the widest first and equal ones by
path; so every leaf lies at its natural alignment and there is no padding inside. Order of declaration does not matter.

    bool 1 | integers and enums the next of 1, 2, 4, 8 | mac_address 8 | device 2 | time, duration, size, rates 8 | serial32 4
    ipv4_address 4 | ipv6_address 16 | ip_address 16 (an IPv4 address as its number) and a family (4 or 6)
    a prefix: its address likewise, and a length | bucket: level 8 and time 8
    match_position: the state of the matcher 4, and the generation of its patterns 4
    lease: its value, and the key of its pool, or the number of the slot (4) where the pool lies that is kept for the key
    bytes[N]: N, as they are | bytes max N: N, zeros behind the last, and how many there are (1, above 255 2)
"""

from __future__ import annotations

from typing import Any, cast

from clickup_lang.frozen import Frozen
from clickup_lang.semantics.pools import keeps_keys
from clickup_lang.semantics.types import Boolean, BucketType, BytesType, EnumType, Integer, LeaseType, OfType, RecordType, Scalar, Type

SCALAR_SIZES = {
    "serial32": 4, "ipv4_address": 4, "ipv6_address": 16, "mac_address": 8, "time": 8, "duration": 8, "size": 8, "bitrate": 8,
    "packetrate": 8, "device": 2,
}  # fmt: skip

# Scalars of several parts: the part's name and bytes. A part is a leaf of its own.
SCALAR_PARTS = {
    "ip_address": (("address", 16), ("family", 1)),
    "ipv4_prefix": (("address", 4), ("length", 1)),
    "ipv6_prefix": (("address", 16), ("length", 1)),
    "ip_prefix": (("address", 16), ("family", 1), ("length", 1)),
}


SLOT_SIZE = 4  # of the number of a slot in a table


class Leaf(Frozen):
    """One number of a value: `path` leads to a scalar through records, `part` names a part of that scalar or is empty."""

    path: tuple[str, ...]
    part: str
    type: Type
    size: int

    @property
    def name(self) -> str:
        """`source.address`; `.` for a value that is one number."""
        return ".".join((*self.path, self.part) if self.part else self.path) or "."

    @property
    def alignment(self) -> int:
        return 1 if isinstance(self.type, BytesType) and self.part != "length" else min(self.size, 8)


def leaves(of: Type, path: tuple[str, ...] = ()) -> tuple[Leaf, ...]:
    """The leaves of a type, in declared order. Raises `TypeError` for a type whose values have no image."""
    match of:
        case Boolean():
            return (Leaf(path, "", of, 1),)
        case Integer(bits=bits) | EnumType(bits=bits):
            return (Leaf(path, "", of, bytes_for(bits)),)
        case Scalar(name=name) if name in SCALAR_SIZES:
            return (Leaf(path, "", of, SCALAR_SIZES[name]),)
        case Scalar(name=name) if name in SCALAR_PARTS:
            return tuple(Leaf(path, part, of, size) for part, size in SCALAR_PARTS[name])
        case BucketType():
            return tuple(Leaf(path, part, of, 8) for part in ("level", "time"))
        case OfType(name="match_position"):
            return tuple(Leaf(path, part, of, 4) for part in ("state", "generation"))
        case LeaseType(value=value, key=key):
            own = () if key is None else ((("key", SLOT_SIZE if keeps_keys(of) else image_size(key))),)
            return tuple(Leaf(path, name, of, size) for name, size in (("value", image_size(value)), *own))
        case BytesType(length=length, fixed=True):
            return (Leaf(path, "", of, length),)
        case BytesType(length=length):
            return Leaf(path, "bytes", of, length), Leaf(path, "length", of, bytes_for(length.bit_length()))
        case RecordType(fields=fields):
            return tuple(leaf for f in fields for leaf in leaves(f.type, (*path, f.name)))
        case _:
            raise TypeError(f"values of {of!r} have no image")


def image_order(of: Type) -> tuple[Leaf, ...]:
    """The leaves of a type as they follow each other in an image."""
    return tuple(sorted(leaves(of), key=lambda leaf: (-leaf.alignment, -leaf.size, leaf.name)))


def image_size(of: Type) -> int:
    return sum(leaf.size for leaf in leaves(of))


def bytes_for(bits: int) -> int:
    """The next of 1, 2, 4, 8 bytes."""
    return next(size for size in (1, 2, 4, 8) if bits <= 8 * size)


def encode(of: Type, value: object) -> bytes:
    """The image of a value, not padded."""
    return b"".join(leaf_bytes(leaf, leaf_number(leaf, of, value)) for leaf in image_order(of))


def decode(of: Type, image: bytes) -> object:
    """The value whose image this is."""
    numbers: dict[tuple[tuple[str, ...], str], object] = {}
    at = 0
    for leaf in image_order(of):
        numbers[leaf.path, leaf.part] = leaf_value(leaf, image[at : at + leaf.size])
        at += leaf.size
    return value_from(of, (), numbers)


def leaf_number(leaf: Leaf, of: Type, value: object) -> object:
    """What a whole value has at a leaf: an integer, or bytes."""
    for name in leaf.path:
        assert isinstance(of, RecordType)
        index = of.index(name)
        of, value = of.fields[index].type, cast("tuple[object, ...]", value)[index]
    if not leaf.part:
        return value
    if isinstance(of, BytesType):
        return value if leaf.part == "bytes" else len(cast(bytes, value))
    parts = cast("tuple[int, ...]", value)
    if isinstance(of, BucketType):
        return parts[leaf.part == "time"]
    if isinstance(of, LeaseType):
        return parts[leaf.part == "value"]
    return {"family": parts[0], "address": parts[1], "length": parts[-1]}[leaf.part]


def leaf_bytes(leaf: Leaf, number: object) -> bytes:
    if isinstance(number, bytes):
        return number.ljust(leaf.size, b"\0")
    return (cast(int, number) & ((1 << (8 * leaf.size)) - 1)).to_bytes(leaf.size, "little")


def leaf_value(leaf: Leaf, image: bytes) -> object:
    """The number or bytes that a leaf's bytes hold."""
    match leaf.type:
        case BytesType() if leaf.part != "length":
            return image
        case Boolean():
            return image != b"\0"
        case Integer(signed=True):
            return int.from_bytes(image, "little", signed=True)
        case _:
            return int.from_bytes(image, "little")


def value_from(of: Type, path: tuple[str, ...], numbers: dict[tuple[tuple[str, ...], str], Any]) -> object:
    """A value of what its leaves hold."""
    match of:
        case RecordType(fields=fields):
            return tuple(value_from(f.type, (*path, f.name), numbers) for f in fields)
        case BucketType():
            return numbers[path, "level"], numbers[path, "time"]
        case BytesType(fixed=False):
            return numbers[path, "bytes"][: numbers[path, "length"]]
        case LeaseType():
            return numbers.get((path, "key"), 0), numbers[path, "value"]
        case Scalar(name="ip_address"):
            return numbers[path, "family"], numbers[path, "address"]
        case Scalar(name="ip_prefix"):
            return numbers[path, "family"], numbers[path, "address"], numbers[path, "length"]
        case Scalar(name="ipv4_prefix" | "ipv6_prefix" as name):
            return 4 if name == "ipv4_prefix" else 6, numbers[path, "address"], numbers[path, "length"]
        case _:
            return numbers[path, ""]
