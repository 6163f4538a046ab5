/* Batches of config: checked. See native_config.h. */
#include "native_config.h"

bool native_assign(const struct native_run *run, struct native_change *change, const struct cup_assignment *assignment, uint32_t *index,
                   struct cup_refusal *refusal) {
    const char *name = assignment->name;
    struct cup_value_problem problem;
    if (!native_settings_find(&run->configs, name, strlen(name), index)) {
        cup_refuse(refusal, assignment->line, "there is no config `%.60s`", name);
        return false;
    }
    const struct cup_service_setting *setting = &run->configs.settings[*index];
    if (assignment->type != NULL && strcmp(assignment->type, setting->type) != 0) {
        cup_refuse(refusal, assignment->line, "`%s` is of type `%.100s`, not `%.100s`", name, setting->type, assignment->type);
        return false;
    }
    if (change->texts[*index] != NULL) {
        cup_refuse(refusal, assignment->line, "`%s` is set twice in this batch", name);
        return false;
    }
    if (!native_change_set(run, change, *index, assignment->value, &problem)) {
        cup_refuse(refusal, cup_line_of(assignment, problem.position), "`%s`: %s", name, problem.message);
        return false;
    }
    cup_onto_one_line(change->texts[*index]);
    return true;
}
