"""Expressions of a wanted type, over what may be named where they stand."""

from __future__ import annotations

from tests.laws.programs.scope import Held, Kinds, Scope
from tests.laws.programs.world import ENUMS, INTEGERS, World, bits, bound_of

ARITHMETIC = ("+", "-", "*", "&", "|", "^", "+|", "-|")
COMPARISONS = ("==", "!=", "<", ">", "<=", ">=")
LIMITED = ("derived", "policy")
"""Kinds of code that know their locals alone: what is derived from configs, and what is over an entry."""
ORDERED = (*INTEGERS, "time", "duration", "size", "bitrate", "packetrate", "serial32")


class Function:
    """One that gives a value. `headers` are its parameters of header types, as kinds that each takes."""

    def __init__(self, name: str, takes: tuple[str, ...], result: str, headers: tuple[Kinds, ...] = ()) -> None:
        self.name = name
        self.takes = takes
        self.result = result
        self.headers = headers


class Expressions(World):
    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.functions: list[Function] = []
        self.gone: set[str] = set()
        self.declared: dict[str, Kinds] = {}

    # -- what there is --------------------------------------------------------------------------------------------------------

    def known(self, scope: Scope) -> list[tuple[str, str]]:
        """All that can be read here, with its type."""
        found = [(x.name, x.type) for x in scope.locals]
        found += [(f"{n}.{f}", t) for n, type in found if type in self.records for f, t in self.records[type]]
        if scope.body in LIMITED:
            return found
        # What is done when an entry leaves belongs to no packet.
        found += [(n, t) for n, t in self.readable if scope.body != "leave" or not n.startswith("tag")]
        for held in self.held(scope):
            found.append((f"{held.name}.key", held.table.key))
            found += [(f"{held.name}.{n}", t) for n, t in (*held.table.fields, *held.table.fixed)]
            if held.table.value and held.table.value != "bucket":
                found.append((held.name, held.table.value))
            if held.table.lease:
                found.append((f"({held.name}.port as wrap u16)", "u16"))
        found += self.header_fields(scope)
        if scope.body != "leave":
            found += [("packet.length", "size"), ("payload.length", "size")]
        found.append(("now", "time"))
        return found

    def held(self, scope: Scope) -> list[Held]:
        """Entries in hand that surely have not been removed."""
        return [h for h in scope.entries if h.name not in self.gone]

    def header_fields(self, scope: Scope, written: bool = False) -> list[tuple[str, str]]:
        """Fields that all the kinds at a place have; for writing, those that have one type and are not computed."""
        found: list[tuple[str, str]] = []
        for place, kinds in scope.places.items():
            if place[0] == "@" or any(k not in self.fields for k in kinds):
                continue
            first = next(iter(sorted(kinds)))
            for name in [*self.fields[first], *(() if written else self.computed[first])]:
                if all(name in self.fields[k] or name in self.computed[k] and not written for k in kinds):
                    # A union's field has one type, whichever members can be there.
                    everywhere = self.unions.get(place) or self.declared.get(place) or kinds
                    types = {self.fields[k].get(name) or self.computed[k].get(name, "") for k in everywhere} - {""}
                    if len(types) == 1:
                        found.append((f"{place}.{name}", types.pop()))
                    elif types == {"ipv4_address", "ipv6_address"} and not written:
                        found.append((f"{place}.{name}", "ip_address"))
        return found

    def readable_as(self, scope: Scope, type: str) -> list[str]:
        return [text for text, of in self.known(scope) if of == type]

    # -- values ---------------------------------------------------------------------------------------------------------------

    def value(self, scope: Scope, type: str, depth: int = 3) -> str:
        known = self.readable_as(scope, type)
        if known and self.chance(45):
            return self.one(known)
        if depth > 0 and self.chance(10):
            return f"(if {self.boolean(scope, depth - 1)} {{ {self.value(scope, type, depth - 1)} }} else {{ {self.value(scope, type, depth - 1)} }})"
        if depth > 0 and self.chance(7):
            return self.matched(scope, type, depth)
        if depth > 0 and scope.body not in LIMITED and self.chance(25):
            called = self.called(scope, type, depth)
            if called:
                return called
        if scope.body not in LIMITED and self.chance(25):
            element = self.element(scope, type)
            if element:
                return element
        if type in self.records:
            named = self.chance(60)
            fields = [(f"{n}: " if named else "") + self.value(scope, t, min(depth - 1, 1)) for n, t in self.records[type]]
            return f"{type}({', '.join(fields)})"
        if type[0] in "ui" and type[1:].isdigit():
            return self.integer(scope, type, depth)
        return self.other(scope, type, depth)

    def other(self, scope: Scope, type: str, depth: int) -> str:
        if type.startswith("bytes"):
            return self.kept_value(scope, type, depth)
        deep = depth > 0
        if scope.body in LIMITED and type in ("duration", "time", "bitrate", "packetrate"):
            return self.literal(type)
        below = lambda of: self.value(scope, of, depth - 1)  # noqa: E731
        match type:
            case "bool":
                return self.boolean(scope, depth)
            case "time":
                return self.one(("now", "(now + 3s)", "(now - 250ms)")) if not deep else f"({below('time')} {self.one('+-')} {below('duration')})"
            case "duration" if deep and self.chance(70):
                return self.one((
                    f"({below('time')} - {below('time')})", f"({self.sure(scope, 'duration')} {self.one('+-')} {below('duration')})",
                    f"({self.sure(scope, 'duration')} * {self.below(9)})", f"({self.sure(scope, 'duration')} / {self.between(1, 9)})",
                ))  # fmt: skip
            case "bitrate" | "packetrate" if deep and self.chance(50) and self.readable_as(scope, type):
                return f"({self.one(self.readable_as(scope, type))} {self.one('+-')} {below(type)})"
            case "size" if deep and self.chance(70):
                if self.chance(20):
                    return f"({self.sure(scope, 'size')} {self.one('/%')} {self.between(1, 99)})"
                return f"({self.sure(scope, 'size')} {self.one(ARITHMETIC)} {below('size')})"
            case "serial32":
                known = self.readable_as(scope, "serial32")
                if known:
                    return f"({self.one(known)} {self.one('+-')} {self.one((str(self.below(9)), self.sure(scope, 'u32'), self.sure(scope, 'u8'), *(('FEW',) if 'constants' in self.on else ())))})"
                return f"(if {self.boolean(scope, depth - 1)} {{ {self.below(9)} }} else {{ 4294967290 }})"
            case "ip_prefix" if deep and self.chance(60) and (known := self.readable_as(scope, "ip_address")):
                return f"{self.one(known)}.masked({self.below(33)}, {self.below(129)})"
            case "ip_address" if deep and self.chance(40):
                return self.value(scope, self.one(("ipv4_address", "ipv6_address")), depth - 1)
            case "time" | "serial32":
                return "now"
            case _:
                return self.literal(type)

    def kept_value(self, scope: Scope, type: str, depth: int) -> str:
        """Bytes of a bound: those of a smaller one too, where the length is not fixed."""
        known = [(text, of) for text, of in self.known(scope) if of == type or "max" in type and of.startswith("bytes") and bound_of(of) <= bound_of(type)]
        if not known or depth <= 0 or self.chance(30):
            return self.kept_literal(type)
        text, of = self.one(known)
        if "max" not in type:
            return self.one((text, f"{text}.lower"))
        listed = f"[{self.sure(scope, 'u8')}, {self.sure(scope, 'u3')}]"
        return self.one((text, f"{text}.lower", f"{text}.from({self.below(6)})", f"{text}.from({self.sure(scope, 'u8')})", listed))

    def sure(self, scope: Scope, type: str) -> str:
        """A value that is no constant, so that what is made of it wraps and is not refused."""
        known = [text for text in self.readable_as(scope, type) if not text.isupper()]
        if known and self.chance(80):
            return self.one(known)
        if scope.body in LIMITED and (known := self.known(scope)):
            return f"(hash({self.one(known)[0]}) as wrap {type if type[0] in 'ui' else 'u32'})"
        if type == "duration":
            return "(now - (now - 5ms))"
        if type == "size":
            return "packet.length" if scope.body != "leave" else "(hash(now) as wrap u32)"
        width = type if type[0] in "ui" else "u32"
        return f"(hash(now) as wrap {width})" if scope.body == "leave" or self.chance(30) else f"(packet.length as wrap {width})"

    def integer(self, scope: Scope, type: str, depth: int) -> str:
        width = bits(type)
        if depth <= 0 or self.chance(25):
            return self.literal(type) if self.chance(60) else self.sure(scope, type)
        kind = self.below(13)
        right = lambda: self.value(scope, type, depth - 1)  # noqa: E731
        left = self.sure(scope, type) if self.chance(60) else f"({self.sure(scope, self.one(INTEGERS))} as wrap {type})" if self.chance(30) else self.sure(scope, type)
        if kind < 5:
            return f"({left} {self.one(ARITHMETIC)} {right()})"
        if kind == 5:
            amount = str(self.below(width + 3)) if self.chance(60) else self.sure(scope, self.one(("u3", "u8", "u64")))
            return f"({left} {self.one(('<<', '>>'))} {amount})"
        if kind == 6:
            return f"({left} {self.one('/%')} {self.between(1, max(min((1 << (width - (type[0] == 'i'))) - 1, 50), 1))})" if width > 1 else left
        if kind == 7:
            of = self.one((*INTEGERS, "size"))
            return f"(({self.sure(scope, of)} {self.one(ARITHMETIC)} {self.value(scope, of, depth - 1)}) as wrap {type})"
        if kind == 8 and self.readable_as(scope, "Color"):
            return f"({self.one(self.readable_as(scope, 'Color'))} as wrap {type})"
        if kind == 9:
            known = self.known(scope)
            return f"(hash({', '.join(self.one(known)[0] for _ in range(self.between(1, 3)))}) as wrap {type})"
        if kind == 10 and type == "i32":
            known = self.readable_as(scope, "serial32")
            return f"({self.one(known)} - {self.one(known)})" if known else left
        if kind == 11 and type[0] == "i":
            return f"(-{left})"
        if kind == 12 and depth > 1:
            # A narrower type becomes a wider one without a word.
            narrower = [t for t in INTEGERS if t[0] == type[0] and bits(t) < width] + ([t for t in INTEGERS if t[0] == "u" and bits(t) < width] if type[0] == "i" else [])
            if narrower:
                return f"({left} {self.one(ARITHMETIC)} {self.sure(scope, self.one(narrower))})"
        return left

    def matched(self, scope: Scope, type: str, depth: int) -> str:
        """A `match` as a value, over an integer, an enum or a bool."""
        what = self.one(("Color", "u8", "u16", "bool", "u1", "Level"))
        inner = lambda: f"{{ {self.value(scope, type, depth - 1)} }}"  # noqa: E731
        if what in ENUMS:
            names = ENUMS[what]
            of = self.one(self.readable_as(scope, what) or [f"(if {self.boolean(scope, 0)} {{ {names[0]} }} else {{ {names[2]} }})"])
            if of.startswith("(if"):
                what = "bool"
            else:
                return f"(match {of} {{ {names[0]} => {inner()}, {names[1]} => {inner()}, _ => {inner()} }})"
        if what == "bool":
            return f"(match {self.comparison(scope, depth - 1)} {{ true => {inner()}, false => {inner()} }})"
        if what == "u1":
            return f"(match {self.sure(scope, 'u1')} {{ 0 => {inner()}, 1 => {inner()} }})"
        first, second = self.below(5), 5 + self.below(60)
        return f"(match {self.sure(scope, what)} {{ {first} => {inner()}, {second} | {second + 70} => {inner()}, _ => {inner()} }})"

    def called(self, scope: Scope, type: str, depth: int) -> str | None:
        if type == "Flow" and self.chance(75) and (flow := self.flow(scope)):
            return flow
        fitting = [f for f in self.functions if f.result == type and scope.body != "leave" and (not f.headers or self.headers_for(scope, f))]
        if not fitting:
            return None
        function = self.one(fitting)
        headers = self.headers_for(scope, function)
        values = [self.value(scope, t, depth - 1) for t in function.takes]
        self.meet("header parameters" if headers else "functions")
        if headers and self.chance(40):
            return f"{headers[0]}.{function.name}({', '.join([*headers[1:], *values])})"
        return f"{function.name}({', '.join([*headers, *values])})"

    def flow(self, scope: Scope) -> str | None:
        """The conversation of what has addresses and ports, or its way back."""
        ends = [p for p, k in sorted(scope.places.items()) if k <= {"ipv4", "ipv6"} and p[0] != "@"]
        ports = [p for p, k in sorted(scope.places.items()) if k <= {"tcp", "udp", "ports"} and p[0] != "@"]
        if not ends or not ports:
            return None
        self.meet("flows")
        return f"flow_key({self.one(ends)}, {self.one(ports)}){self.one(('', '', '.reversed()'))}"

    def headers_for(self, scope: Scope, function: Function) -> list[str]:
        """A place for each header parameter; empty where one has none."""
        chosen: list[str] = []
        for kinds in function.headers:
            fitting = [p for p, k in scope.places.items() if k <= kinds]
            if not fitting:
                return []
            chosen.append(self.one(sorted(fitting)))
        return chosen

    def element(self, scope: Scope, type: str) -> str | None:
        fitting = [(a, n) for a, t, n in self.arrays if t == type]
        derived = [(a, n) for a, t, n in self.derived if t == type]
        if not fitting and not derived:
            return None
        name, length = self.one([*fitting, *derived])
        self.meet("arrays" if (name, length) in fitting else "derived tables")
        return f"{name}[{self.index(scope, length)}]"

    def index(self, scope: Scope, length: int) -> str:
        """One that surely lies in an array."""
        kind = self.below(3)
        if kind == 0 or length == 1:
            return str(self.below(length))
        if kind == 1:
            mask = (1 << (length.bit_length() - 1)) - 1
            return f"{self.sure(scope, self.one(('u8', 'u16', 'u64')))} & {min(mask, 255)}"
        return f"{self.sure(scope, self.one(('u16', 'u32', 'u64')))} % {length}"

    def unsure(self, scope: Scope) -> str:
        """One that may lie behind any array: no turn of a loop."""
        return f"(hash({self.sure(scope, 'u16')}) as wrap {self.one(('u16', 'u32', 'u64'))})" if self.chance(50) else "packet.length as wrap u16"

    # -- conditions -----------------------------------------------------------------------------------------------------------

    def boolean(self, scope: Scope, depth: int) -> str:
        known = self.readable_as(scope, "bool")
        kind = self.below(10)
        if depth <= 0 or kind > 8:
            return self.one(known) if known and self.chance(70) else self.comparison(scope, 0)
        if kind == 3:
            return f"({self.boolean(scope, depth - 1)} {self.one(('and', 'or'))} {self.boolean(scope, depth - 1)})"
        if kind == 4:
            return f"(not {self.boolean(scope, depth - 1)})"
        if kind in (5, 6):
            asked = self.asked(scope, depth)
            if asked:
                return asked
        return self.comparison(scope, depth - 1)

    def asked(self, scope: Scope, depth: int) -> str | None:
        """Whether something is in a table or a config; other questions."""
        choices: list[str] = []
        if scope.body == "policy":
            return None
        if scope.body == "atom":
            for table in self.tables:
                choices.append(f"({self.key(scope, table, depth - 1)} {self.one(('in', 'not in'))} {table.name})")
            choices.append("(arrived == left)")
            choices += [f"({name} {self.one(('==', '!='))} right)" for name in ("arrived",)]
        for name, type in self.sets:
            of = {"ip_prefix": "ip_address", "ipv4_prefix": "ipv4_address"}.get(type, type)
            choices.append(f"({self.value(scope, of, 1)} {self.one(('in', 'not in'))} {name})")
        for name, type in self.maps:
            choices.append(f"({self.value(scope, type, 1)} in {name})")
        macs = self.readable_as(scope, "mac_address")
        if macs and scope.body not in LIMITED:
            choices.append(f"{self.one(macs)}.multicast")
        if scope.body == "atom" and "ip" in scope.places and self.chance(30):
            choices.append("whole(ip)")
        if scope.body == "atom" and scope.places.get("ip") == frozenset({"ipv4"}):
            choices.append("checksum_holds(ipv4)" if "ipv4" in scope.places else "checksum_holds(ip)")
        return self.one(choices) if choices else None

    def key(self, scope: Scope, table_or_type: object, depth: int) -> str:
        """A key; mostly one by which packets differ, and meet again."""
        type = getattr(table_or_type, "key", table_or_type)
        assert isinstance(type, str)
        known = [text for text, of in self.header_fields(scope) if of == type]
        if known and self.chance(50):
            return self.one(known)
        if type == "Flow" and scope.body not in LIMITED and self.chance(80) and (flow := self.flow(scope)):
            return flow
        if self.chance(40) and type[0] in "ui" and type[1:].isdigit() and bits(type) > 5:
            if scope.body in LIMITED:
                return self.value(scope, type, depth)
            return f"(hash({self.one([t for t, _ in self.header_fields(scope)] or ['now'])}) as wrap u3)" if type[0] == "u" else f"((hash(now) as wrap u3) as {type})"
        return self.value(scope, type, depth)

    def comparison(self, scope: Scope, depth: int) -> str:
        kind = self.below(10)
        if kind < 5:
            type = self.one(INTEGERS)
            other = type if self.chance(70) else self.one([t for t in INTEGERS if meets(t, type)])
            return f"({self.sure(scope, type)} {self.one(COMPARISONS)} {self.value(scope, other, depth) if other == type else self.sure(scope, other)})"
        ordered = [t for t in ORDERED if self.readable_as(scope, t)]
        if kind < 8 and ordered:
            type = self.one(ordered)
            return f"({self.sure_or_known(scope, type)} {self.one(COMPARISONS)} {self.value(scope, type, depth)})"
        equal = [t for _, t in self.known(scope) if t not in ORDERED and t != "bool"]
        if equal:
            type = self.one(equal)
            return f"({self.one(self.readable_as(scope, type))} {self.one(('==', '!='))} {self.value(scope, type, depth)})"
        return f"({self.sure(scope, 'u16')} > {self.below(100)})"

    def sure_or_known(self, scope: Scope, type: str) -> str:
        return self.one(self.readable_as(scope, type))


def meets(one: str, other: str) -> bool:
    """Whether operands of both types have a type in common."""
    if one[0] == other[0]:
        return True
    unsigned = one if one[0] == "u" else other
    return bits(unsigned) <= 32
