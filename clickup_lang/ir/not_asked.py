"""What a test cannot ask: packets' tags, packets where there are none, and what would change something."""

from __future__ import annotations

from clickup_lang.diagnostics import Problem
from clickup_lang.ir import graph as g
from clickup_lang.ir.script import ScriptExpression
from clickup_lang.semantics import problems as say
from clickup_lang.source import Span
from clickup_lang.source.nodes import nodes

LOOKS = (g.Let, g.Set, g.When, g.Scope, g.Leave, g.Loop, g.Find)
STATEMENTS = (
    g.Insert, g.Erase, g.EraseKey, g.SetEntry, g.SetField, g.SetStack, g.SetCell, g.SetElement, g.Take, g.Draw, g.Lease, g.Report, g.SetTag, g.Parse, g.NextElement, g.Send, g.Make, g.Push,
    g.Pop, g.Emit, g.KindStatement,
)  # fmt: skip
OF_PACKET = (
    g.ReadField, g.ReadStack, g.StackCount, g.Present, g.IsWhole, g.ChecksumHolds, g.PacketLength, g.PayloadLength, g.PayloadView, g.RestView,
)  # fmt: skip


def not_asked(steps: g.Body, value: ScriptExpression, span: Span, *, of_packet: bool) -> Problem | None:
    """The first problem of a value in a test, and of the steps before it. `of_packet`: a packet is asked, elsewhere there is none."""
    for node in nodes((steps, value)):
        match node:
            case g.ReadTag(name=name):
                return say.not_in_a_test(f"the tag `{name}` goes with a packet inside the service", span, "ask what the packet looks like that came out, or a state")
            case g.Arrived():
                return say.not_in_a_test("`arrived` is a device that a packet came in by", span, "a test says itself where it sends: `send inside ...`")
            case _ if isinstance(node, STATEMENTS):
                return say.test_changes_nothing(span, node.origin)
            case _ if isinstance(node, OF_PACKET) and not of_packet:
                return say.no_packet(span)
            case _:
                pass
    return None
