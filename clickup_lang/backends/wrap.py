"""Long lines of C++ as several: lists in braces one element per line, chains of operators one operand per line."""

from __future__ import annotations

from collections.abc import Iterator

WIDTH = 128
CHAINS = (" || ", " && ", " | ")


def wrap(line: str) -> list[str]:
    """The line, or several in its place. A comment stays on the first."""
    code, sign, comment = line.partition("  // ")
    tail = f"{sign}{comment}"
    if len(code) <= WIDTH:
        return [line]
    indent = code[: len(code) - len(code.lstrip())]
    start = code.find("{")
    if 0 < start and code.rstrip().endswith(("};", "});")) and not code[start - 1].isspace():
        end = code.rindex("}")
        parts = list(split(code[start + 1 : end], ", "))
        inner = [line for n, part in enumerate(parts) for line in wrap(f"{indent}    {part}{',' if n < len(parts) - 1 else ''}")]
        return [code[: start + 1] + tail, *inner, indent + code[end:]]
    for chain in CHAINS:
        found = outermost(code, chain)
        if found is not None:
            begin, parts, rest = found
            lines = [code[:begin] + parts[0], *(f"{indent}    {chain.strip()} {part}" for part in parts[1:])]
            lines[-1] += rest
            lines[0] += tail
            return lines
    return [line]


def split(text: str, by: str) -> Iterator[str]:
    """The parts between separators that stand in no bracket."""
    depth = last = 0
    for at, char in enumerate(text):
        depth += (char in "([{") - (char in ")]}")
        if depth == 0 and text.startswith(by, at):
            yield text[last:at]
            last = at + len(by)
    yield text[last:]


def outermost(code: str, chain: str) -> tuple[int, list[str], str] | None:
    """A chain of operands: where it begins, its operands, and what follows them. The outermost bracket that holds one counts."""
    begin = 0
    text = code
    for start, end in [(0, len(code)), *brackets(code)]:
        text = code[start:end]
        parts = list(split(text, chain))
        if len(parts) > 1:
            return start + begin, parts, code[end:]
    return None


def brackets(code: str) -> Iterator[tuple[int, int]]:
    """The insides of brackets, outer ones first."""
    stack: list[int] = []
    found: list[tuple[int, int, int]] = []
    for at, char in enumerate(code):
        if char in "([{":
            stack.append(at)
        elif char in ")]}" and stack:
            start = stack.pop()
            found.append((len(stack), start + 1, at))
    for _, start, end in sorted(found):
        yield start, end
