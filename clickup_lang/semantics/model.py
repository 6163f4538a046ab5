"""Typed code and the program's parts: what a tree means, before it is known which instances and paths there are.

Names of headers stay names here (`ip`, `inner`, a function's header parameter); `check_headers` and the lowering find, on each path,
the place that they mean. Functions are calls; parameters are locals of the atom's, pipeline's or function's own names. Constructs
that no room behind executes yet have been refused before, so they have no node.
"""

from __future__ import annotations

from typing import Union

from clickup_lang.frozen import Frozen
from clickup_lang.semantics.array_values import ArrayValue, MakeArray as MakeArray
from clickup_lang.semantics.byte_values import ByteValue
from clickup_lang.semantics.kind_values import KindValue
from clickup_lang.semantics.periods import Period
from clickup_lang.semantics.types import ArrayType, ContainerType, EntryType, EnumType, LeaseType, RecordType, Type
from clickup_lang.semantics.values import (
    DerivedValue, AndAlso, Arrived, Choose, Compare, ConfigElement, ConfigLookup, ConfigSize, ConfigValue, Constant, Convert, ElementOf, EntryField, FieldOf, FullBucket, HashOf, InConfigSet, InStore, Invert, IsFound, LeasedOf, Masked,
    Local, MakeRecord, Negate, Now, Operate, OrElse, PacketLength, ParamValue, PartOf, PayloadLength, ReadCell, ReadTag, StoreSize, WasReported,
)  # fmt: skip
from clickup_lang.source import Span

# -- expressions --------------------------------------------------------------------------------------------------------------


class HeaderField(Frozen):
    """`ip.source`: a field of the header that `header` names on this path."""

    header: str
    field: str
    type: Type
    span: Span


class HeaderRest(Frozen):
    """`ipv4.options`: a header's variable part, as a view."""

    header: str
    field: str
    type: Type
    span: Span


class HasField(Frozen):
    """Whether the header that `header` names on this path has its optional field; true where it has it always."""

    header: str
    field: str
    span: Span
    type: Type


class HasHeader(Frozen):
    """`has tcp`."""

    header: str
    span: Span
    type: Type


class StackField(Frozen):
    """`mpls[0].label`: a field of one header of the stack that `header` names, which surely is there; of the last one where `index` is
    None."""

    header: str
    index: Expression | None
    field: str
    type: Type
    span: Span


class StackCount(Frozen):
    """`mpls.count`."""

    header: str
    span: Span
    type: Type


class HeaderIsWhole(Frozen):
    """`whole(ip)`."""

    header: str
    span: Span
    type: Type


class HeaderChecksumHolds(Frozen):
    """`checksum_holds(ipv4)`."""

    header: str
    span: Span
    type: Type


class CallValue(Frozen):
    """A function's result. Arguments: expressions, or for header parameters the name of a header, for entries that of an entry,
    for containers that of a state."""

    function: str
    arguments: tuple[Expression | str, ...]
    type: Type
    span: Span


class IfValue(Frozen):
    """`if c { a } else { b }` where a value is wanted; each code's last statement is `Give` or does not fall through."""

    condition: Expression
    then: Code
    otherwise: Code
    type: Type
    span: Span


class BlockValue(Frozen):
    """`if let e = t[k] { a } else { b }` where a value is wanted: each way through the code ends in `Give`, or does not fall through."""

    code: Code
    type: Type
    span: Span


class MatchValue(Frozen):
    """As `MatchCode`, with a value in each arm."""

    subject: Expression | str
    arms: tuple[CodeArm, ...]
    type: Type
    span: Span


class EntryValue(Frozen):
    """A found entry itself, as a tag holds it."""

    entry: str
    type: EntryType


class TakeTokens(Frozen):
    """`h.tokens.take(n, rate: r, burst: b)`: whether the bucket has so much, which is then taken. The bucket is a field of an entry, or
    a state of its own. `unit` as in `FullBucket`."""

    entry: str | None
    store: str | None
    path: tuple[str, ...]
    amount: Expression
    rate: Expression
    burst: Expression
    unit: int
    span: Span
    type: Type


class DrawNumber(Frozen):
    """`random(low..high)`: a number drawn by chance, both ends included."""

    low: int
    high: int
    span: Span
    type: Type


class GivenLease(Frozen):
    """In a test's `given`: `ports[17].lease(5000)`, the lease of that number; `key` is None where there is one pool."""

    key: Expression | None
    number: Expression
    type: Type


class AddToSketch(Frozen):
    """`volume.add(key, n)`: the estimate of the key with what has been added."""

    store: str
    key: Expression
    amount: Expression
    span: Span
    type: Type


class EntryAt(Frozen):
    """In a test: `sessions[key].phase`, the field of the entry that is there (the test fails where none is)."""

    store: str
    key: Expression
    path: tuple[str, ...]
    type: Type


class FieldOfMet(Frozen):
    """In a test: `challenge.tcp.sequence`, a field of a packet that an earlier `expect` named."""

    packet: str
    header: str
    field: str
    type: Type


Expression = Union[
    Constant, Local, ParamValue, ConfigValue, ReadTag, PacketLength, PayloadLength, Now, Arrived, Operate, Negate, Compare,
    Invert, AndAlso, OrElse, Choose, Convert, MakeRecord, FieldOf, EntryField, InConfigSet, InStore, StoreSize, ReadCell, HashOf,
    HeaderField, HeaderRest, HasField, HasHeader, HeaderIsWhole, HeaderChecksumHolds, CallValue, IfValue, BlockValue, MatchValue, EntryValue, FullBucket, TakeTokens, DrawNumber, ConfigLookup, IsFound, PartOf, ConfigSize, ElementOf, WasReported, LeasedOf, Masked, ConfigElement, DerivedValue, GivenLease, EntryAt, FieldOfMet, StackField, StackCount,
    ArrayValue, ByteValue,
    AddToSketch, KindValue,
]  # fmt: skip

# -- statements ---------------------------------------------------------------------------------------------------------------


class CodeArm(Frozen):
    """One arm: header names, enumerators' values or integers, as the subject is; `values` is empty for `_`."""

    values: tuple[int | str, ...]
    code: Code
    span: Span


class Give(Frozen):
    """The value of the code that it ends."""

    value: Expression
    span: Span


class LetValue(Frozen):
    name: str
    type: Type
    value: Expression
    mutable: bool
    span: Span


class SetLocal(Frozen):
    name: str
    value: Expression
    span: Span


class IfCode(Frozen):
    condition: Expression
    then: Code
    otherwise: Code
    span: Span


class MatchCode(Frozen):
    """`subject` is the name of a header (arms by what is there), or an enum's or integer's value. Total: an arm for everything
    that can be there, or a last one with no `values`."""

    subject: Expression | str
    arms: tuple[CodeArm, ...]
    span: Span


class FindCode(Frozen):
    """`if let entry = store[key] { then } else { otherwise }`; by a second key where `index` says which."""

    entry: str
    store: str
    key: Expression
    then: Code
    otherwise: Code
    span: Span
    index: str | None = None


class LetEntry(Frozen):
    """`let entry = store[key] else { otherwise }`: `otherwise` does not fall through, or ends in an `InsertEntry` of `entry`. As
    `FindCode` by a second key."""

    entry: str
    store: str
    key: Expression
    otherwise: Code
    span: Span
    index: str | None = None


class InsertEntry(Frozen):
    """`store[key] = value`; `entry` where it is bound."""

    entry: str | None
    store: str
    key: Expression
    value: Expression | None
    full: Code | None
    span: Span


class RemoveEntry(Frozen):
    """`store` is the state of the entry, as the code calls it."""

    entry: str
    store: str
    span: Span


class RemoveKey(Frozen):
    store: str
    key: Expression
    span: Span


class SetEntryField(Frozen):
    entry: str
    path: tuple[str, ...]
    value: Expression
    span: Span


class SetHeaderField(Frozen):
    header: str
    field: str
    value: Expression
    span: Span


class SwapHeaderFields(Frozen):
    """`swap(ip.source, ip.destination)`: two fields of a header, which have one type in each of its members."""

    header: str
    left: str
    right: str
    span: Span


class SetStackField(Frozen):
    """`mpls[0].ttl = value`; `index` as in `StackField`."""

    header: str
    index: Expression | None
    field: str
    value: Expression
    span: Span


class SetCellValue(Frozen):
    store: str
    value: Expression
    span: Span


class SetElementValue(Frozen):
    """`a[i] = value`; the index surely lies in the array."""

    store: str
    index: Expression
    value: Expression
    span: Span


class LetLease(Frozen):
    """`let port = ports[key].lease() else { otherwise }`."""

    name: str
    type: LeaseType
    pool: str
    key: Expression | None
    otherwise: Code
    span: Span


class OfferToRanking(Frozen):
    """`top.offer(key, n)`."""

    store: str
    key: Expression
    amount: Expression
    span: Span


class ScanPayload(Frozen):
    """`scan payload with rules from s.position { found rule => { } }`: the position lies at a path of an entry, or in a local. `found` is the
    local that is the rule in `code`, which runs for each match."""

    subject: Expression
    config: str
    entry: str | None
    path: tuple[str, ...]
    local: str | None
    found: str
    code: Code
    span: Span


class ReportEvent(Frozen):
    """`report Alert(...)`; the value is a record of the event's fields."""

    event: str
    value: Expression
    span: Span


class SetTagValue(Frozen):
    name: str
    value: Expression
    span: Span


class CallCode(Frozen):
    function: str
    arguments: tuple[Expression | str, ...]
    span: Span


class ParseHeader(Frozen):
    """`name` is the place's name: the alias, or the header's own. `after` is the name of a header, or None with `at_payload`, or
    None for the packet's start. With `most` a stack of at most so many is parsed; with `beside` the header begins where `after` does."""

    header: str
    name: str
    after: str | None
    at_payload: bool
    otherwise: int
    span: Span
    most: int | None = None
    beside: bool = False


class EmitPort(Frozen):
    port: int
    span: Span


class ReturnValue(Frozen):
    value: Expression | None
    span: Span


class ForRange(Frozen):
    name: str
    type: Type
    low: int
    high: int
    body: Code
    span: Span


class ForDevices(Frozen):
    """`for d in lan`: `devices` is a list of devices, known at start."""

    name: str
    devices: Expression
    body: Code
    span: Span


class ForElements(Frozen):
    """`for o in tcp.options max 10`: `header` names the header whose variable `part`, written at `named`, is a list, `element` is the header of
    its elements. In the body `name` is the one of this turn."""

    name: str
    header: str
    part: str
    named: Span
    element: str
    most: int
    body: Code
    span: Span


class BreakLoop(Frozen):
    span: Span


class NewLayer(Frozen):
    """`ipv4(source: here, ttl: 64)` in a list of headers to make; fields that are not given are zero or computed. A union stands for
    the member that the packet in hand has."""

    header: str
    fields: tuple[tuple[str, Expression], ...]
    span: Span


class PacketPart(Frozen):
    """`packet.from(ipv4, max: 548)`: the header and all that it carries, at most so many bytes; of `payload` where there is no header."""

    header: str | None
    most: int | None
    span: Span


class SendCopy(Frozen):
    """`send port with { edits }`: the edits change the copy."""

    port: int
    edits: Code
    span: Span


class SendNew(Frozen):
    """`send port packet [ layers, rest ]`."""

    port: int
    layers: tuple[NewLayer, ...]
    rest: PacketPart | None
    span: Span


class PushLayers(Frozen):
    """`push [ layers ] before header as name`: `name` is what the header before which they stand is called behind it."""

    layers: tuple[NewLayer, ...]
    before: str
    name: str
    span: Span


class PopTo(Frozen):
    """`pop to header as name`."""

    to: str
    name: str
    span: Span


Statement = Union[
    Give, LetValue, SetLocal, IfCode, MatchCode, FindCode, LetEntry, InsertEntry, RemoveEntry, RemoveKey, SetEntryField,
    SetHeaderField, SwapHeaderFields, SetCellValue, SetElementValue, LetLease, ReportEvent, SetTagValue, CallCode, ParseHeader, EmitPort, ReturnValue, ForRange, ForDevices, ForElements, BreakLoop,
    SendCopy, SendNew, PushLayers, PopTo, OfferToRanking, SetStackField, ScanPayload,
]  # fmt: skip

Code = tuple[Statement, ...]

# -- parts of a program -------------------------------------------------------------------------------------------------------


class LengthRule(Frozen):
    """`length(header, payload) / divisor`."""

    parts: tuple[str, ...]
    divisor: int


class ChecksumRule(Frozen):
    """`checksum(pseudo, header, payload, optional)`."""

    parts: tuple[str, ...]
    optional: bool


class NextRule(Frozen):
    """`ethertype(next)`: numbers by the header that follows."""

    numbers: tuple[tuple[str, int], ...]


class FixedRule(Frozen):
    """`version : u4 = 4`."""

    value: int


FieldRule = Union[LengthRule, ChecksumRule, NextRule, FixedRule]


class HeaderFieldInfo(Frozen):
    """A field: its place in bits from the header's start, as far as the header's first `behind` parts take no bytes. An optional one is there
    where `when` holds, over locals named after the header's fields, and is the part that follows those."""

    name: str
    type: Type
    offset: int
    bits: int
    rule: FieldRule | None
    span: Span
    when: Expression | None = None
    behind: int = 0


class HeaderPartInfo(Frozen):
    """An optional field, or a variable part: `size` bytes, over locals named after the fields before it (a field that is not there is zero).
    `offset` counts the bytes of the fixed fields before it. `elements` is the header of which it is a list."""

    name: str
    offset: int
    size: Expression
    optional: bool
    span: Span
    elements: str | None = None


class HeaderInfo(Frozen):
    """`members` is not empty for a union. `length` counts the bytes of all fields that are always there; the `parts` are what else there may be.

    `last` says whether this one ends a stack. `cases` are headers of their own, `option.case`: what this one is where its first field has the
    case's number.
    """

    name: str
    fields: tuple[HeaderFieldInfo, ...]
    length: int
    members: tuple[str, ...]
    span: Span
    parts: tuple[HeaderPartInfo, ...] = ()
    cases: tuple[HeaderInfo, ...] = ()
    last: Expression | None = None

    def variable(self, name: str) -> HeaderPartInfo | None:
        """The variable part of that name."""
        return next((p for p in self.parts if p.name == name and not p.optional), None)

    @property
    def has_optional(self) -> bool:
        return any(p.optional for p in self.parts)

    @property
    def kinds(self) -> tuple[str, ...]:
        """What one of them may be: the cases, and then this header for all other numbers."""
        return (*(c.name for c in self.cases), self.name)

    def field(self, name: str) -> HeaderFieldInfo | None:
        return next((f for f in self.fields if f.name == name), None)

    def answers(self, question: str) -> bool:
        """Whether `whole` or `checksum_holds` may be asked of it."""
        if question == "whole":
            return any(isinstance(f.rule, LengthRule) and "payload" in f.rule.parts for f in self.fields)
        return any(isinstance(f.rule, ChecksumRule) and f.rule.parts == ("header",) for f in self.fields)


class ParamInfo(Frozen):
    name: str
    type: Type
    default: object
    span: Span


class ConfigInfo(Frozen):
    """`initial` of a set is a tuple of values, of a map or `lpm` one of pairs. `capacity` is None where nothing is said."""

    name: str
    type: Type
    initial: object
    span: Span
    capacity: int | None = None


class TagInfo(Frozen):
    name: str
    type: Type
    default: object
    has_default: bool
    span: Span


class IndexInfo(Frozen):
    """`index by_public : PublicPort = value unique`: the value is over `EntryField`s of `self`."""

    name: str
    type: Type
    value: Expression
    span: Span


class EventInfo(Frozen):
    """`fields` as a record of the event's name."""

    name: str
    fields: RecordType
    span: Span


class StateInfo(Frozen):
    """A state's kind and policy. `idle` is an expression over `EntryField`s of `self`; `sync` nanoseconds, 0 for every packet, None
    where nothing is said, -1 for `never`; `span` is its declaration's name. `on_leave` is code over `self` and the local `why`; `range` (both
    ends included) and `prefers_random` are a pool's. `merged`: its policy says that each worker has a part of it; `scope` is
    where it says `scope flow`, `capacity_param` the param whose default the capacity is. `period` is a window of
    a sketch or ranking, or a secret's rotation; `counters` are a sketch's in each row, and its rows. `owner` is the atom whose instances
    have such a state each, where it is no state of the program's."""

    name: str
    type: ContainerType
    capacity: int
    idle: Expression | None
    shortest_idle: int | None
    when_full: str
    sync: int | None
    initial: object
    span: Span
    indices: tuple[IndexInfo, ...] = ()
    on_leave: Code | None = None
    range: tuple[int, int] = (0, 0)
    prefers_random: bool = False
    merged: bool = False
    scope: Span | None = None
    capacity_param: str | None = None
    period: Period | None = None
    counters: tuple[int, int] = (0, 0)
    owner: str = ""


def names_of_instance(state: StateInfo, states: tuple[StateInfo, ...]) -> dict[str, str]:
    """The whole names of the states that the instance of a state has, by those that its atom's code gives them."""
    path = state.name.rpartition(".")[0]
    own = [s.name for s in states if s.owner and s.name.rpartition(".")[0] == path] if state.owner else []
    return {name.rpartition(".")[2]: name for name in own}


class DerivedInfo(Frozen):
    """`derived ring : array<u16>[65_537] from backends = maglev(backends where condition, by: by, weight: weight)`. The expressions are
    over the local `item`, an entry of the config `source`."""

    name: str
    type: ArrayType
    source: str
    condition: Expression | None
    by: Expression
    weight: Expression
    span: Span


class DerivedValueInfo(Frozen):
    """`derived half : size from limit = limit / 2`: an expression over the configs in `sources`."""

    name: str
    type: Type
    sources: tuple[str, ...]
    value: Expression
    span: Span


class ParameterInfo(Frozen):
    name: str
    type: Type
    span: Span


class FunctionInfo(Frozen):
    """`removes` are the parameters whose entries it removes; `removes_from` the states from which it removes any, by their names in the
    code. One that takes tables of any type (`is_open`) has no code yet: for each of the types that it is given there is another one, known
    by its `key`."""

    name: str
    parameters: tuple[ParameterInfo, ...]
    result: Type
    code: Code
    removes: tuple[str, ...]
    removes_from: tuple[str, ...]
    span: Span
    is_open: bool = False
    key: str = ""


class PortInfo(Frozen):
    name: str
    drops: bool
    span: Span


# What every target has.
COMMON_ELEMENTS = frozenset(("FromDevice", "FromDevices", "ToDevice", "ToDevices", "Discard"))


class AtomInfo(Frozen):
    """`code` is None for an `extern atom`, whose native element is `element`: a class, and arguments in `( )` or none, in the text at
    `element_span`. Each instance
    has `states` of its own, called after it. One that takes tables of any type (`is_open`) has no code yet: for each of the types that it is given there is another one, known by its `key`."""

    name: str
    parameters: tuple[ParameterInfo, ...]
    ports: tuple[PortInfo, ...]
    code: Code | None
    element: str | None
    span: Span
    states: tuple[StateInfo, ...] = ()
    is_open: bool = False
    key: str = ""
    element_span: Span | None = None

    @property
    def element_class(self) -> str:
        """The class of the native element; arguments in Click's own language may stand behind it."""
        return (self.element or "").partition("(")[0]

    @property
    def element_words(self) -> str:
        return (self.element or "").partition("(")[2].removesuffix(")").strip()

    @property
    def is_native(self) -> bool:
        """Whether it stands for an element of the target that only some targets have."""
        return self.element is not None and self.element not in COMMON_ELEMENTS

    @property
    def bound(self) -> tuple[ParameterInfo, ...]:
        """What an instance's arguments stand for: the parameters, and then its own states."""
        return (*self.parameters, *(ParameterInfo(s.name, s.type, s.span) for s in self.states))

    def port_index(self, name: str) -> int | None:
        return next((i for i, p in enumerate(self.ports) if p.name == name), None)


class InstancePort(Frozen):
    """`target` is the path of an instance, or None where the packet is dropped."""

    name: str
    target: str | None
    span: Span | None


class Instance(Frozen):
    """One atom in the expanded graph. Arguments are expressions over params and constants, or the name of a state."""

    path: str
    named: bool
    atom: str
    arguments: tuple[Expression | str, ...]
    ports: tuple[InstancePort, ...]
    span: Span


class Model(Frozen):
    """A whole checked program; instances stand in topological order (sources first).

    `aliases` are the places that `parse ... as` names, with the headers that may lie there.
    """

    service: str
    version: int
    params: tuple[ParamInfo, ...]
    configs: tuple[ConfigInfo, ...]
    tags: tuple[TagInfo, ...]
    derived: tuple[DerivedInfo, ...]
    derived_values: tuple[DerivedValueInfo, ...]
    events: tuple[EventInfo, ...]
    states: tuple[StateInfo, ...]
    enums: tuple[EnumType, ...]
    records: tuple[RecordType, ...]
    headers: dict[str, HeaderInfo]
    aliases: dict[str, tuple[str, ...]]
    functions: dict[str, FunctionInfo]
    atoms: dict[str, AtomInfo]
    instances: tuple[Instance, ...]
    entry_paths: dict[str, frozenset[tuple[tuple[str, str], ...]]]
