/* native_config.h: batches of config, as an operator writes them. Shared by native_config*.c, native_handlers.c and the control socket.
 *
 *     // comments are those of the language; a line that begins with `#` is one, too
 *     allowed = [10.0.0.0/8,                                // a list may take several lines
 *                2001:db8::/32]
 *     limit : size = 1000                                   // with its type, which is checked then
 *
 *     native_pending_begin(&run, &pending, me, NATIVE_WHOLE, text, length);     // then packets go on
 *     ... pending.wake can be read
 *     native_pending_finish(&run, &pending);                                   // pending.refusal says what is wrong, by line
 *
 * A batch is checked whole, kept in the state folder, and then given to the kernel whole; or nothing changes at all. A thread of its own
 * checks and keeps it, since lists may be long and disks slow; meanwhile nothing else changes configs. */
#ifndef CUP_NATIVE_CONFIG_H
#define CUP_NATIVE_CONFIG_H

#include "batch.h"
#include "native_run.h"

#include <pthread.h>

/* Puts the value of an assignment into a change; false, with a problem, when name, type or value is wrong, or the name has come before.
 * Gives the index of the config. */
bool native_assign(const struct native_run *run, struct native_change *change, const struct cup_assignment *assignment, uint32_t *index,
                   struct cup_refusal *refusal);

enum native_stage { NATIVE_IDLE, NATIVE_UNDER_WAY, NATIVE_FINISHED };
#define NATIVE_WHOLE UINT32_MAX

struct native_pending {
    int wake; /* an eventfd that the thread writes when it is done */
    enum native_stage stage;
    const void *owner; /* who asked, and gets the answer; NULL: gone */
    pthread_t thread;
    const struct native_run *run;
    uint32_t index; /* the config whose value the text is; NATIVE_WHOLE: it is a batch */
    char *text;
    struct native_change change;
    char **copies; /* of the change's texts, to be kept */
    struct cup_refusal refusal;
};

/* Begins while idle. False, and still idle, with a problem in the refusal when it cannot. */
bool native_pending_begin(struct native_run *run, struct native_pending *pending, const void *owner, uint32_t index, const char *text, size_t length);
/* Waits for the thread; then the kernel has the new values, or the refusal says why not. Finished. */
void native_pending_finish(struct native_run *run, struct native_pending *pending);

/* native_config_file.c: writes the values that were kept and those of the change; false, with a problem, and the file as it was. Nothing is
 * written where there is no state folder. */
bool native_config_keep(const struct native_run *run, const struct native_change *change, struct cup_refusal *refusal);

#endif
