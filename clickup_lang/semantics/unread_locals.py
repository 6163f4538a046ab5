"""Locals that nothing reads -> a warning for each.

A `let` with an `else` is there for what the `else` does, and a name that begins with `_` says that it is not read.
"""

from __future__ import annotations

from clickup_lang.diagnostics import Problem
from clickup_lang.semantics import problems as say
from clickup_lang.source.nodes import nodes
from clickup_lang.syntax import tree


def warn_of_unread_locals(body: tree.Block) -> list[Problem]:
    """Of a whole body without problems, in which a local's name is new where it stands: it is read in its own block, or nowhere."""
    found: list[Problem] = []
    for block in nodes(body):
        if isinstance(block, tree.Block):
            for at, statement in enumerate(block.statements):
                if isinstance(statement, tree.Let) and statement.otherwise is None and not statement.name.text.startswith("_"):
                    found += unread(statement, block.statements[at + 1 :])
    return found


def unread(statement: tree.Let, behind: tuple[tree.Statement, ...]) -> list[Problem]:
    name = statement.name.text
    below = list(nodes(behind))
    named = [n for n in below if isinstance(n, tree.Name) and n.text == name]
    written = [n.target for n in below if isinstance(n, tree.Assign) and written_name(n.target) == name]
    if len(named) > len(written):
        return []
    return [say.local_unread(name, statement.name.span, written[0].span if written else None)]


def written_name(target: tree.Expression) -> str | None:
    """The local of which a statement writes all or one element."""
    place = target.object if isinstance(target, tree.Index) else target
    return place.text if isinstance(place, tree.Name) else None
