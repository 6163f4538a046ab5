"""What the code of one C++ function knows while it is written: names, facts, images of keys that are at hand.

A `Function` is one function of the kernel, a `Scope` a block in it. What a block finds out is forgotten behind it, except for the
`facts`, which the statements carry on.
"""

from __future__ import annotations

import re
from copy import copy
from typing import TYPE_CHECKING

from clickup_lang.backends.cpp import Cpp, Lines, call
from clickup_lang.backends.facts import Facts
from clickup_lang.backends.images import image_words
from clickup_lang.backends.names import Names, identifier
from clickup_lang.backends.program import BLOCK_NAMES, INNER_NAMES, Program, StoreNames
from clickup_lang.backends.purity import bound_locals, is_lasting, locals_read, reads_state, writes_packet, writes_state
from clickup_lang.frozen import Frozen, replace
from clickup_lang.ir.graph import Body, Expression, HeaderLayout, Local, Node
from clickup_lang.ir.image import image_size, leaves
from clickup_lang.semantics.types import Type
from clickup_lang.source import Span

if TYPE_CHECKING:
    from clickup_lang.backends.cover import Cover


LITERAL = re.compile(r'"(?:\\.|[^"\\])*"')


class EntryName(Frozen):
    """A found entry: the C++ pointer, its store, and the variable of its key and hash where there is one."""

    pointer: str
    store: str
    key: str | None


class Asked(Frozen):
    """What some code needs other code to do: pin the entries of stores, keep behind what a place was parsed."""

    held: frozenset[str] = frozenset()
    parents: frozenset[int] = frozenset()


class Stop(Frozen):
    """Where a packet waits for the second half: `resume` says where it goes on, `waiting` is the structure that keeps for it the image
    of the key that it looks up first, the locals (name, member, type), and members of the context."""

    resume: str
    waiting: str
    key: tuple[str, Expression] | None
    locals: tuple[tuple[str, str, Type], ...]
    members: tuple[str, ...]


class Function:
    """Mutable while it is written. `reads` are members of the context, `helpers` functions of stores and `parses` places, that its code
    uses; `asked` places whose presence it asks for; `outer` the locals that another function has bound for it, which it finds in `waiting`; `exits` what is known at its ports, `sends` what is of packets sent along them."""

    def __init__(self, program: Program, name: str, node: Node | None, asked: Asked, waiting: str = "") -> None:
        self.program = program
        self.name = name
        self.node = node
        self.held = asked.held
        self.kept_parents = asked.parents
        self.waiting = waiting
        self.names = Names(program.scope, taken=BLOCK_NAMES, hidden=INNER_NAMES)
        self.locals: dict[str, Cpp] = {}
        self.hoisted: frozenset[str] = frozenset()
        self.outer: dict[str, tuple[str, Type]] = {}
        self.reads: set[str] = set()
        self.helpers: set[tuple[str, str]] = set()
        self.parses: set[int] = set()
        self.exits: dict[int, list[Facts]] = {}
        self.sends: dict[int, list[Facts]] = {}
        self.jumps: dict[str, str] = {}
        self.stops: dict[int, Facts] = {}
        self.stop_plans: dict[int, Stop] = {}
        self.crowded: set[str] = set()
        self.parents: set[int] = set()
        self.asked: set[int] = set()
        self.payload_of: set[int] = set()  # places that may have been parsed last where the code asks for the payload
        self.declared: dict[str, str] = {}
        self.kept: dict[str, tuple[str, str]] = {}
        self.origin = ""
        self.own: HeaderLayout | None = None  # the header whose fields `OwnField` reads, which begins at `at`

    def trial(self) -> Function:
        """A copy, to find out what some code makes known without keeping the code."""
        other = copy(self)
        other.names = Names(self.names)
        for name in ("locals", "outer", "jumps", "declared", "kept"):
            setattr(other, name, dict(getattr(self, name)))
        other.exits, other.sends, other.stops = {}, {}, {}
        return other

    def comment(self, span: Span) -> str:
        """`  // firewall.cup:41`, where that is another line than the last one said."""
        origin = self.program.origin(span)
        if origin == self.origin:
            return ""
        self.origin = origin
        return f"  // {origin}"

    def wait_for(self, local: str, of: Type) -> str:
        """The member of `waiting` in which another function leaves a local."""
        if local not in self.outer:
            self.outer[local] = identifier(local if local != "key" else "key_value"), of
        return self.outer[local][0]

    def declare(self, wanted: str, of: str, value: str, mutable: bool = False) -> tuple[str, str]:
        """A name for a variable, and its declaration; one that nothing uses is taken out by `tidy`."""
        name = self.names.take(wanted)
        fixed = f"{of}const " if of.endswith("*") else f"const {of} "
        line = f"{f'{of} ' if mutable else fixed}{name} = {value};"
        self.declared[name] = line
        return name, line

    def keep(self, name: str, of: str, call_text: str) -> str:
        """The declaration of a variable whose value must be made in any case; `tidy` leaves the call where nothing uses it."""
        line = f"{of}{name} = {call_text};"
        self.kept[line] = name, f"{call_text.removesuffix(' != NULL')};"
        return line

    def taken_up(self, lines: Lines, asked: Cpp) -> Cpp:
        """What is asked is a look-up that stands just before: then it may stand in the question itself."""
        name, _ = self.kept.get(lines[-1] if lines else "", ("", ""))
        if not name or asked.text not in (name, f"!{name}"):
            return asked
        found = lines.pop().partition(" = ")[2].removesuffix(";")
        del self.kept[f"const bool {name} = {found};"]
        return Cpp(found if asked.text == name else found.replace(" != NULL", " == NULL"))

    def tidy(self, lines: Lines) -> Lines:
        """Without the variables that nothing uses; those that are only written say so."""
        while True:
            text = LITERAL.sub('""', "\n".join(line.partition("  //")[0] for line in lines))
            # A member of that name is another thing.
            counts = {n: len(re.findall(rf"(?<!->)(?<!\.)\b{n}\b", text)) for n in [*self.declared, *(name for name, _ in self.kept.values())]}
            unused = [n for n in self.declared if counts[n] == 1]
            if not unused:
                break
            gone = {self.declared.pop(n) for n in unused}
            lines = [line for line in lines if line.partition("  //")[0].strip() not in gone]
        kept: Lines = []
        for line in lines:
            code, sign, comment = line.partition("  //")
            name, alone = self.kept.get(code.strip(), ("", ""))
            indent = code[: len(code) - len(code.lstrip())]
            kept.append(indent + alone + sign + comment if name and counts[name] == 1 else line)
            written = next((n for n, declaration in self.declared.items() if declaration == code.strip()), None)
            if written is not None and len(re.findall(rf"^\s*{written}\b(?:\.at\[[^=;]*\])?[^=;(]* = ", text, re.M)) == counts[written] - 1:
                kept.append(f"{indent}(void){written};")
        return kept


class Scope:
    """A block. `images` are variables that hold the image of a key, by store and key."""

    def __init__(self, function: Function, facts: Facts) -> None:
        self.function = function
        self.program = function.program
        self.facts = facts
        self.images: dict[tuple[str, Expression], str] = {}
        self.entries: dict[str, EntryName] = {}
        self.labels: dict[str, list[Facts]] = {}
        self.changes: dict[tuple[int, str], tuple[Cover, str]] = {}  # of checksums, by place and field, that wait for the next statement

    @property
    def names(self) -> Names:
        return self.function.names

    def child(self, facts: Facts | None = None, function: Function | None = None) -> Scope:
        inner = Scope(function or self.function, facts or self.facts)
        inner.images, inner.entries, inner.labels = dict(self.images), dict(self.entries), self.labels
        return inner

    # -- names ----------------------------------------------------------------------------------------------------------------

    def context(self, member: str) -> str:
        """A member of the context, which is thereby used, or what is known to be the same."""
        known = self.program.known_members.get(member)
        if known is None:
            return self.own_member(member)
        self.function.reads.update(known.reads)
        return known.text

    def own_member(self, member: str) -> str:
        """The member itself: of a header it also says whether it is there."""
        self.function.reads.add(member)
        return f"context.{member}"

    def reads(self, *members: str) -> None:
        self.function.reads.update(members)

    def reads_now(self, store: StoreNames) -> None:
        """The context's time, and its tick in the grain of a store."""
        self.reads("now", tick_member(store))

    def local(self, local: Local) -> Cpp:
        """The local's variable; one that this function has not bound waits for it."""
        if local.name in self.entries:
            return Cpp(self.entries[local.name].pointer)
        function = self.function
        found = function.locals.get(local.name)
        if found is None:
            assert function.waiting, f"{local.name} is not bound in {function.name}"
            found = function.locals[local.name] = Cpp(f"{function.waiting}.{function.wait_for(local.name, local.type)}")
        return found

    def entry(self, name: str) -> str:
        return self.entries[name].pointer

    def store_of(self, name: str) -> str:
        return self.entries[name].store

    def helper(self, store: str, kind: str) -> str:
        self.function.helpers.add((store, kind))
        return self.program.helpers[store, kind]

    # -- images ---------------------------------------------------------------------------------------------------------------

    def key_image(self, store: str, key: Expression, before: Lines) -> str:
        """A variable that holds the key's image and hash."""
        known = self.images.get((store, key))
        if known is not None:
            return known
        names = self.program.stores[store]
        made = self.key_value(key, before)
        wanted = f"{key.name}_image" if isinstance(key, Local) else "wanted"
        name, line = self.function.declare(wanted, names.key, call(self.helper(store, "key"), made).text)
        before.append(line)
        self.images[store, key] = name
        return name

    def key_value(self, key: Expression, before: Lines) -> Cpp:
        from clickup_lang.backends.expressions import value
        from clickup_lang.backends.records import make_by_places

        record = make_by_places(key, "wanted_key", self, before)
        return Cpp(record) if record is not None else value(key, self, before)

    def forget_passing(self) -> None:
        """The packet or a tag has been written: keys made of its fields are others now."""
        self.images = {k: v for k, v in self.images.items() if is_lasting(k[1])}
        self.facts = replace(self.facts, absent=frozenset(a for a in self.facts.absent if is_lasting(a[1])))

    def forget_state(self) -> None:
        """State has been written: keys that are made of what was read from it are others now."""
        self.images = {k: v for k, v in self.images.items() if not reads_state(k[1])}
        self.facts = replace(self.facts, absent=frozenset(a for a in self.facts.absent if not reads_state(a[1])))

    def forget_local(self, local: str) -> None:
        """The local has, or may have, another value."""
        self.images = {k: v for k, v in self.images.items() if local not in locals_read(k[1])}
        self.facts = replace(self.facts, absent=frozenset(a for a in self.facts.absent if local not in locals_read(a[1])))

    def forget_written(self, code: Body) -> None:
        """Any of the code may have run."""
        if writes_packet(code):
            self.forget_passing()
        if writes_state(code):
            self.forget_state()
        for local in bound_locals(code):
            self.forget_local(local)

    def hash_of(self, values: list[tuple[Type, Cpp]], before: Lines) -> Cpp:
        """The language's `hash(...)`."""
        held: list[tuple[Type, Cpp]] = []
        for of, made in values:
            if len(leaves(of)) > 1 or image_size(of) > 8:
                name, line = self.function.declare("hashed", self.program.types.text(of), made.text)
                before.append(line)
                made = Cpp(name)
            held.append((of, made))
        words = image_words(self.program.types, held)
        hashed = f"cup_hash_start({len(words)}, 0)"
        for a, b in zip(words[::2], [*words[1::2], "0"]):
            hashed = f"cup_hash_step({hashed}, {a}, {b})"
        return call("cup_hash_finish", hashed)


def tick_member(store: StoreNames) -> str:
    return f"tick_{store.store.tick}"
