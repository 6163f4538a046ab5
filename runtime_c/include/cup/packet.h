/* cup/packet.h: what a kernel sees of a packet, and where it puts those that leave.
 *
 *     for (unsigned i = 0; i < count; i++) {
 *         struct cup_packet *packet = &packets[i];
 *         ...                                              // parse, look up, write; commit
 *         struct cup_output *output = &outputs->list[outputs->count++];
 *         output->packet = packet;                         // after the commit, in the order of leaving
 *         output->device = DEVICE_OUTSIDE;
 *     }
 *
 * Packets and their bytes belong to the caller, and live until it has sent the outputs of the burst. A kernel may write `room` bytes
 * at `data`, and shift `data` back by up to `head` bytes. One thread. */
#ifndef CUP_PACKET_H
#define CUP_PACKET_H

#include "cup/base.h"

enum {
    CUP_BURST = 32,        /* packets that a kernel is given at once, at most */
    CUP_HEADROOM = 256,    /* bytes that lie free before a packet as it arrives */
    CUP_NO_DEVICE = 0xffff /* `device` of a packet that the service made */
};

enum {
    CUP_PACKET_CUT = 1 /* `flags`: fewer bytes were captured than were on the wire */
};

/* 40 bytes. */
struct cup_packet {
    uint8_t *data;     /*  0: first byte of the Ethernet header */
    uint32_t length;   /*  8: bytes at `data` */
    uint32_t room;     /* 12: bytes that may be written at `data`, at least `length` */
    uint64_t time_ns;  /* 16: when it arrived; `now` is the larger of this and the last `now` */
    uint16_t device;   /* 24: where it arrived: an index into the service's devices */
    uint16_t flags;    /* 26: CUP_PACKET_CUT */
    uint32_t head;     /* 28: bytes that may be written before `data` */
    void *shell;       /* 32: the caller's own; kernels leave it alone, copies keep it */
};
CUP_STATIC_ASSERT(sizeof(struct cup_packet) == 40, "packet");
CUP_STATIC_ASSERT(offsetof(struct cup_packet, time_ns) == 16 && offsetof(struct cup_packet, shell) == 32, "packet");

/* One packet on its way out. The same packet may leave several times if its bytes are the same each time. */
struct cup_output {
    struct cup_packet *packet;
    uint16_t device; /* index into the service's devices */
};

/* The leaving packets of a burst, and blank ones for copies and for packets that the service makes. The caller offers room for
 * CUP_BURST times the service's `outputs_per_packet` and `copies_per_packet`: the compiler knows both bounds, so nothing is checked here. */
struct cup_outputs {
    struct cup_output *list;
    uint32_t count;
    uint32_t limit;
    struct cup_packet *blanks; /* each with a buffer of its own behind `data` */
    uint32_t blanks_used;
    uint32_t blanks_limit;
};

/* A blank packet of no bytes, at the time of `origin`; NULL when all are used. */
CUP_INLINE struct cup_packet *cup_outputs_blank(struct cup_outputs *outputs, const struct cup_packet *origin) {
    if (outputs->blanks_used == outputs->blanks_limit) return NULL;
    struct cup_packet *packet = &outputs->blanks[outputs->blanks_used++];
    packet->length = 0;
    packet->time_ns = origin->time_ns;
    packet->device = CUP_NO_DEVICE;
    packet->flags = 0;
    packet->shell = NULL;
    return packet;
}

/* A copy of `packet` as it is now; NULL when all blanks are used or it does not fit. */
CUP_INLINE struct cup_packet *cup_outputs_copy(struct cup_outputs *outputs, const struct cup_packet *packet) {
    struct cup_packet *copy = cup_outputs_blank(outputs, packet);
    if (copy == NULL || packet->length > copy->room) return NULL;
    memcpy(copy->data, packet->data, packet->length);
    copy->length = packet->length;
    copy->device = packet->device;
    copy->flags = packet->flags;
    copy->shell = packet->shell;
    return copy;
}

#endif
