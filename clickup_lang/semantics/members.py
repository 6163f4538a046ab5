"""Members and elements of the tree -> typed expressions: `x.y` and `x[y]` of entries, records, headers, states, and the packet."""

from __future__ import annotations

from clickup_lang.semantics import problems as say
from clickup_lang.semantics.body import Body, BrokenBinding, EntryBinding, HeaderBinding, LocalBinding, StoreBinding, ValueBinding
from clickup_lang.semantics.constants import fold
from clickup_lang.semantics.joining import join
from clickup_lang.semantics.leases import leased_of
from clickup_lang.semantics.lookups import found_member
from clickup_lang.semantics.model import EntryAt, Expression, FieldOfMet, HeaderField, HeaderRest, StateInfo
from clickup_lang.semantics.named_values import store_value
from clickup_lang.semantics.optional_fields import optional_in
from clickup_lang.semantics.patterns import patterns_member, patterns_named
from clickup_lang.semantics.payload import bytes_member, is_bytes
from clickup_lang.semantics.secrets import secret_member
from clickup_lang.semantics.sketches import kind_state, ranked_part
from clickup_lang.semantics.stacks import check_stack_member, stack_of
from clickup_lang.semantics.types import (
    BOOLEAN, BytesType, CursorType, EntryType, FoundType, Integer, LpmType, MAC_ADDRESS, MapType, RankingType, RecordType, RegisterType,
    SIZE, SecretType, SetType, Type, UNKNOWN, VIEW, ViewType, show,
)  # fmt: skip
from clickup_lang.semantics.values import (
    Compare, ConfigSize, Constant, Convert, EntryField, FieldOf, Local, Operate, PacketLength, PartOf, PayloadLength, StoreSize,
)  # fmt: skip
from clickup_lang.syntax import tree

U48 = Integer(48)


def check_member(body: Body, written: tree.Member) -> Expression | None:
    from clickup_lang.semantics.expressions import check_value

    field = written.name
    leased = leased_of(body, written)
    if leased is not None:
        return leased
    if kind_state(body, written.object, SecretType) is not None:
        return secret_member(body, written)
    if (matcher := patterns_named(body, written.object)) is not None:
        return patterns_member(body, matcher, field)
    if isinstance(written.object, tree.Index) and kind_state(body, written.object.object, RankingType) is not None:
        return ranked_part(body, written)
    own = instance_state(body, written)
    if own is not None:
        return store_value(body, own.name, own.type, written.span)
    own = instance_state(body, written.object)
    if own is not None:
        return store_member(body, own.name, own.type, field)
    if body.kind == "test" and is_of_packet(body, written):
        return check_met_field(body, written)
    if (stack := stack_of(body, written)) is not None:
        return check_stack_member(body, written, stack)
    if isinstance(written.object, tree.Name):
        name = written.object.text
        bound = body.find(name)
        match bound:
            case EntryBinding():
                return entry_member(body, bound, written.object, field)
            case StoreBinding(type=type) if not isinstance(type, RegisterType):
                return store_member(body, name, type, field)
            case LocalBinding(name=unique, type=FoundType() as type) if (part := found_member(Local(unique, type), type, field)) is not None:
                return part
            case StoreBinding() | LocalBinding() | ValueBinding() | BrokenBinding():
                pass
            case HeaderBinding():
                return header_field(body, written.object, field)
            case None:
                match name, field.text:
                    case "packet", "length":
                        return PacketLength(SIZE)
                    case "payload", "length":
                        return PayloadLength(SIZE)
                    case _:
                        pass
                if body.checker.header_names(name, body.file) is not None:
                    return header_field(body, written.object, field)
                if isinstance(body.checker.names.find(name, body.file), tree.State):
                    state = body.checker.state(name)
                    if state is None:
                        return None
                    if not isinstance(state.type, RegisterType):
                        return store_member(body, name, state.type, field)
                if isinstance(body.checker.names.find(name, body.file), tree.Tag):
                    tag = body.checker.tag(name)
                    if tag is None:
                        return None
                    if isinstance(tag.type, EntryType):
                        return entry_member(body, EntryBinding(f"tag {name}", tag.type.state, tag.span), written.object, field)
                if isinstance(body.checker.names.find(name, body.file), tree.Config):
                    config = body.checker.config(name)
                    if config is not None and isinstance(config.type, (SetType, MapType, LpmType)):
                        if field.text != "size":
                            body.problem(say.unknown_field(field.text, f"`{name}`", field.span, ["size"]))
                            return None
                        return ConfigSize(name, SIZE)
    record = check_value(body, written.object)
    if record is None:
        return None
    if is_bytes(record.type):
        return bytes_member(body, record, field)
    if record.type == MAC_ADDRESS and field.text == "multicast":
        return is_multicast(record)
    if record.type == UNKNOWN:
        return FieldOf(record, field.text, UNKNOWN)
    if not isinstance(record.type, RecordType):
        body.problem(say.unknown_field(field.text, f"`{show(record.type)}`", field.span, ()))
        return None
    found = record.type.field(field.text)
    if found is None:
        body.problem(say.unknown_field(field.text, f"`{record.type.name}`", field.span, [f.name for f in record.type.fields]))
        return None
    if isinstance(record, EntryField):
        return EntryField(record.entry, (*record.path, field.text), record.of_key, found.type)
    if isinstance(record, PartOf):
        return PartOf(record.found, (*record.path, field.text), record.of_key, found.type)
    if isinstance(record, EntryAt):
        return EntryAt(record.store, record.key, (*record.path, field.text), found.type)
    return fold(FieldOf(record, field.text, found.type))


def is_multicast(address: Expression) -> Expression:
    """Whether a MAC address is that of a group: the low bit of its first byte (IEEE 802)."""
    number = Convert(address, U48, True)
    return fold(Compare("!=", fold(Operate("&", number, Constant(1 << 40, U48), U48)), Constant(0, U48), BOOLEAN))


def is_of_packet(body: Body, written: tree.Member) -> bool:
    """`met.tcp.sequence`, where an earlier step of the test has named the packet that it met."""
    match written.object:
        case tree.Name(text=packet) | tree.Member(object=tree.Name(text=packet)):
            return packet in body.packets
        case _:
            return False


def check_met_field(body: Body, written: tree.Member) -> Expression | None:
    if not isinstance(written.object, tree.Member) or not isinstance(written.object.object, tree.Name):
        body.problem(say.wanted("a field of a header of the packet, as in `met.tcp.sequence`,", written.span))
        return None
    header = written.object.name
    members = header_members(body, header)
    type = header_field_type(body, header.text, members, written.name) if members is not None else None
    return None if type is None else FieldOfMet(written.object.object.text, header.text, written.name.text, type)


def instance_state(body: Body, written: tree.Expression) -> StateInfo | None:
    """`leaving.track.hits`, in a test: a state that an instance has for itself."""
    path: list[str] = []
    while isinstance(written, tree.Member):
        path.insert(0, written.name.text)
        written = written.object
    if body.kind != "test" or not isinstance(written, tree.Name):
        return None
    return body.checker.instance_states.get(".".join((written.text, *path)))


def check_test_index(body: Body, written: tree.Index) -> Expression | None:
    """`sessions[key]` in a test: the entry's value."""
    from clickup_lang.semantics.expressions import want

    own = instance_state(body, written.object)
    if own is not None and isinstance(own.type, MapType):
        key = want(body, written.index, own.type.key, f"a key of `{own.name}`")
        return None if key is None else EntryAt(own.name, key, (), own.type.value)
    if not isinstance(written.object, tree.Name):
        body.problem(say.wanted("the name of a `map` or an `array`", written.object.span))
        return None
    name, span = written.object.text, written.object.span
    found = body.checker.container(body, name, span)
    if found is None:
        return None
    type, is_config = found
    if is_config or not isinstance(type, MapType):
        body.problem(say.wrong_kind(name, f"a `{show(type)}`", "a `map` that packets write", span))
        return None
    key = want(body, written.index, type.key, f"a key of `{name}`")
    return None if key is None else EntryAt(name, key, (), type.value)


def entry_member(body: Body, entry: EntryBinding, object: tree.Name, field: tree.Identifier) -> Expression | None:
    if body.is_gone(entry, object.text, object.span):
        return None
    if field.text == "key":
        key = body.checker.key_type(body, entry.state)
        return None if key is None else EntryField(entry.name, (), True, key)
    value = body.checker.value_type(body, entry.state)
    if value is None:
        return None
    whole = EntryField(entry.name, (), False, value)
    if is_bytes(value):
        return bytes_member(body, whole, field)
    if value == MAC_ADDRESS and field.text == "multicast":
        return is_multicast(whole)
    found = value.field(field.text) if isinstance(value, RecordType) else None
    bound = body.find(entry.state)
    known = bound.fields if isinstance(bound, StoreBinding) else None
    if found is None or (known is not None and field.text not in known):
        names = list(known) if known is not None else [f.name for f in value.fields] if isinstance(value, RecordType) else []
        body.problem(say.unknown_field(field.text, f"an entry of `{entry.state}`", field.span, [*names, "key"]))
        return None
    return EntryField(entry.name, (field.text,), False, found.type)


def store_member(body: Body, name: str, type: Type, field: tree.Identifier) -> Expression | None:
    if field.text == "size" and isinstance(type, (MapType, SetType)):
        return StoreSize(name, SIZE)
    body.problem(say.unknown_field(field.text, f"`{name}`", field.span, ["size"] if isinstance(type, (MapType, SetType)) else []))
    return None


def header_members(body: Body, name: tree.Identifier) -> tuple[str, ...] | None:
    """The headers that may lie where the name points, or None after a problem."""
    bound = body.find(name.text)
    if isinstance(bound, HeaderBinding):
        return bound.members
    members = body.checker.header_names(name.text, body.file)
    if members is None and name.text not in body.checker.names.aliases:
        body.problem(body.checker.names.unknown(name.text, "header", name.span, tuple(body.checker.names.headers)))
    return members


def header_field(body: Body, header: tree.Name, field: tree.Identifier) -> Expression | None:
    members = header_members(body, tree.Identifier(header.text, header.span))
    if members is None:
        return None
    if body.kind != "test" and optional_in(body, header.text, field.text) is not None:
        body.problem(say.optional_read(header.text, field.text, header.span.to(field.span)))
        return None
    if is_rest(body, members, field.text):
        return HeaderRest(header.text, field.text, VIEW, header.span.to(field.span))
    type = header_field_type(body, header.text, members, field)
    return None if type is None else HeaderField(header.text, field.text, type, header.span.to(field.span))


def is_rest(body: Body, members: tuple[str, ...], field: str) -> bool:
    """Whether the name is that of a variable part."""
    return any(info.variable(field) is not None for m in members if (info := body.checker.header(m)) is not None)


def header_field_type(body: Body, header: str, members: tuple[str, ...], field: tree.Identifier) -> Type | None:
    """The type that the field has in all members which have it, joined."""
    joined: Type | None = None
    types: list[tuple[str, Type]] = []
    names: list[str] = []
    for member in members:
        info = body.checker.header(member)
        if info is None:
            return None
        found = info.field(field.text)
        names += [f.name for f in info.fields]
        if found is not None:
            types.append((member, found.type))
            both = found.type if joined is None else join(joined, found.type)
            if both is None:
                body.problem(say.field_types_differ(field.text, header, types, field.span))
                return None
            joined = both
    if joined is None and any(f.name.text == field.text for m in members if m in body.checker.names.headers for f in body.checker.names.headers[m].fields):
        body.problem(say.not_executed(f"a write to `{header}.{field.text}`, whose size varies,", field.span))
    elif joined is None:
        body.problem(say.unknown_field(field.text, f"`{header}`", field.span, names))
    return joined


def check_index(body: Body, written: tree.Index) -> Expression | None:
    if isinstance(written.object, tree.Name) and is_view(body, written.object.text):
        body.problem(say.bytes_by_index(written.object.text, written.span))
        return None
    if isinstance(written.object, tree.Name) and (found := body.checker.container(body, written.object.text, written.object.span)) is not None:
        if isinstance(found[0], (MapType, LpmType)):
            name = written.object.text
            body.problem(say.problem("E316", f"`{name}` may have no such entry", written.span, help=f"write `if let e = {name}[...] {{ }}` or `let e = {name}[...] else {{ }}`"))
        else:
            body.problem(say.wrong_kind(written.object.text, f"a `{show(found[0])}`", "a `map`, an `array` or a stack of headers", written.object.span))
    elif isinstance(written.object, tree.Member) and isinstance(written.object.object, tree.Name):
        body.problem(say.header_by_index(f"{written.object.object.text}.{written.object.name.text}", written.span))
    elif not isinstance(written.object, tree.Name):
        body.problem(say.wanted("the name of a `map`, an `array` or a stack of headers", written.object.span))
    return None


def is_view(body: Body, name: str) -> bool:
    """Whether it is the payload, or a local of bytes in the packet or of bytes that are kept."""
    bound = body.find(name)
    if isinstance(bound, LocalBinding):
        return isinstance(bound.type, (ViewType, CursorType, BytesType))
    return bound is None and name == "payload" and body.checker.names.find(name, body.file) is None
