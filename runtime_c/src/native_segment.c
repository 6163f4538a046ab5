/* From frames as the kernel keeps them to packets as a wire carries them. See native_link.h.
 *
 * With offloads on, the kernel hands over up to 64 KiB of one connection as one frame, and leaves checksums to a card that is not there.
 * A service is to see what a wire would have carried, and to count, limit and rewrite that: such a frame is cut where its sender asked
 * for it (`gso_size`), and every checksum is made whole before anybody can change a byte that it covers. */
#define _GNU_SOURCE
#include "native_link.h"

#include "cup/checksum.h"

enum {
    ETHERNET = 14,
    TYPE_IPV4 = 0x0800,
    TYPE_IPV6 = 0x86dd,
    TYPE_VLAN = 0x8100,
    TYPE_VLAN_OUTER = 0x88a8,
    TCP = 6,
    UDP = 17,
    SCTP = 132,
    SCTP_CHECKSUM_AT = 8,
    UDP_SEGMENTS = 5, /* VIRTIO_NET_HDR_GSO_UDP_L4, which older headers lack */
    CWR = 0x80, /* flags of TCP */
    PSH = 0x08,
    FIN = 0x01
};

/* Where the network's header begins, and its type. */
static uint32_t find_network(const struct native_frame *frame, uint16_t *type) {
    uint32_t at = ETHERNET - 2;
    *type = 0;
    while (at + 2 <= frame->length) {
        *type = cup_load_be16(frame->bytes + at);
        if (*type != TYPE_VLAN && *type != TYPE_VLAN_OUTER) break;
        at += 4;
    }
    return at + 2;
}

static bool is_ipv4(const struct native_frame *frame) { return frame->bytes[frame->network] >> 4 == 4; }

static uint8_t kind_of(const struct native_frame *frame) { return frame->offload.gso_type & (uint8_t)~VIRTIO_NET_HDR_GSO_ECN; }

/* Finds the headers of a frame that is to be cut; true where all of them are there. */
static bool find_headers(struct native_frame *frame) {
    uint16_t type;
    bool udp = kind_of(frame) == UDP_SEGMENTS;
    bool tcp = kind_of(frame) == VIRTIO_NET_HDR_GSO_TCPV4 || kind_of(frame) == VIRTIO_NET_HDR_GSO_TCPV6;
    frame->network = find_network(frame, &type);
    if ((!udp && !tcp) || frame->offload.gso_size == 0) return false;
    if (type != TYPE_IPV4 && type != TYPE_IPV6) return false;
    if (frame->length < frame->network + (type == TYPE_IPV4 ? 20 : 40)) return false;
    if (is_ipv4(frame) != (type == TYPE_IPV4)) return false;
    const uint8_t *network = frame->bytes + frame->network;
    uint32_t behind = frame->network + (type == TYPE_IPV4 ? (uint32_t)(network[0] & 15) * 4 : 40);
    if ((frame->offload.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) != 0) {
        frame->transport = frame->offload.csum_start;
    } else {
        frame->transport = behind;
        if (type == TYPE_IPV6 && network[6] != (udp ? UDP : TCP)) return false;
    }
    if (type == TYPE_IPV6 && cup_load_be16(network + 4) == 0) return false; /* a jumbogram, whose length stands elsewhere */
    if (frame->transport < behind || frame->length < frame->transport + (udp ? 8 : 20)) return false;
    frame->payload = frame->transport + (udp ? 8 : (uint32_t)(frame->bytes[frame->transport + 12] >> 4) * 4);
    return frame->payload >= frame->transport + (udp ? 8 : 20) && frame->payload <= frame->length;
}

bool native_frame_begin(struct native_frame *frame) {
    const struct virtio_net_hdr *offload = &frame->offload;
    frame->done = frame->given = 0;
    frame->left = true;
    if (frame->length < ETHERNET) return false;
    if (offload->gso_type != VIRTIO_NET_HDR_GSO_NONE)
        return find_headers(frame) && frame->payload + offload->gso_size + 4 <= NATIVE_LARGEST;
    if (frame->length + 4 > NATIVE_LARGEST) return false;
    return (offload->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) == 0 || (uint32_t)offload->csum_start + offload->csum_offset + 2 <= frame->length;
}

/* The checksum of SCTP, bit by bit: nobody asks for it often. */
static uint32_t crc32c(const uint8_t *bytes, uint32_t length) {
    uint32_t crc = UINT32_MAX;
    for (uint32_t i = 0; i < length; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (UINT32_C(0x82f63b78) & (0 - (crc & 1)));
    }
    return ~crc;
}

static bool is_sctp(const struct native_frame *frame) {
    uint16_t type;
    uint32_t network = find_network(frame, &type);
    if (frame->offload.csum_offset != SCTP_CHECKSUM_AT || frame->length < network + 10u) return false;
    return frame->bytes[network + (type == TYPE_IPV4 ? 9 : 6)] == SCTP;
}

static void put_checksum(uint8_t *field, uint64_t sum, bool zero_is_none) {
    uint16_t checksum = (uint16_t)~cup_checksum_fold(sum);
    cup_store_be16(field, checksum == 0 && zero_is_none ? 0xffff : checksum);
}

/* The sum over a pseudo header stands in the field already. The packet has no tag yet, so offsets hold. */
static void complete_checksum(const struct native_frame *frame, uint8_t *packet) {
    uint32_t start = frame->offload.csum_start, field = start + frame->offload.csum_offset;
    if (is_sctp(frame) && field + 4 <= frame->length) {
        cup_store32(packet + field, 0);
        cup_store32(packet + field, crc32c(packet + start, frame->length - start));
        return;
    }
    put_checksum(packet + field, cup_sum(packet + start, frame->length - start, 0), true);
}

/* The sum over the pseudo header of a segment: that of the frame with another length, or from the addresses. */
static uint64_t pseudo_sum(const struct native_frame *frame, uint32_t length, uint32_t checksum_at, uint8_t protocol) {
    if ((frame->offload.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) != 0) {
        uint32_t whole = frame->length - frame->transport;
        uint16_t without = (uint16_t)~cup_checksum_fold((whole >> 16) + (whole & 0xffff));
        return (uint64_t)cup_load_be16(frame->bytes + frame->transport + checksum_at) + without + length;
    }
    const uint8_t *network = frame->bytes + frame->network;
    uint64_t addresses = is_ipv4(frame) ? cup_sum(network + 12, 8, 0) : cup_sum(network + 8, 32, 0);
    return addresses + length + protocol;
}

static void fit_network(const struct native_frame *frame, uint8_t *packet, uint32_t length) {
    uint8_t *network = packet + frame->network;
    if (!is_ipv4(frame)) {
        cup_store_be16(network + 4, (uint16_t)(length - frame->network - 40));
        return;
    }
    uint32_t size = (uint32_t)(network[0] & 15) * 4;
    cup_store_be16(network + 2, (uint16_t)(length - frame->network));
    cup_store_be16(network + 4, (uint16_t)(cup_load_be16(network + 4) + frame->given));
    cup_store_be16(network + 10, 0);
    put_checksum(network + 10, cup_sum(network, size, 0), false);
}

static void fit_transport(const struct native_frame *frame, uint8_t *packet, uint32_t length, bool last) {
    bool udp = kind_of(frame) == UDP_SEGMENTS;
    uint8_t *transport = packet + frame->transport;
    uint32_t size = length - frame->transport, field = udp ? 6 : 16;
    if (udp) {
        cup_store_be16(transport + 4, (uint16_t)size);
    } else {
        cup_store_be32(transport + 4, cup_load_be32(transport + 4) + frame->done);
        if (!last) transport[13] &= (uint8_t)~(FIN | PSH);
        if (frame->given != 0) transport[13] &= (uint8_t)~CWR;
    }
    uint64_t pseudo = pseudo_sum(frame, size, field, udp ? UDP : TCP);
    cup_store_be16(transport + field, cup_checksum_fold(pseudo));
    put_checksum(transport + field, cup_sum(transport, size, 0), udp);
}

/* One packet of the many. */
static uint32_t cut_segment(struct native_frame *frame, uint8_t *to) {
    uint32_t all = frame->length - frame->payload;
    uint32_t size = all - frame->done < frame->offload.gso_size ? all - frame->done : frame->offload.gso_size;
    bool last = frame->done + size == all;
    uint32_t length = frame->payload + size;
    memcpy(to, frame->bytes, frame->payload);
    memcpy(to + frame->payload, frame->bytes + frame->payload + frame->done, size);
    fit_network(frame, to, length);
    fit_transport(frame, to, length, last);
    frame->done += size;
    frame->given++;
    frame->left = !last;
    return length;
}

static uint32_t put_tag(const struct native_frame *frame, uint8_t *packet, uint32_t length) {
    memmove(packet + 16, packet + 12, length - 12);
    cup_store_be16(packet + 12, frame->tag_protocol);
    cup_store_be16(packet + 14, frame->tag);
    return length + 4;
}

uint32_t native_frame_next(struct native_frame *frame, uint8_t *to) {
    uint32_t length = frame->length;
    if (CUP_UNLIKELY(frame->offload.gso_type != VIRTIO_NET_HDR_GSO_NONE)) {
        length = cut_segment(frame, to);
    } else {
        memcpy(to, frame->bytes, length);
        frame->left = false;
        if (CUP_UNLIKELY((frame->offload.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) != 0)) complete_checksum(frame, to);
    }
    return CUP_UNLIKELY(frame->tag_protocol != 0) ? put_tag(frame, to, length) : length;
}
