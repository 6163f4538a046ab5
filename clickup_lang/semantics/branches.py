"""`if` and `match` of the tree that have a value -> typed expressions."""

from __future__ import annotations

from collections.abc import Callable

from clickup_lang.frozen import replace
from clickup_lang.semantics import problems as say
from clickup_lang.semantics.body import Body, EntryBinding, LocalBinding
from clickup_lang.semantics.joining import join, widen
from clickup_lang.semantics.model import Code, CodeArm, Expression, Give, IfValue, MatchValue
from clickup_lang.semantics.types import BOOLEAN, Type
from clickup_lang.source import Span
from clickup_lang.syntax import tree


def check_if(body: Body, written: tree.If, expected: Type | None) -> Expression | None:
    from clickup_lang.semantics.expressions import want

    if written.binding is not None:
        from clickup_lang.semantics.if_let import check_if_let_value

        return check_if_let_value(body, written, expected)
    condition = want(body, written.condition, BOOLEAN)
    branches = branches_with_values(body, written, expected, None)
    if condition is None or branches is None:
        return None
    return joined_branches(body, branches, written.span, lambda codes, type: IfValue(condition, codes[0], codes[1], type, written.span))


def branches_with_values(
    body: Body, written: tree.If, expected: Type | None, binding: EntryBinding | LocalBinding | None
) -> list[tuple[Code, Type | None]] | None:
    """Both branches, each with the type of its value; in the first there is what `if let` binds. None after a problem."""
    from clickup_lang.semantics.lets import bind_new
    from clickup_lang.semantics.statements import value_of_block

    if written.otherwise is None:
        body.problem(say.value_wanted(written.span, "say what it is otherwise: `else { ... }`"))
        return None
    before = dict(body.removed)
    with body:
        if binding is not None and written.binding is not None:
            bind_new(body, written.binding.text, binding)
        then = value_of_block(body, written.then, expected)
    after = dict(body.removed) if then is not None and then[1] is not None else {}
    body.removed = dict(before)
    expected = expected or (then[1] if then is not None else None)
    if isinstance(written.otherwise, tree.If):
        inner = check_if(body, written.otherwise, expected)
        otherwise = None if inner is None else (given(inner, written.otherwise.span), inner.type)
    else:
        otherwise = value_of_block(body, written.otherwise, expected)
    if then is None or otherwise is None:
        return None
    body.removed = {**before, **after, **(body.removed if otherwise[1] is not None else {})}
    return [then, otherwise]


def given(value: Expression, span: Span) -> Code:
    return (Give(value, span),)


def joined_branches(
    body: Body, branches: list[tuple[Code, Type | None]], span: Span, make: Callable[[list[Code], Type], Expression]
) -> Expression | None:
    """Branches whose values are widened to one type; one that never ends normally has none."""
    joined: Type | None = None
    for _, type in branches:
        if type is not None:
            both = type if joined is None else join(joined, type)
            if both is None:
                assert joined is not None
                body.problem(say.wrong_type(type, joined, span))
                return None
            joined = both
    if joined is None:
        body.problem(say.value_wanted(span, "no branch of it goes on"))
        return None
    codes: list[Code] = []
    for code, type in branches:
        last = code[-1] if code else None
        codes.append((*code[:-1], replace(last, value=widen(last.value, joined))) if type is not None and isinstance(last, Give) else code)
    return make(codes, joined)


def check_match(body: Body, written: tree.Match, expected: Type | None) -> Expression | None:
    from clickup_lang.semantics.matching import check_arms, head_of

    checked = check_arms(body, written, expected, wants_value=True)
    if checked is None:
        return None
    subject, arms, types = checked

    def make(codes: list[Code], type: Type) -> Expression:
        return MatchValue(subject, tuple(CodeArm(a.values, c, a.span) for a, c in zip(arms, codes)), type, head_of(written))

    return joined_branches(body, [(a.code, t) for a, t in zip(arms, types)], written.span, make)
