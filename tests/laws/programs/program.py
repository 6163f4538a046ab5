"""`random_program`: atoms between devices, with all that they use.

Atoms are drawn from the first to the last. Each takes packets from some of the ports that are open; what is there for sure is what all
of those have. Ports that stay open lead to devices, or nowhere.
"""

from __future__ import annotations

import re
from dataclasses import replace

from tests.laws.programs.expressions import Function
from tests.laws.programs.files import RandomProgram, in_files
from tests.laws.programs.fronts import IP, Open
from tests.laws.programs.scope import Held, Kinds, Local, Scope, join
from tests.laws.programs.scripts import Scripts
from tests.laws.programs.world import INTEGERS


def random_program(seed: int, capacities: dict[str, int] | None = None) -> RandomProgram:
    """The same for the same seed. `capacities` are the least for tables that are known to need more than was drawn."""
    return Program(seed).make(capacities or {})


class Program(Scripts):
    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.seed = seed
        self.some_tables: list[tuple[str, str, tuple[str, str]]] = []

    def make(self, least: dict[str, int]) -> RandomProgram:
        self.declare()
        self.declare_headers()
        self.declare_bytes()
        for _ in range(self.between(1, 3) if "functions" in self.on else 0):
            self.function()
        for _ in range(self.between(1, 2) if "procedures" in self.on else 0):
            self.procedure()
        self.entry_tag()
        self.front()
        for number in range(self.between(1, 4)):
            self.atom(number)
        self.back()
        return self.finish(least)

    def finish(self, least: dict[str, int]) -> RandomProgram:
        name = f"random{self.seed}"
        head = [f"service {name} version 1", 'param left : device = "left"', 'param right : device = "right"']
        if "lan[0]" in self.devices:
            head.append('param lan : devices max 4 = ["a", "b", "c"]')
        graph = ["pipeline {", *self.edges, "}", *self.tests()]
        imports = list(dict.fromkeys(self.imports))
        if "several files" in self.on:
            self.meet("several files")
            text = in_files(head, imports, self.lines, [*self.atoms, *self.pipelines], graph)
        else:
            text = "\n".join([head[0], *(f"import {i}" for i in imports), *head[1:], *self.lines, *self.atoms, *self.pipelines, *graph, ""])
        text = re.sub(r"@LEAVE:(\w+)@", lambda found: self.leaving(found[1]), text)
        capacities: dict[str, int] = {}

        def capacity(found: re.Match[str]) -> str:
            drawn = 4 + self.below(9)
            capacities[found[1]] = least[found[1]] + drawn % 3 if found[1] in least else drawn
            return str(capacities[found[1]])

        text = re.sub(r"@CAPACITY:(\w+)@", capacity, text)
        text = re.sub(r"\n\n+", "\n", text)
        return RandomProgram(self.seed, name, text, frozenset(self.met), self.devices, tuple(sorted(capacities.items())))

    def leaving(self, table: str) -> str:
        """What is done when an entry leaves."""
        of = next((t for t in self.tables if t.name == table), None)
        scope = Scope("leave")
        if of is not None:
            scope.locals = [Local("key", of.key, False), *(Local(n, t, False) for n, t in (*of.fields, *of.fixed) if t not in self.records)]
        self.meet("on leave")
        lines, _ = self.statements(scope, 1, self.between(1, 2))
        lines.append(f"if why == {self.one(('expired', 'evicted', 'removed'))} {{ {self.counters[0]} += 1 }}")
        if self.events and "report in on leave" in self.on:
            lines.append(self.report(scope, 0))
        return "\n".join(["", *(line.removesuffix("ENDS") for line in lines), ""])

    # -- functions ------------------------------------------------------------------------------------------------------------

    def header_parameters(self) -> tuple[dict[str, Kinds], str]:
        if "header parameters" not in self.on or self.chance(20):
            return {}, ""
        chosen: dict[str, tuple[Kinds, str]] = {}
        for text, kinds in (("ip", IP), ("tcp | udp", frozenset({"tcp", "udp"})), ("eth", frozenset({"eth"})), ("ipv4", frozenset({"ipv4"})), ("tcp | udp | ports", frozenset({"tcp", "udp", "ports"}))):
            if self.chance(35) and len(chosen) < 2:
                chosen[self.name("h")] = (kinds, text)
        return {n: k for n, (k, _) in chosen.items()}, ", ".join(f"{n}: {t}" for n, (_, t) in chosen.items())

    def function(self) -> None:
        name, result = self.name("f"), self.one((*INTEGERS, *self.others(), *self.records))
        takes = tuple(self.one((*INTEGERS, *self.others(), *self.records)) for _ in range(self.below(3)))
        headers, text = self.header_parameters()
        self.declared |= headers
        scope = Scope("function", dict(headers), [Local(f"p{i}", t, False) for i, t in enumerate(takes)], result=result)
        readable, written = self.readable, self.written
        lines, ended = self.statements(scope, 2, self.below(3))
        if not ended:
            lines.append(f"return {self.value(scope, result, 2)}")
        self.readable, self.written = readable, written
        parameters = ", ".join([*([text] if text else []), *(f"p{i}: {t}" for i, t in enumerate(takes))])
        self.line(f"fn {name}({parameters}) -> {result} {{\n" + "\n".join(lines) + "\n}")
        self.functions.append(Function(name, takes, result, tuple(headers.values())))

    def procedure(self) -> None:
        name = self.name("do")
        maps = [t for t in self.tables if t.kind == "map" and t.value != "bucket"]
        table = self.one(maps) if maps and self.chance(60) else None
        takes = tuple(self.one(INTEGERS) for _ in range(self.below(2)))
        headers, text = self.header_parameters()
        self.declared |= headers
        scope = Scope("function", dict(headers), [Local(f"p{i}", t, False) for i, t in enumerate(takes)])
        if table is not None:
            scope.entries.append(Held("held", table, 0))
        written = self.entry_write(scope, 1) if table else None
        lines, ended = self.statements(scope, 2, self.between(1, 2))
        first = [written] if written else []
        last = [] if ended else [f"{self.counters[0]} += 1"]
        parameters = ", ".join([*([f"held: entry of {table.name}"] if table else []), *([text] if text else []), *(f"p{i}: {t}" for i, t in enumerate(takes))])
        self.line(f"fn {name}({parameters}) {{\n" + "\n".join([*first, *lines, *last]) + "\n}")
        self.procedures.append((name, table, tuple(headers.values()), takes))

    def entry_tag(self) -> None:
        maps = [t for t in self.tables if t.record and not t.lease]
        if "entries in tags" not in self.on or not maps:
            return
        # A copy holds no entries where any are removed.
        self.tables = [replace(t, removes=False) for t in self.tables]
        name = self.one(maps).name
        table = next(t for t in self.tables if t.name == name)
        self.line(f"tag in_hand : entry of {table.name}")
        self.entry_tags.append(("in_hand", table))

    # -- the graph ------------------------------------------------------------------------------------------------------------

    def atom(self, number: int) -> None:
        """The next atom, with its edges from some of the open ports."""
        taken = list(self.open) if number == 0 else self.some(self.open)
        lanes = [taken]
        if number == 0 and "two lanes" in self.on and len(taken) > 1:
            half = self.between(1, len(taken) - 1)
            lanes = [taken[:half], taken[half:]]
            self.meet("two lanes")
        places = join([o.places for o in taken])
        name = self.name("Work")
        ports = tuple(self.name("to") for _ in range(self.between(1, 3)))
        self.port_places = {}
        scope = Scope("atom", dict(places), ports=ports)
        lines: list[str] = []
        parameters: list[tuple[str, str, str]] = []
        if "parameters of atoms" in self.on and self.chance(60):
            for _ in range(self.between(1, 2)):
                given, type = self.name("given"), self.one((*INTEGERS, "Color", "duration", "size", "mac_address", "ip_address"))
                parameters.append((given, type, ""))
                scope.locals.append(Local(given, type, False))
                self.meet("parameters of atoms")
        declared = {t.name for t in self.tables}
        counters, cells = list(self.counters), (list(self.readable), list(self.written))
        if "tables as parameters" in self.on and self.chance(60):
            shared = [t for t in self.tables if not t.lease and not t.index and (t.fails or t.full != "reject")]
            if shared:
                table = self.one(shared)
                inside = self.name("given")
                # By two names it may be the same entry.
                self.tables = [replace(t, removes=t.removes and t.name != table.name) for t in self.tables]
                self.tables.append(replace(table, name=inside, removes=False))
                of = f"map<{table.key}, {table.record or table.value}>" if table.kind == "map" else f"set<{table.key}>"
                parameters.append((inside, of, table.name))
                self.meet("tables as parameters")
        if "tables of any type" in self.on and self.chance(60):
            self.any_table(scope, parameters)
        if "instance states" in self.on and self.chance(60):
            lines += self.instance_states()
        parsed = self.parse_own(scope) if len(lanes) == 1 else []
        body = [*parsed]
        for tag, table in self.entry_tags:
            if number == 0:
                body += self.set_entry_tag(scope, tag, table)
            elif f"@{tag}" in places:
                scope.entries.append(Held(tag, table, 0))
        body += [self.look_into_any(scope, *some) for some in self.some_tables]
        self.some_tables = []
        more, ended = self.statements(scope, 3, self.between(2, 7))
        body += more
        if not ended:
            body.append(self.emit(scope, self.one(ports)))
        self.tables = [t for t in self.tables if t.name in declared]
        self.counters, (self.readable, self.written) = counters, cells
        used = [p for p in ports if p in self.port_places]
        unused = [p for p in ports if p not in self.port_places]
        shown = ", ".join([*used, *(f"{p} = drop" for p in unused)])
        if unused and not used:
            raise AssertionError(name)
        head = f"({', '.join(f'{n}: {t}' for n, t, _ in parameters)})" if parameters else ""
        self.atoms.append(f"atom {name}{head} -> {shown} {{\n" + "\n".join([*lines, *body]) + "\n}")
        made = name if "atoms in pipelines" not in self.on or any("any" in t for _, t, _ in parameters) or self.chance(60) else self.part(name, parameters, used)
        for lane in lanes:
            instance = self.name("work")
            arguments = ", ".join(table or self.literal(t) for _, t, table in parameters)
            if len(parameters) > 1 and self.chance(40):
                arguments = ", ".join(f"{n}: {table or self.literal(t)}" for n, t, table in parameters)
            self.edges.append(f"{', '.join(o.text for o in lane)} -> {made}{f'({arguments})' if parameters else ''} as {instance}")
            for port in used:
                self.open.append(Open(f"{instance}[{port}]", join(self.port_places[port])))
        self.open = [o for o in self.open if o not in taken]

    def look_into_any(self, scope: Scope, table: str, key: str, one: tuple[str, str]) -> str:
        entry = self.name("e")
        if self.chance(40):
            look, of = self.name("look"), self.one((key, "any"))
            self.line(f"fn {look}(table: map<{of}, any {{ {one[0]} : {one[1]} }}>, at: {key}, by: {one[1]}, again: counter) {{\nif let e = table[at] {{\ne.{one[0]} = by\nagain += table.size\n}}\n}}")
            self.meet("tables given to functions")
            return f"{look}({table}, {self.key(scope, key, 1)}, {self.value(scope, one[1], 1)}, {self.counters[0]})"
        inner = scope.inner()
        inner.locals.append(Local(f"{entry}.{one[0]}", one[1]))
        return f"if let {entry} = {table}[{self.key(scope, key, 1)}] {{\n{entry}.{one[0]} = {self.value(inner, one[1], 1)}\n{self.counters[0]} += {table}.size\n}}"

    def any_table(self, scope: Scope, parameters: list[tuple[str, str, str]]) -> None:
        """A parameter that says no more of a table than one field of its entries."""
        fitting = [(t, f) for t in self.tables if t.kind == "map" and not t.lease and not t.index for f in t.fields if f[1] not in self.records and "@" not in t.name]
        if not fitting:
            return
        table, one = self.one(fitting)
        if table.name.startswith("given"):
            return
        inside = self.name("given")
        self.tables = [replace(t, removes=t.removes and t.name != table.name) for t in self.tables]
        self.some_tables.append((inside, table.key, one))
        parameters.append((inside, f"map<{self.one((table.key, 'any'))}, any {{ {one[0]} : {one[1]} }}>", table.name))
        self.meet("tables of any type")

    def instance_states(self) -> list[str]:
        self.meet("instance states")
        before, self.states = self.states, []
        counter = self.name("count")
        self.counters.append(counter)
        self.readable.append((counter, "u64"))
        lines = [f"state {counter} : counter"]
        if self.chance(60):
            self.tables.append(self.table(self.name("table"), inside=True))
        if self.chance(40):
            name, type = self.register_name()
            lines.append(f"state {name} : register<{type}> = {self.literal(type)}")
            self.readable.append((name, type))
            self.written.append((name, type))
        lines += self.states
        self.states = before
        return lines

    def set_entry_tag(self, scope: Scope, tag: str, table: object) -> list[str]:
        from tests.laws.programs.scope import Table

        assert isinstance(table, Table)
        if table.lease:
            return []
        name = self.name("e")
        key = self.key(scope, table, 1)
        full = f" else {{ {self.end(scope)} }}" if table.fails else ""
        self.meet("entries in tags")
        scope.entries.append(Held(name, table, 0))
        # Not a header, but known on the same ways.
        scope.places[f"@{tag}"] = frozenset({"entry"})
        return [f"let {name} = {table.name}[{key}] else {{\n{table.name}[{key}] = {self.made_value(scope_without(scope, name), table)}{full}\n}}", f"{tag} = {name}"]

    def parse_own(self, scope: Scope) -> list[str]:
        """Headers of the program's own behind what has been parsed; a second one of a kind with a name of its own."""
        lines: list[str] = []
        if not self.own or self.chance(25):
            return lines
        for tier, most in self.stacks.items():
            if tier in self.used_places or self.chance(40):
                continue
            port = self.one(scope.ports)
            self.port_places.setdefault(port, []).append(dict(scope.places))
            lines.append(f"parse {tier} at payload max {most} else {port}")
            self.used_places.add(tier)
            scope.places[tier] = frozenset({tier})
            self.meet("stacks")
        for _ in range(self.between(1, 2)):
            what = self.one([*self.own, *(["either"] if "either" in self.unions else [])])
            members = frozenset(self.unions.get(what, (what,)))
            place, again = what, ""
            if what in self.used_places or any(m in self.used_places for m in members) or what != "either" and "either" in self.used_places:
                if "second occurrences" not in self.on:
                    continue
                place = self.name("second")
                again = f" as {place}"
                self.meet("second occurrences")
            after = [p for p in scope.places if p != "vlan" and p[0] != "@" and p not in self.stacks]
            where = f"after {self.one(after)}" if after and self.chance(30) and "vlan" not in self.used_places else "at payload"
            if not scope.places:
                where = "at payload"
            port = self.one(scope.ports)
            self.port_places.setdefault(port, []).append(dict(scope.places))
            lines.append(f"parse {what}{again} {where} else {port}")
            self.used_places |= {what, *members} if not again else {place}
            scope.places[place] = self.declared[place] = members
            self.meet("own headers parsed")
        return lines


def scope_without(scope: Scope, entry: str) -> Scope:
    inner = scope.inner()
    inner.entries = [h for h in scope.entries if h.name != entry]
    return inner
