/* What the operator set while the service ran, kept in STATE_FOLDER/config (kept_file.h). */
#define _GNU_SOURCE
#include "native_config.h"

#include "kept_file.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* ---- Writing ---- */

struct values {
    const struct native_run *run;
    const struct native_change *change;
};

static const char *text_of(const void *of, uint32_t index) {
    const struct values *values = of;
    return values->change->texts[index] != NULL ? values->change->texts[index] : values->run->kept[index];
}

bool native_config_keep(const struct native_run *run, const struct native_change *change, struct cup_refusal *refusal) {
    const struct values values = {run, change};
    if (run->state_folder == NULL) return true;
    return cup_kept_write(run->state_folder, run->service, run->configs.settings, run->configs.count, text_of, &values, refusal);
}

/* ---- Reading ---- */

static void say_problems(const struct native_run *run, const char *path, const struct cup_refusal *refusal) {
    for (unsigned i = 0; i < refusal->count && i < CUP_PROBLEMS_SHOWN; i++)
        native_say(run, 0, "`%s` line %u: %s; the program's value is used", path, refusal->problems[i].line, refusal->problems[i].text);
    if (refusal->count > CUP_PROBLEMS_SHOWN) native_say(run, 0, "`%s`: %u more lines do not fit", path, refusal->count - CUP_PROBLEMS_SHOWN);
}

/* Takes the assignments one by one: one that does not fit leaves the others. */
static void take_values(struct native_run *run, char *text, struct cup_refusal *refusal) {
    struct cup_batch batch = {text, 1};
    struct cup_assignment assignment;
    struct native_change change;
    uint32_t index;
    while (cup_batch_next(&batch, &assignment, refusal)) {
        if (!native_change_begin(run, &change)) {
            cup_refuse(refusal, 0, "there is no memory left");
            return;
        }
        if (!native_assign(run, &change, &assignment, &index, refusal) || !native_change_derive(run, &change)) {
            native_change_drop(run, &change);
            continue;
        }
        free(run->kept[index]);
        run->kept[index] = strdup(change.texts[index]);
        if (run->configs.given[index]) native_change_drop(run, &change);
        else native_change_apply(run, &change);
    }
}

void native_config_load(struct native_run *run) {
    char path[PATH_MAX];
    struct cup_refusal refusal;
    size_t length = 0;
    refusal.count = 0;
    if (run->state_folder == NULL) return;
    char *text = cup_kept_read(run->state_folder, path, &length);
    if (text == NULL) {
        if (errno != ENOENT) native_say(run, 0, "`%s` cannot be read, so each config begins with the program's value: %s", path, strerror(errno));
        return;
    }
    char *copy = cup_batch_text(text, length, &refusal);
    if (copy != NULL) take_values(run, copy, &refusal);
    say_problems(run, path, &refusal);
    free(copy);
    free(text);
}
