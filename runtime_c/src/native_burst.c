/* The packets of a burst: their memory, and their way through the kernel. See native_run.h. */
#include "native_run.h"

#include <stdlib.h>

enum { BUFFER = CUP_HEADROOM + NATIVE_LARGEST + CUP_HEADROOM }; /* a packet may grow by a headroom at its end, too */

static void give_buffer(struct cup_packet *packet, uint8_t *buffer) {
    packet->data = buffer + CUP_HEADROOM;
    packet->head = CUP_HEADROOM;
    packet->room = BUFFER - CUP_HEADROOM;
}

/* Makes the first `count` blanks blank again, whatever the kernel did with them. */
static void renew_blanks(struct native_burst *burst, uint32_t count) {
    uint8_t *buffers = burst->memory + (size_t)CUP_BURST * BUFFER;
    for (uint32_t i = 0; i < count; i++) give_buffer(&burst->outputs.blanks[i], buffers + (size_t)i * BUFFER);
}

bool native_burst_make(struct native_burst *burst, const struct cup_service *service) {
    size_t leaving = (size_t)CUP_BURST * (service->outputs_per_packet + 1);
    uint32_t blanks = CUP_BURST * service->copies_per_packet;
    /* Fresh memory costs nothing until it is touched, and few packets are large. */
    burst->memory = malloc((size_t)(CUP_BURST + blanks) * BUFFER);
    burst->outputs.list = calloc(leaving, sizeof *burst->outputs.list);
    burst->outputs.limit = (uint32_t)leaving;
    burst->outputs.blanks = calloc((size_t)blanks + 1, sizeof *burst->outputs.blanks);
    burst->outputs.blanks_limit = blanks;
    if (burst->memory == NULL || burst->outputs.list == NULL || burst->outputs.blanks == NULL) return false;
    renew_blanks(burst, blanks);
    return true;
}

void native_burst_free(struct native_burst *burst) {
    free(burst->memory);
    free(burst->outputs.list);
    free(burst->outputs.blanks);
}

uint8_t *native_burst_room(struct native_run *run, unsigned i) {
    struct cup_packet *packet = &run->burst.packets[i];
    give_buffer(packet, run->burst.memory + (size_t)i * BUFFER);
    return packet->data;
}

void native_burst_take(struct native_run *run, unsigned i, uint16_t device, uint64_t time_ns, uint32_t length, uint32_t wire) {
    struct native_burst *burst = &run->burst;
    struct cup_packet *packet = &burst->packets[i];
    packet->length = length;
    packet->time_ns = time_ns;
    packet->device = device;
    packet->flags = wire > length ? CUP_PACKET_CUT : 0;
    burst->shells[i].missing = wire > length ? wire - length : 0;
    packet->shell = &burst->shells[i];
    run->devices[device].in_packets++;
    run->devices[device].in_bytes += length;
    run->packets++;
    run->cut += wire > length;
    if (time_ns > run->time_ns) run->time_ns = time_ns;
}

void native_burst_put(struct native_run *run, unsigned i, uint16_t device, uint64_t time_ns, const uint8_t *bytes, uint32_t length, uint32_t wire) {
    memcpy(native_burst_room(run, i), bytes, length);
    native_burst_take(run, i, device, time_ns, length, wire);
}

void native_burst_run(struct native_run *run, unsigned count) {
    struct native_burst *burst = &run->burst;
    struct cup_outputs *outputs = &burst->outputs;
    renew_blanks(burst, outputs->blanks_used);
    outputs->count = 0;
    outputs->blanks_used = 0;
    run->service->burst(run->kernel, burst->packets, count, outputs);
    for (uint32_t i = 0; i < outputs->count; i++) {
        struct native_device *device = &run->devices[outputs->list[i].device];
        device->out_packets++;
        device->out_bytes += outputs->list[i].packet->length;
    }
    if (run->service->maintain != NULL) run->service->maintain(run->kernel, run->time_ns);
}
