/* The ring of events, and events as text. See cup/events.h. */
#include "cup/events.h"

#include "cup/value.h"

#include <stdio.h>
#include <stdlib.h>

bool cup_events_make(struct cup_events *events, const struct cup_service *service, uint32_t limit) {
    size_t largest = 0;
    memset(events, 0, sizeof *events);
    for (uint32_t i = 0; i < service->event_count; i++) {
        size_t size = cup_value_size(service->events[i].type);
        if (size > largest) largest = size;
    }
    if (service->event_count == 0) return true;
    events->stride = (uint32_t)(sizeof(struct cup_event) + (largest + 7) / 8 * 8);
    events->limit = limit;
    events->slots = calloc(limit, events->stride);
    return events->slots != NULL;
}

void cup_events_free(struct cup_events *events) {
    free(events->slots);
    memset(events, 0, sizeof *events);
}

size_t cup_event_json(const struct cup_service *service, const struct cup_event *event, char *text, size_t room) {
    const struct cup_service_event *kind = &service->events[event->kind];
    int head = snprintf(text, room, "{\"time_ns\": %llu, \"event\": \"%s\", \"fields\": ", (unsigned long long)event->time_ns, kind->name);
    size_t length = head < 0 ? 0 : (size_t)head;
    size_t left = length < room ? room - length : 0;
    length += cup_value_print_json(kind->type, event + 1, left == 0 ? NULL : text + length, left);
    if (length + 1 < room) memcpy(text + length, "}", 2);
    return length + 1;
}
