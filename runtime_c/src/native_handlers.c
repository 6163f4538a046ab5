/* What the control socket can read and write, by name. See native_control.h.
 *
 *     service version generation      one word                     states      NAME KIND NUMBER
 *     report                          native_report.c              edges       FROM[PORT] -> TO COUNT
 *     schema                          the canonical text           drops       FROM[PORT] COUNT, of edges by which packets are dropped
 *     config                          NAME = VALUE                 devices     NAME PACKETS_IN BYTES_IN PACKETS_OUT BYTES_OUT
 *     events                          one line of JSON each, taken out     events_lost  one word
 *     config_types                    NAME TYPE                    handlers    NAME and r, w, + (takes a parameter), after a tab
 *
 * `state NAME` is a number, as are `NAME.size` of a table and `NAME.count` of a counter; `config NAME` is a value, as is `config.NAME`.
 * Written are `config` (a batch), `config.NAME` and `stop`. Before any name may stand the service's and a dot, before a state's that of an
 * instance. */
#define _GNU_SOURCE
#include "native_control.h"

#include <stdarg.h>

static bool equals(struct native_word word, const char *text) { return word.length == strlen(text) && memcmp(word.text, text, word.length) == 0; }

static int length_of(struct native_word word) { return word.length > 100 ? 100 : (int)word.length; }

__attribute__((format(printf, 3, 4))) static void refuse(struct native_answer *answer, int code, const char *format, ...) {
    char text[CUP_MESSAGE];
    va_list values;
    va_start(values, format);
    (void)vsnprintf(text, sizeof text, format, values);
    va_end(values);
    answer->code = code;
    cup_refuse(&answer->refusal, 0, "%s", text);
}

/* ---- Lists ---- */

static void write_service(struct native_run *run, FILE *to) { fputs(run->service->name, to); }
static void write_version(struct native_run *run, FILE *to) { fprintf(to, "%u", run->service->version); }
static void write_generation(struct native_run *run, FILE *to) { fprintf(to, "%llu", (unsigned long long)run->generation); }
static void write_schema(struct native_run *run, FILE *to) { fputs(run->service->plan->schema_text, to); }
static void write_report(struct native_run *run, FILE *to) { native_report_write(to, run, false); }
/* The elements of a router, as Click counts them: this one. */
static void write_list(struct native_run *run, FILE *to) { fprintf(to, "1\n%s\n", run->service->name); }

static void write_states(struct native_run *run, FILE *to) {
    run->service->state_counts(run->kernel, run->counts);
    for (uint32_t i = 0; i < run->service->state_count; i++)
        fprintf(to, "%s %s %llu\n", run->service->states[i].name, run->service->states[i].kind, (unsigned long long)run->counts[i]);
}

static void write_edges(struct native_run *run, FILE *to) {
    run->service->edge_counts(run->kernel, run->counts);
    for (uint32_t i = 0; i < run->service->edge_count; i++) {
        const struct cup_service_edge *edge = &run->service->edges[i];
        fprintf(to, "%s[%s] -> %s %llu\n", edge->from, edge->port, edge->to, (unsigned long long)run->counts[i]);
    }
}

static void write_drops(struct native_run *run, FILE *to) {
    run->service->edge_counts(run->kernel, run->counts);
    for (uint32_t i = 0; i < run->service->edge_count; i++) {
        const struct cup_service_edge *edge = &run->service->edges[i];
        if (edge->drops) fprintf(to, "%s[%s] %llu\n", edge->from, edge->port, (unsigned long long)run->counts[i]);
    }
}

static void write_devices(struct native_run *run, FILE *to) {
    for (uint32_t i = 0; i < run->service->device_count; i++) {
        const struct native_device *device = &run->devices[i];
        fprintf(to, "%s %llu %llu %llu %llu\n", run->service->devices[i].param, (unsigned long long)device->in_packets,
                (unsigned long long)device->in_bytes, (unsigned long long)device->out_packets, (unsigned long long)device->out_bytes);
    }
}

static void write_config(struct native_run *run, FILE *to) {
    for (uint32_t i = 0; i < run->configs.count; i++) fprintf(to, "%s = %s\n", run->configs.settings[i].name, run->configs.texts[i]);
}

static void write_config_types(struct native_run *run, FILE *to) {
    for (uint32_t i = 0; i < run->configs.count; i++) fprintf(to, "%s %s\n", run->configs.settings[i].name, run->configs.settings[i].type);
}

static void write_events(struct native_run *run, FILE *to) { native_events_write(run, to); }
static void write_events_lost(struct native_run *run, FILE *to) { fprintf(to, "%llu", (unsigned long long)run->events.lost); }

static void write_handlers(struct native_run *run, FILE *to);

/* ---- Names ---- */

enum ability { READS = 1, WRITES = 2, TAKES_PARAMETER = 4 };

static const struct plain {
    const char *name;
    unsigned abilities;
    void (*write)(struct native_run *run, FILE *to);
} plain_handlers[] = {
    {"service", READS, write_service},
    {"version", READS, write_version},
    {"generation", READS, write_generation},
    {"report", READS, write_report},
    {"states", READS, write_states},
    {"state", READS | TAKES_PARAMETER, NULL},
    {"edges", READS, write_edges},
    {"drops", READS, write_drops},
    {"devices", READS, write_devices},
    {"events", READS, write_events},
    {"events_lost", READS, write_events_lost},
    {"config", READS | WRITES | TAKES_PARAMETER, write_config},
    {"config_types", READS, write_config_types},
    {"schema", READS, write_schema},
    {"handlers", READS, write_handlers},
    {"list", READS, write_list},
    {"name", READS, write_service},
    {"stop", WRITES, NULL},
};

enum kind { PLAIN, STATE, CONFIG };

/* A handler: of PLAIN ones, states or configs the one of this index. */
struct target {
    enum kind kind;
    uint32_t index;
    unsigned abilities;
};

static const char *suffix_of(const char *kind) { return strcmp(kind, "counter") == 0 ? "count" : kind; }

static void write_handlers(struct native_run *run, FILE *to) {
    for (size_t i = 0; i < sizeof plain_handlers / sizeof plain_handlers[0]; i++) {
        unsigned abilities = plain_handlers[i].abilities;
        fprintf(to, "%s\t%s%s%s\n", plain_handlers[i].name, abilities & READS ? "r" : "", abilities & WRITES ? "w" : "", abilities & TAKES_PARAMETER ? "+" : "");
    }
    for (uint32_t i = 0; i < run->service->state_count; i++) fprintf(to, "%s.%s\tr\n", run->service->states[i].name, suffix_of(run->service->states[i].kind));
    for (uint32_t i = 0; i < run->configs.count; i++) fprintf(to, "config.%s\trw\n", run->configs.settings[i].name);
}

static bool find_state(const struct native_run *run, struct native_word name, uint32_t *index) {
    for (*index = 0; *index < run->service->state_count; ++*index) {
        if (equals(name, run->service->states[*index].name)) return true;
    }
    return false;
}

/* `track` is an instance where `leaving.track` is, too. */
static bool is_instance(const struct native_run *run, struct native_word name) {
    for (uint32_t i = 0; i < run->service->edge_count; i++) {
        const char *whole = run->service->edges[i].from;
        size_t length = strlen(whole);
        if (length < name.length || memcmp(whole + length - name.length, name.text, name.length) != 0) continue;
        if (length == name.length || whole[length - name.length - 1] == '.') return true;
    }
    return false;
}

/* `head.tail`, cut at the last dot. False when there is none. */
static bool cut_last(struct native_word name, struct native_word *head, struct native_word *tail) {
    const char *dot = name.length == 0 ? NULL : memrchr(name.text, '.', name.length);
    if (dot == NULL) return false;
    head->text = name.text;
    head->length = (size_t)(dot - name.text);
    tail->text = dot + 1;
    tail->length = name.length - head->length - 1;
    return true;
}

/* As Click, `.x` and `0.x` are `x`, and so is `SERVICE.x` here. */
static struct native_word without_element(const struct native_run *run, struct native_word name) {
    const char *dot = name.length == 0 ? NULL : memchr(name.text, '.', name.length);
    if (dot == NULL) return name;
    struct native_word element = {name.text, (size_t)(dot - name.text)};
    struct native_word rest = {dot + 1, name.length - element.length - 1};
    bool ours = element.length == 0 || equals(element, "0") || equals(element, "1") || equals(element, run->service->name);
    return ours ? rest : name;
}

/* A state's or a config's handler. */
static bool find_dotted(const struct native_run *run, struct native_word name, struct target *target) {
    struct native_word head, tail, instance, state;
    if (!cut_last(name, &head, &tail)) return false;
    if (equals(head, "config") && native_settings_find(&run->configs, tail.text, tail.length, &target->index)) {
        target->kind = CONFIG;
        target->abilities = READS | WRITES;
        return true;
    }
    bool found = find_state(run, head, &target->index);
    if (!found && cut_last(head, &instance, &state)) found = is_instance(run, instance) && find_state(run, state, &target->index);
    target->kind = STATE;
    target->abilities = READS;
    return found && equals(tail, suffix_of(run->service->states[target->index].kind));
}

static bool find(const struct native_run *run, struct native_word written, struct target *target, struct native_answer *answer) {
    struct native_word name = without_element(run, written), head, tail;
    answer->code = NATIVE_OK;
    answer->refusal.count = 0;
    for (size_t i = 0; i < sizeof plain_handlers / sizeof plain_handlers[0]; i++) {
        if (!equals(name, plain_handlers[i].name)) continue;
        target->kind = PLAIN;
        target->index = (uint32_t)i;
        target->abilities = plain_handlers[i].abilities;
        return true;
    }
    if (find_dotted(run, name, target)) return true;
    uint32_t index;
    bool element_known = !cut_last(name, &head, &tail) || equals(head, "config") || find_state(run, head, &index) || is_instance(run, head);
    if (element_known) refuse(answer, NATIVE_NO_HANDLER, "No handler named '%.*s'", length_of(written), written.text);
    else refuse(answer, NATIVE_NO_ELEMENT, "No element named '%.*s'", length_of(head), head.text);
    return false;
}

/* ---- Operations ---- */

void native_handler_check(struct native_run *run, struct native_word name, bool write, struct native_answer *answer) {
    struct target target;
    if (!find(run, name, &target, answer) || (target.abilities & (write ? WRITES : READS)) != 0) return;
    refuse(answer, NATIVE_NO_HANDLER, "Handler '%.*s' not %s", length_of(name), name.text, write ? "writable" : "readable");
}

/* Without blanks and line ends around it. */
static struct native_word trimmed(struct native_word word) {
    static const char blanks[] = " \t\r\n";
    while (word.length != 0 && memchr(blanks, word.text[0], sizeof blanks - 1) != NULL) word = (struct native_word){word.text + 1, word.length - 1};
    while (word.length != 0 && memchr(blanks, word.text[word.length - 1], sizeof blanks - 1) != NULL) word.length--;
    return word;
}

static void write_state(struct native_run *run, uint32_t index, FILE *to) {
    run->service->state_counts(run->kernel, run->counts);
    fprintf(to, "%llu", (unsigned long long)run->counts[index]);
}

void native_handler_read(struct native_run *run, struct native_word name, struct native_word parameter, FILE *to, struct native_answer *answer) {
    struct target target;
    uint32_t index;
    parameter = trimmed(parameter);
    if (!find(run, name, &target, answer)) return;
    const struct plain *plain = target.kind == PLAIN ? &plain_handlers[target.index] : NULL;
    if ((target.abilities & READS) == 0) {
        refuse(answer, NATIVE_PERMISSION, "Handler '%.*s' write-only", length_of(name), name.text);
    } else if (target.kind == STATE) {
        write_state(run, target.index, to);
    } else if (target.kind == CONFIG) {
        fputs(run->configs.texts[target.index], to);
    } else if (strcmp(plain->name, "state") == 0) {
        if (find_state(run, parameter, &index)) write_state(run, index, to);
        else refuse(answer, NATIVE_UNSPECIFIED, "there is no state `%.*s`", length_of(parameter), parameter.text);
    } else if (strcmp(plain->name, "config") == 0 && parameter.length != 0) {
        if (native_settings_find(&run->configs, parameter.text, parameter.length, &index)) fputs(run->configs.texts[index], to);
        else refuse(answer, NATIVE_UNSPECIFIED, "there is no config `%.*s`", length_of(parameter), parameter.text);
    } else {
        plain->write(run, to);
    }
}

/* Begins a change of config, or answers the one that has been finished for `who`. */
static void change_config(struct native_run *run, const void *who, uint32_t index, struct native_word data, struct native_answer *answer) {
    struct native_pending *pending = run->pending;
    bool refused = false;
    answer->code = NATIVE_LATER;
    if (pending->stage == NATIVE_IDLE) refused = !native_pending_begin(run, pending, who, index, data.text, data.length);
    if (!refused && (pending->stage != NATIVE_FINISHED || pending->owner != who)) return;
    pending->stage = NATIVE_IDLE;
    answer->refusal = pending->refusal;
    answer->code = answer->refusal.count == 0 ? NATIVE_OK : NATIVE_HANDLER_ERROR;
}

void native_handler_write(struct native_run *run, const void *who, struct native_word name, struct native_word data, struct native_answer *answer) {
    struct target target;
    if (!find(run, name, &target, answer)) return;
    if ((target.abilities & WRITES) == 0) refuse(answer, NATIVE_PERMISSION, "Handler '%.*s' read-only", length_of(name), name.text);
    else if (target.kind == CONFIG) change_config(run, who, target.index, data, answer);
    else if (strcmp(plain_handlers[target.index].name, "config") == 0) change_config(run, who, NATIVE_WHOLE, data, answer);
    else run->stop_asked = true;
}
