"""Token buckets: `b.take(n, rate: r, burst: b)` and `bucket.full(b)`.

A bucket is a field of a record in an entry, an entry's value, or a state. What flows in is a rate of bits, and then amounts are sizes; or
a rate of packets, and then amounts are integers.
"""

from __future__ import annotations

from types import NotImplementedType

from clickup_lang.semantics import problems as say
from clickup_lang.semantics.body import Body, StoreBinding
from clickup_lang.semantics.model import Expression, TakeTokens
from clickup_lang.semantics.types import BITRATE, BOOLEAN, BUCKET, PACKETRATE, SIZE, U64, BucketType, Integer, Type, show
from clickup_lang.semantics.values import EntryField, FullBucket
from clickup_lang.syntax import tree

# What one byte, or one packet, is in a bucket: a rate of 1/s fills it by 1 in each nanosecond.
BYTE, PACKET = 8_000_000_000, 1_000_000_000


def check_bucket_call(body: Body, written: tree.Call, object: tree.Expression, method: tree.Identifier) -> Expression | None | NotImplementedType:
    """`NotImplemented` where the call is about something else."""
    if isinstance(object, tree.Name) and object.text == "bucket" and body.find("bucket") is None:
        return check_full(body, written) if method.text == "full" else NotImplemented
    if method.text != "take":
        return NotImplemented
    place = bucket_place(body, object)
    return place if place is None or place is NotImplemented else check_take(body, written, place)


def check_full(body: Body, written: tree.Call) -> Expression | None:
    from clickup_lang.semantics.expressions import check_value
    from clickup_lang.semantics.joining import coerce

    if len(written.arguments) != 1 or written.arguments[0].name is not None:
        body.problem(say.wrong_arguments("bucket.full", "how much it holds", len(written.arguments), written.span))
        return None
    argument = written.arguments[0]
    amount = check_value(body, argument.value)
    if amount is None:
        return None
    if amount.type == SIZE:
        return FullBucket(amount, BYTE, BUCKET)
    if isinstance(amount.type, Integer) and not amount.type.signed:
        packets = coerce(body, amount, U64, argument.span, "`bucket.full`")
        return None if packets is None else FullBucket(packets, PACKET, BUCKET)
    body.problem(say.wrong_type(amount.type, "a size, or a number of packets,", argument.span))
    return None


def bucket_place(body: Body, object: tree.Expression) -> tuple[str | None, str | None, tuple[str, ...]] | None | NotImplementedType:
    """The entry and path, or the state, that the bucket lies in."""
    from clickup_lang.semantics.expressions import check_value

    if isinstance(object, tree.Name):
        bound = body.find(object.text)
        declared = body.checker.names.find(object.text, body.file) if bound is None else None
        if isinstance(bound, StoreBinding) and isinstance(bound.type, BucketType):
            return None, bound.name, ()
        if isinstance(declared, tree.State):
            state = body.checker.state(object.text)
            if state is None:
                return None
            if isinstance(state.type, BucketType):
                return None, object.text, ()
    if isinstance(object, tree.Name) and isinstance(body.checker.names.find(object.text, body.file), tree.State) and body.find(object.text) is None:
        body.problem(say.wrong_kind(object.text, "a state of another kind", "a `bucket`", object.span))
        return None
    value = check_value(body, object)
    if value is None:
        return None
    if isinstance(value, EntryField) and value.type == BUCKET and not value.of_key:
        return value.entry, None, value.path
    body.problem(say.wrong_type(value.type, BUCKET, object.span))
    return None


def check_take(body: Body, written: tree.Call, place: tuple[str | None, str | None, tuple[str, ...]]) -> Expression | None:
    given: dict[str, tree.Argument] = {}
    for position, argument in enumerate(written.arguments):
        name = argument.name.text if argument.name is not None else "" if position == 0 else None
        if name is None or name not in ("", "rate", "burst") or name in given:
            body.problem(say.wanted("`take(amount, rate: ..., burst: ...)`", argument.span))
            return None
        given[name] = argument
    if set(given) != {"", "rate", "burst"}:
        body.problem(say.wrong_arguments("take", "an amount, `rate` and `burst`", len(written.arguments), written.span))
        return None
    made = take_values(body, given)
    if made is None:
        return None
    amount, rate, burst, unit = made
    return TakeTokens(*place, amount, rate, burst, unit, written.span, BOOLEAN)


def take_values(body: Body, given: dict[str, tree.Argument]) -> tuple[Expression, Expression, Expression, int] | None:
    from clickup_lang.semantics.expressions import check_value, want

    rate = check_value(body, given["rate"].value)
    if rate is None:
        return None
    if rate.type not in (BITRATE, PACKETRATE):
        body.problem(say.wrong_type(rate.type, f"`{show(BITRATE)}` or `{show(PACKETRATE)}`", given["rate"].span))
        return None
    counted: Type = SIZE if rate.type == BITRATE else U64
    if counted == U64:
        for name in ("", "burst"):
            size = check_value(body, given[name].value, U64)
            if size is not None and size.type == SIZE:
                body.problem(say.wrong_type(SIZE, "a number of packets", given[name].span))
                return None
    amount = want(body, given[""].value, counted, "the amount")
    burst = want(body, given["burst"].value, counted, "`burst`")
    if amount is None or burst is None:
        return None
    return amount, rate, burst, BYTE if rate.type == BITRATE else PACKET
