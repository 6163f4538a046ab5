"""Expressions of the tree -> typed expressions of the model.

`check_value` gives None after it has reported a problem; whoever gets None reports nothing more about it.
"""

from __future__ import annotations

from collections.abc import Callable

from clickup_lang.frozen import replace
from clickup_lang.semantics import problems as say
from clickup_lang.semantics.body import (
    Body, BrokenBinding, EntryBinding, HeaderBinding, LocalBinding, StoreBinding, ValueBinding,
)  # fmt: skip
from clickup_lang.semantics.arrays import array_of, check_element
from clickup_lang.semantics.calls import check_call
from clickup_lang.semantics.constants import fold, range_of
from clickup_lang.semantics.leases import as_number, leased_of, move_lease
from clickup_lang.semantics.lists import check_list
from clickup_lang.semantics.local_arrays import check_local_element, local_array_of
from clickup_lang.semantics.domains import check_in_domains
from clickup_lang.semantics.lookups import found_member, found_value
from clickup_lang.semantics.payload import bytes_member, check_same, is_bytes, payload_of
from clickup_lang.semantics.model import (
    Code, CodeArm, DerivedValueInfo, EntryAt, Expression, FieldOfMet, Give, HasHeader, HeaderField, HeaderRest, IfValue, MatchValue, StateInfo, TagInfo,
)  # fmt: skip
from clickup_lang.semantics.optional_fields import optional_in
from clickup_lang.semantics.patterns import patterns_member, patterns_named
from clickup_lang.semantics.secrets import secret_member
from clickup_lang.semantics.sketches import check_estimate, kind_state, ranked_part
from clickup_lang.semantics.stacks import check_stack_member, stack_of
from clickup_lang.semantics.types import (
    BITRATE, BOOLEAN, DEVICE, DURATION, IP_ADDRESS, IP_PREFIX, IPV4_ADDRESS, IPV4_PREFIX, IPV6_ADDRESS, IPV6_PREFIX, MAC_ADDRESS,
    PACKETRATE, SERIAL32, SIZE, TEXT, TIME, U64, UNKNOWN, VIEW, BytesType, CounterType, CursorType, DeviceListType, EntryType, EnumType, FoundType, Integer, LeaseType, LpmType, MapType, RecordType, RegisterType, DOMAIN,
    Scalar, SetType, Type, ViewType, bits_of, is_number, is_storable, show, RankingType, SecretType, SketchType,
)  # fmt: skip
from clickup_lang.semantics.values import (
    DerivedValue, AndAlso, Arrived, Compare, ConfigLookup, ConfigSize, ConfigValue, Constant, Convert, EntryField, FieldOf, InConfigSet, InStore, Invert, IsFound, Local, Negate, Now,
    Operate, OrElse, PacketLength, ParamValue, PartOf, PayloadLength, ReadCell, ReadTag, StoreSize, WasReported,
)  # fmt: skip
from clickup_lang.source import Span
from clickup_lang.syntax import tree

U48 = Integer(48)

ARITHMETIC = ("+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>", "+|", "-|")
COMPARISONS = ("==", "!=", "<", ">", "<=", ">=")
LITERAL_TYPES: dict[str, Type] = {
    "ipv4": IPV4_ADDRESS, "ipv6": IPV6_ADDRESS, "mac": MAC_ADDRESS, "ipv4_prefix": IPV4_PREFIX, "ipv6_prefix": IPV6_PREFIX,
    "duration": DURATION, "size": SIZE, "bitrate": BITRATE, "packetrate": PACKETRATE, "text": TEXT,
}  # fmt: skip


def want(body: Body, written: tree.Expression, wanted: Type, what: str = "the place") -> Expression | None:
    """A value of exactly that type: checked, widened where that is implicit."""
    value = check_value(body, written, wanted)
    return None if value is None else coerce(body, value, wanted, written.span, what)


def check_value(body: Body, written: tree.Expression, expected: Type | None = None) -> Expression | None:
    """The typed expression. `expected` helps literals, enumerators and branches; the result may still be of another type. A lease is one
    where one is expected, and a number elsewhere."""
    value = check_any(body, written, expected)
    return value if value is None or isinstance(expected, LeaseType) else as_number(value)


def check_any(body: Body, written: tree.Expression, expected: Type | None) -> Expression | None:
    match written:
        case tree.Name():
            return check_name(body, written, expected)
        case tree.Literal():
            return check_literal(body, written, expected)
        case tree.Unary(operator="not", operand=operand):
            value = want(body, operand, BOOLEAN)
            return None if value is None else fold(Invert(value, BOOLEAN))
        case tree.Unary():
            return check_negation(body, written, expected)
        case tree.Binary():
            return check_binary(body, written, expected)
        case tree.Cast():
            return check_cast(body, written)
        case tree.Has(name=name):
            return HasHeader(name.text, written.span, BOOLEAN) if header_members(body, name) is not None else None
        case tree.Member():
            return check_member(body, written)
        case tree.Call():
            return check_call(body, written, expected)
        case tree.If():
            return check_if(body, written, expected)
        case tree.Match():
            return check_match(body, written, expected)
        case tree.Index() if (array := local_array_of(body, written)) is not None:
            return check_local_element(body, written, array)
        case tree.Index() if (array := array_of(body, written)) is not None:
            return check_element(body, written, *array)
        case tree.Index() if kind_state(body, written.object, SketchType) is not None:
            return check_estimate(body, written)
        case tree.Index():
            return check_test_index(body, written) if body.kind == "test" else check_index(body, written)
        case tree.Reported(name=event):
            return check_reported(body, event, written.span)
        case tree.Range():
            body.problem(say.bad_node("a range stands in `for` and in a policy only", written.span))
        case tree.ListValue():
            return check_list(body, written, expected)
        case tree.Where():
            body.problem(say.not_executed("`where`", written.span))
    return None


# -- names and literals -------------------------------------------------------------------------------------------------------


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
    if constant.type == U64 and isinstance(constant.value, int) and expected is not None and bits_of(expected) and is_number(expected):
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
            body.problem(say.wrong_kind(name, f"a `{show(type)}`", "one value", span))
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
    if written.kind in ("ipv4", "ipv6") and expected in (IP_ADDRESS, IP_PREFIX):
        family, width = (4, 32) if written.kind == "ipv4" else (6, 128)
        return Constant((family, value) if expected == IP_ADDRESS else (family, value, width), expected)
    if written.kind == "hex" or written.kind == "text" and expected is not None and is_bytes(expected):
        data = value.encode() if isinstance(value, str) else value
        assert isinstance(data, bytes)
        return Constant(data, BytesType(len(data), True))
    if written.kind in LITERAL_TYPES:
        return Constant(value, LITERAL_TYPES[written.kind])
    body.problem(say.not_executed({"percent": "a percentage", "nocase": "`nocase` text", "ipv4_endpoint": "an end point as a value", "ipv6_endpoint": "an end point as a value"}.get(written.kind, "this literal"), span))
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
            return kind in ("integer", "ipv4", "ipv6", "ipv4_prefix", "ipv6_prefix", "text", "hex")
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


# -- operators ----------------------------------------------------------------------------------------------------------------


def check_pair(body: Body, written: tree.Binary, expected: Type | None) -> tuple[Expression, Expression] | None:
    """Both operands; an untyped one is checked last, with the other's type to go by."""
    if written.operator in ("<<", ">>"):
        left, right = check_value(body, written.left, expected), check_value(body, written.right, U64)
    elif is_untyped(body, written.left) and not is_untyped(body, written.right):
        right = check_value(body, written.right, expected)
        left = check_value(body, written.left, right.type) if right is not None else None
    else:
        left = check_value(body, written.left, expected)
        right = check_value(body, written.right, left.type) if left is not None else None
    return None if left is None or right is None else (left, right)


def check_binary(body: Body, written: tree.Binary, expected: Type | None) -> Expression | None:
    operator = written.operator
    if operator in ("and", "or"):
        left, right = want(body, written.left, BOOLEAN), want(body, written.right, BOOLEAN)
        if left is None or right is None:
            return None
        return fold(AndAlso(left, right, BOOLEAN) if operator == "and" else OrElse(left, right, BOOLEAN))
    if operator in ("in", "not in"):
        found = check_membership(body, written)
        return found if found is None or operator == "in" else Invert(found, BOOLEAN)
    if operator in COMPARISONS:
        pair = check_pair(body, written, None)
        return None if pair is None else compare(body, written, *pair)
    arithmetic = expected if expected is not None and (is_number(expected) or expected in (SERIAL32, DURATION)) else None
    pair = check_pair(body, written, arithmetic)
    return None if pair is None else operate(body, written, *pair)


def compare(body: Body, written: tree.Binary, left: Expression, right: Expression) -> Expression | None:
    if is_bytes(left.type) or is_bytes(right.type):
        return check_same(body, written, left, right)
    joined = join(left.type, right.type)
    ordered = written.operator not in ("==", "!=")
    if joined is not None and joined == left.type == right.type and ordered and not has_order(joined):
        body.problem(say.no_order(written.operator, joined, written.operator_span))
        return None
    if joined is None or (ordered and not has_order(joined)) or not is_storable(joined):
        body.problem(say.no_operator(written.operator, left.type, right.type, written.operator_span))
        return None
    return fold(Compare(written.operator, widen(left, joined), widen(right, joined), BOOLEAN))


def has_order(type: Type) -> bool:
    return isinstance(type, Integer) or type in (SERIAL32, TIME, DURATION, SIZE, BITRATE, PACKETRATE, UNKNOWN)


def operate(body: Body, written: tree.Binary, left: Expression, right: Expression) -> Expression | None:
    operator, a, b = written.operator, left.type, right.type
    if UNKNOWN in (a, b):
        return Operate(operator, left, right, UNKNOWN)
    if operator in ("<<", ">>"):
        if isinstance(a, Integer) and isinstance(b, Integer) and not b.signed:
            return computed(body, written, Operate(operator, left, right, a))
    elif a == SERIAL32 and operator in ("+", "-") and isinstance(b, (Integer, Scalar)):
        if b == SERIAL32 and operator == "-" and not is_untyped(body, written.right):
            return Operate(operator, left, right, Integer(32, True))
        small = isinstance(right, Constant) and isinstance(right.value, int) and is_untyped(body, written.right) and 0 <= right.value < 1 << 32
        if b == SIZE or (isinstance(b, Integer) and b.bits <= 32) or b == SERIAL32 and isinstance(right, Constant) or small:
            return Operate(operator, left, Convert(right, SERIAL32, True), SERIAL32)
    elif a == TIME and b == TIME and operator == "-":
        return Operate(operator, left, right, DURATION)
    elif a == TIME and b == DURATION and operator in ("+", "-"):
        return fold(Operate(operator, left, Convert(right, TIME), TIME))
    elif a == DURATION and isinstance(b, Integer) and not b.signed and operator in ("*", "/"):
        return divided(body, written, left, widen(right, DURATION), DURATION)
    else:
        joined = join(a, b)
        number = joined is not None and (is_number(joined) or (joined in (DURATION, BITRATE, PACKETRATE) and operator in ("+", "-", "+|", "-|")))
        if joined is not None and number:
            return divided(body, written, widen(left, joined), widen(right, joined), joined)
    help = "a duration is not a number: write its unit, as in `5s`" if DURATION in (a, b) and (isinstance(a, Integer) or isinstance(b, Integer)) else None
    body.problem(say.no_operator(operator, a, b, written.operator_span, help))
    return None


def divided(body: Body, written: tree.Binary, left: Expression, right: Expression, type: Type) -> Expression | None:
    if written.operator in ("/", "%"):
        if not isinstance(right, Constant):
            body.problem(say.divisor_may_be_zero(written.right.span))
            return None
        if right.value == 0:
            body.problem(say.division_by_zero(written.right.span))
            return None
    return computed(body, written, Operate(written.operator, left, right, type))


def computed(body: Body, written: tree.Binary, value: Operate) -> Expression | None:
    """The value; one that is known at compile time must fit."""
    folded = fold(value)
    if folded is value and isinstance(value.left, Constant) and isinstance(value.right, Constant):
        limits = range_of(value.type)
        assert limits is not None
        body.problem(say.constant_too_large("the result", value.type, limits[0], limits[1], written.span))
        return None
    return folded


def check_negation(body: Body, written: tree.Unary, expected: Type | None) -> Expression | None:
    if isinstance(written.operand, tree.Literal) and isinstance(written.operand.value, int) and written.operand.kind == "integer":
        wanted = expected if isinstance(expected, Integer) else Integer(64, True)
        return number_of(body, -written.operand.value, wanted, written.span)
    value = check_value(body, written.operand, expected)
    if value is None:
        return None
    if value.type != UNKNOWN and not (isinstance(value.type, Integer) and value.type.signed):
        body.problem(say.wrong_type(value.type, "a signed integer", written.operand.span))
        return None
    return fold(Negate(value, value.type))


def check_cast(body: Body, written: tree.Cast) -> Expression | None:
    to = body.checker.type_of(written.to, body.file)
    value = check_value(body, written.operand, None)
    if to is None or value is None:
        return None
    if widens(value.type, to):
        return fold(Convert(value, to)) if value.type != to else value
    if not may_be_cast(value.type, to):
        body.problem(say.wrong_type(value.type, to, written.span))
        return None
    if not written.wrap and not fits(value.type, to):
        body.problem(say.narrowing(value.type, to, written.span, "the result"))
        return None
    return fold(Convert(value, to, written.wrap))


def may_be_cast(found: Type, to: Type) -> bool:
    """Whether `as` goes between the types at all: times and devices are not numbers."""
    return isinstance(to, (Integer, Scalar)) and all(bits_of(t) is not None and t not in (DURATION, TIME, DEVICE) for t in (found, to))


def fits(found: Type, to: Type) -> bool:
    """Whether every value of a type that one integer holds is in the range of the other."""
    limits, wanted = range_of(found), range_of(to)
    return limits is not None and wanted is not None and wanted[0] <= limits[0] and limits[1] <= wanted[1]


def check_membership(body: Body, written: tree.Binary) -> Expression | None:
    if not isinstance(written.right, tree.Name):
        is_written = isinstance(written.right, tree.Literal)
        help = "declare one and give it a name: `config NAME : set<...> = [...]`" if is_written else None
        body.problem(say.wanted("the name of a `set` or `map`", written.right.span, help))
        return None
    name = written.right.text
    found = body.checker.container(body, name, written.right.span)
    if found is None:
        return None
    type, is_config = found
    match type:
        case SetType(element=element) if is_config and element == DOMAIN:
            return check_in_domains(body, written.left, name)
        case SetType(element=element) if is_config:
            asked = {IP_PREFIX: IP_ADDRESS, IPV4_PREFIX: IPV4_ADDRESS, IPV6_PREFIX: IPV6_ADDRESS}.get(element, element) if isinstance(element, Scalar) else element
            value = want(body, written.left, asked, f"`{name}`")
            return None if value is None else InConfigSet(name, value, BOOLEAN)
        case MapType(key=key, value=of) if is_config:
            value = want(body, written.left, key, f"a key of `{name}`")
            return None if value is None else IsFound(ConfigLookup(name, value, FoundType(name, key, of, False)), BOOLEAN)
        case SetType(element=key) | MapType(key=key):
            value = want(body, written.left, key, f"a key of `{name}`")
            return None if value is None else InStore(name, value, BOOLEAN)
        case _:
            body.problem(say.wrong_kind(name, f"a `{show(type)}`", "a `set` or `map`", written.right.span))
            return None


# -- joining and widening -----------------------------------------------------------------------------------------------------


def widens(found: Type, wanted: Type) -> bool:
    """Whether a value of one type is one of the other without a word."""
    if found in (wanted, UNKNOWN):
        return True
    match found, wanted:
        case Integer(bits=a, signed=False), Integer(bits=b, signed=signed):
            return a < b or (a == b and not signed)
        case Integer(bits=a, signed=True), Integer(bits=b, signed=True):
            return a <= b
        case Integer(signed=False), Scalar(name="size" | "duration"):
            return wanted == SIZE
        case Scalar(name="size"), Integer(bits=64, signed=False):
            return True
        case Scalar(name="ipv4_address" | "ipv6_address"), Scalar(name="ip_address"):
            return True
        case Scalar(name="ipv4_prefix" | "ipv6_prefix"), Scalar(name="ip_prefix"):
            return True
        case BytesType(length=a), BytesType(length=b, fixed=False):
            return a <= b
        case DeviceListType(maximum=a), DeviceListType(maximum=b):
            return a <= b
        case _:
            return False


def join(a: Type, b: Type) -> Type | None:
    """The narrower of the types that both widen to."""
    if widens(a, b):
        return b
    if widens(b, a):
        return a
    if {a, b} <= {IPV4_ADDRESS, IPV6_ADDRESS}:
        return IP_ADDRESS
    if isinstance(a, Integer) and isinstance(b, Integer):
        wider = Integer(max(a.bits, b.bits) * (2 if max(a.bits, b.bits) <= 32 else 1), True)
        return wider if widens(a, wider) and widens(b, wider) else None
    return None


def widen(value: Expression, to: Type) -> Expression:
    return value if value.type == to or isinstance(to, DeviceListType) else fold(Convert(value, to))


def coerce(body: Body, value: Expression, wanted: Type, span: Span, what: str) -> Expression | None:
    if isinstance(wanted, LeaseType):
        return move_lease(body, value, wanted, span)
    if widens(value.type, wanted):
        return widen(value, wanted)
    if isinstance(value.type, (ViewType, CursorType)) and isinstance(wanted, BytesType):
        body.problem(say.unbounded_bytes(span))
    elif isinstance(value.type, Integer) and is_number(wanted) or value.type == SIZE and isinstance(wanted, Integer):
        body.problem(say.narrowing(value.type, wanted, span, what))
    else:
        body.problem(say.wrong_type(value.type, wanted, span))
    return None


# -- members ------------------------------------------------------------------------------------------------------------------


def check_member(body: Body, written: tree.Member) -> Expression | None:
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
    own = instance_state(body, written.object)
    if own is not None and isinstance(own.type, MapType):
        key = want(body, written.index, own.type.key, f"a key of `{own.name}`")
        return None if key is None else EntryAt(own.name, key, (), own.type.value)
    if not isinstance(written.object, tree.Name):
        body.problem(say.not_executed("this index", written.span))
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
    """Whether the name is that of a variable part, behind fields that are always there."""
    found = [info for m in members if (info := body.checker.header(m)) is not None and info.rest == field]
    return bool(found) and all(info.optional is None for info in found)


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
        body.problem(say.not_executed(f"this use of `{header}.{field.text}`, whose size varies,", field.span))
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
            body.problem(say.not_executed(f"an index into a `{show(found[0])}`", written.span))
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


# -- branches with a value ----------------------------------------------------------------------------------------------------


def check_if(body: Body, written: tree.If, expected: Type | None) -> Expression | None:
    if written.binding is not None:
        from clickup_lang.semantics.if_let import check_if_let_value

        return check_if_let_value(body, written, expected)
    condition = want(body, written.condition, BOOLEAN)
    branches = branches_with_values(body, written, expected, None)
    if condition is None or branches is None:
        return None
    return joined_branches(body, branches, written.span, lambda codes, type: IfValue(condition, codes[0], codes[1], type, written.span))


def branches_with_values(
    body: Body, written: tree.If, expected: Type | None, binding: EntryBinding | LocalBinding | None
) -> list[tuple[Code, Type | None]] | None:
    """Both branches, each with the type of its value; in the first there is what `if let` binds. None after a problem."""
    from clickup_lang.semantics.statements import bind_new, value_of_block

    if written.otherwise is None:
        body.problem(say.value_wanted(written.span, "say what it is otherwise: `else { ... }`"))
        return None
    before = dict(body.removed)
    with body:
        if binding is not None and written.binding is not None:
            bind_new(body, written.binding.text, binding)
        then = value_of_block(body, written.then, expected)
    after = dict(body.removed) if then is not None and then[1] is not None else {}
    body.removed = dict(before)
    expected = expected or (then[1] if then is not None else None)
    if isinstance(written.otherwise, tree.If):
        inner = check_if(body, written.otherwise, expected)
        otherwise = None if inner is None else (given(inner, written.otherwise.span), inner.type)
    else:
        otherwise = value_of_block(body, written.otherwise, expected)
    if then is None or otherwise is None:
        return None
    body.removed = {**before, **after, **(body.removed if otherwise[1] is not None else {})}
    return [then, otherwise]


def given(value: Expression, span: Span) -> Code:
    return (Give(value, span),)


def joined_branches(
    body: Body, branches: list[tuple[Code, Type | None]], span: Span, make: Callable[[list[Code], Type], Expression]
) -> Expression | None:
    """Branches whose values are widened to one type; one that never ends normally has none."""
    joined: Type | None = None
    for _, type in branches:
        if type is not None:
            both = type if joined is None else join(joined, type)
            if both is None:
                assert joined is not None
                body.problem(say.wrong_type(type, joined, span))
                return None
            joined = both
    if joined is None:
        body.problem(say.value_wanted(span, "no branch of it goes on"))
        return None
    codes: list[Code] = []
    for code, type in branches:
        last = code[-1] if code else None
        codes.append((*code[:-1], replace(last, value=widen(last.value, joined))) if type is not None and isinstance(last, Give) else code)
    return make(codes, joined)


def check_match(body: Body, written: tree.Match, expected: Type | None) -> Expression | None:
    from clickup_lang.semantics.matching import check_arms, head_of

    checked = check_arms(body, written, expected, wants_value=True)
    if checked is None:
        return None
    subject, arms, types = checked

    def make(codes: list[Code], type: Type) -> Expression:
        return MatchValue(subject, tuple(CodeArm(a.values, c, a.span) for a, c in zip(arms, codes)), type, head_of(written))

    return joined_branches(body, [(a.code, t) for a, t in zip(arms, types)], written.span, make)
