"""A `test` block, resolved: steps that feed packets to a program and compare what comes out. `run_script` carries it out.

Expressions are those of the graph, and the ones here, which only a test may use. Header fields in a condition are read from the
packet that came out, parsed by the graph's `view` (`Ethernet -> Vlan -> QinQ -> IP` of the library).
"""

from __future__ import annotations

from typing import Union

from clickup_lang.frozen import Frozen
from clickup_lang.ir.graph import Body, Expression, Graph, PlaceField
from clickup_lang.semantics.types import Type
from clickup_lang.source import Span


class FieldOfPacket(Frozen):
    """`challenge.tcp.sequence`: a field of a packet that an earlier step met and named. Places are those of the view."""

    packet: str
    candidates: tuple[PlaceField, ...]
    type: Type


class EventReported(Frozen):
    """Whether the event has been reported since the test began."""

    event: str
    type: Type


class LeasedIn(Frozen):
    """How many values of a pool are leased; `key` is None where there is one pool."""

    pool: str
    key: ScriptExpression | None
    type: Type


class LeaseOf(Frozen):
    """The lease of a number, as an entry that is given holds it; `key` is None where there is one pool."""

    key: ScriptExpression | None
    number: ScriptExpression
    type: Type


class FieldOfEntry(Frozen):
    """`sessions[key].phase`: a field of an entry's value, by path; the test fails, saying so, where there is no such entry."""

    store: str
    key: ScriptExpression
    path: tuple[str, ...]
    type: Type


class AfterSteps(Frozen):
    """A value that needs steps before it, as what a function gives: they set locals, look entries up, and change nothing else."""

    steps: Body
    value: Expression
    type: Type


ScriptExpression = Union[Expression, FieldOfPacket, FieldOfEntry, EventReported, LeasedIn, LeaseOf, AfterSteps]


class Layer(Frozen):
    """One header of a packet to build, outermost first; fields not given are zero, or computed."""

    header: str
    fields: tuple[tuple[str, ScriptExpression], ...]


class Arrive(Frozen):
    """A packet arrives on `device`. `payload` is bytes or text, or None; `size`, where given, pads the whole packet to so many
    bytes (an error where it is longer already)."""

    device: str
    layers: tuple[Layer, ...]
    payload: bytes | None
    size: ScriptExpression | None
    origin: Span


class ExpectUnchanged(Frozen):
    """The oldest unmet packet on `device` is, byte for byte, the packet that last arrived in the test."""

    device: str
    origin: Span


class ExpectCount(Frozen):
    """Exactly so many unmet packets are on `device`; they are met."""

    device: str
    count: ScriptExpression
    origin: Span


class ExpectMatch(Frozen):
    """The oldest unmet packet on `device` holds the condition; `alias` names it for later steps."""

    device: str
    condition: ScriptExpression
    alias: str | None
    origin: Span


class ExpectEvent(Frozen):
    """The oldest unmet report of the event holds the condition, in which its fields are the locals `fields`, by place; `alias` is a local that is
    the whole report for later steps."""

    event: str
    fields: tuple[str, ...]
    condition: ScriptExpression
    alias: str | None
    origin: Span


class ExpectEvents(Frozen):
    """There are exactly so many unmet reports of the event; they are met."""

    event: str
    count: ScriptExpression
    origin: Span


class ExpectNothing(Frozen):
    """No unmet packet on any device."""

    origin: Span


class ExpectTrue(Frozen):
    """`text` is the condition as written. Where it is a comparison, a failure shows both sides."""

    condition: ScriptExpression
    text: str
    origin: Span


class Wait(Frozen):
    duration: ScriptExpression
    origin: Span


class Configure(Frozen):
    """Sets a whole `config`. For a set, `value` is a Constant that holds a tuple."""

    config: str
    value: ScriptExpression
    origin: Span


class ConfigureEntry(Frozen):
    """Sets the entry of a config map at a key, or a field of it; an entry that is not there yet is made, not a field."""

    config: str
    key: ScriptExpression
    path: tuple[str, ...]
    value: ScriptExpression
    origin: Span


class Given(Frozen):
    """Puts an entry into a map before the packets that follow (stamped now)."""

    store: str
    key: ScriptExpression
    value: ScriptExpression
    origin: Span


class ForEach(Frozen):
    """`low` up to, not including, `high`, or the elements of the array `listed`, which is worked out once; the steps see `local`."""

    local: str
    low: int
    high: int
    steps: tuple[Step, ...]
    origin: Span
    listed: ScriptExpression | None = None


Step = Union[
    Arrive, ExpectUnchanged, ExpectCount, ExpectMatch, ExpectEvent, ExpectEvents, ExpectNothing, ExpectTrue, Wait, Configure, ConfigureEntry, Given, ForEach
]


class OverVersions(Frozen):
    """A test that begins with an earlier `version`, and so needs the history."""

    name: str
    version: int
    origin: Span


class Script(Frozen):
    """One test. `view` parses packets that came out: a graph with one input, whose nodes are `code` and `drop`."""

    name: str
    steps: tuple[Step, ...]
    view: Graph
    origin: Span
