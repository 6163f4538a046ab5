/* cup/settings.h: all config values (or params) of a service, changed by whole checked batches, and kept in a folder.
 *
 *     struct cup_settings now, next;
 *     struct cup_refusal refusal = {0};
 *     cup_settings_begin(&now, "config", service->configs, service->config_count, service->config_size);       // defaults
 *     if (cup_settings_change(&now, text, length, &next, &refusal) && cup_settings_keep(&next, service, folder, &refusal)) {
 *         service->configure(kernel, next.image);          // between packets
 *         cup_settings_free(&now);
 *         now = next;
 *     }                                                    // else nothing has changed, and the refusal says why
 *
 * A batch is written as batch.h says. The file FOLDER/config is one, too, the same that a native program keeps. Off the packet
 * path; any thread. */
#ifndef CUP_SETTINGS_H
#define CUP_SETTINGS_H

#include "cup/service.h"
#include "cup/value.h"

#ifdef __cplusplus
extern "C" {
#endif

struct cup_refusal; /* batch.h */

struct cup_settings {
    const char *noun; /* `config` or `param`, for messages */
    const struct cup_service_setting *settings;
    uint32_t count;
    size_t size;  /* of the image */
    char **texts; /* one value each, on one line */
    char **kept;  /* what was set while a service ran; NULL where nothing was */
    void *image;  /* what a kernel reads */
    const struct cup_service *service; /* whose `derive` goes with the image; NULL: nothing is derived */
    bool derived;
};

/* All defaults; false, and nothing to free, when there is no memory. */
bool cup_settings_begin(struct cup_settings *made, const char *noun, const struct cup_service_setting *settings, uint32_t count, size_t size);

/* Makes what the service derives from its configs, now and with each change; false when there is no memory. */
bool cup_settings_derive(struct cup_settings *all, const struct cup_service *service);

/* Makes `made` of `from` and a batch, all of it or nothing; then `from` and `made` are apart. What the batch sets is marked as kept. */
bool cup_settings_change(const struct cup_settings *from, const char *text, size_t length, struct cup_settings *made,
                         struct cup_refusal *refusal);

/* The place of a name, or `count`. */
uint32_t cup_settings_find(const struct cup_settings *all, const char *name);

/* Harmless on what is all zero. */
void cup_settings_free(struct cup_settings *all);

/* Writes what is marked as kept to FOLDER/config, which appears whole; false, and the file as it was, when that fails. */
bool cup_settings_keep(const struct cup_settings *all, const struct cup_service *service, const char *folder, struct cup_refusal *refusal);

/* Takes what FOLDER/config holds, one by one: what does not fit is a problem in the refusal and leaves the others. Values whose `fixed`
 * is set stay as they are, but go on being kept. False when there is a file that cannot be read. */
bool cup_settings_load(struct cup_settings *all, const char *folder, const bool *fixed, struct cup_refusal *refusal);

#ifdef __cplusplus
}
#endif

#endif
