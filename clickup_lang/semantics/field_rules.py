"""The rule of a computed field: what stands behind its `=` -> what it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clickup_lang.semantics import problems as say
from clickup_lang.semantics.constants import range_of
from clickup_lang.semantics.model import ChecksumRule, FieldRule, FixedRule, Give, LengthRule, MatchValue, NextRule, ReturnValue
from clickup_lang.semantics.types import Type, is_number, show
from clickup_lang.semantics.values import Constant
from clickup_lang.syntax import tree

if TYPE_CHECKING:
    from clickup_lang.semantics.checker import Checker

PARTS = ("pseudo", "header", "payload")


def field_rule(checker: Checker, field: tree.HeaderField, type: Type) -> FieldRule | None:
    if isinstance(field.computed, tree.Call | tree.Binary) and not is_number(type):
        checker.problems.append(say.bad_header(f"`{field.name.text}` is filled with a number, and is a `{show(type)}`", field.name.span))
        return None
    match field.computed:
        case tree.Literal(kind="integer", value=int() as value):
            limits = range_of(type)
            if limits is not None and limits[0] <= value <= limits[1]:
                return FixedRule(value)
            if limits is not None:
                checker.problems.append(say.out_of_range(str(value), type, limits[0], limits[1], field.computed.span))
                return None
        case tree.Call(callee=tree.Name(text="length"), arguments=arguments):
            return length_rule(checker, field, arguments, 1)
        case tree.Binary(
            operator="/", left=tree.Call(callee=tree.Name(text="length"), arguments=arguments), right=tree.Literal(kind="integer", value=int() as divisor)
        ) if divisor > 0:
            return length_rule(checker, field, arguments, divisor)
        case tree.Call(callee=tree.Name(text="checksum"), arguments=arguments):
            parts = part_names(arguments, (*PARTS, "optional"))
            if parts is not None:
                return ChecksumRule(tuple(p for p in PARTS if p in parts), "optional" in parts)
        case tree.Call(callee=tree.Name(text=name, span=span), arguments=(tree.Argument(value=tree.Name(text="next")),)):
            return next_rule(checker, field, name, span.file, type)
        case _:
            pass
    span = field.computed.span if field.computed is not None else field.span
    checker.problems.append(say.bad_header(f"`{field.name.text}` cannot be filled in this way", span, "write a number, `length(header, payload)`, `checksum(pseudo, header, payload)` or `number_of(next)`"))
    return None


def part_names(arguments: tuple[tree.Argument, ...], known: tuple[str, ...]) -> tuple[str, ...] | None:
    names = tuple(a.value.text for a in arguments if isinstance(a.value, tree.Name) and a.value.text in known)
    return names if len(names) == len(arguments) and len(set(names)) == len(names) and names else None


def length_rule(checker: Checker, field: tree.HeaderField, arguments: tuple[tree.Argument, ...], divisor: int) -> LengthRule | None:
    parts = part_names(arguments, ("header", "payload"))
    if parts is None:
        checker.problems.append(say.bad_header("`length` takes `header`, `payload` or both", field.span))
        return None
    return LengthRule(tuple(p for p in PARTS if p in parts), divisor)


def next_rule(checker: Checker, field: tree.HeaderField, name: str, file: str, type: Type) -> NextRule | None:
    """`ethertype(next)`: the function must be one `return match` with a number for each header."""
    found = checker.names.find(name, file)
    function = checker.function(name, field.span) if isinstance(found, tree.Function) else None
    match function.code if function is not None else ():
        case (ReturnValue(value=MatchValue(subject=str(), arms=arms)),):
            numbers: list[tuple[str, int]] = []
            for arm in arms:
                match arm.code:
                    case (Give(value=Constant(value=int() as number)),):
                        numbers += [(v, number) for v in arm.values if isinstance(v, str)]
                    case _:
                        break
            else:
                limits = range_of(type)
                large = next((n for _, n in numbers if limits is not None and not limits[0] <= n <= limits[1]), None)
                if large is None:
                    return NextRule(tuple(numbers))
                checker.problems.append(say.bad_header(f"`{name}` gives {large}, which does not fit the `{show(type)}` in `{field.name.text}`", field.span))
                return None
        case _:
            pass
    if not (isinstance(found, tree.Function) and function is None):
        checker.problems.append(say.bad_header(f"`{name}` does not give a number for each header that may follow", field.span, "write `fn f(next: a | b) -> u16 { return match next { a => 1, b => 2 } }`"))
    return None
