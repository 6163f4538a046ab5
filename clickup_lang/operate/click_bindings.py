"""What a user binds params to, as a configuration of Click takes it: `bind` gives bindings and settings, or the one thing that is wrong.

The words are those of `cupc run`: `--set PARAM=SPEC`, `--config NAME=VALUE`. Files are looked at, not read: a capture that is no
Ethernet capture of the old format is refused here, since Click would say less.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable
from pathlib import Path

from clickup_lang.backends.click_configuration import Binding, Capture, ClickService, Interface, Nothing
from clickup_lang.frozen import Frozen

ETHERNET = 1
MAGICS = {0xA1B2C3D4, 0xA1B23C4D, 0xA1B2CD34}
HEADER = 24


class Bound(Frozen):
    """`params` are those that are no devices."""

    devices: dict[str, Binding]
    params: tuple[tuple[str, str], ...]
    configs: tuple[tuple[str, str], ...]

    @property
    def is_live(self) -> bool:
        return any(isinstance(binding, Interface) for binding in self.devices.values())


class NotBound(Frozen):
    """`is_usage` where the words are wrong, and not what they name."""

    message: str
    is_usage: bool = True


def named(names: Iterable[str]) -> str:
    """What is there instead."""
    there = ", ".join(f"`{name}`" for name in names)
    return f"; there is {there}" if there else ""


def bind(service: ClickService, params: tuple[str, ...], configs: tuple[str, ...]) -> Bound | NotBound:
    specs = dict(service.devices)
    plain: dict[str, str] = {}
    for word in params:
        name, equals, value = word.partition("=")
        if not equals or not name:
            return NotBound(f"`--set {word}` is not of the form `--set PARAM=VALUE`")
        if name in specs:
            specs[name] = value
        elif name in service.params:
            plain[name] = value
        else:
            return NotBound(f"there is no param `{name}`{named((*specs, *service.params))}")
    set_configs: dict[str, str] = {}
    for word in configs:
        name, equals, value = word.partition("=")
        if not equals or not name:
            return NotBound(f"`--config {word}` is not of the form `--config NAME=VALUE`")
        if name not in service.configs:
            return NotBound(f"there is no config `{name}`{named(service.configs)}")
        set_configs[name] = value
    devices: dict[str, Binding] = {}
    for name, spec in specs.items():
        binding = binding_of(service, name, spec)
        if isinstance(binding, NotBound):
            return binding
        devices[name] = binding
    twice = written_twice(devices)
    return twice or Bound(devices, tuple(plain.items()), tuple(set_configs.items()))


def binding_of(service: ClickService, name: str, spec: str) -> Binding | NotBound:
    if spec == "null":
        return Nothing()
    if spec.startswith("tap:"):
        return NotBound(f"`{spec}`: Click makes TAP devices only with an address of their own; bind `{name}` to a network interface, to captures or to `null`")
    if not spec.startswith("pcap:"):
        return Interface(spec) if spec else NotBound(f"`--set {name}=` names no device")
    source, _, sink = spec.removeprefix("pcap:").partition(",")
    if "," in sink:
        return NotBound(f"`{spec}`: a capture device is `pcap:IN,OUT`, two files at most")
    if source and name not in service.inputs:
        return NotBound(f"`{name}` takes no packets in: bind it with `--set {name}=pcap:,OUT`")
    wrong = source and why_no_capture(source)
    if wrong:
        return NotBound(f"`{source}` cannot be read as a capture: {wrong}", is_usage=False)
    return Capture(source or None, sink or None)


def why_no_capture(path: str) -> str | None:
    """None for a pipe, too, which must not be opened twice."""
    if not os.path.isfile(path) and os.path.exists(path):
        return "it is a folder" if os.path.isdir(path) else None
    try:
        with open(path, "rb") as file:
            header = file.read(HEADER)
    except OSError as error:
        return error.strerror or str(error)
    if len(header) < HEADER:
        return "it is too short to be one"
    for order in "<>":
        if struct.unpack_from(f"{order}I", header)[0] in MAGICS:
            link = struct.unpack_from(f"{order}I", header, 20)[0] & 0xFFFF
            return None if link == ETHERNET else f"it holds frames of kind {link}, and this program reads Ethernet (1) only"
    return "it is none of the kind that Click reads (pcap)"


def record_size(capture: Path) -> int:
    """Bytes before each packet: more in files of a kind that patched versions of libpcap wrote."""
    with open(capture, "rb") as file:
        magic = file.read(4)
    return 24 if magic in (struct.pack("<I", 0xA1B2CD34), struct.pack(">I", 0xA1B2CD34)) else 16


def written_twice(devices: dict[str, Binding]) -> NotBound | None:
    by_file: dict[str, str] = {}
    for name, binding in devices.items():
        if isinstance(binding, Capture) and binding.sink is not None:
            if binding.sink in by_file:
                return NotBound(f"`{by_file[binding.sink]}` and `{name}` cannot both write `{binding.sink}`")
            by_file[binding.sink] = name
    return None
