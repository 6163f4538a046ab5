"""What a program has that a target cannot carry out: the language's kinds that are checked and not built yet, and elements of Click.

Asked by what builds and runs; `cupc check` says nothing of it, as the program is right.
"""

from __future__ import annotations

from clickup_lang.diagnostics import Problem
from clickup_lang.semantics import problems as say
from clickup_lang.semantics.model import Model
from clickup_lang.semantics.types import DOMAIN, ContainerType, PatternsType, RankingType, SecretType, SetType, SketchType, Type, show
from clickup_lang.source import Span


def check_target(model: Model, targets: tuple[str, ...]) -> tuple[Problem, ...]:
    """At most one problem that shows every state and config that none of the targets has; and one for native elements without Click."""
    found = [(item.name, show(item.type), item.span) for item in (*model.states, *model.configs) if is_checked_only(item.type)]
    first: dict[tuple[str, Span], None] = dict.fromkeys((kind, span) for _, kind, span in found)  # a state in an atom belongs to each instance
    lacking = (say.not_on_target(tuple(first), targets),) if found else ()
    elements = [(i, model.atoms[i.atom]) for i in model.instances if model.atoms[i.atom].is_native] if "native" in targets else []
    native = {instance.span: (atom.name, atom.element_class) for instance, atom in sorted(elements, key=lambda e: e[0].span.start)}
    return (*lacking, say.native_elements(tuple(native.items()))) if native else lacking


def is_checked_only(of: Type | ContainerType) -> bool:
    return isinstance(of, (SketchType, RankingType, SecretType, PatternsType)) or of == SetType(DOMAIN)
