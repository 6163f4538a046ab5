"""`upgrade from N { }` and `upgrade to N { }`: rules, merges and losses, as far as they can be checked without the version before.

After it: every container and field of this version that a block names is there, values fit, and rules read nothing but what an entry was,
`now`, constants, params and config. Names of the other version are not checked: its schema is not at hand, which one note says. `from`
gives entries of this version, and `old` is one of version N; `to` goes the other way, and `old` is one of this version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clickup_lang.frozen import Frozen
from clickup_lang.semantics import problems as say
from clickup_lang.semantics.body import Body, EntryBinding, LocalBinding
from clickup_lang.semantics.containers import Container, container_named
from clickup_lang.semantics.expressions import check_value, want
from clickup_lang.semantics.merges import check_merges
from clickup_lang.semantics.byte_values import PayloadView
from clickup_lang.semantics.kind_values import KindValue
from clickup_lang.semantics.model import (
    BlockValue, CallCode, CallValue, CodeArm, Expression, Give, HasHeader, HeaderChecksumHolds, HeaderField, HeaderIsWhole, HasField, HeaderRest, IfCode, IfValue, LetValue,
    MatchCode, MatchValue, ReturnValue, SetHeaderField, SetLocal, SwapHeaderFields,
)  # fmt: skip
from clickup_lang.semantics.types import (
    BOOLEAN, UNKNOWN, Boolean, BucketType, BytesType, EnumType, FieldType, FoundType, Integer, LeaseType, LpmType, MapType, NoType, RecordType,
    Scalar, Type, UnknownType, key_type,
)  # fmt: skip
from clickup_lang.semantics.values import (
    AndAlso, Arrived, Choose, Compare, ConfigLookup, ConfigSize, ConfigValue, Constant, Convert, ElementOf, EntryField, FieldOf, FullBucket, HashOf,
    InConfigSet, InStore, Invert, IsFound, Local, MakeRecord, Masked, Negate, Now, Operate, OrElse, PacketLength, ParamValue, PartOf, PayloadLength,
    ReadCell, ReadTag, StoreSize,
)  # fmt: skip
from clickup_lang.source import Span
from clickup_lang.source.nodes import nodes
from clickup_lang.syntax import tree

if TYPE_CHECKING:
    from clickup_lang.semantics.checker import Checker

# What a rule is made of: the same entry gives the same one, whenever and wherever it is carried over.
RULE_NODES = (
    AndAlso, Choose, Compare, ConfigLookup, ConfigSize, ConfigValue, Constant, Convert, EntryField, FieldOf, FullBucket, HashOf, InConfigSet,
    Invert, IsFound, Local, MakeRecord, Masked, Negate, Now, Operate, OrElse, ParamValue, PartOf,
    BlockValue, CallValue, CodeArm, Give, IfCode, IfValue, LetValue, MatchCode, MatchValue, ReturnValue, SetLocal,
    Boolean, BucketType, BytesType, EnumType, FieldType, FoundType, Integer, LeaseType, NoType, RecordType, Scalar, UnknownType,
)  # fmt: skip


def check_upgrades(checker: Checker) -> None:
    """Reports what is wrong with the upgrades of the program, and once that the version before is not known."""
    service = checker.names.service
    seen: dict[tuple[str, int], Span] = {}
    unknown: list[Span] = []
    for upgrade in checker.names.upgrades:
        end = (upgrade.direction, upgrade.version)
        if end in seen:
            checker.problems.append(say.given_twice(f"upgrade {upgrade.direction} {upgrade.version}", head_of(upgrade), seen[end]))
        elif service is not None and not 1 <= upgrade.version < service.version:
            checker.problems.append(say.no_earlier_version(upgrade.direction, upgrade.version, service.version, head_of(upgrade), service.span))
        seen.setdefault(end, head_of(upgrade))
        UpgradeCheck(checker, upgrade).check()
        unknown += names_of_old(upgrade)
    if unknown:
        checker.problems.append(say.history_lacking(min(unknown, key=lambda span: span.start)))


def head_of(upgrade: tree.Upgrade) -> Span:
    return Span(upgrade.span.file, upgrade.span.start, upgrade.span.start + len(f"upgrade {upgrade.direction} {upgrade.version}"))


def names_of_old(upgrade: tree.Upgrade) -> list[Span]:
    """Where the upgrade names what only the other version can confirm."""
    if upgrade.direction == "to":
        return [item.container.span for item in upgrade.items if isinstance(item, tree.UpgradeBlock)]
    found = [n.span for n in nodes(upgrade.items) if isinstance(n, tree.Name) and n.text == "old"]
    for item in upgrade.items:
        match item:
            case tree.UpgradeBlock(source=tree.Identifier(span=span)):
                found.append(span)
            case tree.Lose(path=path, condition=None):
                found.append(path[-1].span)
            case _:
                pass
    return found


class Taken(Frozen):
    """What some item of the upgrade says already, and where."""

    span: Span
    is_lost: bool


class UpgradeCheck:
    """Mutable while one upgrade is checked."""

    def __init__(self, checker: Checker, upgrade: tree.Upgrade) -> None:
        self.checker = checker
        self.upgrade = upgrade
        self.file = upgrade.span.file
        self.taken: dict[str, Taken] = {}  # containers, and fields as `container.field`

    def check(self) -> None:
        for item in self.upgrade.items:
            match item:
                case tree.UpgradeBlock():
                    self.block(item)
                case tree.Lose():
                    self.lose(item)

    def take(self, path: str, span: Span, is_lost: bool) -> bool:
        """Whether nothing has been said about it before."""
        before = self.taken.get(path)
        if before is not None:
            lost = is_lost or before.is_lost
            self.checker.problems.append(say.lost_already(path, span, before.span) if lost and is_lost != before.is_lost else say.given_twice(path, span, before.span))
            return False
        self.taken[path] = Taken(span, is_lost)
        return True

    # -- blocks ---------------------------------------------------------------------------------------------------------------

    def block(self, block: tree.UpgradeBlock) -> None:
        name = block.container
        if not self.take(name.text, name.span, False):
            return
        if not block.rules and not block.merges and block.source is None:
            self.checker.problems.append(say.without_effect(f"`{name.text}` has no rules here", name.span, "leave it out: what has the same name is carried over"))
            return
        if self.upgrade.direction == "to":
            self.block_to(block)
            return
        container = container_named(self.checker, name, self.file)
        if container is None:
            return
        if block.source is not None and block.source.text == name.text:
            self.checker.problems.append(say.without_effect(f"`from {name.text}` says what holds without it", block.source.span, "leave it out"))
        body = self.body(name.span)
        body.bind("old", LocalBinding("old", UNKNOWN, False, name.span))
        for rule in block.rules:
            self.rule(rule, container, body)
        check_merges(self.checker, block, container)

    def rule(self, rule: tree.Rule, container: Container, body: Body) -> None:
        name = rule.name
        if not self.take(f"{container.name}.{name.text}", name.span, False):
            return
        type = container.key if name.text == "key" else container.fields.get(name.text)
        if type is None:
            named = [*container.fields, *(["key"] if container.key is not None else [])]
            self.checker.problems.append(say.unknown_field(name.text, f"`{container.name}`", name.span, named))
            return
        wanted: Type = type.value if isinstance(type, LeaseType) else type  # a lease is of a value; the pool's free ones follow from the entries
        value = want(body, rule.value, wanted, f"`{name.text}`")
        if value is not None and self.reads_right(value, rule.value.span):
            self.effect(rule, container)

    def effect(self, rule: tree.Rule, container: Container) -> None:
        """What has the same name, or is said by `was`, is carried over without a rule."""
        match rule.value:
            case tree.Member(object=tree.Name(text="old"), name=tree.Identifier(text=field)) if field == container.before.get(rule.name.text, rule.name.text):
                self.checker.problems.append(say.without_effect(f"`{rule.name.text} = old.{field}` says what holds without it", rule.span, "leave it out"))
            case _:
                pass

    def block_to(self, block: tree.UpgradeBlock) -> None:
        """The fields are those of the earlier version, and what `old` has is known."""
        source = container_named(self.checker, block.source or block.container, self.file)
        if source is None:
            return
        body = self.body(block.container.span)
        body.bind("old", self.entry_of_this_version(source, block.container.span))
        for rule in block.rules:
            if self.take(f"{block.container.text}.{rule.name.text}", rule.name.span, False):
                value = check_value(body, rule.value, UNKNOWN)
                if value is not None:
                    self.reads_right(value, rule.value.span)

    def entry_of_this_version(self, source: Container, span: Span) -> EntryBinding | LocalBinding:
        if isinstance(source.type, MapType) and source.is_state:
            return EntryBinding("old", source.name, span)
        if isinstance(source.type, (MapType, LpmType)):
            return LocalBinding("old", FoundType(source.name, key_type(source.type), source.type.value, False), False, span)
        return LocalBinding("old", UNKNOWN, False, span)

    def body(self, span: Span) -> Body:
        return Body(self.checker, self.file, "upgrade", f"upgrade {self.upgrade.direction} {self.upgrade.version}")

    # -- losses ---------------------------------------------------------------------------------------------------------------

    def lose(self, lose: tree.Lose) -> None:
        container, *fields = lose.path
        path = ".".join(part.text for part in lose.path)
        if not lose.reason.strip():
            self.checker.problems.append(say.no_reason(path, lose.span))
        if lose.condition is None:
            if fields and self.upgrade.direction == "from" and container_named(self.checker, container, self.file) is None:
                return
            self.take(path, container.span.to(fields[-1].span if fields else container.span), True)
            return
        if fields:
            self.checker.problems.append(say.lose_entries(path, lose.span))
            return
        known = container_named(self.checker, container, self.file) if self.upgrade.direction == "from" else None
        if known is None and self.upgrade.direction == "from":
            return
        if known is not None and known.key is None:
            self.checker.problems.append(say.wrong_kind(container.text, "one value", "entries of which some could be lost", container.span))
            return
        body = self.body(container.span)
        body.bind("old", LocalBinding("old", UNKNOWN, False, container.span))
        condition = want(body, lose.condition, BOOLEAN, "a condition")
        if condition is not None:
            self.reads_right(condition, lose.condition.span)

    # -- what a rule reads ----------------------------------------------------------------------------------------------------

    def reads_right(self, value: object, span: Span, inside: frozenset[str] = frozenset()) -> bool:
        """Whether the value reads nothing but what a rule may; also in the functions that it calls."""
        for node in nodes(value):
            if isinstance(node, (CallValue, CallCode)) and node.function not in inside:
                called = self.checker.function(node.function, span)
                if called is not None and not self.reads_right(called.code, node.span, inside | {node.function}):
                    return False
            elif not isinstance(node, RULE_NODES):
                self.checker.problems.append(say.rule_reads(what_is_read(node), getattr(node, "span", span) if not inside else span))
                return False
        return True


def what_is_read(node: Frozen | Expression) -> str:
    match node:
        case HeaderField() | HasField() | HeaderRest() | HasHeader() | HeaderIsWhole() | HeaderChecksumHolds() | PacketLength() | PayloadLength() | Arrived() | SetHeaderField() | SwapHeaderFields() | PayloadView():
            return "a packet"
        case InStore() | StoreSize() | ReadCell() | ElementOf(derived=False) | KindValue():
            return "a state"
        case ReadTag():
            return "a tag"
        case ElementOf():
            return "a derived value"
        case _:
            return "this"
