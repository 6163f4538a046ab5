/* The control socket and its clients. See native_control.h.
 *
 * Packets come first: a call that took long is followed by a rest ten times as long, however much clients still want. */
#define _GNU_SOURCE
#include "native_control.h"
#include "native_control_socket.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MICROSECOND UINT64_C(1000)
#define SECOND UINT64_C(1000000000)

enum {
    CHUNK = 16384,     /* bytes that are read at once */
    ROOM_KEPT = 65536, /* larger memory is given back when it is empty */
    NEW_AT_ONCE = 4
};
static const uint64_t REST = 200 * MICROSECOND;   /* at least, between two looks */
static const uint64_t SHARE = 200 * MICROSECOND;  /* after which a call ends */
static const uint64_t PATIENCE = 10 * SECOND;     /* with a silent client, when another one wants its place */

struct native_control {
    struct native_control_socket socket;
    struct native_pending pending;
    struct native_client clients[NATIVE_CLIENTS];
    unsigned first;    /* who is served first, in turn */
    uint64_t due_ns;   /* before which nothing is done */
    uint64_t deaf_ns;  /* before which nobody is let in: there are no descriptors left */
};

/* ---- Bytes ---- */

bool native_bytes_room(struct native_bytes *bytes, size_t more) {
    if (bytes->room - bytes->end >= more) return true;
    size_t length = bytes->end - bytes->at;
    if (bytes->at != 0 && length != 0) memmove(bytes->memory, bytes->memory + bytes->at, length);
    bytes->at = 0;
    bytes->end = length;
    if (bytes->room - length >= more) return true;
    size_t room = bytes->room == 0 ? 4096 : bytes->room;
    while (room - length < more) room *= 2;
    char *larger = realloc(bytes->memory, room);
    if (larger == NULL) return false;
    bytes->memory = larger;
    bytes->room = room;
    return true;
}

bool native_bytes_add(struct native_bytes *bytes, const void *added, size_t length) {
    if (length == 0) return true;
    if (!native_bytes_room(bytes, length)) return false;
    memcpy(bytes->memory + bytes->end, added, length);
    bytes->end += length;
    return true;
}

static void free_bytes(struct native_bytes *bytes) {
    free(bytes->memory);
    memset(bytes, 0, sizeof *bytes);
}

void native_bytes_take(struct native_bytes *bytes, size_t length) {
    bytes->at += length;
    if (bytes->at != bytes->end) return;
    bytes->at = bytes->end = 0;
    if (bytes->room > ROOM_KEPT) free_bytes(bytes);
}

static size_t held(const struct native_bytes *bytes) { return bytes->end - bytes->at; }

/* ---- Clients ---- */

static void drop_client(struct native_run *run, struct native_client *client) {
    if (run->pending->owner == client) run->pending->owner = NULL;
    if (client->file >= 0) close(client->file);
    free_bytes(&client->in);
    free_bytes(&client->out);
    memset(client, 0, sizeof *client);
    client->file = -1;
}

static bool wants_input(const struct native_client *client) { return !client->in_closed && !client->waits && held(&client->in) < client->wanted; }

static void take_in(struct native_client *client, uint64_t now) {
    size_t more = client->wanted - held(&client->in);
    if (more > CHUNK) more = CHUNK;
    if (!native_bytes_room(&client->in, more)) {
        client->broken = true;
        return;
    }
    ssize_t got = recv(client->file, client->in.memory + client->in.end, more, MSG_DONTWAIT);
    if (got < 0 && errno == EINTR) return;
    client->readable = false;
    if (got > 0) {
        client->in.end += (size_t)got;
        client->readable = (size_t)got == more;
        client->active_ns = now;
    } else if (got == 0 || errno != EAGAIN) {
        client->in_closed = true;
    }
    if (got > 0 || client->in_closed) client->ready = true;
}

static void send_out(struct native_client *client, uint64_t now) {
    while (held(&client->out) != 0) {
        ssize_t put = send(client->file, client->out.memory + client->out.at, held(&client->out), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0 && errno != EAGAIN) client->broken = true;
        if (put <= 0) return;
        native_bytes_take(&client->out, (size_t)put);
        client->active_ns = now;
    }
}

/* One chunk and one command. An answer has to be gone before the next command is looked at: that bounds what is held. False when there is
 * nothing to do for this client now. */
static bool serve_client(struct native_run *run, struct native_client *client, uint64_t now) {
    bool moved = false;
    send_out(client, now);
    if (client->readable && wants_input(client) && !client->broken) {
        take_in(client, now);
        moved = true;
    }
    if (client->ready && held(&client->out) == 0 && !client->broken) {
        native_protocol_step(run, client);
        send_out(client, now);
        moved = true;
    }
    bool finished = client->in_closed && !client->ready && !client->waits && held(&client->out) == 0;
    if (client->broken || finished) drop_client(run, client);
    return moved;
}

/* A place for a new client: a free one, or that of a client who has been silent for long. */
static struct native_client *find_place(struct native_run *run, uint64_t now) {
    struct native_control *control = run->control;
    struct native_client *oldest = &control->clients[0];
    for (unsigned i = 0; i < NATIVE_CLIENTS; i++) {
        struct native_client *client = &control->clients[i];
        if (client->file < 0) return client;
        if (client->active_ns < oldest->active_ns) oldest = client;
    }
    if (now - oldest->active_ns < PATIENCE) return NULL;
    drop_client(run, oldest);
    return oldest;
}

static void let_in(struct native_run *run, uint64_t now) {
    struct native_control *control = run->control;
    static const char full[] = "Click::ControlSocket/1.3\r\n590 Too many clients\r\n";
    for (unsigned i = 0; i < NEW_AT_ONCE; i++) {
        int file = accept4(control->socket.file, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (file < 0) {
            bool none_left = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
            if (none_left) control->deaf_ns = now + SECOND;
            return;
        }
        struct native_client *client = find_place(run, now);
        if (client == NULL) {
            (void)send(file, full, sizeof full - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
            close(file);
            continue;
        }
        client->file = file;
        client->active_ns = now;
        native_protocol_greet(client);
    }
}

/* ---- Waiting and serving ---- */

/* Who waits for config looks again: for the answer, or for its turn. */
static void wake_clients(struct native_control *control) {
    struct native_pending *pending = &control->pending;
    if (pending->stage == NATIVE_UNDER_WAY) return;
    if (pending->stage == NATIVE_FINISHED && pending->owner == NULL) pending->stage = NATIVE_IDLE;
    for (unsigned i = 0; i < NATIVE_CLIENTS; i++) {
        struct native_client *client = &control->clients[i];
        bool turn = pending->stage == NATIVE_IDLE || pending->owner == client;
        if (client->waits && turn) client->ready = true;
    }
}

/* What to wait for; owners[i] is the client of fds[i], NULL for the socket and for the thread. */
static unsigned list(struct native_control *control, struct pollfd *fds, struct native_client **owners, unsigned room, uint64_t now) {
    unsigned count = 0;
    wake_clients(control);
    if (room != 0 && now >= control->deaf_ns) {
        fds[0] = (struct pollfd){control->socket.file, POLLIN, 0};
        owners[count++] = NULL;
    }
    if (count < room && control->pending.stage == NATIVE_UNDER_WAY) {
        fds[count] = (struct pollfd){control->pending.wake, POLLIN, 0};
        owners[count++] = NULL;
    }
    for (unsigned i = 0; i < NATIVE_CLIENTS && count < room; i++) {
        struct native_client *client = &control->clients[i];
        short events = wants_input(client) ? POLLIN : 0;
        if (held(&client->out) != 0 || client->ready) events |= POLLOUT;
        if (client->file < 0 || events == 0) continue;
        fds[count] = (struct pollfd){client->file, events, 0};
        owners[count++] = client;
    }
    return count;
}

unsigned native_control_poll(struct native_run *run, struct pollfd *fds, unsigned room) {
    struct native_client *owners[NATIVE_CONTROL_POLL];
    if (run->control == NULL) return 0;
    return list(run->control, fds, owners, room < NATIVE_CONTROL_POLL ? room : NATIVE_CONTROL_POLL, native_clock_ns());
}

/* Time that this thread has worked: on a busy machine much less than has passed. */
static uint64_t work_ns(void) {
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (uint64_t)time.tv_sec * SECOND + (uint64_t)time.tv_nsec;
}

static bool serve_all(struct native_run *run, struct native_control *control, uint64_t now) {
    bool moved = false;
    for (unsigned i = 0; i < NATIVE_CLIENTS; i++) {
        struct native_client *client = &control->clients[(control->first + i) % NATIVE_CLIENTS];
        if (client->file >= 0) moved |= serve_client(run, client, now);
    }
    control->first = (control->first + 1) % NATIVE_CLIENTS;
    return moved;
}

void native_control_serve(struct native_run *run) {
    struct native_control *control = run->control;
    struct pollfd fds[NATIVE_CONTROL_POLL];
    struct native_client *owners[NATIVE_CONTROL_POLL];
    uint64_t now = control == NULL ? 0 : native_clock_ns();
    if (control == NULL || now < control->due_ns) return;
    unsigned count = list(control, fds, owners, NATIVE_CONTROL_POLL, now);
    bool more = poll(fds, count, 0) > 0;
    for (unsigned i = 0; more && i < count; i++) {
        if (fds[i].revents == 0) continue;
        if (owners[i] == NULL && fds[i].fd == control->socket.file) let_in(run, now);
        else if (owners[i] == NULL) native_pending_finish(run, &control->pending);
        else owners[i]->readable |= (fds[i].revents & (POLLIN | POLLHUP | POLLERR)) != 0;
    }
    uint64_t begun = more ? work_ns() : 0, spent = 0;
    while (more && spent < SHARE) {
        wake_clients(control);
        more = serve_all(run, control, now);
        spent = work_ns() - begun;
    }
    control->due_ns = native_clock_ns() + (10 * spent > REST ? 10 * spent : REST);
}

int native_control_open(struct native_run *run) {
    bool wanted = run->control_path != NULL || run->state_folder != NULL;
    if (!wanted || run->script || run->control != NULL) return NATIVE_FINE;
    struct native_control *control = calloc(1, sizeof *control);
    if (control == NULL) return native_say(run, NATIVE_TROUBLE, "there is no memory left for the control socket");
    for (unsigned i = 0; i < NATIVE_CLIENTS; i++) control->clients[i].file = -1;
    control->pending.wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (control->pending.wake < 0) native_say(run, 0, "the control socket cannot be opened: %s", strerror(errno));
    if (control->pending.wake < 0 || !native_control_socket_open(run, &control->socket)) {
        if (control->pending.wake >= 0) close(control->pending.wake);
        free(control);
        /* A service that was not asked for a socket forwards without one. */
        return run->control_path != NULL ? NATIVE_TROUBLE : NATIVE_FINE;
    }
    run->control = control;
    run->pending = &control->pending;
    return NATIVE_FINE;
}

void native_control_close(struct native_run *run) {
    struct native_control *control = run->control;
    if (control == NULL) return;
    native_control_socket_close(&control->socket);
    if (control->pending.stage == NATIVE_UNDER_WAY) native_pending_finish(run, &control->pending);
    close(control->pending.wake);
    for (unsigned i = 0; i < NATIVE_CLIENTS; i++) {
        if (control->clients[i].file >= 0) send_out(&control->clients[i], 0);
        drop_client(run, &control->clients[i]);
    }
    free(control);
    run->pending = NULL;
    run->control = NULL;
}
