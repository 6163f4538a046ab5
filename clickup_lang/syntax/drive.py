"""`Driver`: tokens of one declaration -> what its builder makes of them, or the place where they stop making sense.

A plain LR machine over `Table`: no recursion, so that no text is too deep for it, and one pass, so that its time is linear.
"""

from __future__ import annotations

from typing import Any

from clickup_lang.frozen import Frozen, replace
from clickup_lang.source import Span
from clickup_lang.syntax.build_declarations import TreeBuilder
from clickup_lang.syntax.scan import Token
from clickup_lang.syntax.table import END, NAME, NONE, Table

# A tree deeper than this would exhaust the stack of those who walk it. A hundred nested blocks of `if` make three hundred levels.
DEEPEST_TREE = 320

# Before one of these, a word that could be a keyword or a name is a name: `state = 3`, `send.count`, `match: 5`. So it is before
# `[`, where the keyword cannot stand before that: `state[k]`, but `push [ ... ]`.
AFTER_NAMES = frozenset(
    ["=", "+=", "-=", "|=", "&=", ".", ":", ")", "]", "=>", "==", "!=", "<", ">", "<=", ">=", "+", "*", "/", "%", "|", "^", "&",
     "<<", ">>", "+|", "-|", "..", "->"]
)  # fmt: skip

# What one token was, two are meant: the end of nested type arguments.
HALVES = {">>": (">", ">"), ">=": (">", "=")}


class Stop(Frozen):
    """Why and where there is no tree.

    `index` is that of the token that does not fit, `kind` what it was taken for, `states` the machine's stack before that token.
    With `deep` the tree would be too deep there.
    """

    index: int
    kind: str
    states: tuple[int, ...]
    deep: bool


class Driver:
    """The machine for one file's builder."""

    def __init__(self, table: Table, builder: TreeBuilder) -> None:
        self.table = table
        self.file = builder.file
        # What each rule does, flat for speed: origin, size, whether its only child stays as it is, whether it is spliced, the
        # builder's method, and the children.
        methods: dict[str | None, Any] = {r.action: r.action and getattr(builder, r.action) for r in table.rules}
        self.rules = [
            (r.origin, r.size, r.size == 1 and r.action is None and not r.spliced, r.spliced, methods[r.action], r.children)
            for r in table.rules
        ]
        self.shortcuts: dict[tuple[int, int, str], int] = {}

    def drive(self, tokens: list[Token]) -> object | Stop:
        """`tokens` end with one of kind END. What the builder found wrong with literals is in the builder."""
        stop = self.run(tokens, len(tokens))
        if not isinstance(stop, Stop):
            return stop
        # The machine reduces before it sees that a token does not fit; so it runs once more to stand before that token.
        before = self.run(tokens, stop.index)
        assert isinstance(before, Stop)
        return replace(stop, states=before.states)

    def run(self, tokens: list[Token], limit: int) -> object | Stop:
        """Like `drive`, but stops before the token at `limit`."""
        rows, gotos, accepting, rules = self.table.rows, self.table.gotos, self.table.accepting, self.rules
        shortcuts, file = self.shortcuts, self.file
        states = [self.table.start]
        values: list[Any] = [None]
        # Offsets and the depth of the tree, symbol by symbol, beside the states.
        starts, ends, depths = [0], [0], [0]
        index = 0
        half: Token | None = None
        while True:
            if half is not None:
                token, half = half, None
            elif index == limit:
                return Stop(index, "", tuple(states), False)
            else:
                token = tokens[index]
                index += 1
            kind = token.kind
            if kind == NAME:
                row = rows[states[-1]]
                if token.text in row and not (NAME in row and self.is_name(states, token.text, tokens[index].kind)):
                    kind = token.text
            while True:
                state = states[-1]
                move = rows[state].get(kind)
                if move is None:
                    if kind in HALVES and ">" in rows[state]:
                        kind, other = HALVES[kind]
                        half = Token(other, other, token.start + 1, token.end)
                        token = Token(kind, kind, token.start, token.start + 1)
                        continue
                    return Stop(index - 1, kind, (), False)
                if move >= 0:
                    states.append(move)
                    values.append(token)
                    starts.append(token.start)
                    ends.append(token.end)
                    depths.append(0)
                    break
                origin, size, passes, splices, method, children = rules[~move]
                if passes:
                    # A row of such rules leads from a primary to an expression; where it ends depends on these three only.
                    key = (states[-2], state, kind)
                    after = shortcuts.get(key)
                    if after is None:
                        after = shortcuts[key] = self.pass_through(states[-2], state, kind)
                    states[-1] = after
                    if after == accepting and kind == END:
                        return values[-1]
                    continue
                if size:
                    start, end = starts[-size], ends[-1]
                    depth = max(depths[-size:])
                    symbols = values[-size:]
                    del states[-size:], values[-size:], starts[-size:], ends[-size:], depths[-size:]
                else:
                    start = end = ends[-1]
                    depth = 0
                    symbols = []
                if splices:
                    value = spliced(symbols, children)
                elif method is None:
                    value = symbols[children[0]]
                else:
                    depth += 1
                    if depth > DEEPEST_TREE:
                        return Stop(index - 1, kind, (), True)
                    value = method(Span(file, start, end), *spliced(symbols, children))
                state = gotos[states[-1]][origin]
                states.append(state)
                values.append(value)
                starts.append(start)
                ends.append(end)
                depths.append(depth)
                if state == accepting and kind == END:
                    return value

    def is_name(self, states: list[int], word: str, next_kind: str) -> bool:
        """Whether a word that could be a keyword is shown to be a name by the token behind it."""
        if next_kind != "[":
            return next_kind in AFTER_NAMES
        rows = self.table.rows
        state = taker(self.table, tuple(states), word)
        return state is None or "[" not in rows[rows[state][word]]

    def pass_through(self, below: int, state: int, kind: str) -> int:
        """The state after all reductions, from `state` on that of `below`, by rules that only rename their child."""
        while True:
            move = self.table.rows[state].get(kind)
            if move is None or move >= 0 or not self.rules[~move][2]:
                return state
            state = self.table.gotos[below][self.rules[~move][0]]
            if state == self.table.accepting and kind == END:
                return state


def spliced(symbols: list[Any], children: tuple[int, ...]) -> list[Any]:
    """The children by their indices; a list in front grows in place, so that a row of `n` members takes `n` steps."""
    if children and children[0] < 0:
        kept: list[Any] = symbols[~children[0]]
        children = children[1:]
    else:
        kept = []
    for child in children:
        if child == NONE:
            kept.append(None)
        elif child >= 0:
            kept.append(symbols[child])
        else:
            kept += symbols[~child]
    return kept


def acceptable(table: Table, states: tuple[int, ...]) -> dict[str, int]:
    """The kinds of token that could follow where the machine stands, each with the state that would take it.

    A row alone tells of kinds that would fail after some reductions, and not of the rules that could begin after them.
    """
    found = {kind: taker(table, states, kind) for kind in table.rows[states[-1]]}
    return {kind: state for kind, state in found.items() if state is not None}


def taker(table: Table, states: tuple[int, ...], kind: str) -> int | None:
    stack = list(states)
    while True:
        move = table.rows[stack[-1]].get(kind)
        if move is None:
            return None
        if move >= 0:
            return stack[-1]
        rule = table.rules[~move]
        if rule.size:
            del stack[-rule.size :]
        stack.append(table.gotos[stack[-1]][rule.origin])
        if kind == END and stack[-1] == table.accepting:
            return stack[-1]
