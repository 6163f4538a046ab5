"""Network devices: are they there and up, and what do their offloads do to packets.

`read_devices` asks the kernel (ioctl, as `ethtool` does; no rights are needed); `judge_device` says what that means.
"""

from __future__ import annotations

import array
import fcntl
import os
import socket
import struct
from contextlib import suppress

from clickup_lang.frozen import Frozen
from clickup_lang.toolchain.finding import Finding, note, ok, problem

SIOCGIFFLAGS, SIOCGIFMTU, SIOCETHTOOL, SIOCGIFHWADDR = 0x8913, 0x8921, 0x8946, 0x8927
IFF_UP, IFF_LOOPBACK, IFF_RUNNING, IFF_PROMISC = 0x1, 0x8, 0x40, 0x100
ARPHRD_ETHER = 1

# Offloads by the name that `ethtool -K` has for them, with the command that asks for each (linux/ethtool.h).
COMMANDS = {"rx": 0x14, "tx": 0x16, "sg": 0x18, "tso": 0x1E, "gso": 0x23, "gro": 0x2B}
GET_FLAGS, GET_RINGS = 0x25, 0x10
FLAGS = {"txvlan": 1 << 7, "rxvlan": 1 << 8, "lro": 1 << 15}


class Device(Frozen):
    """`offloads` are those that could be asked for, and whether they are on. `ring` is (packets, most) of the receive ring of a card."""

    name: str
    is_up: bool
    has_carrier: bool
    is_ethernet: bool
    mtu: int
    driver: str
    offloads: dict[str, bool]
    ring: tuple[int, int] | None


# -- reading --------------------------------------------------------------------------------------------------------------------


def device_names() -> list[str]:
    """Of the network namespace of this process."""
    return [name for _, name in socket.if_nameindex()]


def read_device(name: str) -> Device | None:
    """None where there is no such device."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        flags = ask_number(asking, SIOCGIFFLAGS, name, "H")
        if flags is None:
            return None
        kind = ask_number(asking, SIOCGIFHWADDR, name, "H")
        mtu = ask_number(asking, SIOCGIFMTU, name, "i")
        offloads: dict[str, bool] = {}
        for offload, command in COMMANDS.items():
            value = ask_ethtool(asking, name, command)
            if value is not None:
                offloads[offload] = value != 0
        more = ask_ethtool(asking, name, GET_FLAGS)
        if more is not None:
            offloads |= {offload: more & bit != 0 for offload, bit in FLAGS.items()}
        ring = ask_ring(asking, name)
    return Device(name, flags & IFF_UP != 0, flags & IFF_RUNNING != 0, kind == ARPHRD_ETHER and not flags & IFF_LOOPBACK, mtu or 0, driver_of(name), offloads, ring)


def request(name: str, more: bytes = b"") -> bytes:
    """A `struct ifreq`: 16 bytes of name and 24 of what is asked or answered."""
    return struct.pack("16s24s", name.encode()[:15], more)


def ask_number(asking: socket.socket, command: int, name: str, format: str) -> int | None:
    try:
        return struct.unpack_from(format, fcntl.ioctl(asking, command, request(name)), 16)[0]
    except OSError:
        return None


def ask_ethtool(asking: socket.socket, name: str, command: int) -> int | None:
    """The second word of a `struct ethtool_value`."""
    value = array.array("I", [command, 0])
    address, _ = value.buffer_info()
    try:
        fcntl.ioctl(asking, SIOCETHTOOL, request(name, struct.pack("P", address)))
    except OSError:
        return None
    return value[1]


def ask_ring(asking: socket.socket, name: str) -> tuple[int, int] | None:
    """From a `struct ethtool_ringparam`."""
    value = array.array("I", [GET_RINGS] + [0] * 8)
    address, _ = value.buffer_info()
    try:
        fcntl.ioctl(asking, SIOCETHTOOL, request(name, struct.pack("P", address)))
    except OSError:
        return None
    return (value[5], value[1]) if value[1] else None


def driver_of(name: str) -> str:
    with suppress(OSError):
        return os.path.basename(os.readlink(f"/sys/class/net/{name}/device/driver"))
    return ""


# -- judging --------------------------------------------------------------------------------------------------------------------


def examine_devices(names: list[str]) -> list[Finding]:
    """The devices that were asked for; without any, all that carry Ethernet."""
    findings: list[Finding] = []
    for name in names or device_names():
        device = read_device(name)
        if device is None:
            near = ", ".join(other for other in device_names() if other != "lo")
            findings.append(problem("devices", f"there is no `{name}`", f"there are: {near}" if near else "there is none but `lo`", needed=True))
        elif names or device.is_ethernet:
            findings += judge_device(device, bool(names))
    if not findings:
        findings.append(note("devices", "there is no Ethernet device in this network namespace", "captures need none; `ip link add cup0 type veth peer name cup1` makes a pair to play with"))
    return findings


def judge_device(device: Device, asked: bool) -> list[Finding]:
    """`asked`: somebody wants to use it now. Of one that is down and that nobody asked for there is nothing more to say."""
    shown = f"{device.name}: {'up' if device.is_up else 'down'}, MTU {device.mtu}" + (f", {device.driver}" if device.driver else "")
    up = f"ip link set {device.name} up"
    if not device.is_ethernet:
        return [note("devices", f"{shown}, and no Ethernet: programs parse Ethernet frames", "name another device")]
    if not device.is_up and not asked:
        return [note("devices", shown, up)]
    findings: list[Finding] = []
    if not device.is_up:
        findings.append(problem("devices", f"{shown}: no packet comes", up))
    elif not device.has_carrier:
        findings.append(note("devices", f"{shown}, and nothing is at its other end", "plug in the cable, or set the other end up"))
    else:
        findings.append(ok("devices", shown))
    findings += judge_offloads(device)
    if device.ring is not None and device.ring[0] * 2 <= device.ring[1]:
        findings.append(note("devices", f"{device.name}: its receive ring holds {device.ring[0]} packets, and could hold {device.ring[1]}", f"ethtool -G {device.name} rx {device.ring[1]}"))
    return findings


def judge_offloads(device: Device) -> list[Finding]:
    """What a program of its own copes with is a note; what was merged for good is a problem."""
    if not device.offloads:
        return [note("devices", f"{device.name}: it does not say what its offloads are")]
    on = [name for name, state in device.offloads.items() if state]
    findings: list[Finding] = []
    if "lro" in on:
        findings.append(problem("devices", f"{device.name}: the card merges packets (LRO), and what was merged cannot be taken apart as it was", f"ethtool -K {device.name} lro off"))
    reasons: list[str] = []
    for offloads, reason in (
        (("gro", "gso", "tso"), "several packets of a connection come as one of up to 64 KiB"),
        (("tx",), "packets of this machine come without checksums"),
        (("rxvlan", "txvlan"), "VLAN tags are taken off and put on outside of the packet"),
    ):
        those = [name for name in offloads if name in on]
        if those:
            reasons.append(f"{reason} ({', '.join(those)})")
    if reasons:
        off = " ".join(f"{name} off" for name in ("gro", "gso", "tso", "tx", "rxvlan", "txvlan") if name in on)
        findings.append(note("devices", f"{device.name}: {'; '.join(reasons)}. A program of its own makes that good, Click does not, and neither is the faster for it", f"ethtool -K {device.name} {off}"))
    return findings or [ok("devices", f"{device.name}: no offloads that change packets")]
