"""How many machine instructions a statement takes, about: to compare programs and to see what is dear, not to foretell times.

The weights are rounded from the code that a compiler makes of each kind of statement at -O2 for x86-64; for the firewall's ways of a known
and of a new session they come within a tenth of what callgrind counts. What waits for memory takes far longer than its instructions say;
it is counted apart, as look-ups and lines.
"""

from __future__ import annotations

from clickup_lang.ir import graph as g
from clickup_lang.ir.byte_values import most_bytes, size_of
from clickup_lang.ir.image import image_size
from clickup_lang.semantics.pools import keeps_keys
from clickup_lang.semantics.types import BytesType, CursorType, MapType, PoolType, RankingType, SetType, SketchType, ViewType
from clickup_lang.source.nodes import nodes

LOOK_UP, INSERTION, REMOVAL, CONFIG_SET = 65, 110, 60, 50
PARSE_CHOICE, CHECKSUM_BYTE, CHECKSUM_UPDATE, HASH_WORD = 16, 1, 12, 6
BYTES_COMPARED = 8  # by one instruction
EDGE = 6
SEARCHED_BYTE = 4  # by a table of the matcher's states
COUNTER = 8  # of a row of a sketch
SECRET_HASH, SECRET_WORD = 60, 14  # SipHash-2-4: its end, and each word
OF_KIND = {"input": 30, "output": 25, "element": 25, "drop": 5}

OF_EXPRESSION: dict[type, int] = {
    g.Operate: 1, g.Compare: 2, g.AndAlso: 1, g.OrElse: 1, g.Invert: 1, g.Negate: 1, g.Choose: 2, g.Convert: 1, g.ConfigValue: 2, g.DerivedValue: 2, g.ReadTag: 1,
    g.ArrayElement: 2, g.ArrayWith: 3, g.PayloadView: 2, g.RestView: 2, g.ViewBehind: 1, g.ViewFirst: 1, g.BytesLength: 1, g.PacketLength: 1, g.PayloadLength: 3, g.IsWhole: 3, g.Arrived: 1, g.EntryField: 2, g.ReadCell: 2, g.StoreSize: 4, g.ReadStack: 3, g.StackCount: 1, g.MakeRecord: 2,
}  # fmt: skip
OF_STATEMENT: dict[type, int] = {
    g.Let: 1, g.Set: 1, g.When: 1, g.SetEntry: 2, g.SetCell: 2, g.SetTag: 1, g.SetField: 3 + CHECKSUM_UPDATE, g.SetStack: 5 + CHECKSUM_UPDATE, g.Emit: EDGE, g.Leave: 1, g.Loop: 2,
    g.Erase: REMOVAL, g.SetElement: 4, g.Take: 25, g.Draw: 8, g.Lease: 2 * LOOK_UP, g.Report: 20, g.Send: 60, g.Make: 120, g.Push: 30, g.Pop: 20,
}  # fmt: skip


def instructions_of(kind: str) -> int:
    """Of a packet's way in (`input`), and of a node that is not code."""
    return OF_KIND[kind]


def instructions_of_statement(statement: g.Statement, graph: g.Graph) -> int:
    """Without the bodies in it."""
    own = OF_STATEMENT.get(type(statement), 0)
    match statement:
        case g.Let(value=value) | g.Set(value=value) | g.SetEntry(value=value) | g.SetCell(value=value) | g.SetTag(value=value) | g.SetField(value=value) | g.SetStack(value=value) | g.Report(value=value):
            return own + of_value(value, graph)
        case g.SetElement(index=index, value=value):
            return own + of_value(index, graph) + of_value(value, graph)
        case g.Take(amount=amount, rate=rate, burst=burst):
            return own + of_value(amount, graph) + of_value(rate, graph) + of_value(burst, graph)
        case g.When(condition=condition):
            return own + of_value(condition, graph)
        case g.Find(store=store, key=key):
            return LOOK_UP + hashing(graph, store) + of_value(key, graph)
        case g.Insert(store=store, key=key, value=value):
            return INSERTION + hashing(graph, store) + of_value(key, graph) + (of_value(value, graph) if value is not None else 0)
        case g.Lease(pool=pool, key=key) if keeps_keys(graph.store(pool).type):
            return own + INSERTION + REMOVAL + hashing(graph, pool) + (of_value(key, graph) if key is not None else 0)
        case g.EraseKey(store=store, key=key):
            return LOOK_UP + REMOVAL + hashing(graph, store) + of_value(key, graph)
        case g.Parse(choices=choices) | g.NextElement(choices=choices):
            return PARSE_CHOICE * sum(c.most or 1 for c in choices)
        case g.Scan(subject=subject):
            return SEARCHED_BYTE * most_bytes(subject) + of_value(subject, graph)
        case g.AddTo(store=store, key=key, amount=amount):
            return COUNTER * graph.store(store).counters[1] + hashing(graph, store) + of_value(key, graph) + of_value(amount, graph)
        case g.Offer(store=store, key=key, amount=amount):
            return INSERTION + hashing(graph, store) + of_value(key, graph) + of_value(amount, graph)
        case _:
            return own


def of_value(value: g.Expression, graph: g.Graph) -> int:
    total = 0
    for part in nodes(value):
        match part:
            case g.ReadField(candidates=candidates):
                total += 1 + 2 * len(candidates)
            case g.Present(places=places):
                total += len(places)
            case g.HasField(candidates=candidates):
                total += 2 * len(candidates)
            case g.InConfigSet():
                total += CONFIG_SET
            case g.InStore(store=store):
                total += LOOK_UP + hashing(graph, store)
            case g.ChecksumHolds(places=places):
                total += CHECKSUM_BYTE * max(graph.header(graph.places[place].header).length for place in places)
            case g.BytesAt(type=of):
                total += 2 + size_of(of) // 8
            case g.SameBytes(left=left, right=right):
                total += 10 + min(most_bytes(left), most_bytes(right)) // BYTES_COMPARED
            case g.Appended(addition=addition, type=of):
                several = isinstance(addition.type, (BytesType, ViewType, CursorType))
                total += 6 + (min(most_bytes(addition), most_bytes(part)) if several else 1) // BYTES_COMPARED
            case g.BytesBehind(operand=operand):
                total += 6 + most_bytes(operand) // BYTES_COMPARED
            case g.LoweredBytes(operand=operand, type=BytesType()):
                total += most_bytes(operand)
            case g.MakeArray(values=values):
                total += len(values)
            case g.HashOf(values=values):
                total += HASH_WORD * len(values)
            case g.SecretHash(values=values):
                total += SECRET_HASH + SECRET_WORD * len(values)
            case g.SketchEstimate(store=store):
                total += COUNTER * graph.store(store).counters[1] + hashing(graph, store)
            case _:
                total += OF_EXPRESSION.get(type(part), 0)
    return total


def hashing(graph: g.Graph, store: str) -> int:
    match graph.store(store).type:
        case MapType(key=key) | SetType(element=key) | SketchType(key=key) | RankingType(key=key):
            return HASH_WORD * (image_size(key) // 8 + 1)
        case PoolType(key=key) if key is not None:
            return HASH_WORD * (image_size(key) // 8 + 1)
        case _:
            return 0
