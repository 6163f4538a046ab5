/* A live device of either kind: opening, going, coming back. See native_link.h. */
#define _GNU_SOURCE
#include "native_link.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

struct native_link *native_link_make(const char *name, bool tap, bool takes_in) {
    struct native_link *link = calloc(1, sizeof *link);
    if (link == NULL) return NULL;
    link->name = name;
    link->tap = tap;
    link->takes_in = takes_in;
    link->state = NATIVE_LINK_GONE;
    link->in = link->out = -1;
    for (unsigned i = 0; i < NATIVE_BATCH; i++) {
        link->batch.messages[i].msg_hdr.msg_iov = &link->batch.parts[i];
        link->batch.messages[i].msg_hdr.msg_iovlen = 1;
    }
    return link;
}

/* Of the interface that has the name now; 0 where there is none. */
static unsigned look(const struct native_link *link, bool *up) {
    struct ifreq request;
    unsigned index = if_nametoindex(link->name);
    int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    memset(&request, 0, sizeof request);
    (void)snprintf(request.ifr_name, sizeof request.ifr_name, "%s", link->name);
    *up = control >= 0 && ioctl(control, SIOCGIFFLAGS, &request) == 0 && (request.ifr_flags & IFF_UP) != 0;
    if (control >= 0) close(control);
    return index;
}

bool native_link_open(struct native_link *link) {
    bool up;
    if (!(link->tap ? native_tap_open(link) : native_packet_open(link))) {
        int problem = errno;
        native_link_close(link);
        errno = problem;
        return false;
    }
    (void)look(link, &up);
    link->state = up ? NATIVE_LINK_UP : NATIVE_LINK_DOWN;
    return true;
}

bool native_link_begin(struct native_link *link) { return link->tap || !link->takes_in || native_packet_begin(link); }

void native_link_close(struct native_link *link) {
    if (!link->tap) native_packet_close(link);
    else if (link->in >= 0) close(link->in);
    link->in = link->out = -1;
    link->state = NATIVE_LINK_GONE;
}

bool native_link_take(struct native_run *run, uint16_t device, unsigned i, uint64_t now) {
    struct native_device *from = &run->devices[device];
    struct native_link *link = from->link;
    if (CUP_UNLIKELY(link->in < 0)) return false;
    if (link->tap) return native_tap_take(run, device, i, now);
    if (!link->frame.left && !native_packet_next(from, &link->frame)) return false;
    uint32_t length = native_frame_next(&link->frame, native_burst_room(run, i));
    native_burst_take(run, i, device, now, length, length);
    return true;
}

void native_link_lost(struct native_device *device, uint32_t length, int problem) {
    enum native_loss why = NATIVE_REFUSED;
    if (problem == ENOBUFS || problem == EAGAIN || problem == ENOMEM) why = NATIVE_QUEUE_FULL;
    else if (problem == EMSGSIZE) why = NATIVE_TOO_LONG;
    else if (problem == ENETDOWN || problem == ENXIO || problem == ENODEV || problem == EBADFD || problem == EIO) why = NATIVE_DOWN;
    device->losses[why]++;
    device->out_packets--;
    device->out_bytes -= length;
}

void native_link_put(struct native_device *device, const struct cup_packet *packet) {
    struct native_link *link = device->link;
    if (CUP_UNLIKELY(link->out < 0)) {
        native_link_lost(device, packet->length, ENODEV);
        return;
    }
    struct iovec *part = &link->batch.parts[link->batch.count++];
    part->iov_base = packet->data;
    part->iov_len = packet->length;
    if (link->batch.count == NATIVE_BATCH) native_link_flush(device);
}

void native_link_flush(struct native_device *device) {
    if (device->link->batch.count == 0) return;
    if (device->link->tap) native_tap_flush(device);
    else native_packet_flush(device);
}

void native_link_count_drops(struct native_device *device) {
    struct native_link *link = device->link;
    if (link->in >= 0 && link->takes_in) device->losses[NATIVE_RING_FULL] += link->tap ? native_tap_drops(link) : native_packet_drops(link);
}

const char *native_link_state(const struct native_link *link) {
    return link->state == NATIVE_LINK_UP ? "up" : link->state == NATIVE_LINK_DOWN ? "down" : "gone";
}

static void bring_back(struct native_run *run, struct native_link *link) {
    bool up;
    if (!link->tap && look(link, &up) == 0) return;
    if (native_link_open(link) && native_link_begin(link)) {
        link->said = false;
        native_say(run, 0, "`%s` is back", link->name);
        return;
    }
    if (!link->said && errno != ENODEV) native_say(run, 0, "`%s` is back and cannot be opened: %s", link->name, strerror(errno));
    link->said = link->said || errno != ENODEV;
    native_link_close(link);
}

void native_link_watch(struct native_run *run, struct native_device *device) {
    struct native_link *link = device->link;
    bool up;
    if (link->state == NATIVE_LINK_GONE) {
        bring_back(run, link);
        return;
    }
    if (look(link, &up) != link->index) {
        native_link_count_drops(device);
        native_link_close(link);
        native_say(run, 0, "`%s` has gone; forwarding goes on without it until it is back", link->name);
    } else if (up != (link->state == NATIVE_LINK_UP)) {
        link->state = up ? NATIVE_LINK_UP : NATIVE_LINK_DOWN;
        native_say(run, 0, up ? "`%s` is up again" : "`%s` is down; forwarding goes on without it until it is up", link->name);
    }
}
