"""What the rows of `docs/library-and-click.md` mean: each makes of what Click's elements send what the library sends instead.

    sent = differing["Answers to ARP"]["address sizes other than 6 and 4"](frame, sent)

gives `sent` unchanged where the row does not speak of this frame. The rows of a section are applied in their order.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.click.stock import Sent
from tests.laws.library_packets import internet_checksum

Row = Callable[[bytes, Sent], Sent]
differing: dict[str, dict[str, Row]] = {}

IP4, IP6 = b"\x08\x00", b"\x86\xdd"
WAY_OF_PROTOCOL = {6: "segments", 17: "datagrams", 1: "controls", 58: "controls"}
ERROR_TYPES = (3, 4, 5, 11, 12)
EXTENSIONS = tuple(bytes([number]) for number in (0, 43, 44, 50, 51, 60, 135, 139, 140))


def row(words: str, *sections: str) -> Callable[[Row], Row]:
    def remember(rule: Row) -> Row:
        for section in sections:
            differing.setdefault(section, {})[words] = rule
        return rule

    return remember


APART, HEADER, ARP, NEIGHBOURS, ECHO = "Taking a packet apart", "The checksum of the IPv4 header", "Answers to ARP", "Answers to neighbour solicitations", "Echo"
HOPS, HOPS6, LONG, UNREACHABLE, TAGS = "Hops", "Hops in IPv6", "What is too long", "What cannot be reached", "VLAN tags"


# -- what a frame is ----------------------------------------------------------------------------------------------------------


def number(data: bytes, at: int, size: int = 2) -> int:
    return int.from_bytes(data[at : at + size], "big")


def kind(frame: bytes) -> bytes:
    return frame[12:14] if len(frame) >= 14 else b""


def payload4(frame: bytes) -> bytes:
    """What IPv4 carries, without padding."""
    return frame[14 + (frame[14] & 15) * 4 : 14 + number(frame, 16)]


def payload6(frame: bytes) -> bytes:
    return frame[54 : 54 + number(frame, 18)]


def is_whole4(frame: bytes, checksum: bool = True) -> bool:
    """RFC 791: version, lengths, checksum."""
    if kind(frame) != IP4 or len(frame) < 34 or frame[14] >> 4 != 4:
        return False
    length, total = (frame[14] & 15) * 4, number(frame, 16)
    if not 20 <= length <= total <= len(frame) - 14:
        return False
    return not checksum or internet_checksum(frame[14 : 14 + length]) == 0


def is_whole6(frame: bytes) -> bool:
    return kind(frame) == IP6 and len(frame) >= 54 and frame[14] >> 4 == 6 and number(frame, 18) <= len(frame) - 54


def has_extensions(frame: bytes) -> bool:
    """IPv6, behind a VLAN tag or not, whose next header is none of a transport."""
    inner = frame[:12] + frame[16:] if kind(frame) == b"\x81\x00" else frame
    return kind(inner) == IP6 and inner[20:21] in EXTENSIONS


def is_fragment(frame: bytes) -> bool:
    return number(frame, 20) & 0x3FFF != 0


def transport_fits(protocol: int, payload: bytes) -> bool:
    """Whether header and length of the transport lie within what IP carries."""
    match protocol:
        case 6:
            return len(payload) >= 20 and 20 <= (payload[12] >> 4) * 4 <= len(payload)
        case 17:
            return len(payload) >= 8 and 8 <= number(payload, 4) <= len(payload)
        case 1 | 58:
            return len(payload) >= 8
        case _:
            return True


def is_cut(frame: bytes) -> bool:
    """IPv4 that is whole and carries a transport that is not."""
    return is_whole4(frame) and not is_fragment(frame) and not transport_fits(frame[23] if frame[23] != 58 else 0, payload4(frame))


def with_right_checksums(data: bytes) -> bytes:
    """An IP packet of ICMP or ICMPv6 with its checksums made anew."""
    made = bytearray(data)
    if kind(data) == IP4:
        made[24:26] = b"\0\0"
        made[24:26] = internet_checksum(bytes(made[14 : 14 + (data[14] & 15) * 4])).to_bytes(2, "big")
    else:
        made[56:58] = b"\0\0"
        pseudo = bytes(made[22:54]) + number(data, 18).to_bytes(4, "big") + (58).to_bytes(4, "big")
        made[56:58] = internet_checksum(pseudo + bytes(made[54 : 54 + number(data, 18)])).to_bytes(2, "big")
    return bytes(made)


@row("the source ffff:...:ffff", HOPS6)
def all_ones_pass(frame: bytes, sent: Sent) -> Sent:
    passes = sent == [] and is_whole6(frame) and frame[22:38] == b"\xff" * 16 and frame[21] > 1
    return [("right", frame[:21] + bytes([frame[21] - 1]) + frame[22:])] if passes else sent


# -- taking a packet apart ----------------------------------------------------------------------------------------------------


@row("a frame's padding", APART, HEADER, HOPS, HOPS6, LONG)
def padding(frame: bytes, sent: Sent) -> Sent:
    """Only what goes on as it came has padding: an answer is a packet of its own."""
    return [(way, data + frame[len(data) :]) if way != "left" and kind(data) in (IP4, IP6) and len(data) < len(frame) else (way, data) for way, data in sent]


@row("frames of less than 14 bytes", APART)
def short(frame: bytes, sent: Sent) -> Sent:
    return [("wrong", frame)] if len(frame) < 14 else sent


@row("ARP that is cut, or not about IPv4 over Ethernet", APART)
def broken_arp(frame: bytes, sent: Sent) -> Sent:
    broken = kind(frame) == b"\x08\x06" and (len(frame) < 42 or frame[14:20] != bytes.fromhex("000108000604"))
    return [("wrong", frame)] if broken else sent


@row("a VLAN tag that is cut", APART)
def broken_tag(frame: bytes, sent: Sent) -> Sent:
    return [("wrong", frame)] if kind(frame) in (b"\x81\x00", b"\x88\xa8") and len(frame) < 18 else sent


@row("wrong transport checksums", APART)
def transport_checksum(frame: bytes, sent: Sent) -> Sent:
    if sent[0][0] != "wrong" or not is_whole4(frame) or is_fragment(frame):
        return sent
    protocol, payload = frame[23], payload4(frame)
    if protocol not in (1, 6, 17) or not transport_fits(protocol, payload):
        return sent
    summed = payload[: number(payload, 4)] if protocol == 17 else payload
    pseudo = b"" if protocol == 1 else frame[26:34] + protocol.to_bytes(2, "big") + len(summed).to_bytes(2, "big")
    return [(WAY_OF_PROTOCOL[protocol], sent[0][1])] if internet_checksum(pseudo + summed) != 0 else sent


@row("ICMP messages with a wrong length for their type", APART)
def length_of_type(frame: bytes, sent: Sent) -> Sent:
    if sent[0][0] != "wrong" or not is_whole4(frame) or is_fragment(frame) or frame[23] != 1:
        return sent
    payload = payload4(frame)
    wanted = range(36, 65536) if payload[:1] and payload[0] in ERROR_TYPES else {13: (20,), 14: (20,), 15: (8,), 16: (8,)}.get(payload[0] if payload else -1)
    return [("controls", sent[0][1])] if wanted is not None and len(payload) >= 8 and len(payload) not in wanted else sent


@row("the source ffff:...:ffff", APART)
def all_ones(frame: bytes, sent: Sent) -> Sent:
    passes = sent[0][0] == "wrong" and is_whole6(frame) and frame[22:38] == b"\xff" * 16
    return [(WAY_OF_PROTOCOL.get(frame[20], "others") if frame[20] != 1 else "others", frame)] if passes else sent


@row("transport headers in IPv6 that are cut", APART)
def cut6(frame: bytes, sent: Sent) -> Sent:
    return [("wrong", sent[0][1])] if is_whole6(frame) and frame[20] != 1 and not transport_fits(frame[20], payload6(frame)) else sent


@row("a wrong header checksum", HEADER)
def header_checksum(frame: bytes, sent: Sent) -> Sent:
    return [("wrong", frame)] if is_whole4(frame, checksum=False) and not is_whole4(frame) else sent


@row("transport headers that are cut", HEADER)
def cut4(frame: bytes, sent: Sent) -> Sent:
    return [("wrong", frame)] if is_cut(frame) else sent


# -- answers ------------------------------------------------------------------------------------------------------------------


@row("address sizes other than 6 and 4", ARP)
def sizes(frame: bytes, sent: Sent) -> Sent:
    return sent if frame[18:20] == b"\x06\x04" else []


ANSWERED = bytes.fromhex("0200000000010200000000fe86dd")
OWN6 = bytes.fromhex("20010db8000000000000000000000001")


def is_question(frame: bytes) -> bool:
    """A solicitation for the address of the test, as the library sees it."""
    asks = is_whole6(frame) and frame[20:22] == b"\x3a\xff" and len(payload6(frame)) >= 24 and frame[54:56] == b"\x87\x00"
    return asks and frame[62:78] == OWN6 and frame[22] != 0xFF


@row("the source is a group", NEIGHBOURS)
def from_group(frame: bytes, sent: Sent) -> Sent:
    return [] if frame[22:23] == b"\xff" else sent


@row("a wrong checksum", NEIGHBOURS)
def wrong_checksum(frame: bytes, sent: Sent) -> Sent:
    return [("wire", answer_of_click(frame))] if sent == [] and is_question(frame) and with_right_checksums(frame) != frame else sent


@row("a question without the option that says who asks", NEIGHBOURS)
def without_option(frame: bytes, sent: Sent) -> Sent:
    return [("wire", answer_of_click(frame))] if sent == [] and is_question(frame) and len(payload6(frame)) < 32 else sent


def answer_of_click(frame: bytes) -> bytes:
    head = ANSWERED + bytes.fromhex("6000000000203aff") + OWN6 + frame[22:38]
    return with_right_checksums(head + bytes.fromhex("88000000c0000000") + OWN6 + bytes.fromhex("02010200000000fe"))


@row("the flags", NEIGHBOURS)
def flags(_: bytes, sent: Sent) -> Sent:
    return [(way, with_right_checksums(data[:58] + b"\x60" + data[59:])) for way, data in sent]


@row("a host that looks whether the address is free", NEIGHBOURS)
def all_are_told(_: bytes, sent: Sent) -> Sent:
    def told(data: bytes) -> bytes:
        to_all = bytes.fromhex("333300000001") + data[6:38] + bytes.fromhex("ff020000000000000000000000000001")
        return with_right_checksums(to_all + data[54:58] + b"\x20" + data[59:])

    return [(way, told(data) if data[38:54] == bytes(16) else data) for way, data in sent]


# -- echo and errors ----------------------------------------------------------------------------------------------------------


@row("the time to live", ECHO)
def time_to_live(_: bytes, sent: Sent) -> Sent:
    return [(way, with_time_to_live(data)) for way, data in sent]


def with_time_to_live(data: bytes) -> bytes:
    """64, with the checksum of the IPv4 header made anew and all else as it is."""
    made = bytearray(data)
    made[22] = 64
    made[24:26] = b"\0\0"
    made[24:26] = internet_checksum(bytes(made[14 : 14 + (made[14] & 15) * 4])).to_bytes(2, "big")
    return bytes(made)


@row("a frame's padding", ECHO)
def padding_of_answer(frame: bytes, sent: Sent) -> Sent:
    return [(way, data + frame[len(data) :]) for way, data in sent]


@row("questions to groups of the link", ECHO)
def to_group(frame: bytes, sent: Sent) -> Sent:
    return [] if frame[0] & 1 else sent


@row("questions from addresses that cannot be a sender's", ECHO)
def no_sender(frame: bytes, sent: Sent) -> Sent:
    return [] if frame[26:27] and (frame[26] in (0, 127) or frame[26] >= 224) else sent


@row("transport headers that are cut", HOPS, LONG, UNREACHABLE)
def cut_is_dropped(frame: bytes, sent: Sent) -> Sent:
    return [] if is_cut(frame) else sent


@row("transport headers that are cut", HOPS6)
def cut_is_dropped6(frame: bytes, sent: Sent) -> Sent:
    return [] if is_whole6(frame) and frame[20] != 1 and not transport_fits(frame[20], payload6(frame)) else sent


@row("what may be fragmented", LONG)
def fragments(_: bytes, sent: Sent) -> Sent:
    return [] if len(sent) > 1 else sent


@row("an error's identification and time to live", HOPS, LONG, UNREACHABLE)
def identification(_: bytes, sent: Sent) -> Sent:
    return [(way, with_time_to_live(data[:18] + b"\0\0" + data[20:])) if way != "right" else (way, data) for way, data in sent]


@row("source routes", HOPS, LONG, UNREACHABLE)
def source_routes(frame: bytes, sent: Sent) -> Sent:
    """Without options there is room to quote more."""

    def plain(data: bytes) -> bytes:
        start, quoted = 14 + (data[14] & 15) * 4, frame[14 : 14 + min(number(frame, 16), 548)]
        message = data[start : start + 2] + b"\0\0" + data[start + 4 : start + 8] + quoted
        message = message[:2] + internet_checksum(message).to_bytes(2, "big") + message[4:]
        length = (20 + len(message)).to_bytes(2, "big")
        return with_time_to_live(data[:14] + b"\x45" + data[15:16] + length + data[18:34] + message)

    return [(way, plain(data) if way != "right" and data[14] != 0x45 else data) for way, data in sent]


@row("ICMP in the first of several fragments", HOPS, UNREACHABLE)
def unparsed_icmp(frame: bytes, sent: Sent) -> Sent:
    return [(way, data) for way, data in sent if way == "right" or not (is_fragment(frame) and frame[23] == 1)]


# -- errors of ICMPv6 ---------------------------------------------------------------------------------------------------------


@row("errors about errors and redirects", HOPS6)
def about_errors(frame: bytes, sent: Sent) -> Sent:
    no_error = frame[20:21] != b"\x3a" or frame[54:55] >= b"\x80" and frame[54] != 137
    return [(way, data) for way, data in sent if way == "right" or no_error]


@row("errors to who cannot be a sender", HOPS6)
def to_no_sender(frame: bytes, sent: Sent) -> Sent:
    source = frame[22:38]
    is_sender = source[:1] != b"\xff" and source[:15] + bytes([source[15] & 0xFE]) != bytes(16) if len(source) == 16 else True
    return [(way, data) for way, data in sent if way == "right" or is_sender]


@row("an error's hop limit", HOPS6)
def hop_limit(_: bytes, sent: Sent) -> Sent:
    return [(way, data[:21] + b"\x40" + data[22:] if way == "left" else data) for way, data in sent]


@row("how much is quoted", HOPS6)
def quoted(frame: bytes, sent: Sent) -> Sent:
    def longer(data: bytes) -> bytes:
        part = frame[14 : 14 + min(40 + number(frame, 18), 1232)]
        return with_right_checksums(data[:18] + (8 + len(part)).to_bytes(2, "big") + data[20:62] + part)

    return [(way, longer(data) if way == "left" else data) for way, data in sent]


# -- tags ---------------------------------------------------------------------------------------------------------------------


@row("the source ffff:...:ffff", TAGS)
def all_ones_tagged(frame: bytes, sent: Sent) -> Sent:
    def passes(data: bytes) -> bool:
        return sent == [] and is_whole6(data) and data[22:38] == b"\xff" * 16

    inner = frame[:12] + frame[16:]
    if kind(frame) == b"\x81\x00" and number(frame, 14) & 0xFFF == 5 and passes(inner):
        return [("right", inner[: 54 + number(inner, 18)])]
    return [("right", frame[:12] + bytes.fromhex("81000005") + frame[12:])] if passes(frame) else sent


@row("padding of a frame that is tagged", TAGS)
def padding_of_tagged(frame: bytes, sent: Sent) -> Sent:
    return [(way, data + frame[len(data) - 4 :]) for way, data in sent] if kind(frame) in (IP4, IP6) else sent


@row("transport headers that are cut", TAGS)
def cut_is_not_tagged(frame: bytes, sent: Sent) -> Sent:
    return cut_is_dropped6(frame, cut_is_dropped(frame, sent))
