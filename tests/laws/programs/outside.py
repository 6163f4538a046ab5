"""Values that are worked out before packets come: derived values, constants of records and arrays, configs and params of all types; and what
policies say, which is over an entry alone."""

from __future__ import annotations

import re

from tests.laws.programs.items import Items
from tests.laws.programs.scope import Local, Scope
from tests.laws.programs.statements import Maker
from tests.laws.programs.world import INTEGERS, OTHERS

KEYS = ("u8", "u16", "u32", "Color", "ip_address", "mac_address", "i16", "bool", "ipv6_address", "u3")
SETTINGS = tuple(t for t in OTHERS if t not in ("time", "bool"))


class Outside(Items):
    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.value_maps: list[tuple[str, str, str]] = []
        """Config maps and longest prefixes of values that are no records: name, type of the key, type of the value."""
        self.value_prefixes: list[tuple[str, str, str]] = []

    def declare_config(self) -> None:
        super().declare_config()
        settings = [r for r, fields in self.records.items() if self.is_setting(r)]
        if "records outside" in self.on and settings:
            for kind in self.some(("config", "param", "const")):
                record = self.one(settings)
                name = self.name({"config": "config_", "param": "param_", "const": "WHOLE"}[kind])
                self.line(f"{kind} {name} : {record} = {self.literal(record)}")
                self.readable.append((name, record))
                if kind == "config":
                    self.readable += [(f"{name}.{n}", t) for n, t in self.records[record]]
                self.meet("records outside")
        if "constant arrays" in self.on:
            for _ in range(self.between(1, 2)):
                name, type, length = self.name("LIST"), self.one((*INTEGERS, *self.others())), self.one((1, 4, 9, 32))
                if type == "time":
                    type = "duration"
                self.line(f"const {name} : array<{type}>[{length}] = [{', '.join(self.literal(type) for _ in range(self.between(0, min(length, 5))))}]")
                self.derived.append((name, type, length))
                self.meet("constant arrays")
        if "values in config maps" in self.on:
            self.declare_value_maps()
        if "derived values" in self.on:
            for _ in range(self.between(1, 3)):
                self.declare_derived()

    def is_setting(self, type: str) -> bool:
        """Whether configs, params and derived values may hold it."""
        return all(self.is_setting(t) for _, t in self.records[type]) if type in self.records else not type.startswith("bytes")

    def declare_value_maps(self) -> None:
        for _ in range(self.between(1, 2)):
            key, value = self.one(KEYS), self.one((*INTEGERS, *SETTINGS))
            name = self.name("named")
            keys = sorted({self.literal(key) for _ in range(self.between(0, 3))})
            self.line(f"config {name} : map<{key}, {value}> = [{', '.join(f'{k}: {self.literal(value)}' for k in keys)}]")
            self.value_maps.append((name, key, value))
            self.meet("values in config maps")
        if self.chance(50):
            family, value = self.one(("ipv4", "ipv6", "ip")), self.one((*INTEGERS, *SETTINGS))
            name = self.name("nets")
            prefixes = {"ipv4": ("10.0.0.0/8", "0.0.0.0/0", "10.0.0.1"), "ipv6": ("2001:db8::/32", "::/0", "2001:db8::1"), "ip": ("10.0.0.0/8", "::/0", "10.0.0.0/30")}[family]
            self.line(f"config {name} : lpm<{family}_address, {value}> = [{', '.join(f'{p}: {self.literal(value)}' for p in self.some(prefixes))}]")
            self.value_prefixes.append((name, f"{family}_address", value))

    def declare_derived(self) -> None:
        """One expression over configs, which may look into their maps."""
        configs = [(n, t) for n, t in self.readable if n.startswith("config_") and "." not in n and t != "time"]
        scope = Scope("derived", locals=[Local(n, t, False) for n, t in configs])
        scope.locals += [Local(f"{n}.size", "size", False) for n, _ in [*self.sets, *self.maps]]
        if not scope.locals:
            return
        name, type = self.name("derived_"), self.one((*INTEGERS, *SETTINGS, "bool", *(r for r in self.records if self.is_setting(r))))
        if type in self.records and any(t == "time" for _, t in self.records[type]):
            return
        text = self.value(scope, type, 2)
        looked = [*self.value_maps, *((n, t, "") for n, t in self.maps)]
        if looked and self.chance(50):
            of, key, value = self.one(looked)
            found = self.name("found")
            inner = scope.inner()
            inner.locals += [Local(found, value, False)] if value else [Local(f"{found}.n", "u32", False), Local(f"{found}.color", "Color", False)]
            text = f"if let {found} = {of}[{self.value(scope, key, 1)}] {{ {self.value(inner, type, 2)} }} else {{ {text} }}"
            self.meet("derived look-ups")
        known = [n for n, _ in [*configs, *self.sets, *self.maps]] + [n for n, _, _ in self.value_maps]
        used = [n for n in dict.fromkeys(known) if re.search(rf"\b{n}\b", text)]
        if not used:
            return
        self.line(f"derived {name} : {type} from {', '.join(used)} = {text}")
        self.readable.append((name, type))
        self.meet("derived values")

    # -- statements -----------------------------------------------------------------------------------------------------------

    def more(self, scope: Scope, deep: bool) -> list[tuple[int, Maker]]:
        found = super().more(scope, deep)
        if scope.body in ("atom", "function") and (self.value_maps or self.value_prefixes):
            found.append((4, self.look_up_value))
        if scope.body == "atom" and "sizes of tables" in self.on and (self.tables or self.sets or self.maps):
            found.append((3, self.ask_size))
        return found

    def look_up_value(self, scope: Scope, depth: int) -> str:
        name = self.name("c")
        longest = bool(self.value_prefixes) and (not self.value_maps or self.chance(40))
        of, key, value = self.one(self.value_prefixes if longest else self.value_maps)
        found = f"{of}.longest({self.value(scope, key, 1)})" if longest else f"{of}[{self.value(scope, key, 1)}]"
        kind = self.below(3)
        if kind == 0:
            text = f"let {name} = {found} else {self.leave(scope)}"
            scope.locals.append(Local(name, value, False))
            return text
        inner = scope.inner()
        inner.locals += [Local(name, value, False)] + ([] if longest else [Local(f"{name}.key", key, False)])
        if kind == 1:
            local = self.name("x")
            text = f"let {local} : {value} = if let {name} = {found} {{ {self.value(inner, value, 1)} }} else {{ {self.value(scope, value, 1)} }}"
            scope.locals.append(Local(local, value))
            return text
        return f"if let {name} = {found} {{\n{self.tag_or_register(inner, depth)}\n}}"

    def ask_size(self, scope: Scope, depth: int) -> str:
        name = self.one([*(t.name for t in self.tables), *(n for n, _ in [*self.sets, *self.maps])])
        self.meet("sizes of tables")
        return self.one((f"{self.counters[0]} += {name}.size", f"if {name}.size {self.one(('>', '==', '<='))} {self.below(6)} {{ {self.counters[0]} += 1 }}"))

    # -- policies -------------------------------------------------------------------------------------------------------------

    def second_key(self, key: str, fields: tuple[tuple[str, str], ...]) -> tuple[str, str]:
        """Worked out from an entry's key and those of its fields that stay."""
        plain = super().second_key(key, fields)
        if "second keys of several parts" not in self.on or self.chance(30):
            return plain
        type = self.one(("u16", "u32", "u8", "ip_address", "Color", "u64", *(("Inner",) if "Inner" in self.records else ()), *(("bytes max 9",) if "bytes as values" in self.on else ())))
        scope = Scope("policy", locals=[Local(n, t, False) for n, t in (("key", key), *fields)])
        text = self.value(scope, type, 2)
        if not re.search(r"\bsecond\b|\bport\b", text):
            return plain
        self.meet("second keys of several parts")
        return type, text

    def more_policy(self) -> str:
        if "kept and shared" not in self.on or self.chance(50):
            return ""
        self.meet("kept and shared")
        return "\n" + self.one(("sync 100ms", "sync every packet", "sync never", "scope global", "scope global\nsync 2s"))
