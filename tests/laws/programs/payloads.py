"""Statements about bytes: views of the payload, cursors, bytes that are kept, options of TCP, fields that may not be there."""

from __future__ import annotations

from tests.laws.programs.scope import Local, Scope
from tests.laws.programs.statements import Maker, Statements

READ = ("u8", "u16", "u32", "u64", "ipv4_address", "ipv6_address", "mac_address")
TEXTS = ('"GET "', '"a"', 'hex"00"', 'hex"a0 00"', '""', '"QUIT"')


class Payloads(Statements):
    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.kept: list[tuple[str, str]] = []
        self.named = ""
        self.optional: dict[str, list[tuple[str, str]]] = {}

    def declare_bytes(self) -> None:
        if "bytes" in self.on:
            name, type = self.name("text"), self.one(("bytes max 12", "bytes max 300", "bytes[4]", "bytes max 1"))
            self.line(f"state {name} : register<{type}> = {self.one(('[1, 2, 3, 4]', 'hex{}'.format(chr(34) + '00 01 02 ff' + chr(34)))) if type == 'bytes[4]' else self.one(('[]', chr(34) + 'a' + chr(34)))}")
            self.kept.append((name, type))
        if "tables by bytes" in self.on:
            self.named = self.name("named")
            value = "u32" if self.chance(50) else "Name"
            self.line("record Name { kind : u8, text : bytes max 9, count : u32 = 0 }")
            self.line(f"state {self.named} : map<bytes max 9, {value}> {{\ncapacity 40\n{self.idle((), '')}\nwhen full evict oldest\n}}")
            self.named_value = value

    named_value = ""

    def more(self, scope: Scope, deep: bool) -> list[tuple[int, Maker]]:
        found: list[tuple[int, Maker]] = []
        if scope.body == "atom":
            if "views" in self.on:
                found += [(4, self.view), (3, self.read), (3, self.compare)]
            if "cursors" in self.on:
                found += [(3, self.cursor), (7 if self.alive(scope.cursors) else 0, self.move)]
            if "bytes" in self.on:
                found += [(3, self.keep), (6 if scope.kept or self.kept else 0, self.grow)]
            if self.named:
                found.append((4, self.look_up_by_bytes))
            if "options" in self.on and "tcp" in scope.places and not scope.loops and deep:
                found.append((10, self.options))
            if any(k in self.optional for kinds in scope.places.values() for k in kinds):
                found.append((8, self.maybe_field))
        return found

    def alive(self, names: list[str]) -> list[str]:
        return [n for n in names if n not in self.gone]

    def offset(self, scope: Scope) -> str:
        """How far into a payload."""
        return self.one((str(self.below(9)), str(self.below(40)), self.sure(scope, "u8"), self.sure(scope, "u3"), self.sure(scope, "size")))

    # -- views and cursors ----------------------------------------------------------------------------------------------------

    def some_view(self, scope: Scope) -> str:
        return self.one(["payload", *self.alive(scope.views), *self.alive(scope.cursors)])

    def view(self, scope: Scope, depth: int) -> str:
        name = self.name("v")
        text = f"let {name} = {self.some_view(scope)}.from({self.offset(scope)}) else {self.leave(scope)}"
        scope.views.append(name)
        self.meet("views")
        return text

    def read(self, scope: Scope, depth: int) -> str:
        name, type = self.name("x"), self.one(READ)
        at = f", at: {self.offset(scope)}" if self.chance(70) else ""
        text = f"let {name} = {self.some_view(scope)}.read({type}{at}) else {self.leave(scope)}"
        scope.locals.append(Local(name, type))
        self.meet("views")
        return text

    def compare(self, scope: Scope, depth: int) -> str:
        one = self.some_view(scope) + self.one(("", ".lower"))
        other = self.one([*TEXTS, self.some_view(scope), *(k.name for k in scope.kept), *(n for n, _ in self.kept)])
        return f"if {one} {self.one(('==', '!='))} {other} {{ {self.counters[0]} += 1 }}"

    def cursor(self, scope: Scope, depth: int) -> str:
        name = self.name("at")
        text = f"let {name} = cursor({self.one(['payload', *self.alive(scope.views)])})"
        scope.cursors.append(name)
        self.meet("cursors")
        return text

    def move(self, scope: Scope, depth: int) -> str | None:
        cursors = self.alive(scope.cursors)
        if not cursors:
            return None
        cursor = self.one(cursors)
        kind = self.below(6)
        if kind == 0:
            return f"{cursor}.skip({self.offset(scope)}) else {self.leave(scope)}"
        if kind == 1 and not scope.loops:
            name = self.name("v")
            text = f"let {name} = {cursor}.take(bytes, {self.offset(scope)}) else {self.leave(scope)}"
            scope.views.append(name)
            return text
        if kind == 2 and not scope.loops:
            stop = self.leave(scope)
            return f"for {self.name('i')} in 0..{self.between(2, 9)} {{\nlet {(name := self.name('x'))} = {cursor}.take(u8) else {stop}\nif {name} == 0 {{ break }}\n{cursor}.skip({name}) else {{ break }}\n}}"
        if kind == 3:
            return f"if {cursor}.left > {self.below(30)} {{ {self.counters[0]} += {cursor}.left }}"
        name, type = self.name("x"), self.one(READ)
        text = f"let {name} = {cursor}.take({type}) else {self.leave(scope)}"
        scope.locals.append(Local(name, type))
        return text

    # -- bytes that are kept --------------------------------------------------------------------------------------------------

    def keep(self, scope: Scope, depth: int) -> str:
        name, most = self.name("b"), self.one((1, 4, 9, 20, 300))
        scope.kept.append(Local(name, f"bytes max {most}"))
        self.meet("bytes")
        return f"let {name} : bytes max {most} = {self.one(('[]', chr(34) + 'a' + chr(34), '[7]', 'hex' + chr(34) + '00' + chr(34)))}"

    def grow(self, scope: Scope, depth: int) -> str | None:
        targets = [(k.name, k.type) for k in scope.kept] + self.kept
        if not targets:
            return None
        name, type = self.one(targets)
        kind = self.below(6)
        self.meet("bytes")
        if kind < 3 and type != "bytes[4]":
            what = self.one([self.some_view(scope), f"{self.some_view(scope)}.lower", self.sure(scope, "u8"), '"ab"', name, *(n for n, _ in targets)])
            return f"{name}.append({what}) else {{ {self.one((f'{self.counters[0]} += 1', self.end(scope)))} }}"
        if kind == 3:
            local, of = self.name("x"), self.one(("u8", "u16", "u32"))
            text = f"let {local} = {name}.read({of}, at: {self.offset(scope)}) else {self.leave(scope)}"
            scope.locals.append(Local(local, of))
            return text
        if kind == 4:
            return f"if {name}{self.one(('', '.lower', f'.from({self.below(5)})'))} {self.one(('==', '!='))} {self.one([*TEXTS, *(n for n, _ in targets)])} {{ {self.counters[0]} += {name}.length }}"
        same = [n for n, t in targets if t == type and n != name]
        return f"{name} = {self.one(same)}" if same else f"{self.counters[0]} += {name}.length"

    def look_up_by_bytes(self, scope: Scope, depth: int) -> str | None:
        """A map whose keys are bytes."""
        if scope.loops:
            return None
        key, entry = self.name("b"), self.name("e")
        lines = [f"let {key} : bytes max 9 = []"]
        for _ in range(self.between(1, 2)):
            lines.append(f"{key}.append({self.one((self.some_view(scope), self.sure(scope, 'u3'), chr(34) + 'x' + chr(34)))}) else {{ {self.counters[0]} += 1 }}")
        self.meet("tables by bytes")
        if self.named_value == "u32":
            lines += [f"let {entry} = {self.named}[{key}] else {{ {self.named}[{key}] = {self.value(scope, 'u32', 1)} }}", f"{entry} += 1"]
        else:
            lines += [f"let {entry} = {self.named}[{key}] else {{ {self.named}[{key}] = Name(kind: 1, text: {key}) }}", f"{entry}.count += {self.value(scope, 'u8', 1)}"]
            lines.append(f"{entry}.text.append({self.one((self.sure(scope, 'u8'), key))}) else {{ {entry}.text = {self.one(('[]', key))} }}")
        scope.kept.append(Local(key, "bytes max 9"))
        return "\n".join(lines)

    # -- parts of headers that may not be there -------------------------------------------------------------------------------

    def options(self, scope: Scope, depth: int) -> str:
        name = self.name("o")
        self.meet("options")
        sized = self.one((f"{name}.size = {self.value(scope, 'u16', 1)}", f"{self.counters[0]} += {name}.size", f"if {name}.size > 99 {{ {name}.size = 88 }}"))
        scaled = self.one((f"{name}.shift = 3", f"{self.counters[0]} += {name}.shift", f"if {name}.shift == 7 {{ break }}"))
        arms = [f"maximum_segment_size => {{ {sized} }}", f"window_scale => {{ {scaled} }}", f"_ => {{ {self.counters[0]} += {name}.kind }}"]
        if self.chance(40):
            arms = [arms[self.below(2)], "_ => {}"]
        stop = self.one(("", "", f"if {name}.kind == {self.below(4)} {{ {self.end(scope)} }}\n"))
        return f"for {name} in tcp.options max {self.one((1, 2, 10, 40))} {{\n{stop}match {name} {{\n" + "\n".join(arms) + "\n}\n}"

    def maybe_field(self, scope: Scope, depth: int) -> str | None:
        places = [(p, k) for p, kinds in scope.places.items() for k in kinds if k in self.optional and len(kinds) == 1]
        if not places:
            return None
        place, kind = self.one(places)
        field, type = self.one(self.optional[kind])
        name = self.name("x")
        self.meet("optional fields asked")
        if self.chance(25):
            return f"{place}.{field} = {self.value(scope, type, 1)} else {self.one(('{}', self.leave(scope)))}"
        if self.chance(50):
            text = f"let {name} = {place}.{field} else {self.leave(scope)}"
            scope.locals.append(Local(name, type))
            return text
        inner = scope.inner()
        inner.locals.append(Local(name, type, False))
        if self.chance(40):
            return f"if let {name} = {place}.{field} {{\n{place}.{field} = {self.value(inner, type, 1)}\n}}"
        return f"if let {name} = {place}.{field} {{\n{self.tag_or_register(inner, 0)}\n}}"
