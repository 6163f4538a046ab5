"""What a running service needs of a machine: rights, network namespaces, memory for arenas, the kernel, packet sockets.

`read_machine` asks this one; `judge_machine` says what that means, so that other machines can be thought of.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import socket
import struct
import subprocess
from collections.abc import Mapping
from pathlib import Path

from clickup_lang.frozen import Frozen
from clickup_lang.toolchain.finding import Finding, note, ok, problem

CAPABILITIES = {"CAP_NET_RAW": 13, "CAP_NET_ADMIN": 12}
MIB = 1 << 20
ENOUGH_FOR_ARENAS = 512 * MIB
# The oldest kernel with what packet sockets use here: TPACKET_V3 (3.2), PACKET_IGNORE_OUTGOING (4.20).
OLDEST_KERNEL = (4, 20)

SOL_PACKET, PACKET_RX_RING, PACKET_VERSION, TPACKET_V3 = 263, 5, 10, 2
BLOCK, BLOCKS, FRAME = 1 << 18, 64, 2048  # the ring that a service asks for


class Place(Frozen):
    """A folder that arenas may lie in. `type` is its file system's."""

    path: str
    type: str
    free: int
    writable: bool


class Machine(Frozen):
    """`capabilities` are those of this process. `namespaces` and `ring` are empty where they are to be had, else why not; `ring_blocks`
    how many of the blocks that were asked for the kernel gave."""

    kernel: str
    is_root: bool
    capabilities: frozenset[str]
    namespaces: str
    ring: str
    ring_blocks: int
    send_buffer: int
    places: tuple[Place, ...]
    huge_pages: str
    huge_shared: str


# -- reading --------------------------------------------------------------------------------------------------------------------


def read_machine(environment: Mapping[str, str], root: Path = Path("/")) -> Machine:
    """`root` is where `proc`, `sys`, `run` and `dev` are."""
    status = content(root / "proc/self/status")
    bits = re.search(r"^CapEff:\s*([0-9a-f]+)", status, re.MULTILINE)
    effective = int(bits[1], 16) if bits is not None else 0
    capabilities = frozenset(name for name, bit in CAPABILITIES.items() if effective >> bit & 1)
    ring, blocks = try_ring()
    sent = content(root / "proc/sys/net/core/wmem_max").strip()
    return Machine(
        kernel=content(root / "proc/sys/kernel/osrelease").strip() or platform.release(),
        is_root=os.geteuid() == 0,
        capabilities=capabilities,
        namespaces=try_namespace(environment),
        ring=ring,
        ring_blocks=blocks,
        send_buffer=int(sent) if sent.isdecimal() else 0,
        places=tuple(read_place(root, path) for path in ("run", "dev/shm")),
        huge_pages=chosen_word(content(root / "sys/kernel/mm/transparent_hugepage/enabled")),
        huge_shared=chosen_word(content(root / "sys/kernel/mm/transparent_hugepage/shmem_enabled")),
    )


def content(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def chosen_word(text: str) -> str:
    """`madvise` of `always [madvise] never`."""
    found = re.search(r"\[(\w+)\]", text)
    return found[1] if found is not None else ""


def read_place(root: Path, path: str) -> Place:
    folder = root / path
    try:
        room = os.statvfs(folder)
    except OSError:
        return Place(f"/{path}", "", 0, False)
    types = dict[str, str]()
    for line in content(root / "proc/mounts").splitlines():
        words = line.split()
        if len(words) > 2:
            types[words[1]] = words[2]
    above = next((p for p in (f"/{path}", *(f"/{parent}" for parent in Path(path).parents if parent.name)) if p in types), "/")
    return Place(f"/{path}", types.get(above, ""), room.f_bavail * room.f_frsize, os.access(folder, os.W_OK))


def try_namespace(environment: Mapping[str, str]) -> str:
    """Makes a network namespace that is gone at once; by way of a user namespace without root."""
    missing = [tool for tool in ("unshare", "ip", "nsenter") if shutil.which(tool, path=environment.get("PATH")) is None]
    if missing:
        return f"there is no `{missing[0]}`"
    words = ["unshare", "--net", "true"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--net", "true"]
    try:
        done = subprocess.run(words, capture_output=True, text=True, errors="replace", timeout=10, stdin=subprocess.DEVNULL, env=dict(environment))
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return "" if done.returncode == 0 else done.stderr.strip().rpartition(": ")[2].lower() or "`unshare` failed"


def try_ring() -> tuple[str, int]:
    """Asks the kernel for a ring as a service does, bound to nothing."""
    try:
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as packets:
            packets.setsockopt(SOL_PACKET, PACKET_VERSION, TPACKET_V3)
            blocks = BLOCKS
            while blocks:
                try:
                    packets.setsockopt(SOL_PACKET, PACKET_RX_RING, struct.pack("7I", BLOCK, blocks, FRAME, blocks * (BLOCK // FRAME), 1, 0, 0))
                    return "", blocks
                except MemoryError:
                    blocks //= 2
                except OSError as error:
                    if error.errno != 12:  # ENOMEM
                        raise
                    blocks //= 2
            return "the kernel has no memory for it", 0
    except (OSError, AttributeError) as error:
        return (getattr(error, "strerror", None) or str(error)).lower(), 0


# -- judging --------------------------------------------------------------------------------------------------------------------


def judge_machine(machine: Machine) -> list[Finding]:
    return [*judge_rights(machine), *judge_places(machine), *judge_kernel(machine)]


def judge_rights(machine: Machine) -> list[Finding]:
    findings: list[Finding] = []
    missing = [name for name in CAPABILITIES if name not in machine.capabilities]
    if missing:
        findings.append(
            note("rights", f"{' and '.join(missing)} {'are' if len(missing) > 1 else 'is'} missing: live devices cannot be opened, captures can",
                 "run as root, or give the built program the right: setcap cap_net_raw,cap_net_admin+ep build/SERVICE/VERSION/native/SERVICE")
        )  # fmt: skip
    else:
        findings.append(ok("rights", "CAP_NET_RAW and CAP_NET_ADMIN: live devices can be opened" + (" (root)" if machine.is_root else "")))
    if machine.namespaces:
        findings.append(note("rights", f"network namespaces cannot be made: {machine.namespaces}", "run as root, with iproute2 and util-linux; they are used by the live demo and its tests alone"))
    else:
        findings.append(ok("rights", "network namespaces can be made"))
    return findings


def judge_places(machine: Machine) -> list[Finding]:
    findings: list[Finding] = []
    for place in machine.places:
        shown = f"{place.path}: {place.type or 'nothing mounted'}, {place.free // MIB} MiB free"
        if place.type not in ("tmpfs", "ramfs"):
            findings.append(note("memory", f"{shown}, which is not memory: state there is as slow as its disk" if place.type else f"{place.path} is not there", "name a folder on a tmpfs with `--state DIR`"))
        elif place.free < ENOUGH_FOR_ARENAS:
            findings.append(note("memory", f"{shown}: a service of a million entries may not fit", f"mount -o remount,size=2G {place.path}, or name another folder with `--state DIR`"))
        elif not place.writable:
            findings.append(note("memory", f"{shown}, and this user cannot write there", "name a folder that you own with `--state DIR`, such as $XDG_RUNTIME_DIR"))
        else:
            findings.append(ok("memory", shown))
    if machine.huge_shared in ("never", "deny"):
        findings.append(
            note("memory", f"huge pages for memory files: {machine.huge_shared} (for all other memory: {machine.huge_pages or 'not known'}); of use from a million entries on",
                 "echo advise > /sys/kernel/mm/transparent_hugepage/shmem_enabled")
        )  # fmt: skip
    elif machine.huge_shared:
        findings.append(ok("memory", f"huge pages for memory files: {machine.huge_shared}"))
    return findings


def judge_kernel(machine: Machine) -> list[Finding]:
    findings: list[Finding] = []
    found = re.match(r"(\d+)\.(\d+)", machine.kernel)
    if found is None:
        findings.append(note("kernel", f"its version `{machine.kernel}` cannot be read"))
    elif (int(found[1]), int(found[2])) < OLDEST_KERNEL:
        findings.append(note("kernel", f"Linux {machine.kernel} is older than 4.20: packets that leave by a device are seen there again, and passed over one by one", "a newer kernel spares that"))
    else:
        findings.append(ok("kernel", f"Linux {machine.kernel}"))
    wanted = f"{BLOCKS * BLOCK // MIB} MiB"
    if machine.ring_blocks == BLOCKS:
        findings.append(ok("kernel", f"packet sockets: a ring of {wanted} is to be had"))
    elif machine.ring_blocks:
        findings.append(note("kernel", f"packet sockets: of a ring of {wanted} the kernel gives {machine.ring_blocks * BLOCK // MIB} MiB, so bursts are lost sooner", "echo 1 > /proc/sys/vm/compact_memory, or free memory"))
    elif "CAP_NET_RAW" in machine.capabilities:
        findings.append(problem("kernel", f"packet sockets cannot be had: {machine.ring}", "load the module af_packet, or leave the container that forbids them"))
    else:
        findings.append(note("kernel", f"packet sockets were not tried: {machine.ring}"))
    if machine.send_buffer and machine.send_buffer < 4 * MIB and "CAP_NET_ADMIN" not in machine.capabilities:
        findings.append(note("kernel", f"net.core.wmem_max is {machine.send_buffer // 1024} KiB: bursts sent without CAP_NET_ADMIN are cut", "sysctl -w net.core.wmem_max=8388608"))
    return findings
