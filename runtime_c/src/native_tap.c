/* TAP devices: interfaces of this machine whose other end is this program. See native_link.h.
 *
 * The kernel hands over whole packets, with their tags and checksums, since nothing else is asked for. A device that is not there is
 * made, and brought up; it goes with the program. */
#define _GNU_SOURCE
#include "native_link.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

static void name_request(struct ifreq *request, const char *name) {
    memset(request, 0, sizeof *request);
    (void)snprintf(request->ifr_name, sizeof request->ifr_name, "%s", name);
}

static void bring_up(const char *name) {
    struct ifreq request;
    int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    name_request(&request, name);
    if (control >= 0 && ioctl(control, SIOCGIFFLAGS, &request) == 0) {
        request.ifr_flags |= IFF_UP;
        (void)ioctl(control, SIOCSIFFLAGS, &request); /* said as a device that is down, when it fails */
    }
    if (control >= 0) close(control);
}

bool native_tap_open(struct native_link *link) {
    struct ifreq request;
    name_request(&request, link->name);
    request.ifr_flags = IFF_TAP | IFF_NO_PI;
    link->in = link->out = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (link->in < 0 || ioctl(link->in, TUNSETIFF, &request) != 0) return false;
    bring_up(link->name);
    link->index = if_nametoindex(link->name);
    link->tap_drops = 0;
    return link->index != 0;
}

bool native_tap_take(struct native_run *run, uint16_t device, unsigned i, uint64_t now) {
    ssize_t length;
    do length = read(run->devices[device].link->in, native_burst_room(run, i), NATIVE_LARGEST);
    while (length < 0 && errno == EINTR);
    if (length <= 0) return false;
    native_burst_take(run, i, device, now, (uint32_t)length, (uint32_t)length);
    return true;
}

void native_tap_flush(struct native_device *device) {
    struct cup_batch *batch = &device->link->batch;
    for (unsigned i = 0; i < batch->count; i++) {
        ssize_t written;
        do written = write(device->link->out, batch->parts[i].iov_base, batch->parts[i].iov_len);
        while (written < 0 && errno == EINTR);
        if (written < 0) native_link_lost(device, (uint32_t)batch->parts[i].iov_len, errno);
    }
    batch->count = 0;
}

/* What the interface could not queue for us, as `ip -s link` shows it: the twelfth number behind its name. */
uint64_t native_tap_drops(struct native_link *link) {
    char line[512];
    uint64_t drops = link->tap_drops;
    FILE *file = fopen("/proc/self/net/dev", "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        const char *name = line + strspn(line, " ");
        size_t length = strlen(link->name);
        unsigned long long count;
        if (strncmp(name, link->name, length) != 0 || name[length] != ':') continue;
        if (sscanf(name + length + 1, "%*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %llu", &count) == 1) drops = count;
    }
    if (file != NULL) fclose(file);
    uint64_t more = drops > link->tap_drops ? drops - link->tap_drops : 0;
    link->tap_drops = drops;
    return more;
}
