/* Config values and params: from lines of text to the image that a kernel reads. See cup/settings.h. */
#include "cup/settings.h"

#include <stdio.h>
#include <stdlib.h>

static char *copy_of(const char *text, size_t length) {
    char *copy = malloc(length + 1);
    if (copy == NULL) return NULL;
    memcpy(copy, text, length);
    copy[length] = 0;
    return copy;
}

static void free_values(struct cup_settings *all, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) cup_value_free(all->settings[i].type, (uint8_t *)all->image + all->settings[i].offset);
    free(all->image);
    all->image = NULL;
}

void cup_settings_free(struct cup_settings *all) {
    if (all->image != NULL) free_values(all, all->count);
    for (uint32_t i = 0; all->texts != NULL && i < all->count; i++) free(all->texts[i]);
    free(all->texts);
    memset(all, 0, sizeof *all);
}

static bool no_memory(struct cup_settings_problem *problem) {
    problem->line = 0;
    (void)snprintf(problem->message, sizeof problem->message, "there is no memory left");
    return false;
}

/* Makes the image of all texts; `lines` says in which line of a batch each of them stood. */
static bool make_image(struct cup_settings *all, const uint32_t *lines, struct cup_settings_problem *problem) {
    struct cup_value_problem wrong;
    all->image = calloc(1, all->size + 1);
    if (all->image == NULL) return no_memory(problem);
    for (uint32_t i = 0; i < all->count; i++) {
        const struct cup_service_setting *setting = &all->settings[i];
        if (cup_value_parse(setting->type, all->texts[i], (uint8_t *)all->image + setting->offset, &wrong)) continue;
        problem->line = lines == NULL ? 0 : lines[i];
        (void)snprintf(problem->message, sizeof problem->message, "`%s`: %s (byte %u of the value)", setting->name, wrong.message, wrong.position + 1);
        free_values(all, i);
        return false;
    }
    return true;
}

static bool copy_texts(struct cup_settings *made, const struct cup_service_setting *settings, char *const *texts) {
    made->texts = calloc((size_t)made->count + 1, sizeof *made->texts);
    for (uint32_t i = 0; made->texts != NULL && i < made->count; i++) {
        const char *text = texts == NULL ? settings[i].text : texts[i];
        made->texts[i] = copy_of(text, strlen(text));
        if (made->texts[i] == NULL) return false;
    }
    return made->texts != NULL;
}

bool cup_settings_begin(struct cup_settings *made, const struct cup_service_setting *settings, uint32_t count, size_t size) {
    struct cup_settings_problem problem;
    memset(made, 0, sizeof *made);
    made->settings = settings;
    made->count = count;
    made->size = size;
    if (copy_texts(made, settings, NULL) && make_image(made, NULL, &problem)) return true;
    cup_settings_free(made);
    return false;
}

uint32_t cup_settings_find(const struct cup_settings *all, const char *name, size_t length) {
    uint32_t i = 0;
    while (i < all->count && (strlen(all->settings[i].name) != length || memcmp(all->settings[i].name, name, length) != 0)) i++;
    return i;
}

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

static void trim(const char **start, const char **end) {
    while (*start < *end && is_blank(**start)) ++*start;
    while (*start < *end && is_blank((*end)[-1])) --*end;
}

/* Takes one line in; false, with the message but not the line's number, when it is wrong. */
static bool take_line(struct cup_settings *made, const char *line, const char *end, uint32_t number, uint32_t *lines, struct cup_settings_problem *problem) {
    trim(&line, &end);
    if (line == end || *line == '#') return true;
    const char *equals = memchr(line, '=', (size_t)(end - line));
    const char *name = line, *name_end = equals == NULL ? end : equals, *value = name_end + 1;
    trim(&name, &name_end);
    problem->line = number;
    if (equals == NULL || name == name_end) {
        (void)snprintf(problem->message, sizeof problem->message, "a line is of the form `NAME = VALUE`");
        return false;
    }
    int shown = name_end - name > 64 ? 64 : (int)(name_end - name);
    uint32_t i = cup_settings_find(made, name, (size_t)(name_end - name));
    if (i == made->count || lines[i] != 0) {
        const char *what = i == made->count ? "there is no" : "a second value for";
        (void)snprintf(problem->message, sizeof problem->message, "%s `%.*s`", what, shown, name);
        return false;
    }
    trim(&value, &end);
    char *text = memchr(value, 0, (size_t)(end - value)) == NULL ? copy_of(value, (size_t)(end - value)) : copy_of("", 0);
    if (text == NULL) return no_memory(problem);
    free(made->texts[i]);
    made->texts[i] = text;
    lines[i] = number;
    return true;
}

bool cup_settings_change(const struct cup_settings *from, const char *text, size_t length, struct cup_settings *made,
                         struct cup_settings_problem *problem) {
    const char *end = text + length;
    uint32_t *lines = calloc((size_t)from->count + 1, sizeof *lines);
    *made = *from;
    made->image = NULL;
    bool fine = lines != NULL && copy_texts(made, from->settings, from->texts);
    if (!fine) no_memory(problem);
    for (uint32_t number = 1; fine && text < end; number++) {
        const char *line_end = memchr(text, '\n', (size_t)(end - text));
        if (line_end == NULL) line_end = end;
        fine = take_line(made, text, line_end, number, lines, problem);
        text = line_end + 1;
    }
    fine = fine && make_image(made, lines, problem);
    free(lines);
    if (!fine) cup_settings_free(made);
    return fine;
}
