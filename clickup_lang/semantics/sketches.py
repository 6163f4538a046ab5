"""Sketches and rankings: how much there was of each key, in bounded memory, and the keys with the most.

    state volume : sketch<ip_address> { error 0.01%, confidence 99.9%, window 10s keep 1, per worker merge sum }
    state top    : ranking<ip_address> { capacity 100, window 10s keep 1, per worker merge max }

A sketch is count-min (Cormode and Muthukrishnan 2005): `depth` rows of `width` counters; an estimate is too large by more than `error` of
all that was added with a probability of 1 - `confidence` at most, and never too small. A ranking holds the keys that were offered with the
largest numbers, the number offered last for each.
"""

from __future__ import annotations

from math import ceil, e, log
from typing import TYPE_CHECKING

from clickup_lang.semantics import problems as say
from clickup_lang.semantics.body import Body, StoreBinding
from clickup_lang.semantics.kind_values import RankedPart, SketchEstimate
from clickup_lang.semantics.model import AddToSketch, Code, Expression, OfferToRanking, StateInfo
from clickup_lang.semantics.periods import period_of
from clickup_lang.semantics.types import U64, RankingType, SketchType, Type, is_storable, show
from clickup_lang.syntax import tree

if TYPE_CHECKING:
    from clickup_lang.semantics.checker import Checker

SKETCH_ITEMS = ("error", "confidence", "window", "sync", "scope", "per worker merge")
RANKING_ITEMS = ("capacity", "window", "sync", "scope", "per worker merge")
MOST_BYTES = 1 << 30  # of a sketch, its earlier periods included
MOST_RANKED = 1 << 16


# -- declarations -------------------------------------------------------------------------------------------------------------


def make_sketch(checker: Checker, declaration: tree.State, type: SketchType, items: dict[str, tree.PolicyItem], sync: int | None) -> StateInfo | None:
    name = declaration.name
    error, confidence = (share_of(checker, declaration, items, kind) for kind in ("error", "confidence"))
    if not right_key(checker, declaration, type.key) or not right_merge(checker, items, "a sketch", ("sum",)) or error is None or confidence is None:
        return None
    period = period_of(checker, items["window"], declaration.span.file) if "window" in items else None
    if "window" in items and period is None:
        return None
    width, depth = ceil(e * error[1] / error[0]), max(ceil(log(confidence[1] / (confidence[1] - confidence[0]))), 1)
    size = width * depth * 8 * (1 + (period.keep if period is not None else 0))
    if size > MOST_BYTES:
        message = f"`{name.text}` would take {size >> 20} MiB, and a sketch takes at most {MOST_BYTES >> 20}"
        checker.problems.append(say.bad_policy(message, name.span, "let `error` be larger, or keep fewer periods"))
        return None
    return StateInfo(name.text, type, width * depth, None, None, "reject", sync, None, name.span, period=period, counters=(width, depth))


def make_ranking(checker: Checker, declaration: tree.State, type: RankingType, items: dict[str, tree.PolicyItem], sync: int | None) -> StateInfo | None:
    from clickup_lang.semantics.policies import table_capacity

    name = declaration.name
    capacity = table_capacity(checker, declaration, items, declaration.span.file)
    if not right_key(checker, declaration, type.key) or not right_merge(checker, items, "a ranking", ("sum", "max")) or capacity is None:
        return None
    if capacity > MOST_RANKED:
        checker.problems.append(say.bad_policy(f"a ranking holds at most {MOST_RANKED} keys", items["capacity"].span))
        return None
    period = period_of(checker, items["window"], declaration.span.file) if "window" in items else None
    return None if "window" in items and period is None else StateInfo(name.text, type, capacity, None, None, "reject", sync, None, name.span, period=period)


def right_key(checker: Checker, declaration: tree.State, key: Type) -> bool:
    if not is_storable(key):
        checker.problems.append(say.not_a_key(key, declaration.type.span))
    return is_storable(key)


def right_merge(checker: Checker, items: dict[str, tree.PolicyItem], what: str, rules: tuple[str, ...]) -> bool:
    """How the parts of several workers are put together."""
    merge = items.get("per worker merge")
    fits = merge is None or (merge.name is not None and merge.name.text in rules)
    if not fits and merge is not None:
        checker.problems.append(say.bad_policy(f"the parts of {what} are put together by {' or '.join(f'`{rule}`' for rule in rules)}", merge.span))
    return fits


def share_of(checker: Checker, declaration: tree.State, items: dict[str, tree.PolicyItem], kind: str) -> tuple[int, int] | None:
    """A percentage as a fraction between 0 and 1, without the ends."""
    item = items.get(kind)
    if item is None or item.value is None:
        example = "0.1%" if kind == "error" else "99.9%"
        checker.problems.append(say.bad_policy(f"nothing says the `{kind}` of `{declaration.name.text}`", declaration.name.span, f"write `{kind} {example}` in its policy"))
        return None
    if not isinstance(item.value, tree.Literal) or item.value.kind != "percent" or not isinstance(item.value.value, tuple):
        checker.problems.append(say.wanted("a percentage, as in `0.1%`,", item.value.span))
        return None
    part, whole = item.value.value
    if not 0 < part < whole:
        checker.problems.append(say.bad_policy(f"`{kind}` lies between 0% and 100%", item.value.span))
        return None
    return part, whole


# -- uses ---------------------------------------------------------------------------------------------------------------------


def kind_state(body: Body, written: tree.Expression, kind: type) -> tuple[str, Type] | None:
    """The state or parameter that a name means, where it is of that kind."""
    if not isinstance(written, tree.Name):
        return None
    bound = body.find(written.text)
    if isinstance(bound, StoreBinding):
        return (bound.name, bound.type) if isinstance(bound.type, kind) else None
    if bound is not None or not isinstance(body.checker.names.find(written.text, body.file), tree.State):
        return None
    state = body.checker.state(written.text)
    return (written.text, state.type) if state is not None and isinstance(state.type, kind) else None


def other_kind(body: Body, object: tree.Expression, method: str) -> None:
    """Reports `add` or `offer` of what is neither."""
    from clickup_lang.semantics.expressions import check_value

    wanted = "a `sketch`" if method == "add" else "a `ranking`"
    if isinstance(object, tree.Name) and (body.find(object.text) is None or isinstance(body.find(object.text), StoreBinding)):
        found = body.checker.container(body, object.text, object.span)
        if found is not None:
            body.problem(say.wrong_kind(object.text, f"a `{show(found[0])}`", wanted, object.span))
        return
    value = check_value(body, object)
    if value is not None:
        body.problem(say.wrong_type(value.type, wanted, object.span))


def check_estimate(body: Body, written: tree.Index) -> Expression | None:
    """`volume[key]`, which `kind_state` has found to be a sketch."""
    found = kind_state(body, written.object, SketchType)
    assert found is not None and isinstance(found[1], SketchType)
    key = wanted_key(body, written.index, found[0], found[1].key)
    return None if key is None else SketchEstimate(U64, found[0], key)


def check_add(body: Body, written: tree.Call, object: tree.Expression) -> Expression | None:
    """`volume.add(key, n)`: the estimate with it."""
    found = kind_state(body, object, SketchType)
    assert found is not None and isinstance(found[1], SketchType)
    given = key_and_amount(body, written, found[0], found[1].key, "add")
    return None if given is None else AddToSketch(found[0], *given, written.span, U64)


def check_offer(body: Body, written: tree.Call) -> Code | None:
    """`top.offer(key, n)` as a statement; None where it is something else, no code after a problem."""
    match written.callee:
        case tree.Member(object=object, name=tree.Identifier(text="offer")):
            found = kind_state(body, object, RankingType)
        case _:
            return None
    if found is None:
        return None
    assert isinstance(found[1], RankingType)
    given = key_and_amount(body, written, found[0], found[1].key, "offer")
    return () if given is None else (OfferToRanking(found[0], *given, written.span),)


def key_and_amount(body: Body, written: tree.Call, store: str, key: Type, method: str) -> tuple[Expression, Expression] | None:
    from clickup_lang.semantics.expressions import want

    if any(a.name is not None for a in written.arguments):
        body.problem(say.wanted(f"`{method}(key, n)`, without names,", written.span))
        return None
    if len(written.arguments) != 2:
        body.problem(say.wrong_arguments(method, "a key and a number", len(written.arguments), written.span))
        return None
    made = wanted_key(body, written.arguments[0].value, store, key)
    amount = want(body, written.arguments[1].value, U64, f"what is counted by `{store}`")
    return None if made is None or amount is None else (made, amount)


def wanted_key(body: Body, written: tree.Expression, store: str, key: Type) -> Expression | None:
    from clickup_lang.semantics.expressions import want

    return want(body, written, key, f"a key of `{store}`")


def ranked_part(body: Body, written: tree.Member) -> Expression | None:
    """`top[0].key`, of an index that `kind_state` has found to be into a ranking."""
    assert isinstance(written.object, tree.Index)
    found = kind_state(body, written.object.object, RankingType)
    assert found is not None and isinstance(found[1], RankingType)
    if body.kind != "test":
        body.problem(say.ranking_read(found[0], written.span))
        return None
    position = body.checker.integer(written.object.index, body.file)
    type = {"key": found[1].key, "count": U64}.get(written.name.text)
    if type is None:
        body.problem(say.unknown_field(written.name.text, f"a place in `{found[0]}`", written.name.span, ["key", "count"]))
    return None if position is None or type is None else RankedPart(type, found[0], position, written.name.text)
