/* Captures in and out, through libpcap. See native_run.h. */
#define _GNU_SOURCE
#include "native_run.h"

#include <errno.h>
#include <limits.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- Reading ---- */

struct native_reader {
    pcap_t *capture;
    struct pcap_pkthdr *header;
    const uint8_t *bytes;
    bool shown, ended;
    uint64_t packets; /* passed */
    char damage[PCAP_ERRBUF_SIZE];
};

struct native_reader *native_reader_open(const struct native_run *run, const char *path) {
    char problem[PCAP_ERRBUF_SIZE] = "";
    struct native_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL) {
        native_say(run, NATIVE_TROUBLE, "there is no memory left to read `%s`", path);
        return NULL;
    }
    /* pcap would read standard input under this name. */
    const char *name = strcmp(path, "-") == 0 ? "./-" : path;
    reader->capture = pcap_open_offline_with_tstamp_precision(name, PCAP_TSTAMP_PRECISION_NANO, problem);
    if (reader->capture == NULL) {
        const char *reason = strncmp(problem, name, strlen(name)) == 0 && strncmp(problem + strlen(name), ": ", 2) == 0 ? problem + strlen(name) + 2 : problem;
        native_say(run, NATIVE_TROUBLE, "`%s` cannot be read as a capture: %s", path, reason);
        free(reader);
        return NULL;
    }
    int link = pcap_datalink(reader->capture);
    if (link != DLT_EN10MB) {
        const char *link_name = pcap_datalink_val_to_name(link);
        native_say(run, NATIVE_TROUBLE, "`%s` holds frames of kind %s, and this program reads Ethernet (EN10MB) only", path, link_name == NULL ? "unknown" : link_name);
        native_reader_close(reader);
        return NULL;
    }
    return reader;
}

static void end(struct native_reader *reader, const char *damage) {
    reader->ended = true;
    (void)snprintf(reader->damage, sizeof reader->damage, "%s", damage);
}

bool native_reader_peek(struct native_reader *reader, uint64_t *time_ns, const uint8_t **bytes, uint32_t *length, uint32_t *wire) {
    if (!reader->shown && !reader->ended) {
        int got = pcap_next_ex(reader->capture, &reader->header, &reader->bytes);
        if (got == 1 && reader->header->caplen > NATIVE_LARGEST) end(reader, "the packet is larger than any can be");
        else if (got == 1) reader->shown = true;
        else if (got == PCAP_ERROR_BREAK) reader->ended = true;
        else end(reader, pcap_geterr(reader->capture));
    }
    if (!reader->shown) return false;
    *time_ns = (uint64_t)reader->header->ts.tv_sec * 1000000000 + (uint64_t)reader->header->ts.tv_usec;
    *bytes = reader->bytes;
    *length = reader->header->caplen;
    *wire = reader->header->len;
    return true;
}

void native_reader_pass(struct native_reader *reader) {
    reader->shown = false;
    reader->packets++;
}

const char *native_reader_damage(const struct native_reader *reader) { return reader->damage[0] == 0 ? NULL : reader->damage; }
uint64_t native_reader_packets(const struct native_reader *reader) { return reader->packets; }

void native_reader_close(struct native_reader *reader) {
    if (reader == NULL) return;
    pcap_close(reader->capture);
    free(reader);
}

/* ---- Writing ---- */

struct native_writer {
    pcap_t *format;
    pcap_dumper_t *dumper;
    FILE *file;
    char *path, *temporary;
    bool kept;
    int problem; /* errno of the first write that failed */
};

static struct native_writer *refuse_writing(const struct native_run *run, struct native_writer *writer, const char *path, int problem) {
    native_say(run, NATIVE_TROUBLE, "`%s` cannot be written: %s", path, strerror(problem));
    native_writer_close(writer);
    return NULL;
}

struct native_writer *native_writer_open(const struct native_run *run, const char *path) {
    struct native_writer *writer = calloc(1, sizeof *writer);
    size_t room = strlen(path) + 32;
    if (writer == NULL) return refuse_writing(run, NULL, path, ENOMEM);
    writer->path = malloc(room);
    writer->temporary = malloc(room);
    if (writer->path == NULL || writer->temporary == NULL) return refuse_writing(run, writer, path, ENOMEM);
    (void)snprintf(writer->path, room, "%s", path);
    (void)snprintf(writer->temporary, room, "%s.new.%ld", path, (long)getpid());
    writer->file = fopen(writer->temporary, "wxe");
    if (writer->file == NULL) {
        int problem = errno;
        free(writer->temporary); /* which is then somebody else's */
        writer->temporary = NULL;
        return refuse_writing(run, writer, path, problem);
    }
    writer->format = pcap_open_dead_with_tstamp_precision(DLT_EN10MB, NATIVE_LARGEST, PCAP_TSTAMP_PRECISION_NANO);
    if (writer->format == NULL) return refuse_writing(run, writer, path, ENOMEM);
    errno = 0;
    writer->dumper = pcap_dump_fopen(writer->format, writer->file);
    if (writer->dumper == NULL) {
        writer->file = NULL; /* closed by pcap */
        return refuse_writing(run, writer, path, errno != 0 ? errno : EIO);
    }
    return writer;
}

bool native_writer_put(struct native_writer *writer, const struct cup_packet *packet, uint32_t wire) {
    struct pcap_pkthdr header;
    header.ts.tv_sec = (time_t)(packet->time_ns / 1000000000);
    header.ts.tv_usec = (suseconds_t)(packet->time_ns % 1000000000);
    header.caplen = packet->length;
    header.len = wire;
    errno = 0;
    pcap_dump((u_char *)writer->dumper, &header, packet->data);
    if (ferror(writer->file) == 0) return true;
    if (writer->problem == 0) writer->problem = errno != 0 ? errno : EIO;
    return false;
}

const char *native_writer_problem(const struct native_writer *writer) { return strerror(writer->problem); }

bool native_writer_keep(const struct native_run *run, struct native_writer *writer) {
    errno = 0;
    bool whole = pcap_dump_flush(writer->dumper) == 0 && ferror(writer->file) == 0;
    if (whole && rename(writer->temporary, writer->path) == 0) {
        writer->kept = true;
        return true;
    }
    native_say(run, NATIVE_TROUBLE, "`%s` cannot be written: %s", writer->path, strerror(errno != 0 ? errno : EIO));
    native_writer_drop(writer);
    return false;
}

void native_writer_drop(struct native_writer *writer) {
    if (writer->temporary == NULL) return;
    unlink(writer->kept ? writer->path : writer->temporary);
    writer->kept = true; /* nothing is left to take back */
    free(writer->temporary);
    writer->temporary = NULL;
}

void native_writer_close(struct native_writer *writer) {
    if (writer == NULL) return;
    if (!writer->kept) native_writer_drop(writer);
    if (writer->dumper != NULL) pcap_dump_close(writer->dumper);
    else if (writer->file != NULL) fclose(writer->file);
    if (writer->format != NULL) pcap_close(writer->format);
    free(writer->path);
    free(writer->temporary);
    free(writer);
}
