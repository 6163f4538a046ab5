"""The graph of nodes and stores: what a program does, with all names, functions, parameters and unions resolved.

A node is one instance of an atom; its body runs once for a packet that reaches it and ends in `Emit`. Nodes stand in topological
order. The interpreter in `interpret` is the meaning of this form; backends translate it. Values are as `semantics.types` says.

Order of evaluation: operands from left to right; `AndAlso`, `OrElse` and `Choose` evaluate only what they need. Expressions have no
effects: whatever may change state, fail or take several steps is a statement.
"""

from __future__ import annotations

from typing import Union

from clickup_lang.frozen import Frozen
from clickup_lang.semantics.array_values import (
    ArrayElement as ArrayElement,
    ArrayValue as ArrayValue,
    ArrayWith as ArrayWith,
    MakeArray as MakeArray,
)
from clickup_lang.semantics.byte_values import (
    Appended as Appended,
    BytesAt as BytesAt,
    BytesBehind as BytesBehind,
    BytesLength as BytesLength,
    ByteValue as ByteValue,
    LoweredBytes as LoweredBytes,
    PayloadView as PayloadView,
    SameBytes as SameBytes,
    ViewBehind as ViewBehind,
    ViewFirst as ViewFirst,
)
from clickup_lang.semantics.kind_values import (
    CurrentGeneration as CurrentGeneration,
    KindValue as KindValue,
    PatternStart as PatternStart,
    RankedPart as RankedPart,
    SecretHash as SecretHash,
    SecretIsKept as SecretIsKept,
    SecretKey as SecretKey,
    SketchEstimate as SketchEstimate,
)
from clickup_lang.semantics.periods import Period
from clickup_lang.semantics.types import EnumType, RecordType, Type
from clickup_lang.semantics.values import (
    AndAlso as AndAlso,
    Arrived as Arrived,
    Choose as Choose,
    Compare as Compare,
    ConfigElement as ConfigElement,
    ConfigLookup as ConfigLookup,
    ConfigSize as ConfigSize,
    ConfigValue as ConfigValue,
    Constant as Constant,
    Convert as Convert,
    DerivedValue as DerivedValue,
    ElementOf as ElementOf,
    EntryField as EntryField,
    FieldOf as FieldOf,
    FullBucket as FullBucket,
    HashOf as HashOf,
    InConfigSet as InConfigSet,
    InStore as InStore,
    Invert as Invert,
    IsFound as IsFound,
    Local as Local,
    MakeRecord as MakeRecord,
    Masked as Masked,
    Negate as Negate,
    Now as Now,
    Operate as Operate,
    OrElse as OrElse,
    PacketLength as PacketLength,
    ParamValue as ParamValue,
    PartOf as PartOf,
    PayloadLength as PayloadLength,
    ReadCell as ReadCell,
    ReadTag as ReadTag,
    StoreSize as StoreSize,
)
from clickup_lang.source import Span

# -- headers ------------------------------------------------------------------------------------------------------------------


class LengthOf(Frozen):
    """A computed field: the length in bytes of the named `parts` (`header`, `payload`), divided by `divisor`.

    One that counts the payload bounds it when the header is parsed: what lies beyond is padding.
    """

    parts: tuple[str, ...]
    divisor: int = 1


class ChecksumOf(Frozen):
    """A computed field: the Internet checksum (RFC 1071) over `parts`: `pseudo`, `header`, `payload`.

    `zero_is_none`: a value of zero means that there is none (UDP over IPv4), and a computed zero is written as 0xffff.
    """

    parts: tuple[str, ...]
    zero_is_none: bool = False


class NumberOfNext(Frozen):
    """A computed field: the number by which this header announces the one that follows; `numbers` are (header, number)."""

    numbers: tuple[tuple[str, int], ...]


class Fixed(Frozen):
    """A field that always holds `value`; a header in which it does not is not this header."""

    value: int


Computed = Union[LengthOf, ChecksumOf, NumberOfNext, Fixed]


class HeaderField(Frozen):
    """Bits `offset` up to `offset + bits` from the header's start, most significant first, and as many bytes further on as the layout's
    first `behind` parts take. An `optional` one is the part that follows these, and is there where that takes any bytes."""

    name: str
    type: Type
    offset: int
    bits: int
    computed: Computed | None = None
    optional: bool = False
    behind: int = 0


class HeaderPart(Frozen):
    """An optional field, or a variable part: `size` bytes over the header's own fields before it (`OwnField`), behind `offset` bytes of
    fields that are always there and the parts before it. Sizes are worked out once, when the header is parsed; a negative one, and one
    that is too long, fails the parse."""

    name: str
    offset: int
    size: Expression
    optional: bool


class HeaderLayout(Frozen):
    """`length` bytes that are always there, and `parts`. `pseudo` lists, for a network header, what goes into the pseudo header of
    the checksum behind it: field names, all multiples of 16 bits long; the protocol number and the length of the transport part
    are added by rule (RFC 793, RFC 8200). `last` says, over the header's own fields, whether it ends a stack."""

    name: str
    fields: tuple[HeaderField, ...]
    length: int
    parts: tuple[HeaderPart, ...] = ()
    pseudo: tuple[str, ...] = ()
    last: Expression | None = None

    def field(self, name: str) -> HeaderField:
        return next(f for f in self.fields if f.name == name)

    def variable(self, name: str) -> int:
        """Which of the parts the variable part of that name is."""
        return next(n for n, p in enumerate(self.parts) if p.name == name and not p.optional)


class Place(Frozen):
    """A name for one place in the packet, and the header that lies there: `ipv4`/`ipv4`, or `inner`/`ipv6` after `parse ip as inner`.

    At run time a place is absent or an offset from the packet's start. Of `is_element` places `NextElement` alone fills one: they have
    no checksum, are no part of the packet's way, and nothing asks for them behind their walk.
    """

    name: str
    header: str
    is_element: bool = False
    is_stack: bool = False


class PlaceField(Frozen):
    """One candidate of a field access: an index into `Graph.places`, and the field there."""

    place: int
    field: str


# -- expressions (the others are in `semantics.values`) --------------------------------------------------------------------------------------------------------------


class OwnField(Frozen):
    """In `HeaderPart.size` and `HeaderLayout.last`: a field of the header itself, zero where it is not there."""

    field: str
    type: Type


class ReadField(Frozen):
    """A header's field. The first candidate whose place is present gives the value, widened to `type`; one surely is."""

    candidates: tuple[PlaceField, ...]
    type: Type


class HasField(Frozen):
    """Whether the header of the first candidate whose place is present has the field, as it was when it was parsed; one place surely is
    present."""

    candidates: tuple[PlaceField, ...]
    type: Type


class RestView(Frozen):
    """The variable part of that name of the first of the places that is present; one surely is."""

    places: tuple[int, ...]
    name: str
    type: Type


class ReadStack(Frozen):
    """A field of one header of the stack at a place, which surely is there: the one of the index, all being of one length, or the last one
    where `index` is None."""

    place: int
    index: Expression | None
    field: str
    type: Type


class StackCount(Frozen):
    """How many headers the stack at a place has, which is present."""

    place: int
    type: Type


class Present(Frozen):
    """Whether any of the places is present (`has tcp`, a match over a union)."""

    places: tuple[int, ...]
    type: Type


class IsWhole(Frozen):
    """Whether the bytes that the header's length field counts are all there (of the first present place)."""

    places: tuple[int, ...]
    type: Type


class ChecksumHolds(Frozen):
    """Whether the checksum over the first present place is right. Only for checksums over `header` alone."""

    places: tuple[int, ...]
    type: Type


Expression = Union[
    Constant, Local, ParamValue, ConfigValue, OwnField, ReadField, HasField, ReadStack, StackCount, Present, ReadTag, PacketLength, PayloadLength, IsWhole,
    ChecksumHolds, Now, Arrived, Operate, Negate, Compare, Invert, AndAlso, OrElse, Choose, Convert, MakeRecord, FieldOf,
    EntryField, InConfigSet, InStore, StoreSize, ReadCell, HashOf, FullBucket, ConfigLookup, IsFound, PartOf, ConfigSize, ElementOf, Masked, ConfigElement, DerivedValue,
    ArrayValue, ByteValue, KindValue, RestView,
]  # fmt: skip

# -- statements ---------------------------------------------------------------------------------------------------------------

Body = tuple["Statement", ...]


class Let(Frozen):
    """Binds a local; `mutable` where a `Set` follows."""

    local: str
    type: Type
    value: Expression
    mutable: bool
    origin: Span


class Set(Frozen):
    local: str
    value: Expression
    origin: Span


class When(Frozen):
    condition: Expression
    then: Body
    otherwise: Body
    origin: Span


class Scope(Frozen):
    """A body that `Leave` of the same label ends early: an inlined function, a loop's turn, a loop."""

    label: str
    body: Body
    origin: Span


class Leave(Frozen):
    label: str
    origin: Span


class Loop(Frozen):
    """The body for each `local` from `low` up to, not including, `high` (constants)."""

    local: str
    type: Type
    low: int
    high: int
    body: Body
    origin: Span


class Find(Frozen):
    """Looks `key` up in a map. Found and not expired: the entry is pinned to the packet, its stamp becomes `now` rounded down to
    the store's tick, and `then` runs with `entry` bound; else `otherwise`. With `index` the key is that of the store's second key."""

    entry: str
    store: str
    key: Expression
    then: Body
    otherwise: Body
    origin: Span
    index: str | None = None


class Insert(Frozen):
    """Gives `key` the `value` (None in a set): replaces the entry if there is one, else makes one, stamped and pinned.

    Where the store is full (after expiry up to now) the oldest entry that is not pinned leaves, or, where it rejects, `full` runs,
    which does not fall through. `full` also runs, and nothing is changed, where a second key of the entry belongs to another one.
    `entry` is bound to the entry where it is not None.
    """

    entry: str | None
    store: str
    key: Expression
    value: Expression | None
    full: Body | None
    origin: Span


class Erase(Frozen):
    """`remove e`: `entry` is not used after it."""

    entry: str
    origin: Span


class EraseKey(Frozen):
    """`s -= k` on a set: nothing happens where the key is not there."""

    store: str
    key: Expression
    origin: Span


class SetEntry(Frozen):
    """Writes a field of an entry's value (by path; empty for the whole value)."""

    entry: str
    path: tuple[str, ...]
    value: Expression
    origin: Span


class SetField(Frozen):
    """Writes a header's field in the first candidate whose place is present, and keeps right every checksum that covers it:
    incrementally (RFC 1624); a UDP checksum of zero stays; one beyond the captured bytes is left alone."""

    candidates: tuple[PlaceField, ...]
    value: Expression
    origin: Span


class SetStack(Frozen):
    """As `SetField`, for one header of a stack; `place` and `index` as in `ReadStack`."""

    place: int
    index: Expression | None
    field: str
    value: Expression
    origin: Span


class SetCell(Frozen):
    """Writes a register, or a counter (wrapping at 64 bits)."""

    store: str
    value: Expression
    origin: Span


class SetElement(Frozen):
    """Writes an element of an array; the index surely lies in it."""

    store: str
    index: Expression
    value: Expression
    origin: Span


class Lease(Frozen):
    """Leases a value of a pool (`ir.pools`), which sets a local that there is already; where none is left, `full` runs, which does not fall
    through. What no entry holds when the packet, and all it has caused, is done goes back."""

    local: str
    pool: str
    key: Expression | None
    full: Body
    origin: Span


class Report(Frozen):
    """Tells the outside of an event; the value is a record of its fields."""

    event: str
    value: Expression
    origin: Span


class Take(Frozen):
    """Takes tokens from a bucket (`ir.buckets`): the one at `path` of `entry`, or the state `store`. Sets a local that there is already
    to whether they were there."""

    local: str
    entry: str | None
    store: str | None
    path: tuple[str, ...]
    amount: Expression
    rate: Expression
    burst: Expression
    unit: int
    origin: Span


class Draw(Frozen):
    """Draws a number by chance (`ir.chance`), `low` up to and including `high`. Sets a local that there is already."""

    local: str
    type: Type
    low: int
    high: int
    origin: Span


class KindStatement(Frozen):
    """Statements about sketches, rankings and matchers, which no target carries out yet (`semantics.check_target`)."""

    origin: Span


class AddTo(KindStatement):
    """Adds to a sketch, and sets a local that there is already to the estimate with it."""

    local: str
    store: str
    key: Expression
    amount: Expression


class Offer(KindStatement):
    """Offers a key and what it has to a ranking."""

    store: str
    key: Expression
    amount: Expression


class Scan(KindStatement):
    """Goes through the bytes of a view from a position of a matcher on, which lies at a path of an entry or in a local, and moves it behind
    each byte. Where patterns end, the body runs for each, in the order of the config, with the local `found` set to the rule; a body that ends
    the work leaves the position there. A position of rules that have been changed since begins anew."""

    subject: Expression
    config: str
    entry: str | None
    path: tuple[str, ...]
    local: str | None
    found: str
    body: Body


class SetTag(Frozen):
    name: str
    value: Expression
    origin: Span


class ParseChoice(Frozen):
    """One header that may lie at the place: the index of the place it then fills. With `most` it is a stack: headers of the kind one behind
    the other, up to the first in which the layout's `last` holds. Each fits; where there are more than `most`, the stack does not."""

    place: int
    most: int | None = None


class Parse(Frozen):
    """Parses the first choice that fits: enough bytes (within what bounds the enclosing header), fixed fields as they must be, a
    variable part and a length that lie within. It begins behind the first present of `after` (its end, options included), at the
    payload where `after` is empty and `at_payload`, or at the packet's start. With `beside` it begins where the first present of `after`
    does, behind what that lies behind. None fits: `otherwise`, which does not fall through.
    """

    choices: tuple[ParseChoice, ...]
    after: tuple[int, ...]
    at_payload: bool
    otherwise: Body
    origin: Span
    beside: bool = False


class NextElement(Frozen):
    """The next element of the list `part` of the first present of `of`. The local `at` (`u32`, mutable) is where it begins,
    0 for the first one, and is set to its end. The first choice that fits there within the list, as `Parse` has it, fills its place,
    and the other choices' places are absent. At the list's end, and where none fits, `otherwise` runs, which does not fall through.
    """

    at: str
    choices: tuple[ParseChoice, ...]
    of: tuple[int, ...]
    part: str
    otherwise: Body
    origin: Span


class Layer(Frozen):
    """A header that is made: the place that it fills, and the fields that are given; the others are zero, or computed as
    `ir.packets` says."""

    place: int
    fields: tuple[tuple[str, Expression], ...]


class Part(Frozen):
    """Bytes of the packet: the first present place of `places` and all that it carries, up to its limit; what follows the header
    parsed last, where there are no places. At most `most` bytes."""

    places: tuple[int, ...]
    most: int | None


class Send(Frozen):
    """A copy of the packet as it is now, with its tags and its headers' places, goes along the port once the node's body has ended;
    see `ir.interpret` for the order. `edits` run on the copy before that; they do not end early."""

    port: int
    edits: Body
    origin: Span


class Make(Frozen):
    """As `Send`, for a new packet of these headers, outermost first, and the bytes of `part` behind them. Its tags are as those of a
    packet that arrives, its places those of its headers."""

    port: int
    layers: tuple[Layer, ...]
    part: Part | None
    origin: Span


class Push(Frozen):
    """Puts new headers in front of the first present place of `before`, which are (place, the place that it is from then on); with a
    computed number of the next header there, that is set too. What lies around it counts no payload."""

    layers: tuple[Layer, ...]
    before: tuple[tuple[int, int], ...]
    origin: Span


class Pop(Frozen):
    """The packet is from now on what the first present place of `to` holds and carries, up to its limit; (place, the place that it is
    from then on). All other places are absent."""

    to: tuple[tuple[int, int], ...]
    origin: Span


class Emit(Frozen):
    """Ends the node's work: the packet goes on along the port of this index."""

    port: int
    origin: Span


Statement = Union[
    Let, Set, When, Scope, Leave, Loop, Find, Insert, Erase, EraseKey, SetEntry, SetField, SetCell, SetElement, Take, Draw, Lease, Report, SetTag, Parse, NextElement, Send, Make, Push, Pop,
    Emit, KindStatement, SetStack,
]  # fmt: skip

# -- the graph ----------------------------------------------------------------------------------------------------------------


class Param(Frozen):
    name: str
    type: Type
    default: object


class ConfigItem(Frozen):
    """`initial` for a set is a tuple of values, for a map or `lpm` one of pairs. `capacity` is the most entries that the program says."""

    name: str
    type: Type
    initial: object
    capacity: int | None = None


class Tag(Frozen):
    name: str
    type: Type
    default: object


class SecondKey(Frozen):
    """`value` is over `EntryField`s of `self`; no two entries have the same."""

    name: str
    type: Type
    value: Expression


class Event(Frozen):
    name: str
    fields: RecordType


class Store(Frozen):
    """A state. `type` is MapType, SetType, CounterType, RegisterType, BucketType, ArrayType or PoolType; or SketchType, RankingType or
    SecretType, which no target has yet, with their `period` and a sketch's `counters` in each row and rows.

    `idle` is an expression over `EntryField(entry="self")` that gives a duration, or None (entries stay). `tick` is the grain of
    stamps in nanoseconds: a sixteenth of the shortest idle time, or one second where there is none. `when_full` is `evict` or
    `reject`. `sync` is nanoseconds, 0 for every packet, None for never; `initial` a register's first value.
    `on_leave` is done for each entry that leaves, over `self`, the local `why` and the packet's time: one whose time is over leaves before
    the next packet comes in, where there is something to do then (see `has_leaving_work`). `range` and `prefers_random` are a pool's.
    `merged`: each worker has a part of it, by its policy; `scope` is where it is said that packets of one flow alone use an entry.
    `capacity_param` is the param whose default the capacity is: it has no other value.
    """

    name: str
    type: Type
    capacity: int
    idle: Expression | None
    tick: int
    when_full: str
    sync: int | None
    initial: object
    origin: Span
    indices: tuple[SecondKey, ...] = ()
    on_leave: Body | None = None
    range: tuple[int, int] = (0, 0)
    prefers_random: bool = False
    merged: bool = False
    scope: Span | None = None
    capacity_param: str | None = None
    period: Period | None = None
    counters: tuple[int, int] = (0, 0)


class Derived(Frozen):
    """A Maglev table (`ir.maglev`): `length` elements, each the `by` of an entry of the config `source` that holds the `condition`. The
    expressions are over the local `item`, whose type is a FoundType."""

    name: str
    element: Type
    length: int
    source: str
    condition: Expression | None
    by: Expression
    weight: Expression


class WorkedOut(Frozen):
    """A value that is derived from the configs `sources`, over which it is an expression, after steps that set its locals; it changes with
    them, between two packets."""

    name: str
    type: Type
    sources: tuple[str, ...]
    steps: Body
    value: Expression


class Port(Frozen):
    """`target` is an index into `Graph.nodes`; None drops the packet."""

    name: str
    target: int | None


class Node(Frozen):
    """One instance. `kind` is `code` (with `body`), `output` (the packet leaves by `device`, or by that of `devices` which the tag
    `leaving` says, and is dropped where it is none of them), `element` or `drop`.

    An `element` is one of Click's, of the class `element`, with `words` as Click writes them and then `arguments` over
    params, each with its keyword or none. A packet that
    reaches it leaves the service: that is the end of its transaction. What comes out of a port begins there as a packet that arrives.

    `name` is the instance's path (`leaving.track`); one that the source does not name is called after its atom and its number.
    """

    name: str
    atom: str
    kind: str
    ports: tuple[Port, ...]
    body: Body
    device: str | None
    origin: Span
    devices: tuple[int, ...] = ()
    element: str = ""
    words: str = ""
    arguments: tuple[tuple[str, Expression], ...] = ()

    @property
    def leaves(self) -> bool:
        """Whether a packet that reaches it leaves the service."""
        return self.kind in ("output", "element")

    @property
    def onward(self) -> tuple[Port, ...]:
        """The ports along which a packet goes on in the same transaction."""
        return () if self.kind == "element" else self.ports


class Input(Frozen):
    """Packets that arrive on `device` (a param's name) go to node `target`; `name` is the instance of FromDevice, or of a native element
    that they come out of by `port`."""

    name: str
    device: str
    target: int
    port: str = "out"


class Graph(Frozen):
    """A whole program. `devices` are the params of type `device` in declared order, each device of a list as `lan[0]`; a device value is an index into it.

    `undo_lines` is the most cache lines that one packet can write, `most_sent` the most copies and new packets that it can cause.
    """

    service: str
    version: int
    devices: tuple[Param, ...]
    params: tuple[Param, ...]
    configs: tuple[ConfigItem, ...]
    stores: tuple[Store, ...]
    tags: tuple[Tag, ...]
    enums: tuple[EnumType, ...]
    records: tuple[RecordType, ...]
    headers: tuple[HeaderLayout, ...]
    places: tuple[Place, ...]
    inputs: tuple[Input, ...]
    nodes: tuple[Node, ...]
    undo_lines: int
    most_sent: int = 0
    derived: tuple[Derived, ...] = ()
    worked_out: tuple[WorkedOut, ...] = ()
    events: tuple[Event, ...] = ()

    def header(self, name: str) -> HeaderLayout:
        return next(h for h in self.headers if h.name == name)

    def store(self, name: str) -> Store:
        return next(s for s in self.stores if s.name == name)
