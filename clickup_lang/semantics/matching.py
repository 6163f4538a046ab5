"""`match` over headers, enumerators and integers: arms, and whether they are all."""

from __future__ import annotations

from clickup_lang.semantics import problems as say
from clickup_lang.semantics.body import Body, HeaderBinding, Removal
from clickup_lang.semantics.constants import range_of
from clickup_lang.semantics.model import Code, CodeArm, Expression
from clickup_lang.semantics.types import Boolean, EnumType, Integer, Type, UnknownType
from clickup_lang.source import Span
from clickup_lang.syntax import tree


def check_arms(
    body: Body, written: tree.Match, expected: Type | None, wants_value: bool
) -> tuple[Expression | str, tuple[CodeArm, ...], list[Type | None]] | None:
    """The subject (a header's name, or a value), the arms, and each arm's type (None where it never ends normally)."""
    subject = check_subject(body, written)
    if subject is None:
        return None
    seen: dict[int | str, Span] = {}
    catch_all: Span | None = None
    arms: list[CodeArm] = []
    types: list[Type | None] = []
    after: dict[str, Removal] = {}
    before = dict(body.removed)
    for arm in written.arms:
        values: list[int | str] = []
        for pattern in arm.patterns:
            value = pattern_value(body, pattern, subject)
            if value is None:
                return None
            if value == "_":
                if catch_all is not None:
                    body.problem(say.arm_never_taken("_", pattern.span, catch_all))
                catch_all = pattern.span
                continue
            if value in seen or catch_all is not None:
                body.problem(say.arm_never_taken(pattern.name or str(pattern.integer), pattern.span, seen.get(value, catch_all)))
                return None
            seen[value] = pattern.span
            values.append(value)
        body.removed = dict(before)
        checked = check_arm_body(body, arm, expected, wants_value)
        if checked is None:
            return None
        code, falls, type = checked
        if falls:
            after |= body.removed
        expected = expected or (type if wants_value else None)
        arms.append(CodeArm(tuple(values), code, arm.span))
        types.append(type if wants_value else None if not falls else ANY_END)
    body.removed = {**before, **after}
    if catch_all is None and not is_total(body, written, subject, seen):
        return None
    return subject, tuple(arms), types


def head_of(written: tree.Match) -> Span:
    """`match subject`, where problems and steps of the whole are."""
    return Span(written.span.file, written.span.start, written.subject.span.end)


ANY_END = Boolean()  # stands for "falls through" in the types of arms without a value


def check_arm_body(body: Body, arm: tree.Arm, expected: Type | None, wants_value: bool) -> tuple[Code, bool, Type | None] | None:
    from clickup_lang.semantics.statements import check_block, value_of_block

    if wants_value:
        given = value_of_block(body, arm.body, expected)
        return None if given is None else (given[0], given[1] is not None, given[1])
    code, falls = check_block(body, arm.body)
    return code, falls, None


def check_subject(body: Body, written: tree.Match) -> Expression | str | None:
    from clickup_lang.semantics.expressions import check_value

    if isinstance(written.subject, tree.Name):
        name = written.subject.text
        bound = body.find(name)
        if isinstance(bound, HeaderBinding) or (bound is None and body.checker.header_names(name, body.file) is not None):
            return name
    value = check_value(body, written.subject)
    if value is not None and not isinstance(value.type, (EnumType, Integer, Boolean, UnknownType)):
        body.problem(say.wrong_type(value.type, "a header, an enum or an integer", written.subject.span))
        return None
    return value


def pattern_value(body: Body, pattern: tree.Pattern, subject: Expression | str) -> int | str | None:
    if pattern.bindings:
        body.problem(say.names_in_pattern(pattern.name or "", isinstance(subject, str), pattern.span))
        return None
    if pattern.name == "_":
        return "_"
    if isinstance(subject, str):
        return header_pattern(body, pattern, subject)
    match subject.type:
        case EnumType() as enum:
            value = enum.value_of(pattern.name) if pattern.name else None
            if value is None:
                body.problem(say.unknown_member(pattern.name or str(pattern.integer), f"`{enum.name}`", "enumerator", pattern.span, [n for n, _ in enum.enumerators]))
            return value
        case Boolean():
            if pattern.name not in ("true", "false"):
                body.problem(say.wanted("`true` or `false`", pattern.span))
                return None
            return int(pattern.name == "true")
        case UnknownType():
            return pattern.name or pattern.integer
        case _:
            return integer_pattern(body, pattern, subject.type)


def integer_pattern(body: Body, pattern: tree.Pattern, type: Type) -> int | None:
    value = pattern.integer
    if pattern.name is not None:
        if not isinstance(body.checker.names.find(pattern.name, body.file), tree.Const):
            body.problem(body.checker.names.unknown(pattern.name, "`const`", pattern.span))
            return None
        constant = body.checker.const(pattern.name)
        if constant is None:
            return None
        if not isinstance(constant.type, Integer):
            body.problem(say.wrong_type(constant.type, type, pattern.span))
            return None
        assert isinstance(constant.value, int)
        value = constant.value
    limits = range_of(type)
    assert value is not None and limits is not None
    if not limits[0] <= value <= limits[1]:
        body.problem(say.out_of_range(str(value), type, limits[0], limits[1], pattern.span))
        return None
    return value


def header_pattern(body: Body, pattern: tree.Pattern, subject: str) -> str | None:
    bound = body.find(subject)
    members = bound.members if isinstance(bound, HeaderBinding) else body.checker.header_names(subject, body.file) or ()
    found = next((m for m in members if pattern.name in (m, m.rpartition(".")[2])), None)
    if found is None:
        short = tuple(m.rpartition(".")[2] for m in members)
        body.problem(say.unknown_member(pattern.name or str(pattern.integer), f"`{subject}`", "member", pattern.span, short))
    return found


def is_total(body: Body, written: tree.Match, subject: Expression | str, seen: dict[int | str, Span]) -> bool:
    """Whether the arms name every value; for headers, `check_headers` asks that for each path."""
    if isinstance(subject, str):
        return True
    missing: list[str] = []
    rest = ""
    match subject.type:
        case EnumType(name=name, enumerators=enumerators):
            missing = [n for n, v in enumerators if v not in seen]
            rest = "what else may come in a packet" if body.checker.comes_in_packets(name) else ""
        case Boolean():
            missing = [n for n, v in (("false", 0), ("true", 1)) if v not in seen]
        case UnknownType():
            pass
        case _:
            limits = range_of(subject.type)
            assert limits is not None
            rest = "every other number" if len(seen) < limits[1] - limits[0] + 1 else ""
    if missing or rest:
        body.problem(say.match_not_total(missing, rest, head_of(written)))
    return not missing and not rest
