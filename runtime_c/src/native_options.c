/* The words of the command line. See native_run.h. */
#include "native_run.h"

#include <ctype.h>
#include <errno.h>
#include <net/if.h>
#include <stdlib.h>

static bool make_texts(struct native_texts *texts, const struct cup_service_setting *settings, uint32_t count) {
    texts->settings = settings;
    texts->texts = calloc((size_t)count + 1, sizeof *texts->texts);
    texts->given = calloc((size_t)count + 1, sizeof *texts->given);
    if (texts->texts == NULL || texts->given == NULL) return false;
    texts->count = count;
    for (uint32_t i = 0; i < count; i++) {
        if (!native_settings_replace(texts, i, settings[i].text)) return false;
    }
    return true;
}

static bool find_device(const struct native_run *run, const char *name, size_t length, uint32_t *index) {
    for (uint32_t i = 0; i < run->service->device_count; i++) {
        const char *param = run->service->devices[i].param;
        if (strlen(param) == length && memcmp(param, name, length) == 0) {
            *index = i;
            return true;
        }
    }
    return false;
}

static char *copy_of(const char *text, size_t length) {
    char *copy = length == 0 ? NULL : malloc(length + 1);
    if (copy == NULL) return NULL;
    memcpy(copy, text, length);
    copy[length] = 0;
    return copy;
}

/* Could the kernel have an interface of this name? A colon stands for a misspelled kind of device. */
static bool is_interface_name(const char *name) {
    size_t length = strlen(name);
    bool plain = length != 0 && length < IF_NAMESIZE && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
    for (; plain && *name != 0; name++) plain = isgraph((unsigned char)*name) && *name != '/' && *name != ':' && *name != '%' && *name != ',';
    return plain;
}

static int bind_capture(const struct native_run *run, struct native_device *device, const char *param, const char *spec) {
    const char *in = spec + 5;
    const char *comma = strchr(in, ',');
    if (comma != NULL && strchr(comma + 1, ',') != NULL)
        return native_say(run, NATIVE_USAGE, "`%s`: a capture device is `pcap:IN,OUT`, two files at most", spec);
    size_t in_length = comma == NULL ? strlen(in) : (size_t)(comma - in);
    device->binding = NATIVE_CAPTURE;
    device->in_path = copy_of(in, in_length);
    device->out_path = comma == NULL ? NULL : copy_of(comma + 1, strlen(comma + 1));
    if (device->in_path != NULL && !device->takes_in)
        return native_say(run, NATIVE_USAGE, "`%s` takes no packets in: bind it with `--set %s=pcap:,OUT`", param, param);
    return NATIVE_FINE;
}

/* `eth0`, `tap:NAME`, `pcap:IN,OUT`, `null`; a file name with a comma in it cannot be said. */
static int bind_device(const struct native_run *run, struct native_device *device, const char *param, const char *spec) {
    free(device->in_path);
    free(device->out_path);
    free(device->spec);
    device->in_path = device->out_path = NULL;
    device->spec = copy_of(spec, strlen(spec));
    if (device->spec == NULL && *spec != 0) return native_say(run, NATIVE_TROUBLE, "there is no memory left");
    device->binding = NATIVE_NULL;
    if (strcmp(spec, "null") == 0) return NATIVE_FINE;
    if (strncmp(spec, "pcap:", 5) == 0) return bind_capture(run, device, param, spec);
    bool tap = strncmp(spec, "tap:", 4) == 0;
    device->binding = tap ? NATIVE_TAP : NATIVE_INTERFACE;
    if (is_interface_name(tap ? spec + 4 : spec)) return NATIVE_FINE;
    return native_say(run, NATIVE_USAGE, "`--set %s=%s`: a device is a network interface such as `eth0`, or `tap:NAME`, `pcap:IN,OUT` or `null`", param, spec);
}

static void add_name(char *names, size_t room, const char *name) {
    size_t used = strlen(names);
    snprintf(names + used, room - used, "%s`%s`", used == 0 ? "; there is " : ", ", name);
}

/* Names those that there are, as many as have room. */
static int no_setting(const struct native_run *run, const char *kind, const char *word, int length) {
    char names[1024] = "";
    const struct native_texts *texts = strcmp(kind, "param") == 0 ? &run->params : &run->configs;
    for (uint32_t i = 0; texts == &run->params && i < run->service->device_count; i++)
        add_name(names, sizeof names, run->service->devices[i].param);
    for (uint32_t i = 0; i < texts->count; i++)
        add_name(names, sizeof names, texts->settings[i].name);
    return native_say(run, NATIVE_USAGE, "there is no %s `%.*s`%s", kind, length, word, names);
}

/* `--set NAME=VALUE`: a device or a plain param. */
static int set_param(struct native_run *run, const char *word) {
    const char *equals = strchr(word, '=');
    size_t length = equals == NULL ? 0 : (size_t)(equals - word);
    uint32_t index;
    if (length == 0) return native_say(run, NATIVE_USAGE, "`--set %s` is not of the form `--set PARAM=VALUE`", word);
    if (find_device(run, word, length, &index)) return bind_device(run, &run->devices[index], run->service->devices[index].param, equals + 1);
    if (!native_settings_find(&run->params, word, length, &index))
        return no_setting(run, "param", word, (int)length);
    return native_settings_replace(&run->params, index, equals + 1) ? NATIVE_FINE : native_say(run, NATIVE_TROUBLE, "there is no memory left");
}

static int set_config(struct native_run *run, const char *word) {
    const char *equals = strchr(word, '=');
    size_t length = equals == NULL ? 0 : (size_t)(equals - word);
    uint32_t index;
    if (length == 0) return native_say(run, NATIVE_USAGE, "`--config %s` is not of the form `--config NAME=VALUE`", word);
    if (!native_settings_find(&run->configs, word, length, &index))
        return no_setting(run, "config", word, (int)length);
    run->configs.given[index] = true;
    return native_settings_replace(&run->configs, index, equals + 1) ? NATIVE_FINE : native_say(run, NATIVE_TROUBLE, "there is no memory left");
}

/* It names a folder. */
static bool is_instance_name(const char *name) {
    size_t length = strlen(name);
    return length != 0 && length < CUP_NAME && name[0] != '.' && name[0] != '-' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == length;
}

static int take_option(struct native_run *run, const char *option, const char *value) {
    if (strcmp(option, "--set") == 0) return set_param(run, value);
    if (strcmp(option, "--config") == 0) return set_config(run, value);
    if (strcmp(option, "--state") == 0) {
        run->state_folder = value;
        return *value != 0 ? NATIVE_FINE : native_say(run, NATIVE_USAGE, "`--state` lacks its folder");
    }
    if (strcmp(option, "--name") == 0) {
        run->name = value;
        return is_instance_name(value) ? NATIVE_FINE : native_say(run, NATIVE_USAGE, "`--name %s`: a name is of letters, digits, `.`, `_` and `-`, at most 63", value);
    }
    if (strcmp(option, "--control") == 0) {
        run->control_path = value;
        return NATIVE_FINE;
    }
    if (strcmp(option, "--events") == 0) {
        run->events_path = value;
        return *value != 0 ? NATIVE_FINE : native_say(run, NATIVE_USAGE, "`--events` lacks its file");
    }
    if (strcmp(option, "--seed") == 0) {
        char *behind;
        errno = 0;
        run->seed = strtoull(value, &behind, 10);
        run->seeded = true;
        bool number = isdigit((unsigned char)*value) && *behind == 0 && errno == 0;
        return number ? NATIVE_FINE : native_say(run, NATIVE_USAGE, "`--seed %s`: a seed is a number from 0 to 18446744073709551615", value);
    }
    if (strcmp(option, "--report") == 0) {
        run->report = true;
        return strcmp(value, "json") == 0 ? NATIVE_FINE : native_say(run, NATIVE_USAGE, "`--report %s`: reports are `json`", value);
    }
    run->script = true;
    return strcmp(value, "-") == 0 ? NATIVE_FINE : native_say(run, NATIVE_USAGE, "`--script %s`: scripts come on standard input, `-`", value);
}

static bool is_option(const char *word) {
    static const char *const options[] = {"--set", "--config", "--state", "--name", "--control", "--seed", "--events", "--report", "--script"};
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        if (strcmp(word, options[i]) == 0) return true;
    }
    return false;
}

/* Two devices are not one file that is written, nor one interface. */
static int check_pair(const struct native_run *run, uint32_t one, uint32_t other) {
    const struct native_device *a = &run->devices[one], *b = &run->devices[other];
    const struct cup_service_device *named = run->service->devices;
    if (a->out_path != NULL && b->out_path != NULL && strcmp(a->out_path, b->out_path) == 0)
        return native_say(run, NATIVE_USAGE, "`%s` and `%s` cannot both write `%s`", named[one].param, named[other].param, a->out_path);
    if (a->binding == b->binding && (a->binding == NATIVE_INTERFACE || a->binding == NATIVE_TAP) && strcmp(a->spec, b->spec) == 0)
        return native_say(run, NATIVE_USAGE, "`%s` and `%s` cannot both be `%s`", named[one].param, named[other].param, a->spec);
    return NATIVE_FINE;
}

/* What no word has bound: nothing in a script, its default elsewhere. */
static int check_devices(struct native_run *run) {
    const struct cup_service_device *named = run->service->devices;
    for (uint32_t i = 0; i < run->service->device_count; i++) {
        struct native_device *device = &run->devices[i];
        if (device->binding == NATIVE_UNBOUND) {
            int code = bind_device(run, device, named[i].param, run->script ? "null" : named[i].spec);
            if (code != NATIVE_FINE) return code;
        }
        for (uint32_t k = 0; k < i; k++) {
            int code = check_pair(run, k, i);
            if (code != NATIVE_FINE) return code;
        }
    }
    if (run->script && native_live_bound(run)) return native_say(run, NATIVE_USAGE, "a script brings its own packets; its devices are `null`");
    return NATIVE_FINE;
}

int native_options(struct native_run *run, int count, char **words) {
    const struct cup_service *service = run->service;
    run->devices = calloc((size_t)service->device_count + 1, sizeof *run->devices);
    run->kept = calloc((size_t)service->config_count + 1, sizeof *run->kept);
    bool made = run->devices != NULL && run->kept != NULL && make_texts(&run->params, service->params, service->param_count) &&
                make_texts(&run->configs, service->configs, service->config_count);
    if (!made) return native_say(run, NATIVE_TROUBLE, "there is no memory left");
    for (uint32_t i = 0; i < service->input_count; i++) run->devices[service->inputs[i].device].takes_in = true;
    for (int i = 1; i < count; i += 2) {
        if (!is_option(words[i])) return native_say(run, NATIVE_USAGE, "`%s` is no option; `--help` lists them", words[i]);
        if (i + 1 == count) return native_say(run, NATIVE_USAGE, "`%s` lacks its value", words[i]);
        int code = take_option(run, words[i], words[i + 1]);
        if (code != NATIVE_FINE) return code;
    }
    return check_devices(run);
}
