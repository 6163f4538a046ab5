"""`build_table`: `grammar/cup.lark` -> the table that the driver follows. The only module that imports lark.

Lark reads the grammar, expands its lists and options, and computes the LALR(1) automaton; the table is taken from the form in
which Lark saves itself (`memo_serialize`, as its stand-alone generator does), so nothing here reaches into its insides.
"""

from __future__ import annotations

import re
from typing import Any, cast

from clickup_lang.share import share
from clickup_lang.syntax.table import END, NONE, Rule, Table

# Lark names a rule made for `(x y)*` after the rule it stands in; its children belong to that one, as those of `_name` rules do.
SPLICED = "_"


def grammar_text() -> str:
    return (share("grammar") / "cup.lark").read_text(encoding="utf-8")


def build_table() -> Table:
    """Holds afterwards: every state, rule and kind that a declaration can meet is in the table. Raises lark's `GrammarError` for a
    grammar that is wrong or has conflicts between reductions."""
    saved, memory = saved_by_lark()
    terminals = [memory[t["@"]] for t in saved["parser"]["lexer_conf"]["terminals"]]
    kinds = {t["name"]: kind_of(t) for t in terminals} | {"$END": END}
    automaton: dict[str, Any] = saved["parser"]["parser"]
    rows, gotos, rules, accepting = renumbered(automaton, kinds, memory)
    fixed: list[str] = [t["pattern"]["value"] for t in terminals if t["pattern"]["__type__"] == "PatternStr"]
    shaped = sorted((t for t in terminals if t["pattern"]["__type__"] == "PatternRE"), key=lambda t: (-t["priority"], t["name"]))
    return Table(
        patterns=tuple((kinds[t["name"]], t["pattern"]["value"]) for t in shaped if not t["name"].startswith("_")),
        punctuation=tuple(sorted((f for f in fixed if not f[0].isalpha()), key=lambda f: (-len(f), f))),
        words=frozenset(f for f in fixed if f[0].isalpha()),
        rows=tuple(rows),
        gotos=tuple(gotos),
        rules=tuple(rules),
        start=0,
        accepting=accepting,
        first=first_kinds([memory[r["@"]] for r in saved["rules"]], kinds),
    )


def saved_by_lark() -> tuple[dict[str, Any], dict[int, dict[str, Any]]]:
    """The parser as Lark saves it: a tree of builtin values, and the terminals and rules that it refers to by number."""
    from lark import Lark
    from lark.grammar import Rule as LarkRule
    from lark.lexer import TerminalDef

    parser = Lark(grammar_text(), parser="lalr", start="declaration", maybe_placeholders=True)
    return cast("tuple[dict[str, Any], dict[int, dict[str, Any]]]", parser.memo_serialize([TerminalDef, LarkRule]))  # pyright: ignore


def renumbered(
    automaton: dict[str, Any], kinds: dict[str, str], memory: dict[int, dict[str, Any]]
) -> tuple[list[dict[str, int]], list[dict[str, int]], list[Rule], int]:
    """Rows, gotos, rules and the accepting state, numbered in the order in which they are met from the start.

    Lark's own numbers differ from run to run; the same grammar shall always give the same table.
    """
    symbols: dict[int, str] = automaton["tokens"]
    start: int = automaton["start_states"]["declaration"]
    states = {start: 0}
    waiting = [start]
    rules: dict[int, int] = {}
    rows: list[dict[str, int]] = []
    gotos: list[dict[str, int]] = []
    for state in waiting:
        rows.append({})
        gotos.append({})
        moves = sorted((symbols[s], reduces, argument) for s, (reduces, argument) in automaton["states"][state].items())
        for name, reduces, argument in moves:
            if reduces:
                rows[-1][kinds[name]] = ~rules.setdefault(argument["@"], len(rules))
                continue
            if argument not in states:
                states[argument] = len(states)
                waiting.append(argument)
            (rows[-1] if name in kinds else gotos[-1])[kinds.get(name, name)] = states[argument]
    return rows, gotos, [rule_from(memory[number]) for number in rules], states[automaton["end_states"]["declaration"]]


def kind_of(terminal: dict[str, Any]) -> str:
    """A fixed text is its own kind."""
    if terminal["pattern"]["__type__"] == "PatternStr":
        return terminal["pattern"]["value"]
    return f"<{terminal['name']}>"


def rule_from(saved: dict[str, Any]) -> Rule:
    """What the driver does where Lark would make a tree: the same children, in the same order."""
    origin: str = saved["origin"]["name"]
    expansion: list[dict[str, Any]] = saved["expansion"]
    gaps = gaps_before(saved["options"]["empty_indices"], len(expansion))
    children: list[int] = []
    for index, symbol in enumerate(expansion):
        children += [NONE] * gaps[index]
        if symbol["__type__"] == "NonTerminal" and symbol["name"].startswith(SPLICED):
            children.append(~index)
        elif not symbol.get("filter_out"):
            children.append(index)
    children += [NONE] * gaps[len(expansion)]
    spliced = origin.startswith(SPLICED)
    passes = saved["options"]["expand1"] and saved["alias"] is None and len(children) == 1 and 0 <= children[0] < NONE
    action = None if spliced or passes else (saved["alias"] or re.sub(r"\{.*", "", origin))
    return Rule(origin, len(expansion), action, spliced, tuple(children))


def gaps_before(empty: tuple[bool, ...], size: int) -> list[int]:
    """How many options that were not taken stand before each symbol, and after the last: Lark tells of both in one row of marks."""
    gaps = [0] * (size + 1)
    position = 0
    for absent in empty:
        if absent:
            gaps[position] += 1
        else:
            position += 1
    return gaps


def first_kinds(rules: list[dict[str, Any]], kinds: dict[str, str]) -> dict[str, frozenset[str]]:
    """The kinds that may begin each origin. No rule of this grammar begins with one that may be empty."""
    first: dict[str, set[str]] = {r["origin"]["name"]: set() for r in rules}
    grew = True
    while grew:
        grew = False
        for rule in rules:
            if not rule["expansion"]:
                continue
            name: str = rule["expansion"][0]["name"]
            new = first[name] if name in first else {kinds[name]}
            mine = first[rule["origin"]["name"]]
            if not new <= mine:
                mine |= new
                grew = True
    return {origin: frozenset(found) for origin, found in first.items()}
