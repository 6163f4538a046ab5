"""Statements about arrays in locals, places that change places, entries as values, and stacks of headers."""

from __future__ import annotations

from tests.laws.programs.payloads import Payloads
from tests.laws.programs.scope import Local, Scope
from tests.laws.programs.statements import Maker
from tests.laws.programs.world import INTEGERS


class Arrays(Payloads):
    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.stacks: dict[str, int] = {}

    def more(self, scope: Scope, deep: bool) -> list[tuple[int, Maker]]:
        found = super().more(scope, deep)
        if scope.body in ("atom", "function"):
            if "arrays in locals" in self.on:
                found += [(3, self.local_array), (6 if scope.arrays else 0, self.local_element)]
            if "swap" in self.on:
                found.append((4, self.swap))
        if scope.body == "atom":
            if "entries as values" in self.on:
                found.append((4, self.entry_as_value))
            if any(p in self.stacks for p in scope.places):
                found.append((9, self.stack))
        return found

    def local_array(self, scope: Scope, depth: int) -> str:
        name, type, length = self.name("a"), self.one((*INTEGERS, *self.others())), self.one((1, 4, 8, 33))
        first = self.one(("", self.value(scope, type, 1)))
        scope.arrays.append((name, type, length))
        self.meet("arrays in locals")
        return f"let {name} : array<{type}>[{length}] = [{first}]"

    def local_element(self, scope: Scope, depth: int) -> str:
        name, type, length = self.one(scope.arrays)
        kind = self.below(5)
        if kind == 0:
            local = self.name("x")
            text = f"let {local} = {name}[{self.unsure(scope)}] else {self.leave(scope)}"
            scope.locals.append(Local(local, type))
            return text
        if kind == 1:
            local = self.name("x")
            scope.locals.append(Local(local, type))
            return f"let {local} : {type} = {name}[{self.index(scope, length)}]"
        if kind == 2:
            return f"{name}[{self.unsure(scope)}] = {self.value(scope, type, 1)} else {self.leave(scope)}"
        if type in INTEGERS and kind == 3:
            return f"{name}[{self.index(scope, length)}] {self.one(('+=', '-='))} {self.value(scope, type, 1)}"
        return f"{name}[{self.index(scope, length)}] = {self.value(scope, type, 2)}"

    def swap(self, scope: Scope, depth: int) -> str | None:
        """Two places of one type."""
        places = [(x.name, x.type) for x in scope.locals if x.written] + self.written + self.header_fields(scope, written=True)
        for held in self.held(scope):
            places += [(f"{held.name}.{n}", t) for n, t in held.table.fields]
        places += [(f"{a}[{self.below(n)}]", t) for a, t, n in [*scope.arrays, *self.arrays]]
        pairs = [(a, b) for a, t in places for b, u in places if t == u and a < b]
        if not pairs:
            return None
        one, other = self.one(pairs)
        self.meet("swap")
        return f"swap({one}, {other})"

    def entry_as_value(self, scope: Scope, depth: int) -> str | None:
        tables = [t for t in self.tables if t.kind == "map" and t.value != "bucket"]
        if not tables:
            return None
        table = self.one(tables)
        entry, name = self.name("e"), self.name("x")
        fields = [(f"{entry}.{n}", t) for n, t in (*table.fields, *table.fixed)] or ([(entry, table.value)] if table.value else [])
        if not fields:
            return None
        text, type = self.one(fields)
        found = f"{table.name}[{self.key(scope, table, 1)}]"
        made = f"let {name} : {type} = if let {entry} = {found} {{ {text} }} else {{ {self.value(scope, type, 1)} }}"
        scope.locals.append(Local(name, type))
        self.meet("entries as values")
        return made

    def stack(self, scope: Scope, depth: int) -> str:
        place = self.one([p for p in scope.places if p in self.stacks])
        local = self.name("x")
        self.meet("stacks asked")
        kind = self.below(5)
        if kind == 0:
            return f"{place}[0].hops -= {self.value(scope, 'u8', 1)}"
        if kind == 1:
            return f"{place}.last.hops = {self.value(scope, 'u8', 1)}"
        if kind == 2 and not scope.loops:
            return f"for {(i := self.name('i'))} in 0..{self.between(1, 5)} {{\nlet {local} = {place}[{i}].label else {{ break }}\n{self.counters[0]} += {local}\n}}"
        if kind == 3:
            return f"if {place}.count > {self.below(4)} and {place}[0].label != {place}.last.label {{ {self.counters[0]} += 1 }}"
        beyond_first = self.one((str(self.between(1, 3)), f"{self.sure(scope, 'u8')} | 1"))  # the first is surely there
        text = f"let {local} = {place}[{beyond_first}].label else {self.leave(scope)}"
        scope.locals.append(Local(local, "u20"))
        return text
