"""Tests: what they give, send, set and wait for, and what they ask at the end; most of it cannot hold, so that the answer shows values."""

from __future__ import annotations

from tests.laws.programs.scope import Table
from tests.laws.programs.tunnels import Tunnels

ENDS4 = ("10.0.0.1", "10.0.0.7", "1.1.1.1", "192.168.1.1")
ENDS6 = ("2001:db8::1", "2001:db8::5", "fe80::5")
PORTS = (5, 53, 80, 7, 9)


class Scripts(Tunnels):
    def tests(self) -> list[str]:
        if "tests" not in self.on:
            return []
        self.meet("tests")
        return [self.test(n) for n in range(self.between(1, 2))]

    def test(self, number: int) -> str:
        steps = [self.step(0) for _ in range(self.between(3, 9))]
        return f'test "drawn {number}" {{\n' + "\n".join([*steps, self.asked_at_the_end()]) + "\n}"

    def step(self, depth: int) -> str:
        kind = self.below(10)
        if kind == 0 and depth == 0:
            inner = [self.step(1) for _ in range(self.between(1, 3))]
            return f"for {self.name('turn')} in 0..{self.between(1, 4)} {{\n" + "\n".join(inner) + "\n}"
        if kind == 1:
            return f"wait {self.one(('10ms', '80ms', '1s', '5s', '2h', '1us'))}"
        if kind in (2, 3) and (given := self.give()):
            return given
        if kind in (4, 5) and (written := self.write()):
            return written
        if kind == 6:
            return f"expect {self.one(self.counters)} >= 0 and not (1 > 2)"
        return f"send {self.one(('left', 'right', 'left', *self.devices))} {self.packet()}"

    # -- packets --------------------------------------------------------------------------------------------------------------

    def packet(self) -> str:
        six = self.chance(30)
        ends = [self.one(ENDS6 if six else ENDS4) for _ in range(2)]
        ported = [f"[{e}]:{self.one(PORTS)}" if six else f"{e}:{self.one(PORTS)}" for e in ends]
        more = self.one(("", "", ', payload: "GET /Ab"', ", payload: hex\"a0 05 00 01 02 03 04 05 06 07 08 09\"", f", size: {self.between(90, 300)}", f", ttl: {self.below(4)}"))
        kind = self.below(8)
        if kind < 3:
            return f"udp({ported[0]} > {ported[1]}{more}{self.one(('', '', ', checksum: 0'))})"
        if kind < 5:
            options = self.one(("", "", ', options: hex"02 04 05 b4 01 03 03 07"'))
            return f"tcp({ported[0]} > {ported[1]}, {self.one(('syn', 'ack', 'syn, ack', 'fin, ack'))}, sequence: {self.one((7, 4294967290))}{more}{options})"
        if kind == 5:
            return f"frame(02:00:00:00:00:07 > {self.one(('ff:ff:ff:ff:ff:ff', '02:00:00:00:00:01'))}, type: 0x88cc, payload: hex\"02 07\", size: 60)"
        if kind == 6:
            return f"icmp_unreachable(10.0.0.9 > 10.0.0.1, udp(10.0.0.1:{self.one(PORTS)} > 10.0.0.7:53), code: 3)" if not six else f"icmp6_echo({ends[0]} > {ends[1]}, type: 128, identifier: 5)"
        tag = self.one(("", f"vlan(id: {self.below(9)}), "))
        own = "".join(f", {k}({', '.join(f'{n}: {self.literal(t)}' for n, t in self.fields[k].items() if t != 'time' and self.chance(50))})" for k in self.own if k not in self.optional and self.chance(60))
        return f"packet(eth(), {tag}ipv4(source: {self.one(ENDS4)}, destination: {self.one(ENDS4)}, ttl: 9), udp(source: 5, destination: {self.one(PORTS)}){own}, payload: \"abc\")"

    # -- states and configs ---------------------------------------------------------------------------------------------------

    def give(self) -> str | None:
        tables = [t for t in self.tables if t.kind == "map"]
        if not tables:
            return None
        table = self.one(tables)
        self.meet("given entries")
        return f"given {table.name}[{self.kept_key(table)}] = {self.kept_value_of(table)}"

    def kept_key(self, table: Table) -> str:
        return self.literal(table.key)

    def kept_value_of(self, table: Table) -> str:
        if table.value == "bucket":
            return "bucket.full(100B)"
        if table.lease:
            key = f"[{self.literal(table.pool_key)}]" if table.pool_key else ""
            return f"{table.record}(port: {table.lease}{key}.lease({table.low + self.below(4)}), second: {self.below(9)}, seen: now)"
        if table.value:
            return self.settled(table.value)
        fields = [f"{n}: {self.settled(t)}" for n, t in (*table.fixed, *table.fields)] + ([f"{table.bucket}: bucket.full(1KiB)"] if table.bucket else [])
        return f"{table.record}({', '.join(fields)})"

    def settled(self, type: str) -> str:
        return "now" if type == "time" else self.literal(type)

    def write(self) -> str | None:
        """What the operator writes."""
        choices = [f"set {n} = {self.literal(t)}" for n, t in self.readable if n.startswith("config_") and "." not in n]
        for name, type in self.sets:
            choices.append(f"set {name} = [{', '.join(dict.fromkeys(self.literal(type) for _ in range(self.below(3))))}]")
        for name, key in self.maps:
            choices += [f"set {name}[{self.literal(key)}] = Code(n: {self.below(9)})", f"set {name} = [{self.literal(key)}: Code(n: 7, on: false)]"]
        for name, key, value in self.value_maps:
            choices += [f"set {name}[{self.literal(key)}] = {self.literal(value)}", f"set {name} = []"]
        if not choices:
            return None
        self.meet("written configs")
        return self.one(choices)

    # -- questions ------------------------------------------------------------------------------------------------------------

    def asked_at_the_end(self) -> str:
        choices = [f"expect {self.one(self.counters)} == {self.between(1000, 2000)}", "expect left 50", "expect nothing", "expect right { ip.ttl == 200 }", "expect left unchanged"]
        choices.append("expect right { udp.source == 9999 or tcp.window == 3 } as met\nexpect met.ip.ttl == 3")
        choices += [f"expect {n} == {self.literal(t)}" for n, t in self.written if t not in self.records and not n.startswith("tag") and t != "time"]
        for table in self.tables:
            choices.append(f"expect {table.name}.size == {self.between(50, 90)}")
            choices.append(f"expect {self.literal(table.key)} in {table.name} and {self.literal(table.key)} not in {table.name}")
            fields = [(f".{n}", t) for n, t in (*table.fields, *table.fixed) if t != "time"] if table.record else [("", table.value)] if table.value not in ("", "bucket", "time") else []
            if table.kind == "map" and fields:
                place, type = self.one(fields)
                choices += [f"expect {table.name}[{self.literal(table.key)}]{place} == {self.literal(type)}"] * 2
            if table.lease:
                choices.append(f"expect {table.lease}{f'[{self.literal(table.pool_key)}]' if table.pool_key else ''}.leased == 77")
        for name, fields in self.events:
            choices += [f"expect reported {name}", f"expect {name} 77"]
            field, type = fields[0]
            if type != "time":
                choices.append(f"expect {name} {{ {field} == {self.literal(type)} }}")
        return self.one(choices)
