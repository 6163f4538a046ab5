"""Expressions of the graph as C++.

What cannot be said in a C++ expression (a look-up stamps the entry that it finds) is put before it as statements, and where only one
side of `and`, `or` or a choice needs such statements they run only when that side is asked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

from clickup_lang.backends.arithmetic import convert, negate, operate, stays_small
from clickup_lang.backends.config_items import is_found, item_size, longest, offset_of, read_item
from clickup_lang.backends.cpp import COMPARISON, FALSE, TRUE, UNARY, Cpp, Lines, binary, both, call, cast, choice, either, indented, member, negation, truth
from clickup_lang.backends.cpp_types import is_signed, width
from clickup_lang.backends.facts import START, assume, presence
from clickup_lang.backends.header_parts import field_begins, further, has_field, own_behind, own_has, part_bounds
from clickup_lang.backends.headers import load_field
from clickup_lang.backends.images import value_at
from clickup_lang.backends.scope import Scope
from clickup_lang.backends.settings import config_value, in_config_set
from clickup_lang.ir.graph import (
    AndAlso, Appended, ArrayElement, ArrayWith, Arrived, BytesAt, BytesBehind, BytesLength, ChecksumHolds, Choose, Compare, ConfigElement, ConfigLookup, ConfigSize, ConfigValue, Constant, Convert, DerivedValue, ElementOf, EntryField, Expression, FieldOf, FullBucket, HashOf,
    InConfigSet, InStore, Invert, IsFound, IsWhole, Local, LoweredBytes, MakeArray, MakeRecord, Masked, Negate, Now, Operate, OrElse, OwnField, PacketLength, ParamValue,
    PartOf, PayloadLength, PayloadView, PlaceField, Present, HasField, ReadCell, ReadField, ReadTag, RestView, SameBytes, StoreSize, ViewBehind, ViewFirst, KindValue, ReadStack, StackCount,
)  # fmt: skip
from clickup_lang.ir.image import bytes_for, leaves
from clickup_lang.semantics.types import BOOLEAN, DEVICE, IP_ADDRESS, IPV4_ADDRESS, EntryType, FoundType, LpmType, RecordType, SetType, Type

PlaceValue = Callable[[int], Cpp]


def value(expression: Expression, scope: Scope, before: Lines) -> Cpp:
    """The expression's value; `before` takes the statements that it needs."""
    from clickup_lang.backends.array_values import array_value
    from clickup_lang.backends.byte_values import byte_value

    types = scope.program.types
    match expression:
        case Constant(value=constant, type=of):
            return types.constant(of, constant)
        case Local():
            return scope.local(expression)
        case ParamValue(name=name, type=of):
            return param_value(name, of, scope)
        case DerivedValue(name=name):
            return Cpp(f"kernel.config->{scope.program.worked_out_members[name]}")
        case ConfigValue(name=name, type=of):
            return config_value(types, scope.program.config_members, "kernel.config", (name,), of)
        case OwnField():
            return own_field(expression, scope)
        case ReadField(candidates=candidates, type=of):
            return read_field(candidates, of, scope)
        case HasField(candidates=candidates):
            return field_is_there(candidates, scope)
        case ReadStack():
            from clickup_lang.backends.stacks import read_stack

            return read_stack(expression, scope, before)
        case StackCount(place=place):
            return cast("uint8_t", Cpp(scope.context(f"{scope.program.places[place]}_count")))
        case Present(places=places):
            return present(places, scope)
        case ReadTag(name=name):
            return Cpp(scope.context(scope.program.tags[name]))
        case PacketLength():
            return cast("uint64_t", Cpp(scope.context("length")))
        case PayloadLength():
            at, end = payload(scope)
            return Cpp(f"static_cast<uint64_t>({end} - {at})")
        case IsWhole(places=places):
            return first_present(places, scope, lambda p: Cpp(scope.context(f"{scope.program.places[p]}_whole")))
        case ChecksumHolds(places=places):
            return first_present(places, scope, lambda p: checksum_holds(p, scope))
        case Now():
            return Cpp(scope.context("now"))
        case Arrived():
            return Cpp(scope.context("device"))
        case Operate(operator=operator, left=left, right=right, type=of):
            a, b = value(left, scope, before), value(right, scope, before)
            own = scope.function.own
            if own is not None and is_signed(of) and stays_small(expression, lambda name: own.field(name).bits):
                return binary(a, operator, b)
            return operate(types, operator, a, b, left.type, right.type, of)
        case Negate(operand=operand, type=of):
            return negate(types, value(operand, scope, before), of)
        case Compare(operator=operator, left=left, right=right):
            a, b = value(left, scope, before), value(right, scope, before)
            return types.compare(operator, left.type, a, b)
        case Invert(operand=operand):
            return negation(value(operand, scope, before))
        case AndAlso() | OrElse():
            return short_circuit(expression, scope, before)
        case Choose():
            return choose(expression, scope, before)
        case Convert(operand=operand, type=of):
            return convert(types, value(operand, scope, before), operand.type, of)
        case MakeRecord(values=values, type=of):
            return make_record(of, [value(v, scope, before) for v in values], scope)
        case FieldOf(record=MakeRecord(values=values, type=of), field=field):
            return value(values[of.index(field)], scope, before)
        case FieldOf(record=record, field=field):
            assert isinstance(record.type, RecordType)
            return member(value(record, scope, before), types.field(record.type, field))
        case EntryField(entry=entry, path=path, of_key=of_key, type=of):
            names = scope.program.stores[scope.store_of(entry)]
            side = "key" if of_key else "value"
            return value_at(types, of, path, lambda leaf: f"{scope.entry(entry)}->{names.leaves[side, leaf.name]}")
        case InConfigSet(config=config, element=element):
            return in_config(config, element.type, value(element, scope, before), scope)
        case InStore(store=store, key=key):
            names = scope.program.stores[store]
            image = scope.key_image(store, key, before)
            scope.reads_now(names)
            found = scope.names.take(f"in_{names.member}")
            # A look-up stamps, so it stands by itself: whatever becomes of the expression, it is done once, and here.
            before.append(scope.function.keep(found, "const bool ", f"{scope.helper(store, 'find')}(kernel, context, {image}) != NULL"))
            return Cpp(found)
        case StoreSize(store=store):
            scope.reads("now")
            return Cpp(f"{scope.helper(store, 'size')}(kernel, {scope.context('now')})")
        case ReadCell(store=store, type=of):
            names = scope.program.stores[store]
            return value_at(types, of, (), lambda leaf: f"kernel.{names.member}->{names.leaves['cell', leaf.name]}")
        case ConfigLookup(config=config, key=key, type=FoundType() as of):
            return look_up(config, of, key, scope, before)
        case ConfigElement(config=config, index=index, type=of):
            images = f"(kernel.config->{scope.program.config_members[config,]}.images + {item_size(of)} * {value(index, scope, before).unary})"
            return read_item(types, images, 0, of)
        case ConfigLookup():
            raise AssertionError("a lookup finds an entry")
        case IsFound(found=found):
            return is_found(value(found, scope, before))
        case PartOf(found=found, path=path, of_key=of_key):
            assert isinstance(found.type, FoundType)
            at, part = offset_of(found.type, path, of_key)
            return read_item(types, value(found, scope, before).primary, at, part)
        case Masked(operand=operand, four=four, six=six):
            made = value(operand, scope, before)
            if operand.type != IP_ADDRESS:
                made = call("cup_ip4" if operand.type == IPV4_ADDRESS else "cup_ip6", made)
            return call("cup_masked", made, str(four), str(six))
        case ElementOf():
            return element_of(expression, scope, before)
        case ConfigSize(config=config):
            return config_size(config, scope)
        case FullBucket(amount=amount, unit=unit):
            return call("cup_bucket_full", value(amount, scope, before), unit_of(unit), scope.context("now"))
        case HashOf(values=values):
            return scope.hash_of([(v.type, value(v, scope, before)) for v in values], before)
        case RestView(places=places, name=name):
            return first_present(places, scope, lambda p: call("cup_view_of", *part_bounds(p, scope.program.layout_at(p).variable(name), scope)))
        case MakeArray() | ArrayElement() | ArrayWith():
            return array_value(expression, scope, before)
        case PayloadView() | ViewBehind() | ViewFirst() | BytesLength() | BytesAt() | BytesBehind() | Appended() | LoweredBytes() | SameBytes():
            return byte_value(expression, scope, before)
        case KindValue():
            raise AssertionError(f"`check_target` lets no {type(expression).__name__} come here")
        case _:
            assert_never(expression)


def look_up(config: str, of: FoundType, key: Expression, scope: Scope, before: Lines) -> Cpp:
    """The pointer to a config's item, or NULL."""
    held = f"kernel.config->{scope.program.config_members[config,]}"
    made = value(key, scope, before)
    if of.by_prefix:
        return longest(held, key.type, made)
    scope.program.looked_up.add(config)
    return call(scope.program.config_finders[config], "*kernel.config", made)


def config_size(config: str, scope: Scope) -> Cpp:
    of = next(c.type for c in scope.program.graph.configs if c.name == config)
    held = f"kernel.config->{scope.program.config_members[config,]}"
    if isinstance(of, LpmType):
        held += ".map"
    return cast("uint64_t", Cpp(f"{held}.count"))


def element_of(expression: ElementOf, scope: Scope, before: Lines) -> Cpp:
    """An element of a derived table or of an array in the arena."""
    program, of = scope.program, expression.type
    index = value(expression.index, scope, before)
    if expression.derived:
        elements = f"kernel.config->{program.derived_members[expression.array]}.elements"
        size = bytes_for(width(of))
        at = index if index.is_name or index.constant is not None else Cpp(index.primary)
        return Cpp(f"{elements}[{at.text}]") if size == 1 else call(f"cup_load{8 * size}", f"{elements} + {size} * {at.unary}")
    names = program.stores[expression.array]
    held = index.text
    if len(leaves(of)) > 1 and not index.is_name and index.constant is None:
        held, line = scope.function.declare("index", "uint64_t", index.text)
        before.append(line)
    return value_at(program.types, of, (), lambda leaf: f"kernel.{names.member}[{held}].{names.leaves['cell', leaf.name]}")


def unit_of(unit: int) -> str:
    """What a bucket counts in, as the runtime calls it."""
    return "CUP_BUCKET_BYTE" if unit == 8_000_000_000 else "CUP_BUCKET_PACKET"


def make_record(of: RecordType, parts: list[Cpp], scope: Scope) -> Cpp:
    """In braces nothing narrows, so what C++ has promoted to `int` must be cast."""
    types = scope.program.types
    held = [cast(text, p) if p.level < UNARY and (text := types.text(f.type)).endswith(("8_t", "16_t")) else p for f, p in zip(of.fields, parts)]
    return Cpp(f"{types.text(of)}{{{', '.join(part.text for part in held)}}}")


def param_value(name: str, of: Type, scope: Scope) -> Cpp:
    if of == DEVICE:
        index = next(i for i, d in enumerate(scope.program.graph.devices) if d.name == name)
        return Cpp(scope.program.devices[index], constant=index)
    return config_value(scope.program.types, scope.program.param_members, "kernel.params", (name,), of)


def in_config(config: str, given: Type, element: Cpp, scope: Scope) -> Cpp:
    of = next(c.type for c in scope.program.graph.configs if c.name == config)
    assert isinstance(of, SetType)
    if isinstance(of.element, RecordType):
        scope.program.looked_up.add(config)
        return call(scope.program.config_finders[config], "*kernel.config", element)
    held = Cpp(f"kernel.config->{scope.program.config_members[config,]}")
    return in_config_set(held, of.element, given, element)


def own_field(expression: OwnField, scope: Scope) -> Cpp:
    """A field of the header that is being parsed, which begins at `at`; zero where it is not there."""
    layout = scope.function.own
    assert layout is not None
    field = layout.field(expression.field)
    loaded = load_field(scope.program.types, field, scope.context("data"), further("at", own_behind(field.behind)))
    made = convert(scope.program.types, loaded, field.type, expression.type)
    return choice(own_has(field), made, FALSE if expression.type == BOOLEAN else Cpp("0")) if field.optional else made


# -- headers ------------------------------------------------------------------------------------------------------------------


def here(place: int, scope: Scope) -> Cpp:
    """Asks whether the header is there; only then it must be known that it is not."""
    scope.function.asked.add(place)
    return call("here", scope.own_member(f"{scope.program.places[place]}_at"))


def present(places: tuple[int, ...], scope: Scope) -> Cpp:
    known = presence(scope.facts, places)
    if known is not None:
        return truth(known)
    asked = [here(p, scope) for p in places if scope.facts.may_be_there(p)]
    result = asked[0]
    for other in asked[1:]:
        result = either(result, other)
    return result


def read_field(candidates: tuple[PlaceField, ...], of: Type, scope: Scope) -> Cpp:
    program = scope.program
    fields = {c.place: program.layout_at(c.place).field(c.field) for c in candidates}

    def read(place: int) -> Cpp:
        loaded = load_field(program.types, fields[place], scope.context("data"), field_begins(place, fields[place], scope))
        return convert(program.types, loaded, fields[place].type, of)

    return first_present(tuple(fields), scope, read)


def field_is_there(candidates: tuple[PlaceField, ...], scope: Scope) -> Cpp:
    fields = {c.place: scope.program.layout_at(c.place).field(c.field) for c in candidates}
    left = candidates_of(tuple(fields), scope)
    result = has_field(left[-1], fields[left[-1]], scope) or TRUE
    for place in reversed(left[:-1]):
        has = has_field(place, fields[place], scope)
        result = either(here(place, scope), result) if has is None else choice(here(place, scope), has, result)
    return result


def first_present(places: tuple[int, ...], scope: Scope, of_place: PlaceValue) -> Cpp:
    """The value of the first place that is there; one surely is."""
    left = candidates_of(places, scope)
    result = of_place(left[-1])
    for place in reversed(left[:-1]):
        result = choice(here(place, scope), of_place(place), result)
    return result


def candidates_of(places: tuple[int, ...], scope: Scope) -> tuple[int, ...]:
    """Those that may be there, up to the first that surely is."""
    left: list[int] = []
    for place in places:
        if scope.facts.may_be_there(place):
            left.append(place)
        if scope.facts.there[place]:
            break
    return tuple(left) or places[-1:]


def payload(scope: Scope) -> tuple[str, str]:
    """Where what follows the header parsed last begins, and where it ends."""
    last = scope.facts.last
    if len(last) == 1:
        (place,) = last
        if place == START:
            return "0U", scope.context("length")
        name = scope.program.places[place]
        return scope.context(f"{name}_end"), scope.context(f"{name}_limit")
    scope.function.payload_of |= last
    return scope.context("payload_at"), scope.context("payload_limit")


def checksum_holds(place: int, scope: Scope) -> Cpp:
    """Over the header alone."""
    name, layout = scope.program.places[place], scope.program.layout_at(place)
    at = scope.context(f"{name}_at")
    start = f"{scope.context('data')} + {at}"
    usual = f"{layout.length}U"
    if layout.length % 4:
        return Cpp(f"cup_checksum_fold(cup_sum({start}, {scope.context(f'{name}_end')} - {at}, 0)) == 0xffff", COMPARISON)
    length = usual if not layout.parts else f"{scope.context(f'{name}_end')} - {at}"
    return call("cup_header_holds", start, length, usual)


# -- choices ------------------------------------------------------------------------------------------------------------------


def short_circuit(expression: AndAlso | OrElse, scope: Scope, before: Lines) -> Cpp:
    wanted = isinstance(expression, AndAlso)
    left = value(expression.left, scope, before)
    if left.constant is not None and bool(left.constant) != wanted:
        return truth(not wanted)
    inner = scope.child(assume(scope.facts, expression.left, wanted))
    more: Lines = []
    right = value(expression.right, inner, more)
    if left.constant is not None:
        before += more
        return right
    if not more:
        return both(left, right) if wanted else either(left, right)
    result, line = scope.function.declare("holds", "bool", left.text, mutable=True)
    before.append(line)
    asked = result if wanted else f"!{result}"
    before += [f"if ({asked}) {{", *indented([*more, f"{result} = {right.text};"]), "}"]
    return Cpp(result)


def choose(expression: Choose, scope: Scope, before: Lines) -> Cpp:
    condition = value(expression.condition, scope, before)
    first: Lines = []
    second: Lines = []
    then = value(expression.then, scope.child(assume(scope.facts, expression.condition, True)), first)
    otherwise = value(expression.otherwise, scope.child(assume(scope.facts, expression.condition, False)), second)
    if condition.constant is not None:
        before += first if condition.constant else second
        return then if condition.constant else otherwise
    if not first and not second:
        return choice(condition, then, otherwise)
    of = scope.program.types.text(expression.type)
    result, line = scope.function.declare("chosen", of, "NULL" if isinstance(expression.type, EntryType) else f"{of}()", mutable=True)
    before.append(line)
    before += [f"if ({condition.text}) {{", *indented([*first, f"{result} = {then.text};"])]
    before += ["} else {", *indented([*second, f"{result} = {otherwise.text};"]), "}"]
    return Cpp(result)
