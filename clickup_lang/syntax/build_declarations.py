"""The part of the tree builder that makes declarations and policies; with the parts that it inherits, the whole of it."""

from __future__ import annotations

from clickup_lang.source import Span
from clickup_lang.syntax import tree
from clickup_lang.syntax.build_statements import StatementBuilder
from clickup_lang.syntax.scan import Token

Names = tuple[tree.Identifier, ...]
Fields = tuple[tree.Field, ...]
Parameters = tuple[tree.Parameter, ...]
Ports = tuple[tree.Port, ...]
Policy = tuple[tree.PolicyItem, ...]
Merges = tuple[tree.Merge, ...]


class TreeBuilder(StatementBuilder):
    """A method has the name of a rule of `grammar/cup.lark`; see `ExpressionBuilder`."""

    def doc(self, span: Span) -> str | None:
        return self.docs.get(span.start)

    def service(self, span: Span, name: Token, version: Token) -> tree.Service:
        return tree.Service(self.identifier(name), self.integer(version), self.span_of(version), self.doc(span), span)

    def import_module(self, span: Span, name: Token) -> tree.Import:
        return tree.Import(name.text, False, span)

    def import_file(self, span: Span, path: Token) -> tree.Import:
        return tree.Import(self.text(path), True, span)

    def param(self, span: Span, name: Token, of_type: tree.TypeExpression, default: tree.Expression | None) -> tree.Param:
        return tree.Param(self.identifier(name), of_type, default, self.doc(span), span)

    def const(self, span: Span, name: Token, of_type: tree.TypeExpression | None, value: tree.Expression) -> tree.Const:
        return tree.Const(self.identifier(name), of_type, value, self.doc(span), span)

    def config(
        self,
        span: Span,
        name: Token,
        of_type: tree.TypeExpression,
        was: tree.Expression | None,
        initial: tree.Expression | None,
        policy: Policy | None,
    ) -> tree.Config:
        return tree.Config(self.identifier(name), of_type, initial, policy or (), self.doc(span), span, was)

    def state(
        self,
        span: Span,
        name: Token,
        of_type: tree.TypeExpression,
        was: tree.Expression | None,
        initial: tree.Expression | None,
        policy: Policy | None,
    ) -> tree.State:
        return tree.State(self.identifier(name), of_type, initial, policy or (), self.doc(span), span, was)

    def derived(
        self, span: Span, name: Token, of_type: tree.TypeExpression, sources: Names, value: tree.Expression
    ) -> tree.Derived:
        return tree.Derived(self.identifier(name), of_type, sources, value, self.doc(span), span)

    def tag(self, span: Span, name: Token, of_type: tree.TypeExpression, default: tree.Expression | None) -> tree.Tag:
        return tree.Tag(self.identifier(name), of_type, default, self.doc(span), span)

    def event(self, span: Span, name: Token, fields: Fields) -> tree.Event:
        return tree.Event(self.identifier(name), fields, self.doc(span), span)

    def record(self, span: Span, name: Token, fields: Fields) -> tree.Record:
        return tree.Record(self.identifier(name), fields, self.doc(span), span)

    def enum(
        self, span: Span, name: Token, base: tree.TypeExpression | None, enumerators: tuple[tree.Enumerator, ...]
    ) -> tree.Enum:
        return tree.Enum(self.identifier(name), base, enumerators, self.doc(span), span)

    def enumerator(self, span: Span, name: Token, value: tree.Expression | None, was: Token | None) -> tree.Enumerator:
        return tree.Enumerator(self.identifier(name), value, self.optional(was), self.doc(span), span)

    def header(self, span: Span, name: Token, *parts: tree.HeaderField | tree.HeaderCase | tree.HeaderLast) -> tree.Header:
        fields = tuple(p for p in parts if isinstance(p, tree.HeaderField))
        cases = tuple(p for p in parts if isinstance(p, tree.HeaderCase))
        last = next((p for p in parts if isinstance(p, tree.HeaderLast)), None)
        return tree.Header(self.identifier(name), fields, cases, (), self.doc(span), span, last)

    def header_choice(self, span: Span, name: Token, *members: Token) -> tree.Header:
        return tree.Header(self.identifier(name), (), (), tuple(self.identifier(m) for m in members), self.doc(span), span)

    def header_field(
        self,
        span: Span,
        name: Token,
        of_type: tree.TypeExpression,
        when: tree.Expression | None,
        size: tree.Expression | None,
        computed: tree.Expression | None,
    ) -> tree.HeaderField:
        return tree.HeaderField(self.identifier(name), of_type, when, size, computed, self.doc(span), span)

    def header_case(self, span: Span, value: Token, name: Token, *fields: tree.HeaderField) -> tree.HeaderCase:
        return tree.HeaderCase(self.integer(value), self.identifier(name), fields, span)

    def header_last(self, span: Span, condition: tree.Expression) -> tree.HeaderLast:
        return tree.HeaderLast(condition, span)

    def function(
        self, span: Span, name: Token, parameters: Parameters, result: tree.TypeExpression | None, body: tree.Block
    ) -> tree.Function:
        return tree.Function(self.identifier(name), parameters, result, body, self.doc(span), span)

    def parameter(self, span: Span, name: Token, of_type: tree.TypeExpression) -> tree.Parameter:
        return tree.Parameter(self.identifier(name), of_type, span)

    def port(self, span: Span, name: Token, default: Token | None) -> tree.Port:
        return tree.Port(self.identifier(name), self.optional(default), span)

    def atom(
        self,
        span: Span,
        name: Token,
        parameters: Parameters | None,
        ports: Ports,
        body: tuple[tuple[tree.State, ...], tree.Block],
    ) -> tree.Atom:
        return tree.Atom(self.identifier(name), parameters or (), ports, body[0], body[1], None, self.doc(span), span)

    def atom_body(
        self, span: Span, *parts: tree.State | tree.Statement
    ) -> tuple[tuple[tree.State, ...], tree.Block]:
        states = tuple(p for p in parts if isinstance(p, tree.State))
        return states, tree.Block(tuple(p for p in parts if not isinstance(p, tree.State)), span)

    def extern_atom(
        self, span: Span, name: Token, parameters: Parameters | None, ports: Ports | None, element: Token
    ) -> tree.Atom:
        return tree.Atom(
            self.identifier(name), parameters or (), ports or (), (), None, self.text(element), self.doc(span), span, self.span_of(element)
        )

    # -- pipelines -----------------------------------------------------------------------------------------------------------

    def pipeline(
        self, span: Span, name: Token | None, parameters: Parameters | None, ports: Ports | None, edges: tuple[tree.Edge, ...]
    ) -> tree.Pipeline:
        return tree.Pipeline(self.optional(name), parameters or (), ports or (), edges, self.doc(span), span)

    def edge(self, span: Span, first: tuple[tree.Node, ...], *more: tree.Node) -> tree.Edge:
        return tree.Edge((first, *((node,) for node in more)), span)

    def node(
        self,
        span: Span,
        name: Token,
        arguments: tuple[tree.Argument, ...] | None,
        alias: Token | None,
        was: Token | None,
    ) -> tree.Node:
        return tree.Node(self.identifier(name), None, arguments, self.optional(alias), span, self.optional(was))

    def node_port(self, span: Span, name: Token, port: Token) -> tree.Node:
        return tree.Node(self.identifier(name), self.identifier(port), None, None, span)

    # -- policies ------------------------------------------------------------------------------------------------------------

    def capacity(self, span: Span, value: tree.Expression) -> tree.PolicyItem:
        return tree.PolicyItem("capacity", span, value=value)

    def idle(self, span: Span, value: tree.Expression) -> tree.PolicyItem:
        return tree.PolicyItem("idle", span, value=value)

    def range_policy(self, span: Span, value: tree.Expression) -> tree.PolicyItem:
        return tree.PolicyItem("range", span, value=value)

    def error(self, span: Span, value: tree.Expression) -> tree.PolicyItem:
        return tree.PolicyItem("error", span, value=value)

    def confidence(self, span: Span, value: tree.Expression) -> tree.PolicyItem:
        return tree.PolicyItem("confidence", span, value=value)

    def when_full_reject(self, span: Span) -> tree.PolicyItem:
        return tree.PolicyItem("when full", span, word="reject")

    def when_full_evict(self, span: Span, order: Token) -> tree.PolicyItem:
        return tree.PolicyItem("when full", span, word="evict", name=self.identifier(order))

    def sync_never(self, span: Span) -> tree.PolicyItem:
        return tree.PolicyItem("sync", span, word="never")

    def sync_every_packet(self, span: Span) -> tree.PolicyItem:
        return tree.PolicyItem("sync", span, word="every packet")

    def sync_period(self, span: Span, period: tree.Expression) -> tree.PolicyItem:
        return tree.PolicyItem("sync", span, value=period)

    def scope(self, span: Span, name: Token) -> tree.PolicyItem:
        return tree.PolicyItem("scope", span, name=self.identifier(name))

    def prefer(self, span: Span, name: Token) -> tree.PolicyItem:
        return tree.PolicyItem("prefer", span, name=self.identifier(name))

    def index_policy(
        self, span: Span, name: Token, of_type: tree.TypeExpression, value: tree.Expression, unique: Token | None
    ) -> tree.PolicyItem:
        return tree.PolicyItem(
            "index", span, name=self.identifier(name), type=of_type, value=value, unique=unique is not None
        )

    def on_leave(self, span: Span, block: tree.Block) -> tree.PolicyItem:
        return tree.PolicyItem("on leave", span, block=block)

    def per_worker_merge(self, span: Span, rule: Token) -> tree.PolicyItem:
        return tree.PolicyItem("per worker merge", span, name=self.identifier(rule))

    def per_worker_merges(self, span: Span, merges: Merges) -> tree.PolicyItem:
        return tree.PolicyItem("per worker merge", span, merges=merges)

    def rotate(self, span: Span, period: tree.Expression, keep: Token) -> tree.PolicyItem:
        return tree.PolicyItem("rotate", span, value=period, keep=self.integer(keep))

    def window(self, span: Span, period: tree.Expression, keep: Token) -> tree.PolicyItem:
        return tree.PolicyItem("window", span, value=period, keep=self.integer(keep))

    def merge(self, span: Span, field: Token, rule: Token, preferred: Token | None) -> tree.Merge:
        return tree.Merge(self.identifier(field), self.identifier(rule), self.optional(preferred), span)

    # -- upgrades and tests --------------------------------------------------------------------------------------------------

    def upgrade(
        self, span: Span, direction: Token, version: Token, items: tuple[tree.UpgradeBlock | tree.Lose, ...]
    ) -> tree.Upgrade:
        return tree.Upgrade(direction.text, self.integer(version), items, span)

    def upgrade_block(
        self, span: Span, container: Token, source: Token | None, *parts: tree.Rule | Merges
    ) -> tree.UpgradeBlock:
        rules = tuple(p for p in parts if isinstance(p, tree.Rule))
        merges = tuple(merge for p in parts if not isinstance(p, tree.Rule) for merge in p)
        return tree.UpgradeBlock(self.identifier(container), self.optional(source), rules, merges, span)

    def rule(self, span: Span, name: Token, value: tree.Expression) -> tree.Rule:
        return tree.Rule(self.identifier(name), value, span)

    def merge_rules(self, span: Span, merges: Merges) -> Merges:
        return merges

    def lose(self, span: Span, path: Names, condition: tree.Expression | None, because: Token) -> tree.Lose:
        return tree.Lose(path, condition, self.text(because), span)

    def test(
        self, span: Span, name: Token, version: Token | None, statements: tuple[tree.TestStatement, ...]
    ) -> tree.Test:
        from_version = None if version is None else self.integer(version)
        return tree.Test(self.text(name), from_version, statements, self.doc(span), span)
