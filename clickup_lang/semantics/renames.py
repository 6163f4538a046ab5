"""`was NAME`: what states, config, fields, enumerators and instances were called in the version before.

After it: nothing is renamed to what it is called already, no two things were the same one, and none was what is still there under its own
name. Whether there was such a thing is known by the history alone, and not asked here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from clickup_lang.frozen import Frozen
from clickup_lang.semantics import problems as say
from clickup_lang.source import Span
from clickup_lang.syntax import tree

if TYPE_CHECKING:
    from clickup_lang.semantics.checker import Checker


class Known(Frozen):
    """A thing that stays over versions by its name; `was` is its path in the version before."""

    name: str
    span: Span
    was: str | None
    was_span: Span


def check_renames(checker: Checker) -> None:
    """Each group of things is known by names of its own."""
    names = checker.names
    groups: list[list[Known]] = [[], []]  # states and config, instances
    for declaration in (*names.declared.values(), *names.headers.values()):
        if declaration.span.file in names.module_names:
            continue
        match declaration:
            case tree.State() | tree.Config():
                groups[0].append(known(declaration.name, declaration.was))
            case tree.Record() | tree.Event():
                groups.append([known(field.name, field.was) for field in declaration.fields])
            case tree.Enum():
                groups.append([known(e.name, e.was) for e in declaration.enumerators])
            case tree.Atom():
                groups.append([known(state.name, state.was) for state in declaration.states])
            case tree.Pipeline():
                groups.append(instances(declaration))
            case _:
                pass
    if names.pipeline is not None:
        groups[1] += instances(names.pipeline)
    for group in groups:
        check_group(checker, group)


def known(name: tree.Identifier, was: tree.Expression | tree.Identifier | None) -> Known:
    return Known(name.text, name.span, None if was is None else path_of(was), name.span if was is None else was.span)


def path_of(was: tree.Expression | tree.Identifier) -> str:
    match was:
        case tree.Identifier(text=text) | tree.Name(text=text):
            return text
        case tree.Member(object=object, name=name):
            return f"{path_of(object)}.{name.text}"
        case _:
            return ""


def instances(pipeline: tree.Pipeline) -> list[Known]:
    stages = (node for edge in pipeline.edges for stage in edge.stages for node in stage)
    return [known(node.alias, node.was) for node in stages if node.alias is not None]


def check_group(checker: Checker, group: Iterable[Known]) -> None:
    here = {thing.name: thing for thing in group}
    taken: dict[str, Known] = {}
    service = checker.names.service
    for thing in here.values():
        if thing.was is None:
            continue
        still = here.get(thing.was)
        if service is not None and service.version == 1:
            checker.problems.append(say.nothing_before(thing.name, thing.was, thing.was_span, service.span))
        elif thing.was == thing.name:
            checker.problems.append(say.without_effect(f"`{thing.name}` was called so before", thing.was_span, "leave `was` out"))
        elif thing.was in taken:
            checker.problems.append(say.was_both(thing.was, thing.name, taken[thing.was].name, thing.was_span, taken[thing.was].was_span))
        elif still is not None and still.was is None:
            checker.problems.append(say.is_still_there(thing.was, thing.name, thing.was_span, still.span))
        taken.setdefault(thing.was, thing)
