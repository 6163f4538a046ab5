"""Well-typed programs, drawn at random over the language as far as this version executes it.

Each is two atoms between two devices, with copies and new packets, headers pushed and popped, a table, a set, counters, registers, tags, config, functions, and every kind of statement and
expression; it checks without errors. What it does makes no sense, on purpose.
"""

from __future__ import annotations

from hypothesis import strategies as st

INTEGERS = ("u1", "u3", "u8", "u13", "u16", "u24", "u32", "u48", "u64", "i8", "i16", "i32", "i64")
OTHERS = ("bool", "Color", "ipv4_address", "ipv6_address", "ip_address", "mac_address", "time", "duration", "serial32")
COLORS = ("red", "green", "blue")
IDLE = ("", "idle 2s", "idle 500ms", "idle match color { red => 1s, green => 3s, blue => 16s }", "idle if flag { 200ms } else { 5s }")


def bits(type: str) -> int:
    return int(type[1:])


class Writer:
    """Draws text. `locals` are (name, type, mutable) that are in scope."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.locals: list[tuple[str, str, bool]] = []
        self.entries: list[str] = []
        self.headers: frozenset[str] = frozenset({"eth", "ip"})
        self.number = 0
        self.fields: list[tuple[str, str]] = []
        self.key = "u16"
        self.full = "reject"
        self.functions: list[tuple[str, tuple[str, ...], str]] = []
        self.in_function = False
        self.loops = 0

    def one(self, choices: tuple[str, ...] | list[str]) -> str:
        return self.draw(st.sampled_from(choices))

    def chance(self, percent: int) -> bool:
        return self.draw(st.integers(0, 99)) < percent

    def below(self, bound: int) -> int:
        return self.draw(st.integers(0, bound - 1))

    def name(self, stem: str) -> str:
        self.number += 1
        return f"{stem}{self.number}"

    # -- expressions ----------------------------------------------------------------------------------------------------------

    def value(self, type: str, depth: int = 3) -> str:
        if type in INTEGERS:
            return self.integer(type, depth)
        known = [n for n, t, _ in self.locals if t == type]
        if known and self.chance(40):
            return self.one(known)
        if depth > 0 and self.chance(15):
            return f"(if {self.boolean(depth - 1)} {{ {self.value(type, depth - 1)} }} else {{ {self.value(type, depth - 1)} }})"
        stored = self.stored(type)
        if stored and self.chance(40):
            return self.one(stored)
        match type:
            case "bool":
                return self.boolean(depth)
            case "Color":
                return self.one(COLORS)
            case "ipv4_address":
                return self.one(("10.0.0.1", "10.1.2.3", "192.0.2.9"))
            case "ipv6_address":
                return self.one(("2001:db8::1", "fe80::5", "::ffff:10.0.0.1"))
            case "ip_address":
                return self.one(("ip.source", "ip.destination", "10.0.0.1", "2001:db8::1", "::ffff:10.0.0.1"))
            case "mac_address":
                return self.one(("eth.source", "eth.destination", "02:00:00:00:00:07"))
            case "time":
                return self.one(("now", "(now + 3s)", "(now - 250ms)"))
            case "duration":
                return self.one(("5s", "10ms", "(now - (now - 5ms))", "(2s + 1ms)", "wait"))
            case "serial32":
                return self.one(("start", f"(start + {self.below(9)})", "(start - 1)"))
            case _:
                raise AssertionError(type)

    def stored(self, type: str) -> list[str]:
        """Fields of found entries, tags, registers and config of the type."""
        found = [f"{e}.{n}" for e in self.entries for n, t in self.fields if t == type]
        found += [f"{e}.key" for e in self.entries if self.key == type]
        return found + {"u32": ["last", "note", "limit"], "bool": ["enabled"], "duration": ["wait"], "u64": ["seen"], "u8": ["size_of"]}.get(type, [])

    def integer(self, type: str, depth: int) -> str:
        known = [n for n, t, _ in self.locals if t == type] + self.stored(type)
        signed, width = type[0] == "i", bits(type)
        high = (1 << (width - (1 if signed else 0))) - 1
        if depth == 0 or self.chance(30):
            if known and self.chance(60):
                return self.one(known)
            number = self.draw(st.one_of(st.integers(0, min(high, 9)), st.sampled_from([high, high // 2, high - 1 if high else 0])))
            return f"(0 - {number})" if signed and self.chance(30) else str(number)
        left = lambda: self.integer(type, depth - 1)  # noqa: E731
        kind = self.below(12)
        if kind < 4:
            return f"({left()} {self.one(('+', '-', '*', '&', '|', '^', '+|', '-|'))} {left()})"
        if kind == 4:
            return f"({left()} {self.one(('<<', '>>'))} {self.below(width + 3)})"
        if kind == 5:
            return f"({left()} {self.one(('/', '%'))} {self.draw(st.integers(1, max(min(high, 50), 1)))})"
        if kind == 6:
            return f"(({self.integer(self.one(INTEGERS), depth - 1)}) as wrap {type})" if not signed else f"(({self.wide(depth - 1)}) as wrap {type})"
        if kind == 7:
            return f"(if {self.boolean(depth - 1)} {{ {left()} }} else {{ {left()} }})"
        if kind == 8:
            return f"(match {self.value('Color', depth - 1)} {{ red => {left()}, green | blue => {left()} }})"
        if kind == 9 and self.functions and not self.in_function:
            fitting = [f for f in self.functions if f[2] == type]
            if fitting:
                name, takes, _ = self.draw(st.sampled_from(fitting))
                return f"{name}({', '.join(self.value(t, depth - 1) for t in takes)})"
        if kind == 10:
            return f"(hash({self.value(self.one(('bool', 'mac_address', 'time', 'serial32')), depth - 1)}, {left()}) as wrap {type})"
        return f"(({self.wide(depth - 1)}) as wrap {type})"

    def wide(self, depth: int) -> str:
        choices = ["packet.length", "payload.length", "ip.ttl", "ip.protocol", "eth.type", "passed", "table.size", "members.size", "codes.size"]
        if "tcp" in self.headers:
            choices += ["tcp.source", "tcp.window", "tcp.data_offset"]
        if "udp" in self.headers:
            choices += ["udp.length", "udp.destination"]
        if "l4" in self.headers:
            choices += ["l4.source", "l4.destination"]
        if self.in_function:
            choices = ["packet.length", "passed"]
        return self.one(choices)

    def boolean(self, depth: int) -> str:
        known = [n for n, t, _ in self.locals if t == "bool"]
        kind = self.below(9) if depth > 0 else 8
        if kind < 3:
            type = self.one(INTEGERS)
            return f"({self.wrapped(self.integer(type, depth - 1), type)} {self.one(('==', '!=', '<', '>', '<=', '>='))} {self.integer(type, depth - 1)})"
        if kind == 3:
            return f"({self.boolean(depth - 1)} {self.one(('and', 'or'))} {self.boolean(depth - 1)})"
        if kind == 4:
            return f"(not {self.boolean(depth - 1)})"
        if kind == 5:
            type = self.one(("time", "duration", "serial32"))
            return f"({self.value(type, depth - 1)} {self.one(('<', '>', '<=', '>=', '==', '!='))} {self.value(type, depth - 1)})"
        if kind == 6 and not self.in_function:
            return self.one((f"({self.value(self.key, depth - 1)} in table)", f"({self.value('u16', depth - 1)} in members)", "(ip.source in allowed)"))
        if kind == 7:
            return f"({self.value('Color', depth - 1)} == {self.one(COLORS)})" if self.chance(50) else f"({self.one(('ip.source', 'ip.destination')) if not self.in_function else '10.0.0.1'} != 10.0.0.1)"
        choices = ["true", "false", *known]
        if not self.in_function:
            choices += ["has tcp", "has ipv4", "has udp", "enabled", "(arrived == left)"]
            choices += ["tcp.syn", "tcp.ack", "tcp.fin"] if "tcp" in self.headers else []
        return self.one(choices)

    def wrapped(self, text: str, type: str) -> str:
        """An operand that surely has the type, so that a comparison of two literals has one too."""
        return f"({text} as wrap {type})"

    # -- statements -----------------------------------------------------------------------------------------------------------

    def block(self, depth: int, ends: bool = False) -> str:
        """Statements in braces, each on its line; `ends` adds an `emit`."""
        locals, entries, headers = list(self.locals), list(self.entries), self.headers
        lines = [self.statement(depth) for _ in range(self.below(4) + (0 if ends else 1))]
        if ends:
            lines.append(f"emit {self.one(('on', 'back', 'gone'))}")
        self.locals, self.entries, self.headers = locals, entries, headers
        return "{\n" + "\n".join(lines) + "\n}"

    def statement(self, depth: int) -> str:
        kind = self.below(20)
        if kind > 16:
            return self.lookup_in_config(depth)
        if kind > 14:
            return self.sending()
        if kind < 3:
            type = self.one((*INTEGERS, *OTHERS))
            text = self.value(type)
            name = self.name("x")
            self.locals.append((name, type, True))
            return f"let {name} : {type} = {text}"
        if kind < 5:
            mutable = [(n, t) for n, t, m in self.locals if m]
            if mutable:
                name, type = self.draw(st.sampled_from(mutable))
                return f"{name} = {self.value(type)}"
        if kind == 5:
            return self.one(("passed += 1", f"last = {self.value('u32')}", f"note = {self.value('u32')}", f"seen = seen + {self.value('u64', 1)}"))
        if kind == 6 and depth > 0:
            return f"if {self.boolean(2)} {self.block(depth - 1, self.chance(25))}" + (f" else {self.block(depth - 1)}" if self.chance(50) else "")
        if kind == 7 and depth > 0:
            return self.transport(depth)
        if kind == 8 and depth > 0:
            arms = "\n".join(f"{c} => {self.block(depth - 1, self.chance(15))}" for c in (COLORS if self.chance(50) else ("green", "_")))
            return f"match {self.value('Color')} {{\n{arms}\n}}"
        if kind == 9 and depth > 0 and not self.loops:
            self.loops += 1
            name = self.name("i")
            self.locals.append((name, "u8", False))
            inner = self.block(depth - 1)
            stop = f"if {self.boolean(1)} {{ break }}\n" if self.chance(40) else ""
            self.locals.pop()
            self.loops -= 1
            return f"for {name} in 0..{1 + self.below(4)} {{\n{stop}{inner[1:-1]}\n}}"
        if kind == 10 and depth > 0:
            return self.lookup(depth)
        if kind == 11:
            full = " else { emit gone }" if self.full == "reject" else ""
            return f"table[{self.value(self.key)}] = {self.record()}{full}"
        if kind == 12:
            return f"members += {self.value('u16')}" if self.chance(70) else f"members -= {self.value('u16')}"
        if kind == 13:
            return self.header_write()
        if self.entries:
            entry = self.one(self.entries)
            name, type = self.draw(st.sampled_from(self.fields))
            return f"{entry}.{name} = {self.value(type)}"
        return f"last = last + {self.value('u32', 1)}"

    def lookup_in_config(self, depth: int) -> str:
        """What the operator wrote, and buckets that it fills."""
        kind = self.below(7)
        if kind == 6:
            return self.leasing()
        if kind == 4:
            return self.one((f"hits[{self.value('u64', 1)} % 7] += 1", "hits[ip.ttl % 7] = last as wrap u16", f"hits[l4.source] = {self.value('u16', 1)} else {{ emit gone }}"))
        if kind == 5:
            return self.one((f"last = ring[{self.value('u64', 1)} % 31]", "note = hits[ip.ttl & 3] + ring[3]", "for i in 0..7 { last = last + hits[i] }", "for x in peers max 3 { last = last * 3 + hits[x as wrap u2] }"))
        if kind == 0:
            name = self.name("c")
            used = self.one((f"last = {name}.n", f"note = {name}.n", f"seen = seen + {name}.burst", f"eth.source = {name}.mac", f"seen = {name}.key"))
            other = f" else {self.block(depth - 1)}" if depth > 0 and self.chance(40) else ""
            return f"if let {name} = codes[{self.one(('ip.protocol', 'ip.ttl', 'l4.destination as wrap u8', self.value('u8', 1)))}] {{\n{used}\n}}{other}"
        if kind == 1:
            name, address = self.name("p"), self.one(("ip.source", "ip.destination", self.value("ip_address", 1)))
            inner = f"if ip.destination.masked({self.below(33)}, {self.one(('0', '3', '64', '100', '128'))}) == {name}.prefix {{ passed += 1 }}\nif {name}.prefix == 10.0.0.0/8 {{ last = {name}.n }}\nseen = seen + {name}.burst\nif {name}.on {{ passed += 1 }}"
            return f"if let {name} = limits.longest({address}) {{\n{inner}\n}}"
        if kind == 2:
            key, name = self.one(("l4.source", "l4.destination", self.value("u16", 1))), self.name("b")
            taken = f"if {name}.take(packet.length, rate: speed, burst: {self.one(('200B', '1KiB', 'size'))}) {{ passed += 1 }} else {{ last = last + 1 }}"
            return f"if let {name} = buckets[{key}] {{\n{taken}\n}} else {{ buckets[{key}] = bucket.full({self.one(('100B', '0B', 'packet.length'))}) }}"
        return f"if all.take({self.one(('1', '2', 'packet.length as wrap u8'))}, rate: {self.one(('5pps', '1kpps'))}, burst: {self.below(9)}) {{ passed += 1 }}"

    def leasing(self) -> str:
        """A lease into an entry with a second key, found by either key, removed, reported."""
        kind, name = self.below(3), self.name("r")
        color = self.one(("l4.source as wrap u1", "0", "ip.ttl as wrap u1"))
        if kind == 0:
            lease = f"let port = doors[{color}].lease() else {{ emit gone }}"
            made = f"rooms[{self.one(('l4.source', 'l4.destination', self.value('u16', 1)))}] = Room(port: port, tag: {self.one(('ip.ttl', 'l4.source as wrap u8', 'ip.protocol'))}, seen: now) else {{ {self.one(('emit gone', 'emit back'))} }}"
            return f"if {self.boolean(1)} {{\n{lease}\n{made}\n}}" if "port" not in [n for n, _, _ in self.locals] else "passed += 1"
        key = f"rooms.by_tag[{self.one(('ip.ttl', 'ip.protocol', self.value('u8', 1)))}]" if kind == 1 else f"rooms[{self.one(('l4.source', 'l4.destination'))}]"
        used = self.one((f"last = {name}.port", f"{name}.count += 1", f"seen = {name}.count", f"if {name}.count > 3 {{ note = {name}.tag }}"))
        told = f"report Met(who: ip.source, port: {name}.port)" if self.chance(50) else "passed += 1"
        gone = f"\nremove {name}" if not self.loops and self.chance(25) else ""
        return f"if let {name} = {key} {{\n{used}\n{told}{gone}\n}}"

    def sending(self) -> str:
        """A copy, a changed copy, or a new packet; what is sent goes the way that the port says."""
        port = self.one(("on", "back", "gone"))
        kind = self.below(3)
        if kind == 0:
            return f"send {port}"
        if kind == 1:
            edits = [self.one((self.header_write(), f"note = {self.value('u32', 1)}", "passed += 1")) for _ in range(1 + self.below(2))]
            return f"send {port} with {{\n" + "\n".join(edits) + "\n}"
        network = f"ipv4(source: {self.value('ipv4_address')}, destination: {self.value('ipv4_address')}, ttl: {self.value('u8', 1)}, dont_fragment: {self.boolean(1)})"
        if self.chance(30):
            network = f"ipv6(source: {self.value('ipv6_address')}, destination: {self.value('ipv6_address')}, ttl: 9)"
        if self.chance(30):
            network = "ip(source: ip.destination, destination: ip.source, ttl: ip.ttl)"
        transport = self.one((
            f"udp(source: {self.value('u16', 1)}, destination: 53)", "udp(source: 5, destination: 6, checksum: none)",
            f"tcp(source: l4.destination, destination: l4.source, syn: true, ack: {self.boolean(1)}, sequence: start + 5, window: {self.value('u16', 1)})",
        ))  # fmt: skip
        rest = self.one(("", ", packet.from(ip)", ", packet.from(ip, max: 28)", ", packet.from(l4, max: 5)", ", payload"))
        eth = f"eth(source: {self.value('mac_address', 1)}, destination: eth.source)"
        return f"send {port} packet [{eth}, {network}, {transport}{rest}]"

    def afterwards(self) -> str:
        """What the second atom does, which new packets reach too."""
        lines = [self.one(("ip.ttl -= 1", "l4.source = 7", "last = last + 1", "note = note + 3", "if has ipv4 { ipv4.source = 10.9.9.9 }"))]
        if self.chance(40):
            lines.append(self.one(("send over", "send over with { l4.destination = 9 }", "send over with { push [vlan(id: 9, priority: 2)] before ip }")))
        if self.chance(30):
            lines.append("push [vlan(id: 5, eligible: 1)] before ip")
        if self.chance(40):
            lines = [line for line in lines if not line.startswith("push")]
            lines.append("push [relay(words: 7)] before eth as inner_eth")
            lines.append(self.one(("inner_eth.source = 02:00:00:00:00:0b", "l4.source = 8", "if has ip { ip.ttl = 3 }", "size = payload.length")))
            if self.chance(50):
                lines += ["pop to inner_eth as eth", "eth.source = 02:00:00:00:00:0a"]
        return "\n".join(lines)

    def lookup(self, depth: int) -> str:
        entry, key = self.name("e"), self.value(self.key)
        self.entries.append(entry)
        removes = not self.loops and self.chance(20)
        inner = self.block(depth - 1)
        self.entries.pop()
        then = inner[:-1] + f"remove {entry}\n}}" if removes else inner
        other = f" else {self.block(depth - 1)}" if self.chance(60) else ""
        return f"if let {entry} = table[{key}] {then}{other}"

    def transport(self, depth: int) -> str:
        before = self.headers
        arms: list[str] = []
        for header in ("tcp", "udp"):
            self.headers = before | {header}
            arms.append(f"{header} => {self.block(depth - 1, self.chance(15))}")
        self.headers = before
        return "match l4 {\n" + "\n".join(arms) + "\n}"

    def header_write(self) -> str:
        choices = [
            f"ip.ttl = {self.value('u8')}", f"eth.source = {self.value('mac_address')}", f"eth.destination = {self.value('mac_address')}",
            f"l4.source = {self.value('u16')}", f"l4.destination = {self.value('u16')}", "ip.ttl -= 1",
            f"if has ipv4 {{ ipv4.source = {self.value('ipv4_address')} }}", f"if has ipv4 {{ ipv4.dscp = {self.integer('u3', 1)} }}",
            f"if has ipv6 {{ ipv6.destination = {self.value('ipv6_address')} }}", f"if has ipv6 {{ ipv6.flow_label = {self.integer('u13', 1)} }}",
            f"if has ipv4 {{ ipv4.dont_fragment = {self.boolean(1)} }}",
        ]  # fmt: skip
        if "tcp" in self.headers:
            choices += [f"tcp.window = {self.value('u16')}", f"tcp.psh = {self.boolean(1)}", "tcp.sequence += 5", f"tcp.urgent = {self.value('u16')}"]
        return self.one(choices)

    def record(self) -> str:
        return "Item(" + ", ".join(f"{n}: {self.value(t, 2)}" for n, t in self.fields) + ")"

    # -- the program ----------------------------------------------------------------------------------------------------------

    def function(self) -> str:
        result = self.one(INTEGERS)
        takes = tuple(self.one((*INTEGERS, "bool", "Color")) for _ in range(1 + self.below(2)))
        name = self.name("f")
        self.in_function = True
        self.locals = [(f"p{i}", t, False) for i, t in enumerate(takes)]
        lines = [f"if {self.boolean(2)} {{ return {self.value(result, 2)} }}"] if self.chance(60) else []
        if self.chance(50):
            text = self.value(result, 2)
            self.locals.append(("held", result, True))
            lines += [f"let held : {result} = {text}", f"for i in 0..3 {{ if {self.boolean(1)} {{ held = {self.value(result, 1)} }} }}"]
        lines.append(f"return {self.value(result, 2)}")
        self.in_function = False
        self.locals = []
        self.functions.append((name, takes, result))
        parameters = ", ".join(f"p{i}: {t}" for i, t in enumerate(takes))
        return f"fn {name}({parameters}) -> {result} {{\n" + "\n".join(lines) + "\n}"

    def prelude(self) -> str:
        """A lookup by something that packets differ in, so that entries are found, made, and pushed out."""
        key = {
            "u8": "(l4.source as wrap u8)", "u16": "l4.destination", "ip_address": "ip.source", "mac_address": "eth.source",
            "i32": "(l4.source as wrap i32)", "Color": "(if has tcp { blue } else { green })", "u64": "(hash(ip.source, l4.source) % 20)",
        }[self.key]  # fmt: skip
        full = " else { emit gone }" if self.full == "reject" else ""
        name, type = self.draw(st.sampled_from(self.fields))
        change = f"first.{name} = {self.value(type, 1)}"
        members = f"members += l4.{self.one(('source', 'destination'))}"
        insert = f"table[{key}] = {self.record()}{full}"
        if self.chance(50):
            return f"if let first = table[{key}] {{\n{change}\n}} else {{\n{insert}\n}}\n{members}\n"
        return f"let first = table[{key}] else {{\n{insert}\n}}\n{change}\n{members}\n"

    def program(self) -> str:
        types = [self.one((*INTEGERS, *OTHERS)) for _ in range(1 + self.below(4))]
        self.fields = [("color", "Color"), ("flag", "bool"), *((f"field{i}", t) for i, t in enumerate(types))]
        self.key = self.one(("u8", "u16", "ip_address", "mac_address", "i32", "Color", "u64"))
        self.full = self.one(("reject", "evict oldest"))
        functions = [self.function() for _ in range(self.below(3))]
        fields = "\n".join(f"{n} : {t}" for n, t in self.fields)
        after = self.afterwards()
        body = self.block(3, True)
        if self.chance(90):
            body = "{\n" + self.prelude() + body[1:]
        return f"""service random version 1
import net
import io
param left : device = "left"
param right : device = "right"
param size_of : u8 = {self.below(256)}
enum Color : u8 {{ red, green, blue }}
record Item {{
{fields}
}}
config allowed : set<ip_prefix> = [10.0.0.0/8, 2001:db8::/32]
config limit : u32 = {self.below(100)}
config enabled : bool = true
config peers : set<u16> = [{self.below(999)}, {self.below(99)}, {256 * self.below(99)}, {self.below(9)}]
config wait : duration = 3s
config speed : bitrate = {1 + self.below(9000)}bps
record Code {{ n : u32, burst : size = 7B, mac : mac_address = 02:00:00:00:00:0c, on : bool = true }}
config codes : map<u8, Code> = [6: Code(n: 6), 17: Code(n: 17, burst: 1KiB, on: false), 64: Code(n: 1), {self.below(6)}: Code(n: 2)]
config limits : lpm<ip_address, Code> = [10.0.0.0/8: Code(n: 8), 10.0.0.0/24: Code(n: 24), 10.0.0.1: Code(n: 32), 2001:db8::/32: Code(n: 5), ::/0: Code(n: 0)]
tag note : u32 = 5
fn relay_kind(next: eth) -> u8 {{
return match next {{ eth => 3 }}
}}
header relay {{
words : u16
kind : u8 = relay_kind(next)
flags : u8
total : u16 = length(header, payload)
check : u16 = checksum(header, payload)
end : u8
}}
state table : map<{self.key}, Item> {{
capacity {4 + self.below(12)}
{self.one(IDLE)}
when full {self.full}
}}
state members : set<u16> {{
capacity {4 + self.below(6)}
{self.one(("", "idle 1s"))}
when full evict oldest
}}
state buckets : map<u16, bucket> {{
capacity {3 + self.below(6)}
{self.one(("", "idle 2s"))}
when full evict oldest
}}
state all : bucket
derived ring : array<u32>[31] from codes = maglev(codes where {self.one(("on", "n != 2", "key > 5"))}, by: n, weight: {self.one(("key", "1", "n + 3"))})
state hits : array<u16>[7]
state doors : pool<u16>[u1] {{
range 100..{103 + self.below(5)}
prefer {self.one(("random", "lowest"))}
}}
record Room {{ port : lease of doors, tag : u8, count : u64 = 0, seen : time }}
event Met {{ who : ip_address, port : u16 }}
event Left {{ who : u16, why : Leaving, after : duration }}
state rooms : map<u16, Room> {{
capacity {4 + self.below(5)}
idle {self.one(("1s", "if count > 2 { 300ms } else { 2s }"))}
when full {self.one(("reject", "evict oldest"))}
index by_tag : u8 = tag unique
on leave {{
if why == {self.one(("expired", "evicted", "removed"))} {{ passed += 1 }}
report Left(who: key, why: why, after: now - seen)
last = last + port
}}
}}
state passed : counter
state last : register<u32> = 9
state seen : register<u64> = 0
state size : register<size> = 0
state start : register<serial32> = 4294967290
{chr(10).join(functions)}
atom Work -> on, back, gone {body}
atom After -> out, over {{
{after}
emit out
}}
pipeline {{
FromDevice(left) -> Ethernet as frame -> IP as network
FromDevice(right) -> frame
network[tcp], network[udp] -> Work as work -> After as after -> ToDevice(right)
after[over] -> ToDevice(left)
work[back] -> ToDevice(left)
work[gone], frame[rest], network[rest] -> Discard
}}
"""


@st.composite
def programs(draw: st.DrawFn) -> str:
    """The text of a program that checks without errors."""
    return Writer(draw).program()
