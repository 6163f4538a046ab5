"""Native elements: what may be said of them, and states that one tears apart.

A packet that reaches a native element has come to the end of its transaction; what comes out of it begins another one. Where one way
writes states on both sides, what belongs together is written at two moments.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from clickup_lang.diagnostics import Problem
from clickup_lang.semantics import problems as say
from clickup_lang.semantics.check_state import NO_ACCESS, Access
from clickup_lang.semantics.checker import Checker
from clickup_lang.semantics.model import AtomInfo, Instance, StateInfo
from clickup_lang.semantics.types import BOOLEAN, DEVICE, TEXT, TIME, CounterType, EnumType, Integer, Scalar, Type, show
from clickup_lang.syntax import tree

CLASS = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(/[A-Za-z_][A-Za-z0-9_]*)*(\(.*\))?", re.DOTALL)


def is_element(checker: Checker, declaration: tree.Atom, info: AtomInfo) -> bool:
    """Whether an `extern atom` has the name of a class, and parameters that can be written as Click's arguments."""
    element = info.element or ""
    if CLASS.fullmatch(element) is None:
        checker.problems.append(say.bad_element(f"`{element}` is no name of a class of Click's elements", info.span, "it is of letters, digits and `_`, like `BandwidthShaper`; arguments may follow, as in `Classifier(12/0800, -)`"))
        return False
    for parameter, written in zip(info.parameters, declaration.parameters):
        if not is_argument(parameter.type):
            said = f"a native element is given no `{show(parameter.type)}`"
            checker.problems.append(say.bad_element(said, written.type.span, "numbers, rates, sizes, durations, addresses, prefixes, `bool`, enums and `text` are"))
            return False
    return True


def is_argument(of: Type) -> bool:
    return of == TEXT or isinstance(of, (EnumType, Integer)) or (isinstance(of, Scalar) and of not in (DEVICE, TIME)) or of == BOOLEAN


def check_elements(states: tuple[StateInfo, ...], atoms: Mapping[str, AtomInfo], instances: tuple[Instance, ...], access: Mapping[str, Access]) -> list[Problem]:
    """One warning for each pair of states; counters belong to no other state, and are not meant."""
    elements = [i for i in instances if atoms[i.atom].is_native]
    if not elements:
        return []
    by_path = {i.path: i for i in instances}
    counted = {s.name for s in states if isinstance(s.type, CounterType)}
    onwards = {i.path: [p.target for p in i.ports if p.target is not None] for i in instances}
    back: dict[str, list[str]] = {i.path: [] for i in instances}
    for path, targets in onwards.items():
        for target in targets:
            back[target].append(path)

    def written(path: str) -> list[str]:
        return sorted(access.get(path, NO_ACCESS).writes - counted)

    found: dict[tuple[str, str], Problem] = {}
    for element in elements:
        before, after = reached(element.path, back), reached(element.path, onwards)
        for one, first in ((i.path, state) for i in instances if i.path in before for state in written(i.path)):
            for other, second in ((i.path, state) for i in instances if i.path in after for state in written(i.path)):
                places = ((one, by_path[one].span), (other, by_path[other].span))
                found.setdefault((first, second), say.torn_by_element(first, second, element.path, element.span, places))
    return list(found.values())


def reached(start: str, ways: Mapping[str, list[str]]) -> set[str]:
    found: set[str] = set()
    left = list(ways[start])
    while left:
        path = left.pop()
        if path not in found:
            found.add(path)
            left += ways[path]
    return found
