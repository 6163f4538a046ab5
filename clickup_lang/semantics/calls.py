"""Calls: records, functions, methods and the few built-in functions."""

from __future__ import annotations

from clickup_lang.semantics import problems as say
from clickup_lang.semantics.body import Body, BrokenBinding, EntryBinding
from clickup_lang.semantics.chance import check_random
from clickup_lang.semantics.constants import fold
from clickup_lang.semantics.leases import check_given_lease, lease_call
from clickup_lang.semantics.lookups import is_lookup
from clickup_lang.semantics.model import (
    CallCode, CallValue, Code, Expression, FunctionInfo, HeaderChecksumHolds, HeaderIsWhole, PopTo, PushLayers,
)  # fmt: skip
from clickup_lang.semantics.payload import check_byte_call, check_cursor, is_byte_call
from clickup_lang.semantics.stacks import is_stack
from clickup_lang.semantics.swapping import is_swap
from clickup_lang.semantics.table_arguments import CONTAINERS, check_table_argument, function_for, stores_given
from clickup_lang.semantics.types import (
    BOOLEAN, IP_ADDRESS, IP_PREFIX, IPV4_ADDRESS, IPV6_ADDRESS, PREFIX_OF, U64, UNKNOWN, EntryType, HeaderType, RankingType, RecordType, SecretType, SketchType, Type, is_storable, show,
)  # fmt: skip
from clickup_lang.semantics.values import Constant, HashOf, MakeRecord, Masked, Now
from clickup_lang.source import Span
from clickup_lang.source.nodes import nodes
from clickup_lang.syntax import tree

def check_call(body: Body, written: tree.Call, expected: Type | None) -> Expression | None:
    """A call whose value is used."""
    match written.callee:
        case tree.Name(text=name, span=span):
            return check_named_call(body, written, name, span, expected)
        case tree.Member(object=object, name=method):
            return check_method(body, written, object, method)
        case _:
            body.problem(say.wanted("the name of a function or record", written.callee.span))
            return None


def check_named_call(body: Body, written: tree.Call, name: str, span: Span, expected: Type | None) -> Expression | None:
    match name:
        case "whole" | "checksum_holds":
            return check_header_question(body, written, name)
        case "hash":
            return check_hash(body, written)
        case "random":
            return check_random(body, written, expected)
        case "swap" if is_swap(body, written):
            body.problem(say.value_wanted(written.span, "`swap` stands alone"))
            return None
        case "cursor":
            return check_cursor(body, written)
        case "maglev":
            body.problem(say.only_derived(written.span))
            return None
        case _:
            pass
    if name == "flow" and body.kind == "test" and body.find(name) is None:
        from clickup_lang.semantics.test_values import check_flow

        return check_flow(body, written)
    declaration = body.checker.names.find(name, body.file)
    match declaration:
        case tree.Record():
            record = body.checker.record(name)
            return None if record is None else make_record(body, written, record, declaration.name.span)
        case tree.Function():
            function = body.checker.function(name, span)
            return None if function is None else call_function(body, written, function, written.arguments)
        case None:
            known = tuple(d.name.text for d in body.checker.names.of_kind((tree.Function, tree.Record)) if d.name)
            body.problem(body.checker.names.unknown(name, "function or record", span, known))
        case _:
            body.problem(say.wrong_kind(name, body.checker.kind_of(declaration), "a function", span))
    return None


def check_method(body: Body, written: tree.Call, object: tree.Expression, method: tree.Identifier) -> Expression | None:
    """`value.method(rest)` is `method(value, rest)`, but for the methods that belong to a type."""
    from clickup_lang.semantics.buckets import check_bucket_call
    from clickup_lang.semantics.secrets import check_secret_hash
    from clickup_lang.semantics.sketches import check_add, kind_state, other_kind

    if is_byte_call(body, written):
        return check_byte_call(body, written)
    if method.text in ("take", "full"):
        found = check_bucket_call(body, written, object, method)
        if found is not NotImplemented:
            return found
    match method.text:
        case "add" if kind_state(body, object, SketchType) is not None:
            return check_add(body, written, object)
        case "offer" if kind_state(body, object, RankingType) is not None:
            body.problem(say.value_wanted(written.span, "`offer` gives no value: it stands as a statement"))
            return None
        case "hash":
            return check_secret_hash(body, written, object)
        case "of" if kind_state(body, object, SecretType) is not None:
            body.problem(say.key_may_be_gone(written.span))
            return None
        case _:
            pass
    declaration = body.checker.names.find(method.text, body.file)
    if method.text == "masked" and not isinstance(declaration, tree.Function):
        return check_masked(body, written, object)
    if method.text == "lease" and body.kind == "test" and (taken := lease_call(body, written)) is not None:
        return check_given_lease(body, written, *taken)
    if isinstance(declaration, tree.Function):
        function = body.checker.function(method.text, method.span)
        arguments = (tree.Argument(None, object, object.span), *written.arguments)
        return None if function is None else call_function(body, written, function, arguments)
    if method.text == "longest" and isinstance(object, tree.Name) and isinstance(body.checker.names.find(object.text, body.file), tree.Config) and body.checker.config(object.text) is None:
        return None  # what is wrong with the config has been said
    if method.text in ("add", "offer"):
        other_kind(body, object, method.text)
    elif (leased := lease_call(body, written)) is not None:
        body.problem(say.pool_empty(leased[0].name, "number", written.span))
    elif is_lookup(body, written) and isinstance(object, tree.Name):
        body.problem(say.no_prefix(object.text, written.span))
    elif method.text in say.ASKED_OF:
        body.problem(say.asked_of_another(method.text, method.span))
    else:
        known = tuple(d.name.text for d in body.checker.names.of_kind(tree.Function) if d.name)
        body.problem(body.checker.names.unknown(method.text, "function", method.span, known))
    return None


def check_masked(body: Body, written: tree.Call, object: tree.Expression) -> Expression | None:
    """`address.masked(24)`; of an `ip_address` the lengths for IPv4 and for IPv6."""
    from clickup_lang.semantics.expressions import check_value

    address = check_value(body, object)
    if address is None:
        return None
    widths = {IPV4_ADDRESS: (32,), IPV6_ADDRESS: (128,), IP_ADDRESS: (32, 128)}.get(address.type)  # type: ignore[arg-type]
    if address.type == UNKNOWN:
        widths = (32, 128) if len(written.arguments) == 2 else (128,)
    if widths is None:
        body.problem(say.wrong_type(address.type, "an IP address", object.span))
        return None
    if len(written.arguments) != len(widths) or any(a.name is not None for a in written.arguments):
        body.problem(say.wrong_arguments("masked", say.counted(len(widths), "length"), len(written.arguments), written.span))
        return None
    lengths = [body.checker.integer(a.value, body.file) for a in written.arguments]
    for length, width, argument in zip(lengths, widths, written.arguments):
        if length is None:
            return None
        if length > width:
            body.problem(say.out_of_range(f"{length}", "a prefix", 0, width, argument.span))
            return None
    four, six = (lengths[0] if widths[0] == 32 else 0, lengths[-1] if widths[-1] == 128 else 0)
    return Masked(address, four or 0, six or 0, PREFIX_OF.get(address.type, IP_PREFIX if len(widths) == 2 else UNKNOWN))


def make_record(body: Body, written: tree.Call, record: RecordType, declared: Span) -> Expression | None:
    from clickup_lang.semantics.expressions import want

    values: dict[str, Expression | None] = {}
    for position, argument in enumerate(written.arguments):
        if argument.name is None:
            if position >= len(record.fields):
                body.problem(say.wrong_arguments(record.name, f"{len(record.fields)} values", len(written.arguments), written.span, declared))
                return None
            name, span = record.fields[position].name, argument.span
        else:
            name, span = argument.name.text, argument.name.span
        field = record.field(name)
        if field is None:
            body.problem(say.unknown_field(name, f"`{record.name}`", span, [f.name for f in record.fields]))
            return None
        if name in values:
            body.problem(say.given_twice(name, span, written.arguments[list(values).index(name)].span))
            return None
        values[name] = want(body, argument.value, field.type, f"`{record.name}.{name}`")
    for field in record.fields:
        if field.name not in values:
            if field.made_now:
                values[field.name] = Now(field.type)
                continue
            if not field.has_default:
                body.problem(say.missing_field(field.name, record.name, written.span))
                return None
            values[field.name] = Constant(field.default, field.type)
    made = [values[f.name] for f in record.fields]
    checked = tuple(v for v in made if v is not None)
    return fold(MakeRecord(checked, record)) if len(checked) == len(made) else None


def call_function(body: Body, written: tree.Call, function: FunctionInfo, arguments: tuple[tree.Argument, ...]) -> CallValue | None:
    named = next((a.name for a in arguments if a.name is not None), None)
    if named is not None:
        body.problem(say.named_arguments(function.name, named.span, function.span))
        return None
    if len(arguments) != len(function.parameters):
        wanted = say.counted(len(function.parameters), "argument")
        body.problem(say.wrong_arguments(function.name, wanted, len(arguments), written.span, function.span))
        return None
    checked: list[Expression | str] = []
    for argument, parameter in zip(arguments, function.parameters):
        if isinstance(parameter.type, CONTAINERS):
            value = check_table_argument(body, argument.value, parameter)
        else:
            value = check_argument(body, argument.value, parameter.type, f"`{parameter.name}` of `{function.name}`")
        if value is None:
            return None
        checked.append(value)
    if function.is_open:
        made = function_for(body, function, checked, written.span)
        if made is None:
            return None
        function = made
    remove_in_call(body, function, checked, written.span)
    return CallValue(function.key or function.name, tuple(checked), function.result, written.span)


def remove_in_call(body: Body, function: FunctionInfo, arguments: list[Expression | str], span: Span) -> None:
    """What the function removes is gone for its caller too."""
    entries = {e.name: e for e in body.entries()}
    entries |= {a: EntryBinding(a, p.type.state, span) for a, p in zip(arguments, function.parameters) if isinstance(a, str) and isinstance(p.type, EntryType) and a not in entries}
    for argument, parameter in zip(arguments, function.parameters):
        if parameter.name in function.removes and isinstance(argument, str):
            body.remove(entries[argument], parameter.name, span)
    if moves_bytes(body, function.code):
        body.bytes_move(f"`{function.name}`", span)
    given = stores_given(function, tuple(arguments))
    for name in function.removes_from:
        state = given.get(name, name)
        body.remove_from(state, "", f"an entry of `{state}`", span)
        body.removes.setdefault(f"in {function.name}", state)


def moves_bytes(body: Body, code: Code) -> bool:
    """Whether the packet gets or loses bytes at its front."""
    for node in nodes(code):
        match node:
            case PushLayers() | PopTo():
                return True
            case CallCode(function=name, span=span) | CallValue(function=name, span=span):
                called = body.checker.function(name, span)
                if called is not None and moves_bytes(body, called.code):
                    return True
            case _:
                pass
    return False


def check_argument(body: Body, written: tree.Expression, wanted: Type, what: str) -> Expression | str | None:
    """A value, or the name of the header or entry that is handed over."""
    from clickup_lang.semantics.expressions import want
    from clickup_lang.semantics.members import header_members
    from clickup_lang.semantics.named_values import entry_named

    match wanted:
        case HeaderType(members=members):
            if not isinstance(written, tree.Name):
                body.problem(say.wanted(f"the name of a header (`{show(wanted)}`)", written.span))
                return None
            there = header_members(body, tree.Identifier(written.text, written.span))
            if there is None:
                return None
            if is_stack(body, written.text):
                body.problem(say.wrong_kind(written.text, "a stack of headers", "a header", written.span))
                return None
            if not set(there) & set(members):
                body.problem(say.other_header(written.text, there, members, written.span))
                return None
            return written.text
        case EntryType(state=state):
            bound = entry_named(body, written)
            if isinstance(bound, BrokenBinding):
                return None
            if not isinstance(bound, EntryBinding) or bound.state != state:
                body.problem(say.wanted(f"an entry of `{state}`", written.span))
                return None
            assert isinstance(written, tree.Name)
            return None if body.is_gone(bound, written.text, written.span) else bound.name
        case _:
            return want(body, written, wanted, what)


def check_header_question(body: Body, written: tree.Call, name: str) -> Expression | None:
    from clickup_lang.semantics.members import header_members

    argument = written.arguments[0].value if len(written.arguments) == 1 else None
    if not isinstance(argument, tree.Name):
        body.problem(say.wrong_arguments(name, "one header", len(written.arguments), written.span))
        return None
    members = header_members(body, tree.Identifier(argument.text, argument.span))
    if members is None:
        return None
    infos = [info for m in members if (info := body.checker.header(m)) is not None]
    if infos and not any(info.answers(name) for info in infos):
        body.problem(say.not_answered_by(infos[0].name, name, argument.span))
        return None
    make = HeaderIsWhole if name == "whole" else HeaderChecksumHolds
    return make(argument.text, argument.span, BOOLEAN)


def check_hash(body: Body, written: tree.Call) -> Expression | None:
    from clickup_lang.semantics.expressions import check_value

    values = [check_value(body, a.value) for a in written.arguments]
    checked = tuple(v for v in values if v is not None)
    if len(checked) != len(values):
        return None
    if not checked:
        body.problem(say.wrong_arguments("hash", "one value or more", 0, written.span))
        return None
    for argument, value in zip(written.arguments, checked):
        if not is_storable(value.type):
            secret = isinstance(value.type, SecretType)
            body.problem(say.not_stored("what is hashed", value.type, argument.span) if secret else say.wrong_type(value.type, "a value", argument.span))
            return None
    return HashOf(checked, U64)
