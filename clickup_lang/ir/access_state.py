"""Code -> the states that it reads and writes."""

from __future__ import annotations

from clickup_lang.frozen import Frozen
from clickup_lang.ir import graph as g
from clickup_lang.semantics.types import EntryType
from clickup_lang.source.nodes import nodes


class Access(Frozen):
    """That a look-up stamps the entry that it finds counts as reading."""

    reads: bool
    writes: bool


def access_state(body: g.Body) -> dict[str, Access]:
    """The access of a node's code by the store's name, in the order in which it names them."""
    stores: dict[str, str] = {}  # of entries
    found: dict[str, Access] = {}

    def use(store: str, reads: bool = False, writes: bool = False) -> None:
        before = found.get(store, Access(False, False))
        found[store] = Access(before.reads or reads, before.writes or writes)

    for part in nodes(body):
        match part:
            case g.Find(entry=entry, store=store):
                stores[entry] = store
                use(store, reads=True)
            case g.Insert(entry=entry, store=store):
                if entry is not None:
                    stores[entry] = store
                use(store, writes=True)
            case g.Let(local=entry, type=EntryType(state=store)):
                stores[entry] = store  # from a tag
            case g.SecretKey(secret=store) | g.SecretIsKept(secret=store) | g.CurrentGeneration(secret=store):
                use(store, reads=True)
            case g.AddTo(store=store):
                use(store, reads=True, writes=True)
            case g.Offer(store=store):
                use(store, writes=True)
            case g.InStore(store=store) | g.StoreSize(store=store) | g.ReadCell(store=store) | g.SketchEstimate(store=store):
                use(store, reads=True)
            case g.ElementOf(array=store, derived=False):
                use(store, reads=True)
            case g.EraseKey(store=store) | g.SetCell(store=store) | g.SetElement(store=store):
                use(store, writes=True)
            case g.Take(store=store, entry=entry):
                use(store or stores[entry or ""], reads=True, writes=True)
            case g.Lease(pool=pool):
                use(pool, reads=True, writes=True)
            case g.Scan(entry=str() as entry):
                use(stores[entry], reads=True, writes=True)
            case g.Erase(entry=entry) | g.SetEntry(entry=entry):
                use(stores[entry], writes=True)
            case _:
                pass
    return found
