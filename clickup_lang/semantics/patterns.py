"""Pattern matchers: `config rules : patterns = ["/etc/passwd", nocase "select", hex"90 90"]`, and searching the payload with them.

A `match_position of rules` is how far a search has come: it is kept in an entry between two packets of a stream, so that a pattern which
lies over both is found. It begins as `rules.start`, and `scan payload with rules from s.position { found rule => { } }` moves it. A `rule of
rules` says which pattern was found; since the operator may change the patterns at any time, it is reported or held by a local, not kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clickup_lang.semantics import problems as say
from clickup_lang.semantics.body import Body, BrokenBinding, LocalBinding
from clickup_lang.semantics.kind_values import PatternStart
from clickup_lang.semantics.model import (
    AddToSketch, CallCode, CallValue, Code, ConfigInfo, Expression, FindCode, InsertEntry, LetEntry, LetLease, OfferToRanking, ParseHeader, PopTo, PushLayers,
    RemoveEntry, RemoveKey, ScanPayload, SendCopy, SendNew, SetElementValue,
)  # fmt: skip
from clickup_lang.semantics.types import SIZE, OfType, PatternsType, Type, ViewType
from clickup_lang.semantics.values import ConfigSize, EntryField, InStore, Local
from clickup_lang.source import Span
from clickup_lang.source.nodes import nodes
from clickup_lang.syntax import tree

if TYPE_CHECKING:
    from clickup_lang.semantics.checker import Checker

LONGEST_PATTERN = 1024
Pattern = tuple[bytes, bool]  # its bytes, and whether upper and lower case are the same


# -- declarations -------------------------------------------------------------------------------------------------------------


def make_patterns(checker: Checker, declaration: tree.Config, type: PatternsType) -> ConfigInfo | None:
    from clickup_lang.semantics.declarations import config_capacity

    name = declaration.name
    patterns = pattern_values(checker, declaration.initial) if declaration.initial is not None else ()
    capacity = config_capacity(checker, declaration, patterns)
    return None if patterns is None else ConfigInfo(name.text, type, patterns, name.span, capacity)


def pattern_values(checker: Checker, written: tree.Expression) -> tuple[Pattern, ...] | None:
    """The patterns of a list, in the order in which they are written; none is there twice. None after a problem."""
    if not isinstance(written, tree.ListValue):
        checker.problems.append(say.wanted('a list of patterns, as in `["/etc/passwd"]`,', written.span))
        return None
    where: dict[Pattern, Span] = {}
    for item in written.items:
        pattern = pattern_of(item)
        if pattern is None:
            checker.problems.append(say.wanted('a pattern (`"text"`, `nocase "text"` or `hex"90 90"`)', item.span))
            return None
        if not 1 <= len(pattern[0]) <= LONGEST_PATTERN:
            checker.problems.append(say.out_of_range(say.counted(len(pattern[0]), "byte"), "a pattern", 1, LONGEST_PATTERN, item.span))
            return None
        if pattern in where:
            checker.problems.append(say.pattern_twice(item.span, where[pattern]))
            return None
        where[pattern] = item.span
    return tuple(where)


def pattern_of(item: tree.ListItem) -> Pattern | None:
    match item:
        case tree.ListItem(key=None, value=tree.Literal(kind="text", value=str() as text)):
            return text.encode(), False
        case tree.ListItem(key=None, value=tree.Literal(kind="nocase", value=str() as text)):
            return text.encode().lower(), True
        case tree.ListItem(key=None, value=tree.Literal(kind="hex", value=bytes() as content)):
            return content, False
        case _:
            return None


def patterns_type(checker: Checker, written: tree.TypeExpression, file: str) -> Type | None:
    """`match_position of rules`, `rule of rules`."""
    assert written.of is not None
    name, span = written.of.text, written.of.span
    declared = checker.names.find(name, file)
    if isinstance(declared, tree.Config) and declared.type.name.text == "patterns":
        return OfType(written.name.text, name)
    if declared is None:
        matchers = tuple(d.name.text for d in checker.names.of_kind(tree.Config) if d.name)
        checker.problems.append(checker.names.unknown(name, "config", span, matchers))
    else:
        kind = "a `config` of another type" if isinstance(declared, tree.Config) else checker.kind_of(declared)
        checker.problems.append(say.wrong_kind(name, kind, "a `config` of type `patterns`", span, checker.declared_at(name)))
    return None


# -- uses ---------------------------------------------------------------------------------------------------------------------


def patterns_named(body: Body, written: tree.Expression) -> str | None:
    """The matcher that a name means."""
    if not isinstance(written, tree.Name) or body.find(written.text) is not None:
        return None
    declared = body.checker.names.find(written.text, body.file)
    return written.text if isinstance(declared, tree.Config) and declared.type.name.text == "patterns" else None


def patterns_member(body: Body, config: str, field: tree.Identifier) -> Expression | None:
    """`rules.start`, `rules.size`."""
    match field.text:
        case "start":
            return PatternStart(OfType("match_position", config), config)
        case "size":
            return ConfigSize(config, SIZE)
        case other:
            body.problem(say.unknown_field(other, f"`{config}`", field.span, ["start", "size"]))
            return None


def check_scan(body: Body, statement: tree.Scan) -> Code:
    """`scan payload with rules from s.position { found rule => { } }`; no code after a problem."""
    from clickup_lang.semantics.expressions import check_value

    matcher = tree.Name(statement.patterns.text, statement.patterns.span)
    config = patterns_named(body, matcher)
    subject = check_value(body, statement.subject)
    if config is None:
        not_a_matcher(body, statement.patterns)
    if subject is not None and not isinstance(subject.type, ViewType):
        body.problem(say.wrong_type(subject.type, "bytes of the packet (`payload`, or a view of it)", statement.subject.span))
        subject = None
    position = position_of(body, statement.start, config) if config is not None else None
    found, code = check_found(body, statement, config)
    if config is None or subject is None or position is None:
        return ()
    entry, path, local = position
    return (ScanPayload(subject, config, entry, path, local, found, code, statement.span),)


def not_a_matcher(body: Body, name: tree.Identifier) -> None:
    declared = body.checker.names.find(name.text, body.file)
    if declared is None or body.find(name.text) is not None:
        body.problem(body.checker.names.unknown(name.text, "matcher", name.span))
    else:
        kind = "a `config` of another type" if isinstance(declared, tree.Config) else body.checker.kind_of(declared)
        body.problem(say.wrong_kind(name.text, kind, "a `config` of type `patterns`", name.span, body.checker.declared_at(name.text)))


def position_of(body: Body, written: tree.Expression, config: str) -> tuple[str | None, tuple[str, ...], str | None] | None:
    """Where the position lies that the search moves: an entry and a path in it, or a local."""
    from clickup_lang.semantics.expressions import check_value

    wanted = OfType("match_position", config)
    value = check_value(body, written)
    if value is None:
        return None
    if value.type != wanted:
        body.problem(say.wrong_type(value.type, wanted, written.span))
        return None
    match value:
        case EntryField(entry=entry, path=path, of_key=False):
            return entry, path, None
        case Local(name=name) if is_mutable(body, written):
            return None, (), name
        case _:
            body.problem(say.position_not_kept(config, written.span))
            return None


def is_mutable(body: Body, written: tree.Expression) -> bool:
    bound = body.find(written.text) if isinstance(written, tree.Name) else None
    return isinstance(bound, LocalBinding) and bound.mutable


def check_found(body: Body, statement: tree.Scan, config: str | None) -> tuple[str, Code]:
    """What is done at each match: the name of the local that is the rule, and the code."""
    from clickup_lang.semantics.lets import bind_new
    from clickup_lang.semantics.statements import check_block

    name = body.unique(statement.found.text)
    loops, body.loops = body.loops, 0
    with body:
        type = OfType("rule", config or "")
        if config is None:
            body.bind(statement.found.text, BrokenBinding(statement.found.span))
        else:
            bind_new(body, statement.found.text, LocalBinding(name, type, False, statement.found.span))
        code, _ = check_block(body, statement.body)
    body.loops = loops
    at_match(body, code, statement.found.span, frozenset())
    return name, code


def at_match(body: Body, code: Code, found: Span, inside: frozenset[str], called: Span | None = None) -> bool:
    """Whether the code does only what may be done as often as there are matches; also in the functions that it calls."""
    for node in nodes(code):
        if isinstance(node, (CallCode, CallValue)) and node.function not in inside:
            function = body.checker.function(node.function, node.span)
            if function is not None and not at_match(body, function.code, found, inside | {node.function}, called or node.span):
                return False
        what = what_is_done(node)
        if what is not None:
            body.problem(say.not_at_match(what, called or getattr(node, "span", found), found))
            return False
    return True


def what_is_done(node: object) -> str | None:
    match node:
        case FindCode() | LetEntry() | InStore():
            return "look entries up"
        case InsertEntry() | RemoveEntry() | RemoveKey() | LetLease():
            return "make entries or remove them"
        case AddToSketch() | OfferToRanking() | SetElementValue():
            return "write arrays, sketches or rankings"
        case SendCopy() | SendNew() | PushLayers() | PopTo() | ParseHeader() | ScanPayload():
            return "send, parse or search"
        case _:
            return None
