"""`write_configuration`: a service and what its devices are bound to -> a configuration for Click or FastClick.

Every element has a name: state is handed over by it. Captures come together in the order of time through the package's own merge.
"""

from __future__ import annotations

from typing import Union

from clickup_lang.backends.click_atoms import AtomElement, join_atoms
from clickup_lang.backends.click_elements import NativeElement, join
from clickup_lang.backends.click_words import quoted
from clickup_lang.backends.names import Names, identifier
from clickup_lang.backends.templates import render
from clickup_lang.frozen import Frozen

LARGEST = 262144  # as native captures have it; Click's own limit would cut packets
SNAPLEN = 65535
REPORT_SECONDS = 0.5


class ClickService(Frozen):
    """`devices` are params and their defaults; an input port takes packets of the device of that place in `inputs`, an output port
    those for the device in `outputs`; ports behind these are those of `elements`, and then those of `atoms`, where these are elements of their own. `params` and `configs` are the names of the others. `merge` is the element that merges captures."""

    name: str
    version: int
    element: str
    merge: str
    package: str
    build: str
    devices: tuple[tuple[str, str], ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    params: tuple[str, ...]
    configs: tuple[str, ...]
    elements: tuple[NativeElement, ...] = ()
    atoms: tuple[AtomElement, ...] = ()

    @property
    def atom(self) -> str:
        """The element that an atom is, where it is one of its own."""
        return f"{self.element}_Atom"

    @property
    def has_source(self) -> bool:
        """Whether packets come out of a native element into which none go."""
        return any(e.given is None and not any(e.label in other.ways for other in self.elements) for e in self.elements)


class Interface(Frozen):
    """A network interface by its name, or a variable (`$inside`)."""

    name: str


class Capture(Frozen):
    """Files to read and to write; None for neither."""

    source: str | None
    sink: str | None


class Nothing(Frozen):
    pass


Binding = Union[Interface, Capture, Nothing]


class Settings(Frozen):
    """What the element is told besides. `params` and `configs` are (name, value); `reports` prints the report twice a second;
    `control` is a path for Click's own ControlSocket; `seed` is that of what is drawn by chance."""

    state: str | None = None
    params: tuple[tuple[str, str], ...] = ()
    configs: tuple[tuple[str, str], ...] = ()
    burst: int | None = None
    reports: bool = False
    seed: int | None = None
    control: str | None = None


class ConfigurationView(Frozen):
    """`codegen/click/configuration.click.j2` prints it."""

    name: str
    service: str
    version: int
    engine: str
    file: str
    package: str
    element: str
    comment: tuple[str, ...]
    definitions: tuple[str, ...]
    arguments: tuple[str, ...]
    connections: tuple[str, ...]


def write_configuration(service: ClickService, bindings: dict[str, Binding], file: str, settings: Settings | None = None) -> str:
    """Without settings it is a text for users, with variables that they set."""
    defaults = dict(service.devices)
    variables = {b.name[1:]: defaults[d] for d, b in bindings.items() if isinstance(b, Interface) and b.name.startswith("$")}
    defined = [*(f"${v} {quoted(default)}" for v, default in variables.items()), '$state ""', "$burst 32"]
    view = ConfigurationView(
        name=instance(service),
        service=service.name,
        version=service.version,
        engine="Click",
        file=file,
        package=service.package,
        element=service.element,
        comment=usage(service, tuple(variables)) if settings is None else (),
        definitions=(f"define({', '.join(defined)});", "") if settings is None else (),
        arguments=arguments(service, bindings, settings),
        connections=connections(service, bindings, settings or Settings()),
    )
    return render("click/configuration.click.j2", view)


def labels(service: ClickService) -> dict[str, str]:
    """Devices as parts of names of Click: `lan_0` for `lan[0]`."""
    names = Names()
    return {device: names.take(identifier(device).rstrip("_")) for device, _ in service.devices}


def instance(service: ClickService) -> str:
    """The element's name in the configuration: the service's, which is no variable's or compound's."""
    return service.name


def usage(service: ClickService, variables: tuple[str, ...]) -> tuple[str, ...]:
    set_all = "".join(f" {variable}=IF{number}" for number, variable in enumerate(variables))
    return ("", f"    CLICKPATH=FOLDER click FOLDER/{service.name}.click{set_all}", "", "FOLDER is that of this file, which has the package beside it.")


def arguments(service: ClickService, bindings: dict[str, Binding], settings: Settings | None) -> tuple[str, ...]:
    if settings is None:
        return "STATE $state", "BURST $burst", f"BUILD {service.build}"
    found = [f"BUILD {service.build}"]
    if not any(isinstance(b, Interface) for b in bindings.values()):
        found.append("CLOCK packets")
    if settings.burst is not None:
        found.append(f"BURST {settings.burst}")
    if settings.seed is not None:
        found.append(f"SEED {settings.seed}")
    if settings.state is not None:
        found.append(f"STATE {quoted(settings.state)}")
    found += [f"PARAM {quoted(f'{name} = {value}')}" for name, value in settings.params]
    found += [f"CONFIG {quoted(f'{name} = {value}')}" for name, value in settings.configs]
    return tuple(found)


def connections(service: ClickService, bindings: dict[str, Binding], settings: Settings) -> tuple[str, ...]:
    element, label = instance(service), labels(service)
    lines: list[str] = []
    merged = 0
    for port, device in enumerate(service.inputs):
        match bindings[device]:
            case Interface(name=name):
                lines.append(f"from_{label[device]} :: FromDevice({name}, PROMISC true, SNAPLEN {SNAPLEN}, BURST 32) -> [{port}]{element};")
            case Capture(source=str(source)):
                lines.append(f"from_{label[device]} :: FromDump({quoted(source)}) -> [{merged}]merge_captures;")
                lines.append(f"merge_captures[{merged}] -> [{port}]{element};")
                merged += 1
            case _:
                lines.append(f"from_{label[device]} :: Idle -> [{port}]{element};")
    for port, device in enumerate(service.outputs):
        match bindings[device]:
            case Interface(name=name):
                lines.append(f"{element}[{port}] -> queue_{label[device]} :: Queue(1024) -> to_{label[device]} :: ToDevice({name}, BURST 32);")
            case Capture(sink=str(sink)):
                lines.append(f"{element}[{port}] -> to_{label[device]} :: ToDump({quoted(sink)}, SNAPLEN {LARGEST}, NANO true);")
            case _:
                lines.append(f"{element}[{port}] -> to_{label[device]} :: Discard;")
    is_live = any(isinstance(b, Interface) for b in bindings.values())
    for device, binding in bindings.items():
        if isinstance(binding, Capture) and binding.sink is not None and device not in service.outputs:
            lines.append(f"nothing_to_{label[device]} :: Idle -> to_{label[device]} :: ToDump({quoted(binding.sink)}, SNAPLEN {LARGEST}, NANO true);")
    joined = join(element, service.elements)
    lines += joined.lines
    lines += join_atoms(element, service.atom, service.atoms)
    ending = "STOP false" if is_live else f"DRAIN {element} {' '.join(joined.holding)}" if service.elements else ""
    first = [f"merge_captures :: {service.merge}({ending});"] if merged else []
    if not merged and not is_live and not service.has_source:
        lines.append("nothing_comes :: Script(TYPE ACTIVE, stop);")
    if settings.control is not None:
        lines.append(f"control :: ControlSocket(unix, {quoted(settings.control)});")
    if settings.reports:
        lines.append(f"reports :: Script(TYPE ACTIVE, wait {REPORT_SECONDS}s, print {element}.report, loop);")
    return (*first, *lines)
