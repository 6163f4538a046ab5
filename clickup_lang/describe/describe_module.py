"""A module's tree -> its page: params, config, states, headers with the places of their fields, functions, atoms with their ports, costs.

What is declared in other files is not told of. Of a program with problems there is a page as far as its declarations could be read; costs
and who touches which state only of one without errors.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from clickup_lang.describe.page import Entry, Page, Section, Table
from clickup_lang.ir.access_state import Access, access_state
from clickup_lang.ir.bound_cost import bound_cost
from clickup_lang.ir.graph import Graph
from clickup_lang.ir.infer_sharding import infer_sharding
from clickup_lang.semantics.model import HeaderInfo
from clickup_lang.source import SourceText, Span
from clickup_lang.syntax import tree

# Gives the layout of a header of the module; None where it cannot be laid out.
Layouts = Callable[[str], HeaderInfo | None]

Described = (
    tree.Param | tree.Config | tree.State | tree.Derived | tree.Tag | tree.Event | tree.Const | tree.Enum | tree.Record | tree.Header | tree.Function
    | tree.Atom | tree.Pipeline
)  # fmt: skip


def describe_module(name: str, module: tree.Module, source: SourceText, layouts: Layouts, graph: Graph | None) -> Page:
    """`graph` is that of the program whose main file the module is, else None."""
    return ModuleDescription(name, module, source, layouts, graph).page()


class ModuleDescription:
    def __init__(self, name: str, module: tree.Module, source: SourceText, layouts: Layouts, graph: Graph | None) -> None:
        self.name = name
        self.module = module
        self.source = source
        self.layouts = layouts
        self.graph = graph
        self.about = about(source)
        self.shardings = infer_sharding(graph) if graph is not None else {}
        self.users = users_of(graph) if graph is not None else {}

    def page(self) -> Page:
        service = next((d for d in self.module.declarations if isinstance(d, tree.Service)), None)
        title = f"{service.name.text} version {service.version}" if service is not None else f"module {self.name}"
        doc = (service.doc or "") if service is not None else self.about
        sections = [
            self.section("Params", (tree.Param,)), self.section("Config", (tree.Config, tree.Derived)), self.section("States", (tree.State,)),
            self.section("Tags", (tree.Tag,)), self.section("Events", (tree.Event,)), self.section("Types", (tree.Enum, tree.Record)),
            self.section("Constants", (tree.Const,)), self.section("Headers", (tree.Header,)), self.section("Functions", (tree.Function,)),
            self.section("Atoms", (tree.Atom,)), self.section("Pipelines", (tree.Pipeline,)), self.costs(),
        ]  # fmt: skip
        return Page(title, doc, tuple(s for s in sections if s.entries))

    def section(self, title: str, kinds: tuple[type, ...]) -> Section:
        entries = [self.entry(d) for d in self.module.declarations if isinstance(d, Described) and isinstance(d, kinds) and d.name is not None]
        return Section(title, tuple(entries))

    def entry(self, declaration: Described) -> Entry:
        assert declaration.name is not None
        name = declaration.name.text
        doc = declaration.doc or ""
        if self.about and doc.startswith(self.about):
            doc = doc.removeprefix(self.about).strip()  # the comment at the head of a module stands before its first declaration
        match declaration:
            case tree.Header(members=members, cases=cases):
                layout = self.layouts(name) if not members and not cases else None
                return Entry(name, self.text(declaration.span) if members else f"header {name}", doc, self.facts_of_header(layout), self.fields_of(declaration, layout))
            case tree.Atom():
                return Entry(name, self.head(declaration.span), doc, self.facts_of_atom(declaration))
            case tree.State():
                return Entry(name, self.text(declaration.span), doc, self.facts_of_state(name))
            case tree.Function() | tree.Pipeline():
                return Entry(name, self.head(declaration.span), doc)
            case _:
                return Entry(name, self.text(declaration.span), doc)

    # -- texts ----------------------------------------------------------------------------------------------------------------

    def text(self, span: Span) -> str:
        """As it is written; what was lined up with its neighbours stands alone here."""
        text = self.source.text[span.start : span.end].rstrip()
        return text if "\n" in text else re.sub(r" +(?=[:={])", " ", text)

    def head(self, span: Span) -> str:
        """Up to the body, on one line."""
        text = self.text(span)
        depth = 0
        for place, character in enumerate(text):
            depth += (character in "([") - (character in ")]")
            if character == "{" and depth == 0:
                text = text[:place]
                break
        return " ".join(text.split())

    # -- facts ----------------------------------------------------------------------------------------------------------------

    def facts_of_atom(self, atom: tree.Atom) -> tuple[str, ...]:
        facts = [f"`{p.name.text}` may be left unconnected" for p in atom.ports if p.default is not None]
        if atom.element is not None:
            facts.append(f"stands for the element `{atom.element}`")
        touched: dict[str, Access] = {}
        for store, users in self.users.items():
            for used_by, access in users:
                if used_by == atom.name.text:
                    known = touched.get(store, Access(False, False))
                    touched[store] = Access(known.reads or access.reads, known.writes or access.writes)
        return (*facts, *(f"{' and '.join(('reads',) * a.reads + ('writes',) * a.writes)} `{store}`" for store, a in touched.items()))

    def facts_of_state(self, name: str) -> tuple[str, ...]:
        sharding = self.shardings.get(name)
        return (f"{sharding.kind}: {sharding.reason}",) if sharding is not None else ()

    def facts_of_header(self, layout: HeaderInfo | None) -> tuple[str, ...]:
        if layout is None:
            return ()
        return (f"{layout.length} bytes{and_parts(layout)}",)

    def fields_of(self, header: tree.Header, layout: HeaderInfo | None) -> Table | None:
        if header.members:
            return None
        rows: list[tuple[str, ...]] = []
        for field in header.fields:
            info = layout.field(field.name.text) if layout is not None else None
            rule = self.text(field.computed.span) if field.computed is not None else ""
            more = [f"when {self.text(field.when.span)}"] if field.when is not None else []
            more += [f"size {self.text(field.size.span)}"] if field.size is not None else []
            place = (str(info.offset // 8) + (f".{info.offset % 8}" if info.offset % 8 or info.bits % 8 else ""), str(info.bits)) if info is not None else ("", "")
            rows.append((field.name.text, self.text(field.type.span), *place, " ".join([*more, *([f"= {rule}"] if rule else [])]), field.doc or ""))
        for case in header.cases:
            fields = ", ".join(f"{f.name.text} : {self.text(f.type.span)}" for f in case.fields)
            rows.append((f"case {case.value} {case.name.text}", fields, "", "", "", ""))
        columns = ("field", "type", "byte.bit", "bits", "rule", "")
        used = [n for n in range(len(columns)) if n < 2 or any(row[n] for row in rows)]
        return Table(tuple(columns[n] for n in used), tuple(tuple(row[n] for n in used) for row in rows), frozenset(used.index(n) for n in (2, 3) if n in used))

    def costs(self) -> Section:
        if self.graph is None:
            return Section("Costs", ())
        rows = tuple(
            (f"{w.source} -> {w.target or 'dropped'}", str(w.cost.lookups), str(w.cost.read), str(w.cost.written), str(w.cost.instructions), str(w.cost.sent))
            for w in bound_cost(self.graph)
        )
        table = Table(("way", "look-ups", "bytes read", "lines written", "instructions", "packets sent"), rows, frozenset(range(1, 6)))
        doc = "At most for one packet. Instructions are an estimate; lines are cache lines of state."
        return Section("Costs", (Entry("", "", doc, (), table),))


def and_parts(layout: HeaderInfo) -> str:
    variable = sum(not p.optional for p in layout.parts)
    optional = " and optional fields" if layout.has_optional else ""
    return optional + ("" if not variable else " and a part of its own length" if variable == 1 else f" and {variable} parts of their own length")


def about(source: SourceText) -> str:
    """The comment at the head of a module: before an empty line, so that it is not about the first declaration alone."""
    found = re.match(r"((?:///[^\n]*\n)+)[ \t]*\n", source.text)
    return "\n".join(line.removeprefix("///").strip() for line in found[1].splitlines()) if found is not None else ""


def users_of(graph: Graph) -> dict[str, list[tuple[str, Access]]]:
    """For each state the atoms that touch it, once for each instance."""
    found: dict[str, list[tuple[str, Access]]] = {}
    for node in graph.nodes:
        for store, access in access_state(node.body).items():
            found.setdefault(store, []).append((node.atom, access))
    return found
