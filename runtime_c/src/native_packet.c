/* Network interfaces through packet sockets. See native_link.h, and packet(7).
 *
 * In: a ring of slots (TPACKET_V2) shared with the kernel, which wakes us with the first packet. The blocks of TPACKET_V3 would be handed
 * over by a timer, which makes every packet of a quiet network late by milliseconds. What does not fit into a slot, such as the frames
 * that offloads make, is told of in its slot and waits whole in the socket's queue (PACKET_COPY_THRESH), in the same order. Before each
 * packet stands a virtio header, which says what offloads have left undone (native_segment.c).
 * Out: a socket of its own, which hears nothing, and bursts by sendmmsg: a ring for sending, and sending past the queueing discipline, were
 * no faster when they were measured. Never waits: what a device has no room for is lost, as on a wire. */
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
    SLOT = 2048,
    BLOCK = 1 << 17, /* how the kernel takes the ring's memory */
    SLOTS = 4096,
    FEWEST_SLOTS = 256,
    LARGEST_FRAME = 640 * 1024, /* that offloads make, where they are allowed more than 64 KiB */
    RECEIVE_BUFFER = 32 << 20, /* for what does not fit into slots */
    SEND_BUFFER = 8 << 20
};

static bool set(int file, int option, int value) { return setsockopt(file, SOL_PACKET, option, &value, sizeof value) == 0; }

/* As many slots as the kernel has memory for. */
static bool make_ring(struct native_link *link) {
    struct tpacket_req ring = {BLOCK, 0, SLOT, 0};
    for (ring.tp_frame_nr = SLOTS; ring.tp_frame_nr >= FEWEST_SLOTS; ring.tp_frame_nr /= 2) {
        ring.tp_block_nr = ring.tp_frame_nr / (BLOCK / SLOT);
        if (setsockopt(link->in, SOL_PACKET, PACKET_RX_RING, &ring, sizeof ring) != 0) {
            if (errno != ENOMEM) return false;
            continue;
        }
        link->slots = ring.tp_frame_nr;
        link->ring = mmap(NULL, (size_t)SLOT * link->slots, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, link->in, 0);
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
static void set_buffer(int file, int forced, int limited, int size) {
    if (setsockopt(file, SOL_SOCKET, forced, &size, sizeof size) != 0) (void)setsockopt(file, SOL_SOCKET, limited, &size, sizeof size);
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
    set_buffer(link->in, SO_RCVBUFFORCE, SO_RCVBUF, RECEIVE_BUFFER);
    set_buffer(link->out, SO_SNDBUFFORCE, SO_SNDBUF, SEND_BUFFER);
    /* All of them are in Linux since 4.20. */
    bool ready = set(link->in, PACKET_IGNORE_OUTGOING, 1) && set(link->in, PACKET_VERSION, TPACKET_V2) && set(link->in, PACKET_VNET_HDR, 1) &&
                 set(link->in, PACKET_COPY_THRESH, SLOT);
    if (link->large == NULL) link->large = malloc(sizeof(struct virtio_net_hdr) + LARGEST_FRAME);
    return ready && link->large != NULL && make_ring(link) && bind_to(link->out, link->index, 0);
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
    if (link->ring != NULL) munmap(link->ring, (size_t)SLOT * link->slots);
    if (link->in >= 0) close(link->in);
    if (link->out >= 0) close(link->out);
    free(link->large);
    link->ring = link->large = NULL;
    link->slot = 0;
    link->shown = link->frame.left = false;
}

static struct tpacket2_hdr *slot_of(const struct native_link *link) {
    return (struct tpacket2_hdr *)(void *)(link->ring + (size_t)link->slot * SLOT);
}

/* A slot is in no cache of ours, and a few more are most likely filled. */
static void ask_for_slots(const struct native_link *link) {
    uint32_t ahead = link->slot + 4 < link->slots ? link->slot + 4 : link->slot + 4 - link->slots;
    const uint8_t *slot = link->ring + (size_t)ahead * SLOT;
    for (unsigned line = 0; line < 3; line++) __builtin_prefetch(slot + line * CUP_LINE);
}

/* Gives a slot that has been seen back, and looks at the one after it. */
static struct tpacket2_hdr *next_slot(struct native_link *link) {
    struct tpacket2_hdr *slot = slot_of(link);
    if (link->shown) {
        __atomic_store_n(&slot->tp_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
        link->slot = link->slot + 1 == link->slots ? 0 : link->slot + 1;
        slot = slot_of(link);
    }
    link->shown = (__atomic_load_n(&slot->tp_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER) != 0;
    return link->shown ? slot : NULL;
}

/* Fetches what did not fit into its slot. */
static bool fetch_large(struct native_link *link, struct native_frame *frame) {
    ssize_t length;
    do length = recv(link->in, link->large, sizeof frame->offload + LARGEST_FRAME, MSG_DONTWAIT | MSG_TRUNC);
    while (length < 0 && errno == EINTR);
    if (length < (ssize_t)sizeof frame->offload || (size_t)length > sizeof frame->offload + LARGEST_FRAME) return false;
    memcpy(&frame->offload, link->large, sizeof frame->offload);
    frame->bytes = link->large + sizeof frame->offload;
    frame->length = (uint32_t)((size_t)length - sizeof frame->offload);
    return true;
}

/* Makes a frame of a slot. False where it is not whole, and then the kernel had no room for it, or it is no packet. */
static bool show(struct native_link *link, const struct tpacket2_hdr *slot, struct native_frame *frame, enum native_loss *why) {
    *why = NATIVE_RING_FULL;
    frame->tag_protocol = frame->tag = 0;
    if ((slot->tp_status & TP_STATUS_VLAN_VALID) != 0) {
        frame->tag = slot->tp_vlan_tci;
        frame->tag_protocol = (slot->tp_status & TP_STATUS_VLAN_TPID_VALID) != 0 ? slot->tp_vlan_tpid : ETH_P_8021Q;
    }
    if (CUP_UNLIKELY((slot->tp_status & TP_STATUS_COPY) != 0)) {
        if (!fetch_large(link, frame)) return false;
    } else {
        if (slot->tp_snaplen < slot->tp_len) return false;
        frame->bytes = (const uint8_t *)slot + slot->tp_mac;
        frame->length = slot->tp_snaplen;
        memcpy(&frame->offload, frame->bytes - sizeof frame->offload, sizeof frame->offload);
    }
    *why = NATIVE_DAMAGED;
    return native_frame_begin(frame);
}

bool native_packet_next(struct native_device *device, struct native_frame *frame) {
    struct native_link *link = device->link;
    const struct tpacket2_hdr *slot;
    enum native_loss why;
    while ((slot = next_slot(link)) != NULL) {
        ask_for_slots(link);
        if (show(link, slot, frame, &why)) return true;
        device->losses[why]++;
    }
    return false;
}

void native_packet_flush(struct native_device *device) {
    struct native_link *link = device->link;
    struct cup_batch *batch = &link->batch;
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
    struct tpacket_stats counts;
    socklen_t size = sizeof counts;
    memset(&counts, 0, sizeof counts);
    if (link->in < 0 || getsockopt(link->in, SOL_PACKET, PACKET_STATISTICS, &counts, &size) != 0) return 0;
    return counts.tp_drops;
}
