"""Headers of the program's own: fields of all types at bit places, fixed and computed ones, variable parts, unions."""

from __future__ import annotations

from tests.laws.programs.parts import Parts

WHOLE = ("u8", "u16", "u24", "u32", "u48", "u64", "i8", "i16", "i32", "i64", "mac_address", "ipv4_address", "ipv6_address", "serial32", "duration", "size", "time", "Level")
PARTS = (("u1", "u7"), ("u3", "u5"), ("u4", "u12"), ("bool", "u15"), ("u13", "u3"), ("u1", "u2", "u5"), ("u20", "u4"), ("bool", "bool", "u6"), ("u2", "u24", "u6"))
SIZES = {"bool": 1, "mac_address": 48, "ipv4_address": 32, "ipv6_address": 128, "serial32": 32, "duration": 64, "size": 64, "time": 64, "Level": 16, "Color": 8}


def size_of(type: str) -> int:
    return SIZES.get(type) or int(type[1:])


# No header has a `Color`: a `match` over an enum that none has may leave `_` out.
class Headers(Parts):
    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.own: list[str] = []

    def declare_headers(self) -> None:
        if "push" in self.on:
            self.line("fn relay_kind(next: eth) -> u8 {\nreturn match next { eth => 3 }\n}")
            self.line("header relay {\nwords : u16\nkind : u8 = relay_kind(next)\nflags : u8\ntotal : u16 = length(header, payload)\ncheck : u16 = checksum(header, payload)\nend : u8\n}")
            self.fields["relay"] = {"words": "u16", "flags": "u8", "end": "u8"}
            self.computed["relay"] = {"kind": "u8", "total": "u16", "check": "u16"}
        if "own headers" not in self.on:
            return
        if "stacks" in self.on:
            name = self.name("tier")
            self.line(f"header {name} {{\nlabel : u20\nclass : u3\nbottom : bool\nhops : u8\nlast when {self.one(('bottom', 'bottom', 'label == 7', 'hops != 0'))}\n}}")
            self.stacks[name] = self.between(1, 4)
        for mark in range(self.between(1, 2)):
            self.own.append(self.declare_header(mark))
        if len(self.own) == 2 and "own unions" in self.on:
            self.line(f"header either = {self.own[0]} | {self.own[1]}")
            self.unions["either"] = tuple(self.own)
            self.meet("own unions")

    def declare_header(self, mark: int) -> str:
        """Fields in whole bytes; a mark at its start tells two of them apart."""
        name = self.name("own")
        lines = [f"mark : u8 = {0xA0 + mark}"]
        fields: dict[str, str] = {"common": self.one(("u8", "u16"))}
        computed: dict[str, str] = {"mark": "u8"}
        lines.append(f"common : {fields['common']}")
        length = 8 + size_of(fields["common"])
        for _ in range(self.between(1, 5)):
            for type in self.one(PARTS) if self.chance(40) else (self.one(WHOLE),):
                field = f"{name}_f{len(lines)}"
                lines.append(f"{field} : {type}")
                fields[field] = type
                length += size_of(type)
        if self.chance(40):
            if length // 8 % 2:
                lines.append("pad : u8")
                length += 8
            lines.append(f"check : u16 = checksum({self.one(('header', 'header, payload'))})")
            computed["check"] = "u16"
            length += 16
        if self.chance(35):
            lines.append(f"total : u16 = length({self.one(('header, payload', 'payload'))})")
            computed["total"] = "u16"
            length += 16
        if "parts" in self.on and self.chance(60):
            optional = self.declare_parts(name, lines, fields, computed, length)
            if optional:
                self.optional[name] = optional
        elif "optional fields" in self.on and self.chance(60):
            lines += ["flagged : bool", "more : u7"]
            fields |= {"flagged": "bool", "more": "u7"}
            self.optional[name] = [(f"{name}_o{i}", self.one(("u8", "u16", "u32", "mac_address", "ipv4_address"))) for i in range(self.between(1, 2))]
            for field, type in self.optional[name]:
                lines.append(f"{field} : {type} when {self.one(('flagged', 'more > 3', 'flagged and more != 0', 'common > 5'))}")
            self.meet("optional fields")
        elif "variable parts" in self.on and self.chance(60):
            unit = self.one((1, 2, 4))
            length += 8
            while length // 8 % unit:
                lines.append(f"fill{len(lines)} : u8")
                length += 8
            lines.append(f"words : u8 = length(header){f' / {unit}' if unit > 1 else ''}")
            lines.append(f"rest : bytes max {unit * self.between(1, 9)} size words{f' * {unit}' if unit > 1 else ''} - {length // 8}")
            computed["words"] = "u8"
            self.meet("variable parts")
        self.line(f"header {name} {{\n" + "\n".join(lines) + "\n}")
        self.fields[name], self.computed[name] = fields, computed
        self.meet("own headers")
        return name
