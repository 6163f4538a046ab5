"""The graph as two functions of C++, one for each half of a burst: labels are nodes, jumps are edges.

    begin    from the input on, until the packet is through or has to wait
    finish   from where it waited to its end; gives the device by which it leaves

Each node's code stands once in each, however many ways lead to it, so the kernel grows with the program and not with its paths.
"""

from __future__ import annotations

from clickup_lang.backends.cpp import Lines, indented
from clickup_lang.backends.facts import Facts, at_arrival, merge
from clickup_lang.backends.names import snake_case
from clickup_lang.backends.node_code import Halves, Written, write_halves, write_whole
from clickup_lang.backends.program import Program
from clickup_lang.backends.purity import is_pure
from clickup_lang.backends.scope import Asked, Stop
from clickup_lang.backends.view import FunctionView
from clickup_lang.frozen import Frozen, replace
from clickup_lang.ir.check_capacity import most_held


class Flow(Frozen):
    """All functions of nodes that are reached, and the two graphs' lines. `starts` are where packets that were sent begin,
    `read` the members of the context that something uses,
    `helpers` the functions of stores, `parses` the places that are parsed, `asked` those whose presence is asked for,
    `payload_of` those behind which some code finds the payload without knowing which it is, `step` a node by itself where nodes are apart."""

    functions: tuple[Written, ...]
    stops: tuple[Stop, ...]
    begin: tuple[str, ...]
    finish: tuple[str, ...]
    starts: tuple[str, ...]
    read: frozenset[str]
    helpers: frozenset[tuple[str, str]]
    parses: frozenset[int]
    asked: frozenset[int]
    payload_of: frozenset[int]
    asks_time: bool
    step: tuple[str, ...] = ()


def write_flow(program: Program, apart: bool = False) -> Flow:
    """Written a second time where some code needs other code to do more, or to do less. With `apart` each node is an element of its own."""
    wholes, entry = write_nodes(program, Asked())
    asked = Asked(
        frozenset(s for w in wholes.values() for s in w.function.crowded), frozenset(p for w in wholes.values() for p in w.function.parents)
    )
    program.use_known_members()
    if asked != Asked() or program.known_members:
        program.held = {store: most_held(program.graph, store) for store in sorted(asked.held)}
        wholes, entry = write_nodes(program, asked)
    share(program, wholes)
    if apart:
        from clickup_lang.backends.apart import arrange_apart

        return arrange_apart(program, wholes)
    halves = {i: halve(program, i, entry, asked, wholes) for i in wholes}
    return arrange(program, wholes, halves)


def share(program: Program, wholes: dict[int, Written]) -> None:
    """Nodes with the same code have one function, called after their atom."""
    same: dict[tuple[str, ...], list[int]] = {}
    for index, written in wholes.items():
        same.setdefault((written.view.signature.replace(f" {written.name}(", " ("), *written.view.lines), []).append(index)
    for indices in same.values():
        if len(indices) == 1:
            continue
        first = wholes[indices[0]]
        node = program.graph.nodes[indices[0]]
        name = program.scope.take(snake_case(node.atom))
        comment = f"{', '.join(program.graph.nodes[i].name for i in indices)}: {program.origin(node.origin)}"
        view = replace(first.view, comment=comment, signature=first.view.signature.replace(f" {first.name}(", f" {name}("))
        for index in indices:
            wholes[index].name, wholes[index].view = name, view


def write_nodes(program: Program, asked: Asked) -> tuple[dict[int, Written], dict[int, Facts]]:
    """The whole body of each node that can be reached, and what is known where it begins. Nodes stand in topological order."""
    known: dict[int, list[Facts]] = {}
    start = at_arrival(len(program.places))
    for entry in program.inputs:
        known.setdefault(entry.target, []).append(start)
    wholes: dict[int, Written] = {}
    at_entry: dict[int, Facts] = {}
    for index, node in enumerate(program.graph.nodes):
        facts = merge(known.get(index, []))
        if facts is None or node.kind != "code":
            continue
        at_entry[index] = facts
        wholes[index] = write_whole(program, index, facts, asked)
        for port, exits in wholes[index].function.exits.items():
            target = node.ports[port].target
            if target is not None:
                known.setdefault(target, []).extend(exits)
        for port, sent in wholes[index].function.sends.items():
            target = node.ports[port].target
            if target is not None:
                known.setdefault(target, []).extend(sent)
    return wholes, at_entry


def halve(program: Program, index: int, entry: dict[int, Facts], asked: Asked, wholes: dict[int, Written]) -> Halves:
    if is_pure(program.graph.nodes[index].body):
        return Halves(wholes[index], (), ())
    behind: set[str] = set()
    left = [p.target for p in program.graph.nodes[index].ports]
    seen: set[int] = set()
    while left:
        target = left.pop()
        if target is not None and program.graph.nodes[target].devices:
            behind |= leaving_members(program)
        if target is not None and target not in seen and target in wholes:
            seen.add(target)
            behind |= wholes[target].function.reads
            left += [p.target for p in program.graph.nodes[target].ports]
    return write_halves(program, index, entry[index], asked, frozenset(behind))


# -- arrangement --------------------------------------------------------------------------------------------------------------


class Section:
    """A label and what stands behind it; `jumps` are the nodes that it goes to."""

    def __init__(self, lines: Lines, jumps: set[int]) -> None:
        self.lines = lines
        self.jumps = jumps


def arrange(program: Program, wholes: dict[int, Written], halves: dict[int, Halves]) -> Flow:
    first = reached_first(program, halves)
    begun = {i: begin_section(program, i, halves.get(i)) for i in sorted(first)}
    stops = [(i, n, stop) for i in sorted(first) if i in halves for n, stop in enumerate(halves[i].stops)]
    resumed = [(stop, finish_section(program, i, halves[i].rests[n], wholes, stop)) for i, n, stop in stops]
    second = {j for _, section in resumed for j in section.jumps}
    sent = {t for i in sorted(first) if i in halves for rest in halves[i].rests if rest is not None for t in sent_to(program, i, rest)}
    continued: dict[int, Section] = {}
    for index in range(len(program.nodes)):
        if index in second or (index in sent and index in wholes):
            second.add(index)
            continued[index] = call_section(program, index, wholes[index], False)
            second |= continued[index].jumps
            sent |= sent_to(program, index, wholes[index])
    functions = used_functions(program, wholes, halves, first, second)
    ends = sorted(i for i in first | sent if program.graph.nodes[i].leaves)
    return flow_of(
        program,
        functions,
        begin_lines(program, begun),
        finish_lines(program, resumed, continued, ends, [i for i in sorted(sent) if i in continued]),
        tuple(program.starts[i] for i in sorted(sent) if i in continued),
        stops=tuple(stop for _, _, stop in stops),
        asks_time=any(m == "now" or m.startswith("tick_") for i in first if i in halves and halves[i].begin for m in begin_reads(halves[i])),
    )


def flow_of(
    program: Program, functions: list[Written], begin: Lines, finish: Lines, starts: tuple[str, ...], stops: tuple[Stop, ...] = (), asks_time: bool = False, step: Lines | None = None
) -> Flow:
    """What the functions use, together."""
    return Flow(
        functions=tuple(functions),
        stops=stops,
        begin=tuple(begin),
        finish=tuple(finish),
        starts=starts,
        read=frozenset(m for f in functions for m in f.function.reads) | leaving_members(program),
        helpers=frozenset(h for f in functions for h in f.function.helpers),
        parses=frozenset(p for f in functions for p in f.function.parses),
        asked=frozenset(p for f in functions for p in f.function.asked),
        payload_of=frozenset(range(-1, len(program.places)) if program.resizes else (p for f in functions for p in f.function.payload_of)),
        asks_time=asks_time,
        step=tuple(step or ()),
    )


def sent_to(program: Program, index: int, written: Written) -> set[int]:
    """The nodes to which a node's code sends packets."""
    ports = program.graph.nodes[index].ports
    return {target for port in written.function.sends if (target := ports[port].target) is not None}


def leaving_members(program: Program) -> frozenset[str]:
    """The member that says by which device of a list packets leave, where there is one."""
    listed = any(node.devices for node in program.graph.nodes)
    return frozenset((program.tags["leaving"],)) if listed else frozenset()


def begin_reads(halves: Halves) -> set[str]:
    return halves.begin.function.reads if halves.begin is not None else set()


def reached_first(program: Program, halves: dict[int, Halves]) -> set[int]:
    """The nodes that packets reach in the first half."""
    reached = {entry.target for entry in program.inputs}
    for index in range(len(program.nodes)):
        if index in reached and index in halves:
            begin = halves[index].begin
            for port in begin.function.exits if begin is not None else ():
                target = program.graph.nodes[index].ports[port].target
                if target is not None:
                    reached.add(target)
    return reached


def used_functions(
    program: Program, wholes: dict[int, Written], halves: dict[int, Halves], first: set[int], second: set[int]
) -> list[Written]:
    functions: list[Written] = []
    for index in sorted(wholes):
        of_node: list[Written | None] = []
        if index in first:
            begin = halves[index].begin
            of_node += [begin if begin is not wholes[index] else None, *halves[index].rests]
        wanted = index in second or (index in first and (halves[index].begin is wholes[index] or None in halves[index].rests))
        functions += [w for w in (*of_node, wholes[index] if wanted else None) if w is not None]
    return functions


def views_of(functions: tuple[Written, ...]) -> tuple[FunctionView, ...]:
    """Each function once."""
    return tuple({w.view.signature: w.view for w in functions}.values())


# -- the first half -----------------------------------------------------------------------------------------------------------


def begin_section(program: Program, index: int, halves: Halves | None) -> Section:
    node = program.graph.nodes[index]
    if halves is None:
        resume = program.resumes[index] if node.leaves else "dropped"
        return Section([*keep_leaving(program, index), f"waiting.resume = Resume::{resume};", "return;"], set())
    if halves.begin is None:
        stop = halves.stops[0]
        saved = [f"waiting.{member} = context.{member};" for member in stop.members]
        return Section([f"waiting.resume = Resume::{stop.resume};", *saved, "return;"], set())
    return call_section(program, index, halves.begin, True)


def call_section(program: Program, index: int, written: Written, first: bool) -> Section:
    """Runs a node and goes on along the port that it gives."""
    node, function = program.graph.nodes[index], written.function
    call = f"{written.name}({', '.join(arguments(written))})"
    ways: list[tuple[str, Lines]] = []
    jumps: set[int] = set()
    if function.stops:
        ways.append((f"{program.port_type(node)}::later", ["return;"]))
    for port in sorted(function.exits):
        target = node.ports[port].target
        counted = [f"kernel.packets.{program.counters[index, port]}++;"] if port else []
        ways.append((program.port(node, port), [*counted, *go(program, target, first, jumps)]))
    return Section(choose_way(call, ways), jumps)


def go(program: Program, target: int | None, first: bool, jumps: set[int]) -> Lines:
    """A jump to a node, or the end of the way."""
    node = program.graph.nodes[target] if target is not None else None
    if node is None or node.kind == "drop":
        return ["waiting.resume = Resume::dropped;", "return;"] if first else ["return CUP_NO_DEVICE;"]
    assert target is not None
    if node.leaves:
        resume = f"waiting.resume = Resume::{program.resumes[target]};"
        return [*keep_leaving(program, target), resume, "return;"] if first else [f"return {device_of(program, target)};"]
    jumps.add(target)
    return [f"goto {program.nodes[target]};"]


def keep_leaving(program: Program, index: int) -> Lines:
    """An output of a list waits with the tag that says the device."""
    if not program.graph.nodes[index].devices:
        return []
    member = program.tags["leaving"]
    return [f"waiting.{member} = context.{member};"]


def device_of(program: Program, index: int) -> str:
    if program.graph.nodes[index].kind == "element":
        return program.given[index]
    name, listed = program.graph.nodes[index].device, program.graph.nodes[index].devices
    if listed:
        tag = f"context.{program.tags['leaving']}"
        return f"{tag} - {listed[0]}U < {len(listed)}U ? {tag} : static_cast<uint16_t>(CUP_NO_DEVICE)"
    return next(d for d, device in zip(program.devices, program.graph.devices) if device.name == name)


def choose_way(call: str, ways: list[tuple[str, Lines]]) -> Lines:
    if not ways:
        return [f"{call};", "return;"]
    if len(ways) == 1:
        return [f"{call};", *ways[0][1]]
    lines = [f"switch ({call}) {{"]
    for number, (port, way) in enumerate(ways):
        last = number == len(ways) - 1
        label = "default:" if last else f"case {port}:"
        comment = f"  // {port}" if last else ""
        lines += [f"{label} {' '.join(way)}{comment}"]
    return [*lines, "}"]


def arguments(written: Written) -> list[str]:
    """Those that the function names or takes without a name."""
    count = written.view.signature.partition("(")[2].count(",") + 1
    return ["kernel", "context", "waiting"][:count]


def begin_lines(program: Program, begun: dict[int, Section]) -> Lines:
    lines: Lines = ["switch (packet.device) {"]
    jumped = {j for section in begun.values() for j in section.jumps}
    for number, device in enumerate(program.ends):
        entry = program.input_of(number)
        if entry is not None:
            jumps: set[int] = set()
            way = go(program, program.inputs[entry].target, True, jumps)
            jumped |= jumps
            lines.append(f"case {device}: {' '.join(way)}  // {program.origin_of_input(entry)}")
    lines += ["default: waiting.resume = Resume::unseen; return;", "}"]
    for index, section in begun.items():
        if index in jumped:
            lines += [f"{program.nodes[index]}:", *section.lines]
    return lines


# -- the second half ----------------------------------------------------------------------------------------------------------


def finish_section(program: Program, index: int, rest: Written | None, wholes: dict[int, Written], stop: Stop) -> Section:
    taken = [f"context.{member} = waiting.{member};" for member in stop.members]
    if rest is None:
        return Section([*taken, f"goto {program.nodes[index]};"], {index})
    section = call_section(program, index, rest, False)
    return Section([*taken, *section.lines], section.jumps)


def finish_lines(program: Program, resumed: list[tuple[Stop, Section]], continued: dict[int, Section], ends: list[int], sent: list[int]) -> Lines:
    lines: Lines = ["switch (waiting.resume) {"]
    for stop, section in resumed:
        lines += [f"case Resume::{stop.resume}:", *indented(section.lines)]
    for index in ends:
        lines.append(f"case Resume::{program.resumes[index]}: {take_leaving(program, index)}return {device_of(program, index)};")
    lines += [f"case Resume::{program.starts[index]}: goto {program.nodes[index]};" for index in sent]
    lines += ["default: return CUP_NO_DEVICE;", "}"]
    for index, section in continued.items():
        lines += [f"{program.nodes[index]}:", *section.lines]
    return lines


def take_leaving(program: Program, index: int) -> str:
    if not program.graph.nodes[index].devices:
        return ""
    member = program.tags["leaving"]
    return f"context.{member} = waiting.{member}; "
