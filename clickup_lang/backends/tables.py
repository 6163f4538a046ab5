"""The functions and structures of a store: an entry's or cell's structure, a key with its hash, and what finds, makes and removes
entries with the store's own layout and policy built in.

All are small and inlined, but for `renew`, which is for an entry that was not found in this tick before.
"""

from __future__ import annotations

from clickup_lang.backends.cpp import Cpp, Lines, indented, member
from clickup_lang.backends.cpp_types import leaf_of
from clickup_lang.backends.expressions import value
from clickup_lang.backends.node_code import hoist
from clickup_lang.backends.leases import given_back, leases_at
from clickup_lang.backends.statements import write_body
from clickup_lang.backends.facts import at_arrival
from clickup_lang.backends.images import holds_bytes, image_words, leaf_type, pieces
from clickup_lang.backends.program import Program, StoreNames
from clickup_lang.backends.scope import Asked, EntryName, Function, Scope, tick_member
from clickup_lang.backends.view import FunctionView, MemberView, StructView
from clickup_lang.ir.choices import choices_of
from clickup_lang.ir.image import image_order, leaves
from clickup_lang.ir.graph import Choose, Constant, Expression, SecondKey
from clickup_lang.ir.pools import has_leaving_work
from clickup_lang.ir.second_keys import index_name

from clickup_lang.ir.place_state import PlacedLeaf, pool_offset, pool_stride
from clickup_lang.semantics.pools import keeps_keys
from clickup_lang.semantics.types import LEAVING, EnumType, Type


MOST_UNROLLED = 16  # words of a key that are put together one by one


def entry_view(program: Program, names: StoreNames) -> StructView:
    """The bytes of an entry or of cells, gaps named."""
    placement = names.placement
    members: list[MemberView] = []
    at = 0
    if names.is_table:
        members = [MemberView("uint32_t sequence;", 0), MemberView("uint32_t stamp;", 4)]
        at = placement.key_at
    for placed in placement.leaves:
        members += gap(at, placed.offset)
        members.append(MemberView(f"{leaf_type(program.types, placed.leaf)} {leaf_name(names, placed)};", placed.offset))
        at = placed.offset + placed.leaf.size
    if keeps_keys(names.store.type):
        begin, size = pool_offset(placement), pool_stride(names.store)
        members += [*gap(at, begin), MemberView(f"uint8_t pool[{size}];", begin)]
        at = begin + size
    members += gap(at, placement.stride)
    what = "An entry" if names.is_table else "The value"
    asserts = [(leaf_name(names, p), p.offset) for p in placement.leaves]
    return StructView(f"{what} of `{names.store.name}`, {placement.stride} bytes.", names.entry, tuple(members), placement.stride, tuple(asserts))


def gap(at: int, offset: int) -> list[MemberView]:
    if at == offset:
        return []
    return [MemberView(f"uint8_t padding{f'_{at}' if at else ''}[{offset - at}];", at)]


def leaf_name(names: StoreNames, placed: PlacedLeaf) -> str:
    return names.leaves[placed.side, placed.leaf.name]


def store_functions(program: Program, names: StoreNames, used: frozenset[str]) -> tuple[FunctionView, ...]:
    """Those of the kinds in `used`, and those that they need."""
    made = {
        "key": key_function, "hash_of": hash_function, "idle_of": idle_of_function, "idle": idle_function, "renew": renew_function,
        "emptied": emptied_function, "leaving": leaving_function, "joined": joined_function, "by_index": by_index_function,
        "taken": taken_function, "find": find_function, "make": make_function, "put": put_function, "due": due_function, "hold": hold_function,
        "remove_key": remove_key_function, "size": size_function,
    }  # fmt: skip
    needs = {
        "find": ("renew",), "renew": ("idle_of",), "put": ("find", "make"), "due": ("idle_of",), "idle": ("idle_of",), "remove_key": (), "by_index": (), "taken": (), "leaving": ("emptied",),
    }
    wanted: set[str] = set()
    left = [*used, "idle"]
    if has_leaving_work(names.store):
        left += ["leaving", "joined"]
    while left:
        kind = left.pop()
        if kind not in wanted:
            wanted.add(kind)
            left += needs.get(kind, ())
    if names.store.idle is None:
        wanted -= {"idle_of", "idle", "due"}
    if not names.store.indices:
        wanted -= {"joined"}
    if names.store.name in program.index_stores:
        wanted.add("key")
    return tuple(write(program, names) for kind, write in made.items() if kind in wanted)


def helper(program: Program, names: StoreNames, kind: str) -> str:
    return program.helpers[names.store.name, kind]


# -- keys ---------------------------------------------------------------------------------------------------------------------


def by_reference(program: Program, of: Type, name: str) -> str:
    text = program.types.text(of)
    small = isinstance(of, EnumType) or text.endswith("_t") or text == "bool"
    return f"{text} {name}" if small else f"const {text} &{name}"


def hash_lines(words: list[str]) -> Lines:
    """`cup_hash` unrolled: with a constant count it should be, but loops are kept at -O2."""
    pairs = [(words[i], words[i + 1] if i + 1 < len(words) else "0") for i in range(0, len(words), 2)]
    lines = [f"uint64_t hash = cup_hash_start({len(words)}, SEED);"]
    return [*lines, *(f"hash = cup_hash_step(hash, {a}, {b});" for a, b in pairs)]


def key_function(program: Program, names: StoreNames) -> FunctionView:
    words = image_words(program.types, [(names.key_type, Cpp("key"))])
    if len(words) > MOST_UNROLLED and any(holds_bytes(leaf) for leaf in leaves(names.key_type)):
        return long_key_function(program, names)
    lines = [f"{names.key} image;", *(f"image.words[{i}] = {word};" for i, word in enumerate(words))]
    lines += [*hash_lines([f"image.words[{i}]" for i in range(len(words))]), "image.hash = cup_hash_finish(hash);", "return image;"]
    name = helper(program, names, "key")
    return FunctionView(f"The image of a key of `{names.store.name}`, and its hash.", f"CUP_INLINE {names.key} {name}({by_reference(program, names.key_type, 'key')})", tuple(lines))


def long_key_function(program: Program, names: StoreNames) -> FunctionView:
    """Of a key with many bytes: they are copied, and hashed where they lie then."""
    types, size = program.types, names.placement.key_size
    lines = [f"{names.key} image;", "uint8_t *const bytes = reinterpret_cast<uint8_t *>(image.words);", f"image.words[{names.key_words - 1}] = 0;"]
    at = 0
    for leaf in image_order(names.key_type):
        number = leaf_of(types, Cpp("key"), names.key_type, leaf)
        if holds_bytes(leaf):
            lines.append(f"memcpy(bytes + {at}, {member(number, 'at').text}, {leaf.size});")
            at += leaf.size
            continue
        for part, piece in pieces(types, leaf, number):
            lines += ["{", f"    const uint64_t part = {piece.text};", f"    memcpy(bytes + {at}, &part, {part});", "}"]
            at += part
    lines += [f"image.hash = cup_hash_image(bytes, {size}, SEED);", "return image;"]
    name = helper(program, names, "key")
    return FunctionView(f"The image of a key of `{names.store.name}`, and its hash.", f"CUP_INLINE {names.key} {name}({by_reference(program, names.key_type, 'key')})", tuple(lines))


def hash_function(program: Program, names: StoreNames) -> FunctionView:
    line = f"return cup_hash_image(reinterpret_cast<const uint8_t *>(entry) + {names.placement.key_at}, {names.placement.key_size}, SEED);"
    return FunctionView("", f"CUP_INLINE uint64_t {helper(program, names, 'hash_of')}(const {names.entry} *entry)", (line,))


# -- idle times ---------------------------------------------------------------------------------------------------------------


def idle_of_function(program: Program, names: StoreNames) -> FunctionView:
    assert names.store.idle is not None
    function = Function(program, "idle", None, Asked())
    scope = Scope(function, at_arrival(len(program.places)))
    scope.entries["self"] = EntryName("entry", names.store.name, None)
    lines = idle_lines(names.store.idle, scope)
    parameter = f"const {names.entry} *entry" if any("entry" in line for line in lines) else f"const {names.entry} *"
    comment = f"How long an entry stays that no packet finds, in nanoseconds. {program.origin(names.store.origin)}"
    return FunctionView(comment, f"CUP_INLINE uint64_t {helper(program, names, 'idle_of')}({parameter})", tuple(lines))


def idle_lines(idle: Expression, scope: Scope) -> Lines:
    """A `switch` for each choice by one value."""
    choices = choices_of(idle)
    lines: Lines = []
    if choices is not None and len(choices.arms) > 1:
        subject = value(choices.subject, scope, lines)
        lines.append(f"switch ({subject.text}) {{")
        for arm in choices.arms:
            labels = [f"case {scope.program.types.constant(choices.subject.type, v).text}:" for v in arm.values]
            inner = idle_lines(arm.result, scope)
            lines += [*labels[:-1], f"{labels[-1]} {inner[0]}"] if len(inner) == 1 else [*labels, *indented(inner)]
        return [*lines, f"default: {idle_lines(choices.otherwise, scope)[0]}", "}"] if is_simple(choices.otherwise) else [
            *lines, "default: break;", "}", *idle_lines(choices.otherwise, scope)
        ]  # fmt: skip
    if isinstance(idle, Choose):
        asked = value(idle.condition, scope, lines)
        return [*lines, f"if ({asked.text}) {{", *indented(idle_lines(idle.then, scope)), "}", *idle_lines(idle.otherwise, scope)]
    return [*lines, f"return {value(idle, scope, lines).text};"]


def is_simple(idle: Expression) -> bool:
    return isinstance(idle, Constant)


def idle_function(program: Program, names: StoreNames) -> FunctionView:
    call = f"{helper(program, names, 'idle_of')}(reinterpret_cast<const {names.entry} *>(entry))"
    name = helper(program, names, "idle")
    return FunctionView("", f"__attribute__((unused)) static uint64_t {name}(const uint8_t *entry)", (f"return {call};",))


# -- finding and making -------------------------------------------------------------------------------------------------------


def renew_function(program: Program, names: StoreNames) -> FunctionView:
    table, shape = f"&kernel.{names.member}", names.shape
    lines = ["uint8_t *bytes = reinterpret_cast<uint8_t *>(entry);"]
    used = "hash"
    if names.store.idle is not None:
        idle = f"{helper(program, names, 'idle_of')}(entry)"
        lines += [
            f"if (cup_table_expired({table}, {shape}, bytes, context.now, {idle})) {{",
            f"    cup_table_remove({table}, {shape}, bytes, hash);",
            "    return NULL;",
            "}",
        ]
    else:
        used = ""
    lines += [f"cup_table_touch({table}, {shape}, bytes, context.{tick_member(names)});", "return entry;"]
    signature = (
        f"__attribute__((noinline, unused)) static {names.entry} *{helper(program, names, 'renew')}"
        f"(Kernel &kernel, const Context &context, {names.entry} *entry, uint64_t {used})"
    ).replace("uint64_t )", "uint64_t)")
    return FunctionView("An entry found that has another tick's stamp: its time is over, or it is stamped anew.", signature, tuple(lines))


def find_function(program: Program, names: StoreNames) -> FunctionView:
    found = f"cup_table_find_words(&kernel.{names.member}, {names.shape}, key.words, key.hash)"
    lines = [
        f"{names.entry} *entry = reinterpret_cast<{names.entry} *>({found});",
        f"if (entry == NULL || CUP_LIKELY(entry->stamp == static_cast<uint32_t>(context.{tick_member(names)}))) return entry;",
        f"return {helper(program, names, 'renew')}(kernel, context, entry, key.hash);",
    ]
    signature = f"CUP_INLINE {names.entry} *{helper(program, names, 'find')}(Kernel &kernel, const Context &context, const {names.key} &key)"
    return FunctionView(f"The entry of a key, stamped; NULL where there is none, or its time is over.", signature, tuple(lines))


def make_function(program: Program, names: StoreNames) -> FunctionView:
    table = f"&kernel.{names.member}"
    full = [f"cup_table_expire({table}, context.now);"] if names.store.idle is not None else []
    if names.store.when_full == "evict":
        held = f"kernel.held_{names.member}, kernel.held_{names.member}_count" if names.store.name in program.held else "NULL, 0"
        full.append(f"if (cup_table_full({table})) cup_table_evict_oldest({table}, {held});")
        comment = "Makes the entry of a key that has none; where the table is full, the oldest one leaves."
    else:
        full.append(f"if (cup_table_full({table})) return NULL;")
        comment = "Makes the entry of a key that has none; NULL where the table is full."
    made = f"cup_table_insert({table}, {names.shape}, key.words, key.hash, context.{tick_member(names)})"
    lines = [f"if (CUP_UNLIKELY(cup_table_full({table}))) {{", *indented(full), "}", f"return reinterpret_cast<{names.entry} *>({made});"]
    signature = (
        f"__attribute__((unused)) static {names.entry} *{helper(program, names, 'make')}"
        f"(Kernel &kernel, const Context &context, const {names.key} &key)"
    )
    return FunctionView(comment, signature, tuple(lines))


def put_function(program: Program, names: StoreNames) -> FunctionView:
    arguments = "(kernel, context, key)"
    lines = [
        f"{names.entry} *entry = {helper(program, names, 'find')}{arguments};",
        f"return entry != NULL ? entry : {helper(program, names, 'make')}{arguments};",
    ]
    if has_leaving_work(names.store):
        lines = [lines[0], f"if (entry == NULL) return {helper(program, names, 'make')}{arguments};", f"{helper(program, names, 'emptied')}(kernel, entry);", "return entry;"]
    signature = (
        f"__attribute__((unused)) static {names.entry} *{helper(program, names, 'put')}"
        f"(Kernel &kernel, const Context &context, const {names.key} &key)"
    )
    return FunctionView("The entry of a key, found or made.", signature, tuple(lines))


def due_function(program: Program, names: StoreNames) -> FunctionView:
    deadline = f"cup_deadline({names.shape}, context.{tick_member(names)}, {helper(program, names, 'idle_of')}(entry))"
    signature = (
        f"CUP_INLINE void {helper(program, names, 'due')}"
        f"(Kernel &kernel, const Context &context, const {names.entry} *entry, uint64_t hash)"
    )
    lines = (f"cup_table_deadline_lowered(&kernel.{names.member}, hash, {deadline});",)
    return FunctionView("Says when an entry may be due, which this packet has found or made, and written.", signature, lines)


def hold_function(program: Program, names: StoreNames) -> FunctionView:
    held = f"kernel.held_{names.member}"
    lines = (f"{held}[{held}_count++] = reinterpret_cast<uint8_t *>(entry);",)
    signature = f"CUP_INLINE void {helper(program, names, 'hold')}(Kernel &kernel, {names.entry} *entry)"
    return FunctionView("The entry stays until the packet is done.", signature, lines)


def remove_key_function(program: Program, names: StoreNames) -> FunctionView:
    table, shape = f"&kernel.{names.member}", names.shape
    lines = (
        f"uint8_t *entry = cup_table_find_words({table}, {shape}, key.words, key.hash);",
        "if (entry == NULL) return;",
        *([f"{helper(program, names, 'leaving')}(&kernel, entry, key.hash, CUP_REMOVED);"] if has_leaving_work(names.store) else []),
        f"cup_table_remove({table}, {shape}, entry, key.hash);",
    )
    signature = f"CUP_INLINE void {helper(program, names, 'remove_key')}(Kernel &kernel, const {names.key} &key)"
    return FunctionView("", signature, lines)


def size_function(program: Program, names: StoreNames) -> FunctionView:
    table = f"&kernel.{names.member}"
    lines = [f"return cup_table_count({table});"]
    now = "uint64_t"
    if names.store.idle is not None:
        lines, now = [f"cup_table_expire({table}, now);", *lines], "uint64_t now"
    signature = f"CUP_INLINE uint64_t {helper(program, names, 'size')}(Kernel &kernel, {now})"
    return FunctionView("Entries whose time is not over.", signature, tuple(lines))


# -- what goes with an entry --------------------------------------------------------------------------------------------------


def second_key(program: Program, names: StoreNames, index: SecondKey, function: Function) -> Lines:
    """A variable with the image of an entry's second key."""
    scope = Scope(function, at_arrival(len(program.places)))
    scope.entries["self"] = EntryName("entry", names.store.name, None)
    lines: Lines = []
    made = value(index.value, scope, lines)
    other = program.stores[index_name(names.store.name, index.name)]
    return [*lines, f"const {other.key} {index.name} = {helper(program, other, 'key')}({made.text});"]


def emptied_function(program: Program, names: StoreNames) -> FunctionView:
    function = Function(program, "emptied", None, Asked())
    lines: Lines = []
    for index in names.store.indices:
        other = program.stores[index_name(names.store.name, index.name)]
        key = index.name
        lines += ["{", *indented([
            *second_key(program, names, index, function),
            f"uint8_t *const held = cup_table_find_words(&kernel.{other.member}, {other.shape}, {key}.words, {key}.hash);",
            f"if (held != NULL) cup_table_remove(&kernel.{other.member}, {other.shape}, held, {key}.hash);",
        ]), "}"]  # fmt: skip
    lines += [given_back(held) for held in leases_at(names, "entry", program)]
    parameter = f"{names.entry} *entry" if any("entry" in line for line in lines) else f"{names.entry} *"
    signature = f"__attribute__((unused)) static void {helper(program, names, 'emptied')}(Kernel &kernel, {parameter})"
    return FunctionView("What goes with an entry's value: second keys, and leases.", signature, ("(void)kernel;", *lines))


def leaving_function(program: Program, names: StoreNames) -> FunctionView:
    lines: Lines = [
        "Kernel &kernel = *static_cast<Kernel *>(place);", f"{names.entry} *const entry = reinterpret_cast<{names.entry} *>(bytes);",
        f"{helper(program, names, 'emptied')}(kernel, entry);",
    ]  # fmt: skip
    if names.store.on_leave:
        function = Function(program, "leaving", None, Asked())
        scope = Scope(function, at_arrival(len(program.places)))
        scope.entries["self"] = EntryName("entry", names.store.name, None)
        of = program.types.text(LEAVING) if LEAVING.name in program.types.enums else "uint8_t"
        function.locals["why"] = Cpp("reason")
        body = function.tidy([*hoist(function, names.store.on_leave, scope), *write_body(names.store.on_leave, scope)[0]])
        if any("reason" in line for line in body):
            lines.append(f"const {of} reason = static_cast<{of}>(why);")
        if any("context." in line for line in body):
            lines.append("const struct { uint64_t now; } context = { kernel.now };")
        lines += body
    parameters = "void *place, uint8_t *bytes, uint64_t, cup_leave" + (" why" if any("(why)" in line for line in lines) else "")
    signature = f"__attribute__((unused)) static void {helper(program, names, 'leaving')}({parameters})"
    return FunctionView(f"An entry of `{names.store.name}` leaves. {program.origin(names.store.origin)}", signature, tuple(lines))


def joined_function(program: Program, names: StoreNames) -> FunctionView:
    function = Function(program, "joined", None, Asked())
    lines: Lines = [f"const uint64_t slot = static_cast<uint64_t>(reinterpret_cast<uint8_t *>(entry) - kernel.{names.member}.entries) / {names.placement.stride};"]
    for index in names.store.indices:
        other = program.stores[index_name(names.store.name, index.name)]
        made = f"cup_table_insert(&kernel.{other.member}, {other.shape}, {index.name}.words, {index.name}.hash, 0)"
        lines += [*second_key(program, names, index, function), f"reinterpret_cast<{other.entry} *>({made})->{other.leaves['value', '.']} = static_cast<uint32_t>(slot);"]
    signature = f"CUP_INLINE void {helper(program, names, 'joined')}(Kernel &kernel, {names.entry} *entry)"
    return FunctionView("The second keys of an entry lead to it.", signature, tuple(lines))


def owner_of(program: Program, names: StoreNames) -> StoreNames:
    """The state whose entries a table of second keys leads to."""
    return program.stores[names.store.name.rpartition(".")[0]]


def entry_behind(program: Program, names: StoreNames) -> Lines:
    owner = owner_of(program, names)
    return [
        f"const uint8_t *const held = cup_table_find_words(&kernel.{names.member}, {names.shape}, key.words, key.hash);",
        f"uint8_t *const bytes = held == NULL ? NULL : kernel.{owner.member}.entries + static_cast<uint64_t>(reinterpret_cast<const {names.entry} *>(held)->{names.leaves['value', '.']}) * {owner.placement.stride};",
    ]  # fmt: skip


def by_index_function(program: Program, names: StoreNames) -> FunctionView:
    owner = owner_of(program, names)
    lines = [
        *entry_behind(program, names),
        f"if (bytes != NULL) cup_table_touch(&kernel.{owner.member}, {owner.shape}, bytes, context.{tick_member(owner)});",
        f"return reinterpret_cast<{owner.entry} *>(bytes);",
    ]
    signature = f"CUP_INLINE {owner.entry} *{helper(program, names, 'by_index')}(Kernel &kernel, const Context &context, const {names.key} &key)"
    return FunctionView("The entry of a second key, stamped, or NULL.", signature, tuple(lines))


def taken_function(program: Program, names: StoreNames) -> FunctionView:
    owner = owner_of(program, names)
    lines = [*entry_behind(program, names), f"return bytes != NULL && !cup_equal(bytes + {owner.placement.key_at}, own.words, {owner.placement.key_size});"]
    signature = f"CUP_INLINE bool {helper(program, names, 'taken')}(Kernel &kernel, const {names.key} &key, const {owner.key} &own)"
    return FunctionView("Does a second key belong to another entry than that of the key `own`?", signature, tuple(lines))
