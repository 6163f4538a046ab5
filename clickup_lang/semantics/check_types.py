"""Names -> types, headers, states, and typed code of all functions and atoms.

After it, each declaration of the program's own files, and each library declaration that they use, has a meaning or a problem.
Library files are checked whole by their own tests. Not done here: what depends on paths and instances.
"""

from __future__ import annotations

from clickup_lang.semantics.any_tables import takes_any
from clickup_lang.semantics.check_elements import is_element
from clickup_lang.semantics.checker import Checker
from clickup_lang.semantics.declarations import make_atom
from clickup_lang.semantics.model import AtomInfo
from clickup_lang.semantics.renames import check_renames
from clickup_lang.semantics.resolve_names import Names
from clickup_lang.semantics.types import ArrayType, show
from clickup_lang.semantics.upgrades import check_upgrades
from clickup_lang.syntax import tree


def check_types(names: Names) -> Checker:
    """The checker, with everything made that the program declares."""
    checker = Checker(names)
    for name, declaration in (*names.declared.items(), *names.headers.items()):
        if declaration.span.file not in names.module_names:
            check_declaration(checker, name, declaration)
    check_upgrades(checker)
    check_renames(checker)
    return checker


def check_declaration(checker: Checker, name: str, declaration: object) -> None:
    match declaration:
        case tree.Param():
            checker.param(name)
        case tree.Const():
            checker.const(name)
        case tree.Config():
            checker.config(name)
        case tree.State():
            checker.state(name)
        case tree.Tag():
            checker.tag(name)
        case tree.Enum():
            checker.enum(name)
        case tree.Record():
            checker.record(name)
        case tree.Header():
            checker.header(name)
        case tree.Function():
            checker.function(name, declaration.name.span)
        case tree.Atom():
            atom(checker, name)
        case tree.Derived():
            checker.derived(name)
        case tree.Event():
            checker.event(name)
        case _:
            pass


def atom(checker: Checker, name: str) -> AtomInfo | None:
    """The atom, checked once."""
    return checker.once("atom", name, lambda: made_atom(checker, checker.declaration(name, tree.Atom)))


def made_atom(checker: Checker, declaration: tree.Atom) -> AtomInfo | None:
    info = make_atom(checker, declaration)
    return info if info is None or not info.is_native or is_element(checker, declaration, info) else None


def atom_for(checker: Checker, info: AtomInfo, declaration: tree.Atom, arguments: tuple[object, ...]) -> AtomInfo | None:
    """An atom that takes tables of any type, or arrays: checked once for each of the types that it is given, and for arrays that are values;
    unchecked where the type may be any, or an array either."""
    states = {p.name: checker.state(a) for p, a in zip(info.parameters, arguments) if isinstance(a, str)}
    given = {name: state.type for name, state in states.items() if state is not None}
    arrays = [a for p, a in zip(info.parameters, arguments) if isinstance(p.type, ArrayType)]
    if any(takes_any(type) for type in given.values()) or any(isinstance(a, str) and a not in checker.names.declared for a in arrays):
        return info
    values = frozenset(p.name for p, a in zip(info.parameters, arguments) if isinstance(p.type, ArrayType) and not isinstance(a, str))
    said = tuple(f"{p.name}: value" if p.name in values else show(given[p.name]) for p in info.parameters if takes_any(p.type) or p.name in values)
    key = f"{info.name}<{', '.join(said)}>" if said else info.name
    made = checker.once("atom for", key, lambda: make_atom(checker, declaration, given, key, values))
    if made is not None:
        checker.made_for_types[key] = made
    return made
