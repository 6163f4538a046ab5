"""`cup_hash`: the order of entries, of evictions, and the language's `hash(...)`. The same function as in `cup/base.h`.

Not secret: seeds do not stop an attacker. `runtime_c/tests/hash-vectors.txt` holds examples that every implementation must give.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from clickup_lang.ir.image import encode
from clickup_lang.semantics.types import Type

MASK = (1 << 64) - 1

# The seed of every table: entries of one tick are evicted in the order of their hashes, so it is part of the language.
TABLE_SEED = 0


def fold_product(a: int, b: int) -> int:
    product = a * b
    return (product & MASK) ^ (product >> 64)


def cup_hash(words: Sequence[int], seed: int) -> int:
    """The hash of 64-bit words, 64 bits."""
    h = seed ^ (0x9E3779B97F4A7C15 * len(words) & MASK)
    for at in range(0, len(words), 2):
        a, b = words[at], words[at + 1] if at + 1 < len(words) else 0
        turned = (h << 32 | h >> 32) & MASK
        h = fold_product(a ^ h ^ 0xA0761D6478BD642F, b ^ turned ^ 0xE7037ED1A0B428DB)
    return fold_product(h ^ 0x8EBC6AF09C88C6E3, 0x589965CC75374CC3)


def hash_image(image: bytes, seed: int) -> int:
    """The hash of an image: of its little-endian words, the last one filled up with zeros."""
    padded = image + bytes(-len(image) % 8)
    return cup_hash([int.from_bytes(padded[at : at + 8], "little") for at in range(0, len(padded), 8)], seed)


def hash_key(of: Type, key: object) -> int:
    """The hash under which a table keeps a key."""
    return hash_image(encode(of, key), TABLE_SEED)


def hash_values(values: Iterable[tuple[Type, object]]) -> int:
    """The language's `hash(...)`: over the images of the values, one after the other."""
    return hash_image(b"".join(encode(of, value) for of, value in values), 0)
