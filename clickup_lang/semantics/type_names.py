"""Types as written -> types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clickup_lang.semantics import problems as say
from clickup_lang.semantics.patterns import patterns_type
from clickup_lang.semantics.types import (
    BOOLEAN, MOST_BYTES, MOST_DEVICES, MOST_ELEMENTS, ArrayType, SCALARS, AnyType, BucketType, BytesType, CounterType, DeviceListType, EntryType, EnumType, FieldType, HeaderType, Integer,
    LEAVING, LpmType, MapType, PatternsType, RankingType, RecordType, RegisterType, SecretType, SetType, SketchType, TIME, Type, is_kept,
)  # fmt: skip
from clickup_lang.syntax import tree

if TYPE_CHECKING:
    from clickup_lang.semantics.checker import Checker

GENERIC = {"map": 2, "set": 1, "lpm": 2, "register": 1, "array": 1, "pool": 1, "sketch": 1, "ranking": 1, "list": 1}
PLAIN: dict[str, Type] = {
    "bool": BOOLEAN, "counter": CounterType(), "bucket": BucketType(), "patterns": PatternsType(), "secret": SecretType(), "Leaving": LEAVING, **SCALARS,
}  # fmt: skip


def resolve_type(checker: Checker, written: tree.TypeExpression, file: str) -> Type | None:
    """The type, or None after a problem."""
    name = written.name.text
    wanted = GENERIC.get(name, 0)
    if name not in ("|", "any") and len(written.arguments) != wanted:
        checker.problems.append(say.wrong_arguments(name, f"{say.counted(wanted, 'type')} in `< >`", len(written.arguments), written.span))
        return None
    if name == "|":
        return header_union(checker, written, file)
    arguments = [resolve_type(checker, a, file) for a in written.arguments]
    if any(a is None for a in arguments):
        return None
    of = written.of.text if written.of is not None else None
    match name, arguments:
        case "map", [key, value] if key is not None and value is not None:
            return MapType(key, value)
        case "set", [element] if element is not None:
            return SetType(element)
        case "lpm", [key, value] if key is not None and value is not None:
            return LpmType(key, value)
        case "register", [value] if value is not None:
            return RegisterType(value)
        case "sketch", [key] if key is not None:
            return SketchType(key)
        case "ranking", [key] if key is not None:
            return RankingType(key)
        case "array", [element] if element is not None:
            length = checker.integer(written.size, file) if written.size is not None else None
            if written.size is None:
                checker.problems.append(say.wanted("a length, as in `array<u16>[16]`,", written.span))
            elif length is not None and not 1 <= length <= MOST_ELEMENTS:
                checker.problems.append(say.out_of_range(f"{length}", "an array", 1, MOST_ELEMENTS, written.size.span))
                return None
            return ArrayType(element, length) if length is not None else None
        case "pool", [value] if value is not None:
            from clickup_lang.semantics.pools import pool_type

            return pool_type(checker, written, value, file)
        case "list", _:
            checker.problems.append(say.list_as_type(written.span))
            return None
        case "any", _:
            return any_type(checker, written, file)
        case "bytes", _:
            bound = written.size or written.maximum
            length = checker.integer(bound, file) if bound is not None else None
            if bound is None:
                checker.problems.append(say.problem("E320", "these bytes have no bound", written.span, help="write `bytes[6]` or `bytes max 255`"))
            elif length is not None and not 1 <= length <= MOST_BYTES:
                checker.problems.append(say.out_of_range(f"{length}", "a number of bytes that are kept", 1, MOST_BYTES, bound.span))
                return None
            return BytesType(length, written.size is not None) if length is not None else None
        case "devices", _:
            maximum = checker.integer(written.maximum, file) if written.maximum else MOST_DEVICES
            if maximum is not None and not 1 <= maximum <= MOST_DEVICES:
                checker.problems.append(say.out_of_range(f"{maximum}", "a list of devices", 1, MOST_DEVICES, written.span))
                return None
            return DeviceListType(maximum) if maximum is not None else None
        case "entry", _ if of:
            return EntryType(of)
        case "lease", _ if of:
            from clickup_lang.semantics.pools import lease_type

            return lease_type(checker, written, of, file)
        case ("match_position" | "rule"), _ if of:
            return patterns_type(checker, written, file)
        case _:
            return named_type(checker, written, file)


def any_type(checker: Checker, written: tree.TypeExpression, file: str) -> Type | None:
    """`any`, `any { packets : u64 }`."""
    fields: list[FieldType] = []
    for field in written.fields or ():
        type = resolve_type(checker, field.type, file)
        if type is None:
            return None
        if any(f.name == field.name.text for f in fields):
            checker.problems.append(say.duplicate_name(field.name.text, field.name.span, written.span))
            return None
        fields.append(FieldType(field.name.text, type, False, None))
    return AnyType(tuple(fields))


def named_type(checker: Checker, written: tree.TypeExpression, file: str) -> Type | None:
    name = written.name.text
    if name in PLAIN:
        return PLAIN[name]
    if (integer := integer_type(name)) is not None:
        return integer
    declaration = checker.names.find(name, file)
    if not isinstance(declaration, (tree.Enum, tree.Record)):
        declaration = checker.names.find_header(name, file) or declaration
    match declaration:
        case tree.Enum():
            return checker.enum(name)
        case tree.Record():
            return checker.record(name)
        case tree.Header():
            kinds = (*(f"{name}.{c.name.text}" for c in declaration.cases), name)
            return HeaderType(tuple(m.text for m in declaration.members) or kinds)
        case None:
            types = tuple(d.name.text for d in checker.names.of_kind((tree.Enum, tree.Record)) if d.name)
            checker.problems.append(checker.names.unknown(name, "type", written.name.span, (*types, *PLAIN, *GENERIC, "u8", "u16", "u32", "u64")))
        case _:
            checker.problems.append(say.wrong_kind(name, checker.kind_of(declaration), "a type", written.name.span, checker.declared_at(name)))
    return None


def integer_type(name: str) -> Integer | None:
    if name[:1] not in ("u", "i") or not name[1:].isdigit() or name[1] == "0":
        return None
    bits = int(name[1:])
    if name[0] == "u":
        return Integer(bits) if 1 <= bits <= 64 else None
    return Integer(bits, True) if bits in (8, 16, 32, 64) else None


def header_union(checker: Checker, written: tree.TypeExpression, file: str) -> Type | None:
    members: list[str] = []
    for argument in written.arguments:
        type = named_type(checker, argument, file)
        if type is None:
            return None
        if not isinstance(type, HeaderType):
            checker.problems.append(say.wrong_kind(argument.name.text, "a type of values", "a header", argument.span))
            return None
        members += [m for m in type.members if m not in members]
    return HeaderType(tuple(members))


def make_enum(checker: Checker, declaration: tree.Enum) -> EnumType | None:
    file = declaration.span.file
    base = checker.type_of(declaration.base, file) if declaration.base is not None else Integer(8 if len(declaration.enumerators) <= 256 else 16)
    if not isinstance(base, Integer) or base.signed:
        if base is not None and declaration.base is not None:
            checker.problems.append(say.wrong_type(base, "an unsigned integer", declaration.base.span))
        return None
    found: dict[str, int] = {}
    following = 0
    for enumerator in declaration.enumerators:
        name = enumerator.name.text
        if enumerator.value is not None:
            value = checker.constant(enumerator.value, base, file, f"`{declaration.name.text}`")
            if value is None:
                return None
            assert isinstance(value.value, int)
            following = value.value
        if name in found:
            first = next(e for e in declaration.enumerators if e.name.text == name)
            checker.problems.append(say.duplicate_name(name, enumerator.name.span, first.name.span))
            return None
        if following in found.values():
            first = next(e for e in declaration.enumerators if found.get(e.name.text) == following)
            checker.problems.append(say.value_twice(name, first.name.text, following, enumerator.name.span, first.name.span))
            return None
        if following >= 1 << base.bits:
            checker.problems.append(say.out_of_range(f"{following}", base, 0, (1 << base.bits) - 1, enumerator.span))
            return None
        found[name] = following
        following += 1
    return EnumType(declaration.name.text, base.bits, tuple(found.items()))


def make_record_type(checker: Checker, declaration: tree.Record) -> RecordType | None:
    fields: list[FieldType] = []
    seen: dict[str, tree.Field] = {}
    broken = False
    for field in declaration.fields:
        name = field.name.text
        if name in seen or name == "key":
            first = seen[name].name.span if name in seen else declaration.name.span
            checker.problems.append(say.duplicate_name(name, field.name.span, first) if name in seen else say.problem("E209", "an entry's `key` is its key, so no field may be called so", field.name.span))
            broken = True
            continue
        seen[name] = field
        type = checker.type_of(field.type, declaration.span.file)
        if type is None:
            broken = True
            continue
        if not is_kept(type):
            checker.problems.append(say.not_stored("a field", type, field.type.span))
            broken = True
            continue
        made = field_type(checker, field, type, declaration.span.file)
        broken = broken or made is None
        fields += [made] if made is not None else []
    return None if broken else RecordType(declaration.name.text, tuple(fields))


def field_type(checker: Checker, field: tree.Field, type: Type, file: str) -> FieldType | None:
    """With its default: a constant, or `now` for the time at which it is made. None after a problem."""
    name = field.name.text
    if field.default is None:
        return FieldType(name, type)
    if isinstance(field.default, tree.Name) and field.default.text == "now" and type == TIME:
        return FieldType(name, type, made_now=True)
    default = checker.constant(field.default, type, file, f"`{name}`")
    return FieldType(name, type, True, default.value) if default is not None else None
