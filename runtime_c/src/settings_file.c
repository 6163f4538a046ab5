/* What was set while a service ran, kept in FOLDER/config as native_config_file.c keeps it. See cup/settings.h. */
#define _GNU_SOURCE
#include "cup/settings.h"

#include "batch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static bool path_of(const char *folder, const char *name, char *path) {
    int length = snprintf(path, PATH_MAX, "%s/%s", folder, name);
    return length > 0 && length < PATH_MAX;
}

static bool write_values(const struct cup_settings *all, const struct cup_service *service, int file) {
    FILE *to = fdopen(file, "w");
    if (to == NULL) {
        close(file);
        return false;
    }
    fprintf(to, "// What was set while %s version %u ran.\n", service->name, service->version);
    for (uint32_t i = 0; i < all->count; i++) {
        if (all->kept[i] != NULL) fprintf(to, "%s : %s = %s\n", all->settings[i].name, all->settings[i].type, all->kept[i]);
    }
    bool written = fflush(to) == 0 && ferror(to) == 0 && fsync(file) == 0;
    int problem = errno;
    bool closed = fclose(to) == 0;
    if (!written) errno = problem;
    return written && closed;
}

bool cup_settings_keep(const struct cup_settings *all, const struct cup_service *service, const char *folder, struct cup_refusal *refusal) {
    char path[PATH_MAX], beside[PATH_MAX];
    bool fits = path_of(folder, "config", path) && path_of(folder, "config.new", beside);
    if (!fits) errno = ENAMETOOLONG;
    if (fits) (void)unlink(beside); /* of a process that died while it wrote */
    int file = fits ? open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
    if (file >= 0 && write_values(all, service, file) && rename(beside, path) == 0) {
        int above = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC); /* the name lasts once the folder is on the disk */
        if (above >= 0) (void)fsync(above);
        if (above >= 0) close(above);
        return true;
    }
    int problem = errno;
    if (file >= 0) (void)unlink(beside);
    cup_refuse(refusal, 0, "it cannot be kept in `%.300s`: %s", folder, strerror(problem));
    return false;
}

/* The whole of a file with a zero byte behind it; NULL where there is none or it cannot be read, which errno tells apart. */
static char *read_file(const char *path, size_t *length) {
    char *text = NULL;
    FILE *file = fopen(path, "re");
    if (file == NULL) return NULL;
    size_t room = 0;
    *length = 0;
    for (;;) {
        if (room - *length < 4096) {
            char *more = realloc(text, room = room * 2 + 8192);
            if (more == NULL) break;
            text = more;
        }
        size_t got = fread(text + *length, 1, room - *length - 1, file);
        *length += got;
        if (got != 0) continue;
        if (ferror(file) != 0) break;
        fclose(file);
        text[*length] = 0;
        return text;
    }
    int problem = errno;
    free(text);
    fclose(file);
    errno = problem;
    return NULL;
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
    if (!path_of(folder, "config", path)) return true;
    char *text = read_file(path, &length);
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
