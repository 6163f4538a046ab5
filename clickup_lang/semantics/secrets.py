"""Secrets: keys that are made at random, change with time, and are never shown.

    state keys : secret { rotate 64s keep 1 }

`keys.current` is the key of now, `keys.generation` its number, `keys.of(generation: g) else { }` the key of a number, while it is kept.
`key.hash(a, b)` is what a key is for. A key is a parameter of a function or a local, and nothing else holds one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clickup_lang.semantics import problems as say
from clickup_lang.semantics.body import Body
from clickup_lang.semantics.kind_values import CurrentGeneration, SecretHash, SecretIsKept, SecretKey
from clickup_lang.semantics.model import Expression, StateInfo
from clickup_lang.semantics.periods import period_of
from clickup_lang.semantics.sketches import kind_state
from clickup_lang.semantics.types import BOOLEAN, SECRET, U8, U64, Integer, SecretType, bits_of, is_storable
from clickup_lang.syntax import tree

if TYPE_CHECKING:
    from clickup_lang.semantics.checker import Checker

SECRET_ITEMS = ("rotate", "sync", "scope")
OFFERED = ("current", "generation")


def make_secret(checker: Checker, declaration: tree.State, items: dict[str, tree.PolicyItem], sync: int | None) -> StateInfo | None:
    name = declaration.name
    period = period_of(checker, items["rotate"], declaration.span.file) if "rotate" in items else None
    return None if "rotate" in items and period is None else StateInfo(name.text, SECRET, 1, None, None, "reject", sync, None, name.span, period=period)


def secret_member(body: Body, written: tree.Member) -> Expression | None:
    """`keys.current`, `keys.generation`, of a name that `kind_state` has found to be a secret."""
    found = kind_state(body, written.object, SecretType)
    assert found is not None
    match written.name.text:
        case "current":
            return SecretKey(SECRET, found[0], None)
        case "generation":
            return CurrentGeneration(U8, found[0])
        case "of" | "hash":
            call = "of(generation: g)" if written.name.text == "of" else "current.hash(...)"
            body.problem(say.wanted(f"a call, as in `{found[0]}.{call}`,", written.span))
        case other:
            body.problem(say.unknown_field(other, f"the secret `{found[0]}`", written.name.span, OFFERED))
    return None


def generation_call(body: Body, written: tree.Expression) -> tuple[str, tree.Call] | None:
    """`keys.of(generation: g)`."""
    match written:
        case tree.Call(callee=tree.Member(object=object, name=tree.Identifier(text="of"))):
            found = kind_state(body, object, SecretType)
            return None if found is None else (found[0], written)
        case _:
            return None


def check_generation(body: Body, secret: str, written: tree.Call) -> Expression | None:
    """The number that `keys.of(generation: g)` asks for: the key is meant whose number has the same low bits, as many as `g` has."""
    from clickup_lang.semantics.expressions import check_value

    arguments = written.arguments
    if len(arguments) != 1 or arguments[0].name is None or arguments[0].name.text != "generation":
        body.problem(say.wanted(f"`{secret}.of(generation: g)`", written.span))
        return None
    number = check_value(body, arguments[0].value, U8)
    if number is not None and not (isinstance(number.type, Integer) and not number.type.signed):
        body.problem(say.wrong_type(number.type, "an unsigned number", arguments[0].span))
        return None
    state = None if number is None else body.checker.state_behind(body, secret)
    kept = state.period.keep + 1 if state is not None and state.period is not None else 1
    if number is not None and kept > 1 << min(bits_of(number.type) or 0, 8):
        body.problem(say.bad_policy(f"`{secret}` keeps {kept} keys, and this number is too narrow to tell them apart", arguments[0].span))
        return None
    return number


def kept_key(secret: str, generation: Expression) -> tuple[Expression, Expression]:
    """Whether the key of a generation is there, and the key where it is."""
    return SecretIsKept(BOOLEAN, secret, generation), SecretKey(SECRET, secret, generation)


def check_secret_hash(body: Body, written: tree.Call, object: tree.Expression) -> Expression | None:
    """`key.hash(a, b)`."""
    from clickup_lang.semantics.expressions import check_value

    found = kind_state(body, object, SecretType)
    if found is not None:
        body.problem(say.wanted(f"one of its keys, as in `{found[0]}.current.hash(...)`,", object.span))
        return None
    key = check_value(body, object)
    values = [check_value(body, a.value) for a in written.arguments]
    if key is None or any(v is None for v in values):
        return None
    if not isinstance(key.type, SecretType):
        body.problem(say.wrong_type(key.type, "a key of a `secret`", object.span))
        return None
    if not values:
        body.problem(say.wrong_arguments("hash", "one value or more", 0, written.span))
        return None
    for argument, value in zip(written.arguments, values):
        if value is not None and not is_storable(value.type):
            body.problem(say.not_stored("what is hashed", value.type, argument.span))
            return None
    return SecretHash(U64, key, tuple(v for v in values if v is not None))
