"""How packets come in: what takes them apart first, and the ports that are open behind it."""

from __future__ import annotations

from dataclasses import dataclass

from tests.laws.programs.outside import Outside
from tests.laws.programs.scope import Places

IP = frozenset({"ipv4", "ipv6"})
ETH: Places = {"eth": frozenset({"eth"})}
TAGS: Places = {"@vlan": frozenset({"vlan"}), "@customer": frozenset({"vlan"})}
ICMP: Places = {"icmp": frozenset({"icmp"})}


@dataclass(frozen=True)
class Open:
    """A port that leads nowhere yet."""

    text: str
    places: Places


class Fronts(Outside):
    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.atoms: list[str] = []
        self.pipelines: list[str] = []
        self.edges: list[str] = []
        self.open: list[Open] = []
        self.devices: tuple[str, ...] = ("left", "right")

    def front(self) -> None:
        """From the devices to the first open ports."""
        inputs = ["FromDevice(left)", "FromDevice(right)"]
        if "device lists" in self.on:
            inputs.append("FromDevices(lan)")
            self.devices += ("lan[0]", "lan[1]", "lan[2]")
            self.meet("device lists")
        if "tunnels" in self.on and self.chance(20):
            self.atoms.append("atom Frame -> out, bad = drop {\nparse eth else bad\nemit out\n}")
            self.edges += [f"{inputs[0]} -> Frame as frame", *(f"{i} -> frame" for i in inputs[1:])]
            self.open.append(Open("frame", dict(ETH)))
            self.meet("frames")
            return
        if self.chance(10):
            self.edges.append(f"{inputs[0]} -> Meter as meter")
            self.atoms.append(f"atom Meter -> out {{\n{self.counters[0]} += packet.length\nemit out\n}}")
            self.edges += [f"{i} -> meter" for i in inputs[1:]]
            self.open.append(Open("meter", {}))
            self.meet("nothing parsed")
            return
        if "own parsing" in self.on:
            self.parse_by_hand(inputs)
            return
        network = self.one(("IP", "IP", "IP", "IPv4", "IPv4", "IPv6"))
        kinds = {"IP": IP, "IPv4": frozenset({"ipv4"}), "IPv6": frozenset({"ipv6"})}[network]
        names, tagged = self.library_front(inputs, network)
        ports = {f"{n}[{p}]": t for n in names for p, t in (("segment", "tcp"), ("datagram", "udp"), ("echo", "icmp_echo"))} if names else {f"network[{t}]": t for t in ("tcp", "udp", "icmp_echo")}
        # The echo of ICMPv6 is no `l4`.
        echo = network == "IPv4" and self.chance(50)
        for text, transport in ports.items():
            if transport == "icmp_echo" and not echo:
                self.edges.append(f"{text} -> Discard")
                continue
            places: Places = {**ETH, **tagged, "ip": kinds, "l4": frozenset({transport}), transport: frozenset({transport})}
            if len(kinds) == 1:
                places[next(iter(kinds))] = kinds
            self.open.append(Open(text, places))
        if not names:
            if "quoted packets" in self.on and network != "IPv6":
                self.open.append(Open("network[icmp_error]", {**ETH, "ip": kinds, **({"ipv4": kinds} if network == "IPv4" else {})}))
                self.quoted()
            host = self.host(network) if "hosts" in self.on else ""
            if "other ports" in self.on:
                self.other_ports(network, {**ETH, **tagged}, {"ip": kinds, **({next(iter(kinds)): kinds} if len(kinds) == 1 else {})}, host)
            self.edges.append("frame[rest], network[rest] -> Discard")

    def library_front(self, inputs: list[str], network: str) -> tuple[list[str], Places]:
        """Frames to `network`: the names of the pipelines that do it, if any, and the tags that may be there."""
        if "named pipelines" in self.on:
            self.meet("named pipelines")
            return self.named_front(inputs, network), {}
        frame = "TaggedEthernet" if "two tags" in self.on else "Ethernet"
        self.edges.append(f"{inputs[0]} -> {frame} as frame -> {network} as network")
        self.edges += [f"{i} -> frame" for i in inputs[1:]]
        if frame == "TaggedEthernet":
            self.used_places |= {"vlan", "customer"}
            self.meet("two tags")
            return [], TAGS
        if "vlan" in self.on:
            self.used_places.add("vlan")
            self.edges.append("frame[vlan] -> network")
            self.meet("vlan")
            return [], {"@vlan": frozenset({"vlan"})}
        return [], {}

    def named_front(self, inputs: list[str], network: str) -> list[str]:
        """A named pipeline, used once or twice; with parameters it takes its packets from the device itself, and counts them."""
        head, ends = "Ethernet as frame", f"frame[ip] -> {network} as network\nnetwork[tcp] -> segment\nnetwork[udp] -> datagram\nnetwork[icmp_echo] -> echo\nframe[rest], network[rest] -> none"
        ports = "segment, datagram, echo, none = drop"
        if len(inputs) == 2 and "pipelines with parameters" in self.on:
            self.meet("pipelines with parameters")
            counter = self.counters[0]
            if self.chance(50):
                # Within another one, which passes on what it is given.
                self.pipelines.append(f"pipeline Counted(source: device, count: counter) -> out {{\nFromDevice(source) -> Count(count) -> out\n}}")
                head = f"Counted(source, seen) -> {head}"
            else:
                head = f"FromDevice(source) -> Count(seen) -> {head}"
            # The port that is connected where it is made stands first.
            ports = "none, segment, datagram, echo"
            self.pipelines.append(f"pipeline Front(source: device, seen: counter) -> {ports} {{\n{head}\n{ends}\n}}")
            self.edges += [f"Front(left, {counter}) as front -> Discard", f"Front(seen: {self.one(self.counters)}, source: right) as front2 -> Discard"]
            return ["front", "front2"]
        self.pipelines.append(f"pipeline Front -> {ports} {{\ninput -> {head}\n{ends}\n}}")
        names = ["front"]
        self.edges.append(f"{inputs[0]} -> Front as front")
        if self.chance(50):
            names.append("front2")
            self.edges.append(f"{inputs[1]} -> Front as front2")
            self.edges += [f"{i} -> front" for i in inputs[2:]]
        else:
            self.edges += [f"{i} -> front" for i in inputs[1:]]
        return names

    def host(self, network: str) -> str:
        """Who answers for addresses: of ARP, or of neighbours; the port that is taken by that."""
        self.meet("hosts")
        if network == "IPv6" and self.chance(50):
            self.imports.append("neighbour")
            self.edges.append("network[neighbour] -> NeighbourHost(right, 2001:db8::1, 02:00:00:00:00:07)")
            return "network[neighbour]"
        self.imports.append("arp")
        self.edges.append(f"frame[arp] -> ArpHost({self.one(('left', 'right'))}, 10.0.0.1, 02:00:00:00:00:07)")
        return "frame[arp]"

    def other_ports(self, network: str, frame: Places, ip: Places, taken: str) -> None:
        """Ports of the library's atoms that are no conversations: fragments, ARP, other messages of ICMP, and what is none of all that."""
        choices = [Open("network[fragment]", {**frame, **ip}), Open("network[bad]", {**frame, "@?": frozenset({"?"})}), Open("frame[arp]", {**frame, "arp": frozenset({"arp"})}), Open("frame[other]", dict(frame))]
        if network == "IPv4":
            choices.append(Open("network[icmp_other]", {**frame, **ip, **ICMP}))
        else:
            choices.append(Open("network[icmp_other]", {**frame, **ip}))
        if network == "IP":
            choices.append(Open("network[other]", {**frame, **ip}))
        if network == "IPv6":
            choices.append(Open("network[neighbour]", {**frame, **ip, "icmp6": frozenset({"icmp6"})}))
        self.open += self.random.sample([o for o in choices if o.text != taken], self.between(1, 2))
        self.meet("other ports")

    def quoted(self) -> None:
        """The packet that an ICMP error quotes, under names of its own."""
        where = self.open.pop()
        self.atoms.append("atom Quoted -> out, bad = drop {\nparse ip as quoted at payload else bad\nparse ports as quoted_ports after quoted else bad\nemit out\n}")
        self.edges.append(f"{where.text} -> Quoted as quoted")
        self.meet("quoted packets")
        self.declared |= {"quoted": IP}
        self.open.append(Open("quoted", {**where.places, "quoted": IP, "quoted_ports": frozenset({"ports"})}))

    def parse_by_hand(self, inputs: list[str]) -> None:
        self.meet("own parsing")
        tagged = "vlan" in self.on
        lines = ["parse eth else bad"]
        if tagged:
            self.used_places.add("vlan")
            self.meet("vlan")
            lines.append("if eth.type == 0x8100 { parse vlan after eth else bad }")
        lines.append("parse ip at payload else bad" if tagged else "parse ip after eth else bad")
        lines += ["match ip.protocol {", "6 => {", "parse tcp after ip else bad", "emit out", "}", "17 => {", "parse udp after ip else bad", "emit out", "}", "_ => { emit bad }", "}"]
        self.atoms.append("atom Enter -> out, bad = drop {\n" + "\n".join(lines) + "\n}")
        self.edges.append(f"{inputs[0]} -> Enter as enter")
        self.edges += [f"{i} -> enter" for i in inputs[1:]]
        self.open.append(Open("enter", {**ETH, **({"@vlan": frozenset({"vlan"})} if tagged else {}), "ip": IP, "l4": frozenset({"tcp", "udp"})}))
