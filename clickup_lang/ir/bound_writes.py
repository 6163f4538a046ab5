"""The most cache lines that one packet can write, over all its ways through the graph: the size of the undo area."""

from __future__ import annotations

from clickup_lang.ir import graph as g
from clickup_lang.ir.bound_sends import Behind, behind_port
from clickup_lang.semantics.pools import keeps_keys
from clickup_lang.semantics.types import MapType
from clickup_lang.source.nodes import nodes

LINES_OF_COMMIT = 1  # last `now` and the receive cursor
LINES_OF_LEASE = 4  # taken, and given back, each with the count
LINES_OF_REMOVAL = 4  # home bucket, bucket, entry, count
LINES_OF_INSERTION = 4
LINES_OF_OFFER = 4  # the key that leaves, the one that comes, the order, count

BODIES = frozenset(("then", "otherwise", "full", "body", "edits"))
NO_VALUES = BODIES | {"origin"}


def most_lines(of: tuple[g.Node, ...], stores: tuple[g.Store, ...]) -> int:
    """Nodes stand in topological order, so the longest way is found from the back."""
    behind = [0] * len(of)
    by_name = {s.name: s for s in stores}
    for index in reversed(range(len(of))):
        own = lines_of(of[index].body, by_name, behind_port(of, index, behind))
        behind[index] = own + max((behind[p.target] for p in of[index].onward if p.target is not None), default=0)
    return LINES_OF_COMMIT + max(behind, default=0)


def lines_of(body: g.Body, stores: dict[str, g.Store], behind: Behind) -> int:
    """Branches count the larger; what one body writes twice counts twice; what is sent writes in the same transaction."""
    total = 0
    for statement in body:
        total += lines_in(statement)
        match statement:
            case g.When(then=then, otherwise=otherwise):
                total += max(lines_of(then, stores, behind), lines_of(otherwise, stores, behind))
            case g.Find(then=then, otherwise=otherwise):
                total += max(1 + lines_of(then, stores, behind), LINES_OF_REMOVAL + lines_of(otherwise, stores, behind))
            case g.Insert(store=store, full=full):
                evicts = LINES_OF_REMOVAL if stores[store].when_full == "evict" else 0
                more = entry_lines(stores[store]) - 1 + 2 * LINES_OF_INSERTION * len(stores[store].indices)
                total += max(evicts + LINES_OF_INSERTION + more, lines_of(full or (), stores, behind))
            case g.Lease(pool=pool, full=full):
                total += lease_lines(stores[pool]) + lines_of(full, stores, behind)
            case g.Erase() | g.EraseKey():
                total += LINES_OF_REMOVAL
            case g.Scan(body=inner):  # each match writes the same lines
                total += 1 + lines_of(inner, stores, behind)
            case g.AddTo(store=store):
                total += stores[store].counters[1]
            case g.Offer():
                total += LINES_OF_OFFER
            case g.SetEntry() | g.SetCell() | g.SetElement() | g.Take():
                total += 1
            case g.Scope(body=inner) | g.Parse(otherwise=inner) | g.NextElement(otherwise=inner):
                total += lines_of(inner, stores, behind)
            case g.Loop(body=inner, low=low, high=high):
                total += lines_of(inner, stores, behind) * max(high - low, 0)
            case g.Send(port=port, edits=edits):
                total += lines_of(edits, stores, behind) + behind(port)
            case g.Make(port=port):
                total += behind(port)
            case _:
                pass
    return total


def lease_lines(pool: g.Store) -> int:
    """Of a lease, until it is back; where keys come and go, a key's entry as well."""
    return LINES_OF_LEASE + (LINES_OF_INSERTION + LINES_OF_REMOVAL if keeps_keys(pool.type) else 0)


def lines_in(statement: g.Statement) -> int:
    """Of its own values: a look-up in one may stamp an entry, or remove one that has expired."""
    values = [getattr(statement, field) for field in type(statement).__fields__ if field not in NO_VALUES]
    return sum(LINES_OF_REMOVAL for value in values for part in nodes(value) if isinstance(part, g.InStore))


def entry_lines(store: g.Store) -> int:
    from clickup_lang.ir.place_state import place_state

    return max(place_state(store).stride // 64, 1) if isinstance(store.type, MapType) else 1
