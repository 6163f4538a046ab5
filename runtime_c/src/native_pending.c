/* A batch of config from its text to the kernel. See native_config.h.
 *
 * The thread reads what only native_pending_finish changes: the image and the texts that are in use, and those that are kept. */
#define _GNU_SOURCE
#include "native_config.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

/* Copies of the texts of a change; NULL when there is no memory. */
static char **copies_of(const struct native_run *run, const struct native_change *change) {
    bool whole = true;
    char **copies = calloc((size_t)run->configs.count + 1, sizeof *copies);
    for (uint32_t i = 0; copies != NULL && i < run->configs.count; i++) {
        copies[i] = change->texts[i] == NULL ? NULL : strdup(change->texts[i]);
        whole = whole && (copies[i] == NULL) == (change->texts[i] == NULL);
    }
    for (uint32_t i = 0; !whole && i < run->configs.count; i++) free(copies[i]);
    if (whole) return copies;
    free(copies);
    return NULL;
}

/* Makes the change; every problem of it is found. True when there is something to change. */
static bool check(struct native_pending *pending) {
    const struct native_run *run = pending->run;
    struct cup_assignment assignment;
    uint32_t index;
    bool changes = false;
    if (!native_change_begin(run, &pending->change)) {
        cup_refuse(&pending->refusal, 0, "there is no memory left");
        return false;
    }
    if (pending->index != NATIVE_WHOLE) {
        char name[CUP_MESSAGE];
        (void)snprintf(name, sizeof name, "%s", run->configs.settings[pending->index].name);
        assignment = (struct cup_assignment){name, NULL, pending->text, 1, 1};
        return native_assign(run, &pending->change, &assignment, &index, &pending->refusal);
    }
    struct cup_batch batch = {pending->text, 1};
    while (cup_batch_next(&batch, &assignment, &pending->refusal)) changes |= native_assign(run, &pending->change, &assignment, &index, &pending->refusal);
    return changes && pending->refusal.count == 0;
}

static void *prepare(void *place) {
    struct native_pending *pending = (struct native_pending *)place;
    const uint64_t one = 1;
    bool changes = check(pending);
    if (changes && !native_change_derive(pending->run, &pending->change)) {
        cup_refuse(&pending->refusal, 0, "there is no memory left for what is derived from it");
        changes = false;
    }
    if (changes) {
        pending->copies = copies_of(pending->run, &pending->change);
        if (pending->copies == NULL) cup_refuse(&pending->refusal, 0, "there is no memory left");
        else (void)native_config_keep(pending->run, &pending->change, &pending->refusal);
    }
    while (write(pending->wake, &one, sizeof one) < 0 && errno == EINTR) continue;
    return NULL;
}

bool native_pending_begin(struct native_run *run, struct native_pending *pending, const void *owner, uint32_t index, const char *text, size_t length) {
    sigset_t all, before;
    pending->refusal.count = 0;
    pending->text = cup_batch_text(text, length, &pending->refusal);
    if (pending->text == NULL) return false;
    pending->run = run;
    pending->index = index;
    pending->owner = owner;
    pending->copies = NULL;
    /* Signals are the forwarding thread's. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int problem = pthread_create(&pending->thread, NULL, prepare, pending);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (problem == 0) {
        pending->stage = NATIVE_UNDER_WAY;
        return true;
    }
    cup_refuse(&pending->refusal, 0, "no thread can be started for it: %s", strerror(problem));
    free(pending->text);
    return false;
}

void native_pending_finish(struct native_run *run, struct native_pending *pending) {
    struct native_change *change = &pending->change;
    uint64_t count;
    pthread_join(pending->thread, NULL);
    (void)!read(pending->wake, &count, sizeof count);
    bool applies = pending->copies != NULL && pending->refusal.count == 0;
    for (uint32_t i = 0; pending->copies != NULL && i < run->configs.count; i++) {
        if (pending->copies[i] == NULL) continue;
        free(applies ? run->kept[i] : pending->copies[i]);
        if (applies) run->kept[i] = pending->copies[i];
    }
    if (applies) {
        native_change_apply(run, change);
        run->generation++;
    } else {
        native_change_drop(run, change);
    }
    free(pending->copies);
    free(pending->text);
    pending->stage = NATIVE_FINISHED;
}
