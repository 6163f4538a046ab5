"""Where state lies, its images and hashes: by example, and laws over all types."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import given, strategies as st

from clickup_lang.ir.graph import Store
from clickup_lang.ir.hash import cup_hash, hash_image, hash_values
from clickup_lang.ir.image import decode, encode, image_size
from clickup_lang.ir.place_state import place_state
from clickup_lang.semantics.types import (
    BOOLEAN, DEVICE, DURATION, IP_ADDRESS, IP_PREFIX, IPV4_ADDRESS, IPV4_PREFIX, IPV6_ADDRESS, IPV6_PREFIX, MAC_ADDRESS, SERIAL32, TIME,
    U8, U16, U32, U64, Boolean, BytesType, CounterType, EnumType, FieldType, Integer, MapType, RecordType, RegisterType, Scalar, SetType, Type, bits_of,
)  # fmt: skip
from clickup_lang.source import Span

VECTORS = Path(__file__).resolve().parents[3] / "runtime_c/tests/hash-vectors.txt"
PHASE = EnumType("Phase", 8, (("opening", 0), ("established", 1)))
FLOW = RecordType(
    "Flow",
    (FieldType("source", IP_ADDRESS), FieldType("destination", IP_ADDRESS), FieldType("source_port", U16), FieldType("destination_port", U16), FieldType("protocol", U8)),
)  # fmt: skip
SESSION = RecordType("Session", (FieldType("phase", PHASE), FieldType("since", TIME)))


def place(of: Any) -> list[tuple[str, str, int, int]]:
    return [(p.side, p.leaf.name, p.offset, p.leaf.size) for p in place_state(store(of)).leaves]


def store(of: Any) -> Store:
    return Store("s", of, 10, None, 1, "evict", None, None, Span("", 0, 0))


def test_a_session_fits_a_line_and_so_does_the_next_version() -> None:
    """The value's small fields fill what the key leaves."""
    placement = place_state(store(MapType(FLOW, SESSION)))
    assert (placement.stride, placement.key_at, placement.key_size) == (64, 8, 39)
    assert place(MapType(FLOW, SESSION)) == [
        ("key", "destination.address", 8, 16), ("key", "source.address", 24, 16), ("key", "destination_port", 40, 2),
        ("key", "source_port", 42, 2), ("key", "destination.family", 44, 1), ("key", "protocol", 45, 1), ("key", "source.family", 46, 1),
        ("value", "phase", 47, 1), ("value", "since", 48, 8),
    ]  # fmt: skip
    more = RecordType("Session", (*SESSION.fields, FieldType("packets", U64)))
    assert place(MapType(FLOW, more))[-2:] == [("value", "packets", 48, 8), ("value", "since", 56, 8)]
    assert place_state(store(MapType(FLOW, more))).stride == 64


def test_strides_and_cells() -> None:
    assert place_state(store(SetType(U8))).stride == 16
    assert place_state(store(MapType(U32, U32))).stride == 16
    assert place_state(store(MapType(IP_ADDRESS, U32))).stride == 32
    assert place_state(store(MapType(FLOW, FLOW))).stride == 128
    assert place(MapType(U32, U32)) == [("key", ".", 8, 4), ("value", ".", 12, 4)]
    assert place(CounterType()) == [("cell", ".", 0, 8)]
    assert place(RegisterType(SESSION)) == [("cell", "since", 0, 8), ("cell", "phase", 8, 1)]


def test_images_by_hand() -> None:
    assert encode(U16, 0x1234) == b"\x34\x12"
    assert encode(Integer(13, True), -2) == b"\xfe\xff"
    assert encode(IP_ADDRESS, (4, 0x0A000001)) == bytes([1, 0, 0, 10]) + bytes(12) + b"\4"
    assert encode(IPV4_PREFIX, (4, 0x0A000000, 8)) == bytes([0, 0, 0, 10, 8])
    assert encode(MAC_ADDRESS, 0x020000000001) == bytes([1, 0, 0, 0, 0, 2, 0, 0])
    assert encode(FLOW, ((4, 1), (4, 2), 3, 4, 6)) == b"\2" + bytes(15) + b"\1" + bytes(15) + bytes([4, 0, 3, 0, 4, 6, 4])


PLAIN = (
    BOOLEAN, U8, U16, U32, U64, Integer(3), Integer(24), Integer(40), Integer(8, True), Integer(13, True), Integer(64, True), SERIAL32,
    IPV4_ADDRESS, IPV6_ADDRESS, IP_ADDRESS, IPV4_PREFIX, IPV6_PREFIX, IP_PREFIX, MAC_ADDRESS, TIME, DURATION, DEVICE, PHASE,
)  # fmt: skip
TYPES = st.recursive(
    st.sampled_from(PLAIN),
    lambda inner: st.lists(inner, min_size=1, max_size=5).map(
        lambda types: RecordType("R", tuple(FieldType(f"f{i}", of) for i, of in enumerate(types)))
    ),
    max_leaves=12,
)


def values(of: Type) -> st.SearchStrategy[Any]:
    match of:
        case Boolean():
            return st.booleans()
        case Integer(bits=bits, signed=True):
            return st.integers(-(1 << (bits - 1)), (1 << (bits - 1)) - 1)
        case RecordType(fields=fields):
            return st.tuples(*(values(f.type) for f in fields))
        case Scalar() if of == IP_ADDRESS:
            return st.one_of(st.tuples(st.just(4), st.integers(0, 2**32 - 1)), st.tuples(st.just(6), st.integers(0, 2**128 - 1)))
        case Scalar(name="ipv4_prefix"):
            return st.tuples(st.just(4), st.integers(0, 2**32 - 1), st.integers(0, 32))
        case Scalar(name="ipv6_prefix" | "ip_prefix"):
            return st.tuples(st.just(6), st.integers(0, 2**128 - 1), st.integers(0, 128))
        case _:
            return st.integers(0, (1 << (bits_of(of) or 0)) - 1)


@given(st.data())
def test_a_value_comes_back_from_its_image(data: st.DataObject) -> None:
    of = data.draw(TYPES)
    value = data.draw(values(of))
    image = encode(of, value)
    assert len(image) == image_size(of)
    assert decode(of, image) == value


@given(TYPES, TYPES)
def test_leaves_lie_apart_and_aligned(key: Type, value: Type) -> None:
    placement = place_state(store(MapType(key, value)))
    taken: set[int] = set(range(8))
    for placed in placement.leaves:
        assert placed.offset % placed.leaf.alignment == 0
        own = set(range(placed.offset, placed.offset + placed.leaf.size))
        assert not own & taken
        taken |= own
    assert max(taken) < placement.stride
    assert taken >= set(range(placement.key_at + placement.key_size))


@given(st.data())
def test_order_of_fields_is_nothing(data: st.DataObject) -> None:
    of = data.draw(TYPES.filter(lambda t: isinstance(t, RecordType)))
    assert isinstance(of, RecordType)
    value = data.draw(values(of))
    order = data.draw(st.permutations(range(len(of.fields))))
    turned = RecordType(of.name, tuple(of.fields[i] for i in order))
    assert encode(turned, tuple(value[i] for i in order)) == encode(of, value)
    assert place(MapType(turned, turned)) == place(MapType(of, of))


def test_the_hash_is_that_of_the_runtime() -> None:
    """`hash-vectors.txt`: seed, words, hash, in hexadecimal."""
    lines = [line.split(",") for line in VECTORS.read_text().splitlines() if line and not line.startswith("#")]
    assert lines
    for seed, words, expected in lines:
        assert cup_hash([int(word, 16) for word in words.split()], int(seed, 16)) == int(expected, 16)


@given(st.lists(st.integers(0, 2**64 - 1), max_size=6), st.integers(0, 2**64 - 1))
def test_an_image_is_hashed_as_its_words(words: list[int], seed: int) -> None:
    image = b"".join(word.to_bytes(8, "little") for word in words)
    assert hash_image(image, seed) == cup_hash(words, seed)
    assert hash_image(image + b"\1", seed) == cup_hash([*words, 1], seed)


def test_several_values_are_hashed_one_behind_the_other() -> None:
    assert hash_values([(U8, 1), (U32, 2)]) == hash_image(bytes([1, 2, 0, 0, 0]), 0)


def test_bytes_lie_with_zeros_behind_them_and_their_length() -> None:
    name = RecordType("Name", (FieldType("kind", U16), FieldType("text", BytesType(64, False)), FieldType("mark", BytesType(3, True))))
    assert place(SetType(name)) == [("key", "kind", 8, 2), ("key", "text.bytes", 10, 64), ("key", "mark", 74, 3), ("key", "text.length", 77, 1)]
    value = (7, b"www\0", b"abc")
    image = encode(name, value)
    assert image == b"\x07\0www" + bytes(61) + b"abc\x04" and decode(name, image) == value
    wide = BytesType(300, False)
    assert place(RegisterType(wide)) == [("cell", "length", 0, 2), ("cell", "bytes", 2, 300)]
    assert decode(wide, encode(wide, b"x" * 256)) == b"x" * 256
