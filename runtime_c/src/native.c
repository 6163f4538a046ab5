/* The native program from start to end. See cup/native.h. */
#define _GNU_SOURCE
#include "native_run.h"

#include "cup/chance.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>

int native_say(const struct native_run *run, int code, const char *format, ...) {
    va_list values;
    fprintf(stderr, "%s: ", run->service->name);
    va_start(values, format);
    vfprintf(stderr, format, values);
    va_end(values);
    fputc('\n', stderr);
    return code;
}

static int open_arena(struct native_run *run) {
    char path[PATH_MAX];
    enum cup_arena_reason reason;
    if (run->state_folder == NULL) {
        reason = cup_arena_create(run->service->plan, NULL, &run->arena);
    } else {
        (void)snprintf(path, sizeof path, "%s/arena", run->state_folder);
        reason = cup_arena_attach(run->service->plan, path, &run->arena);
        if (reason == CUP_ARENA_MISSING) reason = cup_arena_create(run->service->plan, path, &run->arena);
    }
    if (reason == CUP_ARENA_OK) return NATIVE_FINE;
    bool other = (reason == CUP_ARENA_SHAPE || reason == CUP_ARENA_LAYOUT) && run->default_folder != NULL;
    return native_say(run, NATIVE_TROUBLE, other ? "%s; take it away, or begin elsewhere with `--name` or `--state`" : "%s", run->arena.message);
}

static void *zeros(size_t size) {
    size_t whole = (size + CUP_LINE) / CUP_LINE * CUP_LINE;
    void *memory = aligned_alloc(CUP_LINE, whole);
    if (memory != NULL) memset(memory, 0, whole);
    return memory;
}

int native_start(struct native_run *run) {
    const struct cup_service *service = run->service;
    char why[CUP_MESSAGE];
    run->params_image = native_settings_image(&run->params, service->params_size, why, sizeof why);
    if (run->params_image == NULL) return native_say(run, NATIVE_USAGE, "`--set %s", why);
    if (service->admits != NULL && !service->admits(run->params_image, why, sizeof why)) return native_say(run, NATIVE_USAGE, "%s", why);
    run->config_image = native_config_image(run, why, sizeof why);
    if (run->config_image == NULL) return native_say(run, NATIVE_USAGE, "`--config %s", why);
    run->kernel = zeros(service->kernel_size);
    run->counts = calloc((size_t)service->edge_count + service->state_count + 1, sizeof *run->counts);
    if (run->kernel == NULL || run->counts == NULL || !native_burst_make(&run->burst, service))
        return native_say(run, NATIVE_TROUBLE, "there is no memory left for the packets");
    int code = native_place_open(run);
    if (code == NATIVE_FINE) code = native_live_open(run);
    if (code == NATIVE_FINE) code = open_arena(run);
    if (code != NATIVE_FINE) return code;
    native_config_load(run);
    if (service->start(run->kernel, &run->arena, run->params_image, run->config_image) != 0) {
        const char *message = run->arena.message[0] != 0 ? run->arena.message : "the service did not start";
        return native_say(run, NATIVE_TROUBLE, "%s", message);
    }
    code = native_events_open(run);
    if (code != NATIVE_FINE) return code;
    /* What captures and scripts give is the same each time. */
    if (service->seed != NULL && (run->seeded || native_live_bound(run))) service->seed(run->kernel, run->seeded ? run->seed : cup_seed_of_machine());
    run->started_ns = run->reported_ns = native_clock_ns();
    code = native_control_open(run);
    return code == NATIVE_FINE ? native_place_announce(run) : code;
}

static void free_texts(struct native_texts *texts) {
    for (uint32_t i = 0; texts->texts != NULL && i < texts->count; i++) free(texts->texts[i]);
    free(texts->texts);
    free(texts->given);
}

void native_stop(struct native_run *run) {
    native_events_close(run);
    native_control_close(run);
    native_live_close(run);
    for (uint32_t i = 0; run->kept != NULL && i < run->service->config_count; i++) free(run->kept[i]);
    free(run->kept);
    for (uint32_t i = 0; run->devices != NULL && i < run->service->device_count; i++) {
        native_reader_close(run->devices[i].reader);
        native_writer_close(run->devices[i].writer);
        free(run->devices[i].in_path);
        free(run->devices[i].out_path);
        free(run->devices[i].spec);
    }
    cup_arena_close(&run->arena);
    native_place_close(run);
    native_settings_free(&run->params, run->params_image);
    native_config_free(run, run->config_image);
    free_texts(&run->params);
    free_texts(&run->configs);
    native_burst_free(&run->burst);
    free(run->devices);
    free(run->kernel);
    free(run->counts);
}

int cup_native_main(const struct cup_service *service, int word_count, char **words) {
    struct native_run run;
    memset(&run, 0, sizeof run);
    run.service = service;
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is a write that fails, as on a full disk */
    if (word_count == 2 && strcmp(words[1], "--version") == 0) {
        printf("%s version %u\n", service->name, service->version);
        return NATIVE_FINE;
    }
    if (word_count == 2 && strcmp(words[1], "--help") == 0) {
        printf("%s [--set PARAM=VALUE]... [--config NAME=VALUE]... [--name NAME] [--state DIR] [--control SOCKET] [--seed N] [--events FILE] [--report json] [--script -]\n"
               "a device is a network interface such as `eth0`, `tap:NAME`, `pcap:IN,OUT` (either may be empty) or `null`\n", service->name);
        return NATIVE_FINE;
    }
    int code = native_options(&run, word_count, words);
    if (code == NATIVE_FINE) code = native_start(&run);
    if (code == NATIVE_FINE) code = run.script ? native_script(&run) : native_live_bound(&run) ? native_live(&run) : native_forward(&run);
    native_stop(&run);
    return code;
}
