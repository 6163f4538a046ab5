/* Opening and closing the control socket. See native_control_socket.h. */
#define _GNU_SOURCE
#include "native_control_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { BACKLOG = 128, TRIES = 100 };

static bool refuse(const char *path, const struct native_run *run, const char *reason) {
    native_say(run, 0, "the control socket `%s` cannot be opened: %s", path, reason);
    return false;
}

/* The folder of a path, opened, and the name in it. */
static bool open_folder(const char *path, struct native_control_socket *opened) {
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    size_t length = slash == NULL ? 0 : (size_t)(slash - path);
    const char *name = slash == NULL ? path : slash + 1;
    errno = ENAMETOOLONG;
    if (length >= sizeof folder || strlen(name) >= sizeof opened->name) return false;
    errno = EISDIR;
    if (name[0] == 0) return false;
    memcpy(folder, path, length);
    (void)snprintf(folder + length, sizeof folder - length, "%s", slash == NULL ? "." : length == 0 ? "/" : "");
    memcpy(opened->name, name, strlen(name) + 1);
    opened->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return opened->folder >= 0;
}

/* An address has room for a short path only; a long one goes by the descriptor of the folder. */
static bool address_of(const char *path, const struct native_control_socket *opened, struct sockaddr_un *address) {
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    int length = snprintf(address->sun_path, sizeof address->sun_path, "%s", path);
    if (length < 0 || (size_t)length >= sizeof address->sun_path)
        length = snprintf(address->sun_path, sizeof address->sun_path, "/proc/self/fd/%d/%s", opened->folder, opened->name);
    errno = ENAMETOOLONG;
    return length > 0 && (size_t)length < sizeof address->sun_path;
}

/* Does somebody listen there? A queue that is full is somebody's, too. */
static bool is_alive(const struct sockaddr_un *address) {
    int file = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (file < 0) return true;
    bool refused = connect(file, (const struct sockaddr *)address, sizeof *address) != 0 && (errno == ECONNREFUSED || errno == ENOENT);
    close(file);
    return !refused;
}

/* Takes a dead socket away; or says in `reason` what stands there. */
static bool clear(const struct native_control_socket *opened, const struct sockaddr_un *address, const char **reason) {
    struct stat status;
    if (fstatat(opened->folder, opened->name, &status, AT_SYMLINK_NOFOLLOW) != 0) return true;
    *reason = "something else is there, which is no socket";
    if (!S_ISSOCK(status.st_mode)) return false;
    *reason = "a service that runs listens there";
    if (is_alive(address)) return false;
    (void)unlinkat(opened->folder, opened->name, 0);
    return true;
}

/* Of two processes that find a dead socket, one clears it at a time. Whoever holds the lock forever is not waited for. */
static void lock(int folder) {
    const struct timespec pause = {0, 5000000};
    for (int i = 0; i < TRIES && flock(folder, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK; i++) nanosleep(&pause, NULL);
}

static bool bind_and_listen(struct native_control_socket *opened, const struct sockaddr_un *address) {
    struct stat status;
    mode_t before = umask(0177);
    int bound = bind(opened->file, (const struct sockaddr *)address, sizeof *address);
    int problem = errno;
    umask(before);
    errno = problem;
    if (bound != 0 || listen(opened->file, BACKLOG) != 0) return false;
    if (fstatat(opened->folder, opened->name, &status, AT_SYMLINK_NOFOLLOW) != 0) return false;
    opened->device = status.st_dev;
    opened->inode = status.st_ino;
    return true;
}

bool native_control_socket_open(const struct native_run *run, struct native_control_socket *opened) {
    char in_state[PATH_MAX];
    struct sockaddr_un address;
    const char *path = run->control_path, *reason = NULL;
    if (path == NULL) {
        int length = snprintf(in_state, sizeof in_state, "%s/control", run->state_folder);
        path = in_state;
        if (length < 0 || (size_t)length >= sizeof in_state) return refuse(path, run, strerror(ENAMETOOLONG));
    }
    opened->file = -1;
    opened->folder = -1;
    bool fine = open_folder(path, opened) && address_of(path, opened, &address);
    if (fine) {
        lock(opened->folder);
        fine = clear(opened, &address, &reason);
    }
    if (fine) {
        opened->file = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        fine = opened->file >= 0 && bind_and_listen(opened, &address);
    }
    if (!fine) refuse(path, run, reason != NULL ? reason : strerror(errno));
    if (opened->folder >= 0) (void)flock(opened->folder, LOCK_UN);
    if (fine) return true;
    if (opened->file >= 0) close(opened->file);
    if (opened->folder >= 0) close(opened->folder);
    return false;
}

void native_control_socket_close(struct native_control_socket *opened) {
    struct stat status;
    bool ours = fstatat(opened->folder, opened->name, &status, AT_SYMLINK_NOFOLLOW) == 0 && status.st_dev == opened->device && status.st_ino == opened->inode;
    if (ours) (void)unlinkat(opened->folder, opened->name, 0);
    close(opened->file);
    close(opened->folder);
}
