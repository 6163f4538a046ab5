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

void *native_config_image(struct native_run *run, char *why, size_t room) {
    uint8_t *image = native_settings_image(&run->configs, run->service->config_size, why, room);
    if (image == NULL || run->service->derive == NULL || run->service->derive(image)) return image;
    native_settings_free(&run->configs, image);
    (void)snprintf(why, room, "...`: there is no memory left for what is derived from it");
    return NULL;
}

void native_config_free(struct native_run *run, void *image) {
    if (image != NULL && run->service->forget != NULL) run->service->forget(image);
    native_settings_free(&run->configs, image);
}

bool native_reconfigure(struct native_run *run, uint32_t index, const char *text, char *why, size_t room) {
    char *before = run->configs.texts[index];
    run->configs.texts[index] = NULL;
    bool replaced = native_settings_replace(&run->configs, index, text);
    if (!replaced) (void)snprintf(why, room, "there is no memory left");
    why[0] = replaced ? '`' : why[0];
    void *image = replaced ? native_config_image(run, why + 1, room - 1) : NULL;
    if (image == NULL) {
        free(run->configs.texts[index]);
        run->configs.texts[index] = before;
        return false;
    }
    free(before);
    run->service->configure(run->kernel, image);
    native_config_free(run, run->config_image);
    run->config_image = image;
    return true;
}
