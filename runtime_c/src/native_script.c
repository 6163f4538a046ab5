/* `--script -`: lines on standard input drive the service, answers go to standard output. See native_run.h.
 *
 *     at NS                     sets the clock                                              -> done
 *     packet DEVICE HEX         a burst of one, at the clock's time                         -> out DEVICE HEX ..., done
 *     packets N                 the next N lines are `NS DEVICE HEX`; bursts of up to 32     -> out DEVICE HEX ..., done
 *     set NAME VALUE            a config                                                    -> done
 *     expire                    carries out the expiry of all tables at the clock's time     -> done
 *     edges                     packets over each edge                                      -> edge INDEX COUNT ..., done
 *     states                    the number that each state shows                            -> state NAME COUNT ..., done
 *     events                    what has been reported since asked last                      -> {"time_ns": ...} ..., lost COUNT, done
 *     quit                      ends, as the end of the input does
 *
 * What is wrong is answered by `error TEXT` in place of `done`, and changes nothing; of several packets, those before the wrong one have
 * been run. HEX of no bytes is `-`. Between an answer and the next line the program waits, and the arena may be read. */
#define _GNU_SOURCE
#include "native_run.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

struct script {
    struct native_run *run;
    uint64_t clock_ns;
    char *line;
    size_t room;
    char problem[CUP_MESSAGE]; /* what is wrong with the command in hand; empty when nothing is */
    uint8_t bytes[NATIVE_LARGEST];
};

/* Keeps the first problem of a command; always false. */
__attribute__((format(printf, 2, 3))) static bool refuse(struct script *script, const char *format, ...) {
    va_list values;
    va_start(values, format);
    if (script->problem[0] == 0) (void)vsnprintf(script->problem, sizeof script->problem, format, values);
    va_end(values);
    return false;
}

static void answer(struct script *script) {
    if (script->problem[0] != 0) printf("error %s\n", script->problem);
    else puts("done");
    script->problem[0] = 0;
    fflush(stdout);
}

static bool read_line(struct script *script) {
    ssize_t length = getline(&script->line, &script->room, stdin);
    if (length < 0) return false;
    while (length > 0 && (script->line[length - 1] == '\n' || script->line[length - 1] == '\r')) script->line[--length] = 0;
    return true;
}

/* Cuts the first word off a line. */
static char *next_word(char **rest) {
    char *word = *rest + strspn(*rest, " ");
    char *behind = word + strcspn(word, " ");
    *rest = behind + strspn(behind, " ");
    *behind = 0;
    return word;
}

static bool read_number(struct script *script, const char *word, uint64_t *number) {
    char *behind;
    errno = 0;
    *number = strtoull(word, &behind, 10);
    return (*word >= '0' && *word <= '9' && *behind == 0 && errno == 0) || refuse(script, "`%.40s` is not a number", word);
}

static bool read_device(struct script *script, const char *word, uint16_t *device) {
    const struct cup_service *service = script->run->service;
    for (uint32_t i = 0; i < service->device_count; i++) {
        if (strcmp(service->devices[i].param, word) != 0) continue;
        *device = (uint16_t)i;
        return script->run->devices[i].takes_in || refuse(script, "`%s` takes no packets in", word);
    }
    return refuse(script, "there is no device `%.60s`", word);
}

static int digit_of(char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1; }

static bool read_hex(struct script *script, const char *word, uint32_t *length) {
    size_t digits = strcmp(word, "-") == 0 ? 0 : strlen(word);
    if (digits % 2 != 0 || digits / 2 > sizeof script->bytes || word[0] == 0) return refuse(script, "the packet is not an even number of digits");
    for (size_t i = 0; i < digits; i += 2) {
        int high = digit_of(word[i]), low = digit_of(word[i + 1]);
        if (high < 0 || low < 0) return refuse(script, "the packet has a digit that is none, at %zu", i + 1);
        script->bytes[i / 2] = (uint8_t)(high * 16 + low);
    }
    *length = (uint32_t)(digits / 2);
    return true;
}

/* `DEVICE HEX` as packet `i` of the burst. */
static bool put_packet(struct script *script, unsigned i, char *rest) {
    uint16_t device = 0;
    uint32_t length = 0;
    const char *name = next_word(&rest);
    if (!read_device(script, name, &device) || !read_hex(script, next_word(&rest), &length)) return false;
    native_burst_put(script->run, i, device, script->clock_ns, script->bytes, length, length);
    return true;
}

static void run_burst(struct native_run *run, unsigned count) {
    static const char digits[] = "0123456789abcdef";
    if (count == 0) return;
    native_burst_run(run, count);
    for (uint32_t i = 0; i < run->burst.outputs.count; i++) {
        const struct cup_output *output = &run->burst.outputs.list[i];
        printf("out %s ", run->service->devices[output->device].param);
        if (output->packet->length == 0) putchar('-');
        for (uint32_t k = 0; k < output->packet->length; k++) {
            putchar(digits[output->packet->data[k] >> 4]);
            putchar(digits[output->packet->data[k] & 15]);
        }
        putchar('\n');
    }
}

/* Takes all N lines even where one is wrong, so that the next command is found; what stood before the wrong one has been run. */
static void run_packets(struct script *script, uint64_t count) {
    unsigned held = 0;
    for (uint64_t i = 0; i < count && read_line(script); i++) {
        char *rest = script->line;
        if (script->problem[0] != 0) continue;
        if (read_number(script, next_word(&rest), &script->clock_ns) && put_packet(script, held, rest)) held++;
        if (held < CUP_BURST && script->problem[0] == 0) continue;
        run_burst(script->run, held);
        held = 0;
    }
    run_burst(script->run, held);
}

static void set_config(struct script *script, char *rest) {
    char why[CUP_MESSAGE];
    const char *name = next_word(&rest);
    uint32_t index;
    if (!native_settings_find(&script->run->configs, name, strlen(name), &index)) refuse(script, "there is no config `%.60s`", name);
    else if (!native_reconfigure(script->run, index, rest, why, sizeof why)) refuse(script, "%s", why);
}

static void show_edges(struct native_run *run) {
    run->service->edge_counts(run->kernel, run->counts);
    for (uint32_t i = 0; i < run->service->edge_count; i++) printf("edge %u %llu\n", i, (unsigned long long)run->counts[i]);
}

static void show_states(struct native_run *run) {
    run->service->state_counts(run->kernel, run->counts);
    for (uint32_t i = 0; i < run->service->state_count; i++)
        printf("state %s %llu\n", run->service->states[i].name, (unsigned long long)run->counts[i]);
}

/* False when the line says `quit`. */
static bool obey(struct script *script, char *rest) {
    struct native_run *run = script->run;
    const char *command = next_word(&rest);
    uint64_t number;
    if (strcmp(command, "quit") == 0) return false;
    if (strcmp(command, "at") == 0) {
        if (read_number(script, next_word(&rest), &number)) script->clock_ns = number;
    } else if (strcmp(command, "packet") == 0) {
        if (put_packet(script, 0, rest)) run_burst(run, 1);
    } else if (strcmp(command, "packets") == 0) {
        if (read_number(script, next_word(&rest), &number)) run_packets(script, number);
    } else if (strcmp(command, "set") == 0) {
        set_config(script, rest);
    } else if (strcmp(command, "expire") == 0) {
        run->service->expire(run->kernel, script->clock_ns);
    } else if (strcmp(command, "events") == 0) {
        native_events_write(run, stdout);
        printf("lost %llu\n", (unsigned long long)run->events.lost);
    } else if (strcmp(command, "edges") == 0) {
        show_edges(run);
    } else if (strcmp(command, "states") == 0) {
        show_states(run);
    } else {
        refuse(script, "there is no command `%.40s`", command);
    }
    answer(script);
    return true;
}

int native_script(struct native_run *run) {
    struct script *script = calloc(1, sizeof *script);
    if (script == NULL) return native_say(run, NATIVE_TROUBLE, "there is no memory left");
    script->run = run;
    while (read_line(script) && obey(script, script->line)) continue;
    free(script->line);
    free(script);
    return ferror(stdout) != 0 ? native_say(run, NATIVE_TROUBLE, "the answers cannot be written") : NATIVE_FINE;
}
