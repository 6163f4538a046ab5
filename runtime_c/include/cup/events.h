/* cup/events.h: what packets have reported, on its way to whoever reads it.
 *
 *     struct cup_events events;
 *     if (!cup_events_make(&events, service, CUP_EVENTS)) ...       // off the packet path; free it with cup_events_free
 *     service->listen(kernel, &events);                             // from here on events are put
 *     service->burst(kernel, packets, count, outputs);
 *     while ((event = cup_events_first(&events)) != NULL) {         // between bursts, when the packets have been committed
 *         cup_event_json(service, event, text, sizeof text);
 *         cup_events_pass(&events);
 *     }
 *
 * A ring of slots of one size. What does not fit is counted as lost, and nobody waits. One thread. */
#ifndef CUP_EVENTS_H
#define CUP_EVENTS_H

#include "cup/service.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    CUP_EVENTS = 4096,     /* slots that a program has */
    CUP_EVENT_LINE = 65536 /* bytes of a line of JSON; an event whose line is longer is lost */
};

/* One event; the image of its fields follows, as cup/value.h has a record of the type that the service says. 16 bytes. */
struct cup_event {
    uint64_t time_ns; /*  0: of the packet that has reported it */
    uint32_t kind;    /*  8: index into the service's events */
    uint32_t unused;  /* 12 */
};
CUP_STATIC_ASSERT(sizeof(struct cup_event) == 16, "event");

struct cup_events {
    uint8_t *slots;
    uint32_t stride; /* bytes of a slot, a multiple of 8 */
    uint32_t limit;  /* slots, a power of two */
    uint64_t put;    /* since the beginning */
    uint64_t taken;
    uint64_t lost;
};

/* For the events of a service; false when there is no memory. Nothing is made where the service has none. */
bool cup_events_make(struct cup_events *events, const struct cup_service *service, uint32_t limit);
void cup_events_free(struct cup_events *events);

/* Writes an event as one line of JSON, without its end:
 *     {"time_ns": 5, "event": "Alert", "fields": {"who": "10.0.0.1", "length": 1500}}
 * Gives its length; cut to `room` bytes with a zero at the end. */
size_t cup_event_json(const struct cup_service *service, const struct cup_event *event, char *text, size_t room);

/* The oldest event that nobody has taken, or NULL. */
CUP_INLINE const struct cup_event *cup_events_first(const struct cup_events *events) {
    if (events->put == events->taken) return NULL;
    return (const struct cup_event *)(const void *)(events->slots + (events->taken & (events->limit - 1)) * events->stride);
}

CUP_INLINE void cup_events_pass(struct cup_events *events) { events->taken++; }

/* Room for the image of an event; NULL, and one more is lost, where there is none. Without a ring nothing is kept. */
CUP_INLINE uint8_t *cup_events_put(struct cup_events *events, uint32_t kind, uint64_t time_ns) {
    if (events == NULL) return NULL;
    if (events->put - events->taken == events->limit) {
        events->lost++;
        return NULL;
    }
    struct cup_event *event = (struct cup_event *)(void *)(events->slots + (events->put++ & (events->limit - 1)) * events->stride);
    event->time_ns = time_ns;
    event->kind = kind;
    return (uint8_t *)(event + 1);
}

#ifdef __cplusplus
}
#endif

#endif
