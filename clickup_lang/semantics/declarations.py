"""Constants, params, config, tags, functions and atoms: one maker for each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from clickup_lang.semantics import problems as say
from clickup_lang.semantics.body import Body, EntryBinding, HeaderBinding, LocalBinding, StoreBinding
from clickup_lang.semantics.model import AtomInfo, ConfigInfo, FunctionInfo, ParameterInfo, ParamInfo, PortInfo, StateInfo, TagInfo
from clickup_lang.semantics.domains import domain_values
from clickup_lang.semantics.patterns import make_patterns
from clickup_lang.semantics.statements import check_block
from clickup_lang.semantics.types import (
    DEVICE, DOMAIN, NOTHING, TEXT, ArrayType, BucketType, CounterType, DeviceListType, EntryType, HeaderType, LpmType, MapType, OfType, PREFIX_OF, PatternsType, RegisterType, SetType, Type, is_array_value, is_storable, is_value, key_type, show, RankingType, SecretType, SketchType,
)  # fmt: skip
from clickup_lang.semantics.pools import with_own_pools
from clickup_lang.semantics.any_tables import known_fields, takes_any
from clickup_lang.semantics.unread_locals import warn_of_unread_locals
from clickup_lang.semantics.values import Constant
from clickup_lang.source import Span
from clickup_lang.source.nodes import nodes
from clickup_lang.syntax import tree

if TYPE_CHECKING:
    from clickup_lang.semantics.checker import Checker

NOTHING_GIVEN: Mapping[str, Type] = {}


def make_const(checker: Checker, declaration: tree.Const) -> Constant | None:
    file = declaration.span.file
    type = checker.type_of(declaration.type, file) if declaration.type is not None else None
    if declaration.type is not None and type is None:
        return None
    return checker.constant(declaration.value, type, file, f"`{declaration.name.text}`")


def make_param(checker: Checker, declaration: tree.Param) -> ParamInfo | None:
    file, name = declaration.span.file, declaration.name
    type = checker.type_of(declaration.type, file)
    if type is None:
        return None
    if type == DEVICE:
        default = declaration.default
        if default is not None and not (isinstance(default, tree.Literal) and default.kind == "text"):
            checker.problems.append(say.wanted("a device's name in quotes", default.span))
            return None
        return ParamInfo(name.text, type, default.value if isinstance(default, tree.Literal) else "", name.span)
    if isinstance(type, DeviceListType):
        devices = device_names(checker, declaration, type)
        return None if devices is None else ParamInfo(name.text, type, devices, name.span)
    if not is_storable(type) or isinstance(type, (MapType, SetType)):
        checker.problems.append(say.not_stored("a param", type, declaration.type.span))
        return None
    if declaration.default is None:
        checker.problems.append(say.problem("E307", f"`{name.text}` has no default", name.span, help="give it one; `--set` changes it at start"))
        return None
    default = checker.constant(declaration.default, type, file, f"`{name.text}`")
    return None if default is None else ParamInfo(name.text, type, default.value, name.span)


def device_names(checker: Checker, declaration: tree.Param, type: DeviceListType) -> tuple[str, ...] | None:
    """The default of a list of devices: as many as it names there are."""
    default = declaration.default
    if not isinstance(default, tree.ListValue) or not default.items:
        span = default.span if default is not None else declaration.name.span
        checker.problems.append(say.wanted('a list of devices\' names, as in `["eth0", "eth1"]`,', span))
        return None
    names: list[str] = []
    for item in default.items:
        if item.key is not None or not (isinstance(item.value, tree.Literal) and item.value.kind == "text"):
            checker.problems.append(say.wanted("a device's name in quotes", item.span))
            return None
        names.append(str(item.value.value))
    if len(names) > type.maximum:
        checker.problems.append(say.out_of_range(say.counted(len(names), "device"), type, 1, type.maximum, default.span))
        return None
    return tuple(names)


def make_config(checker: Checker, declaration: tree.Config) -> ConfigInfo | None:
    file, name = declaration.span.file, declaration.name
    type = checker.type_of(declaration.type, file)
    if type is None:
        return None
    for item in declaration.policy:
        if item.kind != "capacity":
            checker.problems.append(say.bad_policy(f"`{item.kind}` does not go with `config`", item.span))
            return None
    if isinstance(type, PatternsType):
        return make_patterns(checker, declaration, type)
    if isinstance(type, SetType):
        return make_config_set(checker, declaration, type)
    if isinstance(type, (MapType, LpmType)):
        return make_config_map(checker, declaration, type)
    if not is_storable(type):
        checker.problems.append(say.not_stored("a config", type, declaration.type.span))
        return None
    if declaration.initial is None:
        checker.problems.append(say.problem("E307", f"`{name.text}` has no initial value", name.span))
        return None
    initial = checker.constant(declaration.initial, type, file, f"`{name.text}`")
    return None if initial is None else ConfigInfo(name.text, type, initial.value, name.span)


def make_config_set(checker: Checker, declaration: tree.Config, type: SetType) -> ConfigInfo | None:
    name = declaration.name
    if type.element != DOMAIN and not is_storable(type.element):
        checker.problems.append(say.not_stored("a config", type, declaration.type.span))
        return None
    values = set_values(checker, declaration.initial, type, declaration.span.file, name.text) if declaration.initial is not None else ()
    capacity = config_capacity(checker, declaration, values)
    return None if values is None else ConfigInfo(name.text, type, values, name.span, capacity)


def config_capacity(checker: Checker, declaration: tree.Config, elements: tuple[object, ...] | None) -> int | None:
    """How many elements there may be; it is said where there are more to begin with."""
    written = next((item.value for item in declaration.policy if item.kind == "capacity"), None)
    capacity = checker.integer(written, declaration.span.file) if written is not None else None
    if capacity is not None and elements is not None and len(elements) > capacity:
        message = f"`{declaration.name.text}` begins with {len(elements)} entries, and has room for {capacity}"
        checker.problems.append(say.bad_policy(message, declaration.name.span))
    return capacity


def make_config_map(checker: Checker, declaration: tree.Config, type: MapType | LpmType) -> ConfigInfo | None:
    name, file = declaration.name, declaration.span.file
    if not is_storable(type.key) or not is_storable(type.value):
        checker.problems.append(say.not_stored("a config", type, declaration.type.span))
        return None
    if isinstance(type, LpmType) and type.key not in PREFIX_OF:
        checker.problems.append(say.wrong_type(type.key, "an address", declaration.type.span))
        return None
    pairs = map_values(checker, declaration.initial, type, file, name.text) if declaration.initial is not None else ()
    if pairs is None:
        return None
    capacity = config_capacity(checker, declaration, pairs)
    return ConfigInfo(name.text, type, pairs, name.span, capacity)


def map_values(
    checker: Checker, written: tree.Expression, type: MapType | LpmType, file: str, name: str
) -> tuple[tuple[object, object], ...] | None:
    """The pairs of a list, in the order in which they are written; keys are not repeated."""
    if not isinstance(written, tree.ListValue):
        checker.problems.append(say.wanted("a list, as in `[a: b]`,", written.span))
        return None
    of_key = key_type(type)
    pairs: dict[object, object] = {}
    where: dict[object, Span] = {}
    for item in written.items:
        if item.key is None:
            checker.problems.append(say.wanted(f"a pair for each entry of a `{show(type)}`, as in `[a: b]`,", item.span))
            return None
        key = checker.constant(item.key, of_key, file, f"a key of `{name}`")
        value = checker.constant(item.value, type.value, file, f"an entry of `{name}`")
        if key is None or value is None:
            return None
        if key.value in pairs:
            checker.problems.append(say.key_twice(item.key.span, where[key.value]))
            return None
        pairs[key.value], where[key.value] = value.value, item.key.span
    return tuple(pairs.items())


def set_values(checker: Checker, written: tree.Expression, type: SetType, file: str, name: str) -> tuple[object, ...] | None:
    """The elements of a list, in the order in which they are written, each once."""
    if type.element == DOMAIN:
        return domain_values(checker, written)
    if not isinstance(written, tree.ListValue):
        checker.problems.append(say.wanted("a list, as in `[a, b]`,", written.span))
        return None
    values: dict[object, None] = {}
    for item in written.items:
        if item.key is not None:
            checker.problems.append(say.wanted(f"one value for each element of a `{show(type)}`, not a pair,", item.span))
            return None
        value = checker.constant(item.value, type.element, file, f"an element of `{name}`")
        if value is None:
            return None
        values[value.value] = None
    return tuple(values)


def make_tag(checker: Checker, declaration: tree.Tag) -> TagInfo | None:
    type = checker.type_of(declaration.type, declaration.span.file)
    if type is None:
        return None
    if isinstance(type, EntryType):
        return make_entry_tag(checker, declaration, type)
    if not is_storable(type):
        checker.problems.append(say.not_stored("a tag", type, declaration.type.span))
        return None
    default = checker.constant(declaration.default, type, declaration.span.file) if declaration.default is not None else None
    if declaration.default is not None and default is None:
        return None
    return TagInfo(declaration.name.text, type, default.value if default else None, default is not None, declaration.name.span)


def make_entry_tag(checker: Checker, declaration: tree.Tag, type: EntryType) -> TagInfo | None:
    if not isinstance(checker.names.find(type.state, declaration.span.file), tree.State):
        checker.problems.append(checker.names.unknown(type.state, "state", declaration.type.span))
        return None
    if declaration.default is not None:
        checker.problems.append(say.wrong_type(type, "a type of values", declaration.default.span))
        return None
    return TagInfo(declaration.name.text, type, None, False, declaration.name.span)


# -- code ---------------------------------------------------------------------------------------------------------------------


def assigned_names(block: tree.Block | None) -> frozenset[str]:
    """Names that some statement of the body writes: those locals are mutable."""
    found: set[str] = set()
    for node in nodes(block):
        match node:
            case tree.Assign(target=tree.Name(text=name) | tree.Index(object=tree.Name(text=name))):
                found.add(name)
            case tree.Call(callee=tree.Member(object=tree.Name(text=name), name=tree.Identifier(text="append"))):
                found.add(name)
            case tree.Call(callee=tree.Name(text="swap"), arguments=arguments):
                places = (a.value.object if isinstance(a.value, tree.Index) else a.value for a in arguments)
                found.update(p.text for p in places if isinstance(p, tree.Name))
            case tree.Scan(start=tree.Name(text=name)):
                found.add(name)
            case _:
                pass
    return frozenset(found)


def bind_parameters(
    body: Body, parameters: tuple[tree.Parameter, ...], allowed: tuple[type, ...], given: Mapping[str, Type] = NOTHING_GIVEN, values: frozenset[str] = frozenset()
) -> tuple[ParameterInfo, ...] | None:
    """Binds each parameter to what its type makes of it: a value, a header, an entry or a container. `given` are the types of the states for
    those that take any; `values` the arrays that are values and no states."""
    infos: list[ParameterInfo] = []
    for parameter in parameters:
        type = body.checker.type_of(parameter.type, body.file)
        if type is None:
            return None
        name, span = parameter.name.text, parameter.name.span
        if MapType in allowed and name in given and takes_any(type):
            body.bind(name, StoreBinding(name, given[name], span, known_fields(type)))
            infos.append(ParameterInfo(name, given[name], span))
            continue
        if body.find(name) is not None:
            body.problem(say.duplicate_name(name, span, next(i.span for i in infos if i.name == name)))
            return None
        match type:
            case HeaderType(members=members) if HeaderType in allowed:
                body.bind(name, HeaderBinding(name, members, span))
            case EntryType(state=state) if EntryType in allowed:
                if not isinstance(body.checker.names.find(state, body.file), tree.State):
                    body.problem(body.checker.names.unknown(state, "state", parameter.type.span))
                    return None
                body.bind(name, EntryBinding(name, state, span))
                body.used_names.add(name)
            case SecretType() | OfType() if HeaderType in allowed:
                body.bind(name, LocalBinding(name, type, False, span))
                body.used_names.add(name)
            case ArrayType() if HeaderType in allowed or name in values:
                if not is_array_value(type):
                    body.problem(say.no_array_value("a parameter", type, parameter.type.span))
                    return None
                body.bind(name, LocalBinding(name, type, False, span))
                body.used_names.add(name)
            case (ArrayType() | BucketType() | CounterType() | RegisterType() | MapType() | SetType() | SketchType() | RankingType() | SecretType()) if MapType in allowed:
                body.bind(name, StoreBinding(name, type, span))
            case _ if is_storable(type) or type == TEXT or (isinstance(type, DeviceListType) and HeaderType not in allowed):
                body.bind(name, LocalBinding(name, type, False, span))
                body.used_names.add(name)
            case _:
                body.problem(say.not_stored("a parameter", type, parameter.type.span))
                return None
        infos.append(ParameterInfo(name, type, span))
    return tuple(infos)


def make_function(checker: Checker, declaration: tree.Function, given: Mapping[str, Type] = NOTHING_GIVEN, key: str = "") -> FunctionInfo | None:
    """One that takes tables of any type is checked for the types that it is `given`; `key` then tells it from others."""
    body = Body(checker, declaration.span.file, "function", declaration.name.text)
    body.assigned = assigned_names(declaration.body)
    result: Type | None = NOTHING
    if declaration.result is not None:
        result = checker.type_of(declaration.result, body.file)
        if isinstance(result, ArrayType) and not is_array_value(result):
            checker.problems.append(say.no_array_value("a result", result, declaration.result.span))
            return None
        if result is not None and not is_storable(result) and not isinstance(result, ArrayType):
            span = declaration.result.span
            stored = is_value(result) or isinstance(result, SecretType)
            checker.problems.append(say.not_stored("a result", result, span) if stored else say.not_kept(result, span, result=True))
            return None
    parameters = bind_parameters(body, declaration.parameters, (HeaderType, EntryType, MapType), given)
    if result is None or parameters is None:
        return None
    if any(takes_any(p.type) for p in parameters):
        return FunctionInfo(declaration.name.text, parameters, result, (), (), (), declaration.name.span, is_open=True)
    body.result = result
    before = len(checker.problems)
    code, falls = check_block(body, declaration.body)
    if body.broken or len(checker.problems) > before:
        return None
    if falls and result != NOTHING:
        checker.problems.append(say.path_without_return(declaration.name.text, declaration.name.span))
        return None
    checker.warnings += warn_of_unread_locals(declaration.body)
    removes = tuple(p.name for p in parameters if p.name in body.removes)
    removes_from = tuple(sorted(set(body.removes.values())))
    return FunctionInfo(declaration.name.text, parameters, result, code, removes, removes_from, declaration.name.span, key=key)


def make_atom(
    checker: Checker, declaration: tree.Atom, given: Mapping[str, Type] = NOTHING_GIVEN, key: str = "", values: frozenset[str] = frozenset()
) -> AtomInfo | None:
    """One that takes tables of any type or arrays is checked for the types that it is `given`, and for the arrays that are `values` and no
    states; `key` then tells it from others."""
    body = Body(checker, declaration.span.file, "atom", declaration.name.text)
    body.assigned = assigned_names(declaration.body)
    body.given_values = values
    parameters = bind_parameters(body, declaration.parameters, (MapType,), given, values)
    states = own_states(body, declaration)
    seen: dict[str, PortInfo] = {}
    for port in declaration.ports:
        name = port.name.text
        if name in seen or name in ("rest", "any"):
            first = seen[name].span if name in seen else declaration.name.span
            checker.problems.append(say.duplicate_name(name, port.name.span, first) if name in seen else say.bad_node(f"`{name}` stands for several ports, so none is called so", port.name.span))
        elif port.default is not None and port.default.text != "drop":
            checker.problems.append(say.only_drop(port.default.text, port.default.span))
        seen[name] = PortInfo(name, port.default is not None, port.name.span)
    if parameters is None or states is None:
        return None
    ports = tuple(seen.values())
    if declaration.body is None:
        return AtomInfo(declaration.name.text, parameters, ports, None, declaration.element, declaration.name.span, element_span=declaration.element_span)
    if any(takes_any(p.type) or isinstance(p.type, ArrayType) and not given and not values for p in parameters):
        return AtomInfo(declaration.name.text, parameters, ports, (), None, declaration.name.span, states, is_open=True)
    body.ports = ports
    before = len(checker.problems)
    code, falls = check_block(body, declaration.body)
    if body.broken or len(checker.problems) > before:
        return None
    if falls:
        end = declaration.body.span
        last = declaration.body.statements[-1].span if declaration.body.statements else end
        checker.problems.append(say.path_without_emit(declaration.name.text, declaration.name.span, last))
        return None
    checker.warnings += warn_of_unread_locals(declaration.body)
    return AtomInfo(declaration.name.text, parameters, ports, code, None, declaration.name.span, states, key=key)


def own_states(body: Body, declaration: tree.Atom) -> tuple[StateInfo, ...] | None:
    """The states that each instance has for itself; in the code they are called by their name."""
    from clickup_lang.semantics.policies import make_state

    states: dict[str, StateInfo] = {}
    # What is done when an entry leaves may write other states of the instance, which are none of those that it is said of.
    for written in sorted(declaration.states, key=lambda state: any(item.kind == "on leave" for item in state.policy)):
        name, known = written.name, body.find(written.name.text)
        if known is not None:
            body.problem(say.duplicate_name(name.text, name.span, known.span))
            return None
        state = make_state(body.checker, with_own_pools(written, declaration), declaration.name.text, tuple(states.values()))
        if state is None:
            return None
        body.bind(name.text, StoreBinding(name.text, state.type, name.span, state=state))
        states[name.text] = state
    return tuple(states[written.name.text] for written in declaration.states)
