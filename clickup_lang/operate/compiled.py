"""`CompiledMachine`: a compiled program as a machine that runs tests, beside the interpreter.

    with CompiledMachine(graph, program) as machine:
        failures = run_script(script, machine)

The program is driven by lines on its standard input (`runtime_c/src/native_script.c`), and its state is read from its arena between two
answers. A program that does not answer as it should raises `ProgramBroke`: that is a bug, not a failed test.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from clickup_lang.ir.graph import Graph, Store
from clickup_lang.ir.interpret import Reported
from clickup_lang.ir.place_state import place_state
from clickup_lang.ir.pools import PoolKey, has_leases
from clickup_lang.ir.show_value import show_value
from clickup_lang.operate.arena import Arena, read_arena
from clickup_lang.operate.event_lines import read_event
from clickup_lang.operate.given_entry import give_entry
from clickup_lang.operate.stored_pools import leased_in, with_keys
from clickup_lang.operate.stored_state import array_of, cell_of, entries_of
from clickup_lang.semantics.types import ArrayType, BucketType, Integer, LpmType, MapType, RecordType, RegisterType, Scalar, SetType, Type, key_type

MEMORY = Path("/dev/shm")
SLOTS_PER_ENTRY = 1.7  # a table is at most 62.5 % full
COUNTER = Integer(64)
UNITS = {"duration": "ns", "time": "ns", "size": "B", "bitrate": "bps", "packetrate": "pps"}


class ProgramBroke(Exception):
    """The compiled program ended, or answered something else than was asked."""


class CompiledMachine:
    """One process with an arena of its own, which is gone at the end."""

    def __init__(self, graph: Graph, program: Path) -> None:
        self.graph = graph
        self.program = program
        self.folder = Path(tempfile.mkdtemp(prefix="cupc-state-", dir=roomy_folder(graph)))
        self.now = 0
        self.settings: dict[str, str] = {}
        self.arena: Arena | None = None
        self.reported: dict[str, int] = {}
        self.heard: list[Reported] = []
        self.inputs = {entry.device for entry in graph.inputs}
        self.process = self.begin()

    def __enter__(self) -> CompiledMachine:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.close_pipes()
        self.arena = None
        shutil.rmtree(self.folder, ignore_errors=True)

    # -- the process ----------------------------------------------------------------------------------------------------------

    def begin(self) -> subprocess.Popen[str]:
        words = [str(self.program), "--state", str(self.folder), "--script", "-"]
        return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def close_pipes(self) -> str:
        """Waits for the end; gives what the program complained of. Nothing happens the second time."""
        process = self.process
        assert process.stdin is not None and process.stdout is not None and process.stderr is not None
        if process.stderr.closed:
            return ""
        try:
            process.stdin.close()
        except BrokenPipeError:
            pass
        said = process.stderr.read().strip()
        process.wait()
        process.stdout.close()
        process.stderr.close()
        return said

    def ask(self, line: str) -> list[str]:
        """Sends a line; gives the lines of the answer before `done`."""
        process = self.process
        assert process.stdin is not None and process.stdout is not None
        answer: list[str] = []
        try:
            process.stdin.write(line + "\n")
            process.stdin.flush()
        except BrokenPipeError:
            raise self.broke(line) from None
        for said in process.stdout:
            said = said.rstrip("\n")
            if said == "done":
                return answer
            if said.startswith("error "):
                raise ProgramBroke(f"the compiled program refuses `{line[:60]}`: {said.removeprefix('error ')}")
            answer.append(said)
        raise self.broke(line)

    def broke(self, line: str) -> ProgramBroke:
        said = self.close_pipes()
        code = self.process.returncode
        how = f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
        return ProgramBroke(f"the compiled program {how} at `{line[:60]}`{': ' + said if said else ''}")

    # -- what a test does -----------------------------------------------------------------------------------------------------

    def arrive(self, device: str, data: bytes, time: int) -> list[tuple[str, bytes]]:
        if device not in self.inputs:
            return []
        self.set_clock(time)
        self.arena = None
        words = [said.split(" ") for said in self.ask(f"packet {device} {data.hex() or '-'}")]
        self.listen()
        return [(out, b"" if content == "-" else bytes.fromhex(content)) for _, out, content in words]

    def configure(self, name: str, value: Any) -> None:
        of = next(c.type for c in self.graph.configs if c.name == name)
        for path, text in settings_at(name, of, value):
            self.settings[path] = text
            self.ask(f"set {path} {text}")
        self.arena = None

    def advance(self, time: int) -> None:
        self.set_clock(time)
        self.ask("expire")
        self.listen()
        self.arena = None

    def set_clock(self, time: int) -> None:
        self.now = max(self.now, time)
        self.ask(f"at {self.now}")

    def given(self, store: str, key: Any, value: Any) -> bool:
        """The program is stopped for it, and started again with what its operator had set."""
        self.advance(self.now)
        if self.graph.events:
            counts = self.counts()
            self.reported = {e.name: self.reported.get(e.name, 0) + counts[e.name] for e in self.graph.events}
        said = self.close_pipes()
        if self.process.returncode != 0:
            raise ProgramBroke(f"the compiled program did not end in order: {said}")
        held = give_entry(self.folder / "arena", self.graph, store, key, value, self.now)
        self.process = self.begin()
        for name, text in self.settings.items():
            self.ask(f"set {name} {text}")
        self.set_clock(self.now)
        return held

    # -- what a test sees -----------------------------------------------------------------------------------------------------

    def entries(self, store: str) -> dict[Any, Any]:
        of = self.graph.store(store).type
        arena = self.settled()
        match of:
            case MapType(key=key, value=value):
                entries = entries_of(arena, store, key, value)
                return {k: with_keys(arena, self.graph, value, v) for k, v in entries.items()} if has_leases(value) else entries
            case SetType(element=element):
                return entries_of(arena, store, element, None)
            case _:
                raise TypeError(f"`{store}` has no entries")

    def size(self, store: str) -> int:
        """As the program itself counts."""
        self.settled()
        counts = dict(said.removeprefix("state ").rsplit(" ", 1) for said in self.ask("states"))
        return int(counts[store])

    def cell(self, store: str) -> Any:
        of = self.graph.store(store).type
        if isinstance(of, ArrayType):
            return array_of(self.settled(), store, of.element, of.length)
        return cell_of(self.settled(), store, of.value if isinstance(of, RegisterType) else of if isinstance(of, BucketType) else COUNTER)

    def counts(self) -> dict[str, int]:
        """The number of each state, and how often each event has been reported since the process began."""
        return {name: int(count) for name, count in (said.removeprefix("state ").rsplit(" ", 1) for said in self.ask("states"))}

    def reports_of(self, event: str) -> int:
        return self.reported.get(event, 0) + self.counts()[event]

    def listen(self) -> None:
        """Takes what has been reported, before the ring is full."""
        if not self.graph.events:
            return
        *lines, lost = self.ask("events")
        self.heard += [read_event(self.graph, line) for line in lines]
        if lost != "lost 0":
            raise ProgramBroke(f"the compiled program has {lost} events")

    def events(self) -> list[Reported]:
        """All that has been reported, in order."""
        return self.heard

    def leases(self, pool: str, key: PoolKey) -> set[int]:
        return self.pool(pool).get(key, set())

    def leased(self, pool: str, key: PoolKey) -> int:
        return len(self.leases(pool, key))

    def keys_with_leases(self, pool: str) -> int:
        return len(self.pool(pool))

    def pool(self, pool: str) -> dict[PoolKey, set[int]]:
        """What is leased of each pool of the state, by its key, where anything is."""
        return leased_in(self.settled(), self.graph.store(pool))

    def settled(self) -> Arena:
        """The arena as it is now, without what has expired."""
        if self.arena is None:
            self.advance(self.now)
            self.arena = read_arena(self.folder / "arena")
        return self.arena


def settings_at(path: str, of: Type, value: Any) -> Iterator[tuple[str, str]]:
    """What the program calls its settings: of a record each field is one."""
    if isinstance(of, RecordType):
        for field, part in zip(of.fields, value):
            yield from settings_at(f"{path}.{field.name}", field.type, part)
        return
    yield path, config_text(of, value)


def config_text(of: Type, value: Any) -> str:
    """A value as the program reads it (`cup/value.h`)."""
    match of:
        case SetType(element=element):
            return "[" + ", ".join(config_text(element, v) for v in value) + "]"
        case MapType() | LpmType():
            return "[" + ", ".join(f"{config_text(key_type(of), k)}: {config_text(of.value, v)}" for k, v in value) + "]"
        case RecordType(fields=fields):
            return "(" + ", ".join(f"{f.name}: {config_text(f.type, v)}" for f, v in zip(fields, value)) + ")"
        case Scalar(name=name) if name in UNITS:
            return f"{value}{UNITS[name]}"
        case _:
            return show_value(of, value)


def roomy_folder(graph: Graph) -> str | None:
    """Memory, where a whole arena fits into it; else the folder for temporary files."""
    try:
        status = os.statvfs(MEMORY)
    except OSError:
        return None
    free = status.f_bavail * status.f_frsize
    return str(MEMORY) if os.access(MEMORY, os.W_OK) and 2 * arena_size(graph) < free else None


def arena_size(graph: Graph) -> int:
    """About what the arena takes, and not less."""
    def size_of(store: Store) -> float:
        return place_state(store).stride * (store.capacity * SLOTS_PER_ENTRY + 64) if place_state(store).kind == "table" else 4096 + place_state(store).stride * place_state(store).count

    return int(sum(map(size_of, graph.stores)) * 1.2) + (1 << 20)
