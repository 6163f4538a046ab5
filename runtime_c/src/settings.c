/* Config values and params: from lines of text to the image that a kernel reads. See cup/settings.h. */
#include "cup/settings.h"
#include "cup/value.h"

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

static bool no_memory(struct cup_refusal *refusal) {
    cup_refuse(refusal, 0, "there is no memory left");
    return false;
}

/* Makes the image of all texts; `lines` says in which line of a batch each of them stood. */
static bool make_image(struct cup_settings *all, const unsigned *lines, struct cup_refusal *refusal) {
    struct cup_value_problem wrong;
    all->image = calloc(1, all->size + 1);
    if (all->image == NULL) return no_memory(refusal);
    for (uint32_t i = 0; i < all->count; i++) {
        const struct cup_service_setting *setting = &all->settings[i];
        if (cup_value_parse(setting->type, all->texts[i], (uint8_t *)all->image + setting->offset, &wrong)) continue;
        cup_refuse(refusal, lines == NULL ? 0 : lines[i], "`%s`: %s (byte %u of the value)", setting->name, wrong.message, wrong.position + 1);
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
    struct cup_refusal refusal = {0};
    memset(made, 0, sizeof *made);
    made->settings = settings;
    made->count = count;
    made->size = size;
    if (copy_texts(made, settings, NULL) && make_image(made, NULL, &refusal)) return true;
    cup_settings_free(made);
    return false;
}

uint32_t cup_settings_find(const struct cup_settings *all, const char *name, size_t length) {
    uint32_t i = 0;
    while (i < all->count && (strlen(all->settings[i].name) != length || memcmp(all->settings[i].name, name, length) != 0)) i++;
    return i;
}

/* Takes one value in. */
static void take(struct cup_settings *made, const struct cup_assignment *given, unsigned *lines, struct cup_refusal *refusal) {
    uint32_t i = cup_settings_find(made, given->name, strlen(given->name));
    if (i == made->count) {
        cup_refuse(refusal, given->line, "there is no `%.64s`", given->name);
    } else if (lines[i] != 0) {
        cup_refuse(refusal, given->line, "a second value for `%.64s`", given->name);
    } else if (given->type != NULL && strcmp(given->type, made->settings[i].type) != 0) {
        cup_refuse(refusal, given->line, "`%.64s` is of type `%.100s`, not `%.100s`", given->name, made->settings[i].type, given->type);
    } else {
        cup_batch_onto_one_line(given->value);
        free(made->texts[i]);
        made->texts[i] = copy_of(given->value, strlen(given->value));
        lines[i] = given->value_line;
        if (made->texts[i] == NULL) no_memory(refusal);
    }
}

bool cup_settings_change(const struct cup_settings *from, const char *text, size_t length, struct cup_settings *made,
                         struct cup_refusal *refusal) {
    struct cup_assignment given;
    unsigned *lines = calloc((size_t)from->count + 1, sizeof *lines);
    *made = *from;
    made->image = NULL;
    refusal->count = 0;
    char *copy = cup_batch_text(text, length, refusal);
    if (!copy_texts(made, from->settings, from->texts) || lines == NULL) no_memory(refusal);
    struct cup_batch batch = {copy, 1};
    while (copy != NULL && refusal->count == 0 && cup_batch_next(&batch, &given, refusal)) take(made, &given, lines, refusal);
    bool fine = refusal->count == 0 && make_image(made, lines, refusal);
    free(lines);
    free(copy);
    if (!fine) cup_settings_free(made);
    return fine;
}
