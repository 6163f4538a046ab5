"""The part of the tree builder that makes statements, those of tests among them."""

from __future__ import annotations

from clickup_lang.source import Span
from clickup_lang.syntax import tree
from clickup_lang.syntax.build_expressions import ExpressionBuilder
from clickup_lang.syntax.scan import Token


class StatementBuilder(ExpressionBuilder):
    """A method has the name of a rule of `grammar/cup.lark`, but for those whose name is a word of Python."""

    def block(self, span: Span, *statements: tree.Statement) -> tree.Block:
        return tree.Block(statements, span)

    def single(self, span: Span, statement: tree.Statement) -> tree.Block:
        """An arm's body without braces."""
        return tree.Block((statement,), span)

    def let(
        self,
        span: Span,
        name: Token,
        of_type: tree.TypeExpression | None,
        value: tree.Expression,
        otherwise: tree.Block | None,
    ) -> tree.Let:
        return tree.Let(self.identifier(name), of_type, value, otherwise, span)

    def evaluate(self, span: Span, value: tree.Expression, otherwise: tree.Block | None) -> tree.Evaluate:
        return tree.Evaluate(value, otherwise, span)

    def assign(
        self, span: Span, target: tree.Expression, operator: Token, value: tree.Expression, otherwise: tree.Block | None
    ) -> tree.Assign:
        return tree.Assign(target, operator.text, value, otherwise, span)

    def loop(
        self, span: Span, name: Token, iterable: tree.Expression, maximum: tree.Expression | None, body: tree.Block
    ) -> tree.For:
        return tree.For(self.identifier(name), iterable, maximum, body, span)

    def emit(self, span: Span, port: Token) -> tree.Emit:
        return tree.Emit(self.identifier(port), span)

    def send(self, span: Span, port: Token) -> tree.Send:
        return tree.Send(self.identifier(port), None, None, span)

    def send_packet(self, span: Span, port: Token, packet: tree.ListValue) -> tree.Send:
        return tree.Send(self.identifier(port), packet, None, span)

    def send_edited(self, span: Span, port: Token, edits: tree.Block) -> tree.Send:
        return tree.Send(self.identifier(port), None, edits, span)

    def report(self, span: Span, event: Token, arguments: tuple[tree.Argument, ...]) -> tree.Report:
        return tree.Report(self.identifier(event), arguments, span)

    def parse_header(
        self,
        span: Span,
        header: Token,
        alias: Token | None,
        relation: Token | None,
        place: Token | None,
        maximum: tree.Expression | None,
        otherwise: Token,
    ) -> tree.Parse:
        return tree.Parse(
            self.identifier(header),
            self.optional(alias),
            None if relation is None else relation.text,
            self.optional(place),
            maximum,
            self.identifier(otherwise),
            span,
        )

    def push(self, span: Span, layers: tree.ListValue, before: Token, alias: Token | None) -> tree.Push:
        return tree.Push(layers, self.identifier(before), self.optional(alias), span)

    def pop(self, span: Span, to: Token, alias: Token | None) -> tree.Pop:
        return tree.Pop(self.identifier(to), self.optional(alias), span)

    def remove(self, span: Span, entry: tree.Expression) -> tree.Remove:
        return tree.Remove(entry, span)

    def give_back(self, span: Span, value: tree.Expression | None) -> tree.Return:
        return tree.Return(value, span)

    def leave_loop(self, span: Span) -> tree.Break:
        return tree.Break(span)

    def scan(
        self, span: Span, subject: tree.Expression, patterns: Token, start: tree.Expression, found: Token, body: tree.Block
    ) -> tree.Scan:
        return tree.Scan(subject, self.identifier(patterns), start, self.identifier(found), body, span)

    # -- tests ---------------------------------------------------------------------------------------------------------------

    def device_index(self, span: Span, name: Token, index: tree.Expression) -> tree.Index:
        return tree.Index(tree.Name(name.text, self.span_of(name)), index, span)

    def test_send(self, span: Span, device: tree.Expression, packet: tree.Expression) -> tree.SendPacket:
        return tree.SendPacket(device, packet, span)

    def expect_nothing(self, span: Span) -> tree.ExpectNothing:
        return tree.ExpectNothing(span)

    def expect_state(self, span: Span, condition: tree.Expression) -> tree.ExpectState:
        return tree.ExpectState(condition, span)

    def expect_unchanged(self, span: Span, device: tree.Expression) -> tree.ExpectPacket:
        return tree.ExpectPacket(device, True, None, None, None, span)

    def expect_count(self, span: Span, device: tree.Expression, count: tree.Expression) -> tree.ExpectPacket:
        return tree.ExpectPacket(device, False, count, None, None, span)

    def expect_condition(
        self, span: Span, device: tree.Expression, condition: tree.Expression, alias: Token | None
    ) -> tree.ExpectPacket:
        return tree.ExpectPacket(device, False, None, condition, self.optional(alias), span)

    def wait(self, span: Span, duration: tree.Expression) -> tree.Wait:
        return tree.Wait(duration, span)

    def given(self, span: Span, target: tree.Expression, value: tree.Expression) -> tree.Given:
        return tree.Given(target, value, span)

    def upgrade_now(self, span: Span) -> tree.UpgradeNow:
        return tree.UpgradeNow(span)

    def set_config(self, span: Span, target: tree.Expression, value: tree.Expression) -> tree.SetConfig:
        return tree.SetConfig(target, value, span)

    def repeat(
        self, span: Span, name: Token, iterable: tree.Expression, body: tuple[tree.TestStatement, ...]
    ) -> tree.Repeat:
        return tree.Repeat(self.identifier(name), iterable, body, span)
