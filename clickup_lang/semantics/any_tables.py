"""Parameters that take tables of any type, with as much of it as the atom needs: `table: map<any, any { packets : u64 }>`.

For each type that such an atom is given in the graph, its body is checked and lowered anew; of an entry it sees the fields that its parameter names.
A pipeline that nothing leads to is given none: what it hands its own tables of any type to is taken to fit.
"""

from __future__ import annotations

from clickup_lang.semantics.types import AnyType, MapType, RecordType, RegisterType, SetType, Type, show


def takes_any(of: Type) -> bool:
    """Whether it is the type of a table with parts that may be anything."""
    match of:
        case MapType(key=key, value=value):
            return isinstance(key, AnyType) or isinstance(value, AnyType)
        case SetType(element=part) | RegisterType(value=part):
            return isinstance(part, AnyType)
        case _:
            return False


def known_fields(of: Type) -> tuple[str, ...] | None:
    """The fields of entries that the type names, where it says no more of them."""
    return tuple(f.name for f in of.value.fields) if isinstance(of, MapType) and isinstance(of.value, AnyType) else None


def fits(found: Type, wanted: Type) -> bool:
    """Whether a state's type is one that the parameter takes."""
    match found, wanted:
        case MapType(), MapType():
            return part_fits(found.key, wanted.key) and part_fits(found.value, wanted.value)
        case SetType(element=part), SetType(element=of):
            return part_fits(part, of)
        case RegisterType(value=part), RegisterType(value=of):
            return part_fits(part, of)
        case _:
            return found == wanted


def part_fits(found: Type, wanted: Type) -> bool:
    return lacks(found, wanted) == "" if isinstance(wanted, AnyType) else found == wanted or isinstance(found, AnyType)


def lacks(found: Type, wanted: AnyType) -> str:
    """The first field that is wanted and not there, with its type; empty where none is."""
    for field in wanted.fields if not isinstance(found, AnyType) else ():
        there = found.field(field.name) if isinstance(found, RecordType) else None
        if there is None or there.type != field.type:
            return f"{field.name} : {show(field.type)}"
    return ""


def lacking(found: Type, wanted: Type) -> str:
    """What entries of the table, or their keys, lack that the parameter names."""
    match found, wanted:
        case MapType(key=key, value=value), MapType(key=of_key, value=of_value):
            pairs = ((key, of_key), (value, of_value))
        case SetType(element=part), SetType(element=of):
            pairs = ((part, of),)
        case RegisterType(value=part), RegisterType(value=of):
            pairs = ((part, of),)
        case _:
            return ""
    return next((missing for one, other in pairs if isinstance(other, AnyType) and (missing := lacks(one, other))), "")
