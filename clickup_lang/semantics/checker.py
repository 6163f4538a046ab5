"""What declared names mean: types, headers, constants, states, functions; each worked out once, when it is first asked for.

Holds no logic of its own beyond the memory: the deeds are in `type_names`, `declared_headers`, `policies` and `functions`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from clickup_lang.diagnostics import Problem
from clickup_lang.semantics import problems as say
from clickup_lang.semantics.arrays import make_derived
from clickup_lang.semantics.body import Body, BrokenBinding, StoreBinding
from clickup_lang.semantics.declarations import make_config, make_const, make_function, make_param, make_tag
from clickup_lang.semantics.declared_headers import make_header
from clickup_lang.semantics.expressions import check_value, want
from clickup_lang.semantics.leases import make_event
from clickup_lang.semantics.model import AtomInfo, ConfigInfo, DerivedInfo, DerivedValueInfo, EventInfo, FunctionInfo, HeaderInfo, ParamInfo, StateInfo, TagInfo
from clickup_lang.semantics.policies import make_state
from clickup_lang.semantics.resolve_names import KINDS, Named, Names, name_span
from clickup_lang.semantics.type_names import make_enum, make_record_type, resolve_type
from clickup_lang.semantics.types import U64, EnumType, MapType, RecordType, SetType, Type
from clickup_lang.semantics.values import Constant
from clickup_lang.source import Span
from clickup_lang.syntax import tree

T = TypeVar("T")


class Checker:
    """Mutable while a program is checked. A thing that could not be made is None, and its problem reported."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.problems: list[Problem] = list(names.problems)
        self.warnings: list[Problem] = []  # about code without problems, which it stays
        self.made: dict[tuple[str, str], object] = {}
        self.making: list[tuple[str, str]] = []
        self.made_for_types: dict[str, AtomInfo] = {}  # atoms that take tables of any type, by their keys
        self.instance_states: dict[str, StateInfo] = {}  # those of instances, by their paths; known once the graph is

    def once(self, kind: str, name: str, make: Callable[[], T | None]) -> T | None:
        """What `make` gives, remembered; None while it is being made, with the problem of a circle."""
        at = (kind, name)
        if at in self.made:
            return self.made[at]  # type: ignore[return-value]
        if at in self.making:
            self.circle(kind, name)
            return None
        self.making.append(at)
        result = make()
        self.making.pop()
        self.made[at] = result
        return result

    def circle(self, kind: str, name: str) -> None:
        chain = (*[n for k, n in self.making[self.making.index((kind, name)) :] if k == kind], name)
        span = name_span(self.names.headers[name]) if kind == "header" else self.declared_at(name.partition("<")[0])
        if kind == "function":
            self.problems.append(say.recursion(tuple(n.partition("<")[0] for n in chain), span))
        else:
            self.problems.append(say.problem("E209", f"`{name}` is declared by itself: {' -> '.join(chain)}", span))

    # -- by kind -------------------------------------------------------------------------------------------------------------

    def type_of(self, written: tree.TypeExpression, file: str) -> Type | None:
        return resolve_type(self, written, file)

    def enum(self, name: str) -> EnumType | None:
        return self.once("enum", name, lambda: make_enum(self, self.declaration(name, tree.Enum)))

    def record(self, name: str) -> RecordType | None:
        return self.once("record", name, lambda: make_record_type(self, self.declaration(name, tree.Record)))

    def header(self, name: str) -> HeaderInfo | None:
        """The layout, or None after a problem, as with a member that its union names and nothing declares."""
        owner, _, case = name.partition(".")
        if case:
            info = self.header(owner)
            return next((c for c in info.cases if c.name == name), None) if info is not None else None
        if name not in self.names.headers:
            return None
        return self.once("header", name, lambda: make_header(self, self.names.headers[name]))

    def const(self, name: str) -> Constant | None:
        return self.once("const", name, lambda: make_const(self, self.declaration(name, tree.Const)))

    def param(self, name: str) -> ParamInfo | None:
        return self.once("param", name, lambda: make_param(self, self.declaration(name, tree.Param)))

    def config(self, name: str) -> ConfigInfo | None:
        return self.once("config", name, lambda: make_config(self, self.declaration(name, tree.Config)))

    def derived(self, name: str) -> DerivedInfo | DerivedValueInfo | None:
        return self.once("derived", name, lambda: make_derived(self, self.declaration(name, tree.Derived)))

    def event(self, name: str) -> EventInfo | None:
        return self.once("event", name, lambda: make_event(self, self.declaration(name, tree.Event)))

    def tag(self, name: str) -> TagInfo | None:
        return self.once("tag", name, lambda: make_tag(self, self.declaration(name, tree.Tag)))

    def state(self, name: str) -> StateInfo | None:
        return self.once("state", name, lambda: make_state(self, self.declaration(name, tree.State)))

    def function(self, name: str, span: Span) -> FunctionInfo | None:
        return self.once("function", name, lambda: make_function(self, self.declaration(name, tree.Function)))

    def declaration(self, name: str, kind: type[T]) -> T:
        found = self.names.declared[name]
        assert isinstance(found, kind)
        return found

    # -- questions ------------------------------------------------------------------------------------------------------------

    def kind_of(self, declaration: Named) -> str:
        return KINDS[type(declaration)]

    def declared_at(self, name: str) -> Span:
        return name_span(self.names.declared[name])

    def all_enums(self) -> list[EnumType]:
        enums = (self.enum(d.name.text) for d in self.names.of_kind(tree.Enum) if d.name and ("enum", d.name.text) not in self.making)
        return [e for e in enums if e is not None]

    def comes_in_packets(self, enum: str) -> bool:
        """Whether some header has a field of the enum: then a value may be none of its enumerators."""
        headers = (h for h in self.names.of_kind(tree.Header) if isinstance(h, tree.Header))
        return any(field.type.name.text == enum for header in headers for field in (*header.fields, *(f for c in header.cases for f in c.fields)))

    def header_names(self, name: str, file: str) -> tuple[str, ...] | None:
        """The headers that a global name may mean: a header, a union's members, or what `parse ... as` puts there."""
        declared = self.names.find_header(name, file)
        if declared is None and name in self.names.aliases:
            name, span = self.names.aliases[name]
            declared = self.names.find_header(name, span.file)
        return None if declared is None else tuple(m.text for m in declared.members) or (name,)

    def is_store(self, body: Body, name: str) -> bool:
        return isinstance(body.find(name), StoreBinding)

    def container(self, body: Body, name: str, span: Span) -> tuple[Type, bool] | None:
        """The type of a state, config or container parameter, and whether it is config; None after a problem."""
        bound = body.find(name)
        if isinstance(bound, StoreBinding):
            return bound.type, False
        if isinstance(bound, BrokenBinding):
            return None
        declared = self.names.find(name, body.file) if bound is None else None
        match declared:
            case tree.State():
                state = self.state(name)
                return None if state is None else (state.type, False)
            case tree.Config():
                config = self.config(name)
                return None if config is None else (config.type, True)
            case tree.Derived():
                pass
            case None if bound is None:
                states = tuple(d.name.text for d in self.names.of_kind((tree.State, tree.Config)) if d.name)
                self.problems.append(self.names.unknown(name, "state or config", span, states))
            case _:
                kind = self.kind_of(declared) if declared is not None else "a value"
                self.problems.append(say.wrong_kind(name, kind, "a state or config", span))
        return None

    def state_behind(self, body: Body, name: str) -> StateInfo | None:
        """The state that a name means, or None for a container parameter."""
        bound = body.find(name)
        return bound.state if isinstance(bound, StoreBinding) else self.state(name)

    def store_type(self, body: Body, name: str) -> Type | None:
        bound = body.find(name)
        if isinstance(bound, StoreBinding):
            return bound.type
        state = self.state(name) if isinstance(self.names.declared.get(name), tree.State) else None
        return state.type if state is not None else None

    def key_type(self, body: Body, name: str) -> Type | None:
        match self.store_type(body, name):
            case MapType(key=key) | SetType(element=key):
                return key
            case _:
                return None

    def value_type(self, body: Body, name: str) -> Type | None:
        match self.store_type(body, name):
            case MapType(value=value):
                return value
            case _:
                return None

    def constant(
        self, written: tree.Expression, wanted: Type | None, file: str, what: str = "the place", unknown: Callable[[Span], Problem] = say.not_constant
    ) -> Constant | None:
        """The constant that an expression is, or None after a problem: `unknown` makes the one for a value that is not known."""
        body = Body(self, file, "constant", what)
        value = want(body, written, wanted, what) if wanted is not None else check_value(body, written)
        if value is None or isinstance(value, Constant):
            return value
        self.problems.append(unknown(written.span))
        return None

    def integer(self, written: tree.Expression, file: str, unknown: Callable[[Span], Problem] = say.not_constant) -> int | None:
        found = self.constant(written, U64, file, unknown=unknown)
        return found.value if found is not None and isinstance(found.value, int) else None
