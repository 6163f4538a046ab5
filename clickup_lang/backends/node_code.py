"""A node's body as functions of C++: whole, and divided for the two halves of a burst.

    Track leaving_track(Kernel &kernel, Context &context)                         the whole body: gives the port
    Track leaving_track_begin(kernel, context, waiting)                           up to the first look-up: a port, or `later`
    Track leaving_track_rest(kernel, context, waiting)                            from there on
"""

from __future__ import annotations

from clickup_lang.backends.cpp import Cpp, Lines
from clickup_lang.backends.facts import Facts
from clickup_lang.backends.later import divide, next_key
from clickup_lang.backends.program import Program
from clickup_lang.backends.purity import Code, Later, escaping, locals_set, parts
from clickup_lang.backends.scope import Asked, EntryName, Function, Scope, Stop
from clickup_lang.backends.statements import End, write_body
from clickup_lang.backends.view import FunctionView, parameter
from clickup_lang.frozen import Frozen
from clickup_lang.ir.graph import Draw, Find, Insert, Lease, Let, NextElement, Node, Set
from clickup_lang.semantics.types import BOOLEAN, U32, EntryType, LeaseType, Type

NOT_WAITING = ("data", "length", "device", "now")


class Written:
    """A function, and what was found out while it was written. `name` is what it is called by."""

    def __init__(self, function: Function, view: FunctionView) -> None:
        self.function = function
        self.view = view
        self.name = function.name


class Halves(Frozen):
    """`begin` is None where the node waits as soon as it is reached. `rests` are the functions behind the stops; one is None where it
    is the whole body."""

    begin: Written | None
    stops: tuple[Stop, ...]
    rests: tuple[Written | None, ...]


def write_whole(program: Program, index: int, facts: Facts, asked: Asked) -> Written:
    node = program.graph.nodes[index]
    function = Function(program, program.nodes[index], node, asked)
    return finish(function, write(function, node.body, facts), node, "")


def write(function: Function, code: Code, facts: Facts, images: dict[tuple[str, object], str] | None = None) -> Lines:
    scope = Scope(function, facts)
    scope.images.update(images or {})  # type: ignore[arg-type]
    lines = [*hoist(function, code, scope), *take_back(function, code)]
    more, end = write_body(code, scope)
    if end == End.RUNS_ON:
        assert function.node is not None
        more.append(f"return {function.program.port(function.node, 0)};  // not reached")
    return function.tidy([*lines, *more])


def hoist(function: Function, code: Code, scope: Scope) -> Lines:
    """Declares what is bound in one block and used behind it."""
    function.hoisted = escaping(code)
    lines: Lines = []
    for part in parts(code):
        match part:
            case Let(local=name, type=of) if name in function.hoisted:
                entry = of.state if isinstance(of, EntryType) else None
            case Find(entry=name, store=store) if name in function.hoisted:
                entry, of = store, EntryType(store)
            case Insert(entry=str() as name, store=store) if name in function.hoisted:
                entry, of = store, EntryType(store)
            case _:
                continue
        if name in function.locals:
            continue
        variable = function.names.take(name)
        function.locals[name] = Cpp(variable)
        text = function.program.types.text(of)
        if entry is not None:
            scope.entries[name] = EntryName(variable, entry, None)
            lines.append(f"{text}{variable} = NULL;")
        else:
            lines.append(f"{text}{variable} = NULL;" if text.endswith("*") else f"{text} {variable} = {text}();")
    return lines


def take_back(function: Function, code: Code) -> Lines:
    """Locals of the first half that the second changes become its own, also where it asks none of them. One that no `Set` changes says whether tokens were taken."""
    if not function.waiting:
        return []
    bound = frozenset(p.local for p in parts(code) if isinstance(p, Let))
    lines: Lines = []
    for name in sorted(locals_set(code) - bound):
        of: Type = next((p.value.type for p in parts(code) if isinstance(p, Set) and p.local == name), None) or type_given(code, name)
        variable = function.names.take(name)
        lines.append(f"[[maybe_unused]] {function.program.types.text(of)} {variable} = {function.waiting}.{function.wait_for(name, of)};")
        function.locals[name] = Cpp(variable)
    return lines


def type_given(code: Code, name: str) -> Type:
    """The type of a local that a pool, chance or a bucket sets."""
    for part in parts(code):
        match part:
            case Lease(local=local) if local == name:
                return LeaseType("", BOOLEAN, None)
            case Draw(local=local, type=of) if local == name:
                return of
            case NextElement(at=local) if local == name:
                return U32
            case _:
                pass
    return BOOLEAN


def finish(function: Function, lines: Lines, node: Node, waiting: str) -> Written:
    program = function.program
    parameters = [("Kernel &", "kernel"), ("Context &", "context"), *([(waiting, "waiting")] if waiting else [])]
    named = [parameter(of, name, lines) for of, name in parameters]
    signature = f"CUP_INLINE {program.port_type(node)} {function.name}({', '.join(named)})"
    return Written(function, FunctionView(f"{node.name}: {program.origin(node.origin)}", signature, tuple(lines)))


# -- halves -------------------------------------------------------------------------------------------------------------------


def write_halves(program: Program, index: int, facts: Facts, asked: Asked, behind: frozenset[str]) -> Halves:
    """`behind` are the members of the context that nodes behind this one read in the second half."""
    node, name = program.graph.nodes[index], program.nodes[index]
    divided = divide(node.body)
    trial = Function(program, name, node, asked)
    write(trial, divided.first, facts)
    stops: list[Stop] = []
    rests: list[Written | None] = []
    for later in divided.stops:
        if later.number not in trial.stops:
            continue
        stop, rest = write_rest(program, index, later, trial.stops[later.number], asked, behind, len(stops))
        stops.append(stop)
        rests.append(rest)
    reached = [s.number for s in divided.stops if s.number in trial.stops]
    if isinstance(divided.first[0], Later) and stops[0].key is None:
        return Halves(None, tuple(stops), tuple(rests))
    function = Function(program, program.begins[index], node, asked)
    function.stop_plans = dict(zip(reached, stops))
    return Halves(finish(function, write(function, divided.first, facts), node, "Waiting &"), tuple(stops), tuple(rests))


def write_rest(
    program: Program, index: int, later: Later, facts: Facts, asked: Asked, behind: frozenset[str], number: int
) -> tuple[Stop, Written | None]:
    node = program.graph.nodes[index]
    resume = program.resumes[index] + (f"_{number + 1}" if number else "")
    waiting = f"waiting.{resume}"
    key = next_key(later.tail)
    whole = later.tail == node.body
    function = Function(program, program.rests[index] + (f"_{number + 1}" if number else ""), node, asked, waiting)
    lines = write(function, later.tail, facts, {key: f"{waiting}.key"} if key is not None else None)
    members = tuple(sorted((function.reads | behind) - {*NOT_WAITING} - program.element_members))
    kept = tuple(m for m in members if not m.startswith(("tick_", "held_")))
    if whole and key is None:
        return Stop(resume, waiting, None, (), kept), None
    held = tuple((local, member, of) for local, (member, of) in function.outer.items())
    return Stop(resume, waiting, key, held, kept), finish(function, lines, node, "const Waiting &")


