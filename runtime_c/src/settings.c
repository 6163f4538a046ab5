/* Config values and params: from what is written to the image that a kernel reads. See cup/settings.h. */
#include "cup/settings.h"

#include "batch.h"

#include <stdlib.h>

static char *copy_of(const char *text) {
    char *copy = malloc(strlen(text) + 1);
    if (copy != NULL) memcpy(copy, text, strlen(text) + 1);
    return copy;
}

static uint8_t *place_of(const struct cup_settings *all, uint32_t i) { return (uint8_t *)all->image + all->settings[i].offset; }

bool cup_settings_derive(struct cup_settings *all, const struct cup_service *service) {
    all->service = service;
    all->derived = service == NULL || service->derive == NULL || service->derive(all->image);
    return all->derived;
}

void cup_settings_free(struct cup_settings *all) {
    if (all->derived && all->service != NULL && all->service->forget != NULL) all->service->forget(all->image);
    for (uint32_t i = 0; all->texts != NULL && i < all->count; i++) {
        free(all->texts[i]);
        free(all->kept[i]);
        cup_value_free(all->settings[i].type, place_of(all, i)); /* of no effect on zero bytes */
    }
    free(all->texts);
    free(all->kept);
    free(all->image);
    memset(all, 0, sizeof *all);
}

static bool no_memory(struct cup_settings *made, struct cup_refusal *refusal) {
    cup_refuse(refusal, 0, "there is no memory left");
    cup_settings_free(made);
    return false;
}

/* Room for as many values, all of them missing. */
static bool make_room(struct cup_settings *made) {
    made->texts = calloc((size_t)made->count + 1, sizeof *made->texts);
    made->kept = calloc((size_t)made->count + 1, sizeof *made->kept);
    made->image = calloc(1, made->size + 1);
    if (made->texts != NULL && made->kept != NULL && made->image != NULL) return true;
    free(made->texts);
    free(made->kept);
    free(made->image);
    memset(made, 0, sizeof *made);
    return false;
}

/* Gives a value that is missing its text and its image; false when the text is none of its type or there is no memory. */
static bool put_value(struct cup_settings *made, uint32_t i, const char *text, struct cup_value_problem *problem) {
    if (!cup_value_parse(made->settings[i].type, text, place_of(made, i), problem)) return false;
    made->texts[i] = copy_of(text);
    if (made->texts[i] != NULL) cup_onto_one_line(made->texts[i]);
    return made->texts[i] != NULL;
}

bool cup_settings_begin(struct cup_settings *made, const char *noun, const struct cup_service_setting *settings, uint32_t count, size_t size) {
    struct cup_value_problem problem;
    memset(made, 0, sizeof *made);
    made->noun = noun;
    made->settings = settings;
    made->count = count;
    made->size = size;
    if (!make_room(made)) return false;
    for (uint32_t i = 0; i < count; i++) {
        if (put_value(made, i, settings[i].text, &problem)) continue;
        cup_settings_free(made);
        return false;
    }
    return true;
}

uint32_t cup_settings_find(const struct cup_settings *all, const char *name) {
    uint32_t i = 0;
    while (i < all->count && strcmp(all->settings[i].name, name) != 0) i++;
    return i;
}

/* Puts an assignment into `made`, where its value is missing; false, with a problem, when it is wrong. */
static bool assign(struct cup_settings *made, const struct cup_assignment *assignment, struct cup_refusal *refusal) {
    const uint32_t i = cup_settings_find(made, assignment->name);
    struct cup_value_problem problem = {0, "there is no memory left"};
    if (i == made->count) {
        cup_refuse(refusal, assignment->line, "there is no %s `%.60s`", made->noun, assignment->name);
    } else if (assignment->type != NULL && strcmp(assignment->type, made->settings[i].type) != 0) {
        cup_refuse(refusal, assignment->line, "`%s` is of type `%.100s`, not `%.100s`", assignment->name, made->settings[i].type, assignment->type);
    } else if (made->texts[i] != NULL) {
        cup_refuse(refusal, assignment->line, "`%s` is set twice in this batch", assignment->name);
    } else if (!put_value(made, i, assignment->value, &problem)) {
        cup_refuse(refusal, cup_line_of(assignment, problem.position), "`%s`: %s", assignment->name, problem.message);
    } else {
        made->kept[i] = copy_of(made->texts[i]);
        return made->kept[i] != NULL;
    }
    return false;
}

bool cup_settings_change(const struct cup_settings *from, const char *text, size_t length, struct cup_settings *made,
                         struct cup_refusal *refusal) {
    struct cup_assignment assignment;
    struct cup_value_problem problem;
    *made = *from;
    made->texts = made->kept = NULL;
    made->image = NULL;
    made->derived = false;
    char *copy = cup_batch_text(text, length, refusal);
    if (copy == NULL || !make_room(made)) {
        free(copy);
        memset(made, 0, sizeof *made);
        if (refusal->count == 0) cup_refuse(refusal, 0, "there is no memory left");
        return false;
    }
    struct cup_batch batch = {copy, 1};
    bool fine = true;
    while (cup_batch_next(&batch, &assignment, refusal)) fine = assign(made, &assignment, refusal) && fine;
    free(copy);
    if (!fine || refusal->count != 0) {
        cup_settings_free(made);
        return false;
    }
    for (uint32_t i = 0; i < made->count; i++) {
        if (made->texts[i] != NULL) continue;
        if (from->kept[i] != NULL && (made->kept[i] = copy_of(from->kept[i])) == NULL) return no_memory(made, refusal);
        if (!put_value(made, i, from->texts[i], &problem)) return no_memory(made, refusal);
    }
    return cup_settings_derive(made, from->service) || no_memory(made, refusal);
}
