"""Statements and blocks, over what may be named where they stand; which headers are there is followed as the compiler does."""

from __future__ import annotations

from collections.abc import Callable

from tests.laws.programs.expressions import Expressions, Function
from tests.laws.programs.scope import UNIONS, Held, Kinds, Local, Places, Scope, Table, join
from tests.laws.programs.world import ENUMS, INTEGERS, bits

Maker = Callable[[Scope, int], "str | None"]
ENDS = "ENDS"
"""Stands at the end of a text behind which nothing is reached."""


class Statements(Expressions):
    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.port_places: dict[str, list[Places]] = {}
        self.procedures: list[tuple[str, Table | None, tuple[Kinds, ...], tuple[str, ...]]] = []
        self.sends = 0
        self.pushed = 0

    # -- blocks ---------------------------------------------------------------------------------------------------------------

    def block(self, scope: Scope, depth: int, ends: bool = False, most: int = 3) -> tuple[str, bool]:
        """Statements in braces; whether nothing goes on behind them. `scope` stays as it is, but for headers."""
        inner = scope.inner()
        ends = ends and scope.body in ("atom", "function")
        lines, ended = self.statements(inner, depth, self.below(most + 1) + (0 if ends else 1))
        if ends and not ended:
            lines.append(self.end(inner))
            ended = True
        scope.places = inner.places
        return "{\n" + "\n".join(lines) + "\n}", ended

    def statements(self, scope: Scope, depth: int, count: int) -> tuple[list[str], bool]:
        lines: list[str] = []
        for _ in range(count):
            text = self.statement(scope, depth)
            if text is None:
                continue
            lines.append(text.removesuffix(ENDS))
            if text.endswith(ENDS):
                return lines, True
        return lines, False

    def end(self, scope: Scope) -> str:
        """Ends the work here."""
        if scope.body == "function":
            return f"return {self.value(scope, scope.result, 1)}" if scope.result else "return"
        return self.emit(scope, self.one(scope.ports))

    def emit(self, scope: Scope, port: str) -> str:
        self.port_places.setdefault(port, []).append(dict(scope.places))
        return f"emit {port}"

    def leave(self, scope: Scope) -> str:
        """A block that ends, for an `else`."""
        if scope.loops and self.chance(30):
            return "{ break }"
        return f"{{ {self.end(scope)} }}"

    def statement(self, scope: Scope, depth: int) -> str | None:
        """One that may stand here; None where the one that was drawn has nothing to work on."""
        deep = depth > 0
        loose = scope.body in ("atom", "function")
        choices: list[tuple[int, Maker]] = [(10, self.cell_write), (4, self.tag_or_register)]
        if scope.body != "edits":
            choices += [(10, self.let), (5, self.local_write)]
        if deep:
            choices += [(9, self.branch), (4, self.match), (4 if "loops" in self.on else 0, self.loop)]
        if loose:
            choices += [(5 if "narrowing" in self.on else 0, self.narrow), (5 if "division" in self.on else 0, self.divide)]
        if scope.body in ("atom", "edits", "function"):
            choices += [(9 if "header writes" in self.on else 0, self.header_write), (6 if self.procedures else 0, self.call)]
        if scope.body in ("atom", "function") and deep:
            choices += [(5, self.tell_apart), (2, self.maybe_there)]
        if scope.body == "atom":
            choices += [
                (8, self.insert), (10 if deep else 0, self.look_up), (4, self.entry_write), (5 if self.maps or self.longest else 0, self.look_in_config),
                (4 if self.arrays else 0, self.array_write), (4 if self.buckets else 0, self.take), (4 if self.events else 0, self.report),
                (5 if "pools and leases" in self.on else 0, self.lease),
                (6 if {"copies", "changed copies", "new packets"} & self.on else 0, self.send), (3 if "push" in self.on else 0, self.push),
            ]  # fmt: skip
        choices += self.more(scope, deep)
        weights = [w for w, _ in choices]
        make = self.random.choices([m for _, m in choices], weights)[0]
        return make(scope, depth)

    def more(self, scope: Scope, deep: bool) -> list[tuple[int, Maker]]:
        """What else there is, with how often."""
        return []

    # -- values ---------------------------------------------------------------------------------------------------------------

    def let(self, scope: Scope, depth: int) -> str:
        type = self.type()
        text = self.value(scope, type)
        name = self.name("x")
        if "chance" in self.on and scope.body in ("atom", "function") and type in INTEGERS and self.chance(30):
            self.meet("chance")
            high = (1 << (bits(type) - (type[0] == "i"))) - 1
            low = self.one((0, 0, 1, high // 2)) if type[0] == "u" else self.one((0, -high - 1, -1))
            text = f"random({low}..{self.one((high, min(low + self.below(20), high)))})"
        elif depth > 1 and self.chance(12):
            condition = self.boolean(scope, 1)
            inner = scope.inner()
            first = self.let(inner, 0)
            text = f"if {condition} {{\n{first}\n{self.value(inner, type, 1)}\n}} else {{\n{self.value(scope, type, 1)}\n}}"
        scope.locals.append(Local(name, type))
        return f"let {name} : {type} = {text}"

    def local_write(self, scope: Scope, depth: int) -> str | None:
        written = [x for x in scope.locals if x.written]
        if not written:
            return None
        local = self.one(written)
        if local.type in INTEGERS and self.chance(40):
            return f"{local.name} {self.one(('+=', '-=', '|=', '&='))} {self.value(scope, local.type, 1)}"
        return f"{local.name} = {self.value(scope, local.type, 2)}"

    def narrow(self, scope: Scope, depth: int) -> str:
        type = self.one(INTEGERS)
        # An `else` that is never taken is refused.
        of = self.one([t for t in INTEGERS if not holds(type, t)] + (["size"] if type != "u64" else ["i64"]))
        name = self.name("n")
        text = f"let {name} = {self.sure(scope, of)} as {type} else {self.leave(scope)}"
        scope.locals.append(Local(name, type))
        self.meet("narrowing")
        return text

    def divide(self, scope: Scope, depth: int) -> str:
        type = self.one((*INTEGERS, "size"))
        name = self.name("q")
        text = f"let {name} = {self.sure(scope, type)} {self.one('/%')} {self.sure(scope, type)} else {self.leave(scope)}"
        scope.locals.append(Local(name, type))
        self.meet("division")
        return text

    # -- ways -----------------------------------------------------------------------------------------------------------------

    def branch(self, scope: Scope, depth: int) -> str:
        places = dict(scope.places)
        text, ended = self.block(scope, depth - 1, self.chance(20))
        first = scope.places
        text = f"if {self.boolean(scope_with(scope, places), 2)} {text}"
        scope.places = places
        if self.chance(45):
            other, other_ended = self.block(scope, depth - 1)
            if ended and other_ended:
                return f"{text} else {other}{ENDS}"
            scope.places = scope.places if ended else first if other_ended else joined(first, scope.places)
            return f"{text} else {other}"
        if not ended:
            scope.places = joined(first, places)
        return text

    def match(self, scope: Scope, depth: int) -> str:
        what = self.one(("Color", "Level", "u8", "bool", "u3"))
        places = dict(scope.places)
        if what in ENUMS:
            names = ENUMS[what]
            of = self.one(self.readable_as(scope, what) or [self.value(scope, what, 0)])
            if of in sum(ENUMS.values(), ()):
                return self.tag_or_register(scope, depth)
            patterns = list(names) if what == "Color" and self.chance(60) else [f"{names[1]} | {names[2]}", "_"]
        elif what == "bool":
            of, patterns = self.comparison(scope, 1), ["true", "false"]
        else:
            of, patterns = self.sure(scope, what), [str(self.below(3)), "3 | 4", "_"]
        arms: list[str] = []
        after: list[Places] = []
        for pattern in patterns:
            scope.places = dict(places)
            text, ended = self.block(scope, depth - 1, self.chance(15), 2)
            arms.append(f"{pattern} => {text}")
            if not ended:
                after.append(scope.places)
        scope.places = joined(*after) if after else places
        return f"match {of} {{\n" + "\n".join(arms) + "\n}" + ("" if after else ENDS)

    def loop(self, scope: Scope, depth: int) -> str | None:
        if scope.loops > 1 or scope.body == "leave":
            return None
        self.meet("loops")
        name, turns = self.name("i"), self.between(1, 4) if self.chance(90) else self.between(5, 12)
        scope.loops += 1
        inner = scope.inner()
        listed = [s for s in self.sets if s[1] != "ip_prefix"]
        if listed and self.chance(30):
            of, type = self.one(listed)
            inner.locals.append(Local(name, type, False))
            head = f"for {name} in {of} max {self.between(1, 4)}"
        else:
            low = 0 if self.chance(80) else self.between(1, 3)
            inner.locals.append(Local(name, "u8", False))
            head = f"for {name} in {low}..{low + turns}"
        stop = f"if {self.boolean(inner, 1)} {{ break }}\n" if self.chance(50) else ""
        text, _ = self.block(inner, depth - 1, most=2)
        scope.loops -= 1
        text = text[2:]
        scope.places = joined(scope.places, inner.places)
        return f"{head} {{\n{stop}{text}"

    # -- state ----------------------------------------------------------------------------------------------------------------

    def cell_write(self, scope: Scope, depth: int) -> str | None:
        if self.chance(25):
            return f"{self.one(self.counters)} += {self.one(('1', self.value(scope, self.one(('u8', 'u16', 'u64')), 1)))}"
        name, type = self.one(self.written)
        if scope.body == "leave" and name.startswith("tag"):
            return None
        if type in INTEGERS and self.chance(40):
            return f"{name} {self.one(('+=', '-=', '|=', '&='))} {self.value(scope, type, 1)}"
        return f"{name} = {self.value(scope, type, 2)}"

    def tag_or_register(self, scope: Scope, depth: int) -> str:
        if scope.body == "leave":
            return f"{self.counters[0]} += 1"
        name, type = self.one(self.written)
        return f"{name} = {self.value(scope, type, 3)}"

    def array_write(self, scope: Scope, depth: int) -> str:
        name, type, length = self.one(self.arrays)
        self.meet("arrays")
        if self.chance(25) and scope.body == "atom":
            index = self.unsure(scope)
            if self.chance(50):
                local = self.name("x")
                text = f"let {local} = {name}[{index}] else {self.leave(scope)}"
                scope.locals.append(Local(local, type))
                return text
            return f"{name}[{index}] = {self.value(scope, type, 1)} else {self.leave(scope)}"
        index = self.index(scope, length)
        loops = [x.name for x in scope.locals if x.name.startswith("i") and x.type == "u8"]
        if type in INTEGERS and self.chance(50):
            return f"{name}[{index}] {self.one(('+=', '-='))} {self.value(scope, type, 1)}"
        if loops and length >= 16 and self.chance(50):
            index = loops[-1] if self.chance(50) else f"{loops[-1]} & 15"
        return f"{name}[{index}] = {self.value(scope, type, 2)}"

    def take(self, scope: Scope, depth: int) -> str:
        return f"if {self.taken(scope, self.one(self.buckets))} {{\n{self.cell_write(scope, 0) or 'break'}\n}}"

    def taken(self, scope: Scope, bucket: str) -> str:
        self.meet("buckets")
        if self.chance(50):
            rates = ["5pps", "1kpps", *self.readable_as(scope, "packetrate")]
            return f"{bucket}.take({self.one(('1', '2', self.sure(scope, 'u3')))}, rate: {self.one(rates)}, burst: {self.one((str(self.below(9)), self.sure(scope, 'u8')))})"
        rates = ["100bps", "9kbps", "1Mbps", *self.readable_as(scope, "bitrate")]
        return f"{bucket}.take({self.one(('packet.length', '60B', self.sure(scope, 'size')))}, rate: {self.one(rates)}, burst: {self.one(('200B', '1KiB', self.sure(scope, 'size')))})"

    def report(self, scope: Scope, depth: int) -> str:
        name, fields = self.one(self.events)
        self.meet("events")
        return f"report {name}({', '.join(f'{n}: {self.value(scope, t, 1)}' for n, t in fields)})"

    def made_value(self, scope: Scope, table: Table) -> str:
        if table.value == "bucket":
            return f"bucket.full({self.one(('100B', '0B', 'packet.length'))})"
        if table.value:
            return self.value(scope, table.value, 2)
        fields = [f"{n}: {self.value(scope, t, 2)}" for n, t in (*table.fixed, *table.fields)]
        if table.bucket:
            fields.append(f"{table.bucket}: bucket.full({self.one(('100B', '1KiB', 'packet.length'))})")
        return f"{table.record}({', '.join(fields)})"

    def insert(self, scope: Scope, depth: int) -> str | None:
        tables = [t for t in self.tables if not t.lease]
        if not tables:
            return None
        table = self.one(tables)
        full = f" else {self.leave(scope)}" if table.fails else ""
        if table.kind == "set":
            # A removal of any key takes what tags hold.
            return f"{table.name} += {self.key(scope, table, 2)}{full}" if self.entry_tags or self.chance(70) else f"{table.name} -= {self.key(scope, table, 2)}"
        self.meet("tables")
        return f"{table.name}[{self.key(scope, table, 2)}] = {self.made_value(scope, table)}{full}"

    def look_up(self, scope: Scope, depth: int) -> str | None:
        tables = [t for t in self.tables if t.kind == "map"]
        if not tables:
            return None
        table = self.one(tables)
        self.meet("tables")
        name = self.name("e")
        if table.index and self.chance(40):
            found = f"{table.name}.{table.index[0]}[{self.key(scope, table.index[1], 1)}]"
            self.meet("second keys")
        else:
            found = f"{table.name}[{self.key(scope, table, 1)}]"
        if self.chance(30) and not table.lease:
            full = f" else {self.leave(scope)}" if table.fails else ""
            if found.startswith(f"{table.name}["):
                other = f"{{\n{found} = {self.made_value(scope, table)}{full}\n}}" if self.chance(70) else self.leave(scope)
                self_text = f"let {name} = {found} else {other}"
                scope.entries.append(Held(name, table, scope.loops))
                return self_text
        inner = scope.inner()
        inner.entries.append(Held(name, table, scope.loops))
        text, ended = self.block(inner, depth - 1)
        if not ended and table.removes and not self.entry_tags and name not in self.gone and self.chance(35) and not scope.loops:
            text = f"{text[:-1]}remove {name}\n}}"
            # Others of the state may be the same one; none was found before a loop that is around.
            self.gone |= {h.name for h in inner.entries if h.table.name == table.name}
            self.meet("removals")
        first = inner.places
        if self.chance(55):
            places = dict(scope.places)
            inner = scope.inner()
            other, other_ended = self.block(inner, depth - 1)
            scope.places = places
            if ended and other_ended:
                return f"if let {name} = {found} {text} else {other}{ENDS}"
            scope.places = inner.places if ended else first if other_ended else joined(first, inner.places)
            return f"if let {name} = {found} {text} else {other}"
        if not ended:
            scope.places = joined(first, scope.places)
        return f"if let {name} = {found} {text}"

    def entry_write(self, scope: Scope, depth: int) -> str | None:
        entries = self.held(scope)
        if not entries:
            return None
        held = self.one(entries)
        table = held.table
        if table.value == "bucket" or table.bucket and self.chance(30):
            bucket = held.name if table.value == "bucket" else f"{held.name}.{table.bucket}"
            return f"if {self.taken(scope, bucket)} {{ {self.counters[0]} += 1 }}"
        if table.value:
            target, type = held.name, table.value
        elif table.fields:
            name, type = self.one(table.fields)
            target = f"{held.name}.{name}"
        else:
            return None
        if type in self.records and self.chance(50):
            name, inner = self.one(self.records[type])
            if inner not in self.records:
                target, type = f"{target}.{name}", inner
        if type in INTEGERS and self.chance(40):
            return f"{target} {self.one(('+=', '-=', '|=', '&='))} {self.value(scope, type, 1)}"
        return f"{target} = {self.value(scope, type, 2)}"

    def lease(self, scope: Scope, depth: int) -> str | None:
        """A lease that goes into an entry, or is not wanted after all."""
        rooms = [t for t in self.tables if t.lease]
        if not rooms or scope.loops:
            return None
        room = self.one(rooms)
        name = self.name("port")
        self.meet("pools and leases")
        keys = {"bool": self.boolean(scope, 1), "": ""}
        key = keys[room.pool_key] if room.pool_key in keys else self.value(scope, room.pool_key, 1)
        taken = f"let {name} = {room.lease}{f'[{key}]' if room.pool_key else ''}.lease() else {self.leave(scope)}"
        full = f" else {self.leave(scope)}" if room.fails else ""
        made = f"{room.name}[{self.key(scope, room, 1)}] = {room.record}(port: {name}, second: {self.key(scope, 'u8', 1)}, seen: now){full}"
        if self.chance(20):
            made = f"if {self.boolean(scope, 1)} {{\n{made}\n}}"
        if self.chance(30):
            return f"{taken}\n{made}"
        return f"if {self.boolean(scope, 1)} {{\n{taken}\n{made}\n}}"

    def look_in_config(self, scope: Scope, depth: int) -> str:
        name = self.name("c")
        longest = bool(self.longest) and (not self.maps or self.chance(50))
        if longest:
            found = f"{self.longest[0]}.longest({self.value(scope, 'ip_address', 1)})"
            self.meet("longest prefix")
        else:
            of, type = self.one(self.maps)
            derived = [d for d in self.derived if d[1] == type]
            ring, _, length = self.one(derived or [("", "", 1)])
            found = f"{of}[{ring}[{self.index(scope, length)}]]" if derived and self.chance(40) else f"{of}[{self.value(scope, type, 1)}]"
            self.meet("config maps")
        fields = [(f"{name}.n", "u32"), (f"{name}.burst", "size"), (f"{name}.mac", "mac_address"), (f"{name}.on", "bool"), (f"{name}.color", "Color")]
        fields.append((f"{name}.prefix", "ip_prefix") if longest else (f"{name}.key", self.maps[-1][1] if not longest else ""))
        uses: list[str] = []
        inner = scope.inner()
        inner.locals += [Local(text, of, False) for text, of in fields if self.chance(80)]
        for _ in range(self.between(1, 2)):
            uses.append(self.tag_or_register(inner, depth))
        if self.chance(30):
            text = f"let {name} = {found} else {self.leave(scope)}"
            scope.locals += [x for x in inner.locals if x not in scope.locals]
            return text
        return f"if let {name} = {found} {{\n" + "\n".join(uses) + "\n}"

    # -- headers --------------------------------------------------------------------------------------------------------------

    def header_write(self, scope: Scope, depth: int) -> str | None:
        fields = self.header_fields(scope, written=True)
        if not fields:
            return None
        name, type = self.one(fields)
        self.meet("header writes")
        if type in INTEGERS and self.chance(30):
            return f"{name} {self.one(('+=', '-='))} {self.value(scope, type, 1)}"
        return f"{name} = {self.value(scope, type, 2)}"

    def tell_apart(self, scope: Scope, depth: int) -> str | None:
        """`match` over a place where one of several headers lies, or `has`."""
        several = [p for p, k in scope.places.items() if len(k) > 1]
        if not several:
            return None
        place = self.one(sorted(several))
        kinds = sorted(scope.places[place])
        before = dict(scope.places)
        own = place in self.unions and all(k in self.unions[place] for k in kinds)
        if own and self.chance(50):
            return self.has(scope, depth, place, self.one(kinds))
        chosen = kinds if self.chance(70) else [self.one(kinds), "_"]
        arms: list[str] = []
        after: list[Places] = []
        for kind in chosen:
            rest = frozenset(kinds) - {chosen[0]} if kind == "_" else frozenset({kind})
            scope.places = narrowed(before, place, rest, own)
            text, ended = self.block(scope, depth - 1, self.chance(20), 2)
            arms.append(f"{kind} => {text}")
            if not ended:
                after.append(scope.places)
        self.meet("match over headers")
        scope.places = joined(*after) if after else before
        return f"match {place} {{\n" + "\n".join(arms) + "\n}" + ("" if after else ENDS)

    def has(self, scope: Scope, depth: int, place: str, kind: str) -> str:
        before = dict(scope.places)
        rest = before[place] - {kind}
        self.meet("has")
        if self.chance(35) and scope.body != "edits":
            without = scope_with(scope, narrowed(before, place, rest, True))
            text = f"if not has {kind} {{ {self.end(without)} }}"
            scope.places = narrowed(before, place, frozenset({kind}), True)
            return text
        scope.places = narrowed(before, place, frozenset({kind}), True)
        more = f" and {self.boolean(scope, 1)}" if self.chance(25) else ""
        text, ended = self.block(scope, depth - 1, self.chance(20))
        first = scope.places
        text = f"if has {kind}{more} {text}"
        scope.places = before if more else narrowed(before, place, rest, True)
        if self.chance(40):
            other, other_ended = self.block(scope, depth - 1)
            if ended and other_ended:
                return f"{text} else {other}{ENDS}"
            scope.places = scope.places if ended else first if other_ended else joined(first, scope.places)
            return f"{text} else {other}"
        scope.places = scope.places if ended else joined(first, scope.places)
        return text

    def maybe_there(self, scope: Scope, depth: int) -> str | None:
        """`has` of a header that only some ways have."""
        places = [p for p in ("vlan", "customer") if f"@{p}" in scope.places and p not in scope.places]
        if not places:
            return None
        place = self.one(places)
        before = dict(scope.places)
        scope.places = {**before, place: before[f"@{place}"]}
        text, ended = self.block(scope, depth - 1, most=2)
        scope.places = before if ended else joined(before, scope.places)
        return f"if has {place} {text}"

    # -- what atoms send ------------------------------------------------------------------------------------------------------

    def send(self, scope: Scope, depth: int) -> str | None:
        if scope.loops or self.sends > 4:
            return None
        kinds = [k for k in ("copies", "changed copies", "new packets") if k in self.on]
        kind = self.one(kinds)
        port = self.one(scope.ports)
        if kind == "new packets":
            return self.new_packet(scope, port)
        self.sends += 1
        self.meet(kind)
        if kind == "copies":
            self.port_places.setdefault(port, []).append(dict(scope.places))
            return f"send {port}"
        inner = scope.inner()
        inner.body = "edits"
        lines = [line for line in (self.statement(inner, 1) for _ in range(self.between(1, 3))) if line is not None]
        if not lines:
            lines = [f"{self.counters[0]} += 1"]
        if "push" in self.on and self.chance(25):
            lines.append(self.push(inner, 0) or "")
        self.port_places.setdefault(port, []).append(dict(inner.places))
        return f"send {port} with {{\n" + "\n".join(lines).removesuffix(ENDS) + "\n}"

    def new_packet(self, scope: Scope, port: str) -> str | None:
        self.sends += 1
        self.meet("new packets")
        places: Places = {"eth": frozenset({"eth"})}
        parts = [f"eth(destination: {self.value(scope, 'mac_address', 1)}, source: {self.value(scope, 'mac_address', 1)})"]
        network = self.one(("ipv4", "ipv6", *(("ip",) if "ip" in scope.places else ())))
        if network == "ip":
            kinds = scope.places["ip"]
            parts.append("ip(source: ip.destination, destination: ip.source, ttl: ip.ttl)")
        else:
            kinds = frozenset({network})
            of = f"{network}_address"
            parts.append(f"{network}(source: {self.value(scope, of, 1)}, destination: {self.value(scope, of, 1)}, ttl: {self.value(scope, 'u8', 1)})")
        places["ip"] = kinds
        if len(kinds) == 1:
            places[next(iter(kinds))] = kinds
        transport = self.one(("udp", "tcp"))
        places["l4"] = places[transport] = frozenset({transport})
        if transport == "udp":
            none = ", checksum: none" if self.chance(30) else ""
            parts.append(f"udp(source: {self.value(scope, 'u16', 1)}, destination: {self.value(scope, 'u16', 1)}{none})")
        else:
            parts.append(f"tcp(source: {self.value(scope, 'u16', 1)}, syn: {self.boolean(scope, 1)}, sequence: {self.value(scope, 'serial32', 1)}, window: 9)")
        quoted = ["packet.from(eth)"] if "eth" in scope.places else []
        quoted += [f"packet.from({p}{self.one(('', ', max: 28', ', max: 3'))})" for p in ("ip", "l4") if p in scope.places]
        rest = self.one(("", "payload", *quoted))
        if rest:
            parts.append(rest)
        self.port_places.setdefault(port, []).append(places)
        return f"send {port} packet [{', '.join(parts)}]"

    def push(self, scope: Scope, depth: int) -> str | None:
        """A header in front of another one; each place is used once in a program."""
        if scope.loops or self.pushed > 2:
            return None
        # Views from before it cannot be used behind it.
        self.gone |= {*scope.views, *scope.cursors}
        before = scope.places
        if "ip" in before and "vlan" not in self.used_places and "eth" in before and "pop" not in self.on and self.chance(50):
            self.used_places.add("vlan")
            self.pushed += 1
            self.meet("push")
            scope.places = {**before, "vlan": frozenset({"vlan"})}
            return f"push [vlan(id: {self.value(scope_with(scope, before), 'u12', 1)}, priority: 3)] before ip"
        if "eth" in before and "relay" not in self.used_places and before["eth"] == frozenset({"eth"}):
            self.used_places |= {"relay", "inner_eth"}
            self.pushed += 1
            self.meet("push")
            self.meet("relay header")
            places = {p: k for p, k in before.items() if p != "eth"}
            scope.places = {**places, "relay": frozenset({"relay"}), "inner_eth": frozenset({"eth"})}
            text = f"push [relay(words: {self.value(scope_with(scope, before), 'u16', 1)})] before eth as inner_eth"
            if "pop" in self.on and self.chance(70) and scope.body == "atom":
                self.meet("pop")
                scope.places = {"eth": frozenset({"eth"})}
                return f"{text}\n{self.counters[0]} += 1\npop to inner_eth as eth"
            return text
        return None

    # -- functions ------------------------------------------------------------------------------------------------------------

    def call(self, scope: Scope, depth: int) -> str | None:
        """Of a procedure, which gives no value."""
        choices: list[str] = []
        for name, table, kinds, takes in self.procedures:
            headers = self.headers_for(scope, Function(name, takes, "", kinds))
            if kinds and not headers:
                continue
            entries = [h.name for h in self.held(scope) if h.table.name == table.name] if table else []
            if table and (not entries or scope.body != "atom"):
                continue
            given = [*([self.one(entries)] if table else []), *headers, *(self.value(scope, t, 1) for t in takes)]
            if given and (table or headers) and self.chance(50):
                choices.append(f"{given[0]}.{name}({', '.join(given[1:])})")
            else:
                choices.append(f"{name}({', '.join(given)})")
        if not choices:
            return None
        self.meet("procedures")
        return self.one(choices)


def holds(wide: str, narrow: str) -> bool:
    """Whether every value of one integer type is one of another."""
    return wide[0] == narrow[0] and bits(wide) >= bits(narrow) or wide[0] == "i" and narrow[0] == "u" and bits(wide) > bits(narrow)


def scope_with(scope: Scope, places: Places) -> Scope:
    inner = scope.inner()
    inner.places = dict(places)
    return inner


def narrowed(places: Places, place: str, kinds: Kinds, own: bool) -> Places:
    """What is known once a place holds one of fewer kinds; a union's member then has its own name too."""
    result = {**places, place: kinds}
    if own and len(kinds) == 1:
        result[next(iter(kinds))] = kinds
    return result


def joined(*ways: Places) -> Places:
    result = join(list(ways))
    for union, members in UNIONS.items():
        # A union's place that is known by way of one member only.
        if union in result and len(result[union]) > 1:
            for member in members:
                result.pop(member, None)
    return result
