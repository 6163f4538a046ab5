"""Modules -> the table of declared names.

In: the trees of all files of a program, the main file first. After it: every name is declared once, and `Names.find` answers for a
file only what the file declares or imports. Not done here: names inside of bodies, which need types.
"""

from __future__ import annotations

from collections.abc import Callable
from posixpath import dirname, relpath

from clickup_lang.diagnostics import Problem
from clickup_lang.semantics import problems as say
from clickup_lang.source import Span
from clickup_lang.source.nodes import nodes
from clickup_lang.syntax import tree

Named = (
    tree.Param | tree.Const | tree.Config | tree.State | tree.Derived | tree.Tag | tree.Event | tree.Enum | tree.Record
    | tree.Header | tree.Function | tree.Atom | tree.Pipeline
)  # fmt: skip

KINDS: dict[type, str] = {
    tree.Param: "a `param`", tree.Const: "a `const`", tree.Config: "a `config`", tree.State: "a `state`",
    tree.Derived: "a `derived` value", tree.Tag: "a `tag`", tree.Event: "an `event`", tree.Enum: "an `enum`",
    tree.Record: "a `record`", tree.Header: "a `header`", tree.Function: "a function", tree.Atom: "an atom",
    tree.Pipeline: "a pipeline",
}  # fmt: skip


Library = Callable[[str], str | None]  # the module of the library that declares a name


class Names:
    """Declarations by name, with the file of each, and what each file may see."""

    def __init__(self, main: str, library: Library) -> None:
        self.main = main
        self.library = library
        self.declared: dict[str, Named] = {}  # all but headers, whose names are apart: a state may be called as a header is
        self.headers: dict[str, tree.Header] = {}
        self.visible: dict[str, frozenset[str]] = {}
        self.module_names: dict[str, str] = {}
        self.last_imports: dict[str, Span] = {}  # of each file, or its `service` line where it imports nothing
        self.service: tree.Service | None = None
        self.pipeline: tree.Pipeline | None = None
        self.tests: list[tree.Test] = []
        self.upgrades: list[tree.Upgrade] = []
        self.aliases: dict[str, tuple[str, Span]] = {}
        self.stacks: dict[str, Span] = {}  # the places that `parse ... max` fills
        self.twice: dict[str, bool] = {}  # names that are declared twice, and whether once in the library
        self.problems: list[Problem] = []

    def find(self, name: str, file: str) -> Named | None:
        """The declaration that `name` means in `file`, or None."""
        return self.seen(self.declared.get(name), file) or self.find_header(name, file)

    def find_header(self, name: str, file: str) -> tree.Header | None:
        """The header that `name` means in `file`, or None."""
        found = self.seen(self.headers.get(name), file)
        return found if isinstance(found, tree.Header) else None

    def seen(self, declaration: Named | None, file: str) -> Named | None:
        """The declaration, if the file declares or imports it."""
        if declaration is None or declaration.span.file not in self.visible.get(file, frozenset({file})):
            return None
        return declaration

    def of_kind(self, kind: type | tuple[type, ...]) -> list[Named]:
        return [d for d in (*self.declared.values(), *self.headers.values()) if isinstance(d, kind)]

    def unknown(self, name: str, what: str, span: Span, more: tuple[str, ...] = ()) -> Problem:
        """The problem with a name that `find` does not know: not imported, or not there."""
        hidden = self.declared.get(name) or self.headers.get(name)
        module = self.library(name) if hidden is None else None
        if module is not None:
            return say.not_imported(name, span, module, self.last_imports.get(span.file))
        if hidden is not None and self.seen(hidden, span.file) is None:
            file = hidden.span.file
            beside = relpath(file, dirname(span.file) or ".")
            return say.not_imported(name, span, self.module_names.get(file) or f'"{beside if beside.startswith(".") else "./" + beside}"', self.last_imports.get(span.file))
        seen = [n for n in (*self.declared, *self.headers) if self.find(n, span.file) is not None]
        return say.unknown_name(name, what, span, [*seen, *more])


def resolve_names(
    modules: tuple[tree.Module, ...], imports: dict[str, tuple[str, ...]], module_names: dict[str, str], unread: frozenset[str], library: Library
) -> Names:
    """`imports` are the files that each file imports; `module_names` what users call a library file; `unread` the words of
    declarations that a syntax error kept from being read."""
    names = Names(modules[0].file, library)
    names.module_names = module_names
    names.last_imports = {m.file: d.span for kind in (tree.Service, tree.Import) for m in modules for d in m.declarations if isinstance(d, kind)}
    names.visible = {m.file: frozenset({m.file, *imports.get(m.file, ())}) for m in modules}
    for module in modules:
        for declaration in module.declarations:
            declare(names, module.file, declaration)
    for module in modules:
        for declaration in module.declarations:
            if isinstance(declaration, (tree.Atom, tree.Function)) and declaration.body is not None:
                collect_renamed(names, declaration.body)
    for alias in names.aliases.keys() & names.headers.keys():
        names.problems.append(say.header_has_name(alias, names.aliases.pop(alias)[1], name_span(names.headers[alias])))
    main = Span(names.main, 0, 0)
    if names.service is None and "service" not in unread:
        names.problems.append(say.no_service(names.main, main))
    if names.pipeline is None and "pipeline" not in unread:
        names.problems.append(say.no_pipeline(names.service.span if names.service else main))
    return names


def declare(names: Names, file: str, declaration: tree.Declaration) -> None:
    match declaration:
        case tree.Service():
            if file != names.main:
                return
            if names.service is not None:
                names.problems.append(say.service_twice(declaration.span, names.service.span))
            elif declaration.version < 1:
                names.problems.append(say.version_zero(declaration.version_span))
            names.service = names.service or declaration
        case tree.Pipeline(name=None):
            if names.pipeline is not None:
                names.problems.append(say.pipeline_twice(declaration.span, names.pipeline.span))
            names.pipeline = names.pipeline or declaration
        case tree.Test():
            if file == names.main:
                names.tests.append(declaration)
        case tree.Upgrade():
            names.upgrades.append(declaration)
        case tree.Import():
            pass
        case _:
            assert declaration.name is not None
            name = declaration.name.text
            table: dict[str, Named] = names.headers if isinstance(declaration, tree.Header) else names.declared  # type: ignore[assignment]
            if name in table:
                first, second = name_span(table[name]), declaration.name.span
                names.twice[name] = second.file in names.module_names
                if second.file in names.module_names:
                    names.problems.append(say.name_of_library(name, first, second))
                else:
                    names.problems.append(say.duplicate_name(name, second, first))
                return
            table[name] = declaration
            if isinstance(declaration, (tree.Atom, tree.Function)) and declaration.body is not None:
                collect_aliases(names, declaration.body)


def name_span(declaration: Named) -> Span:
    return declaration.name.span if declaration.name is not None else declaration.span


def collect_aliases(names: Names, body: tree.Block) -> None:
    """Records the places that `parse ... as` names, and those that are stacks: a name means one kind of header in the whole program."""
    for node in nodes(body):
        match node:
            case tree.Parse(maximum=maximum, header=header, alias=alias) if maximum is not None:
                named = alias or header
                names.stacks.setdefault(named.text, named.span)
            case _:
                pass
        match node:
            case tree.Parse(header=header, alias=tree.Identifier(text=alias, span=span)):
                known = names.aliases.setdefault(alias, (header.text, span))
                if known[0] != header.text:
                    names.problems.append(say.alias_differs(alias, span, known[1]))
            case _:
                pass


def collect_renamed(names: Names, body: tree.Block) -> None:
    """Records what `push ... before h as NAME` and `pop to h as NAME` call a header from then on: its own name, or one as in
    `parse ... as`."""
    for node in nodes(body):
        match node:
            case tree.Push(before=before, alias=tree.Identifier() as alias) | tree.Pop(to=before, alias=tree.Identifier() as alias):
                kind = names.aliases[before.text][0] if before.text in names.aliases else before.text
                if before.text in names.stacks:
                    names.stacks.setdefault(alias.text, alias.span)
                if alias.text == kind:
                    continue
                known = names.aliases.setdefault(alias.text, (kind, alias.span))
                if known[0] != kind:
                    names.problems.append(say.alias_differs(alias.text, alias.span, known[1]))
            case _:
                pass
