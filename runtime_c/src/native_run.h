/* native_run.h: the parts of cup_native_main. Shared by the sources native*.c alone.
 *
 *     struct native_run run;                               // everything that one run holds, all zero before
 *     code = native_options(&run, count, words);           // words of the command line -> run.devices, texts of settings
 *     code = native_start(&run);                           // params, config, folder, live devices, arena, kernel
 *     code = native_forward(&run);                         // or native_live, or native_script
 *     native_stop(&run);
 *
 * Each part gives 0 or the exit code, having said why in one line on standard error. One thread. */
#ifndef CUP_NATIVE_RUN_H
#define CUP_NATIVE_RUN_H

#include <poll.h>
#include <signal.h>
#include <stdio.h>

#include "cup/events.h"
#include "cup/native.h"
#include "cup/value.h"

enum {
    NATIVE_FINE = 0,
    NATIVE_TROUBLE = 1,
    NATIVE_USAGE = 2,
    NATIVE_LARGEST = 262144 /* bytes of a packet: the most that a capture may hold */
};

enum native_binding {
    NATIVE_UNBOUND = 0,
    NATIVE_NULL,
    NATIVE_CAPTURE,
    NATIVE_INTERFACE, /* a network interface of the machine */
    NATIVE_TAP
};

/* Why a live device lost a packet. */
enum native_loss {
    NATIVE_RING_FULL,  /* came, and the kernel had no room to keep it for us */
    NATIVE_DAMAGED,    /* came in a form that is no whole packet */
    NATIVE_QUEUE_FULL, /* was to leave, and the device had no room */
    NATIVE_TOO_LONG,   /* was to leave, and is longer than the device takes */
    NATIVE_DOWN,       /* was to leave, and the device is down or gone */
    NATIVE_REFUSED,    /* was to leave, and the kernel did not take it for another reason */
    NATIVE_LOSSES
};

struct native_reader; /* native_capture.c */
struct native_writer;
struct native_link;    /* native_link.h */
struct native_control; /* native_control.h */

/* A device of the service, and what it is bound to. */
struct native_device {
    enum native_binding binding;
    char *in_path; /* NULL: nothing to read */
    char *out_path;
    char *spec; /* as it was bound */
    struct native_reader *reader;
    struct native_writer *writer;
    struct native_link *link; /* NULL: not live */
    bool takes_in; /* the service reads it */
    uint64_t in_packets, in_bytes, out_packets, out_bytes;
    uint64_t losses[NATIVE_LOSSES];
};

/* What belongs to a packet besides what the kernel sees. */
struct native_shell {
    uint32_t missing; /* bytes that were on the wire and not captured */
};

/* Room for a burst: packets that came, blank ones, and those that leave. */
struct native_burst {
    struct cup_packet packets[CUP_BURST];
    struct native_shell shells[CUP_BURST];
    struct cup_outputs outputs;
    uint8_t *memory; /* CUP_BURST buffers, and one for each blank */
};

/* The texts that params or configs have now, by index. */
struct native_texts {
    const struct cup_service_setting *settings;
    uint32_t count;
    char **texts;
    bool *given; /* on the command line */
};

/* Values for some configs, beside those that packets read. All zero before native_change_begin. */
struct native_change {
    uint8_t *image; /* of all configs */
    char **texts;   /* by config; NULL where nothing changes */
    bool derived;   /* what is derived from configs has been made anew */
};

struct native_run {
    const struct cup_service *service;
    struct native_device *devices;
    struct native_texts params, configs;
    const char *name;         /* of this instance; NULL: the service's */
    const char *state_folder; /* NULL: in memory */
    char *default_folder;     /* its name, where no option gave it */
    int lock;                 /* on that folder, plus one; 0: none */
    bool folder_made;
    char **kept;                   /* by config: the text that the operator gave while a service ran; NULL where none */
    const char *control_path;      /* NULL: `control` in the state folder, or none */
    struct native_control *control; /* NULL: nobody listens */
    struct native_pending *pending; /* native_config.h: the batch of one of the socket's clients; NULL: nobody listens */
    uint64_t generation;           /* batches of config that were applied */
    bool stop_asked;               /* through the control socket */
    bool script, report;
    bool seeded; /* with `seed`, and not by chance */
    uint64_t seed;
    struct cup_events events;
    const char *events_path; /* NULL: nobody asked for them */
    int events_file;         /* -1: none */
    char *events_text;       /* lines that have been made and not written, CUP_EVENT_LINE bytes of room */
    uint32_t events_length;
    struct cup_arena arena;
    void *kernel;
    void *params_image;
    uint8_t *config_image;
    struct native_burst burst;
    uint64_t packets, cut; /* taken in; of them, those that were cut short */
    uint64_t time_ns;      /* of the last packet */
    uint64_t started_ns;   /* clock that never goes back */
    uint64_t reported_ns;
    uint64_t *counts; /* room for edge and state counts */
};

/* Says `SERVICE: ...` on standard error; gives `code`. */
__attribute__((format(printf, 3, 4))) int native_say(const struct native_run *run, int code, const char *format, ...);

int native_options(struct native_run *run, int count, char **words);

/* native_settings.c: makes the image of all settings, or says in `why` what is wrong. */
void *native_settings_image(const struct native_texts *texts, size_t size, char *why, size_t room);
void native_settings_free(const struct native_texts *texts, void *image);
/* The image of all configs, with what is derived from them. */
void *native_config_image(struct native_run *run, char *why, size_t room);
void native_config_free(struct native_run *run, void *image);
bool native_settings_find(const struct native_texts *texts, const char *name, size_t length, uint32_t *index);
/* Replaces a text; false when there is no memory. */
bool native_settings_replace(struct native_texts *texts, uint32_t index, const char *text);
/* A change of configs, in five calls: begin (false: no memory), set for each config once (false: wrong, the problem says why), derive
 * (false: no memory); then apply, after which the next packet sees all of it. Or, at any time, drop, after which nothing has happened. */
bool native_change_begin(const struct native_run *run, struct native_change *change);
bool native_change_set(const struct native_run *run, struct native_change *change, uint32_t index, const char *text, struct cup_value_problem *problem);
bool native_change_derive(const struct native_run *run, struct native_change *change);
void native_change_apply(struct native_run *run, struct native_change *change);
void native_change_drop(const struct native_run *run, struct native_change *change);
/* Gives the kernel a new config in which one text is another; false, and nothing changed, when it is wrong. Nothing is kept. */
bool native_reconfigure(struct native_run *run, uint32_t index, const char *text, char *why, size_t room);

/* native_burst.c */
bool native_burst_make(struct native_burst *burst, const struct cup_service *service);
void native_burst_free(struct native_burst *burst);
/* Makes packet number `i` of the burst from bytes that stay the caller's. */
void native_burst_put(struct native_run *run, unsigned i, uint16_t device, uint64_t time_ns, const uint8_t *bytes, uint32_t length, uint32_t wire);
/* The same in two steps, for bytes that are made in their place: NATIVE_LARGEST bytes of room, then the packet. */
uint8_t *native_burst_room(struct native_run *run, unsigned i);
void native_burst_take(struct native_run *run, unsigned i, uint16_t device, uint64_t time_ns, uint32_t length, uint32_t wire);
/* Runs the kernel on the first `count` packets; what leaves is then in burst.outputs. */
void native_burst_run(struct native_run *run, unsigned count);

/* native_capture.c: a capture that is read. */
struct native_reader *native_reader_open(const struct native_run *run, const char *path);
/* Shows the next packet, and the same again until native_reader_pass; false at the end and where the capture is damaged. */
bool native_reader_peek(struct native_reader *reader, uint64_t *time_ns, const uint8_t **bytes, uint32_t *length, uint32_t *wire);
void native_reader_pass(struct native_reader *reader);
/* What is wrong with the capture after the last whole packet; NULL when nothing is. */
const char *native_reader_damage(const struct native_reader *reader);
uint64_t native_reader_packets(const struct native_reader *reader);
void native_reader_close(struct native_reader *reader);

/* A capture that is written: under another name until it is kept. */
struct native_writer *native_writer_open(const struct native_run *run, const char *path);
bool native_writer_put(struct native_writer *writer, const struct cup_packet *packet, uint32_t wire);
/* Gives the file its name; false, said, and nothing left when that fails. */
bool native_writer_keep(const struct native_run *run, struct native_writer *writer);
/* Takes the file back, whether it was kept or not. */
void native_writer_drop(struct native_writer *writer);
void native_writer_close(struct native_writer *writer);
/* Why a write failed. */
const char *native_writer_problem(const struct native_writer *writer);

/* native_config_file.c: what the operator set while the service ran, from the state folder. What does not fit is told of and left out. */
void native_config_load(struct native_run *run);

/* native_control.c: the control socket, between bursts. Open does nothing where no socket is wanted, and nothing twice; close too. Poll
 * puts in what to wait for (at most NATIVE_CONTROL_POLL), and gives how many that are. Serve never waits, and takes its share of time only:
 * it is cheap to call after every burst. After it, run->stop_asked may be set. */
enum { NATIVE_CONTROL_POLL = 18 };
int native_control_open(struct native_run *run);
unsigned native_control_poll(struct native_run *run, struct pollfd *fds, unsigned room);
void native_control_serve(struct native_run *run);
void native_control_close(struct native_run *run);

/* native_signals.c: from then on SIGINT, SIGTERM and SIGHUP ask for a stop in order, and a reader that has gone is an error of the write. */
void native_signals_heed(void);
extern volatile sig_atomic_t native_signals_stop; /* the signal that came, or 0 */

int native_start(struct native_run *run);
void native_stop(struct native_run *run);
int native_forward(struct native_run *run);
int native_script(struct native_run *run);

/* native_forward.c: the captures among the devices. */
int native_captures_open(struct native_run *run);
/* Puts the earliest packet of all captures into place `i` of the burst, at its own time or a given one that is not 0; false when there
 * is none left. */
bool native_captures_take(struct native_run *run, unsigned i, uint64_t time_ns);
/* Writes a packet to the device's capture, where it has one. */
bool native_captures_write(struct native_device *device, const struct cup_packet *packet);
/* All outputs get their names, or none does. */
int native_captures_keep(struct native_run *run);
/* Says which captures broke off, after all that was whole in them has been forwarded. */
int native_captures_damage(const struct native_run *run);

/* native_live.c: forwards between devices of which one at least is live, until a signal or the end of the captures that are read. */
bool native_live_bound(const struct native_run *run);
int native_live_open(struct native_run *run);
int native_live(struct native_run *run);
void native_live_close(struct native_run *run);

/* native_place.c: the folder of a running service. Chooses and makes it, and refuses it where another process has it; announces the
 * service in it; leaves it. All do nothing for a run that keeps its state in memory. */
int native_place_open(struct native_run *run);
int native_place_announce(const struct native_run *run);
void native_place_close(struct native_run *run);

/* native_events.c: what packets have reported. Drain writes what is there to the file, where there is one; where it does not `wait`, only as
 * much as the file takes at once. Write takes all that is left as lines. */
int native_events_open(struct native_run *run);
void native_events_drain(struct native_run *run, bool wait);
void native_events_write(struct native_run *run, FILE *to);
void native_events_close(struct native_run *run);

/* native_report.c: one line of JSON, printed to standard output. `due` says whether half a second has passed. */
uint64_t native_clock_ns(void);
bool native_report_due(struct native_run *run);
void native_report_print(struct native_run *run, bool final);
void native_report_write(FILE *to, struct native_run *run, bool final);
void native_json_text(FILE *to, const char *text);

#endif
