/* What was set while a service ran, kept in a folder (kept_file.h). See cup/settings.h. */
#define _GNU_SOURCE
#include "cup/settings.h"

#include "batch.h"
#include "kept_file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *text_of(const void *all, uint32_t index) { return ((const struct cup_settings *)all)->kept[index]; }

bool cup_settings_keep(const struct cup_settings *all, const struct cup_service *service, const char *folder, struct cup_refusal *refusal) {
    return cup_kept_write(folder, service, all->settings, all->count, text_of, all, refusal);
}

/* One assignment as a batch of its own. */
static bool take(struct cup_settings *all, const struct cup_assignment *assignment, const bool *fixed, struct cup_refusal *refusal) {
    struct cup_settings next;
    struct cup_refusal own = {0};
    char *line = NULL;
    int length = asprintf(&line, "%s%s%s = %s", assignment->name, assignment->type == NULL ? "" : " : ", assignment->type == NULL ? "" : assignment->type, assignment->value);
    bool fine = length >= 0 && cup_settings_change(all, line, (size_t)length, &next, &own);
    if (length >= 0) free(line);
    if (!fine) {
        cup_refuse(refusal, assignment->line, "%s", own.count == 0 ? "there is no memory left" : own.problems[0].text);
        return false;
    }
    const uint32_t i = cup_settings_find(all, assignment->name);
    if (fixed != NULL && fixed[i]) {
        free(all->kept[i]);
        all->kept[i] = next.kept[i];
        next.kept[i] = NULL;
        cup_settings_free(&next);
    } else {
        cup_settings_free(all);
        *all = next;
    }
    return true;
}

bool cup_settings_load(struct cup_settings *all, const char *folder, const bool *fixed, struct cup_refusal *refusal) {
    char path[PATH_MAX];
    size_t length = 0;
    char *text = cup_kept_read(folder, path, &length);
    if (text == NULL) {
        if (errno == ENOENT) return true;
        cup_refuse(refusal, 0, "`%.300s` cannot be read: %s", path, strerror(errno));
        return false;
    }
    struct cup_assignment assignment;
    char *copy = cup_batch_text(text, length, refusal);
    struct cup_batch batch = {copy, 1};
    while (copy != NULL && cup_batch_next(&batch, &assignment, refusal)) (void)take(all, &assignment, fixed, refusal);
    free(copy);
    free(text);
    return true;
}
