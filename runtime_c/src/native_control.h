/* native_control.h: the parts of the control socket. Shared by native_control.c, native_protocol.c and native_handlers.c alone.
 *
 *     native_control.c      the socket and its clients: bytes in, bytes out, and for how long
 *     native_protocol.c     Click's ControlSocket protocol, version 1.3: bytes -> a call of a handler -> an answer
 *     native_handlers.c     what can be read and written
 *
 * Whatever a client does, it holds no more memory than the limits below, and each call of native_control_serve ends soon. One thread. */
#ifndef CUP_NATIVE_CONTROL_H
#define CUP_NATIVE_CONTROL_H

#include "native_config.h"

enum {
    NATIVE_CLIENTS = NATIVE_CONTROL_POLL - 2, /* beside the socket itself, and the thread for config */
    NATIVE_LINE = 65536,                      /* the longest command */
    NATIVE_UNTIL = 262144,                    /* the most data that is ended by a line of its own */
    NATIVE_DATA = 4 << 20                     /* the most data whose length is said before */
};

/* Codes of answers, as Click has them. */
enum native_code {
    NATIVE_LATER = 100, /* none yet: the command is to be carried out again */
    NATIVE_OK = 200,
    NATIVE_SYNTAX = 500,
    NATIVE_UNIMPLEMENTED = 501,
    NATIVE_NO_ELEMENT = 510,
    NATIVE_NO_HANDLER = 511,
    NATIVE_HANDLER_ERROR = 520,
    NATIVE_TOO_LARGE = 521,
    NATIVE_PERMISSION = 530,
    NATIVE_UNSPECIFIED = 590
};

/* Bytes that grow at the end and are taken from the front. */
struct native_bytes {
    char *memory;
    size_t at, end, room;
};

struct native_client {
    int file; /* -1: nobody */
    struct native_bytes in, out;
    size_t wanted;      /* bytes that the command at hand may take: no more are read */
    uint64_t skip;      /* bytes to come that are thrown away */
    bool skip_line;     /* the rest of a line is thrown away */
    bool skip_all;      /* everything that is still to come is */
    bool in_closed;     /* nothing more comes */
    bool broken;        /* to be closed at once */
    bool readable;      /* as poll has said */
    bool ready;         /* there may be a whole command in `in` */
    bool waits;         /* the command at hand was not answered yet: `ready` when config is idle or finished */
    uint64_t active_ns; /* when it last sent or took something */
};

/* Makes room for `more` bytes at the end. False when there is no memory. */
bool native_bytes_room(struct native_bytes *bytes, size_t more);
bool native_bytes_add(struct native_bytes *bytes, const void *added, size_t length);
void native_bytes_take(struct native_bytes *bytes, size_t length);

/* native_protocol.c: the line that a new client is sent. */
void native_protocol_greet(struct native_client *client);
/* Carries out at most one command of those in `in`, and puts the answer into `out`. `ready` is false after it when more has to come first. */
void native_protocol_step(struct native_run *run, struct native_client *client);

/* A name of a handler or its beginning; not ended by a zero byte. */
struct native_word {
    const char *text;
    size_t length;
};

/* What an operation says: an enum native_code, and what is wrong where it is not NATIVE_OK. */
struct native_answer {
    int code;
    struct cup_refusal refusal;
};

/* native_handlers.c: whether a handler is there and can be read or written; the answer is the error, if there is one. */
void native_handler_check(struct native_run *run, struct native_word name, bool write, struct native_answer *answer);
/* Writes the value to `to`. */
void native_handler_read(struct native_run *run, struct native_word name, struct native_word parameter, FILE *to, struct native_answer *answer);
/* `who` writes. Config takes a while: the code is NATIVE_LATER until it is done, and the write is to be tried again. */
void native_handler_write(struct native_run *run, const void *who, struct native_word name, struct native_word data, struct native_answer *answer);

#endif
