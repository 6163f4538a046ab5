"""`merge { bytes sum, last_seen max, phase prefer established }`: what becomes of entries that an upgrade gives the same key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clickup_lang.semantics import problems as say
from clickup_lang.semantics.containers import Container
from clickup_lang.semantics.types import (
    BITRATE, DURATION, PACKETRATE, TIME, BucketType, EnumType, LeaseType, Type, is_number,
)  # fmt: skip
from clickup_lang.syntax import tree

if TYPE_CHECKING:
    from clickup_lang.semantics.checker import Checker

RULES = ("sum", "max", "min", "prefer")


def check_merges(checker: Checker, block: tree.UpgradeBlock, container: Container) -> None:
    """Keys meet only where a rule gives them, and then every field is put together in some way."""
    if not block.merges:
        return
    if not any(rule.name.text == "key" for rule in block.rules):
        help = f"leave it out, or give `{container.name}` another `key`"
        checker.problems.append(say.without_effect("no two entries meet, as their keys stay as they are", block.merges[0].span, help))
        return
    seen: dict[str, tree.Merge] = {}
    broken = False
    for merge in block.merges:
        name = merge.field
        type = container.fields.get(name.text)
        if name.text in seen:
            checker.problems.append(say.given_twice(name.text, name.span, seen[name.text].span))
        elif type is None:
            checker.problems.append(say.unknown_field(name.text, f"`{container.name}`", name.span, container.fields))
        elif merge.rule.text not in RULES:
            checker.problems.append(say.unknown_member(merge.rule.text, "`merge`", "rule", merge.rule.span, RULES))
        elif not check_merge(checker, merge, type):
            pass
        else:
            seen[name.text] = merge
            continue
        broken = True
    lacking = [name for name in container.fields if name not in seen]
    if lacking and not broken:
        checker.problems.append(say.merge_lacks(container.name, lacking, block.merges[0].span))


def check_merge(checker: Checker, merge: tree.Merge, type: Type) -> bool:
    if isinstance(type, LeaseType):
        checker.problems.append(say.lease_merged(merge.field.text, type.pool, merge.span))
        return False
    if merge.rule.text == "prefer":
        return check_prefer(checker, merge, type)
    if merge.preferred is not None:
        checker.problems.append(say.wanted(f"nothing behind `{merge.rule.text}`", merge.preferred.span))
        return False
    summed = is_number(type) or type in (DURATION, BITRATE, PACKETRATE)
    fits = summed if merge.rule.text == "sum" else summed or type == TIME or isinstance(type, BucketType)
    if not fits:
        checker.problems.append(say.not_merged(merge.field.text, type, merge.rule.text, merge.span))
    return fits


def check_prefer(checker: Checker, merge: tree.Merge, type: Type) -> bool:
    """`phase prefer established`: that one where either entry has it."""
    if not isinstance(type, EnumType):
        checker.problems.append(say.not_merged(merge.field.text, type, "prefer", merge.span))
        return False
    names = [name for name, _ in type.enumerators]
    if merge.preferred is None:
        checker.problems.append(say.wanted(f"an enumerator of `{type.name}` behind `prefer`", merge.rule.span))
        return False
    if merge.preferred.text not in names:
        checker.problems.append(say.unknown_member(merge.preferred.text, f"`{type.name}`", "enumerator", merge.preferred.span, names))
        return False
    return True
