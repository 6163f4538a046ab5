"""Fragments of C++: an expression with how tightly it binds, and lines of code.

Parentheses are put where a reader or a compiler's warning wants them, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable

from clickup_lang.frozen import Frozen

PRIMARY, UNARY, BINARY, COMPARISON, AND, OR, CHOICE = 7, 6, 5, 4, 3, 2, 1

Lines = list[str]


class Cpp(Frozen):
    """`constant` is the value where it is known when the kernel is made: a bool or an integer. `negated` is the opposite of a truth,
    where there is a shorter way to say it than `!`; it is a comparison too.
    `type` is the C++ type where a cast or a function says it."""

    text: str
    level: int = PRIMARY
    constant: bool | int | None = None
    negated: str = ""
    type: str = ""

    @property
    def primary(self) -> str:
        return self.text if self.level == PRIMARY else f"({self.text})"

    @property
    def unary(self) -> str:
        return self.text if self.level >= UNARY else f"({self.text})"

    @property
    def is_name(self) -> bool:
        return self.text.isidentifier()


TRUE = Cpp("true", constant=True)
FALSE = Cpp("false", constant=False)


def truth(value: bool) -> Cpp:
    return TRUE if value else FALSE


def binary(left: Cpp, operator: str, right: Cpp) -> Cpp:
    return Cpp(f"{left.unary} {operator} {right.unary}", BINARY)


OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


def comparison(left: Cpp, operator: str, right: Cpp) -> Cpp:
    """Of numbers, so that its opposite is another comparison."""
    text, opposite = (f"{left.unary} {sign} {right.unary}" for sign in (operator, OPPOSITE[operator]))
    return Cpp(text, COMPARISON, None, opposite)


def both(left: Cpp, right: Cpp) -> Cpp:
    if left.constant is not None:
        return right if left.constant else FALSE
    if right.constant is not None and right.constant:
        return left
    return Cpp(f"{within(left, AND)} && {within(right, AND)}", AND)


def either(left: Cpp, right: Cpp) -> Cpp:
    if left.constant is not None:
        return TRUE if left.constant else right
    if right.constant is not None and not right.constant:
        return left
    return Cpp(f"{within(left, OR)} || {within(right, OR)}", OR)


def within(operand: Cpp, level: int) -> str:
    """An operand of `&&` or `||`: comparisons and chains of the same stand bare."""
    return operand.text if operand.level >= COMPARISON or operand.level == level else f"({operand.text})"


def negation(operand: Cpp) -> Cpp:
    if operand.constant is not None:
        return truth(not operand.constant)
    if operand.negated:
        return Cpp(operand.negated, COMPARISON, None, operand.text)
    return Cpp(f"!{operand.primary}", UNARY)


def choice(condition: Cpp, then: Cpp, otherwise: Cpp) -> Cpp:
    if condition.constant is not None:
        return then if condition.constant else otherwise
    asked = condition.text if condition.level > CHOICE else f"({condition.text})"
    first = then.text if then.level > CHOICE else f"({then.text})"
    return Cpp(f"{asked} ? {first} : {otherwise.text}", CHOICE)


def call(function: str, *arguments: Cpp | str) -> Cpp:
    return Cpp(f"{function}({', '.join(a if isinstance(a, str) else a.text for a in arguments)})")


def cast(to: str, value: Cpp) -> Cpp:
    """Not twice to the same type."""
    return value if value.type == to else Cpp(f"static_cast<{to}>({value.text})", type=to)


def member(value: Cpp, *names: str) -> Cpp:
    return Cpp(".".join((value.primary, *names)))


def indented(lines: Iterable[str]) -> Lines:
    return [f"    {line}" if line and not line.startswith("#") else line for line in lines]


def quoted(text: str) -> str:
    """A C string literal on one line."""
    return quoted_bytes(text.encode())


def quoted_bytes(content: bytes) -> str:
    """A C string literal on one line, which holds these bytes and a zero behind them."""
    escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "?": "\\?"}
    out: list[str] = []
    for byte in content:
        char = chr(byte)
        out.append(escapes.get(char) or (char if 32 <= byte < 127 else f"\\{byte:03o}"))
    return '"' + "".join(out) + '"'
