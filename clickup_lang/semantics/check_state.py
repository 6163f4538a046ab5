"""Instances -> who reads and writes which state.

After it: every state is used, and states that one packet may write together are synchronised together or the user has been told.
Pinned entries, full tables and config are checked with the types, where the code is.
"""

from __future__ import annotations

from collections.abc import Mapping

from clickup_lang.diagnostics import Problem
from clickup_lang.frozen import Frozen
from clickup_lang.semantics import problems as say
from clickup_lang.semantics.check_headers import Tables
from clickup_lang.semantics.kind_values import CurrentGeneration, SecretIsKept, SecretKey, SketchEstimate
from clickup_lang.semantics.model import (
    AddToSketch, AtomInfo, CallCode, CallValue, FindCode, FunctionInfo, InsertEntry, Instance, LetEntry, LetLease, OfferToRanking, RemoveEntry, RemoveKey, ScanPayload, SetCellValue,
    SetElementValue, SetEntryField, StateInfo, TakeTokens, names_of_instance,
)  # fmt: skip
from clickup_lang.semantics.table_arguments import stores_given
from clickup_lang.semantics.types import CounterType, EntryType, MapType, RankingType, SetType, SketchType
from clickup_lang.semantics.values import ElementOf, InStore, ReadCell, StoreSize
from clickup_lang.source import Span
from clickup_lang.source.nodes import nodes


class Access(Frozen):
    """States by name. A lookup writes too, as it may stamp the entry."""

    reads: frozenset[str]
    writes: frozenset[str]


READ_OUTSIDE = (CounterType, SketchType, RankingType)  # by the operator
NO_ACCESS = Access(frozenset(), frozenset())


def names_here(state: StateInfo, names: frozenset[str], states: tuple[StateInfo, ...]) -> frozenset[str]:
    """States as the code of a state names them, by their whole names: those of the same instance have its path before them."""
    own = names_of_instance(state, states)
    return frozenset(own.get(name, name) for name in names)


def accesses_of(code: object, functions: Mapping[str, FunctionInfo], known: dict[str, Access]) -> Access:
    """What a code and the functions that it calls read and write, by the names in the code."""
    reads: set[str] = set()
    writes: set[str] = set()
    stores: dict[str, str] = {}
    for node in nodes(code):
        match node:
            case FindCode(entry=entry, store=store) | LetEntry(entry=entry, store=store):
                stores[entry] = store
                reads.add(store)
            case InsertEntry(store=store):
                writes.add(store)
            case InStore(store=store) | StoreSize(store=store):
                reads.add(store)
            case ReadCell(store=store) | SketchEstimate(store=store):
                reads.add(store)
            case SecretKey(secret=store) | SecretIsKept(secret=store) | CurrentGeneration(secret=store):
                reads.add(store)
            case AddToSketch(store=store) | OfferToRanking(store=store):
                writes.add(store)
            case LetLease(pool=store):
                reads.add(store)
                writes.add(store)
            case ElementOf(array=store, derived=False):
                reads.add(store)
            case SetElementValue(store=store):
                writes.add(store)
            case RemoveKey(store=store) | SetCellValue(store=store):
                writes.add(store)
            case SetEntryField(entry=entry) | RemoveEntry(entry=entry) | ScanPayload(entry=str() as entry):
                writes.add(stores.get(entry, entry))
            case TakeTokens(entry=entry, store=store):
                writes.add(store or stores.get(entry or "", entry or ""))
                reads.update([store] if store is not None else [])
            case CallCode(function=function, arguments=arguments) | CallValue(function=function, arguments=arguments):
                if function not in known:
                    known[function] = NO_ACCESS
                    known[function] = entries_resolved(accesses_of(functions[function].code, functions, known), functions[function])
                given = stores_given(functions[function], arguments)
                reads |= {given.get(r, r) for r in known[function].reads}
                writes |= {given.get(w, w) for w in known[function].writes}
            case _:
                pass
    return Access(frozenset(reads), frozenset(writes))


def entries_resolved(access: Access, function: FunctionInfo) -> Access:
    """An entry parameter stands for its state."""
    states = {p.name: p.type.state for p in function.parameters if isinstance(p.type, EntryType)}
    return Access(access.reads, frozenset(states.get(w, w) for w in access.writes))


def insertions_without_else(code: object, functions: Mapping[str, FunctionInfo]) -> list[tuple[str, Span]]:
    """The states, as the code calls them, that it makes entries in without saying what is done where there is no room, and where; also
    in the functions that it calls, and then where it calls them."""
    found: list[tuple[str, Span]] = []
    for node in nodes(code):
        match node:
            case InsertEntry(store=store, full=None, span=span):
                found.append((store, span))
            case CallCode(function=function, arguments=arguments, span=span) | CallValue(function=function, arguments=arguments, span=span):
                given = stores_given(functions[function], arguments)
                if given:
                    found += [(given.get(s, s), span) for s, _ in insertions_without_else(functions[function].code, functions)]
            case _:
                pass
    return found


def full_through_parameters(
    states: tuple[StateInfo, ...], atoms: Mapping[str, AtomInfo], functions: Mapping[str, FunctionInfo], instances: tuple[Instance, ...]
) -> list[Problem]:
    """Tables that reject, handed to an atom or a function that does not say what then."""
    rejecting = {s.name: s for s in states if (s.when_full == "reject" or s.indices) and isinstance(s.type, (MapType, SetType))}
    problems: list[Problem] = []
    through_calls: dict[tuple[str, Span], Problem] = {}
    by_atom = {name: insertions_without_else(info.code, functions) for name, info in atoms.items()}
    for instance in instances:
        info, unsaid = atoms[instance.atom], by_atom[instance.atom]
        own = {p.name for p in info.bound}
        through_calls |= {(s, span): say.full_without_else(s, span, rejecting[s].span) for s, span in unsaid if s in rejecting and s not in own}
        for parameter, argument in zip(info.bound, instance.arguments):
            if not isinstance(argument, str) or argument not in rejecting:
                continue
            if any(state == parameter.name for state, _ in unsaid):
                problems.append(say.full_without_else(argument, instance.span, rejecting[argument].span))
    return [*through_calls.values(), *problems]


def check_state(
    states: tuple[StateInfo, ...], tables: Tables, instances: tuple[Instance, ...]
) -> tuple[dict[str, Access], list[Problem]]:
    """The access of each instance by the states' real names, and the problems."""
    known: dict[str, Access] = {}
    atoms, functions = tables.atoms, tables.functions
    in_tags = {f"tag {t.name}": t.type.state for t in tables.tags.values() if isinstance(t.type, EntryType)}
    by_atom = {name: accesses_of(a.code, functions, known) for name, a in atoms.items() if a.code is not None}
    access: dict[str, Access] = {}
    for instance in instances:
        own = by_atom.get(instance.atom, NO_ACCESS)
        real = in_tags | {p.name: str(a) for p, a in zip(atoms[instance.atom].bound, instance.arguments) if isinstance(a, str)}
        access[instance.path] = Access(frozenset(real.get(r, r) for r in own.reads), frozenset(real.get(w, w) for w in own.writes))
    reads = frozenset[str]().union(*(a.reads for a in access.values()))
    writes = frozenset[str]().union(*(a.writes for a in access.values()))
    leaving = [(s, accesses_of(s.on_leave, functions, known)) for s in states if s.on_leave is not None and s.name in writes]
    reads = reads.union(*(names_here(s, a.reads, states) for s, a in leaving))
    writes = writes.union(*(names_here(s, a.writes, states) for s, a in leaving))
    problems = full_through_parameters(states, atoms, functions, instances)
    for state in states:
        if state.name not in reads | writes:
            problems.append(say.unused_state(state.name, state.span))
        elif state.name not in reads and not isinstance(state.type, READ_OUTSIDE):
            problems.append(say.never_read(state.name, state.span))
    written = [s for s in states if s.name in writes]
    never = next((s for s in written if s.sync == -1), None)
    synced = next((s for s in written if s.sync is not None and s.sync >= 0), None)
    if never is not None and synced is not None:
        problems.append(say.sync_torn(synced.name, never.name, synced.span, never.span))
    return access, problems
