"""Headers of the program's own in which nothing lies at a constant place: optional fields, variable parts, and what is behind them."""

from __future__ import annotations

from tests.laws.programs.arrays import Arrays

OPTIONAL = ("u8", "u16", "u24", "u32", "u48", "i16", "mac_address", "ipv4_address", "ipv6_address", "serial32")
FIXED = (("u8",), ("u16",), ("u24",), ("u32",), ("u64",), ("ipv6_address",), ("mac_address",), ("u3", "u5"), ("u13", "u3"), ("bool", "u15"))
CONDITIONS = ("flags & 1 != 0", "flags & 2 != 0", "flags > 9", "units == 3", "flags & 1 != 0 and units != 0", "flags & 4 == 0 or units > 200")
SIZES = ("units & 3", "units % 5", "flags & 7", "units & 3 - 1", "common & 3")
EVEN_SIZES = ("(units & 3) * 2", "(flags & 1) * 4")
BITS = {"mac_address": 48, "ipv4_address": 32, "ipv6_address": 128, "serial32": 32, "bool": 1}


def bits_of(type: str) -> int:
    return BITS.get(type) or int(type[1:])


class Parts(Arrays):
    def declare_parts(self, name: str, lines: list[str], fields: dict[str, str], computed: dict[str, str], length: int) -> list[tuple[str, str]]:
        """Goes on behind `length` bits of whole bytes; gives the optional fields that may be asked for and written."""
        lines += ["flags : u8", "units : u8"]
        fields |= {"flags": "u8", "units": "u8"}
        length += 16
        optional: list[tuple[str, str]] = []
        before = ""  # an optional byte, which is zero where it is not there
        even = True
        for _ in range(self.between(2, 6)):
            field, kind = f"{name}_p{len(lines)}", self.below(100)
            if kind < 30:
                type = self.one(OPTIONAL)
                lines.append(f"{field} : {type} when {self.one(CONDITIONS)}")
                optional.append((field, type))
                even = even and bits_of(type) % 16 == 0
                before = field if type == "u8" else before
            elif kind < 55:
                sizes = EVEN_SIZES if self.chance(50) else (*SIZES, *((f"{before} & 3",) if before else ()))
                when = f" when {self.one(CONDITIONS)}" if self.chance(25) else ""
                size = self.one(sizes)
                lines.append(f"{field} : bytes max 30{when} size {size}")
                even = even and size in EVEN_SIZES
            elif kind < 80:
                for number, type in enumerate(self.one(FIXED)):
                    lines.append(f"{field}_{number} : {type}")
                    fields[f"{field}_{number}"] = type
                    length += bits_of(type)
            elif kind < 90 and even and not length % 16:
                when = f" when {self.one(CONDITIONS)}" if self.chance(60) else ""
                lines.append(f"{field} : u16{when} = checksum({self.one(('header', 'header, payload', 'payload'))})")
                length += 0 if when else 16
                computed |= {} if when else {field: "u16"}
            else:
                when = f" when {self.one(CONDITIONS)}" if self.chance(60) else ""
                rule = self.one(("length(header, payload)", "length(payload)", "length(header)", "7"))
                lines.append(f"{field} : u8{when} = {rule}")
                length += 0 if when else 8
                even = even and not when
                computed |= {} if when else {field: "u8"}
        self.meet("parts")
        return optional
