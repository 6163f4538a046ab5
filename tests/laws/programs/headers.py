"""Headers of the program's own: fields of all types at bit places, fixed and computed ones, variable parts, unions."""

from __future__ import annotations

from tests.laws.programs.parts import Parts
from tests.laws.programs.world import bound_of

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
        self.counting: set[str] = set()
        """Own headers with a length that counts their payload, and below those whose checksum is over themselves alone."""
        self.checked: set[str] = set()
        self.lists: dict[str, tuple[str, dict[str, list[tuple[str, str]]]]] = {}
        """Of a header, the header of the options that it ends with, and the fields of its cases."""

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
            if "bytes in headers" in self.on and self.chance(35):
                # No packet writes more than 16 of them.
                type = self.one(("bytes[4]", "bytes[4]", "bytes[1]", "bytes[16]", "bytes[20]"))
                field = f"{name}_b{len(lines)}"
                lines.append(f"{field} : {type}")
                (computed if type == "bytes[20]" else fields)[field] = type
                length += 8 * bound_of(type)
                self.meet("bytes in headers")
                continue
            for type in self.one(PARTS) if self.chance(40) else (self.one(WHOLE),):
                field = f"{name}_f{len(lines)}"
                lines.append(f"{field} : {type}")
                fields[field] = type
                length += size_of(type)
        if self.chance(40):
            if length // 8 % 2:
                lines.append("pad : u8")
                length += 8
            parts = ["header", "header, payload"]
            if "kinds of checksums" in self.on:
                parts += ["header, payload, optional", "header, optional", "pseudo, header, payload", "pseudo, header, payload, optional", "pseudo, header"]
                self.meet("kinds of checksums")
            of = self.one(parts)
            lines.append(f"check : u16 = checksum({of})")
            if of in ("header", "header, optional"):
                self.checked.add(name)
            computed["check"] = "u16"
            length += 16
        if self.chance(35):
            self.counting.add(name)
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
        elif "own options" in self.on and self.chance(70):
            self.declare_options(name, lines, length)
            computed["words"] = "u8"
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

    def declare_options(self, name: str, lines: list[str], length: int) -> None:
        """A list of headers with cases at the end, by the number in their first field; counted in whole bytes."""
        option, unit = self.name("item"), self.one(("", " / 8"))
        size = "length" if not unit and self.chance(50) else "extent"
        rule = "" if size == "length" and self.chance(50) else f" = length(header){unit}"
        more = self.one(("", "", " when kind > 1", " when kind != 0 and kind < 200"))
        cases: dict[str, list[tuple[str, str]]] = {}
        for number in range(self.between(1, 3)):
            # In units of eight bytes a case fills one or two of them.
            fields = [(f"a{number}", "u16"), (f"b{number}", "u32")] if unit else [(f"{'abc'[i]}{number}", self.one(("u8", "u16", "u24", "u32", "mac_address", "ipv4_address", "i16", "Level"))) for i in range(self.between(1, 3))]
            cases[f"{option}_{number}"] = fields
        numbers = self.one(((2, 5, 0), (5, 2, 255), (7, 1, 2)))
        said = "\n".join(f"case {numbers[i]} {case} {{ {', '.join(f'{n} : {t}' for n, t in fields)} }}" for i, (case, fields) in enumerate(cases.items()))
        self.line(f"header {option} {{\nkind : u8\n{size} : u8{more}{rule}\n{said}\n}}")
        self.lists[name] = (option, cases)
        lines.append("words : u8 = length(header)")
        lines.append(f"items : list<{option}> size words - {length // 8 + 1}")
        self.meet("own options")
