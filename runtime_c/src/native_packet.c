/* Network interfaces through packet sockets. See native_link.h, and packet(7).
 *
 * In: a ring of blocks (TPACKET_V3) shared with the kernel, which fills a block and hands it over when it is full or has been open for a
 * millisecond; so a packet waits no longer than that, and under load hundreds come at once. Before each packet stands a virtio header,
 * which says what offloads have left undone (native_segment.c).
 * Out: a socket of its own, which hears nothing, and bursts by sendmmsg. Never waits: what a device has no room for is lost, as on a wire. */
#define _GNU_SOURCE
#include "native_link.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    BLOCK = 1 << 18, /* bytes; holds the largest frame that offloads make */
    BLOCKS = 64,
    FEWEST_BLOCKS = 4,
    PATIENCE_MS = 1, /* how long a block stays open */
    SEND_BUFFER = 8 << 20
};

static bool set(int file, int option, int value) { return setsockopt(file, SOL_PACKET, option, &value, sizeof value) == 0; }

/* As many blocks as the kernel has memory for. */
static bool make_ring(struct native_link *link) {
    struct tpacket_req3 ring;
    memset(&ring, 0, sizeof ring);
    ring.tp_block_size = BLOCK;
    ring.tp_frame_size = 2048; /* means nothing to this version, and must divide */
    ring.tp_retire_blk_tov = PATIENCE_MS;
    for (ring.tp_block_nr = BLOCKS; ring.tp_block_nr >= FEWEST_BLOCKS; ring.tp_block_nr /= 2) {
        ring.tp_frame_nr = ring.tp_block_nr * (BLOCK / ring.tp_frame_size);
        if (setsockopt(link->in, SOL_PACKET, PACKET_RX_RING, &ring, sizeof ring) != 0) {
            if (errno != ENOMEM) return false;
            continue;
        }
        link->blocks = ring.tp_block_nr;
        link->ring = mmap(NULL, (size_t)BLOCK * link->blocks, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, link->in, 0);
        if (link->ring != MAP_FAILED) return true;
        link->ring = NULL;
        return false;
    }
    return false;
}

static bool bind_to(int file, unsigned index, uint16_t protocol) {
    struct sockaddr_ll address;
    memset(&address, 0, sizeof address);
    address.sll_family = AF_PACKET;
    address.sll_protocol = __builtin_bswap16(protocol);
    address.sll_ifindex = (int)index;
    return bind(file, (struct sockaddr *)&address, sizeof address) == 0;
}

/* The kernel limits the one without privileges, the other not. */
static void set_send_buffer(int file) {
    int size = SEND_BUFFER;
    if (setsockopt(file, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size) != 0) (void)setsockopt(file, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
}

bool native_packet_open(struct native_link *link) {
    link->index = if_nametoindex(link->name);
    if (link->index == 0) {
        errno = ENODEV;
        return false;
    }
    /* Of no protocol, they hear nothing until native_packet_begin. */
    link->in = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    link->out = link->in < 0 ? -1 : socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (link->out < 0) return false;
    link->sees_own = !set(link->in, PACKET_IGNORE_OUTGOING, 1);
    set_send_buffer(link->out);
    return set(link->in, PACKET_VERSION, TPACKET_V3) && set(link->in, PACKET_VNET_HDR, 1) && make_ring(link) && bind_to(link->out, link->index, 0);
}

/* An interface that is down can be bound to, and packets come once it is up. */
bool native_packet_begin(struct native_link *link) {
    struct packet_mreq all;
    memset(&all, 0, sizeof all);
    all.mr_ifindex = (int)link->index;
    all.mr_type = PACKET_MR_PROMISC;
    return setsockopt(link->in, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof all) == 0 && bind_to(link->in, link->index, ETH_P_ALL);
}

void native_packet_close(struct native_link *link) {
    if (link->ring != NULL) munmap(link->ring, (size_t)BLOCK * link->blocks);
    if (link->in >= 0) close(link->in);
    if (link->out >= 0) close(link->out);
    link->ring = NULL;
    link->next = NULL;
    link->block = link->packets_left = 0;
    link->frame.left = false;
}

static struct tpacket_block_desc *block_of(const struct native_link *link) {
    return (struct tpacket_block_desc *)(void *)(link->ring + (size_t)link->block * BLOCK);
}

/* Gives a block that has been seen back, and looks at the one after it. */
static bool next_block(struct native_link *link) {
    struct tpacket_block_desc *block = block_of(link);
    if (link->next != NULL) {
        __atomic_store_n(&block->hdr.bh1.block_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
        link->next = NULL;
        link->block = link->block + 1 == link->blocks ? 0 : link->block + 1;
        block = block_of(link);
    }
    if ((__atomic_load_n(&block->hdr.bh1.block_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER) == 0) return false;
    link->packets_left = block->hdr.bh1.num_pkts;
    link->next = (const uint8_t *)block + block->hdr.bh1.offset_to_first_pkt;
    return true;
}

static bool is_our_own(const struct native_link *link, const struct tpacket3_hdr *header) {
    const uint8_t *address = (const uint8_t *)header + (size_t)TPACKET_ALIGN((int)sizeof *header);
    return link->sees_own && ((const struct sockaddr_ll *)(const void *)address)->sll_pkttype == PACKET_OUTGOING;
}

static void show(const struct tpacket3_hdr *header, struct native_frame *frame) {
    frame->bytes = (const uint8_t *)header + header->tp_mac;
    frame->length = header->tp_snaplen;
    memcpy(&frame->offload, frame->bytes - sizeof frame->offload, sizeof frame->offload);
    frame->tag_protocol = frame->tag = 0;
    if ((header->tp_status & TP_STATUS_VLAN_VALID) != 0) {
        frame->tag = (uint16_t)header->hv1.tp_vlan_tci;
        frame->tag_protocol = (header->tp_status & TP_STATUS_VLAN_TPID_VALID) != 0 ? header->hv1.tp_vlan_tpid : ETH_P_8021Q;
    }
}

bool native_packet_next(struct native_device *device, struct native_frame *frame) {
    struct native_link *link = device->link;
    for (;;) {
        while (link->packets_left == 0) {
            if (!next_block(link)) return false;
        }
        const struct tpacket3_hdr *header = (const struct tpacket3_hdr *)(const void *)link->next;
        link->packets_left--;
        link->next += header->tp_next_offset;
        if (is_our_own(link, header)) continue;
        show(header, frame);
        if (header->tp_len == header->tp_snaplen && native_frame_begin(frame)) return true;
        device->losses[NATIVE_DAMAGED]++;
    }
}

void native_packet_flush(struct native_device *device) {
    struct native_link *link = device->link;
    struct native_batch *batch = &link->batch;
    unsigned sent = 0;
    while (sent < batch->count) {
        int taken = sendmmsg(link->out, batch->messages + sent, batch->count - sent, MSG_DONTWAIT);
        if (taken > 0) {
            sent += (unsigned)taken;
        } else if (errno != EINTR) {
            native_link_lost(device, (uint32_t)batch->parts[sent].iov_len, errno);
            sent++;
        }
    }
    batch->count = 0;
}

uint64_t native_packet_drops(struct native_link *link) {
    struct tpacket_stats_v3 counts;
    socklen_t size = sizeof counts;
    memset(&counts, 0, sizeof counts);
    if (link->in < 0 || getsockopt(link->in, SOL_PACKET, PACKET_STATISTICS, &counts, &size) != 0) return 0;
    return counts.tp_drops;
}
