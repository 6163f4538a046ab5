"""`read_literal`: a literal's text -> its kind and value, as `tree.Literal` holds them, or a `Fault` that says what is wrong with it.

Values are checked by shape and range only; whether a literal fits where it stands is a matter of types.
"""

from __future__ import annotations

import re
from clickup_lang.frozen import Frozen
from clickup_lang.syntax.tree import LiteralValue

LARGEST_INTEGER = (1 << 128) - 1

NANOSECONDS = {
    "ns": 1, "us": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9, "d": 86400 * 10**9,
}  # fmt: skip
BYTES = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}
BITS_PER_SECOND = {"bps": 1, "kbps": 10**3, "Mbps": 10**6, "Gbps": 10**9, "Tbps": 10**12}
PACKETS_PER_SECOND = {"pps": 1, "kpps": 10**3, "Mpps": 10**6}
UNITS = {
    unit: (kind, factor)
    for kind, factors in [
        ("duration", NANOSECONDS), ("size", BYTES), ("bitrate", BITS_PER_SECOND), ("packetrate", PACKETS_PER_SECOND),
    ]
    for unit, factor in factors.items()
}  # fmt: skip

ESCAPES = {'"': '"', "\\": "\\", "n": "\n", "r": "\r", "t": "\t"}


class Value(Frozen):
    kind: str
    value: LiteralValue


ZERO = Value("integer", 0)


class LiteralFault(Frozen):
    """`what` tells the problem, `start` and `end` are offsets in the literal, `meant` is what to write instead.

    `instead` stands in the tree: of the kind that was most likely meant, so that no second problem comes from the first.
    """

    what: str
    detail: str
    start: int
    end: int
    instead: Value
    meant: str | None = None


def read_literal(kind: str, text: str) -> Value | LiteralFault:
    """`kind` is the token's."""
    match kind:
        case "<INTEGER>":
            return read_integer(text)
        case "<QUANTITY>":
            return read_quantity(text)
        case "<ADDRESS>":
            return read_address(text)
        case "<HEX_TEXT>":
            return read_hex(text)
        case "<NOCASE_TEXT>":
            return read_text("nocase", text, text.index('"') + 1)
        case _:
            return read_text("text", text, 1)


def fault(what: str, detail: str, text: str, instead: Value, meant: str | None = None) -> LiteralFault:
    """One that the whole literal has."""
    return LiteralFault(what, detail, 0, len(text), instead, meant)


def read_integer(text: str) -> Value | LiteralFault:
    digits = text.replace("_", "")
    if digits.startswith("0x"):
        if len(digits) == 2 or len(digits.lstrip("0x")) > 32:
            return fault("integer_too_large" if len(digits) > 2 else "not_a_number", text, text, ZERO)
        return Value("integer", int(digits, 16))
    # Python refuses to convert very long texts, so length is asked first.
    if len(digits.lstrip("0")) > 39 or int(digits) > LARGEST_INTEGER:
        return fault("integer_too_large", text, text, ZERO)
    return Value("integer", int(digits))


def read_quantity(text: str) -> Value | LiteralFault:
    """A number with a unit or `%`, or with a fraction, which only `%` allows."""
    found = re.fullmatch(r"([0-9][0-9_]*)(?:\.([0-9][0-9_]*))?(\D.*)?", text)
    if found is None:
        return fault("not_a_number", text, text, ZERO)
    whole: str = found[1].replace("_", "")
    fraction: str | None = found[2].replace("_", "") if found[2] else None
    unit: str = found[3] or ""
    if len(whole) + len(fraction or "") > 39:
        return fault("integer_too_large", text, text, Value("percent", (0, 100)) if unit == "%" else amount(1, unit))
    if unit == "%":
        denominator = 100 * 10 ** len(fraction or "")
        return Value("percent", (int(whole + (fraction or "")), denominator))
    if whole == "0" and fraction is None and unit[:1] in ("x", "X", "b", "o"):
        return fault("not_a_number", text, text, ZERO)
    if unit and unit not in UNITS:
        near = nearest_unit(unit)
        return LiteralFault("unknown_unit", unit, found.start(3), len(text), amount(int(whole), near or unit), near)
    if fraction is not None:
        return fault("fraction", text, text, amount(int(whole) + 1, unit), without_fraction(int(whole), fraction, unit))
    if not unit:
        return Value("integer", int(whole))
    kind, factor = UNITS[unit]
    if int(whole) * factor > LARGEST_INTEGER:
        return fault("integer_too_large", text, text, amount(1, unit))
    return Value(kind, int(whole) * factor)


def amount(number: int, unit: str) -> Value:
    """So much of it, by what its letters tell where there is no such unit."""
    if not unit:
        return Value("integer", number)
    if unit not in UNITS:
        rate = "pps" if "pp" in unit else "bps"
        unit = rate if unit.endswith("ps") else "B" if unit[-1] in "bB" else "s"
    kind, factor = UNITS[unit]
    return Value(kind, min(number * factor, LARGEST_INTEGER))


def nearest_unit(unit: str) -> str | None:
    """The unit with the same letters in another case, or a usual name of one."""
    usual = {
        "sec": "s", "secs": "s", "second": "s", "seconds": "s", "min": "m", "mins": "m", "minutes": "m", "hour": "h", "hours": "h",
        "day": "d", "days": "d", "msec": "ms", "usec": "us", "µs": "us", "nsec": "ns", "k": "KiB", "kb": "KiB", "kib": "KiB",
        "mb": "MiB", "gb": "GiB", "tb": "TiB", "bytes": "B", "byte": "B", "kbit": "kbps", "mbit": "Mbps", "gbit": "Gbps",
    }  # fmt: skip
    by_case = {known.lower(): known for known in UNITS}
    return by_case.get(unit.lower()) or usual.get(unit.lower())


def without_fraction(whole: int, fraction: str, unit: str) -> str | None:
    """`1.5Mbps` is `1500kbps`: the same amount in a smaller unit, where there is one."""
    if unit not in UNITS:
        return None
    kind, factor = UNITS[unit]
    total, rest = divmod((whole * 10 ** len(fraction) + int(fraction)) * factor, 10 ** len(fraction))
    if rest:
        return None
    for name, (other, size) in sorted(UNITS.items(), key=lambda u: -u[1][1]):
        if other == kind and total % size == 0 and total:
            return f"{total // size}{name}"
    return None


def read_address(text: str) -> Value | LiteralFault:
    if text.startswith("["):
        inner, port = text[1:].split("]:")
        address = ipv6_value(inner)
        if address is None:
            return LiteralFault("not_an_address", "IPv6", 1, 1 + len(inner), Value("ipv6_endpoint", (0, 0)))
        return endpoint("ipv6_endpoint", address, port, text)
    if ":" in text.split(".")[0]:
        if "/" in text:
            return prefix("ipv6_prefix", "IPv6", 128, text)
        if "::" not in text and text.count(":") == 5 and "." not in text:
            return mac_value(text)
        address = ipv6_value(text)
        if address is None:
            what = "IPv6" if "::" in text or text.count(":") > 5 else "MAC or IPv6"
            return fault("not_an_address", what, text, Value("ipv6" if what == "IPv6" else "mac", 0))
        return Value("ipv6", address)
    if "/" in text:
        return prefix("ipv4_prefix", "IPv4", 32, text)
    plain, colon, port = text.partition(":")
    address = ipv4_value(plain)
    if address is None:
        instead = Value("ipv4_endpoint", (0, 0)) if colon else Value("ipv4", 0)
        return LiteralFault("not_an_address", "IPv4", 0, len(plain), instead)
    return endpoint("ipv4_endpoint", address, port, text) if colon else Value("ipv4", address)


def endpoint(kind: str, address: int, port: str, text: str) -> Value | LiteralFault:
    if not port.isdecimal() or not port.isascii() or len(port) > 5 or int(port) > 65535:
        return LiteralFault("not_a_port", port, len(text) - len(port), len(text), Value(kind, (address, 0)))
    return Value(kind, (address, int(port)))


def prefix(kind: str, family: str, width: int, text: str) -> Value | LiteralFault:
    plain, _, length = text.partition("/")
    address = ipv6_value(plain) if width == 128 else ipv4_value(plain)
    if address is None:
        return LiteralFault("not_an_address", family, 0, len(plain), Value(kind, (0, 0)))
    if not (length.isdecimal() and length.isascii()) or len(length) > 3 or int(length) > width:
        return LiteralFault("prefix_too_long", f"{family} {width}", len(plain), len(text), Value(kind, (address, width)))
    beyond = (1 << (width - int(length))) - 1
    if address & beyond:
        start = address & ~beyond
        shown = ipv6_text(start) if width == 128 else ipv4_text(start)
        return fault("bits_beyond_prefix", length, text, Value(kind, (start, int(length))), f"{shown}/{length}")
    return Value(kind, (address, int(length)))


def ipv4_value(text: str) -> int | None:
    octets = text.split(".")
    if len(octets) != 4:
        return None
    value = 0
    for octet in octets:
        # A leading zero means octal to some readers and nothing to others (RFC 6943, section 3.1.1).
        if not re.fullmatch(r"0|[1-9][0-9]{0,2}", octet) or int(octet) > 255:
            return None
        value = value << 8 | int(octet)
    return value


def ipv4_text(value: int) -> str:
    return ".".join(str(value >> shift & 255) for shift in (24, 16, 8, 0))


def ipv6_value(text: str) -> int | None:
    """RFC 4291, section 2.2: eight groups, `::` for one or more of zero, the last two perhaps as an IPv4 address."""
    if text.count("::") > 1 or ":::" in text:
        return None
    if "." in text:
        head, _, tail = text.rpartition(":")
        embedded = ipv4_value(tail)
        if embedded is None:
            return None
        text = f"{head}:{embedded >> 16:x}:{embedded & 0xFFFF:x}"
    left, double, right = text.partition("::")
    groups = left.split(":") if left else []
    rest = right.split(":") if right else []
    missing = 8 - len(groups) - len(rest)
    if (double and missing < 1) or (not double and missing != 0):
        return None
    value = 0
    for group in groups + ["0"] * missing + rest:
        if not re.fullmatch(r"[0-9a-fA-F]{1,4}", group):
            return None
        value = value << 16 | int(group, 16)
    return value


def ipv6_text(value: int) -> str:
    """RFC 5952: lower case, the longest run of zero groups as `::`."""
    groups = [f"{value >> shift & 0xFFFF:x}" for shift in range(112, -1, -16)]
    best = max(((run_of_zeros(groups, i), -i) for i in range(8)), default=(0, 0))
    length, start = best[0], -best[1]
    if length < 2:
        return ":".join(groups)
    return ":".join(groups[:start]) + "::" + ":".join(groups[start + length :])


def run_of_zeros(groups: list[str], start: int) -> int:
    end = start
    while end < len(groups) and groups[end] == "0":
        end += 1
    return end - start


def mac_value(text: str) -> Value | LiteralFault:
    if not re.fullmatch(r"[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}", text):
        return fault("not_an_address", "MAC", text, Value("mac", 0))
    return Value("mac", int(text.replace(":", ""), 16))


def read_hex(text: str) -> Value | LiteralFault:
    """`hex"90 90"`: pairs of digits, blanks between them where one likes."""
    inner = text[4:-1]
    digits = re.sub(r"[ \t\r]", "", inner)
    bad = re.search(r"[^0-9a-fA-F \t\r]", inner)
    if bad is not None:
        return LiteralFault("bad_hex", bad[0], 4 + bad.start(), 4 + bad.end(), Value("hex", b""))
    if len(digits) % 2:
        return fault("odd_hex", "", text, Value("hex", b""))
    return Value("hex", bytes.fromhex(digits))


def read_text(kind: str, text: str, start: int) -> Value | LiteralFault:
    """The text between the quotes with its escapes resolved; `start` is the offset of its first character."""
    inner = text[start:-1]
    if "\\" not in inner:
        return Value(kind, inner)
    parts: list[str] = []
    position = 0
    while (escape := inner.find("\\", position)) >= 0:
        parts.append(inner[position:escape])
        letter = inner[escape + 1]
        code = inner[escape + 2 : escape + 4]
        if letter in ESCAPES:
            parts.append(ESCAPES[letter])
            position = escape + 2
        elif letter == "x" and re.fullmatch("[0-7][0-9a-fA-F]", code):
            parts.append(chr(int(code, 16)))
            position = escape + 4
        elif letter == "x" and re.fullmatch("[0-9a-fA-F]{2}", code):
            return LiteralFault("escape_beyond_ascii", code, start + escape, start + escape + 4, Value(kind, inner))
        else:
            return LiteralFault("unknown_escape", letter, start + escape, start + escape + 2, Value(kind, inner))
    parts.append(inner[position:])
    return Value(kind, "".join(parts))
