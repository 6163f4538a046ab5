/* The folder of a running service: its arena, its socket, and `service.json`, which says who runs there. See native_run.h.
 *
 *     {"pid": 4711, "name": "firewall", "service": "firewall", "version": 1, "program": "/opt/firewall/native/firewall",
 *      "devices": {"inside": "eth0", "outside": "eth1"}, "started": "2026-05-01T12:00:00Z"}                              (on one line)
 *
 * `service.json` is there while the service runs, and appears whole. `lock` is held as long; both go with a clean stop, and what a
 * killed process has left of them stands in nobody's way. */
#define _GNU_SOURCE
#include "native_run.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* `FOLDER/NAME`; a folder's name leaves room for it, which native_place_open sees to. */
static const char *inside(const struct native_run *run, const char *name, char *path) {
    (void)snprintf(path, PATH_MAX, "%s/%s", run->state_folder, name);
    return path;
}

/* Where services of this user live. */
static bool usual_place(char *path, size_t room) {
    const char *runtime = getenv("XDG_RUNTIME_DIR"), *home = getenv("HOME");
    int length;
    if (geteuid() == 0) length = snprintf(path, room, "/run/cupc");
    else if (runtime != NULL && runtime[0] == '/') length = snprintf(path, room, "%s/cupc", runtime);
    else if (home != NULL && home[0] == '/') length = snprintf(path, room, "%s/.local/state/cupc", home);
    else return false;
    return length > 0 && (size_t)length < room;
}

static int choose_folder(struct native_run *run) {
    char place[PATH_MAX];
    const char *name = run->name == NULL ? run->service->name : run->name;
    if (!usual_place(place, sizeof place)) return native_say(run, NATIVE_TROUBLE, "there is no place for the state: neither HOME nor XDG_RUNTIME_DIR is set; name one with `--state DIR`");
    if (asprintf(&run->default_folder, "%s/%s", place, name) < 0) {
        run->default_folder = NULL;
        return native_say(run, NATIVE_TROUBLE, "there is no memory left");
    }
    run->state_folder = run->default_folder;
    return NATIVE_FINE;
}

/* Makes the folder, and with `above` those above it. */
static bool make_folder(struct native_run *run, bool above) {
    char path[PATH_MAX];
    (void)snprintf(path, sizeof path, "%s", run->state_folder);
    for (char *slash = strchr(path + 1, '/'); above && slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        if (mkdir(path, 0755) != 0 && errno != EEXIST) return false;
        *slash = '/';
    }
    run->folder_made = mkdir(path, 0700) == 0;
    return run->folder_made || errno == EEXIST;
}

static int refuse_second(const struct native_run *run, int lock) {
    char owner[16] = "";
    ssize_t length = read(lock, owner, sizeof owner - 1);
    close(lock);
    owner[length > 0 ? strcspn(owner, "\n") : 0] = 0;
    return native_say(run, NATIVE_TROUBLE, "`%s` is in use by process %s: stop it, or give this one a name of its own with `--name`", run->state_folder, owner[0] == 0 ? "?" : owner);
}

/* A lock whose file was taken away while we waited for it holds nobody off. */
static bool is_still_there(int lock, const char *path) {
    struct stat held, named;
    return fstat(lock, &held) == 0 && stat(path, &named) == 0 && held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

static int take_lock(struct native_run *run) {
    char path[PATH_MAX];
    for (int tries = 0; tries < 100; tries++) {
        int lock = open(inside(run, "lock", path), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (lock < 0) return native_say(run, NATIVE_TROUBLE, "`%s` cannot be written: %s", path, strerror(errno));
        if (flock(lock, LOCK_EX | LOCK_NB) != 0) return refuse_second(run, lock);
        if (is_still_there(lock, path)) {
            run->lock = lock + 1;
            bool written = ftruncate(lock, 0) == 0 && dprintf(lock, "%ld\n", (long)getpid()) > 0;
            return written ? NATIVE_FINE : native_say(run, NATIVE_TROUBLE, "`%s` cannot be written: %s", path, strerror(errno));
        }
        close(lock);
    }
    return native_say(run, NATIVE_TROUBLE, "`%s` cannot be locked", path);
}

int native_place_open(struct native_run *run) {
    bool usual = run->state_folder == NULL;
    if (usual && !native_live_bound(run)) return NATIVE_FINE;
    int code = usual ? choose_folder(run) : NATIVE_FINE;
    if (code != NATIVE_FINE) return code;
    if (strlen(run->state_folder) + 64 > PATH_MAX) return native_say(run, NATIVE_TROUBLE, "the name of `--state` is too long");
    if (!make_folder(run, usual)) return native_say(run, NATIVE_TROUBLE, "`%s` cannot be made: %s", run->state_folder, strerror(errno));
    return take_lock(run);
}

static void write_facts(const struct native_run *run, FILE *file) {
    char program[PATH_MAX], started[32];
    time_t now = time(NULL);
    struct tm moment;
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    program[length < 0 ? 0 : length] = 0;
    (void)strftime(started, sizeof started, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &moment));
    fprintf(file, "{\"pid\": %ld, \"name\": ", (long)getpid());
    native_json_text(file, run->name == NULL ? run->service->name : run->name);
    fprintf(file, ", \"service\": ");
    native_json_text(file, run->service->name);
    fprintf(file, ", \"version\": %u, \"program\": ", run->service->version);
    native_json_text(file, program);
    fprintf(file, ", \"devices\": {");
    for (uint32_t i = 0; i < run->service->device_count; i++) {
        if (i != 0) fprintf(file, ", ");
        native_json_text(file, run->service->devices[i].param);
        fprintf(file, ": ");
        native_json_text(file, run->devices[i].spec == NULL ? "" : run->devices[i].spec);
    }
    fprintf(file, "}, \"started\": \"%s\"}\n", started);
}

int native_place_announce(const struct native_run *run) {
    char path[PATH_MAX], beside[PATH_MAX];
    if (run->lock == 0) return NATIVE_FINE;
    FILE *file = fopen(inside(run, "service.json.new", beside), "we");
    if (file != NULL) write_facts(run, file);
    bool written = file != NULL && fchmod(fileno(file), 0600) == 0 && ferror(file) == 0;
    if (file != NULL && fclose(file) != 0) written = false;
    if (written && rename(beside, inside(run, "service.json", path)) == 0) return NATIVE_FINE;
    return native_say(run, NATIVE_TROUBLE, "`%s/service.json` cannot be written: %s", run->state_folder, strerror(errno));
}

void native_place_close(struct native_run *run) {
    char path[PATH_MAX];
    if (run->lock != 0) {
        unlink(inside(run, "service.json", path));
        unlink(inside(run, "service.json.new", path));
        unlink(inside(run, "lock", path));
        if (run->folder_made) rmdir(run->state_folder); /* where nothing was put into it */
        close(run->lock - 1);
    }
    free(run->default_folder);
}
