/* What `--report json` prints: one object per line, about twice a second and at the end; and the handler `report`. See native_run.h.
 *
 *     {"final": true, "service": "firewall", "version": 1, "packets": 12, "cut": 0, "time_ns": 5, "elapsed_ns": 81000,
 *      "devices": {"inside": {"in_packets": 7, "in_bytes": 448, "out_packets": 5, "out_bytes": 320}},
 *      "states": {"sessions": 3}, "edges": [{"from": "frame", "port": "ip", "to": "network", "packets": 12}]}          (on one line)
 *
 * A service with events has `"events_lost": 0` besides; how often each has been reported stands among the states. An edge by which packets are dropped has `"drops": true`. A service with a folder has `"folder": "/run/cupc/firewall"`, and a live device
 * besides
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

void native_json_text(FILE *to, const char *text) {
    fputc('"', to);
    for (; *text != 0; text++) {
        if (*text == '"' || *text == '\\') fputc('\\', to);
        if ((unsigned char)*text < ' ') fprintf(to, "\\u%04x", (unsigned)(unsigned char)*text);
        else fputc(*text, to);
    }
    fputc('"', to);
}

static void print_count(FILE *to, const char *name, uint64_t count) { fprintf(to, ", \"%s\": %llu", name, (unsigned long long)count); }

/* What a live device has besides. */
static void print_link(FILE *to, const struct native_device *device) {
    static const char *const reasons[NATIVE_LOSSES] = {"ring_full", "damaged", "queue_full", "too_long", "down", "refused"};
    fprintf(to, ", \"bound\": ");
    native_json_text(to, device->spec);
    fprintf(to, ", \"link\": \"%s\", \"lost\": {", native_link_state(device->link));
    for (int i = 0; i < NATIVE_LOSSES; i++) fprintf(to, "%s\"%s\": %llu", i == 0 ? "" : ", ", reasons[i], (unsigned long long)device->losses[i]);
    fputc('}', to);
}

static void print_devices(FILE *to, const struct native_run *run) {
    fprintf(to, ", \"devices\": {");
    for (uint32_t i = 0; i < run->service->device_count; i++) {
        const struct native_device *device = &run->devices[i];
        if (i != 0) fprintf(to, ", ");
        native_json_text(to, run->service->devices[i].param);
        fprintf(to, ": {\"in_packets\": %llu", (unsigned long long)device->in_packets);
        print_count(to, "in_bytes", device->in_bytes);
        print_count(to, "out_packets", device->out_packets);
        print_count(to, "out_bytes", device->out_bytes);
        if (device->link != NULL) print_link(to, device);
        fputc('}', to);
    }
    fputc('}', to);
}

static void print_states(FILE *to, const struct native_run *run) {
    run->service->state_counts(run->kernel, run->counts);
    fprintf(to, ", \"states\": {");
    for (uint32_t i = 0; i < run->service->state_count; i++) {
        if (i != 0) fprintf(to, ", ");
        native_json_text(to, run->service->states[i].name);
        fprintf(to, ": %llu", (unsigned long long)run->counts[i]);
    }
    fputc('}', to);
}

static void print_edges(FILE *to, const struct native_run *run) {
    run->service->edge_counts(run->kernel, run->counts);
    fprintf(to, ", \"edges\": [");
    for (uint32_t i = 0; i < run->service->edge_count; i++) {
        const struct cup_service_edge *edge = &run->service->edges[i];
        fprintf(to, i == 0 ? "{\"from\": " : ", {\"from\": ");
        native_json_text(to, edge->from);
        fprintf(to, ", \"port\": ");
        native_json_text(to, edge->port);
        fprintf(to, ", \"to\": ");
        native_json_text(to, edge->to);
        print_count(to, "packets", run->counts[i]);
        fprintf(to, edge->drops ? ", \"drops\": true}" : "}");
    }
    fputc(']', to);
}

void native_report_write(FILE *to, struct native_run *run, bool final) {
    fprintf(to, "{\"final\": %s, \"service\": ", final ? "true" : "false");
    native_json_text(to, run->service->name);
    print_count(to, "version", run->service->version);
    print_count(to, "packets", run->packets);
    print_count(to, "cut", run->cut);
    print_count(to, "time_ns", run->time_ns);
    print_count(to, "elapsed_ns", native_clock_ns() - run->started_ns);
    if (run->state_folder != NULL) {
        fprintf(to, ", \"folder\": ");
        native_json_text(to, run->state_folder);
    }
    print_devices(to, run);
    print_states(to, run);
    print_edges(to, run);
    if (run->service->event_count != 0) print_count(to, "events_lost", run->events.lost);
    fprintf(to, "}\n");
}

void native_report_print(struct native_run *run, bool final) {
    native_report_write(stdout, run, final);
    fflush(stdout);
}
