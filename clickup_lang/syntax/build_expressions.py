"""The part of the tree builder that makes expressions, types, and what all rules share.

A method has the name of a rule of `grammar/cup.lark` and takes the rule's children, None for an option that was not taken.
"""

from __future__ import annotations

from typing import cast as assume

from clickup_lang.diagnostics.problem import Problem
from clickup_lang.source import Span
from clickup_lang.syntax import problems, tree
from clickup_lang.syntax.literals import LiteralFault, read_literal
from clickup_lang.syntax.scan import Token


class ExpressionBuilder:
    """Holds what a rule's children do not tell: the file's name, and the doc comments by the offset of what they document.

    A literal that cannot be is a problem but no syntax error: in the tree stands one of the kind that was meant.
    """

    def __init__(self, file: str, docs: dict[int, str]) -> None:
        self.file = file
        self.docs = docs
        self.problems: list[Problem] = []

    def span_of(self, token: Token) -> Span:
        return Span(self.file, token.start, token.end)

    def identifier(self, token: Token) -> tree.Identifier:
        return tree.Identifier(token.text, Span(self.file, token.start, token.end))

    def optional(self, token: Token | None) -> tree.Identifier | None:
        return None if token is None else self.identifier(token)

    def literal_value(self, token: Token) -> tree.Literal:
        span = self.span_of(token)
        match read_literal(token.kind, token.text):
            case LiteralFault() as fault:
                self.problems.append(problems.bad_literal(fault, span, token.text))
                return tree.Literal(fault.instead.kind, fault.instead.value, span)
            case value:
                return tree.Literal(value.kind, value.value, span)

    def integer(self, token: Token) -> int:
        return assume(int, self.literal_value(token).value)

    def text(self, token: Token) -> str:
        return assume(str, self.literal_value(token).value)

    def sequence(self, span: Span, *members: object) -> tuple[object, ...]:
        """The members of a list; names become identifiers."""
        return tuple(self.identifier(m) if isinstance(m, Token) else m for m in members)

    # -- expressions ---------------------------------------------------------------------------------------------------------

    def name(self, span: Span, name: Token) -> tree.Name:
        return tree.Name(name.text, span)

    def literal(self, span: Span, literal: Token) -> tree.Literal:
        return self.literal_value(literal)

    def unary(self, span: Span, operator: Token, operand: tree.Expression) -> tree.Unary:
        return tree.Unary(operator.text, operand, span)

    def binary(self, span: Span, left: tree.Expression, operator: Token, right: tree.Expression) -> tree.Binary:
        return tree.Binary(operator.text, left, right, self.span_of(operator), span)

    def not_in(self, span: Span, left: tree.Expression, no: Token, within: Token, right: tree.Expression) -> tree.Binary:
        return tree.Binary("not in", left, right, Span(self.file, no.start, within.end), span)

    def cast(self, span: Span, operand: tree.Expression, wrap: Token | None, to: Token) -> tree.Cast:
        return tree.Cast(operand, wrap is not None, self.plain_type(to), span)

    def has(self, span: Span, name: Token) -> tree.Has:
        return tree.Has(self.identifier(name), span)

    def reported(self, span: Span, name: Token) -> tree.Reported:
        return tree.Reported(self.identifier(name), span)

    def range(self, span: Span, low: tree.Expression, high: tree.Expression) -> tree.Range:
        return tree.Range(low, high, span)

    def where(self, span: Span, value: tree.Expression, condition: tree.Expression) -> tree.Where:
        return tree.Where(value, condition, span)

    def member(self, span: Span, value: tree.Expression, name: Token) -> tree.Member:
        return tree.Member(value, self.identifier(name), span)

    def index(self, span: Span, value: tree.Expression, index: tree.Expression) -> tree.Index:
        return tree.Index(value, index, span)

    def call(self, span: Span, callee: tree.Expression, arguments: tuple[tree.Argument, ...]) -> tree.Call:
        return tree.Call(callee, arguments, span)

    def argument(self, span: Span, name: Token | None, value: tree.Expression) -> tree.Argument:
        return tree.Argument(self.optional(name), value, span)

    def list(self, span: Span, *items: tree.ListItem) -> tree.ListValue:
        return tree.ListValue(items, span)

    def item(self, span: Span, first: tree.Expression, second: tree.Expression | None) -> tree.ListItem:
        return tree.ListItem(None, first, span) if second is None else tree.ListItem(first, second, span)

    def conditional(
        self,
        span: Span,
        binding: Token | None,
        condition: tree.Expression,
        then: tree.Block,
        otherwise: tree.Block | tree.If | None,
    ) -> tree.If:
        return tree.If(self.optional(binding), condition, then, otherwise, span)

    def match(self, span: Span, subject: tree.Expression, *arms: tree.Arm) -> tree.Match:
        return tree.Match(subject, arms, span)

    def arm(self, span: Span, patterns: tuple[tree.Pattern, ...], body: tree.Block) -> tree.Arm:
        return tree.Arm(patterns, body, span)

    def name_pattern(self, span: Span, name: Token, *bindings: Token) -> tree.Pattern:
        return tree.Pattern(name.text, None, tuple(self.identifier(b) for b in bindings), span)

    def integer_pattern(self, span: Span, integer: Token) -> tree.Pattern:
        return tree.Pattern(None, self.integer(integer), (), span)

    def path(self, span: Span, first: Token, *more: Token) -> tree.Expression:
        value: tree.Expression = tree.Name(first.text, self.span_of(first))
        for name in more:
            value = tree.Member(value, self.identifier(name), Span(self.file, span.start, name.end))
        return value

    # -- types ---------------------------------------------------------------------------------------------------------------

    def plain_type(self, name: Token) -> tree.TypeExpression:
        return tree.TypeExpression(self.identifier(name), (), None, None, None, None, self.span_of(name))

    def type(
        self,
        span: Span,
        name: Token,
        arguments: tuple[tree.TypeExpression, ...] | None,
        size: tree.Expression | None,
        of: Token | None,
        part: Token | None,
        maximum: tree.Expression | None,
    ) -> tree.TypeExpression:
        owner = self.optional(of)
        if owner is not None and part is not None:
            state = self.identifier(part)
            owner = tree.Identifier(f"{owner.text}.{state.text}", Span(self.file, owner.span.start, state.span.end))
        return tree.TypeExpression(self.identifier(name), arguments or (), size, owner, maximum, None, span)

    def any_type(self, span: Span, fields: tuple[tree.Field, ...] | None) -> tree.TypeExpression:
        name = tree.Identifier("any", Span(self.file, span.start, span.start + 3))
        return tree.TypeExpression(name, (), None, None, None, fields, span)

    def union_type(self, span: Span, *members: tree.TypeExpression) -> tree.TypeExpression:
        return tree.TypeExpression(tree.Identifier("|", span), members, None, None, None, None, span)

    def field(
        self,
        span: Span,
        name: Token,
        of_type: tree.TypeExpression,
        was: tree.Expression | None,
        default: tree.Expression | None,
    ) -> tree.Field:
        return tree.Field(self.identifier(name), of_type, was, default, self.docs.get(span.start), span)

