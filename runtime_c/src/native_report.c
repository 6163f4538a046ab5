/* What `--report json` prints: one object per line, about twice a second and at the end. See native_run.h.
 *
 *     {"final": true, "service": "firewall", "version": 1, "packets": 12, "cut": 0, "time_ns": 5, "elapsed_ns": 81000,
 *      "devices": {"inside": {"in_packets": 7, "in_bytes": 448, "out_packets": 5, "out_bytes": 320}},
 *      "states": {"sessions": 3}, "edges": [{"from": "frame", "port": "ip", "to": "network", "packets": 12}]}          (on one line)
 *
 * A service with a folder has `"folder": "/run/cupc/firewall"`, and a live device besides
 *
 *     "bound": "eth0", "link": "up" (or "down", "gone"), "lost": {"ring_full": 0, "damaged": 0, "queue_full": 0, "too_long": 0, "down": 0, "refused": 0}
 *
 * `time_ns` is the packets' clock, `elapsed_ns` the machine's. Counts of edges are since the start, those of states are what is there. */
#define _GNU_SOURCE
#include "native_link.h"
#include "native_run.h"

#include <time.h>

enum { HALF_A_SECOND = 500000000 };

uint64_t native_clock_ns(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

bool native_report_due(struct native_run *run) {
    uint64_t now = native_clock_ns();
    if (now - run->reported_ns < HALF_A_SECOND) return false;
    run->reported_ns = now;
    return true;
}

void native_json_text(FILE *file, const char *text) {
    putc('"', file);
    for (; *text != 0; text++) {
        if (*text == '"' || *text == '\\') putc('\\', file);
        if ((unsigned char)*text < ' ') fprintf(file, "\\u%04x", (unsigned)(unsigned char)*text);
        else putc(*text, file);
    }
    putc('"', file);
}

static void print_text(const char *text) { native_json_text(stdout, text); }

static void print_count(const char *name, uint64_t count) { printf(", \"%s\": %llu", name, (unsigned long long)count); }

/* What a live device has besides. */
static void print_link(const struct native_device *device) {
    static const char *const reasons[NATIVE_LOSSES] = {"ring_full", "damaged", "queue_full", "too_long", "down", "refused"};
    printf(", \"bound\": ");
    print_text(device->spec);
    printf(", \"link\": \"%s\", \"lost\": {", native_link_state(device->link));
    for (int i = 0; i < NATIVE_LOSSES; i++) printf("%s\"%s\": %llu", i == 0 ? "" : ", ", reasons[i], (unsigned long long)device->losses[i]);
    putchar('}');
}

static void print_devices(const struct native_run *run) {
    printf(", \"devices\": {");
    for (uint32_t i = 0; i < run->service->device_count; i++) {
        const struct native_device *device = &run->devices[i];
        if (i != 0) printf(", ");
        print_text(run->service->devices[i].param);
        printf(": {\"in_packets\": %llu", (unsigned long long)device->in_packets);
        print_count("in_bytes", device->in_bytes);
        print_count("out_packets", device->out_packets);
        print_count("out_bytes", device->out_bytes);
        if (device->link != NULL) print_link(device);
        putchar('}');
    }
    putchar('}');
}

static void print_states(const struct native_run *run) {
    run->service->state_counts(run->kernel, run->counts);
    printf(", \"states\": {");
    for (uint32_t i = 0; i < run->service->state_count; i++) {
        if (i != 0) printf(", ");
        print_text(run->service->states[i].name);
        printf(": %llu", (unsigned long long)run->counts[i]);
    }
    putchar('}');
}

static void print_edges(const struct native_run *run) {
    run->service->edge_counts(run->kernel, run->counts);
    printf(", \"edges\": [");
    for (uint32_t i = 0; i < run->service->edge_count; i++) {
        const struct cup_service_edge *edge = &run->service->edges[i];
        printf(i == 0 ? "{\"from\": " : ", {\"from\": ");
        print_text(edge->from);
        printf(", \"port\": ");
        print_text(edge->port);
        printf(", \"to\": ");
        print_text(edge->to);
        print_count("packets", run->counts[i]);
        putchar('}');
    }
    putchar(']');
}

void native_report_print(struct native_run *run, bool final) {
    printf("{\"final\": %s, \"service\": ", final ? "true" : "false");
    print_text(run->service->name);
    print_count("version", run->service->version);
    print_count("packets", run->packets);
    print_count("cut", run->cut);
    print_count("time_ns", run->time_ns);
    print_count("elapsed_ns", native_clock_ns() - run->started_ns);
    if (run->state_folder != NULL) {
        printf(", \"folder\": ");
        print_text(run->state_folder);
    }
    print_devices(run);
    print_states(run);
    print_edges(run);
    printf("}\n");
    fflush(stdout);
}
