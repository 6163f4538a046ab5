"""Names and literals of the tree -> typed expressions: what a word means where it stands, and what a literal is where it is wanted."""

from __future__ import annotations

from clickup_lang.semantics import problems as say
from clickup_lang.semantics.body import Body, BrokenBinding, EntryBinding, HeaderBinding, LocalBinding, StoreBinding, ValueBinding
from clickup_lang.semantics.constants import range_of
from clickup_lang.semantics.lookups import found_value
from clickup_lang.semantics.model import DerivedValueInfo, Expression, TagInfo
from clickup_lang.semantics.payload import is_bytes, payload_of
from clickup_lang.semantics.types import (
    BITRATE, BOOLEAN, BytesType, CounterType, DEVICE, DURATION, EntryType, EnumType, FoundType, IPV4_ADDRESS, IPV4_PREFIX, IPV6_ADDRESS,
    IPV6_PREFIX, IP_ADDRESS, IP_PREFIX, LpmType, MAC_ADDRESS, MapType, PACKETRATE, PREFIX_OF, RegisterType, SERIAL32, SIZE, SetType, TEXT, TIME, Type,
    U64, UNKNOWN, bits_of, is_number,
)  # fmt: skip
from clickup_lang.semantics.values import (
    Arrived, ConfigValue, Constant, DerivedValue, EntryField, Local, Now, ParamValue, ReadCell, ReadTag, WasReported,
)  # fmt: skip
from clickup_lang.source import Span
from clickup_lang.syntax import tree

ARITHMETIC = ("+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>", "+|", "-|")
LITERAL_TYPES: dict[str, Type] = {
    "ipv4": IPV4_ADDRESS, "ipv6": IPV6_ADDRESS, "mac": MAC_ADDRESS, "ipv4_prefix": IPV4_PREFIX, "ipv6_prefix": IPV6_PREFIX,
    "duration": DURATION, "size": SIZE, "bitrate": BITRATE, "packetrate": PACKETRATE, "text": TEXT,
}  # fmt: skip


def check_name(body: Body, written: tree.Name, expected: Type | None) -> Expression | None:
    name, span, checker = written.text, written.span, body.checker
    match body.find(name):
        case LocalBinding(name=unique, type=FoundType() as type):
            return found_value(Local(unique, type), type)
        case LocalBinding(name=unique, type=type) as local:
            return None if body.has_moved(local, name, span) else Local(unique, type)
        case EntryBinding() as entry:
            return entry_value(body, entry, name, span)
        case HeaderBinding():
            body.problem(say.wrong_kind(name, "a header", "a value", span))
            return None
        case StoreBinding(type=type) as store:
            return store_value(body, store.name, type, span)
        case ValueBinding(value=value):
            return value
        case BrokenBinding():
            return None
        case None:
            pass
    if isinstance(expected, EnumType) and (number := expected.value_of(name)) is not None:
        return Constant(number, expected)
    match name:
        case "true" | "false":
            return Constant(name == "true", BOOLEAN)
        case "now":
            return Now(TIME)
        case "arrived":
            return Arrived(DEVICE)
        case "payload" if checker.names.find(name, body.file) is None:
            return payload_of(body, span)
        case _:
            pass
    declaration = checker.names.find(name, body.file)
    match declaration:
        case tree.Param():
            param = checker.param(name)
            return None if param is None else ParamValue(name, param.type)
        case tree.Const():
            constant = checker.const(name)
            return None if constant is None else fold_literal(body, constant, expected, span)
        case tree.Config():
            config = checker.config(name)
            if config is None:
                return None
            if isinstance(config.type, (SetType, MapType, LpmType)):
                kind = "a set" if isinstance(config.type, SetType) else "a map" if isinstance(config.type, MapType) else "an `lpm`"
                body.problem(say.wrong_kind(name, kind, "one value", span, config.span))
                return None
            return ConfigValue(name, config.type)
        case tree.State():
            state = checker.state(name)
            return None if state is None else store_value(body, name, state.type, span)
        case tree.Tag():
            tag = checker.tag(name)
            return None if tag is None else tag_value(body, tag, name, span)
        case None:
            return check_enumerator(body, written, expected)
        case tree.Derived():
            derived = checker.derived(name)
            if derived is None:
                return None
            if isinstance(derived, DerivedValueInfo):
                return DerivedValue(name, derived.type)
            body.problem(say.wrong_kind(name, "an array", "one value", span))
            return None
        case _:
            body.problem(say.wrong_kind(name, checker.kind_of(declaration), "a value", span))
            return None


def check_reported(body: Body, event: tree.Identifier, span: Span) -> Expression | None:
    """`reported Alert`, in a test."""
    if body.kind != "test":
        body.problem(say.bad_node("`reported` stands in tests", span))
        return None
    if not isinstance(body.checker.names.find(event.text, body.file), tree.Event):
        body.problem(body.checker.names.unknown(event.text, "event", event.span))
        return None
    return WasReported(event.text, BOOLEAN)


def fold_literal(body: Body, constant: Constant, expected: Type | None, span: Span) -> Expression | None:
    """A `const` without a type of its own takes the one that is expected, as its literal would."""
    if constant.type == U64 and isinstance(constant.value, int) and expected is not None and bits_of(expected) and (is_number(expected) or expected == SERIAL32):
        return number_of(body, constant.value, expected, span)
    return constant


def check_enumerator(body: Body, written: tree.Name, expected: Type | None) -> Expression | None:
    owners = [e for e in body.checker.all_enums() if e.value_of(written.text) is not None]
    if len(owners) == 1:
        value = owners[0].value_of(written.text)
        return Constant(value, owners[0])
    if expected == UNKNOWN:
        return Local(written.text, UNKNOWN)
    if owners:
        body.problem(say.ambiguous_enumerator(written.text, [e.name for e in owners], written.span))
        return None
    more = tuple(n for n, _ in expected.enumerators) if isinstance(expected, EnumType) else ()
    locals = tuple(n for scope in body.scopes for n in scope)
    unknown = body.checker.names.unknown(written.text, "value", written.span, (*more, *locals, "true", "false", "now"))
    if unknown.code == "E201" and isinstance(expected, EnumType):
        unknown = say.unknown_member(written.text, f"`{expected.name}`", "enumerator", written.span, (*more, *locals))
    body.problem(unknown)
    return None


def entry_value(body: Body, entry: EntryBinding, name: str, span: Span) -> Expression | None:
    if body.is_gone(entry, name, span):
        return None
    value = body.checker.value_type(body, entry.state)
    if value is None:
        return None
    return EntryField(entry.name, (), False, value)


def tag_value(body: Body, tag: TagInfo, name: str, span: Span) -> Expression | None:
    """What a tag says; of one that holds an entry, the entry's value."""
    if not isinstance(tag.type, EntryType):
        return ReadTag(name, tag.type)
    return entry_value(body, EntryBinding(f"tag {name}", tag.type.state, tag.span), name, span)


def entry_named(body: Body, written: tree.Expression) -> EntryBinding | BrokenBinding | None:
    """The entry that a name stands for here: one that was found, or the one in a tag, whose name is then `tag NAME`."""
    if not isinstance(written, tree.Name):
        return None
    bound = body.find(written.text)
    if bound is not None:
        return bound if isinstance(bound, (EntryBinding, BrokenBinding)) else None
    tag = body.checker.tag(written.text) if isinstance(body.checker.names.find(written.text, body.file), tree.Tag) else None
    return EntryBinding(f"tag {written.text}", tag.type.state, tag.span) if tag is not None and isinstance(tag.type, EntryType) else None


def store_value(body: Body, name: str, type: Type, span: Span) -> Expression | None:
    match type:
        case CounterType():
            return ReadCell(name, U64)
        case RegisterType(value=value):
            return ReadCell(name, value)
        case _:
            body.problem(say.state_as_value(name, type, span))
            return None


def check_literal(body: Body, written: tree.Literal, expected: Type | None) -> Expression | None:
    value, span = written.value, written.span
    if written.kind == "integer":
        assert isinstance(value, int)
        wanted = expected if expected is not None and (is_number(expected) or expected == SERIAL32) else U64
        return number_of(body, value, wanted, span)
    if written.kind in ("ipv4_prefix", "ipv6_prefix"):
        assert isinstance(value, tuple)
        family = 4 if written.kind == "ipv4_prefix" else 6
        type = IP_PREFIX if expected == IP_PREFIX else LITERAL_TYPES[written.kind]
        return Constant((family, value[0], value[1]), type)
    if written.kind in ("ipv4", "ipv6") and expected in (IP_ADDRESS, IP_PREFIX, PREFIX_OF[LITERAL_TYPES[written.kind]]):
        family, width = (4, 32) if written.kind == "ipv4" else (6, 128)
        return Constant((family, value) if expected == IP_ADDRESS else (family, value, width), expected)
    if written.kind == "hex" or written.kind == "text" and expected is not None and is_bytes(expected):
        data = value.encode() if isinstance(value, str) else value
        assert isinstance(data, bytes)
        return Constant(data, BytesType(len(data), True))
    if written.kind in LITERAL_TYPES:
        return Constant(value, LITERAL_TYPES[written.kind])
    if written.kind in ("ipv4_endpoint", "ipv6_endpoint"):
        from clickup_lang.semantics.end_points import check_end_point

        return check_end_point(body, written, expected)
    percent = written.kind == "percent"
    body.problem(say.no_value("a percentage" if percent else "`nocase` text", "in the policy of a `sketch`" if percent else "in the list of a `config` of type `patterns`", span))
    return None


def number_of(body: Body, value: int, wanted: Type, span: Span) -> Expression | None:
    limits = range_of(wanted)
    assert limits is not None
    if not limits[0] <= value <= limits[1]:
        body.problem(say.out_of_range(f"{value}", wanted, limits[0], limits[1], span))
        return None
    return Constant(value, wanted)


def is_untyped(body: Body, written: tree.Expression) -> bool:
    """Whether the expression takes its type from what it meets: integers, and enumerators by their bare name."""
    match written:
        case tree.Literal(kind=kind):
            return kind in ("integer", "ipv4", "ipv6", "ipv4_prefix", "ipv6_prefix", "ipv4_endpoint", "ipv6_endpoint", "text", "hex")
        case tree.ListValue():
            return True
        case tree.Unary(operator="-", operand=operand):
            return is_untyped(body, operand)
        case tree.Binary(operator=operator, left=left, right=right):
            return operator in ARITHMETIC and is_untyped(body, left) and is_untyped(body, right)
        case tree.Name(text=name):
            if body.find(name) is not None or name in ("true", "false", "now", "arrived"):
                return False
            found = body.checker.names.find(name, body.file)
            if isinstance(found, tree.Const):
                constant = body.checker.const(name)
                return found.type is None and constant is not None and constant.type == U64
            return found is None
        case _:
            return False
