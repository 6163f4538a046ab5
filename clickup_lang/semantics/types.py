"""Types of values, headers and state.

Values of a type, wherever the compiler holds them (constants, the interpreter, exported state): `bool`; integers, times, durations,
sizes, rates, addresses, MAC addresses, enumerators and devices as `int` (addresses as numbers, most significant byte first); an
`ip_address` as `(4 or 6, int)`; a prefix as `(4 or 6, int, length)`; a record as the tuple of its fields; text as `str`; bytes, as many
as they are, as `bytes`; an array as the tuple of its elements; a view and a cursor as `(at, end)`, from the packet's first byte.
"""

from __future__ import annotations

from typing import Union

from clickup_lang.frozen import Frozen


class Boolean(Frozen):
    pass


class Integer(Frozen):
    """`u1`..`u64`, `i8`..`i64`; `bits` is the width, arithmetic wraps at it."""

    bits: int
    signed: bool = False


class Scalar(Frozen):
    """The other types of one value, by name; see `SCALAR_BITS` for their width."""

    name: str


SERIAL32 = Scalar("serial32")
IPV4_ADDRESS = Scalar("ipv4_address")
IPV6_ADDRESS = Scalar("ipv6_address")
IP_ADDRESS = Scalar("ip_address")
MAC_ADDRESS = Scalar("mac_address")
TIME = Scalar("time")
DURATION = Scalar("duration")
SIZE = Scalar("size")
BITRATE = Scalar("bitrate")
PACKETRATE = Scalar("packetrate")
DEVICE = Scalar("device")
DOMAIN = Scalar("domain")
TEXT = Scalar("text")
IPV4_PREFIX = Scalar("ipv4_prefix")
IPV6_PREFIX = Scalar("ipv6_prefix")
IP_PREFIX = Scalar("ip_prefix")

SCALARS = {
    s.name: s
    for s in (
        SERIAL32, IPV4_ADDRESS, IPV6_ADDRESS, IP_ADDRESS, MAC_ADDRESS, TIME, DURATION, SIZE, BITRATE, PACKETRATE, DEVICE,
        DOMAIN, TEXT, IPV4_PREFIX, IPV6_PREFIX, IP_PREFIX,
    )
}  # fmt: skip

# Bits of the scalars that one machine word or one address holds. A time is nanoseconds since 1970, a duration nanoseconds (never
# negative), a size bytes.
SCALAR_BITS = {
    "serial32": 32, "ipv4_address": 32, "ipv6_address": 128, "mac_address": 48, "time": 64, "duration": 64, "size": 64,
    "bitrate": 64, "packetrate": 64, "device": 16,
}  # fmt: skip


class EnumType(Frozen):
    """`enumerators` are (name, value) in declared order."""

    name: str
    bits: int
    enumerators: tuple[tuple[str, int], ...]

    def value_of(self, name: str) -> int | None:
        return next((v for n, v in self.enumerators if n == name), None)

    def name_of(self, value: int) -> str | None:
        return next((n for n, v in self.enumerators if v == value), None)


class FieldType(Frozen):
    """A record's field. `default` is a constant value, when `has_default`; `made_now`: what is not given is the time when it is made."""

    name: str
    type: Type
    has_default: bool = False
    default: object = None
    made_now: bool = False


class RecordType(Frozen):
    name: str
    fields: tuple[FieldType, ...]

    def field(self, name: str) -> FieldType | None:
        return next((f for f in self.fields if f.name == name), None)

    def index(self, name: str) -> int:
        return next(i for i, f in enumerate(self.fields) if f.name == name)


MOST_BYTES = 2048  # of bytes that are kept


class BytesType(Frozen):
    """`bytes[N]`: `fixed`; `bytes max N`: not."""

    length: int
    fixed: bool


class ViewType(Frozen):
    """Bytes of the packet in hand, where they lie: what `payload` is. `lowered`: with ASCII letters in lower case."""

    lowered: bool = False


class CursorType(Frozen):
    """A view whose beginning moves: what `cursor(payload)` gives."""


class EntryType(Frozen):
    """`entry of STATE`."""

    state: str


class LeaseType(Frozen):
    """`lease of POOL`: a value of the pool, held by one entry. As a value it is (key of the pool, 0 where it has none; value); in an arena
    a key of many values is the number of the slot where the pool of that key lies."""

    pool: str
    value: Type
    key: Type | None


class OfType(Frozen):
    """`match_position of rules`, `rule of rules`."""

    name: str
    of: str


class HeaderType(Frozen):
    """A header as a value: what a function's parameter takes. `members` are the headers that may stand there."""

    members: tuple[str, ...]


class FoundType(Frozen):
    """An entry of a `config` map that has been looked up: read only. `by_prefix`: of an `lpm`, whose key is called `prefix`."""

    config: str
    key: Type
    value: Type
    by_prefix: bool


class NoType(Frozen):
    """What a statement-like expression gives."""


class UnknownType(Frozen):
    """Of what an entry held in a version that is not at hand: fits anything, and is written by nothing."""


class AnyType(Frozen):
    """`any`: a library atom's parameter that takes every type, with at least `fields`."""

    fields: tuple[FieldType, ...] = ()


# Types of containers ---------------------------------------------------------------------------------------------------------


class MapType(Frozen):
    key: Type
    value: Type


class SetType(Frozen):
    element: Type


class LpmType(Frozen):
    key: Type
    value: Type


class CounterType(Frozen):
    pass


class RegisterType(Frozen):
    value: Type


MOST_ELEMENTS = 1 << 24  # of an array
MOST_LOCAL = 1024  # of an array that is a value: in a local, a parameter, a result


class ArrayType(Frozen):
    element: Type
    length: int


class PoolType(Frozen):
    value: Type
    key: Type | None


class BucketType(Frozen):
    pass


class SketchType(Frozen):
    key: Type


class RankingType(Frozen):
    key: Type


class PatternsType(Frozen):
    pass


class SecretType(Frozen):
    pass


MOST_DEVICES = 64  # that a list may have


class DeviceListType(Frozen):
    """`devices max N`."""

    maximum: int


ContainerType = Union[
    MapType, SetType, LpmType, CounterType, RegisterType, ArrayType, PoolType, BucketType, SketchType, RankingType,
    PatternsType, SecretType,
]  # fmt: skip

Type = Union[
    Boolean, Integer, Scalar, EnumType, RecordType, BytesType, ViewType, CursorType, EntryType, FoundType, LeaseType, OfType, HeaderType, NoType, UnknownType, AnyType,
    DeviceListType, ContainerType,
]  # fmt: skip

LEAVING = EnumType("Leaving", 8, (("expired", 0), ("evicted", 1), ("removed", 2)))  # why an entry leaves, as `cup_leave`
BOOLEAN = Boolean()
VIEW, CURSOR = ViewType(), CursorType()
BUCKET = BucketType()
SECRET = SecretType()
U8, U16, U32, U64 = Integer(8), Integer(16), Integer(32), Integer(64)
NOTHING = NoType()
UNKNOWN = UnknownType()


def bits_of(of: Type) -> int | None:
    """The width of a value that one integer holds, or None."""
    match of:
        case Boolean():
            return 1
        case Integer(bits=bits) | EnumType(bits=bits):
            return bits
        case Scalar(name=name):
            return SCALAR_BITS.get(name)
        case _:
            return None


PREFIX_OF: dict[Type, Type] = {IP_ADDRESS: IP_PREFIX, IPV4_ADDRESS: IPV4_PREFIX, IPV6_ADDRESS: IPV6_PREFIX}


def key_type(of: MapType | LpmType) -> Type:
    """What the entries of a config map are kept by: of an `lpm`, prefixes of the addresses that it is asked for."""
    return PREFIX_OF[of.key] if isinstance(of, LpmType) else of.key


def is_number(of: Type) -> bool:
    """Whether integers of any width and sizes: what plain integer literals may become."""
    return isinstance(of, Integer) or of == SIZE


def is_storable(of: Type) -> bool:
    """Whether a local, an entry, a register, a record, a param or a config may hold it."""
    match of:
        case RecordType(fields=fields):
            return all(is_storable(f.type) for f in fields)
        case Scalar(name=name):
            return bits_of(of) is not None or name in ("ip_address", "ip_prefix", "ipv4_prefix", "ipv6_prefix")
        case _:
            return isinstance(of, (Boolean, Integer, EnumType, BytesType, UnknownType))


def is_kept(of: Type) -> bool:
    """Whether an entry may hold it, or a record in one: besides values also what changes by itself or belongs to one entry."""
    if isinstance(of, RecordType):
        return all(is_kept(f.type) for f in of.fields)
    return is_storable(of) or isinstance(of, (BucketType, LeaseType)) or isinstance(of, OfType) and of.name == "match_position"


def is_reported(of: Type) -> bool:
    """Whether an event may say it: besides values, which rule was found."""
    return is_storable(of) or isinstance(of, OfType) and of.name == "rule"


def is_local(of: Type) -> bool:
    """Whether a local may hold it: besides values, where bytes of the packet lie, keys of a secret, what goes with a matcher, and arrays
    of values."""
    return is_storable(of) or isinstance(of, (ViewType, CursorType, SecretType, OfType)) or isinstance(of, ArrayType) and is_storable(of.element)


def is_array_value(of: Type) -> bool:
    """Whether it is an array that may be a value: in a local, a function's parameter or its result."""
    return isinstance(of, ArrayType) and is_storable(of.element) and of.length <= MOST_LOCAL


def is_value(of: Type) -> bool:
    """Whether the language has values of the type at all, in this version or a later one."""
    return is_kept(of) or isinstance(of, OfType)


def show(of: Type) -> str:
    """The type as a user writes it."""
    match of:
        case Boolean():
            return "bool"
        case Integer(bits=bits, signed=signed):
            return f"{'i' if signed else 'u'}{bits}"
        case Scalar(name=name) | EnumType(name=name) | RecordType(name=name):
            return name
        case BytesType(length=length, fixed=fixed):
            return f"bytes[{length}]" if fixed else f"bytes max {length}"
        case ViewType(lowered=lowered):
            return "view in lower case" if lowered else "view"
        case CursorType():
            return "cursor"
        case EntryType(state=state):
            return f"entry of {state}"
        case FoundType(config=config):
            return f"entry of {config}"
        case LeaseType(pool=pool):
            return f"lease of {pool}"
        case OfType(name=name, of=what):
            return f"{name} of {what}"
        case HeaderType(members=members):
            return " | ".join(members)
        case NoType():
            return "nothing"
        case UnknownType():
            return "what the version before had"
        case AnyType(fields=fields):
            return "any" + (f" {{ {', '.join(f'{f.name} : {show(f.type)}' for f in fields)} }}" if fields else "")
        case DeviceListType(maximum=maximum):
            return f"devices max {maximum}"
        case MapType(key=key, value=value):
            return f"map<{show(key)}, {show(value)}>"
        case SetType(element=element):
            return f"set<{show(element)}>"
        case LpmType(key=key, value=value):
            return f"lpm<{show(key)}, {show(value)}>"
        case CounterType():
            return "counter"
        case RegisterType(value=value):
            return f"register<{show(value)}>"
        case ArrayType(element=element, length=length):
            return f"array<{show(element)}>[{length}]"
        case PoolType(value=value, key=key):
            return f"pool<{show(value)}>" + (f"[{show(key)}]" if key is not None else "")
        case BucketType():
            return "bucket"
        case SketchType(key=key):
            return f"sketch<{show(key)}>"
        case RankingType(key=key):
            return f"ranking<{show(key)}>"
        case PatternsType():
            return "patterns"
        case SecretType():
            return "secret"
