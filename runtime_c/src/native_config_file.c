/* What the operator set while the service ran, kept in STATE_FOLDER/config: a batch as native_config.h has it, each value with its type.
 *
 * The file is written beside and renamed, so that it is always one whole batch. Values that were never set are not in it: they follow the
 * program. */
#define _GNU_SOURCE
#include "native_config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LARGEST = 64 << 20 };

static bool path_of(const struct native_run *run, const char *name, char *path) {
    int length = snprintf(path, PATH_MAX, "%s/%s", run->state_folder, name);
    return length > 0 && length < PATH_MAX;
}

/* ---- Writing ---- */

static bool write_values(const struct native_run *run, const struct native_change *change, int file) {
    FILE *to = fdopen(file, "w");
    if (to == NULL) {
        close(file);
        return false;
    }
    fprintf(to, "// What was set while %s version %u ran.\n", run->service->name, run->service->version);
    for (uint32_t i = 0; i < run->configs.count; i++) {
        const struct cup_service_setting *setting = &run->configs.settings[i];
        const char *text = change->texts[i] != NULL ? change->texts[i] : run->kept[i];
        if (text != NULL) fprintf(to, "%s : %s = %s\n", setting->name, setting->type, text);
    }
    bool written = fflush(to) == 0 && ferror(to) == 0 && fsync(file) == 0;
    int problem = errno;
    bool closed = fclose(to) == 0;
    if (!written) errno = problem;
    return written && closed;
}

/* The name of a file lasts once its folder is on the disk. */
static void settle_folder(const char *folder) {
    int file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file < 0) return;
    (void)fsync(file);
    close(file);
}

bool native_config_keep(const struct native_run *run, const struct native_change *change, struct cup_refusal *refusal) {
    char path[PATH_MAX], beside[PATH_MAX];
    if (run->state_folder == NULL) return true;
    bool fits = path_of(run, "config", path) && path_of(run, "config.new", beside);
    if (!fits) errno = ENAMETOOLONG;
    if (fits) (void)unlink(beside); /* of a process that died while it wrote */
    int file = fits ? open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
    if (file >= 0 && write_values(run, change, file) && rename(beside, path) == 0) {
        settle_folder(run->state_folder);
        return true;
    }
    int problem = errno;
    if (file >= 0) (void)unlink(beside);
    cup_refuse(refusal, 0, "it cannot be kept in `%.300s`: %s", run->state_folder, strerror(problem));
    return false;
}

/* ---- Reading ---- */

/* The whole text; NULL when there is no such file, or it cannot be read, which is said. */
static char *read_text(const struct native_run *run, const char *path, size_t *length) {
    struct stat status;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0 && errno == ENOENT) return NULL;
    char *text = NULL;
    *length = 0;
    errno = file < 0 ? errno : 0;
    bool fine = file >= 0 && fstat(file, &status) == 0;
    if (fine && (!S_ISREG(status.st_mode) || status.st_size > LARGEST)) {
        fine = false;
        errno = S_ISREG(status.st_mode) ? EFBIG : EINVAL;
    }
    if (fine) text = malloc((size_t)status.st_size + 1);
    while (text != NULL && *length < (size_t)status.st_size) {
        ssize_t got = read(file, text + *length, (size_t)status.st_size - *length);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) {
            free(text);
            text = NULL;
        }
        if (got <= 0) break;
        *length += (size_t)got;
    }
    if (text == NULL) native_say(run, 0, "`%s` cannot be read, so each config begins with the program's value: %s", path, strerror(errno));
    if (file >= 0) close(file);
    return text;
}

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
    if (run->state_folder == NULL || !path_of(run, "config", path)) return;
    char *text = read_text(run, path, &length);
    if (text == NULL) return;
    char *copy = cup_batch_text(text, length, &refusal);
    if (copy != NULL) take_values(run, copy, &refusal);
    say_problems(run, path, &refusal);
    free(copy);
    free(text);
}
