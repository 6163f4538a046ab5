"""Several headers at once: put before others, taken off, and sent as new packets of all kinds."""

from __future__ import annotations

from tests.laws.programs.backs import Backs
from tests.laws.programs.scope import Places, Scope
from tests.laws.programs.statements import Maker


def alone(kind: str) -> Places:
    return {kind: frozenset({kind})}


class Tunnels(Backs):
    def more(self, scope: Scope, deep: bool) -> list[tuple[int, Maker]]:
        found = super().more(scope, deep)
        if scope.body == "atom" and not scope.loops:
            if "tunnels" in self.on and set(scope.places) == {"eth"}:
                found.append((25, self.enter))
            if "labels" in self.on and "ip" in scope.places and "eth" in scope.places:
                found.append((4, self.label))
            if "pop" in self.on and len(scope.places) > 1:
                found.append((3, self.pop))
            if "packets of all kinds" in self.on and self.sends < 5:
                found.append((6, self.any_packet))
        return found

    # -- before others, and off -----------------------------------------------------------------------------------------------

    def enter(self, scope: Scope, depth: int) -> str | None:
        """A frame into a tunnel over UDP, as VXLAN has one."""
        if "tunnel" in self.used_places:
            return None
        self.used_places |= {"tunnel", "inside"}
        self.gone |= {*scope.views, *scope.cursors}
        self.meet("tunnels")
        network = self.one(("ipv4", "ipv6"))
        of = f"{network}_address"
        none = self.one((", checksum: none", ""))
        parts = [
            f"eth(source: {self.value(scope, 'mac_address', 1)}, destination: 02:00:00:00:00:07)",
            f"{network}(source: {self.value(scope, of, 1)}, destination: {self.value(scope, of, 1)}, ttl: {self.value(scope, 'u8', 1)})",
            f"udp(source: {self.value(scope, 'u16', 1)}, destination: 4789{none})",
        ]
        places = {**alone("eth"), **alone(network), "ip": frozenset({network}), **alone("udp"), "l4": frozenset({"udp"}), "inside": frozenset({"eth"})}
        if self.chance(70):
            parts.append(f"vxlan(vni: {self.value(scope, 'u24', 1)})")
            places |= alone("vxlan")
        scope.places = places
        self.declared["inside"] = frozenset({"eth"})
        return f"push [{', '.join(parts)}] before eth as inside"

    def label(self, scope: Scope, depth: int) -> str | None:
        """A label of MPLS before IP, with a tag before it or not."""
        if "mpls" in self.used_places:
            return None
        self.used_places.add("mpls")
        self.gone |= {*scope.views, *scope.cursors}
        self.meet("labels")
        parts = [f"mpls(label: {self.value(scope, 'u20', 1)}, bottom: true, ttl: {self.value(scope, 'u8', 1)})"]
        before = dict(scope.places)
        if "vlan" not in self.used_places and self.chance(40):
            self.used_places.add("vlan")
            parts.insert(0, f"vlan(id: {self.value(scope, 'u12', 1)}, eligible: 1)")
            before |= alone("vlan")
        scope.places = {**before, **alone("mpls")}
        return f"push [{', '.join(parts)}] before ip"

    def pop(self, scope: Scope, depth: int) -> str | None:
        """All that is before a header is taken off; behind it nothing else is known."""
        fitting = [p for p, _ in self.single(scope) if p not in ("eth", "l4", "ip", "relay") and p not in self.stacks] + [p for p in ("ip", "l4") if p in scope.places]
        if not fitting or self.pushed > 2:
            return None
        place = self.one(fitting)
        self.pushed += 1
        self.gone |= {*scope.views, *scope.cursors}
        self.meet("pop to any header")
        kinds = scope.places[place]
        scope.places = {place: kinds}
        if place in ("ip", "l4") and len(kinds) == 1:
            scope.places |= alone(next(iter(kinds)))
        return f"pop to {place}"

    # -- new packets ----------------------------------------------------------------------------------------------------------

    def any_packet(self, scope: Scope, depth: int) -> str:
        """What a service may make that is no datagram of its own: answers of ARP, messages of ICMP, tagged frames, headers of its own."""
        self.sends += 1
        self.meet("packets of all kinds")
        port = self.one(scope.ports)

        def some(of: str) -> str:
            return self.value(scope, of, 1)

        parts, places = [f"eth(destination: {some('mac_address')}, source: {some('mac_address')})"], alone("eth")
        if self.chance(25):
            parts.append(f"vlan(priority: {some('u3')}, id: {some('u12')})")
            places |= alone("vlan")
            self.used_places.add("vlan")
        kind = self.one(("arp", "icmp", "icmp6", "echo", "own", "own"))
        if kind == "arp":
            parts.append(f"arp(operation: {self.one(('request', 'reply'))}, sender_mac: {some('mac_address')}, sender_ip: {some('ipv4_address')}, target_ip: {some('ipv4_address')})")
            places |= alone("arp")
            return self.sent(scope, port, parts, places)
        network = "ipv6" if kind == "icmp6" else "ipv4" if kind != "own" else self.one(("ipv4", "ipv6"))
        of = f"{network}_address"
        parts.append(f"{network}(source: {some(of)}, destination: {some(of)}, ttl: 64)")
        places |= {**alone(network), "ip": frozenset({network})}
        if kind == "own":
            parts.append(f"udp(source: {some('u16')}, destination: {some('u16')}{self.one(('', ', checksum: none'))})")
            places |= {**alone("udp"), "l4": frozenset({"udp"})}
            for own in self.some(self.made_of_own()) if self.made_of_own() else []:
                parts.append(f"{own}({', '.join(f'{n}: {some(t)}' for n, t in self.fields[own].items() if self.chance(60))})")
                places |= alone(own)
                self.used_places.add(own)
        elif kind == "echo":
            parts.append(f"icmp_echo(type: {self.one('08')}, identifier: {some('u16')}, sequence: {some('u16')})")
            places |= {**alone("icmp_echo"), "l4": frozenset({"icmp_echo"})}
        else:
            parts.append(f"{kind}(type: {self.between(1, 12)}, code: {some('u8')}, rest: {some('u32')})")
            places |= alone(kind)
        return self.sent(scope, port, parts, places)

    def made_of_own(self) -> list[str]:
        """Own headers that a list may have: all is fixed but what follows."""
        return [k for k in self.own if k not in self.optional and k not in self.lists and "words" not in self.computed[k] and "units" not in self.fields[k]]

    def sent(self, scope: Scope, port: str, parts: list[str], places: Places) -> str:
        rest = ["", "payload", *(f"packet.from({p}{self.one(('', ', max: 28', ', max: 3', ', max: 200'))})" for p in ("eth", "ip", "l4") if p in scope.places)]
        last = self.one(rest)
        self.port_places.setdefault(port, []).append(places)
        return f"send {port} packet [{', '.join([*parts, *([last] if last else [])])}]"
