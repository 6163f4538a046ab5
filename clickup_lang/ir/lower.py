"""Model -> graph: each instance's code with its arguments bound, functions inlined, headers resolved to places.

In: a model without problems. After it: the graph says the same as the model for every packet; conditions that are known for an
instance (its arguments, the headers that can be there) are decided. Not done here: layout of state, and anything about a target.
"""

from __future__ import annotations

from typing import cast

from clickup_lang.ir import graph as g
from clickup_lang.ir.bound_sends import most_sent
from clickup_lang.ir.bound_writes import most_lines
from clickup_lang.ir.lower_code import NodeLowering
from clickup_lang.ir.lower_way import DeviceNumbers, Frame, Way
from clickup_lang.ir.places import PlaceTable, layout_of
from clickup_lang.semantics.model import Code, DerivedInfo, DerivedValueInfo, IndexInfo, Instance, Model, StateInfo, names_of_instance
from clickup_lang.semantics.policies import shortest_of
from clickup_lang.semantics.presence import START
from clickup_lang.semantics.pools import keeps_keys, of_instance
from clickup_lang.semantics.types import DEVICE, ArrayType, BucketType, CounterType, DeviceListType, PoolType, RegisterType, SecretType
from clickup_lang.semantics.values import ParamValue
from clickup_lang.source import Span

SECOND = 1_000_000_000
TICKS_PER_IDLE = 16
KINDS = {"ToDevice": "output", "ToDevices": "output", "Discard": "drop"}


def lower(model: Model) -> g.Graph:
    """The graph of a whole program."""
    places = PlaceTable(model)
    devices = devices_of(model)
    known = DeviceNumbers(model)
    inner = [i for i in model.instances if model.atoms[i.atom].element not in ("FromDevice", "FromDevices")]
    index = {instance.path: n for n, instance in enumerate(inner)}
    nodes = tuple(lower_instance(model, instance, places, index, known) for instance in inner)
    inputs: list[g.Input] = []
    for instance in model.instances:
        element, target = model.atoms[instance.atom].element, instance.ports[0].target if instance.ports else None
        if element == "FromDevice" and target is not None:
            inputs.append(g.Input(instance.path, device_of(instance), index[target]))
        elif element == "FromDevices" and target is not None:
            listed = range(len(known.lists[device_of(instance)]))
            inputs += [g.Input(f"{instance.path}[{n}]", f"{device_of(instance)}[{n}]", index[target]) for n in listed]
    stores = tuple(lower_state(model, s, places) for s in model.states)
    used = {p.header for p in places.places}
    return g.Graph(
        service=model.service,
        version=model.version,
        devices=devices,
        params=tuple(g.Param(p.name, p.type, p.default) for p in model.params if p.type != DEVICE and not isinstance(p.type, DeviceListType)),
        configs=tuple(g.ConfigItem(c.name, c.type, c.initial, c.capacity) for c in model.configs),
        stores=stores,
        tags=tuple(g.Tag(t.name, t.type, t.default) for t in model.tags),
        enums=model.enums,
        records=model.records,
        headers=tuple(layout_of(h) for n, h in model.headers.items() if n in used),
        places=tuple(places.places),
        inputs=tuple(inputs),
        nodes=nodes,
        undo_lines=most_lines(nodes, stores),
        most_sent=most_sent(nodes),
        events=tuple(g.Event(e.name, e.fields) for e in model.events),
        derived=tuple(lower_derived(model, d, places) for d in model.derived),
        worked_out=tuple(lower_worked_out(model, d, places) for d in model.derived_values),
    )


def devices_of(model: Model) -> tuple[g.Param, ...]:
    """The devices by declared order, those of a list as `lan[0]`, `lan[1]`."""
    devices: list[g.Param] = []
    for param in model.params:
        if param.type == DEVICE:
            devices.append(g.Param(param.name, DEVICE, param.default))
        elif isinstance(param.type, DeviceListType):
            devices += [g.Param(f"{param.name}[{n}]", DEVICE, name) for n, name in enumerate(cast("tuple[str, ...]", param.default))]
    return tuple(devices)


def lower_instance(model: Model, instance: Instance, places: PlaceTable, index: dict[str, int], known: DeviceNumbers) -> g.Node:
    info = model.atoms[instance.atom]
    ports = tuple(g.Port(p.name, index[p.target] if p.target is not None else None) for p in instance.ports)
    if info.code is None:
        if info.is_native:
            return lower_element(model, instance, places, ports, known)
        kind = KINDS[info.element or ""]
        device = device_of(instance) if info.element == "ToDevice" else None
        listed = known.lists[device_of(instance)] if info.element == "ToDevices" else ()
        return g.Node(instance.path, info.name, kind, ports, (), device, instance.span, listed)
    lowering = NodeLowering(model, places, known)
    frame = Frame(places.names)
    for parameter, argument in zip(info.bound, instance.arguments):
        if isinstance(argument, str):
            frame.stores[parameter.name] = argument
        else:
            frame.locals[parameter.name] = lowering.value(argument, frame, Way(START))
    body, _ = lowering.code(info.code, frame, model.entry_paths.get(instance.path, START))
    return g.Node(instance.path, info.name, "code", ports, body, None, info.span)


def lower_element(model: Model, instance: Instance, places: PlaceTable, ports: tuple[g.Port, ...], known: DeviceNumbers) -> g.Node:
    """An argument whose parameter has a name in capitals is Click's keyword argument of that name."""
    info, lowering, way = model.atoms[instance.atom], NodeLowering(model, places, known), Way(START)
    given: list[tuple[str, g.Expression]] = []
    for parameter, argument in zip(info.parameters, instance.arguments):
        assert not isinstance(argument, str), "a native element is given no states"
        given.append((parameter.name if parameter.name.isupper() else "", lowering.value(argument, Frame(places.names), way)))
    return g.Node(instance.path, info.name, "element", ports, (), None, instance.span, (), info.element_class, info.element_words, tuple(given))


def device_of(instance: Instance) -> str:
    argument = instance.arguments[0]
    assert isinstance(argument, ParamValue)
    return argument.name


class IdleLowering(NodeLowering):
    """Of an idle time, which is one expression: nothing in it changes anything, so what is asked twice is written twice."""

    def held(self, value: g.Expression, name: str, span: Span, out: list[g.Statement]) -> g.Expression:
        return value


def lower_derived(model: Model, derived: DerivedInfo, places: PlaceTable) -> g.Derived:
    lowering, way = IdleLowering(model, places, DeviceNumbers(model)), Way(START)
    frame = Frame(places.names)
    condition = lowering.value(derived.condition, frame, way) if derived.condition is not None else None
    by, weight = lowering.value(derived.by, frame, way), lowering.value(derived.weight, frame, way)
    assert not way.out, "what a value is derived by is an expression without statements"
    return g.Derived(derived.name, derived.type.element, derived.type.length, derived.source, condition, by, weight)


def lower_worked_out(model: Model, derived: DerivedValueInfo, places: PlaceTable) -> g.WorkedOut:
    lowering, way = NodeLowering(model, places, DeviceNumbers(model)), Way(START)
    value = lowering.value(derived.value, Frame(places.names), way)
    return g.WorkedOut(derived.name, derived.type, derived.sources, tuple(way.out), value)


def lower_state(model: Model, state: StateInfo, places: PlaceTable) -> g.Store:
    cell = isinstance(state.type, (ArrayType, BucketType, CounterType, PoolType, RegisterType, SecretType))
    idle: g.Expression | None = None
    tick = SECOND
    if state.idle is not None:
        lowering, way = IdleLowering(model, places, DeviceNumbers(model)), Way(START)
        idle = lowering.value(state.idle, Frame(places.names), way)
        assert not way.out, "an idle time is an expression without statements"
        shortest = shortest_of(state.idle)
        assert shortest is not None
        tick = max(shortest // TICKS_PER_IDLE, 1)
    # A state without `sync` follows the others, and is not synchronised when none says more.
    periods = [s.sync for s in model.states if s.sync is not None and s.sync >= 0]
    sync = state.sync if state.sync is not None else min(periods, default=-1)
    return g.Store(
        name=state.name,
        type=of_instance(state.type, state.name.rpartition(".")[0]) if state.owner else state.type,
        capacity=1 if cell and not keeps_keys(state.type) else state.capacity,
        idle=idle,
        tick=tick,
        when_full=state.when_full,
        sync=None if sync == -1 else sync,
        initial=None if isinstance(state.type, (ArrayType, BucketType)) else state.initial,
        origin=state.span,
        indices=tuple(lower_index(model, i) for i in state.indices),
        on_leave=lower_leaving(model, state.on_leave, names_of_instance(state, model.states)) if state.on_leave is not None else None,
        range=state.range,
        prefers_random=state.prefers_random,
        merged=state.merged,
        scope=state.scope,
        capacity_param=state.capacity_param,
        period=state.period,
        counters=state.counters,
    )


def lower_index(model: Model, index: IndexInfo) -> g.SecondKey:
    lowering, way = IdleLowering(model, PlaceTable(model), DeviceNumbers(model)), Way(START)
    value = lowering.value(index.value, Frame(lowering.places.names), way)
    assert not way.out, "a second key is an expression without statements"
    return g.SecondKey(index.name, index.type, value)


def lower_leaving(model: Model, code: Code, stores: dict[str, str]) -> g.Body:
    """`stores` are the states of the same instance, by the names that the code gives them."""
    lowering = NodeLowering(model, PlaceTable(model), DeviceNumbers(model))
    frame = Frame(lowering.places.names)
    frame.stores |= stores
    body, _ = lowering.code(code, frame, START)
    return body


