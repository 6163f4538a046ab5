/* Forwarding while time passes: from live devices, and captures among them, through the kernel to devices and captures.
 *
 * All packets carry the real clock, or the last packet's time where the clock went back. A burst is made of what waits, 32 packets at
 * most, so that under load the work is shared and at low rates nothing waits for more. The devices take turns. See native_run.h. */
#define _GNU_SOURCE
#include "native_link.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum {
    MILLISECOND = 1000000,
    WATCH_NS = 200 * MILLISECOND, /* between looks at the devices */
    SERVE_NS = 2 * MILLISECOND,   /* between looks at the control socket under load */
    REST_MS = 50,                 /* the longest sleep */
    WINDOW_NS = MILLISECOND,      /* over which the rate is taken */
    BUSY = 50,                    /* packets in a window from which on they are gathered */
    GATHER_NS = 100000,           /* for so long, and so much later they leave */
    LINGER_NS = 100 * MILLISECOND, /* for answers to the last packet of a capture */
    IDLE_WORK = 256,              /* groups of each table looked at in one rest */
    DESCRIPTORS = 64
};

static bool is_live(const struct native_device *device) { return device->binding == NATIVE_INTERFACE || device->binding == NATIVE_TAP; }

bool native_live_bound(const struct native_run *run) {
    for (uint32_t i = 0; i < run->service->device_count; i++) {
        if (is_live(&run->devices[i])) return true;
    }
    return false;
}

/* ---- Opening ---- */

static int refuse(const struct native_run *run, const char *param, const struct native_link *link, int problem) {
    if (problem == ENODEV) return native_say(run, NATIVE_TROUBLE, "there is no network interface `%s` to bind `%s` to; `ip link` lists them", link->name, param);
    if ((problem == EPERM || problem == EACCES) && link->tap)
        return native_say(run, NATIVE_TROUBLE, "the device `tap:%s` may not be made: run this as root, or give the program the capability CAP_NET_ADMIN", link->name);
    if (problem == EPERM || problem == EACCES)
        return native_say(run, NATIVE_TROUBLE, "`%s` may not be opened: run this as root, or give the program the capability CAP_NET_RAW (`sudo setcap cap_net_raw+ep PROGRAM`)", link->name);
    if (problem == EBUSY) return native_say(run, NATIVE_TROUBLE, "`%s` is in use by another program", link->name);
    if (problem == ENOENT && link->tap) return native_say(run, NATIVE_TROUBLE, "`tap:%s` cannot be made: this machine has no /dev/net/tun", link->name);
    if (problem == EINVAL && link->tap) return native_say(run, NATIVE_TROUBLE, "`tap:%s` cannot be made: an interface of that name is there and is no TAP device", link->name);
    return native_say(run, NATIVE_TROUBLE, "`%s` cannot be opened: %s", link->name, strerror(problem));
}

int native_live_open(struct native_run *run) {
    for (uint32_t i = 0; i < run->service->device_count; i++) {
        struct native_device *device = &run->devices[i];
        bool tap = device->binding == NATIVE_TAP;
        if (!is_live(device)) continue;
        device->link = native_link_make(device->spec + (tap ? strlen("tap:") : 0), tap, device->takes_in);
        if (device->link == NULL) return native_say(run, NATIVE_TROUBLE, "there is no memory left");
        if (!native_link_open(device->link)) return refuse(run, run->service->devices[i].param, device->link, errno);
    }
    return NATIVE_FINE;
}

static int begin(struct native_run *run) {
    for (uint32_t i = 0; i < run->service->device_count; i++) {
        struct native_link *link = run->devices[i].link;
        if (link == NULL) continue;
        if (!native_link_begin(link)) return refuse(run, run->service->devices[i].param, link, errno);
        if (link->state == NATIVE_LINK_DOWN) native_say(run, NATIVE_FINE, "`%s` is down; packets come and go once it is up (`ip link set %s up`)", link->name, link->name);
    }
    return NATIVE_FINE;
}

void native_live_close(struct native_run *run) {
    for (uint32_t i = 0; run->devices != NULL && i < run->service->device_count; i++) {
        struct native_link *link = run->devices[i].link;
        if (link != NULL) native_link_close(link);
        free(link);
        run->devices[i].link = NULL;
    }
}

/* ---- Forwarding ---- */

/* How a live run goes on. */
struct turn {
    uint32_t first;     /* the device whose turn it is */
    bool reads;         /* captures are read, and their end is the run's */
    uint64_t end_ns;    /* when that is, once they have ended; 0 before */
    int code;           /* of an output that failed on the way */
    uint64_t watch_ns, serve_ns;
    uint64_t window_ns, window_packets; /* where the window began: time, packets so far */
    bool busy;
};

static uint64_t real_clock_ns(const struct native_run *run) {
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    uint64_t now = (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
    return now > run->time_ns ? now : run->time_ns;
}

/* Half a burst is left for captures, where there are any. */
static unsigned fill_burst(struct native_run *run, struct turn *turn, uint64_t now) {
    uint32_t devices = run->service->device_count;
    unsigned count = 0, most = turn->reads && turn->end_ns == 0 ? CUP_BURST / 2 : CUP_BURST;
    for (uint32_t k = 0; k < devices; k++) {
        uint32_t device = turn->first + k < devices ? turn->first + k : turn->first + k - devices;
        if (run->devices[device].link == NULL || !run->devices[device].takes_in) continue;
        while (count < most && native_link_take(run, (uint16_t)device, count, now)) count++;
    }
    turn->first = turn->first + 1 < devices ? turn->first + 1 : 0;
    if (!turn->reads || turn->end_ns != 0) return count;
    while (count < CUP_BURST && native_captures_take(run, count, now)) count++;
    if (count < CUP_BURST) turn->end_ns = native_clock_ns() + LINGER_NS;
    return count;
}

/* An output that fails is told of once, and the rest goes on. */
static void write_capture(struct native_run *run, struct turn *turn, struct native_device *device, const struct cup_packet *packet) {
    if (native_captures_write(device, packet)) return;
    turn->code = native_say(run, NATIVE_TROUBLE, "`%s` cannot be written: %s; forwarding goes on without it", device->out_path, native_writer_problem(device->writer));
    native_writer_close(device->writer);
    device->writer = NULL;
}

static void send_outputs(struct native_run *run, struct turn *turn) {
    const struct cup_outputs *outputs = &run->burst.outputs;
    for (uint32_t i = 0; i < outputs->count; i++) {
        struct native_device *device = &run->devices[outputs->list[i].device];
        if (device->link != NULL) native_link_put(device, outputs->list[i].packet);
        else if (device->writer != NULL) write_capture(run, turn, device, outputs->list[i].packet);
    }
    for (uint32_t i = 0; i < run->service->device_count; i++) {
        if (run->devices[i].link != NULL) native_link_flush(&run->devices[i]);
    }
}

/* A reader that has not taken the last report gets no other, so that nobody who has stopped reading stops the packets. */
static bool is_read(void) {
    int waiting;
    return ioctl(STDOUT_FILENO, FIONREAD, &waiting) != 0 || waiting == 0;
}

static void report(struct native_run *run, bool final) {
    for (uint32_t i = 0; i < run->service->device_count; i++) {
        if (run->devices[i].link != NULL) native_link_count_drops(&run->devices[i]);
    }
    if (run->report && (final || is_read())) native_report_print(run, final);
}

/* What is done now and then, however much or little comes. */
static void look_around(struct native_run *run, struct turn *turn) {
    uint64_t now = native_clock_ns();
    if (now - turn->serve_ns >= SERVE_NS) {
        turn->serve_ns = now;
        native_control_serve(run);
    }
    if (now - turn->watch_ns >= WATCH_NS) {
        turn->watch_ns = now;
        for (uint32_t i = 0; i < run->service->device_count; i++) {
            if (run->devices[i].link == NULL) continue;
            native_link_watch(run, &run->devices[i]);
            native_link_count_drops(&run->devices[i]);
        }
    }
    if (native_report_due(run)) report(run, false);
}

/* At high rates a wake-up for each packet would cost more than the packet. */
static bool is_busy(const struct native_run *run, struct turn *turn) {
    uint64_t now = native_clock_ns();
    if (now - turn->window_ns >= WINDOW_NS) {
        turn->busy = (run->packets - turn->window_packets) * WINDOW_NS >= BUSY * (now - turn->window_ns);
        turn->window_ns = now;
        turn->window_packets = run->packets;
    }
    return turn->busy;
}

static void gather(void) {
    struct timespec while_packets_come = {0, GATHER_NS};
    nanosleep(&while_packets_come, NULL);
}

/* Sleeps until something comes, and clears what would keep poll from sleeping. */
static void rest(struct native_run *run, struct turn *turn) {
    struct pollfd fds[DESCRIPTORS];
    unsigned count = 0;
    for (uint32_t i = 0; i < run->service->device_count && count < DESCRIPTORS / 2; i++) {
        const struct native_device *device = &run->devices[i];
        if (device->link == NULL || device->link->in < 0 || !device->takes_in) continue;
        fds[count++] = (struct pollfd){device->link->in, POLLIN, 0};
    }
    unsigned links = count;
    count += native_control_poll(run, fds + count, DESCRIPTORS - count);
    if (native_signals_stop != 0 || poll(fds, count, REST_MS) <= 0) return;
    for (unsigned i = 0; i < links; i++) {
        int problem;
        socklen_t size = sizeof problem;
        if ((fds[i].revents & (POLLERR | POLLHUP | POLLNVAL)) == 0) continue;
        (void)getsockopt(fds[i].fd, SOL_SOCKET, SO_ERROR, &problem, &size);
        turn->watch_ns = 0;
    }
    for (unsigned i = links; i < count; i++) {
        if (fds[i].revents != 0) turn->serve_ns = 0;
    }
}

static void work_while_idle(struct native_run *run, uint64_t now) {
    if (run->service->maintain == NULL) return;
    for (int i = 0; i < IDLE_WORK; i++) run->service->maintain(run->kernel, now);
}

static void forward(struct native_run *run, struct turn *turn) {
    unsigned full = 0; /* bursts */
    while (native_signals_stop == 0 && !run->stop_asked && (turn->end_ns == 0 || native_clock_ns() < turn->end_ns)) {
        uint64_t now = real_clock_ns(run);
        unsigned count = fill_burst(run, turn, now);
        if (count != 0) {
            native_burst_run(run, count);
            send_outputs(run, turn);
            native_events_drain(run, false);
        } else if (is_busy(run, turn)) {
            gather();
        } else {
            work_while_idle(run, now);
            native_events_drain(run, false);
            rest(run, turn);
        }
        if (count != CUP_BURST || ++full % 16 == 0) look_around(run, turn);
    }
}

int native_live(struct native_run *run) {
    struct turn turn;
    memset(&turn, 0, sizeof turn);
    native_signals_heed();
    (void)prctl(PR_SET_TIMERSLACK, 1000UL, 0UL, 0UL, 0UL);
    int code = native_captures_open(run);
    if (code == NATIVE_FINE) code = begin(run);
    if (code != NATIVE_FINE) return code;
    for (uint32_t i = 0; i < run->service->device_count; i++) turn.reads = turn.reads || run->devices[i].reader != NULL;
    report(run, false);
    forward(run, &turn);
    int damage = native_captures_damage(run);
    code = native_captures_keep(run);
    report(run, true);
    return code != NATIVE_FINE ? code : damage != NATIVE_FINE ? damage : turn.code;
}
