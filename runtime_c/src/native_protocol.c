/* Click's ControlSocket protocol, version 1.3, as its element documents and carries it out. See native_control.h.
 *
 *     READ NAME [PARAMETER...]       READDATA NAME LENGTH         READUNTIL NAME [END]       also GET
 *     WRITE NAME [DATA...]           WRITEDATA NAME LENGTH        WRITEUNTIL NAME [END]      also SET, SETDATA
 *     CHECKREAD NAME                 CHECKWRITE NAME              HELP        QUIT, CLOSE    LLRPC is answered by 501
 *
 * An answer is lines `CODE-TEXT` and a last one `CODE TEXT`; after a read that worked, `DATA LENGTH` and so many bytes. Lines end with CR, LF
 * or both. Where this differs from Click: commands and data have a largest length, and what is longer is passed over; and
 * what follows a command whose data broke off is not taken for commands. */
#define _GNU_SOURCE
#include "native_control.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <strings.h>

enum { WORDS = 3 };

/* A command's line: its first words, and what stands behind the second without the blanks around it. */
struct command {
    struct native_word words[WORDS];
    unsigned count; /* of all words */
    struct native_word rest;
};

enum progress { DONE, WAIT };

/* ---- Answers ---- */

static void add(struct native_client *client, const void *bytes, size_t length) {
    if (!native_bytes_add(&client->out, bytes, length)) client->broken = true;
}

/* A line of an answer, with everything that does not print made visible. */
__attribute__((format(printf, 4, 5))) static void say(struct native_client *client, int code, bool more, const char *format, ...) {
    char text[CUP_MESSAGE + 64], line[4 * sizeof text + 8];
    va_list values;
    va_start(values, format);
    (void)vsnprintf(text, sizeof text, format, values);
    va_end(values);
    int length = snprintf(line, sizeof line, "%d%c", code, more ? '-' : ' ');
    for (const unsigned char *c = (const unsigned char *)text; *c != 0; c++) {
        if (*c >= 32 && *c < 127) line[length++] = (char)*c;
        else if (*c < 32) length += snprintf(line + length, 3, "^%c", *c + 64);
        else length += snprintf(line + length, 5, "\\%03o", (unsigned)*c);
    }
    add(client, line, (size_t)length);
    add(client, "\r\n", 2);
}

static int length_of(struct native_word word) { return word.length > 200 ? 200 : (int)word.length; }

static void say_refusal(struct native_client *client, const struct native_answer *answer) {
    const struct cup_refusal *refusal = &answer->refusal;
    unsigned shown = refusal->count < CUP_PROBLEMS_SHOWN ? refusal->count : CUP_PROBLEMS_SHOWN;
    for (unsigned i = 0; i < shown; i++) {
        const char *text = refusal->problems[i].text;
        bool more = i + 1 < refusal->count;
        if (refusal->problems[i].line == 0) say(client, answer->code, more, "%s", text);
        else say(client, answer->code, more, "line %u: %s", refusal->problems[i].line, text);
    }
    if (refusal->count > shown) say(client, answer->code, false, "and %u more", refusal->count - shown);
}

/* ---- Commands ---- */

static void read_command(struct native_run *run, struct native_client *client, struct native_word name, struct native_word parameter) {
    struct native_answer answer;
    char *data = NULL, header[32];
    size_t length = 0;
    FILE *to = open_memstream(&data, &length);
    if (to != NULL) native_handler_read(run, name, parameter, to, &answer);
    if (to == NULL || fclose(to) != 0) {
        say(client, NATIVE_UNSPECIFIED, false, "there is no memory left");
    } else if (answer.code == NATIVE_OK) {
        say(client, NATIVE_OK, false, "Read handler '%.*s' OK", length_of(name), name.text);
        add(client, header, (size_t)snprintf(header, sizeof header, "DATA %zu\r\n", length));
        add(client, data, length);
    } else {
        if (answer.code == NATIVE_UNSPECIFIED) say(client, answer.code, true, "Read handler '%.*s' error:", length_of(name), name.text);
        say_refusal(client, &answer);
    }
    free(data);
}

static enum progress write_command(struct native_run *run, struct native_client *client, struct native_word name, struct native_word data) {
    struct native_answer answer;
    native_handler_write(run, client, name, data, &answer);
    client->waits = answer.code == NATIVE_LATER;
    if (client->waits) return WAIT;
    if (answer.code == NATIVE_OK) say(client, NATIVE_OK, false, "Write handler '%.*s' OK", length_of(name), name.text);
    if (answer.code == NATIVE_HANDLER_ERROR) say(client, answer.code, true, "Write handler '%.*s' error:", length_of(name), name.text);
    if (answer.code != NATIVE_OK) say_refusal(client, &answer);
    return DONE;
}

static void check_command(struct native_run *run, struct native_client *client, struct native_word name, bool write) {
    struct native_answer answer;
    native_handler_check(run, name, write, &answer);
    if (answer.code == NATIVE_OK) say(client, NATIVE_OK, false, "%s handler '%.*s' OK", write ? "Write" : "Read", length_of(name), name.text);
    else say_refusal(client, &answer);
}

static void help(struct native_client *client) {
    static const char *const lines[] = {
        "Commands supported:",
        "READ handler [arg...]   call read handler, return DATA",
        "READDATA handler len    call read handler with len data bytes, return DATA",
        "READUNTIL handler term  call read handler, take data until term, return DATA",
        "WRITE handler [arg...]  call write handler",
        "WRITEDATA handler len   call write handler, pass len data bytes",
        "WRITEUNTIL handler term call write handler, take data until term",
        "CHECKREAD handler       check if read handler is valid",
        "CHECKWRITE handler      check if write handler is valid",
        "QUIT                    close connection",
    };
    const size_t count = sizeof lines / sizeof lines[0];
    for (size_t i = 0; i < count; i++) say(client, NATIVE_OK, i + 1 < count, "%s", lines[i]);
}

/* ---- Data ---- */

/* The command breaks off with the connection: nothing more is taken from it. */
static enum progress need(struct native_client *client, size_t bytes) {
    client->wanted = bytes;
    if (!client->in_closed) return WAIT;
    say(client, NATIVE_SYNTAX, false, "Not enough data");
    client->skip_all = true;
    return DONE;
}

static bool read_length(struct native_word word, uint64_t *length) {
    char digits[24], *end;
    if (word.length == 0 || word.length >= sizeof digits || !isdigit((unsigned char)word.text[0])) return false;
    memcpy(digits, word.text, word.length);
    digits[word.length] = 0;
    errno = 0;
    *length = strtoull(digits, &end, 0);
    return *end == 0 && errno == 0 && *length <= INT32_MAX;
}

/* The data of `...DATA NAME LENGTH`, which begins `used` bytes behind the command's beginning; `used` then is what both take. */
static enum progress take_counted(struct native_client *client, struct native_word word, size_t *used, struct native_word *data, bool *fine) {
    uint64_t length;
    size_t there = client->in.end - client->in.at;
    *fine = false;
    if (!read_length(word, &length)) {
        say(client, NATIVE_SYNTAX, false, "Syntax error in length '%.*s'", length_of(word), word.text);
        return DONE;
    }
    if (length > NATIVE_DATA) {
        say(client, NATIVE_TOO_LARGE, false, "Data too large: %llu bytes, at most %d are taken", (unsigned long long)length, NATIVE_DATA);
        client->skip = length;
        return DONE;
    }
    if (there - *used < length) return need(client, *used + (size_t)length);
    data->text = client->in.memory + client->in.at + *used;
    data->length = (size_t)length;
    *used += (size_t)length;
    *fine = true;
    return DONE;
}

/* The data of `...UNTIL NAME END`: all lines before one that equals END, blanks at its end aside. */
static enum progress take_until(struct native_client *client, struct native_word end, size_t *used, struct native_word *data, bool *fine) {
    const char *begin = client->in.memory + client->in.at, *all = client->in.memory + client->in.end;
    const char *line = begin + *used;
    *fine = false;
    while (line != all) {
        const char *stop = line, *text_end;
        while (stop != all && *stop != '\n' && *stop != '\r') stop++;
        if (stop == all) break;
        for (text_end = stop; text_end != line && isspace((unsigned char)text_end[-1]);) text_end--;
        const char *next = stop + (*stop == '\r' && stop + 1 != all && stop[1] == '\n' ? 2 : 1);
        if ((size_t)(text_end - line) == end.length && (end.length == 0 || memcmp(line, end.text, end.length) == 0)) {
            data->text = begin + *used;
            data->length = (size_t)(line - data->text);
            *used = (size_t)(next - begin);
            *fine = true;
            return DONE;
        }
        line = next;
    }
    if ((size_t)(all - begin) >= NATIVE_LINE + NATIVE_UNTIL) {
        say(client, NATIVE_TOO_LARGE, false, "Data too large: at most %d bytes are taken up to a line", NATIVE_UNTIL);
        client->skip_all = true;
        return DONE;
    }
    return need(client, NATIVE_LINE + NATIVE_UNTIL);
}

/* ---- Lines ---- */

static struct command split(const char *line, size_t length) {
    struct command command;
    memset(&command, 0, sizeof command);
    for (size_t at = 0; at < length;) {
        while (at < length && isspace((unsigned char)line[at])) at++;
        size_t first = at;
        while (at < length && !isspace((unsigned char)line[at])) at++;
        if (first == at) break;
        if (command.count < WORDS) command.words[command.count] = (struct native_word){line + first, at - first};
        if (command.count == 2) command.rest.text = line + first;
        if (command.count >= 2) command.rest.length = (size_t)(line + at - command.rest.text);
        command.count++;
    }
    return command;
}

static bool is(struct native_word word, const char *name) { return word.length == strlen(name) && strncasecmp(word.text, name, word.length) == 0; }

static enum progress carry_out(struct native_run *run, struct native_client *client, const struct command *command, size_t *used) {
    struct native_word verb = command->words[0], name = command->words[1], data = command->rest;
    bool reads = is(verb, "READ") || is(verb, "GET"), writes = is(verb, "WRITE") || is(verb, "SET");
    bool counted_read = is(verb, "READDATA"), counted_write = is(verb, "WRITEDATA") || is(verb, "SETDATA");
    bool until_read = is(verb, "READUNTIL"), until_write = is(verb, "WRITEUNTIL");
    bool checks = is(verb, "CHECKREAD") || is(verb, "CHECKWRITE"), calls = is(verb, "LLRPC");
    unsigned least = reads || writes || until_read || until_write || checks || calls ? 2 : counted_read || counted_write ? 3 : 0;
    unsigned most = counted_read || counted_write || calls ? 3 : checks ? 2 : UINT32_MAX;
    bool fine = true;
    enum progress progress = DONE;
    if (command->count < least || command->count > most) {
        say(client, NATIVE_SYNTAX, false, "Wrong number of arguments");
        return DONE;
    }
    if (counted_read || counted_write || (calls && command->count == 3)) progress = take_counted(client, command->words[2], used, &data, &fine);
    if (until_read || until_write) progress = take_until(client, command->rest, used, &data, &fine);
    if (progress == WAIT || !fine) return progress;
    if (reads || counted_read || until_read) read_command(run, client, name, data);
    else if (writes || counted_write || until_write) progress = write_command(run, client, name, data);
    else if (checks) check_command(run, client, name, is(verb, "CHECKWRITE"));
    else if (calls) say(client, NATIVE_UNIMPLEMENTED, false, "Cannot call LLRPC '%.*s' remotely", length_of(name), name.text);
    else if (is(verb, "HELP")) help(client);
    else if (is(verb, "QUIT") || is(verb, "CLOSE")) {
        say(client, NATIVE_OK, false, "Goodbye!");
        client->skip_all = client->in_closed = true;
    } else {
        char shown[64];
        size_t length = verb.length < sizeof shown ? verb.length : sizeof shown;
        for (size_t i = 0; i < length; i++) shown[i] = (char)toupper((unsigned char)verb.text[i]);
        say(client, NATIVE_UNIMPLEMENTED, false, "Command '%.*s' unimplemented", (int)length, shown);
    }
    return progress;
}

/* Throws away what a mode says; true when bytes are left that are not thrown away. */
static bool skip(struct native_client *client) {
    struct native_bytes *in = &client->in;
    size_t there = in->end - in->at;
    size_t skipped = client->skip_all ? there : client->skip < there ? (size_t)client->skip : there;
    client->skip -= client->skip_all ? client->skip : skipped;
    native_bytes_take(in, skipped);
    while (client->skip_line && in->at != in->end) {
        char byte = in->memory[in->at];
        native_bytes_take(in, 1);
        if (byte == '\n' || byte == '\r') client->skip_line = false;
    }
    return in->at != in->end;
}

void native_protocol_greet(struct native_client *client) {
    static const char greeting[] = "Click::ControlSocket/1.3\r\n";
    add(client, greeting, sizeof greeting - 1);
    client->wanted = NATIVE_LINE;
}

void native_protocol_step(struct native_run *run, struct native_client *client) {
    client->ready = false;
    if (!skip(client)) return;
    const char *begin = client->in.memory + client->in.at, *all = client->in.memory + client->in.end;
    const char *end = begin;
    while (end != all && *end != '\r' && *end != '\n') end++;
    if (end - begin >= NATIVE_LINE) {
        say(client, NATIVE_SYNTAX, false, "Line too long: at most %d bytes are taken; data of any length comes by WRITEDATA", NATIVE_LINE);
        client->skip_line = client->ready = true;
        return;
    }
    if (end == all && !client->in_closed) return;
    size_t used = (size_t)(end - begin);
    if (end != all) used += *end == '\r' && end + 1 != all && end[1] == '\n' ? 2 : 1;
    const struct command command = split(begin, (size_t)(end - begin));
    if (command.count != 0 && carry_out(run, client, &command, &used) == WAIT) return;
    native_bytes_take(&client->in, used);
    client->wanted = NATIVE_LINE;
    client->ready = true;
}
