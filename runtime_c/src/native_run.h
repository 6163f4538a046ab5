/* native_run.h: the parts of cup_native_main. Shared by the sources native*.c alone.
 *
 *     struct native_run run;                               // everything that one run holds, all zero before
 *     code = native_options(&run, count, words);           // words of the command line -> run.devices, texts of settings
 *     code = native_start(&run);                           // arena, params, config, kernel
 *     code = run.script ? native_script(&run) : native_forward(&run);
 *     native_stop(&run);
 *
 * Each part gives 0 or the exit code, having said why in one line on standard error. One thread. */
#ifndef CUP_NATIVE_RUN_H
#define CUP_NATIVE_RUN_H

#include <stdio.h>

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
    NATIVE_CAPTURE
};

struct native_reader; /* native_capture.c */
struct native_writer;

/* A device of the service, and what it is bound to. */
struct native_device {
    enum native_binding binding;
    char *in_path; /* NULL: nothing to read */
    char *out_path;
    struct native_reader *reader;
    struct native_writer *writer;
    bool takes_in; /* the service reads it */
    uint64_t in_packets, in_bytes, out_packets, out_bytes;
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
};

struct native_run {
    const struct cup_service *service;
    struct native_device *devices;
    struct native_texts params, configs;
    const char *state_folder; /* NULL: in memory */
    bool script, report;
    struct cup_arena arena;
    void *kernel;
    void *params_image, *config_image;
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
/* Gives the kernel a new config in which one text is another; false, and nothing changed, when it is wrong. */
bool native_reconfigure(struct native_run *run, uint32_t index, const char *text, char *why, size_t room);

/* native_burst.c */
bool native_burst_make(struct native_burst *burst, const struct cup_service *service);
void native_burst_free(struct native_burst *burst);
/* Makes packet number `i` of the burst from bytes that stay the caller's. */
void native_burst_put(struct native_run *run, unsigned i, uint16_t device, uint64_t time_ns, const uint8_t *bytes, uint32_t length, uint32_t wire);
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

int native_start(struct native_run *run);
void native_stop(struct native_run *run);
int native_forward(struct native_run *run);
int native_script(struct native_run *run);

/* native_report.c: one line of JSON on standard output. `due` says whether half a second has passed. */
uint64_t native_clock_ns(void);
bool native_report_due(struct native_run *run);
void native_report_print(struct native_run *run, bool final);

#endif
