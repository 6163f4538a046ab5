"""Every problem that the semantics room finds: one builder for each, in the user's words.

Codes: E2.. names and declarations, E3.. types and values, E4.. headers, E5.. state (E52. versions of it), E6.. graph, E7.. not
executed yet; W.. are warnings, N.. notes. Each has a page in `cupc explain`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

from clickup_lang.diagnostics import Edit, Fix, Label, Problem, Severity
from clickup_lang.semantics.habits import NO_TYPES, VALUES, field_meant, type_meant
from clickup_lang.semantics.types import MOST_LOCAL, ArrayType, BytesType, HeaderType, LpmType, MapType, OfType, RecordType, RegisterType, Scalar, SecretType, SetType, Type, show
from clickup_lang.source import Span
from clickup_lang.source.nodes import nodes


def problem(code: str, message: str, span: Span, *more: Label, label: str = "", help: str | None = None, fix: Fix | None = None) -> Problem:
    severity = {"W": Severity.WARNING, "N": Severity.NOTE}.get(code[0], Severity.ERROR)
    return Problem(code, message, (Label(span, label), *more), help, fix, severity)


def replacement(span: Span, text: str) -> Fix:
    return Fix(f"write `{text}`", (Edit(span, text),))


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    return next(iter(get_close_matches(name, sorted(set(candidates)), 1, 0.6)), None)


def listed(names: Iterable[str]) -> str:
    """`a`, `b` and `c`"""
    quoted = [f"`{n}`" for n in names]
    return quoted[0] if len(quoted) == 1 else ", ".join(quoted[:-1]) + " and " + quoted[-1] if quoted else "nothing"


def counted(number: int, what: str) -> str:
    """no arguments, 1 argument, 2 arguments"""
    return f"{number or 'no'} {what}{'' if number == 1 else 's'}"


# -- names --------------------------------------------------------------------------------------------------------------------


def unknown_name(name: str, what: str, span: Span, candidates: Iterable[str]) -> Problem:
    known = tuple(candidates)
    near = (type_meant(name) if what == "type" else None) or nearest(name, known)
    help = {"type": NO_TYPES, "value": VALUES}.get(what, {}).get(name)
    if help is not None:
        return problem("E201", f"there is no {what} `{name}`", span, help=help)
    if near is None and what == "device" and known:
        return problem("E201", f"there is no {what} `{name}`", span, help=f"there {'is' if len(known) == 1 else 'are'} {listed(known)}")
    return problem("E201", f"there is no {what} `{name}`", span, help=f"there is `{near}`" if near else None, fix=replacement(span, near) if near else None)


def unknown_member(name: str, of: str, what: str, span: Span, candidates: Iterable[str]) -> Problem:
    """`of` has its members by name: an enum its enumerators, an atom its parameters."""
    near = nearest(name, candidates)
    return problem("E201", f"{of} has no {what} `{name}`", span, help=f"there is `{near}`" if near else None, fix=replacement(span, near) if near else None)


def only_drop(name: str, span: Span) -> Problem:
    return problem("E201", f"`{name}` is nothing that can become of a packet by itself", span, help="write `= drop`, or connect the port", fix=replacement(span, "drop"))


def ambiguous_enumerator(name: str, owners: Iterable[str], span: Span) -> Problem:
    help = "give the value a type, as in `let x : T = ...`, or compare it with one that has it"
    return problem("E201", f"`{name}` is in {listed(owners)}, and nothing here says which is meant", span, help=help)


def value_twice(name: str, first: str, value: int, span: Span, first_span: Span) -> Problem:
    return problem("E202", f"`{name}` is {value}, as `{first}` is already", span, Label(first_span, "the first one"), help="give one of them another value")


def duplicate_name(name: str, span: Span, first: Span) -> Problem:
    return problem("E202", f"`{name}` is declared twice", span, Label(first, "the first one"), label="the second one", help="give one of them another name")


def name_of_library(name: str, span: Span, declared: Span) -> Problem:
    return problem("E202", f"`{name}` is a name of the library", span, Label(declared, "declared here"), help="give this one another name")


def given_twice(name: str, span: Span, first: Span) -> Problem:
    return problem("E202", f"`{name}` is given twice", span, Label(first, "the first time"), help="leave one of them out")


def header_has_name(name: str, span: Span, header: Span) -> Problem:
    return problem("E202", f"`{name}` is the name of a header already", span, Label(header, "declared here"), help="give this place in the packet another name")


def unknown_module(name: str, span: Span, candidates: Iterable[str]) -> Problem:
    near = nearest(name, candidates)
    return problem("E203", f"there is no module `{name}`", span, help=f"the library has {listed(sorted(candidates))}", fix=replacement(span, f"import {near}") if near else None)


def unreadable_file(path: str, reason: str, span: Span) -> Problem:
    return problem("E203", f"`{path}` cannot be read: {reason}", span)


def import_cycle(chain: tuple[str, ...], span: Span) -> Problem:
    return problem("E204", f"files import each other in a circle: {' -> '.join(chain)}", span, help="move what both need into a third file")


def no_service(file: str, span: Span) -> Problem:
    return problem("E205", "the program does not say what it is", span, help="begin with `service NAME version 1`; a file that others import is checked with the program")


def service_twice(span: Span, first: Span) -> Problem:
    return problem("E205", "a program has one `service` line", span, Label(first, "the first one"))


def version_zero(span: Span) -> Problem:
    return problem("E205", "versions count from 1", span)


def not_imported(name: str, span: Span, module: str, after: Span | None = None) -> Problem:
    """`after` is the line behind which an import can be written."""
    fix = Fix(f"write `import {module}`", (Edit(Span(after.file, after.end, after.end), f"\nimport {module}"),)) if after else None
    return problem("E206", f"`{name}` is declared in `{module.strip(chr(34))}`, which this file does not import", span, help=f"write `import {module}`", fix=fix)


def wrong_kind(name: str, is_a: str, wanted: str, span: Span, declared: Span | None = None) -> Problem:
    more = (Label(declared, "declared here"),) if declared else ()
    return problem("E207", f"`{name}` is {is_a}, not {wanted}", span, *more)


def state_as_value(name: str, type: Type, span: Span) -> Problem:
    help = f"its elements are: `{name}[i]`, `for x in {name}`" if isinstance(type, ArrayType) else None
    return problem("E207", f"`{name}` is a `{show(type)}`, not one value", span, help=help)


def other_header(name: str, there: Iterable[str], wanted: Iterable[str], span: Span, more: Label | None = None) -> Problem:
    """A function takes some headers, and is given one that is none of them."""
    members = [m for m in there if m != name]
    found = f", which can be `{' | '.join(members)}` here," if members else ""
    return problem("E207", f"`{name}`{found} is not `{' | '.join(wanted)}`", span, *([more] if more else []))


def wanted(what: str, span: Span, help: str | None = None) -> Problem:
    """For a place where something else stands that has no name of its own."""
    return problem("E207", f"{what} is wanted here", span, help=help)


ASKED_OF = {
    "lease": "a `pool`", "full": "`bucket`: `bucket.full(64KiB)`", "longest": "a `config` of type `lpm`", "of": "a `secret`", "lower": "bytes: `b.lower`",
}  # fmt: skip


def asked_of_another(method: str, span: Span) -> Problem:
    return problem("E207", f"`.{method}()` is asked of {ASKED_OF[method]}, and this is something else", span)


def only_derived(span: Span) -> Problem:
    help = "write `derived ring : array<u16>[65_537] from backends = maglev(backends, by: key)`"
    return problem("E207", "`maglev()` makes a `derived` table, and gives no value elsewhere", span, help=help)


def list_as_type(span: Span) -> Problem:
    help = "what is kept is `bytes max N` or an `array<T>[N]`"
    return problem("E207", "a `list` is the last field of a header, and no type of values", span, help=help)


def bytes_by_index(view: str, span: Span) -> Problem:
    return problem("E207", f"`{view}` has no elements: its bytes are read", span, help=f"write `let x = {view}.read(u8, at: n) else {{ }}`")


def header_by_index(part: str, span: Span) -> Problem:
    """Of the variable part of a header."""
    help = f"write `for o in {part} max 10 {{ }}` where it is a list, or `let x = {part}.read(u8, at: n) else {{ }}`"
    return problem("E207", f"`{part}` has no elements with a number", span, help=help)


def header_as_value(members: tuple[str, ...], span: Span) -> Problem:
    """In the type of a state, a field or an event."""
    is_ip = all(m in ("ipv4", "ipv6") for m in members)
    help = "addresses are `ip_address`, `ipv4_address` and `ipv6_address`" if is_ip else "keep the fields that are wanted, in a record"
    return problem("E207", f"`{' | '.join(members)}` is a header, and headers are not kept", span, help=help)


def unknown_field(name: str, of: str, span: Span, candidates: Iterable[str]) -> Problem:
    known = tuple(candidates)
    near = field_meant(name, known) or nearest(name, known)
    return problem("E208", f"{of} has no field `{name}`", span, help=f"there is `{near}`" if near else None, fix=replacement(span, near) if near else None)


# -- types --------------------------------------------------------------------------------------------------------------------


def wrong_type(found: Type, wanted: Type | str, span: Span, *more: Label) -> Problem:
    wanted_text = wanted if isinstance(wanted, str) else f"`{show(wanted)}`"
    help = "an address stands without quotes" if show(found) == "text" and re.search("_(address|prefix)`", wanted_text) else None
    return problem("E301", f"this is `{show(found)}`, and {wanted_text} is wanted here", span, *more, help=help)


def end_point_unwanted(expected: Type | None, span: Span) -> Problem:
    message = "an address with a port has no type of its own" if expected is None else f"this is an address with a port, and `{show(expected)}` is wanted here"
    help = "it is a value of a record of an address and then a `u16`, where one is wanted: `record EndPoint { address : ip_address, port : u16 }`"
    is_address = expected is not None and show(expected).endswith(("_address", "_prefix"))
    return problem("E301", message, span, help="leave the port out" if is_address else help)


def no_value(what: str, where: str, span: Span) -> Problem:
    """Of a literal that stands in one place only."""
    return problem("E301", f"{what} is no value", span, help=f"it stands {where}")


def no_order(operator: str, type: Type, span: Span) -> Problem:
    help = "they are equal or not; of addresses, ask `in` a set of prefixes" if show(type).endswith("address") else "they are equal or not"
    return problem("E301", f"`{operator}` does not go between values of type `{show(type)}`, which have no order", span, help=help)


def no_operator(operator: str, left: Type, right: Type, span: Span, help: str | None = None) -> Problem:
    return problem("E301", f"`{operator}` does not go between `{show(left)}` and `{show(right)}`", span, help=help or sides(left, right))


def sides(left: Type, right: Type) -> str | None:
    """What to write where two values do not go together."""
    shown = {show(left), show(right)}
    if len(shown) == 1:
        return None
    if "duration" in shown:
        return "a duration is not a number: write `5s`, or take times from each other"
    if "text" in shown and any(name.endswith(("address", "prefix")) for name in shown):
        return "an address stands without quotes"
    if len([name for name in shown if name.endswith("address")]) == 1:
        return "an address is not a number: compare it with an address, or ask whether it is `in` a set"
    return "both sides are of one type, or of two that widen to one without loss"


def narrowing(found: Type, wanted: Type, span: Span, what: str) -> Problem:
    help = f"write `... as wrap {show(wanted)}` for the low bits, or `let x = ... as {show(wanted)} else {{ ... }}`"
    return problem("E302", f"{what} holds `{show(wanted)}`, and this is `{show(found)}`: it may not fit", span, help=help)


def out_of_range(text: str, wanted: Type | str, low: int, high: int, span: Span) -> Problem:
    wanted_text = wanted if isinstance(wanted, str) else f"`{show(wanted)}`"
    return problem("E303", f"{text} does not fit {wanted_text}, which goes from {low} to {high}", span)


def constant_too_large(text: str, wanted: Type, low: int, high: int, span: Span) -> Problem:
    help = "what is known at compile time does not wrap"
    return problem("E303", f"{text} does not fit `{show(wanted)}`, which goes from {low} to {high}", span, help=help)


def named_arguments(name: str, span: Span, declared: Span) -> Problem:
    return problem("E304", f"`{name}` takes its arguments in order, without names", span, Label(declared, "declared here"))


def wrong_arguments(name: str, wanted: str, found: int, span: Span, declared: Span | None = None, parameters: str | None = None) -> Problem:
    more = (Label(declared, "declared here"),) if declared else ()
    help = f"it is `{name}({parameters})`" if parameters else None
    return problem("E304", f"`{name}` takes {wanted}, and {found} {'is' if found == 1 else 'are'} given", span, *more, help=help)


def divisor_may_be_zero(span: Span) -> Problem:
    return problem("E305", "this divisor may be zero", span, help="divide by a constant, or say what then: `let x = a / b else { ... }`")


def division_by_zero(span: Span) -> Problem:
    return problem("E305", "this divides by zero", span)


def not_constant(span: Span) -> Problem:
    return problem("E307", "this must be known at compile time", span, help="literals, `const`s and arithmetic over them are")


def not_known_at_start(span: Span) -> Problem:
    return problem("E307", "this must be known when the program starts", span, help="literals, `const`s, `param`s and arithmetic over them are")


def match_not_total(missing: list[str], rest: str, span: Span) -> Problem:
    """`rest` is what else there may be, in words."""
    what = " and ".join([*([listed(missing)] if missing else []), *([rest] if rest else [])])
    return problem("E308", f"`match` says nothing about {what}", span, help="add an arm for each, or `_ => { }` for the rest")


def names_in_pattern(name: str, of_header: bool, span: Span) -> Problem:
    """`tcp(port) => ...`"""
    help = f"write `{name} => ...`, and read the fields by the header's name: `{name}.FIELD`" if of_header else f"write `{name} => ...`: an enumerator holds no values"
    return problem("E308", "a pattern says which case it is, and binds no names", span, help=help)


def arm_never_taken(text: str, span: Span, first: Span | None) -> Problem:
    more = (Label(first, "taken here"),) if first else ()
    return problem("E309", f"the arm `{text}` is never taken", span, *more)


def missing_field(name: str, of: str, span: Span, declared: Span | None = None) -> Problem:
    return problem("E310", f"`{of}` also needs `{name}`", span, help=f"write `{name}: ...`; only fields with a default may be left out")


def value_wanted(span: Span, help: str = "the last line of the block is its value") -> Problem:
    return problem("E311", "a value is wanted here, and this gives none", span, help=help)


def value_unused(span: Span, *, compares: bool) -> Problem:
    help = "`==` compares; `=` writes" if compares else "give it a name with `let`, or leave it out"
    return problem("E311", "this value is not used", span, help=help)


def local_unread(name: str, span: Span, written: Span | None) -> Problem:
    """`written` is the first place where it is written, which a new name would have to be given to as well."""
    if written is not None:
        return problem("W330", f"`{name}` is written, and nothing reads it", span, Label(written, "written here"), help="leave it out")
    return problem("W330", f"nothing reads `{name}`", span, help="leave it out; a name that begins with `_` says that this is meant", fix=replacement(span, f"_{name}"))


def recursion(chain: tuple[str, ...], span: Span) -> Problem:
    return problem("E312", f"functions do not call themselves: {' -> '.join(chain)}", span, help="a packet's work must have a bound; use `for` with constant bounds")


def pipeline_in_itself(chain: tuple[str, ...], span: Span) -> Problem:
    return problem("E312", f"a pipeline does not contain itself: {' -> '.join(chain)}", span, help="the graph is laid out whole, and would have no end")


def unbounded_loop(span: Span, *, too_many: int | None = None) -> Problem:
    message = f"this loop takes {too_many} turns, and 65536 is the most" if too_many else "this loop has no bound that is known at compile time"
    return problem("E313", message, span, help="write constant bounds, as in `for i in 0..10`")


def needless_bound(turns: int, span: Span) -> Problem:
    return problem("E313", f"this loop takes {counted(turns, 'turn')} as it is, and needs no bound", span, help="leave `max` out")


def not_assignable(span: Span, what: str, help: str | None = None) -> Problem:
    return problem("E314", f"{what} cannot be written", span, help=help)


def no_entry(store: str, span: Span, name: str) -> Problem:
    return problem("E316", f"`{store}` may have no such entry", span, help=f"write `let {name} = {store}[...] else {{ ... }}`, or `if let`")


def no_prefix(config: str, span: Span) -> Problem:
    return problem("E316", f"no prefix in `{config}` may hold the address", span, help=f"write `let route = {config}.longest(...) else {{ ... }}`, or `if let`")


def break_outside(span: Span) -> Problem:
    return problem("E315", "`break` ends a `for`, and there is none around it", span)


# -- headers ------------------------------------------------------------------------------------------------------------------


def missing_header(name: str, span: Span, path: tuple[tuple[str, Span], ...], lacking: str, *, everywhere: bool, element: Span | None = None) -> Problem:
    """`element` is a native one, through which packets come here."""
    labels = tuple(Label(s, t) for t, s in path)
    again = f"parse `{name}` again behind the element"
    if element is not None:
        labels = (*labels, Label(element, "nothing is known any more of a packet that has been through a native element"))
    message = f"`{name}` is there on no path that leads here" if everywhere else f"`{name}` is not there on every path that leads here"
    return problem("E401", message, span, *labels, label=lacking, help=again if element is not None else f"ask with `has {name}`, `match`, or lead that path elsewhere")


def no_packet(span: Span) -> Problem:
    return problem("E401", "there is no packet here to look at", span, help="ask the packets on a device: `expect outside { ... }`")


def not_in_a_test(message: str, span: Span, help: str) -> Problem:
    return problem("E324", f"{message}, and no test sees it", span, help=help)


def test_changes_nothing(span: Span, writes: Span) -> Problem:
    more = (Label(writes, "this changes something"),) if writes != span else ()
    return problem("E324", "a test asks what there is, and changes nothing but by packets and `set`, `given` and `wait`", span, *more, help="ask for a value, or call a function that only looks")


def made_twice(name: str, span: Span, first: Span | None, help: str) -> Problem:
    """A header that is made or named anew where another one has the name."""
    more = (Label(first, "here already"),) if first is not None and first != span else ()
    return problem("E402", f"`{name}` is a name for another place in the packet already", span, *more, help=help)


def header_twice(header: str, name: str, span: Span, first: Span | None, *, in_loop: bool) -> Problem:
    more = (Label(first, "parsed here already"),) if first is not None and first != span else ()
    help = f"give this one a name of its own: `parse {header} as ...`"
    again = "parsed in an earlier turn of the loop" if in_loop else "parsed by this atom before"
    label = again if first == span else ""
    return problem("E402", f"`{name}` is a name for another place in the packet already", span, *more, label=label, help=help)


def member_not_handled(members: Iterable[str], span: Span) -> Problem:
    return problem("E403", f"`match` says nothing about {listed(members)}, which can be there on this path", span, help="add an arm for each, or `_ => { }`")


def not_answered_by(header: str, question: str, span: Span, name: str | None = None) -> Problem:
    """`name` is what several headers are called, of which this is one."""
    lacking = "no length field that counts its payload" if question == "whole" else "no checksum over its header alone"
    return bad_header(f"`{header}` has {lacking}", span, None if name in (None, header) else f"take them apart: `match {name} {{ ... }}`")


def field_not_in_all(field: str, name: str, lacking: Iterable[str], span: Span) -> Problem:
    return problem("E404", f"not every header that `{name}` can be here has a field `{field}`: {listed(lacking)} lacks it", span, help=f"take them apart: `match {name} {{ ... }}`")


def field_types_differ(field: str, name: str, types: Iterable[tuple[str, Type]], span: Span) -> Problem:
    told = ", ".join(f"`{show(t)}` in `{m}`" for m, t in types)
    return problem("E404", f"`{name}.{field}` has not one type: it is {told}", span, help=f"take them apart: `match {name} {{ ... }}`")


def computed_field(name: str, span: Span, declared: Span) -> Problem:
    return problem("E405", f"`{name}` is computed, and never written by hand", span, Label(declared, "it is filled by this rule"), help="it is kept right whenever a packet is changed")


def bad_header(message: str, span: Span, help: str | None = None) -> Problem:
    return problem("E406", message, span, help=help)


def badly_placed(field: str, span: Span) -> Problem:
    return bad_header(f"`{field}` is longer than eight bytes, and does not begin and end with whole bytes", span)


def optional_read(header: str, field: str, span: Span) -> Problem:
    return problem("E316", f"`{header}.{field}` may not be there", span, help=f"write `let {field} = {header}.{field} else {{ ... }}`, or `if let`")


def optional_written(header: str, field: str, span: Span) -> Problem:
    return problem("E316", f"`{header}.{field}` may not be there", span, help=f"write `{header}.{field} = ... else {{ }}`, or behind `let {field} = {header}.{field} else {{ ... }}`")


def unbounded_walk(span: Span) -> Problem:
    return problem("E313", "this walk has no bound", span, help="write how many elements it looks at, as in `for o in tcp.options max 10`")


def too_many_elements(wanted: int, most: int, span: Span) -> Problem:
    return problem("E313", f"this walk looks at {wanted} elements, and {most} is the most", span)


def not_in_stack(name: str, field: str, span: Span) -> Problem:
    return problem("E316", f"`{name}` may not have so many headers", span, help=f"write `let {field} = {name}[...].{field} else {{ ... }}`; `{name}[0]` and `{name}.last` are always there")


def stack_elsewhere(name: str, span: Span, stack: Span) -> Problem:
    return problem("E407", f"`{name}` is a stack of headers elsewhere", span, Label(stack, "here"), help="a name means one thing in the whole program: name the stack with `as`")


def walked_already(element: str, span: Span) -> Problem:
    return problem("E402", f"this walk over a list of `{element}` stands in another one", span, help="let one walk end before the next begins")


def alias_differs(name: str, span: Span, first: Span) -> Problem:
    return problem("E407", f"`{name}` names another kind of header elsewhere", span, Label(first, "here"), help="a name means one thing in the whole program")


# -- state --------------------------------------------------------------------------------------------------------------------


def full_without_else(state: str, span: Span, policy: Span) -> Problem:
    return problem("E501", f"`{state}` may be full, and nothing says what then", span, Label(policy, "it rejects when it is full"), help="write `... else { emit PORT }`, or give it `when full evict oldest`")


def else_on_evicting(state: str, span: Span, policy: Span, written: Span) -> Problem:
    """`written` is the insertion without its `else`."""
    fix = Fix("leave it out", (Edit(Span(span.file, written.end, span.end), ""),))
    return problem("E502", f"this `else` is never taken: `{state}` makes room when it is full", span, Label(policy, "it evicts when it is full"), fix=fix)


def used_after_remove(entry: str, span: Span, removed: Span) -> Problem:
    help = "use it before, or end the path that removes it"
    return problem("E503", f"the entry `{entry}` is gone here", span, Label(removed, "removed here, at least on one path"), help=help)


def may_be_removed(entry: str, removed: str, span: Span, place: Span) -> Problem:
    return problem("E503", f"the entry `{entry}` may be the one that is gone", span, Label(place, f"{removed} is removed here, and may be the same"), help="look it up again")


def config_written(name: str, span: Span, declared: Span) -> Problem:
    return problem("E504", f"`{name}` is `config`: the operator writes it, packets read it", span, Label(declared, "declared here"), help="use a `state` for what packets write")


def unused_state(name: str, span: Span) -> Problem:
    return problem("W505", f"no packet reads or writes `{name}`", span, help="leave it out; it takes memory and is part of the schema")


def not_kept(found: Type, span: Span, *, result: bool = False) -> Problem:
    """Of a type that no local can hold and no function can give."""
    what = "a function gives a value" if result else "a local holds a value"
    return problem("E301", f"{what}, and `{show(found)}` is none", span)


def may_lie_beyond(object: str, method: str, span: Span) -> Problem:
    help = f"say what then: `{'' if method == 'skip' else 'let x = '}{object}.{method}(...) else {{ ... }}`"
    return problem("E541", "there may be fewer bytes than this wants", span, help=help)


def no_room_without_else(name: str, span: Span) -> Problem:
    return problem("E542", f"`{name}` may have no room for this", span, help=f"say what then: `{name}.append(...) else {{ ... }}`")


def bytes_moved(name: str, by: str, span: Span, moved: Span) -> Problem:
    help = "take it again behind that, or read what is wanted before"
    return problem("E543", f"`{name}` says where bytes lay before {by} moved them", span, Label(moved, "they move here"), help=help)


def moved_in_loop(span: Span) -> Problem:
    return problem("E543", "bytes move in a loop, whose next turn would use a view of them again", span, help="take the view inside the loop")


def unbounded_bytes(span: Span) -> Problem:
    help = "say how many are kept: `let kept : bytes max 64 = []`, and `kept.append(...) else { ... }`"
    return problem("E320", "these bytes lie in the packet, and have no bound where they are kept", span, help=help)


def index_beyond(name: str, length: int, span: Span) -> Problem:
    help = f"bring it into 0..{length - 1} (`% {length}`), or say what then: `let x = {name}[i] else {{ ... }}`"
    return problem("E511", f"`{name}` has {length} elements, and this index may be larger", span, help=help)


def no_array_value(place: str, type: ArrayType, span: Span) -> Problem:
    """Of an array in a place that holds arrays as values."""
    if type.length > MOST_LOCAL:
        return out_of_range(f"{type.length}", f"{place} that is an array", 1, MOST_LOCAL, span)
    return not_stored(place, type, span)


def not_of_configs(name: str, span: Span) -> Problem:
    help = "packets, states, params and time are not known where it is worked out"
    return problem("E507", f"`{name}` is derived from configs, and this asks for something else", span, help=help)


def not_prime(length: int, span: Span) -> Problem:
    return problem("E507", f"a Maglev table has a prime number of elements, and {length} is none", span, help="65_537 and 131_071 are prime")


def wrong_sources(name: str, source: str, span: Span) -> Problem:
    return problem("E507", f"`{name}` is made of `{source}`, so it is derived `from` that alone", span)


def lease_copied(what: str, span: Span, moved: Span | None) -> Problem:
    more = (Label(moved, "it goes into an entry here"),) if moved is not None else ()
    return problem("E512", f"{what} belongs to one entry, and is not copied", span, *more, help="its number may be read: `m.port` is one where no lease is wanted")


def lease_of_another(pool: str, span: Span) -> Problem:
    atom = pool.rpartition(".")[0]
    return problem("E512", f"each instance of `{atom}` has a pool `{pool.rpartition('.')[2]}` of its own, and its leases stay with that instance", span, help=f"let the state be one of `{atom}`, or the pool one of the program's")


def pool_empty(pool: str, name: str, span: Span) -> Problem:
    return problem("E316", f"`{pool}` may have nothing left to lease", span, help=f"write `let {name} = ... else {{ ... }}`")


def stays_as_it_is(field: str, span: Span, policy: Span) -> Problem:
    help = "remove the entry and make another one"
    return problem("E507", f"`{field}` holds a lease or is part of an index, and stays as it is", span, Label(policy, "of this state"), help=help)


def may_not_touch(what: str, span: Span) -> Problem:
    return problem("E513", f"`on leave` does not touch {what}", span, help="it may count, report, and write registers and arrays")


def needs_unique(state: str, span: Span) -> Problem:
    return problem("E501", f"a second key of `{state}` may be taken, and nothing says what then", span, help="write `... else { emit PORT }`")


def not_a_key(found: Type, span: Span) -> Problem:
    return problem("E301", f"a key is a value that stays as it is, and `{show(found)}` is none", span)


def not_stored(place: str, type: Type, span: Span) -> Problem:
    """Of a type whose values do not go into such a place: "a tag", "an event"."""
    kinds = set(kinds_in(type))
    if "secret" in kinds:
        help = "it is used where its state is, or in a function that it is given to: `key.hash(...)`"
        return problem("E514", f"{place} cannot hold a key of a secret", span, help=help)
    for kind, help in STANDS_IN.items():
        if kind in kinds:
            return problem("E515", f"{place} cannot hold a `{kind}`", span, help=help)
    header = next((n for n in nodes(type) if isinstance(n, HeaderType)), None)
    if header is not None:
        return header_as_value(header.members, span)
    if any(isinstance(n, BytesType) for n in nodes(type)):
        return not_executed(f"{place} of type `{show(type)}`", span)
    return problem("E515", f"{place} cannot hold a `{show(type)}`", span, help="it holds a value: a number, a time, an address, an enum, or a record of such")


STANDS_IN = {
    "match_position": "a position is a field of a map's value, or a local",
    "rule": "a rule that was found is reported in an event, or held by a local: the operator may change the rules at any time",
    "domain": "domains are the elements of a `config` of type `set<domain>`",
}


def kinds_in(type: Type) -> Iterable[str]:
    """The kinds of values in the type that few places hold."""
    match type:
        case SecretType():
            yield "secret"
        case OfType(name=name):
            yield name
        case Scalar(name="domain"):
            yield "domain"
        case RecordType(fields=fields):
            for field in fields:
                yield from kinds_in(field.type)
        case MapType(key=key, value=value) | LpmType(key=key, value=value):
            yield from (*kinds_in(key), *kinds_in(value))
        case SetType(element=value) | ArrayType(element=value) | RegisterType(value=value):
            yield from kinds_in(value)
        case _:
            pass


def key_may_be_gone(span: Span) -> Problem:
    return problem("E316", "the key of that generation may be gone", span, help="write `let key = ... else { ... }`")


def ranking_read(name: str, span: Span) -> Problem:
    return problem("E515", f"`{name}` is read from outside and by tests, and packets only offer to it", span, help="an atom that asks for an amount has it from a `sketch`")


def position_not_kept(config: str, span: Span) -> Problem:
    help = f"keep it: `let position = {config}.start`, or a field of an entry of type `match_position of {config}`"
    return problem("E515", "a search moves the position that it begins from, and this one is nowhere kept", span, help=help)


def not_at_match(what: str, span: Span, found: Span) -> Problem:
    help = "it may report, count, emit, and write tags, registers and entries that were found before"
    return problem("E516", f"what is done at each match cannot {what}", span, Label(found, "as often as there are matches"), help=help)


def pattern_twice(span: Span, first: Span) -> Problem:
    return problem("E202", "this pattern is there twice", span, Label(first, "the first one"), help="leave one of them out")


def no_domain(text: str, span: Span) -> Problem:
    help = "labels of 1 to 63 letters, digits, `-` and `_`, with dots between them; at most 253 characters"
    return problem("E303", f"`{text}` is no domain", span, help=help)


def key_twice(span: Span, first: Span) -> Problem:
    return problem("E202", "this key is given twice", span, Label(first, "the first time"), help="leave one of them out")


def never_read(name: str, span: Span) -> Problem:
    help = "read it in an atom, make it a `counter`, which the operator reads, or leave it out"
    return problem("W506", f"`{name}` is written, and no packet ever reads it", span, help=help)


def bad_policy(message: str, span: Span, help: str | None = None) -> Problem:
    return problem("E507", message, span, help=help)


def sync_torn(one: str, other: str, span: Span, other_span: Span) -> Problem:
    return problem("W508", f"one transaction writes `{one}`, which is synchronised, and `{other}`, which never is", span, Label(other_span, "`sync never` here"), help="after a crash of the machine they may not fit together")


def too_many_sent(count: int, most: int, span: Span) -> Problem:
    return problem("E510", f"one packet may cause {count} others, and {most} is the most", span, help="send fewer copies, or let their ways send none")


def too_much_pushed(count: int, most: int, span: Span) -> Problem:
    return problem("E510", f"one packet may be given {count} bytes of headers, and {most} is the most", span, help="push fewer headers, or not in a loop")


def not_announced(outer: str, field: str, inner: str, span: Span, declared: Span) -> Problem:
    return problem("E406", f"`{outer}.{field}` has no number for `{inner}`, which follows it here", span, Label(declared, "it says what follows"), help="let its function give one for that header")


def push_inside(before: str, outer: str, span: Span) -> Problem:
    help = f"push before a header that no such header stands before, or make the packet anew: `send PORT packet [...]`"
    return problem("E406", f"`{before}` lies in the payload of `{outer}`, whose length or checksum counts it", span, help=help)


def edits_end(span: Span) -> Problem:
    return problem("E319", "what changes a copy says nothing of where packets go", span, help="`with { }` writes headers, tags and state; the port stands behind `send`")


def shared_by_workers(state: str, reason: str, span: Span, used: Span | None) -> Problem:
    more = (Label(used, "used by packets of several flows here"),) if used is not None and used != span else ()
    return problem("E517", f"two workers may write an entry of `{state}`: {reason}", span, *more, help="leave `scope flow` out, or key the state by the addresses and ports of both ends")


def not_a_source(name: str, config: str, span: Span, sources: Span) -> Problem:
    return problem("E507", f"`{name}` reads `{config}`, from which it is not derived", span, Label(sources, "it is derived from these"), help=f"write `from ..., {config}`")


def table_lacks(state: str, field: str, span: Span, parameter: Span, declared: Span) -> Problem:
    labels = (Label(parameter, "this parameter needs it"), Label(declared, "the table is declared here"))
    return problem("E322", f"entries of `{state}` have no field `{field}`", span, *labels)


def no_chance_here(span: Span) -> Problem:
    return problem("E321", "nothing is drawn by chance here", span, help="`random` stands in atoms and functions, whose steps have an order")


def empty_range(low: int, high: int, span: Span) -> Problem:
    return problem("E321", f"there is no number from {low} to {high}", span, help="both ends belong to the range: `random(0..99)` is one of a hundred numbers")


def tag_unset(name: str, span: Span, declared: Span, path: tuple[tuple[str, Span], ...]) -> Problem:
    labels = (*(Label(s, t) for t, s in path), Label(declared, "it has no default"))
    return problem("E509", f"the tag `{name}` is not set on every path that leads here", span, *labels, help="give it a default, or set it before")


# -- graph --------------------------------------------------------------------------------------------------------------------


def unconnected_ports(instance: str, ports: tuple[tuple[str, Span], ...], span: Span) -> Problem:
    """`ports` of one instance, with the places where they are declared."""
    (first, declared), *others = ports
    where = listed(f"{instance}[{name}]" for name, _ in ports)
    connect = f"{instance}[{'rest' if others else first}]"
    return problem("E601", f"nothing says where packets from {where} go", span, Label(declared, "the ports" if others else "the port"), help=f"connect {'them' if others else 'it'}: `{connect} -> ...`")


def idle_input(instance: str, span: Span) -> Problem:
    return problem("E601", f"nothing says what `{instance}` does with its packets", span, help="begin an edge in it with `input -> ...`")


def unknown_port(instance: str, port: str, span: Span, candidates: tuple[str, ...]) -> Problem:
    near = nearest(port, candidates)
    have = f"it has {listed(candidates)}" if candidates else "it has none"
    return problem("E602", f"`{instance}` has no port `{port}`", span, help=have, fix=replacement(span, near) if near else None)


def port_twice(instance: str, port: str, span: Span, first: Span) -> Problem:
    where = f"{instance}[{port}]" if port else instance
    return problem("E603", f"two edges leave `{where}`", span, Label(first, "the first one"), help="a packet goes one way; an atom may `send` a copy by another port")


def device_twice(device: str, span: Span, first: Span) -> Problem:
    return problem("E603", f"packets from `{device}` enter in two places", span, Label(first, "the first one"), help="begin once with each device; an atom may `send` a copy by another port")


def cycle(path: tuple[str, ...], spans: tuple[Span, ...]) -> Problem:
    return Problem("E604", f"packets could go round for ever: {' -> '.join(path)}", tuple(Label(s) for s in spans), "break the circle; there is no way back in a pipeline")


def unreachable(instance: str, span: Span) -> Problem:
    return problem("E605", f"no packet can reach `{instance}`", span, help="connect something to it, or leave it out")


def path_without_emit(name: str, span: Span, where: Span) -> Problem:
    return problem("E606", f"a path through `{name}` ends without `emit`", where, help="every path says where the packet goes")


def path_without_return(name: str, span: Span) -> Problem:
    return problem("E606", f"a path through `{name}` ends without `return`", span, help="every path gives a value")


def no_pipeline(span: Span) -> Problem:
    return problem("E607", "the service has no pipeline, so no packet goes anywhere", span, help="write `pipeline { FromDevice(a) -> ... }`")


def pipeline_twice(span: Span, first: Span) -> Problem:
    return problem("E607", "a service has one pipeline without a name", span, Label(first, "the first one"))


def never_reached(span: Span, after: Span) -> Problem:
    return problem("E608", "this is never reached", span, Label(after, "the work ends here on every path"))


def nameless(atom: str, span: Span, state: Span) -> Problem:
    """The fix gives it its own name in small letters."""
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", atom).lower()
    fix = Fix(f"call it `{name}`", (Edit(Span(span.file, span.end, span.end), f" as {name}"),))
    return problem("E611", f"an instance of `{atom}` has state, and no name to know it by", span, Label(state, "its state"), help=f"write `{atom}(...) as NAME`", fix=fix)


def bad_node(message: str, span: Span, help: str | None = None) -> Problem:
    return problem("E609", message, span, help=help)


def no_input(span: Span) -> Problem:
    return problem("E610", "no packet enters the pipeline", Span(span.file, span.start, span.start + len("pipeline")), help="begin an edge with `FromDevice(...)`")


# -- versions -----------------------------------------------------------------------------------------------------------------


def history_lacking(span: Span) -> Problem:
    return problem("N520", "the version before is not in the history, so its names are not checked", span)


def rule_reads(what: str, span: Span) -> Problem:
    help = "it may read `old.FIELD`, `old.key`, `now`, `const`, `param` and `config`"
    return problem("E521", f"a rule of an upgrade cannot read {what}", span, help=help)


def without_effect(message: str, span: Span, help: str) -> Problem:
    return problem("E522", message, span, help=help)


def lost_already(path: str, span: Span, first: Span) -> Problem:
    return problem("E522", f"`{path}` is lost, so no rule can say what it is", span, Label(first, "the other one"), help="leave one of them out")


def no_earlier_version(direction: str, version: int, current: int, span: Span, service: Span) -> Problem:
    return problem("E523", f"`{direction} {version}` is about no version before this one", span, Label(service, f"this is version {current}"))


def no_reason(path: str, span: Span) -> Problem:
    return problem("E523", f"nothing says why `{path}` is lost", span, help='write `because "..."`: whoever upgrades reads it')


def lose_entries(path: str, span: Span) -> Problem:
    container = path.split(".")[0]
    return problem("E523", f"`where` chooses among entries, and `{path}` is a field", span, help=f"write `lose {container} where ...`, or a rule for the field")


def merge_lacks(container: str, lacking: list[str], span: Span) -> Problem:
    return problem("E523", f"nothing says what becomes of {listed(lacking)} where two entries of `{container}` meet", span, help="`merge` has a rule for each field")


def not_merged(field: str, type: Type, rule: str, span: Span) -> Problem:
    help = {"sum": "`sum` is for numbers", "prefer": "`prefer` is for enums"}.get(rule, f"`{rule}` is for numbers, times and buckets")
    return problem("E523", f"`{field}`, a `{show(type)}`, cannot be put together by `{rule}`", span, help=help)


def lease_merged(field: str, pool: str, span: Span) -> Problem:
    return problem("E523", f"`{field}` is a lease of `{pool}` and belongs to one entry, so entries that have one cannot be put together", span)


def nothing_before(name: str, was: str, span: Span, service: Span) -> Problem:
    return problem("E523", f"`{name}` cannot have been `{was}` before", span, Label(service, "no version was before this one"), help="leave `was` out")


def was_both(was: str, name: str, other: str, span: Span, first: Span) -> Problem:
    return problem("E523", f"`{name}` and `{other}` cannot both have been `{was}`", span, Label(first, "the first one"))


def is_still_there(was: str, name: str, span: Span, there: Span) -> Problem:
    message = f"`{name}` cannot have been `{was}`, which is there as well"
    return problem("E523", message, span, Label(there, "declared here"), help="if this is a new one of that name, say what the old one is called now, or give it another name")


def test_without_upgrade(version: int, span: Span) -> Problem:
    return problem("E523", f"this test begins from version {version} and never upgrades", span, help="write `upgrade` where this version takes over")


def upgrade_from_nothing(span: Span) -> Problem:
    return problem("E523", "this test begins with this version, so there is nothing to upgrade from", span, help='write `test "..." from N`')


# -- native elements ----------------------------------------------------------------------------------------------------------


def tag_lost(tag: str, what: str, span: Span, element: Span, written: Span) -> Problem:
    """`what` is `entry` or `value`."""
    labels = (Label(element, "nothing goes with a packet through a native element"), Label(written, "set here"))
    return problem("E623", f"the {what} in the tag `{tag}` is not known behind a native element", span, *labels, help="find it again behind the element, or set it only there")


def arrival_lost(span: Span, element: Span) -> Problem:
    label = Label(element, "nothing goes with a packet through a native element")
    return problem("E623", "by which device a packet came in is not known behind a native element", span, label, help="ask before the element, and give each answer an element of its own")


def bad_element(message: str, span: Span, help: str | None = None) -> Problem:
    return problem("E622", message, span, help=help)


def no_such_element(atom: str, element: str, engine: str, span: Span, candidates: Iterable[str], uses: tuple[Label, ...]) -> Problem:
    near = nearest(element, candidates)
    return problem("E702", f"`{atom}` stands for Click's element `{element}`, which the installed {engine} does not have", span, *uses, help=f"it has `{near}`" if near else None)


def element_left_out(atom: str, element: str, engine: str, needs: Iterable[str], span: Span, uses: tuple[Label, ...]) -> Problem:
    said = f"`{atom}` stands for Click's element `{element}`, and the installed {engine} was built without it"
    return problem("E702", said, span, *uses, help=f"it needs {listed(needs)}")


def too_many_ways(ways: int, most: int, span: Span) -> Problem:
    return problem("E622", f"packets come into the service in {ways} ways, out of native elements among them; {most} are the most", span)


def torn_by_element(first: str, second: str, element: str, span: Span, writes: tuple[tuple[str, Span], ...]) -> Problem:
    """`writes` are the instances that write the one state and the other."""
    what = f"`{first}` is written twice" if first == second else f"`{first}` and `{second}` are written"
    labels = tuple(Label(where, f"written in `{instance}`") for instance, where in writes)
    help = "other packets, a change of the configuration or a crash may come between; write both on one side"
    return problem("W622", f"{what} in two transactions, before and behind the native element `{element}`", span, *labels, help=help)


# -- not executed yet ---------------------------------------------------------------------------------------------------------


def not_executed(what: str, span: Span, help: str | None = None) -> Problem:
    return problem("E701", f"{what} is part of the language, but this version of cupc does not execute it yet", span, help=help)


def many_for_a_key(span: Span) -> Problem:
    """A second key without `unique`."""
    return problem("E518", "an index that is not `unique` would find one of several entries, and not say which", span, help="write `unique` where a key belongs to one entry; what entries share is kept in a table of its own, by that key")


def not_on_target(kinds: tuple[tuple[str, Span], ...], targets: tuple[str, ...]) -> Problem:
    """`kinds` are what is lacking and where it is declared."""
    (kind, span), *others = kinds
    names = listed(dict.fromkeys(kind for kind, _ in kinds))
    has = f"the target `{targets[0]}` has" if len(targets) == 1 else "these targets have"
    more = (Label(place, f"`{other}`") for other, place in others)
    help = "the program is right, and `cupc check` checks all of it; this version of cupc cannot build it yet"
    return problem("E703", f"{has} no {names}", span, *more, label=f"`{kind}`" if others else "", help=help)


def other_element(atom: str, element: str, span: Span, declared: Span) -> Problem:
    return problem("E702", f"`{atom}` has not the parameters and ports of the element `{element}`", span, Label(declared, "declared here"), help="the module `io` declares it: `import io`")


def native_elements(used: tuple[tuple[Span, tuple[str, str]], ...]) -> Problem:
    """Each place with the atom and its class of Click's elements."""
    (span, (atom, element)), *others = used
    labels = tuple(Label(where, f"`{other}`") for where, (_, other) in others)
    message = f"`{atom}` stands for Click's element `{element}`, which a program of its own does not have"
    return problem("E702", message, span, *labels, help="build it with `--target click` or `--target fastclick`")