"""The pieces of a kernel that are neither nodes nor tables' functions: types, the context of a packet, what waits between the halves."""

from __future__ import annotations

from clickup_lang.backends.cpp import Cpp, Lines
from clickup_lang.backends.cpp_types import leaf_of
from clickup_lang.backends.facts import START
from clickup_lang.backends.flow import Flow, leaving_members
from clickup_lang.backends.header_parts import members_of
from clickup_lang.backends.program import Program, StoreNames
from clickup_lang.backends.scope import Stop
from clickup_lang.backends.tables import owner_of
from clickup_lang.backends.view import EnumView, FunctionView, MemberView, StructView
from clickup_lang.frozen import Frozen
from clickup_lang.ir.image import bytes_for, encode, leaves
from clickup_lang.ir.pools import has_leaving_work
from clickup_lang.semantics.types import ArrayType, BucketType, EnumType, PoolType, RecordType, RegisterType, Type
from clickup_lang.semantics.zero import zero_of


class TableView(Frozen):
    """`shape` are the initialisers of its constant shape; `policy` the idle function, or NULL;
    `leaving` what is called when an entry leaves, empty where nothing is done then."""

    name: str
    member: str
    number: int
    shape_name: str
    shape: str
    key: str
    words: int
    policy: str
    leaving: str


class CellsView(Frozen):
    """`initial` are statements that write the first value."""

    name: str
    member: str
    number: int
    cell: str
    initial: tuple[str, ...]


class HeldView(Frozen):
    """Pointers to at most `most` entries, and how many there are."""

    name: str
    most: int


class AskedView(Frozen):
    """A table whose memory is asked for ahead."""

    member: str
    shape: str


class LeadView(Frozen):
    """A table of second keys, the one that it leads to, and where in an entry the number of a slot stands."""

    member: str
    owner: str
    at: int


def main_file(program: Program) -> str:
    """The program's own file, as far as its parts tell: the one that has its states, or most nodes."""
    spans = [store.origin for store in program.graph.stores] + [node.origin for node in program.graph.nodes]
    names = [program.origin(span).rpartition(":")[0] or program.origin(span) for span in spans]
    return names[0] if names else f"{program.graph.service}.cup"


def sized_by_params(program: Program) -> tuple[tuple[str, str, str], ...]:
    """Params that say how large a state is: the member, the value that was built, and what is said of another one."""
    found: list[tuple[str, str, str]] = []
    for store in program.graph.stores:
        if store.capacity_param is not None:
            message = f"`{store.capacity_param}` says how many entries `{store.name}` holds, which is part of its schema: give it another default and build anew, or leave it {store.capacity}"
            found.append((program.param_members[store.capacity_param,], str(store.capacity), message))
    return tuple(found)


# -- types --------------------------------------------------------------------------------------------------------------------


def enum_view(program: Program, of: EnumType) -> EnumView:
    names = program.types.enumerators[of.name]
    underlying = f"uint{8 * bytes_for(of.bits)}_t"
    return EnumView("", program.types.enums[of.name], underlying, tuple((names[n], v) for n, v in of.enumerators))


def port_views(program: Program, flow: Flow) -> tuple[EnumView, ...]:
    """The ports of each atom that has code; `later` where it may have to wait."""
    waits = {w.function.node.atom for w in flow.functions if w.function.node is not None and w.function.stops}
    used = {program.port_type(w.function.node) for w in flow.functions if w.function.node is not None}
    views: list[EnumView] = []
    for (atom, _), (name, ports) in program.ports.items():
        later = (("later", None),) if atom in waits else ()
        if name in used:
            views.append(EnumView("", name, "uint8_t", (*((p, None) for p in ports.values()), *later)))
    return tuple(views)


def in_order(records: tuple[RecordType, ...]) -> tuple[RecordType, ...]:
    """Each after those that it holds. Those whose values have no image are left out, as nothing compiled can use them."""
    ordered: list[RecordType] = []

    def add(of: Type) -> None:
        if isinstance(of, RecordType) and of not in ordered:
            for field in of.fields:
                add(field.type)
            ordered.append(of)

    for record in records:
        try:
            leaves(record)
        except TypeError:
            continue
        add(record)
    return tuple(ordered)


def record_view(program: Program, of: RecordType) -> StructView:
    fields = [MemberView(f"{program.types.text(f.type)} {program.types.field(of, f.name)};") for f in of.fields]
    return StructView("", program.types.records[of.name], tuple(fields))


def same_function(program: Program, of: RecordType) -> FunctionView:
    types, name = program.types, program.types.records[of.name]
    asked: list[str] = []
    for field in of.fields:
        a, b = (Cpp(f"{owner}.{types.field(of, field.name)}") for owner in "ab")
        asked.append(types.compare("==", field.type, a, b).text)
    return FunctionView("", f"CUP_INLINE bool same(const {name} &a, const {name} &b)", (f"return {' && '.join(asked)};",))


def table_view(program: Program, names: StoreNames) -> TableView:
    placement, store = names.placement, names.store
    shape = f"{placement.stride}, {placement.key_at}, {placement.key_size}, UINT64_C({store.tick})"
    policy = program.helpers[store.name, "idle"] if store.idle is not None else "NULL"
    leaving = program.helpers[store.name, "leaving"] if has_leaving_work(store) else ""
    return TableView(store.name, names.member, names.number, names.shape, shape, names.key, names.key_words, policy, leaving)


def cells_view(program: Program, names: StoreNames) -> CellsView:
    of, initial = names.store.type, names.store.initial
    lines: Lines = []
    if isinstance(of, RegisterType) and initial is not None:
        constant = program.types.constant(of.value, initial)
        for leaf in leaves(of.value):
            number = leaf_of(program.types, constant, of.value, leaf)
            lines.append(f"kernel.{names.member}->{names.leaves['cell', leaf.name]} = {number.text};")
    elif isinstance(of, ArrayType) and any(encode(of.element, zero_of(of.element))):
        # The zero of an address is one of IPv4, and that of an enum its first enumerator: not all of their bytes are 0.
        constant = program.types.constant(of.element, zero_of(of.element))
        lines.append(f"for (uint32_t i = 0; i < {of.length}U; i++) {{")
        for leaf in leaves(of.element):
            number = leaf_of(program.types, constant, of.element, leaf)
            lines.append(f"    kernel.{names.member}[i].{names.leaves['cell', leaf.name]} = {number.text};")
        lines.append("}")
    elif initial and not isinstance(of, ArrayType):
        lines.append(f"kernel.{names.member}->{names.leaves['cell', '.']} = UINT64_C({initial});")
    return CellsView(names.store.name, names.member, names.number, names.entry, tuple(lines))


# -- the packet's context -----------------------------------------------------------------------------------------------------


def member_types(program: Program) -> dict[str, str]:
    """All members that the context may have, in its order."""
    members = {"data": "uint8_t *", "length": "uint32_t ", "device": "uint16_t ", "now": "uint64_t "}
    members |= {f"tick_{s.store.tick}": "uint64_t " for s in program.stores.values() if s.is_table}
    for place, shown in zip(program.places, program.graph.places):
        members |= {f"{place}_{part}": "uint32_t " for part in (("at", "last", "end", "limit") if shown.is_stack else ("at", "end", "limit"))}
        members |= {f"{place}_count": "uint32_t "} if shown.is_stack else {}
        members |= dict.fromkeys(members_of(place, program.layouts[shown.header]), "uint32_t ")
        members |= {f"{place}_whole": "bool ", f"{place}_parent": "int "}
    members |= {"payload_at": "uint32_t ", "payload_limit": "uint32_t ", "last": "int "}
    for tag in program.graph.tags:
        of = program.types.text(tag.type)
        members[program.tags[tag.name]] = of if of.endswith("*") else f"{of} "
    return members


def context_members(program: Program, flow: Flow) -> tuple[MemberView, ...]:
    used = {*flow.read, "data"}
    return tuple(MemberView(f"{of}{name};") for name, of in member_types(program).items() if name in used)


def held_members(program: Program) -> tuple[HeldView, ...]:
    """The entries that the packet in hand, and what it has sent, hold of the stores where that matters."""
    return tuple(HeldView(f"held_{program.stores[store].member}", most) for store, most in program.held.items())


def arrival_lines(program: Program, flow: Flow) -> tuple[str, ...]:
    """What is known of a packet that has just arrived. Of a header that is not there nothing is read but whether it is there."""
    given = {"data": "packet.data", "length": "packet.length", "device": "packet.device", "now": "now"}
    given |= {f"tick_{s.store.tick}": f"now / UINT64_C({s.store.tick})" for s in program.stores.values() if s.is_table}
    given |= {f"{program.places[place]}_at": "ABSENT" for place in sorted(flow.asked) if not program.graph.places[place].is_element}
    # What a packet waits with is copied, whether the header is there or not, and not all bytes are a `bool`.
    waits = {member for stop in flow.stops for member in stop.members} | leaving_members(program)
    given |= {name: "false" for place in program.places if (name := f"{place}_whole") in waits}
    given |= {"payload_at": "0", "payload_limit": "packet.length"} if START in flow.payload_of else {}
    given |= {"last": "-1"}
    for tag in program.graph.tags:
        first = program.types.constant(tag.type, tag.default).text if tag.default is not None else zero(program.types.text(tag.type))
        given[program.tags[tag.name]] = first
    return tuple(f"context.{name} = {text};" for name, text in given.items() if name in flow.read or name == "data")


def zero(of: str) -> str:
    return "NULL" if of.endswith("*") else f"{of}()"


# -- between the halves -------------------------------------------------------------------------------------------------------


def waiting_members(program: Program, flow: Flow) -> tuple[MemberView, ...]:
    kept = {member for stop in flow.stops for member in stop.members} | leaving_members(program)
    return tuple(MemberView(f"{of}{name};") for name, of in member_types(program).items() if name in kept)


def stop_view(program: Program, stop: Stop) -> StructView:
    """The hash comes first: at the same place for every stop."""
    members: list[MemberView] = []
    if stop.key is not None:
        members.append(MemberView(f"{program.stores[stop.key[0]].key} key;"))
    for _, member, of in stop.locals:
        text = program.types.text(of)
        members.append(MemberView(f"{text}{'' if text.endswith('*') else ' '}{member};"))
    return StructView("", stop.resume, tuple(members))


def asked_tables(program: Program, flow: Flow) -> tuple[AskedView, ...]:
    """Those that packets look into first, and those that second keys among them lead to."""
    asked = {stop.key[0] for stop in flow.stops if stop.key is not None}
    found = {name: program.stores[name] for name in asked}
    found |= {owner.store.name: owner for name in asked & program.index_stores for owner in (owner_of(program, program.stores[name]),)}
    return tuple(AskedView(found[name].member, found[name].shape) for name in sorted(found))


def first_device(program: Program) -> int:
    """The device of the first input."""
    return next(number for number in range(len(program.ends)) if program.input_of(number) == 0)


def leads(program: Program, flow: Flow) -> tuple[LeadView, ...]:
    """Those of the second keys that packets look up first."""
    asked = {stop.key[0] for stop in flow.stops if stop.key is not None}
    views: list[LeadView] = []
    for name, names in program.stores.items():
        if name in asked & program.index_stores:
            at = next(leaf.offset for leaf in names.placement.leaves if leaf.side == "value")
            views.append(LeadView(names.member, owner_of(program, names).member, at))
    return tuple(views)


def state_lines(program: Program) -> tuple[str, ...]:
    """The number of each state that is shown, in the order of the description."""
    lines: Lines = []
    number = 0
    for names in program.stores.values():
        if names.store.name in program.index_stores:
            continue
        if names.is_table:
            if names.store.idle is not None:
                lines.append(f"cup_table_expire(&kernel.{names.member}, kernel.now);")
            lines.append(f"counts[{number}] = cup_table_count(&kernel.{names.member});")
        elif isinstance(names.store.type, (ArrayType, BucketType, PoolType, RegisterType)):
            continue
        else:
            lines.append(f"counts[{number}] = kernel.{names.member}->{names.leaves['cell', '.']};")
        number += 1
    lines += [f"counts[{number + n}] = kernel.{counter};" for n, counter in enumerate(program.event_counters.values())]
    return tuple(lines)
