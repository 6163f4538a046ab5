/* native_link.h: live devices, through which packets come and go while time passes. Shared by native_live.c, native_link.c,
 * native_packet.c, native_tap.c, native_segment.c and native_report.c.
 *
 *     struct native_link *link = native_link_make("eth0", false, true);
 *     if (native_link_open(link)) native_link_begin(link);           // packets come from here on
 *     while (native_link_take(run, device, i, now)) i++;             // whole packets, as on a wire, into a burst
 *     native_link_put(device, packet); ... native_link_flush(device); // packets out, whose bytes stay until the flush
 *     native_link_watch(run, device);                                // several times a second: has it gone, is it back?
 *
 * A packet is copied out of the kernel's ring before anybody sees it. Losses are counted in the device. One thread. */
#ifndef CUP_NATIVE_LINK_H
#define CUP_NATIVE_LINK_H

#include <linux/virtio_net.h>
#include <net/if.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "native_run.h"

/* A packet as the kernel keeps it: perhaps many packets of a wire in one, without their checksums, its VLAN tag beside it. */
struct native_frame {
    const uint8_t *bytes; /* without the tag */
    uint32_t length;
    uint16_t tag_protocol, tag; /* 0, 0: none */
    struct virtio_net_hdr offload;
    /* Where it is cut; offsets into `bytes`. */
    uint32_t network, transport, payload;
    uint32_t done;  /* bytes of payload that have been given */
    uint32_t given; /* packets that have been given */
    bool left;
};

/* native_segment.c: takes a frame apart. Frames that no packets can be made of are refused by `begin`. */
bool native_frame_begin(struct native_frame *frame);
/* Writes the next packet (NATIVE_LARGEST bytes at most) and gives its length; afterwards frame->left says whether there are more. */
uint32_t native_frame_next(struct native_frame *frame, uint8_t *to);

/* Packets that are on their way out, of one device. */
enum { NATIVE_BATCH = 64 };
struct cup_batch {
    struct mmsghdr messages[NATIVE_BATCH];
    struct iovec parts[NATIVE_BATCH];
    unsigned count;
};

enum native_link_state {
    NATIVE_LINK_UP,
    NATIVE_LINK_DOWN,
    NATIVE_LINK_GONE
};

struct native_link {
    const char *name;
    bool tap, takes_in;
    enum native_link_state state;
    unsigned index;  /* of the interface, as long as it has not gone */
    int in, out;     /* descriptors; those of a TAP device are one. -1: closed */
    bool said;       /* that it cannot be opened again */
    /* native_packet.c: the ring of slots, and the one in hand. */
    uint8_t *ring;
    uint32_t slots, slot;
    bool shown;     /* the slot in hand is being read */
    uint8_t *large; /* what does not fit into a slot */
    struct native_frame frame;
    struct cup_batch batch;
    uint64_t tap_drops; /* of the interface when it was last looked at */
};

/* native_link.c */
struct native_link *native_link_make(const char *name, bool tap, bool takes_in);
/* Opens the device; no packet comes yet. False with errno: ENODEV there is none, EPERM and EACCES we may not, or another. */
bool native_link_open(struct native_link *link);
/* Lets packets come, where any are to be taken in. */
bool native_link_begin(struct native_link *link);
void native_link_close(struct native_link *link);
bool native_link_take(struct native_run *run, uint16_t device, unsigned i, uint64_t now);
void native_link_put(struct native_device *device, const struct cup_packet *packet);
void native_link_flush(struct native_device *device);
void native_link_watch(struct native_run *run, struct native_device *device);
/* Adds what the kernel has dropped since the last call to the device's losses. */
void native_link_count_drops(struct native_device *device);
/* `up`, `down`, `gone` */
const char *native_link_state(const struct native_link *link);

/* native_packet.c: AF_PACKET. */
bool native_packet_open(struct native_link *link);
bool native_packet_begin(struct native_link *link);
void native_packet_close(struct native_link *link);
/* The next frame of the ring, which holds until the next call; false when none waits. Counts frames that are not whole. */
bool native_packet_next(struct native_device *device, struct native_frame *frame);
void native_packet_flush(struct native_device *device);
uint64_t native_packet_drops(struct native_link *link);

/* native_tap.c */
bool native_tap_open(struct native_link *link);
bool native_tap_take(struct native_run *run, uint16_t device, unsigned i, uint64_t now);
void native_tap_flush(struct native_device *device);
uint64_t native_tap_drops(struct native_link *link);

/* A packet that did not leave. */
void native_link_lost(struct native_device *device, uint32_t length, int problem);

#endif
