"""A main file -> the trees of all files of the program, following its imports."""

from __future__ import annotations

import posixpath
import re
from bisect import bisect_right

from clickup_lang.diagnostics import Problem
from clickup_lang.frozen import Frozen
from clickup_lang.semantics import problems as say
from clickup_lang.share import share
from clickup_lang.source import FileSystem, SourceText
from clickup_lang.syntax import tree
from clickup_lang.syntax.items import DECLARATIONS
from clickup_lang.syntax.parse import parse
from clickup_lang.syntax.prepared_files import LIBRARY

BEGINNING = re.compile(r"^(?:%s)\b" % "|".join(sorted(DECLARATIONS)), re.MULTILINE)


class Loaded(Frozen):
    """`modules` begins with the main file; `imports` are the files that each file imports; `module_names` what users call a library
    file; `sources` the texts by file; `unread` the words in declarations that a syntax error kept from being read."""

    modules: tuple[tree.Module, ...]
    imports: dict[str, tuple[str, ...]]
    module_names: dict[str, str]
    sources: dict[str, SourceText]
    problems: tuple[Problem, ...]
    unread: frozenset[str]


class Loading:
    def __init__(self, files: FileSystem) -> None:
        self.files = files
        self.modules: dict[str, tree.Module] = {}
        self.imports: dict[str, tuple[str, ...]] = {}
        self.module_names: dict[str, str] = {}
        self.sources: dict[str, SourceText] = {}
        self.problems: list[Problem] = []
        self.unread: set[str] = set()
        self.open: list[str] = []


def load(path: str, files: FileSystem) -> Loaded:
    """Reads the program; a main file that cannot be read raises `OSError` or `UnicodeDecodeError`."""
    loading = Loading(files)
    load_text(loading, SourceText(path, files.read(path)))
    return Loaded(tuple(loading.modules.values()), loading.imports, loading.module_names, loading.sources, tuple(loading.problems), frozenset(loading.unread))


def load_text(loading: Loading, source: SourceText) -> None:
    parsed = parse(source)
    loading.sources[source.file] = source
    loading.modules[source.file] = parsed.module
    loading.problems += parsed.problems
    loading.unread |= unread_words(source, parsed.problems)
    loading.open.append(source.file)
    imported: list[str] = []
    for declaration in parsed.module.declarations:
        if isinstance(declaration, tree.Import):
            file = load_import(loading, declaration, source.file)
            if file is not None:
                imported.append(file)
            else:
                loading.unread.add("import")
    loading.open.pop()
    loading.imports[source.file] = tuple(imported)


def unread_words(source: SourceText, problems: tuple[Problem, ...]) -> set[str]:
    """All words of the declarations in which the problems lie: what they would have declared is among them."""
    if not problems:
        return set()
    beginnings = [0, *(m.start() for m in BEGINNING.finditer(source.text)), len(source.text)]
    words: set[str] = set()
    for problem in problems:
        for label in problem.labels:
            index = bisect_right(beginnings, label.span.start)
            words.update(re.findall(r"[A-Za-z_]\w*", source.text[beginnings[index - 1] : beginnings[min(index, len(beginnings) - 1)]]))
    return words


def load_import(loading: Loading, written: tree.Import, importer: str) -> str | None:
    """The imported file, read if it has not been yet; None after a problem."""
    file = posixpath.normpath(posixpath.join(posixpath.dirname(importer), written.path)) if written.is_file else f"{LIBRARY}{written.path}.cup"
    if file in loading.open:
        loading.problems.append(say.import_cycle((*loading.open[loading.open.index(file) :], file), written.span))
        return None
    if file in loading.modules:
        return file
    try:
        text = loading.files.read(file) if written.is_file else library_text(written.path)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror or "it is not there" if isinstance(error, OSError) else "it is not UTF-8 text"
        loading.problems.append(say.unreadable_file(written.path, reason.lower(), written.span))
        return None
    if text is None:
        loading.problems.append(say.unknown_module(written.path, written.span, library_modules()))
        return None
    if not written.is_file:
        loading.module_names[file] = written.path
    load_text(loading, SourceText(file, text))
    return file


def library_modules() -> list[str]:
    return sorted(p.stem for p in share("stdlib").glob("*.cup"))


def library_module_of(name: str) -> str | None:
    """The library module that declares the name."""
    beginning = re.compile(rf"^(?:extern )?(?:{'|'.join(sorted(DECLARATIONS))}) {re.escape(name)}\b", re.MULTILINE)
    return next((m for m in library_modules() if beginning.search(library_text(m) or "")), None)


def library_text(name: str) -> str | None:
    """The text of a library module, or None where there is none of that name."""
    path = share("stdlib") / f"{name}.cup"
    return path.read_text(encoding="utf-8") if name.isidentifier() and path.is_file() else None

