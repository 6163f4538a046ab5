/* cup/settings.h: all config values (or params) of a service, changed by whole checked batches.
 *
 *     struct cup_settings now, next;
 *     struct cup_settings_problem problem;
 *     cup_settings_begin(&now, service->configs, service->config_count, service->config_size);       // defaults
 *     if (!cup_settings_change(&now, "allowed = [10.0.0.0/8]\nlimit = 5\n", 36, &next, &problem))
 *         fprintf(stderr, "line %u: %s\n", problem.line, problem.message);                          // nothing has changed
 *     service->configure(kernel, next.image);              // between packets
 *     cup_settings_free(&now);
 *     now = next;
 *
 * A batch is lines `NAME = VALUE` (cup/value.h says how values are written), empty lines, and comments after `#` at a line's start.
 * Off the packet path; any thread. */
#ifndef CUP_SETTINGS_H
#define CUP_SETTINGS_H

#include "cup/service.h"
#include "cup/value.h"

#ifdef __cplusplus
extern "C" {
#endif

struct cup_settings {
    const struct cup_service_setting *settings;
    uint32_t count;
    size_t size;  /* of the image */
    char **texts; /* one value each, as it was written */
    void *image;  /* what a kernel reads */
};

/* What is wrong with a batch: its line, from 1, and why. */
struct cup_settings_problem {
    uint32_t line;
    char message[CUP_PROBLEM + 256];
};

/* All defaults; false, and nothing to free, when there is no memory. */
bool cup_settings_begin(struct cup_settings *made, const struct cup_service_setting *settings, uint32_t count, size_t size);

/* Makes `made` of `from` and the lines, all of them or none; then `from` and `made` are apart. */
bool cup_settings_change(const struct cup_settings *from, const char *lines, size_t length, struct cup_settings *made,
                         struct cup_settings_problem *problem);

/* The place of a name, or `count`. */
uint32_t cup_settings_find(const struct cup_settings *all, const char *name, size_t length);

/* Harmless on what is all zero. */
void cup_settings_free(struct cup_settings *all);

#ifdef __cplusplus
}
#endif

#endif
