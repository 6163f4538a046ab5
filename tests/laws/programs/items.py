"""Statements about headers that are walked, asked and written as a whole: options of the program's own and of IPv4, bytes of headers, what
checksums and lengths say."""

from __future__ import annotations

from tests.laws.programs.headers import Headers
from tests.laws.programs.scope import Local, Scope
from tests.laws.programs.statements import Maker
from tests.laws.programs.world import INTEGERS


class Items(Headers):
    def more(self, scope: Scope, deep: bool) -> list[tuple[int, Maker]]:
        found = super().more(scope, deep)
        if scope.body in ("atom", "function") and deep and not scope.loops and self.walked(scope):
            found.append((9, self.walk))
        if scope.body == "atom":
            if self.bytes_there(scope):
                found.append((6, self.ask_bytes))
            found.append((2, self.ask_whole))
        return found

    # -- walks ----------------------------------------------------------------------------------------------------------------

    def walked(self, scope: Scope) -> list[tuple[str, str]]:
        """Places that end with a list of options, and the list's name."""
        found = [(p, "items") for p, kind in self.single(scope) if kind in self.lists]
        return found + [(p, "options") for p, kind in self.single(scope) if kind == "ipv4" and "options" in self.on]

    def single(self, scope: Scope) -> list[tuple[str, str]]:
        """Places that hold one kind of header whatever the way, and which."""
        alone = [(p, next(iter(kinds))) for p, kinds in sorted(scope.places.items()) if len(kinds) == 1 and p[0] != "@" and p not in self.stacks]
        return [(p, kind) for p, kind in alone if p not in self.unions and len(self.declared.get(p, kind.split())) == 1]

    def walk(self, scope: Scope, depth: int) -> str:
        place, items = self.one(self.walked(scope))
        name = self.name("o")
        option, cases = self.lists[next(iter(scope.places[place]))] if items == "items" else ("ip_option", {"router_alert": [("value", "u16")]})
        self.meet("walks over own options" if items == "items" else "options of IPv4")
        before, inner = dict(scope.places), scope.inner()
        inner.loops += 1
        arms: list[str] = []
        for case, fields in cases.items():
            if self.chance(25):
                continue
            there = inner.inner()
            there.locals += [Local(f"{name}.{n}", t) for n, t in fields] + [Local(f"{name}.kind", "u8", False)]
            lines = [line for line in (self.item_statement(there, [(f"{name}.{n}", t) for n, t in fields]) for _ in range(self.between(1, 3))) if line]
            arms.append(f"{case} => {{\n" + "\n".join(lines) + "\n}")
        arms.append(f"_ => {{ {self.one((f'{self.counters[0]} += {name}.kind', '', f'{self.counters[0]} += 1'))} }}")
        stop = self.one(("", "", f"if {name}.kind == {self.below(8)} {{ {self.one((self.end(inner), 'break'))} }}\n"))
        scope.places = before
        return f"for {name} in {place}.{items} max {self.one((1, 2, 5, 40))} {{\n{stop}match {name} {{\n" + "\n".join(arms) + "\n}\n}"

    def item_statement(self, scope: Scope, fields: list[tuple[str, str]]) -> str | None:
        target, type = self.one(fields)
        kind = self.below(4)
        if kind == 0:
            return self.tag_or_register(scope, 0)
        if kind == 1:
            return f"if {self.boolean(scope, 1)} {{ {target} = {self.value(scope, type, 1)} }}"
        if kind == 2 and type in INTEGERS:
            return f"{target} {self.one(('+=', '-='))} {self.value(scope, type, 1)}"
        return f"{target} = {self.value(scope, type, 2)}"

    # -- questions ------------------------------------------------------------------------------------------------------------

    def bytes_there(self, scope: Scope) -> list[tuple[str, str]]:
        return [(text, type) for text, type in self.header_fields(scope) if type.startswith("bytes")]

    def ask_bytes(self, scope: Scope, depth: int) -> str:
        text, type = self.one(self.bytes_there(scope))
        kind = self.below(4)
        self.meet("bytes of headers asked")
        if kind == 0:
            name, of = self.name("x"), self.one(("u8", "u16", "u32", "bytes[4]"))
            found = f"let {name} = {text}.read({of}{self.one(('', f', at: {self.offset(scope)}'))}) else {self.leave(scope)}"
            scope.locals.append(Local(name, of))
            return found
        if kind == 1:
            name = self.name("b")
            scope.kept.append(Local(name, "bytes max 20"))
            return f"let {name} : bytes max 20 = {text}{self.one(('', '.lower', f'.from({self.below(6)})'))}"
        others = ["payload", "payload.lower", '"abcd"', *(t for t, _ in self.bytes_there(scope)), *(k.name for k in scope.kept)]
        return f"if {text}{self.one(('', '.lower', '.from(2)'))} {self.one(('==', '!='))} {self.one(others)} {{ {self.counters[0]} += {text}.length }}"

    def ask_whole(self, scope: Scope, depth: int) -> str | None:
        """What the lengths and checksums of a header say."""
        choices: list[str] = []
        for place, kind in self.single(scope):
            if kind in ("ipv4", "udp", "relay") or kind in self.counting:
                choices.append(f"whole({place})")
            if kind in self.checked or kind == "ipv4":
                choices.append(f"checksum_holds({place})")
        if not choices:
            return None
        self.meet("lengths and checksums asked")
        return f"if {self.one(('', 'not '))}{self.one(choices)} {{ {self.cell_write(scope, 0) or self.counters[0] + ' += 1'} }}"
