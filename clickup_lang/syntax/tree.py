"""The tree: what was written, item by item, with the place of everything.

Nodes are frozen and closed; take them apart with `match`. Sequences are tuples. `span` covers the whole node; names that problems
point at have a span of their own (`Identifier`). Literals hold their value already: addresses and durations as integers.
"""

from __future__ import annotations

from typing import Union

from clickup_lang.frozen import Frozen
from clickup_lang.source import Span


class Identifier(Frozen):
    text: str
    span: Span


# -- expressions --------------------------------------------------------------------------------------------------------------


class Name(Frozen):
    """A name that stands for a value, a header, an enumerator, `true`, `false`, `now`."""

    text: str
    span: Span


LiteralValue = Union[int, str, bytes, tuple[int, int]]


class Literal(Frozen):
    """A literal by kind; the shape of `value`:

    integer: int; ipv4, ipv6, mac: int; ipv4_prefix, ipv6_prefix: (address, length); ipv4_endpoint, ipv6_endpoint: (address, port);
    duration: nanoseconds; size: bytes; bitrate: bits per second; packetrate: packets per second; percent: (numerator, denominator);
    text, nocase: str (escapes resolved); hex: bytes.
    """

    kind: str
    value: LiteralValue
    span: Span


class Unary(Frozen):
    """`operator` is `-` or `not`."""

    operator: str
    operand: Expression
    span: Span


class Binary(Frozen):
    """`operator` is one of: or and == != < > <= >= in `not in` | ^ & << >> + - +| -| * / %"""

    operator: str
    left: Expression
    right: Expression
    operator_span: Span
    span: Span


class Cast(Frozen):
    """`operand as wrap T`, or `operand as T` (which narrows only with an `else`, in a statement)."""

    operand: Expression
    wrap: bool
    to: TypeExpression
    span: Span


class Has(Frozen):
    """`has tcp`."""

    name: Identifier
    span: Span


class Reported(Frozen):
    """`reported Alert`, in tests."""

    name: Identifier
    span: Span


class Range(Frozen):
    """`low..high`; includes low, and high only in a pool's `range`."""

    low: Expression
    high: Expression
    span: Span


class Member(Frozen):
    """`object.name`."""

    object: Expression
    name: Identifier
    span: Span


class Index(Frozen):
    """`object[index]`."""

    object: Expression
    index: Expression
    span: Span


class Argument(Frozen):
    name: Identifier | None
    value: Expression
    span: Span


class Call(Frozen):
    """`callee(arguments)`: a function, a method (`callee` is a `Member`), a record, or a test's packet."""

    callee: Expression
    arguments: tuple[Argument, ...]
    span: Span


class ListItem(Frozen):
    """`value`, or `key: value` in a map's list."""

    key: Expression | None
    value: Expression
    span: Span


class ListValue(Frozen):
    items: tuple[ListItem, ...]
    span: Span


class If(Frozen):
    """`if condition { } else { }`, or `if let binding = condition { } else { }`; a statement or an expression."""

    binding: Identifier | None
    condition: Expression
    then: Block
    otherwise: Block | If | None
    span: Span


class Pattern(Frozen):
    """An arm's pattern: an enumerator or header (`established`, `_`), one with bindings (`mss(size)`), or an integer."""

    name: str | None
    integer: int | None
    bindings: tuple[Identifier, ...]
    span: Span


class Arm(Frozen):
    """`pattern | pattern => body`; a body that is one statement is a block of one."""

    patterns: tuple[Pattern, ...]
    body: Block
    span: Span


class Match(Frozen):
    """`match subject { arms }`; a statement or an expression."""

    subject: Expression
    arms: tuple[Arm, ...]
    span: Span


class Where(Frozen):
    """`value where condition`: the entries of a `config` that hold it."""

    value: Expression
    condition: Expression
    span: Span


Expression = Union[
    Name, Literal, Unary, Binary, Cast, Has, Reported, Range, Member, Index, Call, ListValue, If, Match, Where
]

# -- types --------------------------------------------------------------------------------------------------------------------


class TypeExpression(Frozen):
    """`name<arguments>[size] of of_ max maximum`.

    `size` is a number (`bytes[6]`, `array<u16>[65_537]`: an `Expression`) or a type (`pool<u16>[u8]`), which look alike and are told
    apart by meaning; it is kept as an expression. `of` is a name, or `Atom.state` with its point. `fields` belongs to `any { packets : u64 }`. A union of headers in a parameter
    (`tcp | udp`) has the name `|` and its members in `arguments`.
    """

    name: Identifier
    arguments: tuple[TypeExpression, ...]
    size: Expression | None
    of: Identifier | None
    maximum: Expression | None
    fields: tuple[Field, ...] | None
    span: Span


class Field(Frozen):
    """A field of a record, an event, a header's case or `any { }`."""

    name: Identifier
    type: TypeExpression
    was: Expression | None
    default: Expression | None
    doc: str | None
    span: Span


# -- statements ---------------------------------------------------------------------------------------------------------------


class Block(Frozen):
    """Statements in `{ }`; where a value is wanted, the last one is an `Evaluate` that gives it."""

    statements: tuple[Statement, ...]
    span: Span


class Let(Frozen):
    name: Identifier
    type: TypeExpression | None
    value: Expression
    otherwise: Block | None
    span: Span


class Evaluate(Frozen):
    """An expression that stands alone: a call, an `if`, a `match`, or a block's value."""

    value: Expression
    otherwise: Block | None
    span: Span


class Assign(Frozen):
    """`target operator value`; `operator` is `=`, `+=`, `-=`, `|=` or `&=`."""

    target: Expression
    operator: str
    value: Expression
    otherwise: Block | None
    span: Span


class For(Frozen):
    name: Identifier
    iterable: Expression
    maximum: Expression | None
    body: Block
    span: Span


class Emit(Frozen):
    port: Identifier
    span: Span


class Send(Frozen):
    """`send port`, with `packet` (a new one's layers) or `edits` (of the copy)."""

    port: Identifier
    packet: ListValue | None
    edits: Block | None
    span: Span


class Report(Frozen):
    event: Identifier
    arguments: tuple[Argument, ...]
    span: Span


class Parse(Frozen):
    """`parse header as name at|after place max N else port`; `relation` is `at`, `after` or None (the start of the packet)."""

    header: Identifier
    alias: Identifier | None
    relation: str | None
    place: Identifier | None
    maximum: Expression | None
    otherwise: Identifier
    span: Span


class Push(Frozen):
    layers: ListValue
    before: Identifier
    alias: Identifier | None
    span: Span


class Pop(Frozen):
    to: Identifier
    alias: Identifier | None
    span: Span


class Remove(Frozen):
    entry: Expression
    span: Span


class Return(Frozen):
    value: Expression | None
    span: Span


class Break(Frozen):
    span: Span


class Scan(Frozen):
    """`scan subject with patterns from start { found name => body }`."""

    subject: Expression
    patterns: Identifier
    start: Expression
    found: Identifier
    body: Block
    span: Span


Statement = Union[
    Let, Evaluate, Assign, For, Emit, Send, Report, Parse, Push, Pop, Remove, Return, Break, Scan
]

# -- declarations -------------------------------------------------------------------------------------------------------------


class Service(Frozen):
    name: Identifier
    version: int
    version_span: Span
    doc: str | None
    span: Span


class Import(Frozen):
    """`path` is a module's name, or a file's path when `is_file`."""

    path: str
    is_file: bool
    span: Span


class Param(Frozen):
    name: Identifier
    type: TypeExpression
    default: Expression | None
    doc: str | None
    span: Span


class Const(Frozen):
    name: Identifier
    type: TypeExpression | None
    value: Expression
    doc: str | None
    span: Span


class PolicyItem(Frozen):
    """One word of a policy.

    `kind` and what it uses: capacity, idle, range: `value`; sync: `value`, or `word` never | every packet; when full: `word`
    reject | evict, `name` the order; scope, prefer: `name`; index: `name`, `type`, `value`, `unique`; on leave: `block`;
    per worker merge: `name`, or `merges`; rotate, window: `value` and `keep`; error, confidence: `value`.
    """

    kind: str
    span: Span
    word: str | None = None
    name: Identifier | None = None
    value: Expression | None = None
    type: TypeExpression | None = None
    unique: bool = False
    block: Block | None = None
    keep: int | None = None
    merges: tuple[Merge, ...] = ()


class Merge(Frozen):
    """`field rule`, or `field prefer established`."""

    field: Identifier
    rule: Identifier
    preferred: Identifier | None
    span: Span


class Config(Frozen):
    """`was` is its path in the version before: `conns`, or `atom.state`."""

    name: Identifier
    type: TypeExpression
    initial: Expression | None
    policy: tuple[PolicyItem, ...]
    doc: str | None
    span: Span
    was: Expression | None = None


class State(Frozen):
    """`was` is its path in the version before: `conns`, or `atom.state`."""

    name: Identifier
    type: TypeExpression
    initial: Expression | None
    policy: tuple[PolicyItem, ...]
    doc: str | None
    span: Span
    was: Expression | None = None


class Derived(Frozen):
    name: Identifier
    type: TypeExpression
    sources: tuple[Identifier, ...]
    value: Expression
    doc: str | None
    span: Span


class Tag(Frozen):
    name: Identifier
    type: TypeExpression
    default: Expression | None
    doc: str | None
    span: Span


class Event(Frozen):
    name: Identifier
    fields: tuple[Field, ...]
    doc: str | None
    span: Span


class Enumerator(Frozen):
    name: Identifier
    value: Expression | None
    was: Identifier | None
    doc: str | None
    span: Span


class Enum(Frozen):
    name: Identifier
    base: TypeExpression | None
    enumerators: tuple[Enumerator, ...]
    doc: str | None
    span: Span


class Record(Frozen):
    name: Identifier
    fields: tuple[Field, ...]
    doc: str | None
    span: Span


class HeaderField(Frozen):
    """`name : type when condition size bytes = computed`."""

    name: Identifier
    type: TypeExpression
    when: Expression | None
    size: Expression | None
    computed: Expression | None
    doc: str | None
    span: Span


class HeaderCase(Frozen):
    """`case 2 maximum_segment_size { fields }`."""

    value: int
    name: Identifier
    fields: tuple[HeaderField, ...]
    span: Span


class HeaderLast(Frozen):
    """`last when condition`."""

    condition: Expression
    span: Span


class Header(Frozen):
    """A header with `fields` and `cases`, or, where `members` is not empty, one of several. `last` says which one ends a stack of them."""

    name: Identifier
    fields: tuple[HeaderField, ...]
    cases: tuple[HeaderCase, ...]
    members: tuple[Identifier, ...]
    doc: str | None
    span: Span
    last: HeaderLast | None = None


class Parameter(Frozen):
    name: Identifier
    type: TypeExpression
    span: Span


class Function(Frozen):
    name: Identifier
    parameters: tuple[Parameter, ...]
    result: TypeExpression | None
    body: Block
    doc: str | None
    span: Span


class Port(Frozen):
    """`name`, or `name = default` (`drop`) for what happens where nothing is connected."""

    name: Identifier
    default: Identifier | None
    span: Span


class Atom(Frozen):
    """`body` is None for an `extern atom`, whose `element` names the native one, in the text at `element_span`. State declared inside is in
    `states`."""

    name: Identifier
    parameters: tuple[Parameter, ...]
    ports: tuple[Port, ...]
    states: tuple[State, ...]
    body: Block | None
    element: str | None
    doc: str | None
    span: Span
    element_span: Span | None = None


class Node(Frozen):
    """One end of an edge: `Atom(arguments) as name`, `name[port]`, `input`, or a port of the pipeline.

    `arguments` is None where no parentheses were written; `was` is the instance's name in the version before.
    """

    name: Identifier
    port: Identifier | None
    arguments: tuple[Argument, ...] | None
    alias: Identifier | None
    span: Span
    was: Identifier | None = None


class Edge(Frozen):
    """`a, b -> c -> d`: stages joined by arrows, each of one or more nodes."""

    stages: tuple[tuple[Node, ...], ...]
    span: Span


class Pipeline(Frozen):
    """The program's graph where `name` is None, else a reusable part of one."""

    name: Identifier | None
    parameters: tuple[Parameter, ...]
    ports: tuple[Port, ...]
    edges: tuple[Edge, ...]
    doc: str | None
    span: Span


class Rule(Frozen):
    """`name = value` in an upgrade's block."""

    name: Identifier
    value: Expression
    span: Span


class UpgradeBlock(Frozen):
    """`container from source { rules merge { } }`."""

    container: Identifier
    source: Identifier | None
    rules: tuple[Rule, ...]
    merges: tuple[Merge, ...]
    span: Span


class Lose(Frozen):
    """`lose path where condition because reason`; `path` is a container or `container.field`."""

    path: tuple[Identifier, ...]
    condition: Expression | None
    reason: str
    span: Span


class Upgrade(Frozen):
    """`direction` is `from` or `to`."""

    direction: str
    version: int
    items: tuple[UpgradeBlock | Lose, ...]
    span: Span


# -- tests --------------------------------------------------------------------------------------------------------------------


class SendPacket(Frozen):
    device: Expression
    packet: Expression
    span: Span


class ExpectPacket(Frozen):
    """`expect device unchanged`, `expect device 10`, `expect device { condition } as name`.

    Exactly one of `unchanged`, `count`, `condition` is set.
    """

    device: Expression
    unchanged: bool
    count: Expression | None
    condition: Expression | None
    alias: Identifier | None
    span: Span


class ExpectNothing(Frozen):
    span: Span


class ExpectState(Frozen):
    """`expect condition` over states, counters and reports."""

    condition: Expression
    span: Span


class Wait(Frozen):
    duration: Expression
    span: Span


class Given(Frozen):
    target: Expression
    value: Expression
    span: Span


class UpgradeNow(Frozen):
    span: Span


class SetConfig(Frozen):
    target: Expression
    value: Expression
    span: Span


class Repeat(Frozen):
    name: Identifier
    iterable: Expression
    body: tuple[TestStatement, ...]
    span: Span


TestStatement = Union[
    SendPacket, ExpectPacket, ExpectNothing, ExpectState, Wait, Given, UpgradeNow, SetConfig, Repeat
]


class Test(Frozen):
    name: str
    from_version: int | None
    statements: tuple[TestStatement, ...]
    doc: str | None
    span: Span


Declaration = Union[
    Service, Import, Param, Const, Config, State, Derived, Tag, Event, Enum, Record, Header, Function, Atom, Pipeline,
    Upgrade, Test,
]


class Module(Frozen):
    """The declarations of one file that could be read, in the order in which they stand."""

    file: str
    declarations: tuple[Declaration, ...]
