"""How packets go out: ports that are still open lead to devices, to hosts of the library, or nowhere; parts of the graph as pipelines."""

from __future__ import annotations

from tests.laws.programs.fronts import Fronts, Open
from tests.laws.programs.scope import Kinds, Places

V4: Kinds = frozenset({"ipv4"})
V6: Kinds = frozenset({"ipv6"})


class Backs(Fronts):
    def back(self) -> None:
        if "library atoms" in self.on:
            self.library_atom()
        if "hosts" in self.on:
            self.echo()
        if "rest and any" in self.on:
            self.all_of_one()
        for open in self.open:
            kind = self.below(13)
            if kind < 5:
                self.edges.append(f"{open.text} -> ToDevice(right)")
            elif kind < 9:
                self.edges.append(f"{open.text} -> ToDevice(left)")
            elif kind == 9:
                self.edges.append(f"{open.text} -> Count({self.counters[0]}) -> ToDevice(right)")
            elif kind == 10 and "device lists" in self.on:
                self.flood(open)
            elif kind < 12 and "ways out" in self.on:
                self.way_out(open)
            else:
                self.edges.append(f"{open.text} -> Discard")

    def flood(self, open: Open) -> None:
        name = self.name("Flood")
        self.atoms.append(f"atom {name} -> out, done = drop {{\nfor d in lan {{\nif d != arrived {{\nleaving = d\nsend out\n}}\n}}\nemit done\n}}")
        self.edges.append(f"{open.text} -> {name} as {name.lower()} -> ToDevices(lan)")

    # -- of the library -------------------------------------------------------------------------------------------------------

    def library_atom(self) -> None:
        fitting = [o for o in self.open if ("ipv4" in o.places or "ipv6" in o.places) and "eth" in o.places]
        if not fitting:
            return
        chosen = self.one(fitting)
        six = "ipv6" in chosen.places and ("ipv4" not in chosen.places or self.chance(50))
        self.imports.append("icmp6" if six else "icmp")
        self.meet("library atoms")
        name = self.name("hop")
        self.open.remove(chosen)
        here = "2001:db8::1" if six else "192.0.2.1"
        of = self.one((f"CountHop{'6' * six}({here})", f"FitsMtu{'6' * six}({1280 if six else 70}, {here})", f"Unreachable{'6' * six}({self.below(5)}, {here})"))
        ports = ("gone", "answer") if of.startswith("Unreachable") else ("", "answer", "gone")
        if "" in ports:
            self.edges.append(f"{chosen.text} -> {of} as {name} -> ToDevice(right)")
            self.edges += [f"{name}[answer] -> ToDevice(left)", f"{name}[gone] -> Discard"]
        else:
            self.edges += [f"{chosen.text} -> {of} as {name} -> ToDevice(left)", f"{name}[gone] -> ToDevice(right)"]

    def echo(self) -> None:
        """Who answers echoes."""
        for open in list(self.open):
            if open.places.get("l4") == {"icmp_echo"} and open.places.get("ipv4") == V4 and "eth" in open.places and open.text == "network[icmp_echo]":
                name = self.name("echo")
                self.imports.append("icmp")
                self.edges += [f"{open.text} -> EchoAnswer(10.0.0.1) as {name} -> ToDevice(left)", f"{name}[other] -> ToDevice(right)"]
                self.open.remove(open)

    # -- parts of the graph ---------------------------------------------------------------------------------------------------

    def all_of_one(self) -> None:
        """All open ports of an instance at once."""
        instances = dict.fromkeys(o.text.partition("[")[0] for o in self.open if o.text.startswith("work"))
        for instance in instances:
            ports = [o for o in self.open if o.text.startswith(f"{instance}[")]
            if len(ports) < 2 or self.chance(50):
                continue
            taken = any(f"{instance}[" in e for e in self.edges)
            self.edges.append(f"{instance}[{'rest' if taken or self.chance(40) else 'any'}] -> ToDevice({self.one(('left', 'right'))})")
            self.open = [o for o in self.open if o not in ports]
            self.meet("rest and any")

    def way_out(self, open: Open) -> None:
        """A pipeline that ends at a device it is given."""
        if "atom Small" not in "".join(self.atoms):
            self.atoms.append("atom Small(most: size, count: counter) -> pass, large = drop {\ncount += 1\nif packet.length > most { emit large }\nemit pass\n}")
            self.pipelines.append("pipeline Out(to: device, most: size, count: counter) -> large = drop {\ninput -> Small(most, count) as small -> ToDevice(to)\nsmall[large] -> large\n}")
        name = self.name("out")
        given = [f"to: {self.one(('left', 'right'))}", f"most: {self.one(('64B', '90', '1KiB'))}", f"count: {self.one(self.counters)}"]
        self.random.shuffle(given)
        self.edges.append(f"{open.text} -> Out({', '.join(given)}) as {name} -> {self.one(('Discard', 'ToDevice(left)'))}")
        self.meet("ways out")

    def part(self, atom: str, parameters: list[tuple[str, str, str]], ports: list[str]) -> str:
        """A pipeline around one atom, with the same parameters and ports."""
        name = self.name("Part")
        given = ", ".join(n for n, _, _ in parameters)
        head = f"({', '.join(f'{n}: {t}' for n, t, _ in parameters)})" if parameters else ""
        inner = f"{atom}({given})" if parameters else atom
        edges = [f"input -> {inner} as inside -> {ports[0]}", *(f"inside[{p}] -> {p}" for p in ports[1:])]
        self.pipelines.append(f"pipeline {name}{head} -> {', '.join(ports)} {{\n" + "\n".join(edges) + "\n}")
        self.meet("atoms in pipelines")
        return name
