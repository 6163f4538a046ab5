"""Which states code removes entries from: after that no tag surely holds one of them."""

from __future__ import annotations

from collections.abc import Mapping

from clickup_lang.semantics.model import AtomInfo, CallCode, CallValue, FunctionInfo, Instance, RemoveEntry, RemoveKey
from clickup_lang.semantics.table_arguments import stores_given
from clickup_lang.source.nodes import nodes


def removed_from(atoms: Mapping[str, AtomInfo], functions: Mapping[str, FunctionInfo], instances: tuple[Instance, ...]) -> frozenset[str]:
    """The states from which some instance removes entries by its code, by their real names."""
    known: dict[str, frozenset[str]] = {}
    by_atom = {name: removed_by(info.code, functions, known) for name, info in atoms.items()}
    found: set[str] = set()
    for instance in instances:
        removed = by_atom.get(instance.atom)
        if removed:
            given = {p.name: a for p, a in zip(atoms[instance.atom].bound, instance.arguments) if isinstance(a, str)}
            found |= {given.get(name, name) for name in removed}
    return frozenset(found)


def removed_by(code: object, functions: Mapping[str, FunctionInfo], known: dict[str, frozenset[str]]) -> frozenset[str]:
    """The same of a code and the functions that it calls, by the names in the code."""
    found: set[str] = set()
    for node in nodes(code):
        match node:
            case RemoveEntry(store=store) | RemoveKey(store=store):
                found.add(store)
            case CallCode(function=function, arguments=arguments) | CallValue(function=function, arguments=arguments):
                if function not in known:
                    known[function] = removed_by(functions[function].code, functions, known)
                given = stores_given(functions[function], arguments)
                found |= {given.get(name, name) for name in known[function]}
            case _:
                pass
    return frozenset(found)
