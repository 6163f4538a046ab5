"""What a program declares beside atoms: types, values from outside, states, tags, events. Drawn before any code."""

from __future__ import annotations

from tests.laws.programs.draw import Draw
from tests.laws.programs.scope import COMPUTED_FIELDS, HEADER_FIELDS, UNIONS, Table

INTEGERS = ("u1", "u3", "u8", "u13", "u16", "u24", "u32", "u48", "u64", "i8", "i16", "i32", "i64")
OTHERS = (
    "bool", "Color", "Level", "ipv4_address", "ipv6_address", "ip_address", "ip_prefix", "mac_address", "time", "duration", "size", "bitrate",
    "packetrate", "serial32",
)  # fmt: skip
KEPT = ("bytes[4]", "bytes max 9", "bytes max 20")
"""Types of bytes that are values like others; `bytes[16]` and `bytes[20]` are those of header fields alone."""
ENUMS = {"Color": ("red", "green", "blue"), "Level": ("calm", "loud", "mad"), "ArpOperation": ("request", "reply")}
LEVELS = {"calm": 3, "loud": 700, "mad": 701}
FEATURES = {
    "pools and leases": 30, "second keys": 40, "on leave": 50, "buckets": 30, "config maps": 30, "longest prefix": 30, "derived tables": 25,
    "arrays": 35, "events": 30, "tags": 50, "entries in tags": 25, "config sets": 40, "functions": 70, "header parameters": 75, "procedures": 45,
    "copies": 35, "changed copies": 30, "new packets": 30, "push": 45, "pop": 45, "own headers": 40, "variable parts": 50, "own unions": 35,
    "second occurrences": 30, "loops": 45, "device lists": 15, "instance states": 35, "named pipelines": 35, "parameters of atoms": 40,
    "tables as parameters": 25, "records": 45, "library atoms": 40, "vlan": 25, "quoted packets": 20, "own parsing": 30, "two lanes": 35,
    "tables": 80, "sets": 50, "division": 45, "narrowing": 45, "header writes": 75, "report in on leave": 50, "params": 50, "constants": 40,
    "register of records": 30, "chance": 35, "views": 35, "cursors": 30, "bytes": 35, "options": 75, "optional fields": 45, "tables by bytes": 35,
    "arrays in locals": 30, "swap": 35, "entries as values": 35, "stacks": 30, "tables of any type": 35, "parts": 45, "bytes as values": 25, "bytes in headers": 35, "kinds of checksums": 45, "own options": 55, "derived values": 35,
    "constant arrays": 20, "records outside": 45, "values in config maps": 25, "sizes of tables": 25, "second keys of several parts": 50,
    "kept and shared": 20, "two tags": 20, "several files": 15, "tests": 30, "tunnels": 45, "labels": 20, "packets of all kinds": 25, "flows": 25,
    "hosts": 50, "rest and any": 35, "ways out": 30, "atoms in pipelines": 45, "other ports": 30, "pipelines with parameters": 45,
}  # fmt: skip


def bits(type: str) -> int:
    return int(type[1:])


def bound_of(type: str) -> int:
    """How many bytes one of a type of bytes has at most."""
    return int(type.removeprefix("bytes max ").strip("bytes[]"))


FLOW = (("source", "ip_address"), ("destination", "ip_address"), ("source_port", "u16"), ("destination_port", "u16"), ("protocol", "u8"))


class World(Draw):
    """Texts of declarations in `lines`, those of tables in `states` (which are an atom's own while it is written); `readable` are (expression, type) that may be read everywhere, `written` the same for writing."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        for feature, percent in FEATURES.items():
            self.enable(feature, percent)
        self.imports = ["net", "io"]
        self.lines: list[str] = []
        self.states = self.lines
        self.readable: list[tuple[str, str]] = []
        self.written: list[tuple[str, str]] = []
        self.counters: list[str] = []
        self.arrays: list[tuple[str, str, int]] = []
        self.tables: list[Table] = []
        self.sets: list[tuple[str, str]] = []
        self.maps: list[tuple[str, str]] = []
        self.longest: list[str] = []
        self.derived: list[tuple[str, str, int]] = []
        self.buckets: list[str] = []
        self.events: list[tuple[str, tuple[tuple[str, str], ...]]] = []
        self.entry_tags: list[tuple[str, Table]] = []
        self.records: dict[str, tuple[tuple[str, str], ...]] = {}
        self.fields = {kind: dict(fields) for kind, fields in HEADER_FIELDS.items()}
        self.computed = {kind: dict(fields) for kind, fields in COMPUTED_FIELDS.items()}
        self.unions = dict(UNIONS)
        self.used_places: set[str] = set()

    def declare(self) -> None:
        self.line("enum Color : u8 { red, green, blue }")
        self.line("enum Level : u16 { calm = 3, loud = 700, mad }")
        if "records" in self.on:
            self.declare_record()
        if "flows" in self.on:
            self.imports.append("flow")
            self.records["Flow"] = FLOW
        self.declare_values()
        self.declare_cells()
        self.declare_config()
        for _ in range(self.below(3) if "tables" in self.on else 0):
            self.tables.append(self.table(self.name("table")))
        if "sets" in self.on:
            self.tables.append(self.key_set(self.name("set")))
        if "events" in self.on:
            name = self.name("Event")
            fields = tuple((f"f{i}", self.type()) for i in range(self.below(4)))
            self.events.append((name, fields))
            self.line(f"event {name} {{ {', '.join(f'{n} : {t}' for n, t in fields)} }}" if fields else f"event {name} {{ at : time }}")
            if not fields:
                self.events[-1] = (name, (("at", "time"),))
        if "pools and leases" in self.on:
            self.tables.append(self.leased_table())

    def line(self, text: str) -> None:
        self.lines.append(text)

    def others(self) -> tuple[str, ...]:
        """Types of values that are no integers and no records."""
        return (*OTHERS, *KEPT, *KEPT) if "bytes as values" in self.on else OTHERS

    def type(self) -> str:
        """One of those that states, tags and events hold."""
        return self.one(INTEGERS) if self.chance(55) else self.one((*self.others(), *self.records)) if self.chance(90) else "bool"

    # -- types and values from outside ----------------------------------------------------------------------------------------

    def declare_record(self) -> None:
        inner: tuple[tuple[str, str], ...] = tuple((f"a{i}", self.register_name()[1]) for i in range(self.between(1, 3)))
        self.records["Inner"] = inner
        self.line(f"record Inner {{ {', '.join(f'{n} : {t}' for n, t in inner)} }}")
        outer = (("b0", self.register_name()[1]), ("held", "Inner"), ("b1", self.one(INTEGERS)))
        self.records["Outer"] = outer
        self.line(f"record Outer {{ {', '.join(f'{n} : {t}' for n, t in outer)} }}")
        self.meet("records")

    def declare_values(self) -> None:
        if "constants" in self.on:
            self.line("const FEW = 7")
            self.line("const MANY : u32 = 4_000_000_000")
            self.line("const PAUSE = 20ms * 3")
            self.readable += [("MANY", "u32"), ("PAUSE", "duration"), ("FEW", "u8"), ("FEW", "u64")]
        if "params" in self.on:
            for _ in range(self.between(1, 3)):
                name, type = self.name("param_"), self.one((*INTEGERS, "Color", "duration", "size", "ip_address", "mac_address", "bool"))
                self.line(f"param {name} : {type} = {self.literal(type)}")
                self.readable.append((name, type))
                self.meet("params")

    def literal(self, type: str) -> str:
        """A constant of the type."""
        if type[0] in "ui" and type[1:].isdigit():
            high = (1 << (bits(type) - (type[0] == "i"))) - 1
            number = self.one((0, 1, self.below(min(high, 9) + 1), high, high // 2, max(high - 1, 0)))
            return f"-{number}" if type[0] == "i" and number and self.chance(30) else str(number)
        if type in self.records:
            return f"{type}({', '.join(f'{n}: {self.literal(t)}' for n, t in self.records[type])})"
        if type.startswith("bytes"):
            return self.kept_literal(type)
        match type:
            case "bool":
                return self.one(("true", "false"))
            case "Color" | "Level" | "ArpOperation":
                return self.one(ENUMS[type])
            case "ipv4_address":
                return self.one(("10.0.0.1", "10.1.2.3", "192.0.2.9", "255.255.255.255", "0.0.0.0"))
            case "ipv6_address":
                return self.one(("2001:db8::1", "fe80::5", "::ffff:10.0.0.1"))
            case "ip_address":
                return self.one(("10.0.0.1", "10.0.0.7", "2001:db8::1", "::ffff:10.0.0.1"))
            case "ip_prefix":
                return self.one(("10.0.0.0/8", "10.0.0.1/32", "2001:db8::/32", "0.0.0.0/0", "::/0"))
            case "mac_address":
                return self.one(("02:00:00:00:00:07", "ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:01"))
            case "duration":
                return self.one(("5s", "10ms", "0ns", "2h", "1us"))
            case "size":
                return self.one(("64B", "3", "1KiB", "4GiB"))
            case "bitrate":
                return self.one(("9bps", "1Mbps", "300Gbps"))
            case "packetrate":
                return self.one(("5pps", "1Mpps"))
            case "ipv4_prefix":
                return self.one(("10.0.0.0/8", "10.0.0.1/32"))
            case "serial32":
                return self.one(("0", "4294967290", "7"))
            case _:
                raise AssertionError(type)

    def kept_literal(self, type: str) -> str:
        """Bytes that are meant to meet again; what is longer than its bound is not drawn."""
        fixed, bound = "max" not in type, bound_of(type)
        self.meet("bytes as values")
        if fixed:
            return self.one((f'"{("abcd" * 5)[:bound]}"', f'"{("AB" * 10)[:bound]}"', f'hex"{" ".join(["00", "a0", "01", "ff", "61"] * 4)[: 3 * bound - 1]}"'))
        return self.one(("[]", '"a"', 'hex"00 ff"', '"GET /Ab"', "[0x61, 2]"))

    def declare_config(self) -> None:
        for _ in range(self.below(3)):
            name, type = self.name("config_"), self.one((*INTEGERS, "Color", "Level", "duration", "size", "ip_address", "ipv6_address", "mac_address", "bool", "bitrate"))
            self.line(f"config {name} : {type} = {self.literal(type)}")
            self.readable.append((name, type))
            self.meet("config values")
        if "config sets" in self.on:
            for _ in range(self.between(1, 2)):
                name, type = self.name("listed"), self.one(("ip_prefix", "ip_prefix", "u16", "u8", "mac_address", "Color", "ip_address", "ipv6_address", "i16"))
                values = {"ip_prefix": "10.0.0.0/8, 2001:db8::/32", "ipv4_prefix": "10.0.0.0/30", "Color": "green, blue", "mac_address": "02:00:00:00:00:01"}
                values |= {"ip_address": "10.0.0.1, 2001:db8::7", "ipv6_address": "2001:db8::7"}
                numbers = sorted({self.below(20), self.below(100), 80})
                self.line(f"config {name} : set<{type}> = [{values.get(type) or ', '.join(map(str, numbers))}]")
                self.sets.append((name, type))
        if "config maps" in self.on or "longest prefix" in self.on or "derived tables" in self.on:
            self.line("record Code { n : u32, burst : size = 7B, mac : mac_address = 02:00:00:00:00:0c, on : bool = true, color : Color = green }")
        if "config maps" in self.on or "derived tables" in self.on:
            type = self.one(("u8", "u16", "Color", "ip_address"))
            keys = {"u8": ("6", "17", "64"), "u16": ("5", "80", "443"), "Color": ("red", "blue"), "ip_address": ("10.0.0.1", "2001:db8::7")}[type]
            name = self.name("codes")
            items = [f"{k}: Code(n: {self.below(9)}, on: {'true' if self.chance(50) else 'false'})" for k in keys]
            self.line(f"config {name} : map<{type}, Code> = [{', '.join(items)}]")
            self.maps.append((name, type))
            if "derived tables" in self.on:
                ring = self.name("ring")
                by, of = self.one((("n", "u32"), ("key", type))) if type in ("u8", "u16") else ("n", "u32")
                where = self.one(("", " where on", " where n != 2", " where color == red or n > 3"))
                weight = self.one(("1", "n + 3", "burst", "n") if type == "Color" or type == "ip_address" else ("key", "1", "n + 3"))
                length = self.one((31, 7, 251))
                self.line(f"derived {ring} : array<{of}>[{length}] from {name} = maglev({name}{where}, by: {by}, weight: {weight})")
                self.derived.append((ring, of, length))
        if "longest prefix" in self.on:
            name = self.name("limits")
            self.line(f"config {name} : lpm<ip_address, Code> = [10.0.0.0/8: Code(n: 8), 10.0.0.0/24: Code(n: 24), 10.0.0.1: Code(n: 32), 2001:db8::/32: Code(n: 5)]")
            self.longest.append(name)

    # -- states ---------------------------------------------------------------------------------------------------------------

    def declare_cells(self) -> None:
        for _ in range(self.between(1, 2)):
            self.counters.append(self.name("count"))
            self.line(f"state {self.counters[-1]} : counter")
        self.readable += [(c, "u64") for c in self.counters]
        for _ in range(self.between(1, 3)):
            name, type = self.register_name()
            self.line(f"state {name} : register<{type}> = {self.literal(type)}")
            self.readable.append((name, type))
            self.written.append((name, type))
        if "register of records" in self.on and self.records:
            name, record = self.name("reg"), self.one(tuple(self.records))
            self.line(f"state {name} : register<{record}> = {self.literal(record)}")
            self.readable += [(name, record), *((f"{name}.{n}", t) for n, t in self.records[record])]
            self.written.append((name, record))
            self.meet("register of records")
        if "arrays" in self.on:
            for _ in range(self.between(1, 2)):
                name, type, length = self.name("array"), self.one((*INTEGERS, *self.others(), *self.records)), self.one((1, 4, 7, 16, 300))
                self.line(f"state {name} : array<{type}>[{length}]")
                self.arrays.append((name, type, length))
        if "buckets" in self.on:
            self.buckets.append(self.name("flow"))
            self.line(f"state {self.buckets[0]} : bucket")
        if "tags" in self.on:
            for _ in range(self.between(1, 2)):
                name, type = self.name("tag"), self.one((*INTEGERS, "Color", "ip_address", "mac_address", "bool", "duration", "size", "ipv6_address"))
                self.line(f"tag {name} : {type} = {self.literal(type)}")
                self.readable.append((name, type))
                self.written.append((name, type))
                self.meet("tags")

    def register_name(self) -> tuple[str, str]:
        """A name, and a type that has literals, which a register begins with."""
        return self.name("reg"), self.one([t for t in (*INTEGERS, *self.others()) if t != "time"])

    def key_type(self) -> str:
        keys = ("u8", "u16", "ip_address", "mac_address", "i32", "Color", "u64", "ipv6_address", "ip_prefix", "u3", "bool")
        return self.one((*keys, *(r for r in self.records if r == "Inner"), *(("Flow",) * 4 if "flows" in self.on else ()), *(KEPT[:2] * 2 if "bytes as values" in self.on else ())))

    def idle(self, fields: tuple[tuple[str, str], ...], key: str) -> str:
        if self.chance(30):
            return ""
        choices = [f"idle {self.one(('2s', '500ms', '80ms', '1us'))}"]
        for name, type in (*fields, ("key", key)):
            if type == "bool":
                choices.append(f"idle if {name} {{ 200ms }} else {{ 5s }}")
            if type == "Color":
                choices.append(f"idle match {name} {{ red => 1s, green => 3s, blue => 16s }}")
            if type in ("u8", "u16", "u32", "u64", "i32", "i8"):
                choices.append(f"idle if {name} > {self.below(20)} {{ 100ms }} else {{ {self.one(('900ms', '30s'))} }}")
                choices.append(f"idle match {name} {{ 0 => 50ms, 1 | 2 => 1s, _ => 400ms }}")
        return self.one(choices)

    def table(self, name: str, inside: bool = False) -> Table:
        """A map, declared at once; its capacity is settled when it is known how many entries a packet can hold."""
        key, full = self.key_type(), self.one(("reject", "evict oldest"))
        fields: tuple[tuple[str, str], ...] = ()
        fixed: tuple[tuple[str, str], ...] = ()
        record, value, bucket, index, policy = "", "", "", None, ""
        kind = self.below(10)
        if kind < 2:
            value = self.one((*INTEGERS, "time", "mac_address", "Color", "ip_address", "bool", "serial32"))
        elif kind == 2 and "buckets" in self.on:
            value = "bucket"
        else:
            record = self.name("Item")
            fields = tuple((f"v{i}", self.one((*INTEGERS, *self.others(), *self.records))) for i in range(self.between(1, 4)))
            if self.chance(40):
                fields = (*fields, ("color", "Color"), ("flag", "bool"))
            if "second keys" in self.on and not inside and self.chance(70):
                fixed = (("second", self.one(("u8", "u16", "Color", "ip_address", "mac_address"))),)
                by, text = self.second_key(key, fixed)
                index = ("by_second", by)
                policy += f"\nindex by_second : {by} = {text} unique"
            bucket = "tokens" if "buckets" in self.on and self.chance(40) else ""
            text = [f"{n} : {t}" for n, t in (*fixed, *fields)] + ([f"{bucket} : bucket"] if bucket else [])
            self.line(f"record {record} {{ {', '.join(text)} }}")
        if "on leave" in self.on and value != "bucket" and not inside and self.chance(60):
            policy += f"\non leave {{ @LEAVE:{name}@ }}"
        of = record or value
        text = f"state {name} : map<{key}, {of}> {{\ncapacity @CAPACITY:{name}@\n{self.idle((*fixed, *fields), key)}\nwhen full {full}{policy}{self.more_policy()}\n}}"
        self.states.append(text)
        return Table(name, "map", key, full, record, fields, fixed, value, bucket, index=index, removes=self.chance(50))

    def second_key(self, key: str, fields: tuple[tuple[str, str], ...]) -> tuple[str, str]:
        """The type of a second key, and what it is."""
        return fields[0][1], "second"

    def more_policy(self) -> str:
        """What else a table's policy says."""
        return ""

    def key_set(self, name: str) -> Table:
        key, full = self.key_type(), self.one(("reject", "evict oldest"))
        self.states.append(f"state {name} : set<{key}> {{\ncapacity @CAPACITY:{name}@\n{self.idle((), key)}\nwhen full {full}{self.more_policy()}\n}}")
        self.meet("sets")
        return Table(name, "set", key, full)

    def leased_table(self) -> Table:
        pool, name, record = self.name("pool"), self.name("rooms"), self.name("Room")
        pool_key = self.one(("", "u1", "u3", "Color", "bool", "u8"))
        number = self.one(("u16", "u8", "u32"))
        low = self.one((0, 100, 250))
        prefer = self.one(("", "\nprefer random", "\nprefer lowest"))
        self.line(f"state {pool} : pool<{number}>{f'[{pool_key}]' if pool_key else ''} {{\nrange {low}..{low + self.below(5 if low == 250 else 9)}{prefer}\n}}")
        self.line(f"record {record} {{ port : lease of {pool}, second : u8, count : u64 = 0, seen : time }}")
        full = self.one(("reject", "evict oldest"))
        leave = f"\non leave {{ @LEAVE:{name}@ }}" if "on leave" in self.on else ""
        key = self.one(("u16", "ip_address", "u8"))
        by, text = self.second_key(key, (("second", "u8"), ("port", number)))
        index = f"\nindex by_second : {by} = {text} unique" if "second keys" in self.on else ""
        idle = self.one(("", "idle 1s", "idle if count > 2 { 300ms } else { 2s }", "idle 10ms"))
        self.line(f"state {name} : map<{key}, {record}> {{\ncapacity @CAPACITY:{name}@\n{idle}\nwhen full {full}{index}{leave}\n}}")
        fixed = (("second", "u8"),) if index else ()
        fields = (("count", "u64"), ("seen", "time"), *(() if index else (("second", "u8"),)))
        self.meet("pools and leases")
        return Table(name, "map", key, full, record, fields, fixed, "", "", pool, pool_key, low, ("by_second", by) if index else None)
