/* See kept_file.h. */
#define _GNU_SOURCE
#include "kept_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LARGEST = 64 << 20 };

static bool path_of(const char *folder, const char *name, char *path) {
    int length = snprintf(path, PATH_MAX, "%s/%s", folder, name);
    bool fits = length > 0 && length < PATH_MAX;
    if (!fits) errno = ENAMETOOLONG;
    return fits;
}

/* ---- Writing ---- */

/* Takes the file, whatever comes of it. */
static bool finish(FILE *to, int file) {
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

bool cup_kept_write(const char *folder, const struct cup_service *service, const struct cup_service_setting *settings, uint32_t count,
                    cup_kept_text text_of, const void *of, struct cup_refusal *refusal) {
    char path[PATH_MAX], beside[PATH_MAX];
    bool fits = path_of(folder, "config", path) && path_of(folder, "config.new", beside);
    if (fits) (void)unlink(beside); /* of a process that died while it wrote */
    int file = fits ? open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
    FILE *to = file >= 0 ? fdopen(file, "w") : NULL;
    bool written = false;
    if (to != NULL) {
        fprintf(to, "// What was set while %s version %u ran.\n", service->name, service->version);
        for (uint32_t i = 0; i < count; i++) {
            const char *text = text_of(of, i);
            if (text != NULL) fprintf(to, "%s : %s = %s\n", settings[i].name, settings[i].type, text);
        }
        written = finish(to, file);
    }
    if (written && rename(beside, path) == 0) {
        settle_folder(folder);
        return true;
    }
    int problem = errno;
    if (file >= 0 && to == NULL) close(file);
    if (file >= 0) (void)unlink(beside);
    cup_refuse(refusal, 0, "it cannot be kept in `%.300s`: %s", folder, strerror(problem));
    return false;
}

/* ---- Reading ---- */

char *cup_kept_read(const char *folder, char *path, size_t *length) {
    struct stat status;
    char *text = NULL;
    *length = 0;
    if (!path_of(folder, "config", path)) return NULL;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) return NULL;
    bool fine = fstat(file, &status) == 0;
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
    int problem = errno;
    close(file);
    errno = problem;
    return text;
}
