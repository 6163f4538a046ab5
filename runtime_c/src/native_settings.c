/* Params and configs: from the texts of all to one image that a kernel reads. See native_run.h. */
#include "native_run.h"

#include <stdlib.h>

bool native_settings_find(const struct native_texts *texts, const char *name, size_t length, uint32_t *index) {
    for (uint32_t i = 0; i < texts->count; i++) {
        if (strlen(texts->settings[i].name) == length && memcmp(texts->settings[i].name, name, length) == 0) {
            *index = i;
            return true;
        }
    }
    return false;
}

bool native_settings_replace(struct native_texts *texts, uint32_t index, const char *text) {
    char *copy = malloc(strlen(text) + 1);
    if (copy == NULL) return false;
    memcpy(copy, text, strlen(text) + 1);
    free(texts->texts[index]);
    texts->texts[index] = copy;
    return true;
}

static void free_values(const struct native_texts *texts, uint8_t *image, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) cup_value_free(texts->settings[i].type, image + texts->settings[i].offset);
}

void *native_settings_image(const struct native_texts *texts, size_t size, char *why, size_t room) {
    uint8_t *image = calloc(1, size + 1);
    struct cup_value_problem problem;
    if (image == NULL) (void)snprintf(why, room, "...`: there is no memory left");
    for (uint32_t i = 0; image != NULL && i < texts->count; i++) {
        const struct cup_service_setting *setting = &texts->settings[i];
        if (cup_value_parse(setting->type, texts->texts[i], image + setting->offset, &problem)) continue;
        (void)snprintf(why, room, "%s=%s`: %s (byte %u of the value)", setting->name, texts->texts[i], problem.message, problem.position + 1);
        free_values(texts, image, i);
        free(image);
        return NULL;
    }
    return image;
}

void native_settings_free(const struct native_texts *texts, void *image) {
    if (image == NULL) return;
    free_values(texts, (uint8_t *)image, texts->count);
    free(image);
}

/* ---- Configs ---- */

static bool derive(const struct native_run *run, uint8_t *image) { return run->service->derive == NULL || run->service->derive(image); }

static void forget(const struct native_run *run, uint8_t *image) {
    if (run->service->forget != NULL) run->service->forget(image);
}

void *native_config_image(struct native_run *run, char *why, size_t room) {
    uint8_t *image = native_settings_image(&run->configs, run->service->config_size, why, room);
    if (image == NULL || derive(run, image)) return image;
    native_settings_free(&run->configs, image);
    (void)snprintf(why, room, "...`: there is no memory left for what is derived from it");
    return NULL;
}

void native_config_free(struct native_run *run, void *image) {
    if (image != NULL) forget(run, image);
    native_settings_free(&run->configs, image);
}

/* ---- Changes of config ---- */

bool native_change_begin(const struct native_run *run, struct native_change *change) {
    size_t size = run->service->config_size;
    change->derived = false;
    change->image = malloc(size + 1);
    change->texts = calloc((size_t)run->configs.count + 1, sizeof *change->texts);
    if (change->image != NULL && change->texts != NULL) {
        memcpy(change->image, run->config_image, size); /* what stays the same is shared with the image that is read */
        return true;
    }
    native_change_drop(run, change);
    return false;
}

bool native_change_set(const struct native_run *run, struct native_change *change, uint32_t index, const char *text, struct cup_value_problem *problem) {
    const struct cup_service_setting *setting = &run->configs.settings[index];
    if (!cup_value_parse(setting->type, text, change->image + setting->offset, problem)) return false;
    change->texts[index] = malloc(strlen(text) + 1);
    if (change->texts[index] != NULL) {
        memcpy(change->texts[index], text, strlen(text) + 1);
        return true;
    }
    cup_value_free(setting->type, change->image + setting->offset);
    (void)snprintf(problem->message, sizeof problem->message, "there is no memory left for the value");
    return false;
}

/* Frees, in `image`, the values of those configs that the change has. */
static void free_changed(const struct native_run *run, const struct native_change *change, uint8_t *image) {
    for (uint32_t i = 0; change->texts != NULL && i < run->configs.count; i++) {
        const struct cup_service_setting *setting = &run->configs.settings[i];
        if (change->texts[i] != NULL) cup_value_free(setting->type, image + setting->offset);
    }
}

bool native_change_derive(const struct native_run *run, struct native_change *change) {
    change->derived = derive(run, change->image);
    return change->derived;
}

void native_change_apply(struct native_run *run, struct native_change *change) {
    /* Before the service has started it reads no config yet. */
    if (run->started_ns != 0) run->service->configure(run->kernel, change->image);
    free_changed(run, change, run->config_image);
    forget(run, run->config_image);
    free(run->config_image);
    run->config_image = change->image;
    for (uint32_t i = 0; i < run->configs.count; i++) {
        if (change->texts[i] == NULL) continue;
        free(run->configs.texts[i]);
        run->configs.texts[i] = change->texts[i];
    }
    free(change->texts);
    memset(change, 0, sizeof *change);
}

void native_change_drop(const struct native_run *run, struct native_change *change) {
    free_changed(run, change, change->image);
    if (change->derived) forget(run, change->image);
    for (uint32_t i = 0; change->texts != NULL && i < run->configs.count; i++) free(change->texts[i]);
    free(change->texts);
    free(change->image);
    memset(change, 0, sizeof *change);
}

bool native_reconfigure(struct native_run *run, uint32_t index, const char *text, char *why, size_t room) {
    struct native_change change;
    struct cup_value_problem problem;
    if (!native_change_begin(run, &change)) {
        (void)snprintf(why, room, "there is no memory left");
        return false;
    }
    bool set = native_change_set(run, &change, index, text, &problem);
    if (set && native_change_derive(run, &change)) {
        native_change_apply(run, &change);
        return true;
    }
    if (set) problem = (struct cup_value_problem){0, "there is no memory left for what is derived from it"};
    const char *name = run->configs.settings[index].name;
    (void)snprintf(why, room, "`%s=%s`: %s (byte %u of the value)", name, text, problem.message, problem.position + 1);
    native_change_drop(run, &change);
    return false;
}
