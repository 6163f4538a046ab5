/* `--events FILE`: what packets have reported, one line of JSON each (cup/events.h), to a file, a pipe, or `-`, standard output.
 *
 * It is written between bursts, when the packets have been committed. Live packets never wait for a reader: what a pipe has no room for
 * stays in the ring, and what does not fit there is lost and counted. Packets of captures wait, so that all of it comes. */
#define _GNU_SOURCE
#include "native_run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    TOGETHER = 4096,   /* bytes that a pipe takes whole where it takes any (PIPE_BUF) */
    AT_ONCE = 16,      /* such writes between two bursts */
    PATIENCE_MS = 1000 /* for a reader that takes nothing, at the end */
};

static bool has_room(int file, int wait_ms) {
    struct pollfd asked = {file, POLLOUT, 0};
    return poll(&asked, 1, wait_ms) > 0 && (asked.revents & POLLOUT) != 0;
}

int native_events_open(struct native_run *run) {
    const char *path = run->events_path;
    if (!cup_events_make(&run->events, run->service, CUP_EVENTS)) return native_say(run, NATIVE_TROUBLE, "there is no memory left for events");
    if (run->service->listen != NULL) run->service->listen(run->kernel, &run->events);
    run->events_text = malloc(CUP_EVENT_LINE);
    if (run->events_text == NULL) return native_say(run, NATIVE_TROUBLE, "there is no memory left for events");
    run->events_file = -1;
    if (path == NULL) return NATIVE_FINE;
    if (run->service->event_count == 0) return native_say(run, NATIVE_USAGE, "`--events %s`: the program has no events", path);
    struct stat is;
    /* A pipe is opened for both ways: so nobody waits for its reader. */
    bool pipe = stat(path, &is) == 0 && S_ISFIFO(is.st_mode);
    if (strcmp(path, "-") == 0) run->events_file = STDOUT_FILENO;
    else run->events_file = open(path, (pipe ? O_RDWR : O_WRONLY | O_CREAT | O_APPEND) | O_CLOEXEC, 0644);
    return run->events_file >= 0 ? NATIVE_FINE : native_say(run, NATIVE_TROUBLE, "`%s` cannot be written: %s", path, strerror(errno));
}

/* Nobody reads any more: events go the way of those that nobody asked for. */
static void give_up(struct native_run *run) {
    (void)native_say(run, NATIVE_TROUBLE, "events are not written any more: %s", strerror(errno));
    if (run->events_file != STDOUT_FILENO) close(run->events_file);
    run->events_file = -1;
    run->events_length = 0;
}

/* Makes lines of events until there is something to write. */
static bool gather(struct native_run *run) {
    const struct cup_event *event;
    while (run->events_length < TOGETHER && (event = cup_events_first(&run->events)) != NULL) {
        size_t left = CUP_EVENT_LINE - run->events_length;
        size_t length = cup_event_json(run->service, event, run->events_text + run->events_length, left - 1);
        if (length + 2 > left && run->events_length != 0) break; /* what is there goes first */
        cup_events_pass(&run->events);
        if (length + 2 > left) {
            run->events.lost++; /* no line is so long */
            continue;
        }
        run->events_length += (uint32_t)length;
        run->events_text[run->events_length++] = '\n';
    }
    return run->events_length != 0;
}

/* Whole lines, as far as a pipe takes them whole: what else is written there does not come between. */
static size_t piece(const struct native_run *run) {
    size_t most = run->events_length < TOGETHER ? run->events_length : TOGETHER;
    const char *end = memrchr(run->events_text, '\n', most);
    return end == NULL ? most : (size_t)(end + 1 - run->events_text);
}

void native_events_drain(struct native_run *run, bool wait) {
    for (int i = 0; (wait || i < AT_ONCE) && run->events_file >= 0 && gather(run); i++) {
        if (!has_room(run->events_file, wait ? PATIENCE_MS : 0)) return;
        ssize_t written = write(run->events_file, run->events_text, piece(run));
        if (written < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (written < 0) {
            give_up(run);
            return;
        }
        run->events_length -= (uint32_t)written;
        memmove(run->events_text, run->events_text + written, run->events_length);
    }
}

void native_events_close(struct native_run *run) {
    if (run->kernel != NULL && run->events_text != NULL) native_events_drain(run, true);
    if (run->events_text != NULL && run->events_file >= 0 && run->events_file != STDOUT_FILENO) close(run->events_file);
    cup_events_free(&run->events);
    free(run->events_text);
    run->events_text = NULL;
}

void native_events_write(struct native_run *run, FILE *to) {
    const struct cup_event *event;
    while ((event = cup_events_first(&run->events)) != NULL) {
        size_t room = CUP_EVENT_LINE - run->events_length;
        if (cup_event_json(run->service, event, run->events_text + run->events_length, room) < room) fprintf(to, "%s\n", run->events_text + run->events_length);
        else run->events.lost++;
        cup_events_pass(&run->events);
    }
}
