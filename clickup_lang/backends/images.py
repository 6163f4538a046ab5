"""Values and their images: from the leaves that lie in an entry to a value, and from values to the words that are hashed and compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from clickup_lang.backends.cpp import Cpp, call, cast, comparison, member
from clickup_lang.backends.cpp_types import PREFIXES, CppTypes, is_signed, leaf_of
from clickup_lang.ir.image import Leaf, bytes_for, image_order, leaves
from clickup_lang.semantics.types import IP_ADDRESS, IPV4_PREFIX, Boolean, BytesType, LeaseType, RecordType, Scalar, Type

LeafText = Callable[[Leaf], str]


def value_at(types: CppTypes, of: Type, path: tuple[str, ...], leaf_text: LeafText) -> Cpp:
    """The value of type `of` at `path` of an entry or cell, whose leaves are called as `leaf_text` says."""

    def part(name: str, size: int) -> Cpp:
        return Cpp(leaf_text(Leaf(path, name, of, size)))

    match of:
        case RecordType(fields=fields):
            values = [value_at(types, f.type, (*path, f.name), leaf_text).text for f in fields]
            return Cpp(f"{types.text(of)}{{{', '.join(values)}}}")
        case LeaseType(key=key):
            parts = {leaf.part: leaf.size for leaf in leaves(of)}
            return call("cup_lease_of", part("value", parts["value"]), part("key", parts["key"]) if key is not None else "0")
        case BytesType(length=length, fixed=False):
            return Cpp(f"{types.text(of)}{{{part('bytes', length).text}, {part('length', bytes_for(length.bit_length())).text}}}")
        case Boolean():
            return comparison(part("", 1), "!=", Cpp("0"))
        case Scalar() if of == IP_ADDRESS:
            return call("cup_ip_of", part("address", 16), part("family", 1))
        case Scalar(name=name) if of in PREFIXES:
            number = call("cup_ipv6_of", "0", part("address", 4)) if of == IPV4_PREFIX else part("address", 16)
            family = part("family", 1).text if name == "ip_prefix" else "CUP_IPV4" if of == IPV4_PREFIX else "CUP_IPV6"
            return call("cup_prefix_of", number, family, part("length", 1))
        case _:
            return part("", 0)


def leaf_type(types: CppTypes, leaf: Leaf) -> str:
    """What a leaf is in an entry's structure."""
    if leaf.part == "bytes":
        return f"cup_octets<{leaf.size}>"
    if leaf.part:
        return "cup_ipv6" if leaf.size == 16 else f"uint{8 * leaf.size}_t"
    return "uint8_t" if isinstance(leaf.type, Boolean) else types.text(leaf.type)


def image_words(types: CppTypes, values: Sequence[tuple[Type, Cpp]]) -> list[str]:
    """The 64-bit words of the images of values, one after the other; the last word is filled up with zeros."""
    words: dict[int, list[str]] = {}
    at = 0
    for of, whole in values:
        for leaf in image_order(of):
            number = leaf_of(types, whole, of, leaf)
            for size, piece in pieces(types, leaf, number):
                put(words, at, size, piece)
                at += size
    return [" | ".join(words[i]) for i in range((at + 7) // 8)]


def pieces(types: CppTypes, leaf: Leaf, number: Cpp) -> list[tuple[int, Cpp]]:
    """A leaf as unsigned numbers of at most eight bytes, the low one first."""
    if holds_bytes(leaf):
        sizes = [(at, min(8, leaf.size - at)) for at in range(0, leaf.size, 8)]
        octets = member(number, "at").text
        places = [f"{octets} + {at}" if at else octets for at, _ in sizes]
        return [(size, call("cup_load64", place) if size == 8 else call("cup_load_part", place, str(size))) for place, (_, size) in zip(places, sizes)]
    if leaf.size == 16:
        return [(8, member(number, "low")), (8, member(number, "high"))]
    if is_signed(leaf.type) and leaf.size < 8:
        number = cast(f"uint{8 * leaf.size}_t", number)
    wide = leaf_type(types, leaf) == "uint64_t"
    return [(leaf.size, number if wide else cast("uint64_t", number))]


def holds_bytes(leaf: Leaf) -> bool:
    """Whether a leaf is bytes, and not a number."""
    return isinstance(leaf.type, BytesType) and leaf.part != "length"


def put(words: dict[int, list[str]], at: int, size: int, piece: Cpp) -> None:
    """Puts a number of `size` bytes at byte `at`; what does not fit in its word goes into the next."""
    word, shift = at // 8, at % 8 * 8
    words.setdefault(word, []).append(f"{piece.unary} << {shift}" if shift else piece.unary)
    if shift + 8 * size > 64:
        words.setdefault(word + 1, []).append(f"{piece.unary} >> {64 - shift}")
