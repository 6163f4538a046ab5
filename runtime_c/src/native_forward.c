/* From captures through the kernel to captures. See native_run.h.
 *
 * The captures are merged by time, the earlier declared device first where times are equal, and go through the kernel in bursts. So
 * what comes out depends on nothing but what is in the captures. */
#define _GNU_SOURCE
#include "native_run.h"

int native_captures_open(struct native_run *run) {
    for (uint32_t i = 0; i < run->service->device_count; i++) {
        struct native_device *device = &run->devices[i];
        if (device->in_path != NULL && (device->reader = native_reader_open(run, device->in_path)) == NULL) return NATIVE_TROUBLE;
    }
    for (uint32_t i = 0; i < run->service->device_count; i++) {
        struct native_device *device = &run->devices[i];
        if (device->out_path != NULL && (device->writer = native_writer_open(run, device->out_path)) == NULL) return NATIVE_TROUBLE;
    }
    return NATIVE_FINE;
}

bool native_captures_take(struct native_run *run, unsigned i, uint64_t given_ns) {
    const uint8_t *bytes = NULL;
    uint32_t length = 0, wire = 0;
    uint64_t earliest = 0;
    uint32_t chosen = run->service->device_count;
    for (uint32_t d = 0; d < run->service->device_count; d++) {
        const uint8_t *its_bytes;
        uint32_t its_length, its_wire;
        uint64_t time_ns;
        struct native_reader *reader = run->devices[d].reader;
        if (reader == NULL || !native_reader_peek(reader, &time_ns, &its_bytes, &its_length, &its_wire)) continue;
        if (chosen != run->service->device_count && time_ns >= earliest) continue;
        chosen = d;
        earliest = time_ns;
        bytes = its_bytes;
        length = its_length;
        wire = its_wire;
    }
    if (chosen == run->service->device_count) return false;
    native_burst_put(run, i, (uint16_t)chosen, given_ns != 0 ? given_ns : earliest, bytes, length, wire);
    native_reader_pass(run->devices[chosen].reader);
    return true;
}

bool native_captures_write(struct native_device *device, const struct cup_packet *packet) {
    const struct native_shell *shell = (const struct native_shell *)packet->shell;
    uint32_t wire = packet->length + (shell == NULL ? 0 : shell->missing);
    return device->writer == NULL || native_writer_put(device->writer, packet, wire);
}

static int write_outputs(struct native_run *run) {
    const struct cup_outputs *outputs = &run->burst.outputs;
    for (uint32_t i = 0; i < outputs->count; i++) {
        struct native_device *device = &run->devices[outputs->list[i].device];
        if (native_captures_write(device, outputs->list[i].packet)) continue;
        return native_say(run, NATIVE_TROUBLE, "`%s` cannot be written: %s", device->out_path, native_writer_problem(device->writer));
    }
    return NATIVE_FINE;
}

static int run_all(struct native_run *run) {
    unsigned count = CUP_BURST;
    while (count == CUP_BURST && native_signals_stop == 0 && !run->stop_asked) {
        count = 0;
        while (count < CUP_BURST && native_captures_take(run, count, 0)) count++;
        if (count == 0) break;
        native_burst_run(run, count);
        int code = write_outputs(run);
        if (code != NATIVE_FINE) return code;
        native_events_drain(run, true);
        if (run->report && native_report_due(run)) native_report_print(run, false);
        native_control_serve(run);
    }
    return NATIVE_FINE;
}

int native_captures_keep(struct native_run *run) {
    bool kept = true;
    for (uint32_t i = 0; kept && i < run->service->device_count; i++) {
        if (run->devices[i].writer != NULL) kept = native_writer_keep(run, run->devices[i].writer);
    }
    for (uint32_t i = 0; !kept && i < run->service->device_count; i++) {
        if (run->devices[i].writer != NULL) native_writer_drop(run->devices[i].writer);
    }
    return kept ? NATIVE_FINE : NATIVE_TROUBLE;
}

int native_captures_damage(const struct native_run *run) {
    int code = NATIVE_FINE;
    for (uint32_t i = 0; i < run->service->device_count; i++) {
        const struct native_reader *reader = run->devices[i].reader;
        const char *damage = reader == NULL ? NULL : native_reader_damage(reader);
        if (damage == NULL) continue;
        code = native_say(run, NATIVE_TROUBLE, "`%s` is damaged at packet %llu, and only those before it were taken: %s", run->devices[i].in_path,
                          (unsigned long long)native_reader_packets(reader) + 1, damage);
    }
    return code;
}

int native_forward(struct native_run *run) {
    native_signals_heed();
    int code = native_captures_open(run);
    if (code == NATIVE_FINE) code = run_all(run);
    if (code != NATIVE_FINE) return code;
    int damage = native_captures_damage(run);
    if (damage == NATIVE_FINE || run->packets != 0) code = native_captures_keep(run);
    if (code == NATIVE_FINE && run->report) native_report_print(run, true);
    if (code == NATIVE_FINE && (native_signals_stop != 0 || run->stop_asked))
        code = native_say(run, NATIVE_TROUBLE, "stopped by a %s after %llu packets", native_signals_stop != 0 ? "signal" : "client",
                          (unsigned long long)run->packets);
    return code == NATIVE_FINE ? damage : code;
}
